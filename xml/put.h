/*
 * put.h - appending short pieces to a buf without a call, as long as there is room.  Private to
 * this layer.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/buf.h"

#include <string.h>

static inline void put_bytes(struct buf *out, const char *p, size_t n)
{
	if (n == 0)
		return;
	if (out->cap - out->n < n)
		buf_reserve(out, n);
	memcpy(out->p + out->n, p, n);
	out->n += n;
}

static inline void put_str(struct buf *out, struct str s)
{
	put_bytes(out, s.p, s.n);
}

/* A literal: its length is known when compiled, so the copy is a few stores. */
#define put_literal(out, literal) put_bytes((out), "" literal, sizeof(literal) - 1)
