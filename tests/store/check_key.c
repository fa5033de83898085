/*
 * check_key.c - keys that sort as their parts do.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"
#include "server/base/rand.h"
#include "server/store/key.h"
#include "tests/lib/check_main.h"

#include <string.h>

static struct str text_key(struct store_key *k, struct str part)
{
	key_init(k);
	key_text(k, part);
	return key_str(k);
}

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

START_TEST(a_text_and_its_end_are_encoded_as_documented)
{
	struct store_key k;

	ck_assert_str_is(text_key(&k, STR("ab")), "ab\0\1");
	ck_assert_str_is(text_key(&k, STR("")), "\0\1");
	ck_assert_str_is(text_key(&k, STR("a\0b")), "a\0\xff"
	                                            "b\0\1");
}
END_TEST

START_TEST(numbers_are_big_endian)
{
	struct store_key k;

	key_init(&k);
	key_u64(&k, 0x0102030405060708);
	key_bytes(&k, STR("xy"));
	ck_assert_str_is(key_str(&k), "\1\2\3\4\5\6\7\10xy");
}
END_TEST

START_TEST(encoded_texts_sort_as_the_texts_and_none_is_anothers_prefix)
{
	static const char alphabet[] = { 0, 1, 2, 'a', (char)0xfe, (char)0xff };

	for (int round = 0; round < 100000; round++) {
		char texts[2][6];
		struct str text[2], encoded[2];
		struct store_key k[2];

		for (int i = 0; i < 2; i++) {
			size_t n = rand_u64() % sizeof(texts[i]);

			for (size_t j = 0; j < n; j++)
				texts[i][j] = alphabet[rand_u64() % sizeof(alphabet)];
			text[i] = str_make(texts[i], n);
			encoded[i] = text_key(&k[i], text[i]);
		}
		ck_assert_int_eq(sign(str_cmp(encoded[0], encoded[1])),
		                 sign(str_cmp(text[0], text[1])));
		if (!str_eq(text[0], text[1]))
			ck_assert(!str_starts_with(encoded[0], encoded[1]));
	}
}
END_TEST

START_TEST(a_long_text_is_cut_and_stays_distinct)
{
	char a[1000], b[1000];
	struct store_key ka, kb;

	memset(a, 'x', sizeof(a));
	memset(b, 'x', sizeof(b));
	b[999] = 'y';
	ck_assert(!str_eq(text_key(&ka, str_make(a, 1000)), text_key(&kb, str_make(b, 1000))));
	ck_assert(!str_eq(text_key(&ka, str_make(a, 128)), text_key(&kb, str_make(a, 129))));
	ck_assert_uint_eq(text_key(&ka, str_make(a, 128)).n, 130);
	ck_assert_uint_eq(text_key(&ka, str_make(a, 129)).n, 128 + 2 + 32);
	ck_assert(str_eq(text_key(&ka, str_make(a, 999)), text_key(&kb, str_make(b, 999))));
}
END_TEST

START_TEST(three_parts_of_any_bytes_and_a_number_fit)
{
	char zeros[3071] = { 0 };
	struct str part = str_make(zeros, sizeof(zeros));
	struct store_key k;

	key_init(&k);
	for (int i = 0; i < 3; i++)
		key_text(&k, part);
	key_u64(&k, 1);
	ck_assert_uint_le(k.n, STORE_KEY_MAX);
}
END_TEST

START_TEST(parts_are_read_back)
{
	struct arena *arena = arena_new(256);
	char a[200];
	struct store_key k;
	struct str part;
	uint64_t number;
	size_t pos = 0;

	memset(a, 'x', sizeof(a));
	key_init(&k);
	key_text(&k, STR("nul \0 in it"));
	key_u64(&k, UINT64_MAX - 1);
	key_text(&k, str_make(a, sizeof(a)));
	key_text(&k, STR(""));
	ck_assert_int_eq(key_read_text(arena, key_str(&k), &pos, &part), 0);
	ck_assert_str_is(part, "nul \0 in it");
	ck_assert_int_eq(key_read_u64(key_str(&k), &pos, &number), 0);
	ck_assert_uint_eq(number, UINT64_MAX - 1);
	ck_assert_int_eq(key_read_text(arena, key_str(&k), &pos, &part), 0);
	ck_assert(str_eq(part, str_make(a, STORE_KEY_TEXT_MAX)));
	ck_assert_int_eq(key_read_text(arena, key_str(&k), &pos, &part), 0);
	ck_assert_str_is(part, "");
	ck_assert_uint_eq(pos, k.n);
	ck_assert_int_eq(key_read_text(arena, key_str(&k), &pos, &part), ERR_CORRUPT);
	ck_assert_int_eq(key_read_u64(key_str(&k), &pos, &number), ERR_CORRUPT);
	arena_free(&arena);
}
END_TEST

START_TEST(what_no_writer_made_is_corrupt)
{
	static const struct str bad[] = {
		STR_INIT(""),      STR_INIT("a"),          STR_INIT("a\0"),
		STR_INIT("a\0\3"), STR_INIT("a\0\2short"), STR_INIT("\0\xff"),
	};
	struct arena *arena = arena_new(256);

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct str part;
		size_t pos = 0;

		ck_assert_int_eq(key_read_text(arena, bad[i], &pos, &part), ERR_CORRUPT);
	}
	arena_free(&arena);
}
END_TEST

START_TEST(the_common_key_ends_at_an_absent_part)
{
	struct arena *arena = arena_new(256);

	ck_assert_str_is(store_key(arena, STR("a"), STR(""), STR("c")), "a\0\1\0\1c\0\1");
	ck_assert_str_is(store_key(arena, STR("a"), STR_NONE, STR_NONE), "a\0\1");
	ck_assert_str_is(store_key(arena, STR_NONE, STR_NONE, STR_NONE), "");
	arena_free(&arena);
}
END_TEST

CHECK_MAIN("key", a_text_and_its_end_are_encoded_as_documented, numbers_are_big_endian,
           encoded_texts_sort_as_the_texts_and_none_is_anothers_prefix,
           a_long_text_is_cut_and_stays_distinct, three_parts_of_any_bytes_and_a_number_fit,
           parts_are_read_back, what_no_writer_made_is_corrupt,
           the_common_key_ends_at_an_absent_part)
