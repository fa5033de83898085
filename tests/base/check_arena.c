/*
 * check_arena.c - memory that is freed all at once.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/arena.h"
#include "tests/lib/check_main.h"

#include <string.h>

START_TEST(every_allocation_is_aligned_and_its_own)
{
	struct arena *arena = arena_new(100);
	char *all[300];

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		size_t n = i * 7 % 90;

		arena_copy(arena, STR("x")); /* puts the next one off the grid */
		all[i] = arena_alloc(arena, n);
		ck_assert_uint_eq((uintptr_t)all[i] % _Alignof(max_align_t), 0);
		memset(all[i], (int)i, n);
	}
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		for (size_t k = 0; k < i * 7 % 90; k++)
			ck_assert_int_eq((unsigned char)all[i][k], (unsigned char)i);
	}
	arena_free(&arena);
	ck_assert_ptr_null(arena);
	arena_free(&arena);
}
END_TEST

START_TEST(zeroed_memory_is_zero_after_a_reset_too)
{
	struct arena *arena = arena_new(64);

	for (int round = 0; round < 3; round++) {
		char *p = arena_zalloc(arena, 5000);

		for (size_t i = 0; i < 5000; i++)
			ck_assert_int_eq(p[i], 0);
		memset(p, 0xff, 5000);
		memset(arena_alloc(arena, 40), 0xff, 40);
		arena_reset(arena);
		p = ARENA_ARRAY(arena, char, 40);
		for (size_t i = 0; i < 40; i++)
			ck_assert_int_eq(p[i], 0);
	}
	arena_free(&arena);
}
END_TEST

START_TEST(a_big_piece_does_not_waste_the_current_chunk)
{
	struct arena *arena = arena_new(1024);
	char *before = arena_alloc(arena, 16);
	char *after;

	memset(arena_alloc(arena, 1000000), 1, 1000000);
	after = arena_alloc(arena, 16);
	ck_assert(after > before && after < before + 1024);
	ck_assert_uint_ge(arena_size(arena), 1001024);
	arena_reset(arena);
	ck_assert_uint_lt(arena_size(arena), 2048);
	arena_free(&arena);
}
END_TEST

START_TEST(memory_stays_within_a_small_factor_of_what_was_asked)
{
	struct arena *arena = arena_new(0);
	size_t asked = 0;

	for (size_t i = 0; i < 20000; i++) {
		size_t n = 16 * (1 + i % 20);

		arena_alloc(arena, n);
		asked += n;
	}
#ifndef __SANITIZE_ADDRESS__
	ck_assert_uint_lt(arena_size(arena), asked + asked / 4);
#endif
	ck_assert_uint_ge(arena_size(arena), asked);
	arena_free(&arena);
}
END_TEST

START_TEST(text_is_copied_joined_and_printed)
{
	struct arena *arena = arena_new(32);
	struct str long_one;

	ck_assert_str_is(arena_copy(arena, STR("a\0b")), "a\0b");
	ck_assert_str_eq(arena_cstr(arena, STR("abc")), "abc");
	ck_assert_str_eq(arena_cstr(arena, STR("")), "");
	ck_assert_ptr_null(arena_cstr(arena, STR_NONE));
	ck_assert(str_is_absent(arena_copy(arena, STR_NONE)));
	ck_assert(!str_is_absent(arena_copy(arena, STR(""))));
	ck_assert_str_is(arena_concat(arena, STR("a"), STR_NONE), "a");
	ck_assert_str_is(arena_concat(arena, STR("a@"), STR("b")), "a@b");
	ck_assert_str_is(arena_printf(arena, "%s-%d", "x", 7), "x-7");
	long_one = arena_printf(arena, "%02000d", 1);
	ck_assert_uint_eq(long_one.n, 2000);
	ck_assert_int_eq(long_one.p[2000], '\0');
	arena_free(&arena);
}
END_TEST

CHECK_MAIN("arena", every_allocation_is_aligned_and_its_own,
           zeroed_memory_is_zero_after_a_reset_too,
           a_big_piece_does_not_waste_the_current_chunk,
           memory_stays_within_a_small_factor_of_what_was_asked,
           text_is_copied_joined_and_printed)
