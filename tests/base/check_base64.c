/*
 * check_base64.c - base64 and base16 to the letter, and random tokens.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/base64.h"
#include "server/base/err.h"
#include "server/base/rand.h"
#include "tests/lib/check_main.h"

#include <string.h>

static struct arena *arena;

static int decode(struct str text, struct str *bytes_out)
{
	if (arena == NULL)
		arena = arena_new(1000);
	return base64_decode(arena, text, bytes_out);
}

START_TEST(the_vectors_of_rfc_4648_go_both_ways)
{
	static const char *const plain[] = { "", "f", "fo", "foo", "foob", "fooba", "foobar" };
	static const char *const coded[] = { "",         "Zg==",     "Zm8=",    "Zm9v",
		                             "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy" };
	struct arena *mine = arena_new(10);
	struct str bytes;

	for (size_t i = 0; i < ARRAY_LEN(plain); i++) {
		ck_assert(str_is(base64_encode(mine, str_of(plain[i])), coded[i]));
		ck_assert_int_eq(base64_decode(mine, str_of(coded[i]), &bytes), 0);
		ck_assert(str_is(bytes, plain[i]));
		ck_assert(!str_is_absent(bytes));
	}
	ck_assert_int_eq(base64_decode(mine, STR_NONE, &bytes), 0);
	arena_free(&mine);
}
END_TEST

START_TEST(base16_is_in_small_letters)
{
	struct arena *mine = arena_new(10);

	ck_assert(str_is(base16_encode(mine, STR("foobar")), "666f6f626172"));
	ck_assert(str_is(base16_encode(mine, STR("\x00\x7f\x80\xff")), "007f80ff"));
	ck_assert(str_is(base16_encode(mine, STR("")), ""));
	arena_free(&mine);
}
END_TEST

START_TEST(every_byte_survives)
{
	struct arena *mine = arena_new(10);
	char all[256];
	struct str bytes;

	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (char)i;
	for (size_t n = 0; n <= sizeof(all); n++) {
		struct str in = str_make(all, n);

		ck_assert_int_eq(base64_decode(mine, base64_encode(mine, in), &bytes), 0);
		ck_assert(str_eq(in, bytes));
	}
	arena_free(&mine);
}
END_TEST

START_TEST(what_is_not_base64_to_the_letter_is_refused)
{
	static const char *const wrong[] = {
		"Z",        "Zg",         "Zg=",   "Zg===", "=",        "====",
		"Zg==Zg==", "Zm8=Zm8=",   " Zg==", "Zg== ", "Zg=\n",    "Zm9v\n",
		"Zm\n9v",   "Z g=",       "Zh==",  "Zm9=",  "Zm9v====", "Zm9vZg==\n",
		"Zm-_",     "Z\xc3\xa9=", "A===",  "=Zg=",  "Zg=a",     "Zm9.",
	};
	struct str bytes;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		ck_assert_msg(decode(str_of(wrong[i]), &bytes) == ERR_INVALID, "%s", wrong[i]);
	ck_assert_int_eq(decode(STR("Zm9\0"), &bytes), ERR_INVALID);
	ck_assert_int_eq(decode(STR("Zg=\0"), &bytes), ERR_INVALID);
	arena_free(&arena);
}
END_TEST

START_TEST(tokens_are_text_for_urls_and_differ)
{
	struct arena *mine = arena_new(10);
	struct str a = rand_token(mine, 20);
	struct str b = rand_token(mine, 20);

	ck_assert_uint_eq(a.n, 27);
	ck_assert(!str_eq(a, b));
	for (size_t i = 0; i < a.n; i++)
		ck_assert_ptr_nonnull(
			strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		               "0123456789-_",
		               a.p[i]));
	ck_assert_uint_eq(rand_token(mine, 0).n, 0);
	ck_assert(rand_u64() != rand_u64());
	arena_free(&mine);
}
END_TEST

START_TEST(many_random_bytes_come_in_one_call)
{
	uint8_t bytes[1000] = { 0 };
	size_t zeros = 0;

	rand_bytes(bytes, sizeof(bytes));
	for (size_t i = 744; i < sizeof(bytes); i++)
		zeros += bytes[i] == 0;
	ck_assert_uint_lt(zeros, 100);
}
END_TEST

CHECK_MAIN("base64", the_vectors_of_rfc_4648_go_both_ways, base16_is_in_small_letters,
           every_byte_survives, what_is_not_base64_to_the_letter_is_refused,
           tokens_are_text_for_urls_and_differ, many_random_bytes_come_in_one_call)
