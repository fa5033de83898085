/*
 * strict_base64.h - base64 as RFC 6120 §6.5.5 and RFC 5802 §7 want it, whatever libsodium thinks.
 *
 * The decoder of libsodium 1.0.18 reads every byte from 0x80 up as "/".
 *
 * Private to this layer.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/base64.h"
#include "server/base/err.h"

MUST_CHECK static inline int strict_base64_decode(struct arena *arena, struct str text,
                                                  struct str *bytes_out)
{
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] >= 0x80)
			return ERR_INVALID;
	return base64_decode(arena, text, bytes_out);
}
