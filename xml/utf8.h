/*
 * utf8.h - stepping through UTF-8, strictly (RFC 3629), and what of it XML 1.0 can carry.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/str.h"

/*
 * The length of the code point at P, of which N bytes (at least one) are there; 0 when those
 * bytes begin none: a stray or overlong or truncated sequence, a surrogate, or beyond U+10FFFF.
 */
size_t utf8_step(const char *p, size_t n, uint32_t *cp_out);
bool utf8_is_valid(struct str s);
/* As much of TEXT as MAX bytes hold, in whole characters, up to the first that is none. */
struct str utf8_cut(struct str text, size_t max);
/* XML 1.0 production [2]: what may stand in a document at all, escaped or not. */
static inline bool utf8_is_xml_char(uint32_t cp)
{
	if (cp < 0x20)
		return cp == '\t' || cp == '\n' || cp == '\r';
	return cp != 0xFFFE && cp != 0xFFFF;
}
