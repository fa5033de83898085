/*
 * check_value.c - the text of an option as a value, and the words for what was expected.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "conf/value.h"

#include "server/base/err.h"
#include "tests/lib/check_main.h"

struct values {
	bool b;
	int64_t n;
	struct str s;
	struct conf_list l;
};

static const char *const colours[] = { "red", "green", "blue", NULL };
static const struct conf_option number = CONF_OPT_INT("n", struct values, n, 0, -10, 1000, "");
static const struct conf_option any_number =
	CONF_OPT_INT("n", struct values, n, 0, INT64_MIN, INT64_MAX, "");
static const struct conf_option size =
	CONF_OPT_BYTES("n", struct values, n, 0, KIB(1), MIB(16), "");
static const struct conf_option any_size =
	CONF_OPT_BYTES("n", struct values, n, 0, INT64_MIN, INT64_MAX, "");
static const struct conf_option a_time =
	CONF_OPT_TIME("n", struct values, n, 0, 0, HOURS(24 * 30), "");
static const struct conf_option choice = CONF_OPT_CHOICE("n", struct values, n, 0, colours, "");
static const struct conf_option truth = CONF_OPT_BOOL("b", struct values, b, false, "");
static const struct conf_option text = CONF_OPT_TEXT("s", struct values, s, NULL, "");

/* As a number. */
static int64_t value_of(const struct conf_option *o, const char *from)
{
	struct arena *arena = arena_new(256);
	struct str expected = STR("");
	int64_t n = -77;
	int err = conf_value(arena, o, from, &n, &expected);

	ck_assert_msg(err == 0, "\"%s\" was refused: expected " STR_FMT, from,
	              STR_ARG(expected));
	arena_free(&arena);
	return n;
}

/* Refused with these words, the value untouched. */
static void refused(const struct conf_option *o, const char *from, const char *words)
{
	struct arena *arena = arena_new(256);
	struct str expected = STR("");
	int64_t n = -77;

	ck_assert_msg(conf_value(arena, o, from, &n, &expected) == ERR_INVALID,
	              "\"%s\" was taken", from);
	ck_assert_msg(str_is(expected, words), "\"%s\": expected " STR_FMT, from,
	              STR_ARG(expected));
	ck_assert_int_eq(n, -77);
	arena_free(&arena);
}

START_TEST(a_number_is_decimal_and_within_its_bounds)
{
	static const char *const wrong[] = { "",      " ",   "1.5",  "0x10",
		                             "1e3",   "ten", "1001", "-11",
		                             "+5",    "--1", "5-",   "5 5",
		                             "5 KiB", "5s",  "-",    "99999999999999999999" };

	ck_assert_int_eq(value_of(&number, "0"), 0);
	ck_assert_int_eq(value_of(&number, "1000"), 1000);
	ck_assert_int_eq(value_of(&number, "-10"), -10);
	ck_assert_int_eq(value_of(&number, "007"), 7);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		refused(&number, wrong[i], "a number from -10 to 1000");
}
END_TEST

START_TEST(a_number_can_be_the_largest_and_the_smallest)
{
	ck_assert_int_eq(value_of(&any_number, "9223372036854775807"), INT64_MAX);
	ck_assert_int_eq(value_of(&any_number, "-9223372036854775808"), INT64_MIN);
	refused(&any_number, "9223372036854775808",
	        "a number from -9223372036854775808 to 9223372036854775807");
}
END_TEST

START_TEST(a_size_is_bytes_or_has_a_unit)
{
	ck_assert_int_eq(value_of(&size, "4096"), 4096);
	ck_assert_int_eq(value_of(&size, "4096 B"), 4096);
	ck_assert_int_eq(value_of(&size, "64 KiB"), KIB(64));
	ck_assert_int_eq(value_of(&size, "64KiB"), KIB(64));
	ck_assert_int_eq(value_of(&size, "10 kB"), 10000);
	ck_assert_int_eq(value_of(&size, "10 KB"), 10000);
	ck_assert_int_eq(value_of(&size, "2 MB"), 2000000);
	ck_assert_int_eq(value_of(&size, "16 MiB"), MIB(16));
	ck_assert_int_eq(value_of(&any_size, "3 GB"), INT64_C(3000000000));
	ck_assert_int_eq(value_of(&any_size, "3 GiB"), MIB(3072));
}
END_TEST

START_TEST(a_size_that_is_none_is_told_the_bounds_with_units)
{
	static const char *const wrong[] = { "",       "1023",   "16 MiBs",
		                             "17 MiB", "64 kib", "1 TiB",
		                             "MiB",    "5 min",  "1.5 MiB",
		                             "-1 MiB", "1 K iB", "9223372036854775807 GiB" };

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		refused(&size, wrong[i], "a size from 1 KiB to 16 MiB");
}
END_TEST

START_TEST(a_size_that_overflows_is_refused_whatever_the_bounds)
{
	ck_assert_int_eq(value_of(&any_size, "8589934591 GiB"), INT64_C(8589934591) << 30);
	refused(&any_size, "8589934592 GiB",
	        "a size from -8589934592 GiB to 9223372036854775807 B");
}
END_TEST

