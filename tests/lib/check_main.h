/*
 * check_main.h - the main function of a Check program: the tests of one file, as one suite.
 *
 *	START_TEST(an_empty_list_has_no_first)
 *	{
 *		...
 *	}
 *	END_TEST
 *
 *	CHECK_MAIN("list", an_empty_list_has_no_first, another_sentence)
 *
 * Each test runs in a process of its own, unless CK_FORK=no (for debuggers and sanitizers).
 * CK_RUN_CASE, CK_VERBOSITY and the like work as Check documents them.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/hash.h"

#include <check.h>
#include <stdlib.h>

#define CHECK_MAIN_TIMEOUT_S 120 /* a hang; no test measures time by it */

static inline int check_main(const char *name, const TTest *const *tests, size_t count)
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);
	SRunner *runner;
	int failed;

	hash_init();
	tcase_set_timeout(tcase, CHECK_MAIN_TIMEOUT_S);
	for (size_t i = 0; i < count; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#define CHECK_MAIN(name, ...) \
	int main(void) \
	{ \
		const TTest *const tests[] = { __VA_ARGS__ }; \
\
		return check_main((name), tests, ARRAY_LEN(tests)); \
	}

/* The bytes of a str against a literal, told as text when they differ. */
#define ck_assert_str_is(s, literal) \
	do { \
		struct str ck_got = (s); \
		struct str ck_want = STR(literal); \
\
		ck_assert_msg(str_eq(ck_got, ck_want), \
		              "%s is \"" STR_FMT "\", not \"" STR_FMT "\"", #s, \
		              STR_ARG(ck_got), STR_ARG(ck_want)); \
	} while (0)
