/*
 * str.c - comparing, searching and cutting text.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/str.h"

#include "server/base/err.h"

#include <string.h>

struct str str_of(const char *text)
{
	return text != NULL ? str_make(text, strlen(text)) : STR_NONE;
}

/* memcmp, memchr and their like may not be given NULL, which an empty str may hold. */
static bool bytes_equal(const char *a, const char *b, size_t n)
{
	return n == 0 || memcmp(a, b, n) == 0;
}

bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && bytes_equal(a.p, b.p, a.n);
}

bool str_is(struct str a, const char *text)
{
	return str_eq(a, str_of(text));
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* Not strncasecmp: it follows the locale, and stops at NUL. */
bool str_eq_nocase(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++) {
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	}
	return true;
}

int str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n > 0 ? memcmp(a.p, b.p, n) : 0;

	if (order != 0)
		return order;
	return (a.n > b.n) - (a.n < b.n);
}

bool str_starts_with(struct str s, struct str prefix)
{
	return s.n >= prefix.n && bytes_equal(s.p, prefix.p, prefix.n);
}

bool str_ends_with(struct str s, struct str suffix)
{
	return s.n >= suffix.n &&
	       (suffix.n == 0 || bytes_equal(s.p + (s.n - suffix.n), suffix.p, suffix.n));
}

size_t str_find(struct str s, char c, size_t from)
{
	const char *found;

	if (from >= s.n)
		return s.n;
	found = memchr(s.p + from, c, s.n - from);
	return found != NULL ? (size_t)(found - s.p) : s.n;
}

struct str str_slice(struct str s, size_t from, size_t to)
{
	if (to > s.n)
		to = s.n;
	if (from > to)
		from = to;
	return str_make(s.p != NULL ? s.p + from : NULL, to - from);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
	size_t from = 0;
	size_t to = s.n;

	while (from < to && is_space(s.p[from]))
		from++;
	while (to > from && is_space(s.p[to - 1]))
		to--;
	return str_slice(s, from, to);
}

struct str str_cut(struct str *rest, char sep)
{
	size_t at = str_find(*rest, sep, 0);
	struct str part = str_slice(*rest, 0, at);

	*rest = at < rest->n ? str_slice(*rest, at + 1, rest->n) : STR_NONE;
	return part;
}

int str_to_u64(struct str s, uint64_t *value_out)
{
	uint64_t value = 0;

	if (s.n == 0)
		return ERR_INVALID;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return ERR_INVALID;
		if (__builtin_mul_overflow(value, 10U, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(s.p[i] - '0'), &value))
			return ERR_INVALID;
	}
	*value_out = value;
	return 0;
}

int str_to_i64(struct str s, int64_t *value_out)
{
	bool negative = str_starts_with(s, STR("-"));
	uint64_t limit = (uint64_t)INT64_MAX + (negative ? 1 : 0);
	uint64_t value;
	int err = str_to_u64(str_slice(s, negative ? 1 : 0, s.n), &value);

	if (err < 0)
		return err;
	if (value > limit)
		return ERR_INVALID;
	/* The last step apart, because INT64_MIN has no positive twin. */
	*value_out = negative && value > 0 ? -(int64_t)(value - 1) - 1 : (int64_t)value;
	return 0;
}
