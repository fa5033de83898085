/*
 * check_shared.c - immutable bytes with a reference count.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/shared.h"
#include "tests/lib/check_main.h"

#include <pthread.h>

START_TEST(the_bytes_are_a_copy_and_live_as_long_as_a_reference)
{
	char text[] = "abc";
	struct shared_buf *a = shared_new(str_of(text));
	struct shared_buf *b = shared_ref(a);

	text[0] = 'x';
	ck_assert_ptr_eq(a, b);
	shared_unref(&a);
	ck_assert_ptr_null(a);
	ck_assert_str_is(shared_str(b), "abc");
	shared_unref(&b);
	shared_unref(&b);
}
END_TEST

START_TEST(nothing_can_be_shared_too)
{
	struct shared_buf *a = shared_new(STR_NONE);

	ck_assert_uint_eq(shared_str(a).n, 0);
	shared_unref(&a);
}
END_TEST

static void *take_and_drop(void *arg)
{
	struct shared_buf *mine = arg;

	for (int i = 0; i < 10000; i++) {
		struct shared_buf *again = shared_ref(mine);

		if (shared_str(again).p[0] != 'a')
			abort();
		shared_unref(&again);
	}
	shared_unref(&mine);
	return NULL;
}

START_TEST(many_threads_hold_it_and_the_last_one_frees_it)
{
	struct shared_buf *s = shared_new(STR("abc"));
	pthread_t threads[4];

	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		ck_assert_int_eq(
			pthread_create(&threads[i], NULL, take_and_drop, shared_ref(s)), 0);
	shared_unref(&s);
	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		pthread_join(threads[i], NULL);
}
END_TEST

CHECK_MAIN("shared", the_bytes_are_a_copy_and_live_as_long_as_a_reference,
           nothing_can_be_shared_too, many_threads_hold_it_and_the_last_one_frees_it)
