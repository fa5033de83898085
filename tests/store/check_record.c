/*
 * check_record.c - stored values: a version byte, then fields in order.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"
#include "server/base/rand.h"
#include "server/store/record.h"
#include "tests/lib/check_main.h"

static const uint64_t numbers[] = { 0,         1,          127,       128,
	                            300,       UINT32_MAX, INT64_MAX, UINT64_MAX - 1,
	                            UINT64_MAX };
static const int64_t signed_numbers[] = {
	0, 1, -1, 63, -64, 64, INT32_MIN, INT64_MAX, INT64_MIN
};

START_TEST(what_is_written_is_read)
{
	struct arena *arena = arena_new(256);
	struct record_writer w;
	struct record_reader r;

	record_begin(&w, 7);
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		record_put_u64(&w, numbers[i]);
	for (size_t i = 0; i < ARRAY_LEN(signed_numbers); i++)
		record_put_i64(&w, signed_numbers[i]);
	record_put_str(&w, STR("text \0 with anything"));
	record_put_str(&w, STR(""));

	ck_assert_uint_eq(record_open(&r, record_finish(&w, arena)), 7);
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		ck_assert_uint_eq(record_u64(&r), numbers[i]);
	for (size_t i = 0; i < ARRAY_LEN(signed_numbers); i++)
		ck_assert_int_eq(record_i64(&r), signed_numbers[i]);
	ck_assert_str_is(record_str(&r), "text \0 with anything");
	ck_assert(record_more(&r));
	ck_assert_int_eq(record_end(&r), ERR_CORRUPT);
	ck_assert_str_is(record_str(&r), "");
	ck_assert(!record_more(&r));
	ck_assert_int_eq(record_end(&r), 0);
	arena_free(&arena);
}
END_TEST

START_TEST(small_numbers_of_either_sign_take_one_byte)
{
	struct arena *arena = arena_new(256);
	struct record_writer w;

	record_begin(&w, 1);
	record_put_u64(&w, 127);
	record_put_i64(&w, -64);
	record_put_str(&w, STR("ab"));
	ck_assert_str_is(record_finish(&w, arena), "\1\x7f\x7f\2ab");
	arena_free(&arena);
}
END_TEST

START_TEST(the_first_error_stays_and_reads_give_nothing)
{
	struct record_reader r;

	ck_assert_uint_eq(record_open(&r, STR("\1\5ab")), 1);
	ck_assert_str_is(record_str(&r), "");
	ck_assert_uint_eq(record_u64(&r), 0);
	ck_assert(!record_more(&r));
	ck_assert_int_eq(record_end(&r), ERR_CORRUPT);

	ck_assert_uint_eq(record_open(&r, STR("")), 0);
	ck_assert_int_eq(record_i64(&r), 0);
	ck_assert_int_eq(record_end(&r), ERR_CORRUPT);
}
END_TEST

START_TEST(numbers_beyond_64_bits_are_corrupt)
{
	struct record_reader r;

	record_open(&r, STR("\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\1"));
	ck_assert_uint_eq(record_u64(&r), UINT64_MAX);
	ck_assert_int_eq(record_end(&r), 0);
	record_open(&r, STR("\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\2"));
	ck_assert_uint_eq(record_u64(&r), 0);
	ck_assert_int_eq(record_end(&r), ERR_CORRUPT);
	record_open(&r, STR("\1\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\1"));
	ck_assert_uint_eq(record_u64(&r), 0);
	ck_assert_int_eq(record_end(&r), ERR_CORRUPT);
}
END_TEST

START_TEST(any_bytes_are_read_without_harm)
{
	for (int round = 0; round < 100000; round++) {
		struct record_reader r;
		size_t n = rand_u64() % 24;
		char *bytes = malloc(n + 1);

		rand_bytes(bytes, n);
		record_open(&r, str_make(bytes, n));
		while (record_more(&r)) {
			switch (rand_u64() % 3) {
			case 0:
				record_u64(&r);
				break;
			case 1:
				record_i64(&r);
				break;
			default:
				ck_assert_uint_le(record_str(&r).n, n);
			}
		}
		ck_assert(record_end(&r) == 0 || record_end(&r) == ERR_CORRUPT);
		free(bytes);
	}
}
END_TEST

CHECK_MAIN("record", what_is_written_is_read, small_numbers_of_either_sign_take_one_byte,
           the_first_error_stays_and_reads_give_nothing, numbers_beyond_64_bits_are_corrupt,
           any_bytes_are_read_without_harm)
