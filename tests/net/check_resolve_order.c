/*
 * check_resolve_order.c - in which order the servers of a domain are tried.
 *
 * Chance is a sequence of numbers that is the same each time.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/net/resolve_impl.h"
#include "tests/lib/check_main.h"

#define ROUNDS 10000

/* splitmix64 */
static uint64_t draw(void *arg)
{
	uint64_t *state = arg;
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static struct srv srv(uint16_t priority, uint16_t weight, uint16_t port)
{
	return (struct srv){ .priority = priority, .weight = weight, .port = port };
}

/* How often each of three of one priority, with these weights, was first. */
static void count_first(const uint16_t *weights, unsigned *counts)
{
	uint64_t state = 1;

	for (int round = 0; round < ROUNDS; round++) {
		struct srv list[3];

		for (uint16_t i = 0; i < 3; i++)
			list[i] = srv(10, weights[i], i);
		srv_order(list, 3, draw, &state);
		counts[list[0].port]++;
	}
}

START_TEST(lower_priorities_come_first_whatever_they_weigh)
{
	uint64_t state = 7;

	for (int round = 0; round < 100; round++) {
		struct srv list[] = { srv(30, 60000, 3), srv(10, 0, 1), srv(65535, 65535, 4),
			              srv(20, 1, 2), srv(0, 0, 0) };

		srv_order(list, ARRAY_LEN(list), draw, &state);
		for (unsigned i = 0; i < ARRAY_LEN(list); i++)
			ck_assert_uint_eq(list[i].port, i);
	}
}
END_TEST

START_TEST(the_more_weight_the_more_often_first)
{
	const uint16_t weights[] = { 10, 30, 60 };
	unsigned counts[3] = { 0 };

	count_first(weights, counts);
	for (int i = 0; i < 3; i++) {
		ck_assert_uint_ge(counts[i], (weights[i] - 3u) * (ROUNDS / 100));
		ck_assert_uint_le(counts[i], (weights[i] + 3u) * (ROUNDS / 100));
	}
}
END_TEST

START_TEST(without_weights_all_are_first_equally_often)
{
	const uint16_t weights[] = { 0, 0, 0 };
	unsigned counts[3] = { 0 };

	count_first(weights, counts);
	for (int i = 0; i < 3; i++)
		ck_assert_uint_ge(counts[i], 30u * (ROUNDS / 100));
}
END_TEST

START_TEST(beside_weights_those_without_are_seldom_first)
{
	const uint16_t weights[] = { 0, 99, 0 };
	unsigned counts[3] = { 0 };

	count_first(weights, counts);
	ck_assert_uint_ge(counts[1], 97u * (ROUNDS / 100));
	ck_assert_uint_gt(counts[0], 0);
	ck_assert_uint_gt(counts[2], 0);
}
END_TEST

START_TEST(none_is_lost)
{
	uint64_t state = 3;
	struct srv list[128];
	uint64_t sum = 0;

	for (uint16_t i = 0; i < ARRAY_LEN(list); i++)
		list[i] = srv(i % 3, i % 5 * 1000, i);
	srv_order(list, ARRAY_LEN(list), draw, &state);
	for (size_t i = 0; i < ARRAY_LEN(list); i++) {
		sum += list[i].port;
		ck_assert(i == 0 || list[i - 1].priority <= list[i].priority);
	}
	ck_assert_uint_eq(sum, 127 * 128 / 2);
	srv_order(list, 0, draw, &state);
}
END_TEST

CHECK_MAIN("resolve_order", lower_priorities_come_first_whatever_they_weigh,
           the_more_weight_the_more_often_first, without_weights_all_are_first_equally_often,
           beside_weights_those_without_are_seldom_first, none_is_lost)
