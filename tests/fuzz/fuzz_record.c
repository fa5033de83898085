/*
 * fuzz_record.c - stored values and keys, as a damaged database could hold them.
 *
 *  - Values: whatever fields are asked for, text lies within the value, and the first error
 *    stays.  A value that is read to its end, written again and read again is the same, and not
 *    longer.
 *  - Keys: what is read back is what was put in, or its beginning where the part was cut; keys
 *    sort as their texts do, none being another's beginning.  Of foreign bytes, what can be read
 *    and was not cut is written as the same bytes.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"
#include "server/store/key.h"
#include "server/store/record.h"
#include "tests/fuzz/fuzz.h"

/* ---- values ---- */

/* Which fields a value holds: u, i, s; behind ">" the rest over and over to the end. */
static const char *const shapes[] = {
	"us",        /* names: owner, bare JID */
	"uiu>uusss", /* account: flags, created, count; each verifier */
	"s>uuuus",   /* privacy: name; each rule */
	"suusu>s",   /* roster: JID, subscription, version, name, groups */
	"uuu",       /* roster-state */
	"siiu",      /* subscription-owed */
	"iss",       /* offline: when, sender, message */
	"uu",        /* a space: number, version */
	"uusssssss", /* search: revision, flags, bare JID, fields */
	">u",        ">i", ">s", ">uis", "",
};

static struct str read_text(struct record_reader *r)
{
	struct str s = record_str(r);

	if (r->err < 0)
		ASSERT(s.n == 0);
	else
		ASSERT(s.p >= r->in.p && s.p + s.n <= r->in.p + r->in.n);
	return s;
}

static void copy_field(struct record_reader *r, struct record_writer *w, char type)
{
	uint64_t u;
	int64_t i;

	ASSERT(r->pos <= r->in.n);
	switch (type) {
	case 'u':
		u = record_u64(r);
		ASSERT(r->err == 0 || u == 0);
		record_put_u64(w, u);
		break;
	case 'i':
		i = record_i64(r);
		ASSERT(r->err == 0 || i == 0);
		record_put_i64(w, i);
		break;
	default:
		record_put_str(w, read_text(r));
	}
}

/* Read VALUE as SHAPE says, and write what was read.  0, or as record_end. */
static int copy_value(struct arena *arena, struct str value, const char *shape,
                      struct str *copy_out)
{
	struct record_reader r;
	struct record_writer w;
	uint8_t version = record_open(&r, value);
	const char *again = NULL;

	record_begin(&w, version);
	for (const char *at = shape;; at++) {
		if (*at == '>')
			again = ++at;
		if (*at == '\0' && again != NULL)
			at = again;
		if (*at == '\0' || (at == again && !record_more(&r)))
			break;
		copy_field(&r, &w, *at);
	}
	*copy_out = record_finish(&w, arena);
	return record_end(&r);
}

static void check_errors_stay(struct str value)
{
	struct record_reader r;

	record_open(&r, value);
	while (r.err == 0)
		record_u64(&r);
	ASSERT(!record_more(&r) && record_u64(&r) == 0 && record_i64(&r) == 0);
	ASSERT(read_text(&r).n == 0 && record_end(&r) == ERR_CORRUPT);
}

static void check_value(struct arena *arena, struct str value)
{
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
		struct str copy, again;

		if (copy_value(arena, value, shapes[i], &copy) < 0)
			continue;
		ASSERT(copy.n <=
		       value.n); /* numbers may have been written longer than need be */
		ASSERT(copy_value(arena, copy, shapes[i], &again) == 0);
		ASSERT(str_eq(copy, again));
	}
	check_errors_stay(value);
}

/* ---- keys ---- */

/* A text part takes this much, its end left out, unless it is cut. */
static size_t encoded_size(struct str text)
{
	size_t n = text.n;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\0';
	return n;
}

static void check_part(struct arena *arena, struct str key, size_t *pos, struct str part)
{
	struct str back;

	ASSERT(key_read_text(arena, key, pos, &back) == 0);
	ASSERT(*pos <= key.n);
	if (encoded_size(part) <= STORE_KEY_TEXT_MAX)
		ASSERT(str_eq(back, part));
	else
		ASSERT(back.n < part.n && str_starts_with(part, back));
}

static void check_order(struct arena *arena, struct str a, struct str b)
{
	struct str key_a = store_key(arena, a, STR_NONE, STR_NONE);
	struct str key_b = store_key(arena, b, STR_NONE, STR_NONE);
	int texts = str_cmp(a, b), keys = str_cmp(key_a, key_b);

	ASSERT((texts == 0) == (keys == 0));
	if (keys == 0)
		return;
	ASSERT(!str_starts_with(key_a, key_b) && !str_starts_with(key_b, key_a));
	if (encoded_size(a) <= STORE_KEY_TEXT_MAX && encoded_size(b) <= STORE_KEY_TEXT_MAX)
		ASSERT((texts < 0) == (keys < 0));
}

static void check_made_key(struct arena *arena, struct str a, struct str b, struct str c)
{
	struct str key = store_key(arena, a, b, c);
	size_t pos = 0;

	ASSERT(key.n <= STORE_KEY_MAX);
	check_part(arena, key, &pos, a);
	check_part(arena, key, &pos, b);
	check_part(arena, key, &pos, c);
	ASSERT(pos == key.n);
	check_order(arena, a, b);
	check_order(arena, b, c);
	check_order(arena, a, c);
}

static void check_foreign_text(struct arena *arena, struct str key, size_t from)
{
	size_t pos = from;
	struct str text, made;

	if (key_read_text(arena, key, &pos, &text) < 0) {
		ASSERT(pos == from);
		return;
	}
	ASSERT(pos > from && pos <= key.n && text.p[text.n] == '\0');
	made = store_key(arena, text, STR_NONE, STR_NONE);
	if (key.p[pos - 1] == 0x01 && pos - from == encoded_size(text) + 2 &&
	    encoded_size(text) <= STORE_KEY_TEXT_MAX)
		ASSERT(str_eq(made, str_slice(key, from, pos)));
}

static void check_foreign_number(struct str key, size_t from)
{
	struct store_key made;
	size_t pos = from;
	uint64_t number;

	if (key_read_u64(key, &pos, &number) < 0) {
		ASSERT(pos == from && key.n - from < 8);
		return;
	}
	key_init(&made);
	key_u64(&made, number);
	ASSERT(pos == from + 8 && str_eq(key_str(&made), str_slice(key, from, pos)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(4096);
	struct str bytes = fuzz_str(data, size), rest = bytes;
	struct str a = str_cut(&rest, '|'), b = str_cut(&rest, '|');

	check_value(arena, bytes);
	check_made_key(arena, str_is_absent(a) ? STR("") : a, str_is_absent(b) ? STR("") : b,
	               str_is_absent(rest) ? STR("") : rest);
	for (size_t from = 0; from <= bytes.n && from < 64; from++) {
		check_foreign_text(arena, bytes, from);
		check_foreign_number(bytes, from);
	}
	arena_free(&arena);
	return 0;
}