START_TEST(a_time_is_seconds_or_has_a_unit)
{
	ck_assert_int_eq(value_of(&a_time, "0"), 0);
	ck_assert_int_eq(value_of(&a_time, "30"), SECONDS(30));
	ck_assert_int_eq(value_of(&a_time, "30 s"), SECONDS(30));
	ck_assert_int_eq(value_of(&a_time, "250 ms"), 250);
	ck_assert_int_eq(value_of(&a_time, "5 min"), MINUTES(5));
	ck_assert_int_eq(value_of(&a_time, "2 h"), HOURS(2));
	ck_assert_int_eq(value_of(&a_time, "1 day"), HOURS(24));
	ck_assert_int_eq(value_of(&a_time, "7 days"), HOURS(24 * 7));
	ck_assert_int_eq(value_of(&a_time, "7d"), HOURS(24 * 7));
}
END_TEST

START_TEST(a_time_that_is_none_is_told_the_bounds)
{
	static const char *const wrong[] = { "",          "-1",     "31 days", "5 m",
		                             "5 minutes", "1 week", "5 KiB",   "s" };

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		refused(&a_time, wrong[i], "a time from 0 to 30 days");
}
END_TEST

START_TEST(a_choice_is_one_of_its_words)
{
	ck_assert_int_eq(value_of(&choice, "red"), 0);
	ck_assert_int_eq(value_of(&choice, "blue"), 2);
	refused(&choice, "Red", "one of red, green, blue");
	refused(&choice, "0", "one of red, green, blue");
	refused(&choice, "", "one of red, green, blue");
}
END_TEST

START_TEST(a_switch_has_three_words_for_each_side)
{
	static const char *const yes[] = { "true", "yes", "on" }, *const no[] = { "false", "no",
		                                                                  "off" };
	static const char *const wrong[] = { "", "1", "0", "True", "y", "enabled" };
	struct arena *arena = arena_new(256);
	struct str expected;
	bool b;

	for (size_t i = 0; i < 3; i++) {
		b = false;
		ck_assert_int_eq(conf_value(arena, &truth, yes[i], &b, &expected), 0);
		ck_assert(b);
		ck_assert_int_eq(conf_value(arena, &truth, no[i], &b, &expected), 0);
		ck_assert(!b);
	}
	arena_free(&arena);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		refused(&truth, wrong[i], "true or false");
}
END_TEST

START_TEST(text_is_copied_as_it_is)
{
	struct arena *arena = arena_new(256);
	char source[] = " as it is ";
	struct str value, expected;

	ck_assert_int_eq(conf_value(arena, &text, source, &value, &expected), 0);
	source[1] = 'X';
	ck_assert_str_is(value, " as it is ");
	ck_assert_int_eq(value.p[value.n], '\0');
	ck_assert_int_eq(conf_value(arena, &text, "", &value, &expected), 0);
	ck_assert(str_is_empty(value) && !str_is_absent(value));
	arena_free(&arena);
}
END_TEST

START_TEST(a_list_of_defaults_is_split_at_spaces)
{
	struct arena *arena = arena_new(256);
	struct conf_list l = conf_split(arena, "one two three");

	ck_assert_uint_eq(l.n, 3);
	ck_assert_str_is(l.items[0], "one");
	ck_assert_str_is(l.items[1], "two");
	ck_assert_str_is(l.items[2], "three");
	ck_assert_int_eq(l.items[1].p[3], '\0');
	ck_assert_uint_eq(conf_split(arena, "one").n, 1);
	ck_assert_uint_eq(conf_split(arena, "").n, 0);
	ck_assert_uint_eq(conf_split(arena, NULL).n, 0);
	arena_free(&arena);
}
END_TEST

START_TEST(defaults_fill_every_kind_of_value)
{
	static const struct conf_option all[] = {
		CONF_OPT_BOOL("b", struct values, b, true, ""),
		CONF_OPT_TIME("n", struct values, n, SECONDS(9), 0, HOURS(1), ""),
		CONF_OPT_TEXT("s", struct values, s, "words", ""),
		CONF_OPT_LIST("l", struct values, l, "a b", ""),
		{ 0 },
	};
	struct arena *arena = arena_new(256);
	struct values v = { 0 };

	conf_defaults(arena, all, &v);
	ck_assert(v.b);
	ck_assert_int_eq(v.n, 9000);
	ck_assert_str_is(v.s, "words");
	ck_assert_uint_eq(v.l.n, 2);
	arena_free(&arena);
}
END_TEST

CHECK_MAIN("value", a_number_is_decimal_and_within_its_bounds,
           a_number_can_be_the_largest_and_the_smallest, a_size_is_bytes_or_has_a_unit,
           a_size_that_is_none_is_told_the_bounds_with_units,
           a_size_that_overflows_is_refused_whatever_the_bounds,
           a_time_is_seconds_or_has_a_unit, a_time_that_is_none_is_told_the_bounds,
           a_choice_is_one_of_its_words, a_switch_has_three_words_for_each_side,
           text_is_copied_as_it_is, a_list_of_defaults_is_split_at_spaces,
           defaults_fill_every_kind_of_value)
