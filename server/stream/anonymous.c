/*
 * anonymous.c - ANONYMOUS (RFC 4505, XEP-0175): the owner makes a name.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/stream/auth_plugins.h"

#define TRACE_MAX 255 /* characters: RFC 4505 §2 */

static size_t count_characters(struct str text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		n += ((unsigned char)text.p[i] & 0xC0) != 0x80;
	return n;
}

/*
 * Who it says to be (§2: trace information, an address or a token) is checked for form and not
 * looked at.
 */
int anonymous_step(struct auth *auth, struct str in, struct str *out)
{
	if (!auth_is_text(in) || count_characters(in) > TRACE_MAX)
		return auth_refuse(auth, AUTH_MALFORMED_REQUEST);
	return SASL_OK;
}
