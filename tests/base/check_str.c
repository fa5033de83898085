/*
 * check_str.c - comparing, searching and cutting text.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"
#include "server/base/str.h"
#include "tests/lib/check_main.h"

START_TEST(absent_and_empty_are_equal_but_told_apart)
{
	ck_assert(str_is_absent(STR_NONE));
	ck_assert(str_is_absent(str_of(NULL)));
	ck_assert(!str_is_absent(STR("")));
	ck_assert(str_is_empty(STR("")) && str_is_empty(STR_NONE));
	ck_assert(str_eq(STR_NONE, STR("")));
	ck_assert_int_eq(str_cmp(STR_NONE, STR("")), 0);
}
END_TEST

START_TEST(equality_looks_at_every_byte)
{
	ck_assert(str_eq(STR("a\0b"), STR("a\0b")));
	ck_assert(!str_eq(STR("a\0b"), STR("a\0c")));
	ck_assert(!str_eq(STR("a"), STR("ab")));
	ck_assert(str_is(STR("abc"), "abc"));
	ck_assert(!str_is(STR("abc"), "ab"));
	ck_assert(str_is(STR(""), ""));
}
END_TEST

START_TEST(case_is_folded_for_ascii_letters_alone)
{
	ck_assert(str_eq_nocase(STR("StArTtLs"), STR("sTaRtTlS")));
	ck_assert(!str_eq_nocase(STR("@"), STR("`")));
	ck_assert(!str_eq_nocase(STR("["), STR("{")));
	ck_assert(!str_eq_nocase(STR("\xc3\x84"), STR("\xc3\xa4")));
	ck_assert(!str_eq_nocase(STR("a"), STR("aa")));
}
END_TEST

START_TEST(order_is_bytewise_with_prefixes_first)
{
	ck_assert_int_lt(str_cmp(STR("a"), STR("ab")), 0);
	ck_assert_int_gt(str_cmp(STR("b"), STR("ab")), 0);
	ck_assert_int_lt(str_cmp(STR("z"), STR("\xff")), 0);
	ck_assert_int_lt(str_cmp(STR_NONE, STR("\0")), 0);
	ck_assert_int_eq(str_cmp(STR("ab"), STR("ab")), 0);
}
END_TEST

START_TEST(starts_and_ends_are_found)
{
	ck_assert(str_starts_with(STR("romeo@a"), STR("romeo")));
	ck_assert(str_starts_with(STR_NONE, STR("")));
	ck_assert(!str_starts_with(STR("ro"), STR("romeo")));
	ck_assert(str_ends_with(STR("a.example"), STR(".example")));
	ck_assert(str_ends_with(STR_NONE, STR_NONE));
	ck_assert(!str_ends_with(STR("example"), STR(".example")));
}
END_TEST

START_TEST(find_gives_the_length_when_there_is_none)
{
	struct str s = STR("a/b/c");

	ck_assert_uint_eq(str_find(s, '/', 0), 1);
	ck_assert_uint_eq(str_find(s, '/', 1), 1);
	ck_assert_uint_eq(str_find(s, '/', 2), 3);
	ck_assert_uint_eq(str_find(s, '/', 4), 5);
	ck_assert_uint_eq(str_find(s, '/', 99), 5);
	ck_assert_uint_eq(str_find(STR_NONE, '/', 0), 0);
}
END_TEST

START_TEST(slices_are_clamped)
{
	struct str s = STR("abcdef");

	ck_assert_str_is(str_slice(s, 1, 3), "bc");
	ck_assert_str_is(str_slice(s, 4, 99), "ef");
	ck_assert_str_is(str_slice(s, 99, 100), "");
	ck_assert_str_is(str_slice(s, 3, 1), "");
	ck_assert(str_is_absent(str_slice(STR_NONE, 1, 2)));
}
END_TEST

START_TEST(trim_takes_xml_white_space_alone)
{
	ck_assert_str_is(str_trim(STR(" \t\r\n a b \n")), "a b");
	ck_assert_str_is(str_trim(STR(" \n ")), "");
	ck_assert_str_is(str_trim(STR("\v\f")), "\v\f");
	ck_assert_str_is(str_trim(STR_NONE), "");
}
END_TEST

START_TEST(cutting_visits_every_part_and_then_ends)
{
	struct str rest = STR("a,,b,");

	ck_assert_str_is(str_cut(&rest, ','), "a");
	ck_assert_str_is(str_cut(&rest, ','), "");
	ck_assert_str_is(str_cut(&rest, ','), "b");
	ck_assert(!str_is_absent(rest));
	ck_assert_str_is(str_cut(&rest, ','), "");
	ck_assert(str_is_absent(rest));
}
END_TEST

START_TEST(numbers_are_whole_and_fit)
{
	uint64_t value = 7;

	ck_assert_int_eq(str_to_u64(STR("0"), &value), 0);
	ck_assert_uint_eq(value, 0);
	ck_assert_int_eq(str_to_u64(STR("18446744073709551615"), &value), 0);
	ck_assert(value == UINT64_MAX);
	ck_assert_int_eq(str_to_u64(STR("18446744073709551616"), &value), ERR_INVALID);
	ck_assert_int_eq(str_to_u64(STR("99999999999999999999"), &value), ERR_INVALID);
	ck_assert_int_eq(str_to_u64(STR(""), &value), ERR_INVALID);
	ck_assert_int_eq(str_to_u64(STR_NONE, &value), ERR_INVALID);
	ck_assert_int_eq(str_to_u64(STR("+1"), &value), ERR_INVALID);
	ck_assert_int_eq(str_to_u64(STR("-1"), &value), ERR_INVALID);
	ck_assert_int_eq(str_to_u64(STR(" 1"), &value), ERR_INVALID);
	ck_assert_int_eq(str_to_u64(STR("1 "), &value), ERR_INVALID);
	ck_assert_int_eq(str_to_u64(STR("0x10"), &value), ERR_INVALID);
	ck_assert(value == UINT64_MAX);
}
END_TEST

START_TEST(signed_numbers_reach_both_ends)
{
	int64_t value = 7;

	ck_assert_int_eq(str_to_i64(STR("-128"), &value), 0);
	ck_assert_int_eq(value, -128);
	ck_assert_int_eq(str_to_i64(STR("9223372036854775807"), &value), 0);
	ck_assert(value == INT64_MAX);
	ck_assert_int_eq(str_to_i64(STR("-9223372036854775808"), &value), 0);
	ck_assert(value == INT64_MIN);
	ck_assert_int_eq(str_to_i64(STR("-0"), &value), 0);
	ck_assert_int_eq(value, 0);
	ck_assert_int_eq(str_to_i64(STR("9223372036854775808"), &value), ERR_INVALID);
	ck_assert_int_eq(str_to_i64(STR("-9223372036854775809"), &value), ERR_INVALID);
	ck_assert_int_eq(str_to_i64(STR("--1"), &value), ERR_INVALID);
	ck_assert_int_eq(str_to_i64(STR("-"), &value), ERR_INVALID);
}
END_TEST

START_TEST(errors_have_words)
{
	for (int err = ERR_NOENT; err >= ERR_TIMEOUT; err--)
		ck_assert_str_ne(err_str(err), err_str(-5000));
	ck_assert_str_eq(err_str(-2), "No such file or directory");
	ck_assert_str_eq(err_str(0), "no error");
	ck_assert_str_eq(err_str(-5000), "unknown error");
}
END_TEST

CHECK_MAIN("str", absent_and_empty_are_equal_but_told_apart, equality_looks_at_every_byte,
           case_is_folded_for_ascii_letters_alone, order_is_bytewise_with_prefixes_first,
           starts_and_ends_are_found, find_gives_the_length_when_there_is_none,
           slices_are_clamped, trim_takes_xml_white_space_alone,
           cutting_visits_every_part_and_then_ends, numbers_are_whole_and_fit,
           signed_numbers_reach_both_ends, errors_have_words)
