/*
 * check_recent.c - which texts were among the last.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/recent.h"
#include "tests/lib/check_main.h"

START_TEST(nothing_is_in_it_before_it_is_added_or_after_it_is_cleared)
{
	struct recent r = { 0 };

	ck_assert(!recent_has(&r, STR("a")));
	recent_add(&r, STR("a"));
	ck_assert(recent_has(&r, STR("a")));
	ck_assert(!recent_has(&r, STR("")) && !recent_has(&r, STR("ab")));
	recent_clear(&r);
	ck_assert(!recent_has(&r, STR("a")));
	recent_clear(&r);
}
END_TEST

START_TEST(the_oldest_is_forgotten_and_no_more)
{
	struct recent r = { 0 };
	char text = 'A';

	for (size_t i = 0; i < RECENT_MAX; i++, text++)
		recent_add(&r, str_make(&text, 1));
	ck_assert(recent_has(&r, STR("A")));
	recent_add(&r, str_make(&text, 1));
	ck_assert(!recent_has(&r, STR("A")));
	ck_assert(recent_has(&r, STR("B")) && recent_has(&r, str_make(&text, 1)));
	recent_clear(&r);
}
END_TEST

CHECK_MAIN("recent", nothing_is_in_it_before_it_is_added_or_after_it_is_cleared,
           the_oldest_is_forgotten_and_no_more)
