/*
 * str.h - text and bytes as a pointer with a length, by value.
 *
 * A str borrows: whoever handed it out says how long it lives.  It need not end in NUL and may
 * hold any byte.  The empty str has n == 0 and any p.  "Absent" and "empty" differ where a
 * caller asks: an absent str has p == NULL (str_is_absent).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/defs.h"

struct str {
	const char *p;
	size_t n;
};

#define STR(literal) ((struct str){ .p = "" literal, .n = sizeof(literal) - 1 })
#define STR_INIT(literal) { .p = "" literal, .n = sizeof(literal) - 1 } /* in static tables */
#define STR_NONE ((struct str){ .p = NULL, .n = 0 })

/* printf: log_info(ctx, "bound " STR_FMT, STR_ARG(resource)) */
#define STR_FMT "%.*s"
#define STR_ARG(s) (int)(s).n, (s).p

/* The str of a NUL-terminated string; absent for NULL. */
struct str str_of(const char *text);
static inline struct str str_make(const char *p, size_t n)
{
	return (struct str){ .p = p, .n = n };
}
static inline bool str_is_absent(struct str s)
{
	return s.p == NULL;
}
static inline bool str_is_empty(struct str s)
{
	return s.n == 0;
}
bool str_eq(struct str a, struct str b);
bool str_is(struct str a, const char *text);
bool str_eq_nocase(struct str a, struct str b); /* ASCII letters only */
int str_cmp(struct str a, struct str b); /* bytewise, a prefix sorts first: LMDB's order */
bool str_starts_with(struct str s, struct str prefix);
bool str_ends_with(struct str s, struct str suffix);
/* Index of byte C at or after FROM, or s.n when there is none. */
size_t str_find(struct str s, char c, size_t from);
struct str str_slice(struct str s, size_t from, size_t to); /* clamped to s */
struct str str_trim(struct str s); /* without XML white space at both ends */
/*
 * Cut the part before the first SEP off *rest and return it; the whole rest when there is no
 * SEP.  Then *rest becomes absent, so that while (!str_is_absent(rest)) visits every part,
 * empty ones too.
 */
struct str str_cut(struct str *rest, char sep);

/*
 * A whole decimal number, no sign for unsigned, no white space.  0, or ERR_INVALID when it is
 * not one or does not fit.
 */
MUST_CHECK int str_to_u64(struct str s, uint64_t *value_out);
MUST_CHECK int str_to_i64(struct str s, int64_t *value_out);
