/*
 * check_strset.c - sets of texts.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/strset.h"
#include "tests/lib/check_main.h"

START_TEST(a_text_is_in_it_once_until_it_is_removed)
{
	struct strset set = { 0 };

	strset_remove(&set, STR("a"));
	strset_add(&set, STR("a"));
	strset_add(&set, STR("a"));
	strset_add(&set, STR("ab"));
	strset_add(&set, STR(""));
	ck_assert_uint_eq(strset_count(&set), 3);
	ck_assert(strset_has(&set, STR("a")) && strset_has(&set, STR("")));
	ck_assert(!strset_has(&set, STR("b")));
	strset_remove(&set, STR("a"));
	ck_assert(!strset_has(&set, STR("a")));
	ck_assert_uint_eq(strset_count(&set), 2);
	strset_clear(&set);
	ck_assert_uint_eq(strset_count(&set), 0);
	ck_assert_ptr_null(strset_next(&set, NULL));
}
END_TEST

START_TEST(a_walk_meets_each_once)
{
	struct strset set = { 0 };
	const struct strset_item *item = NULL;
	char text[] = "0";
	unsigned seen = 0;

	for (; text[0] <= '9'; text[0]++)
		strset_add(&set, str_of(text));
	while ((item = strset_next(&set, item)) != NULL)
		seen += 1u << (strset_text(item).p[0] - '0');
	ck_assert_uint_eq(seen, 0x3ff);
	strset_clear(&set);
}
END_TEST

CHECK_MAIN("strset", a_text_is_in_it_once_until_it_is_removed, a_walk_meets_each_once)
