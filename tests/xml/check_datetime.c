/*
 * check_datetime.c - XMPP dates (XEP-0082).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"
#include "tests/lib/check_main.h"
#include "xml/datetime.h"

START_TEST(dates_are_written_in_utc)
{
	struct arena *arena = arena_new(1024);

	ck_assert_str_is(datetime_format(arena, 0, false), "1970-01-01T00:00:00Z");
	ck_assert_str_is(datetime_format(arena, 0, true), "1970-01-01T00:00:00.000Z");
	ck_assert_str_is(datetime_format(arena, 1795244400000, false), "2026-11-21T07:00:00Z");
	ck_assert_str_is(datetime_format(arena, 1795244400007, false),
	                 "2026-11-21T07:00:00.007Z");
	ck_assert_str_is(datetime_format(arena, -1, false), "1969-12-31T23:59:59.999Z");
	ck_assert_str_is(datetime_format(arena, 951782400000, false), "2000-02-29T00:00:00Z");
	ck_assert_str_is(datetime_format(arena, INT64_MAX, false), "9999-12-31T23:59:59.999Z");
	ck_assert_str_is(datetime_format(arena, INT64_MIN, false), "0000-01-01T00:00:00Z");
	arena_free(&arena);
}
END_TEST

static void expect(const char *text, int64_t wall_ms)
{
	int64_t got = -7;

	ck_assert_msg(datetime_parse(str_of(text), &got) == 0, "%s", text);
	ck_assert_msg(got == wall_ms, "%s: %lld", text, (long long)got);
}

START_TEST(dates_are_read_with_any_offset_and_fraction)
{
	expect("1969-07-21T02:56:15Z", -14159025000); /* XEP-0082 §4 */
	expect("1969-07-20T21:56:15-05:00", -14159025000);
	expect("1970-01-01T00:00:00+00:00", 0);
	expect("1970-01-01T14:00:00+14:00", 0);
	expect("1970-01-01T00:00:00.5Z", 500);
	expect("1970-01-01T00:00:00.1239999999999999999999Z", 123);
	expect("2000-02-29T00:00:00Z", 951782400000);
	expect("0000-01-01T00:00:00Z", -62167219200000);
}
END_TEST

START_TEST(what_is_no_date_is_refused)
{
	static const char *const bad[] = {
		"",
		"1970",
		"1970-01-01",
		"1970-01-01T00:00:00",
		"1970-01-01 00:00:00Z",
		"1970-01-01T00:00:00z",
		"1970-01-01T00:00Z",
		"1970-1-01T00:00:00Z",
		"1970-13-01T00:00:00Z",
		"1970-00-01T00:00:00Z",
		"1970-01-32T00:00:00Z",
		"1900-02-29T00:00:00Z",
		"1970-01-01T24:00:00Z",
		"1970-01-01T00:60:00Z",
		"1970-01-01T00:00:60Z",
		"1970-01-01T00:00:00.Z",
		"1970-01-01T00:00:00,5Z",
		"1970-01-01T00:00:00+1:00",
		"1970-01-01T00:00:00+0100",
		"1970-01-01T00:00:00+14:01",
		"1970-01-01T00:00:00Z ",
		"-970-01-01T00:00:00Z",
		"+970-01-01T00:00:00Z",
		"19700101T00:00:00Z",
		" 1970-01-01T00:00:00Z",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		int64_t got = -7;

		ck_assert_msg(datetime_parse(str_of(bad[i]), &got) == ERR_INVALID && got == -7,
		              "%s", bad[i]);
	}
}
END_TEST

START_TEST(every_date_comes_back)
{
	struct arena *arena = arena_new(1024);

	for (int64_t ms = -62167219200000; ms <= 253402300799999; ms += 86399999LL * 11) {
		int64_t got;

		ck_assert_int_eq(datetime_parse(datetime_format(arena, ms, true), &got), 0);
		ck_assert_int_eq(got, ms);
		arena_reset(arena);
	}
	arena_free(&arena);
}
END_TEST

CHECK_MAIN("datetime", dates_are_written_in_utc, dates_are_read_with_any_offset_and_fraction,
           what_is_no_date_is_refused, every_date_comes_back)
