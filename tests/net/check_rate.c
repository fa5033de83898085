/*
 * check_rate.c - token buckets and counts.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"
#include "server/net/rate.h"
#include "tests/lib/check_main.h"

#include <stdio.h>

START_TEST(a_bucket_starts_full_and_refills)
{
	const struct rate_limit limit = { .burst = 3, .per_second = 2000 };
	struct rate r = { 0 };
	int64_t now = 1000000;

	ck_assert(rate_take(&r, &limit, now, 2));
	ck_assert(rate_take(&r, &limit, now, 1));
	ck_assert(!rate_take(&r, &limit, now, 1));
	ck_assert(!rate_take(&r, &limit, now + 499, 1));
	ck_assert(rate_take(&r, &limit, now + 500, 1));
	ck_assert(!rate_take(&r, &limit, now + 500, 1));
	ck_assert(!rate_take(&r, &limit, now + 60000, 4));
	ck_assert(rate_take(&r, &limit, now + 60000, 3));
}
END_TEST

START_TEST(frequent_looks_lose_nothing_of_a_slow_limit)
{
	const struct rate_limit limit = { .burst = 1, .per_second = 1 }; /* one in 1000 s */
	struct rate r = { 0 };
	int64_t now = 5000;
	int taken = 0;

	for (int i = 0; i <= 300000; i++)
		taken += rate_take(&r, &limit, now + (int64_t)i * 10, 1);
	ck_assert_int_eq(taken, 4);
}
END_TEST

START_TEST(fast_limits_are_exact_over_time)
{
	const struct rate_limit limit = { .burst = 10000, .per_second = 7777 * 1000 };
	struct rate r = { 0 };
	int64_t taken = 0;

	for (int64_t now = 1; now <= 10001; now++) {
		while (rate_take(&r, &limit, now, 1))
			taken++;
	}
	ck_assert_int_ge(taken, 10000 + 77770 - 10);
	ck_assert_int_le(taken, 10000 + 77770 + 10);
}
END_TEST

START_TEST(a_charge_may_overdraw_and_says_how_long_to_wait)
{
	const struct rate_limit limit = { .burst = 10, .per_second = 1000 };
	struct rate r = { 0 };
	int64_t now = 1000;

	ck_assert_int_eq(rate_charge(&r, &limit, now, 10), 0);
	ck_assert_int_eq(rate_charge(&r, &limit, now, 5), 5000);
	ck_assert_int_eq(rate_charge(&r, &limit, now + 4000, 0), 1000);
	ck_assert_int_eq(rate_charge(&r, &limit, now + 5000, 0), 0);
	ck_assert(!rate_take(&r, &limit, now + 5999, 1));
	ck_assert(rate_take(&r, &limit, now + 6000, 1));
}
END_TEST

START_TEST(absurd_amounts_do_not_overflow)
{
	const struct rate_limit slow = { .burst = 10, .per_second = 1 };
	const struct rate_limit fast = { .burst = INT64_MAX, .per_second = INT64_MAX / 2000 };
	const struct rate_limit never = { .burst = 1, .per_second = 0 };
	struct rate r = { 0 };

	ck_assert_int_gt(rate_charge(&r, &slow, 1000, INT64_MAX), 0);
	ck_assert_int_gt(rate_charge(&r, &slow, 1000, INT64_MAX), 0);
	ck_assert(!rate_take(&r, &slow, 1000, 1));
	rate_charge(&r, &fast, 1000, INT64_MAX);
	r = (struct rate){ 0 };
	ck_assert(rate_take(&r, &fast, 1000, INT64_MAX / 2));
	r = (struct rate){ 0 };
	ck_assert(rate_take(&r, &never, 1000, 1));
	ck_assert(!rate_take(&r, &never, 2000, 1));
}
END_TEST

static struct str key_of(char *text, size_t size, int i)
{
	return str_make(text, (size_t)snprintf(text, size, "192.0.2.%d", i));
}

START_TEST(a_table_keeps_a_bucket_for_each_key)
{
	const struct rate_limit limit = { .burst = 1, .per_second = 1000 };
	struct rate_table *t = rate_table_new(100);

	ck_assert(rate_take(rate_table_at(t, STR("a"), 10), &limit, 10, 1));
	ck_assert(!rate_take(rate_table_at(t, STR("a"), 10), &limit, 10, 1));
	ck_assert(rate_take(rate_table_at(t, STR("b"), 10), &limit, 10, 1));
	ck_assert(rate_take(rate_table_at(t, STR_NONE, 10), &limit, 10, 1));
	ck_assert(!rate_take(rate_table_at(t, STR(""), 10), &limit, 10, 1));
	ck_assert(rate_take(rate_table_at(t, STR("a"), 2000), &limit, 2000, 1));
	rate_table_free(&t);
	rate_table_free(&t);
	ck_assert_ptr_null(t);
}
END_TEST

START_TEST(a_full_table_forgets_the_one_unused_for_longest)
{
	const struct rate_limit limit = { .burst = 1, .per_second = 1 };
	struct rate_table *t = rate_table_new(10);
	char text[32];

	for (int i = 0; i < 10; i++)
		ck_assert(rate_take(rate_table_at(t, key_of(text, sizeof(text), i), 10), &limit,
		                    10, 1));
	ck_assert(
		!rate_take(rate_table_at(t, key_of(text, sizeof(text), 0), 11), &limit, 11, 1));
	rate_table_at(t, STR("new"), 12);
	ck_assert(
		!rate_take(rate_table_at(t, key_of(text, sizeof(text), 0), 13), &limit, 13, 1));
	ck_assert(
		rate_take(rate_table_at(t, key_of(text, sizeof(text), 1), 14), &limit, 14, 1));
	rate_table_free(&t);
}
END_TEST

START_TEST(counts_go_up_and_down)
{
	struct count_table *t = count_table_new();

	ck_assert_uint_eq(count_table_up(t, STR("a")), 1);
	ck_assert_uint_eq(count_table_up(t, STR("a")), 2);
	ck_assert_uint_eq(count_table_up(t, STR("b")), 1);
	count_table_down(t, STR("a"));
	ck_assert_uint_eq(count_table_up(t, STR("a")), 2);
	count_table_down(t, STR("b"));
	ck_assert_uint_eq(count_table_up(t, STR("b")), 1);
	count_table_free(&t);
	ck_assert_ptr_null(t);
}
END_TEST

CHECK_MAIN("rate", a_bucket_starts_full_and_refills,
           frequent_looks_lose_nothing_of_a_slow_limit, fast_limits_are_exact_over_time,
           a_charge_may_overdraw_and_says_how_long_to_wait, absurd_amounts_do_not_overflow,
           a_table_keeps_a_bucket_for_each_key, a_full_table_forgets_the_one_unused_for_longest,
           counts_go_up_and_down)
