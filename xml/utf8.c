/*
 * utf8.c - stepping through UTF-8.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "xml/utf8.h"

static bool is_trail(unsigned char c)
{
	return (c & 0xC0) == 0x80;
}

size_t utf8_step(const char *p, size_t n, uint32_t *cp_out)
{
	const unsigned char *u = (const unsigned char *)p;
	uint32_t cp;

	if (u[0] < 0x80) {
		*cp_out = u[0];
		return 1;
	}
	if (u[0] < 0xC2) /* a trailing byte, or an overlong form */
		return 0;
	if (u[0] < 0xE0) {
		if (n < 2 || !is_trail(u[1]))
			return 0;
		*cp_out = (uint32_t)(u[0] & 0x1F) << 6 | (u[1] & 0x3F);
		return 2;
	}
	if (u[0] < 0xF0) {
		if (n < 3 || !is_trail(u[1]) || !is_trail(u[2]))
			return 0;
		cp = (uint32_t)(u[0] & 0x0F) << 12 | (uint32_t)(u[1] & 0x3F) << 6 |
		     (u[2] & 0x3F);
		if (cp < 0x800 || (cp >= 0xD800 && cp <= 0xDFFF))
			return 0;
		*cp_out = cp;
		return 3;
	}
	if (u[0] > 0xF4 || n < 4 || !is_trail(u[1]) || !is_trail(u[2]) || !is_trail(u[3]))
		return 0;
	cp = (uint32_t)(u[0] & 0x07) << 18 | (uint32_t)(u[1] & 0x3F) << 12 |
	     (uint32_t)(u[2] & 0x3F) << 6 | (u[3] & 0x3F);
	if (cp < 0x10000 || cp > 0x10FFFF)
		return 0;
	*cp_out = cp;
	return 4;
}

bool utf8_is_valid(struct str s)
{
	size_t i = 0;

	while (i < s.n) {
		uint32_t cp;
		size_t step = utf8_step(s.p + i, s.n - i, &cp);

		if (step == 0)
			return false;
		i += step;
	}
	return true;
}

struct str utf8_cut(struct str text, size_t max)
{
	size_t n = 0;

	while (n < text.n) {
		uint32_t cp;
		size_t step = utf8_step(text.p + n, text.n - n, &cp);

		if (step == 0 || n + step > max)
			break;
		n += step;
	}
	return str_slice(text, 0, n);
}
