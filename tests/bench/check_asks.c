/*
 * check_asks.c - when a session asks for an <a/>, and which ask an <a/> answers.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/bench/asks.h"
#include "tests/lib/check_main.h"

/* In client.c's place: there is no connection. */
void client_ask(struct client *c)
{
	c->index++; /* the number of asks */
}

static void send_messages(struct asks *a, struct client *c, unsigned n, unsigned every)
{
	for (unsigned i = 0; i < n; i++) {
		c->sm.sent++;
		asks_sent(a, c, every, uv_hrtime());
	}
}

START_TEST(it_asks_behind_every_so_many_messages)
{
	struct client c = { .sm.is_on = true };
	struct asks a = { 0 };

	send_messages(&a, &c, 2, 3);
	ck_assert_uint_eq(c.index, 0);
	send_messages(&a, &c, 1, 3);
	ck_assert_uint_eq(c.index, 1);
	ck_assert_uint_eq(a.silent, 0);
	send_messages(&a, &c, 7, 3);
	ck_assert_uint_eq(c.index, 3);
	ck_assert_uint_eq(a.silent, 1);
	asks_deinit(&a);
}
END_TEST

START_TEST(one_answer_is_to_all_asks_that_it_covers)
{
	struct client c = { .sm = { .is_on = true, .sent = 1 } }; /* a presence */
	struct histogram times = { 0 };
	struct asks a = { 0 };

	send_messages(&a, &c, 6, 2);
	c.sm.acked = 2; /* one message */
	asks_answered(&a, &c, &times);
	ck_assert_uint_eq(times.total, 0);
	c.sm.acked = 6;
	asks_answered(&a, &c, &times);
	ck_assert_uint_eq(times.total, 2);
	c.sm.acked = 7;
	asks_answered(&a, &c, &times);
	asks_answered(&a, &c, &times);
	ck_assert_uint_eq(times.total, 3);
	asks_deinit(&a);
}
END_TEST

START_TEST(who_has_asked_too_often_waits)
{
	struct client c = { .sm.is_on = true };
	struct histogram times = { 0 };
	struct asks a = { 0 };

	send_messages(&a, &c, ASKS_MAX, 1);
	ck_assert(!asks_has_room(&a));
	asks_now(&a, &c, uv_hrtime());
	ck_assert_uint_eq(c.index, ASKS_MAX);
	c.sm.acked = 1;
	asks_answered(&a, &c, &times);
	ck_assert(asks_has_room(&a));
	asks_deinit(&a);
}
END_TEST

CHECK_MAIN("asks", it_asks_behind_every_so_many_messages,
           one_answer_is_to_all_asks_that_it_covers, who_has_asked_too_often_waits)
