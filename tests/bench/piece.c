/*
 * piece.c - looking into a stanza without parsing it.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/bench/piece.h"

#include <string.h>

static const struct piece nothing = { "", 0 };

static const char *find(struct piece in, const char *text)
{
	return memmem(in.p, in.n, text, strlen(text));
}

/* What of IN begins at FROM. */
static struct piece rest(struct piece in, const char *from)
{
	return (struct piece){ from, in.n - (size_t)(from - in.p) };
}

bool piece_is(struct piece in, const char *text)
{
	return in.n == strlen(text) && memcmp(in.p, text, in.n) == 0;
}

bool piece_has(struct piece in, const char *text)
{
	return find(in, text) != NULL;
}

bool piece_starts(struct piece in, const char *text)
{
	size_t n = strlen(text);

	return in.n >= n && memcmp(in.p, text, n) == 0;
}

unsigned piece_count(struct piece in, const char *text)
{
	unsigned count = 0;
	const char *hit;

	while ((hit = find(in, text)) != NULL) {
		in = rest(in, hit + strlen(text));
		count++;
	}
	return count;
}

struct piece piece_text(struct piece in)
{
	const char *open = memchr(in.p, '>', in.n);
	const char *end = in.p + in.n;
	const char *close = open != NULL ? memchr(open, '<', (size_t)(end - open)) : NULL;

	if (close == NULL)
		return nothing;
	return (struct piece){ open + 1, (size_t)(close - open) - 1 };
}

struct piece piece_text_of(struct piece in, const char *open)
{
	const char *at = find(in, open);

	return at != NULL ? piece_text(rest(in, at)) : nothing;
}

/* The value whose quote IN begins with. */
static struct piece quoted(struct piece in)
{
	const char *end = in.n > 1 ? memchr(in.p + 1, in.p[0], in.n - 1) : NULL;

	if (end == NULL)
		return nothing;
	return (struct piece){ in.p + 1, (size_t)(end - in.p) - 1 };
}

struct piece piece_attribute(struct piece in, const char *name)
{
	const char *end = memchr(in.p, '>', in.n);
	size_t n = strlen(name);
	const char *hit;

	if (end != NULL)
		in.n = (size_t)(end - in.p);
	while ((hit = find(in, name)) != NULL) {
		bool whole = hit > in.p && hit[-1] == ' ';

		in = rest(in, hit + n);
		if (whole && in.n > 0 && in.p[0] == '=')
			return quoted(rest(in, in.p + 1));
	}
	return nothing;
}
