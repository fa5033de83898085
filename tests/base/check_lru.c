/*
 * check_lru.c - the bounded cache.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/lru.h"
#include "tests/lib/check_main.h"

static bool has(struct lru *lru, const char *key)
{
	struct str value;

	return lru_find(lru, str_of(key), &value);
}

START_TEST(what_is_entered_is_found_until_it_is_removed)
{
	struct lru *lru = lru_new(10, 10000);
	struct str value;

	ck_assert(!has(lru, "a"));
	lru_put(lru, STR("a"), STR("one"));
	lru_put(lru, STR("a"), STR("two"));
	lru_put(lru, STR(""), STR(""));
	ck_assert_uint_eq(lru_count(lru), 2);
	ck_assert(lru_find(lru, STR("a"), &value));
	ck_assert_str_is(value, "two");
	ck_assert(lru_find(lru, STR(""), &value));
	ck_assert_uint_eq(value.n, 0);
	lru_remove(lru, STR("a"));
	lru_remove(lru, STR("a"));
	ck_assert(!has(lru, "a"));
	lru_remove(lru, STR(""));
	ck_assert_uint_eq(lru_bytes(lru), 0);
	lru_free(&lru);
	ck_assert_ptr_null(lru);
	lru_free(&lru);
}
END_TEST

START_TEST(beyond_the_count_the_one_used_least_lately_goes)
{
	struct lru *lru = lru_new(3, 10000);

	lru_put(lru, STR("a"), STR("1"));
	lru_put(lru, STR("b"), STR("2"));
	lru_put(lru, STR("c"), STR("3"));
	ck_assert(has(lru, "a"));
	ck_assert_uint_eq(lru_evictions(lru), 0);
	lru_put(lru, STR("d"), STR("4"));
	ck_assert(has(lru, "a") && !has(lru, "b") && has(lru, "c") && has(lru, "d"));
	lru_put(lru, STR("a"), STR("5")); /* replaces, and evicts nobody */
	ck_assert_uint_eq(lru_count(lru), 3);
	ck_assert_uint_eq(lru_evictions(lru), 1);
	lru_free(&lru);
}
END_TEST

START_TEST(bytes_are_bounded_and_what_is_too_large_is_not_kept)
{
	char big[1000] = { 0 };
	struct lru *lru = lru_new(1000, 4000);

	for (int i = 0; i < 20; i++) {
		char key[] = { (char)('a' + i), '\0' };

		lru_put(lru, str_of(key), str_make(big, sizeof(big)));
		ck_assert_uint_le(lru_bytes(lru), 4000);
		ck_assert(has(lru, key));
	}
	ck_assert_uint_eq(lru_count(lru), 3);
	lru_put(lru, STR("t"), str_make((char[5000]){ 0 }, 5000));
	ck_assert(!has(lru, "t"));
	ck_assert_uint_eq(lru_count(lru), 2); /* nobody else made room for it */
	lru_free(&lru);
	lru = lru_new(0, 4000);
	lru_put(lru, STR("a"), STR("1"));
	ck_assert(!has(lru, "a"));
	lru_free(&lru);
}
END_TEST

CHECK_MAIN("lru", what_is_entered_is_found_until_it_is_removed,
           beyond_the_count_the_one_used_least_lately_goes,
           bytes_are_bounded_and_what_is_too_large_is_not_kept)
