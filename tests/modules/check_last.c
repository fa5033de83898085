/*
 * check_last.c - XEP-0012.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/ask.h"

#define LAST "<query xmlns='jabber:iq:last'/>"

START_TEST(the_host_tells_how_long_it_has_been_up)
{
	struct world *w = ask_world(NULL);
	struct client *c = client_login(w, "romeo@a.example");
	uint64_t first, later, up;

	w->server->started_ms -= SECONDS(1000); /* before the shards look */
	for (int i = 0; i < 2; i++) {
		const struct xml_node *iq = ask(c, "get", "a.example", LAST);

		ck_assert_int_eq(str_to_u64(xml_attr(xml_only_child(iq), "seconds"), &up), 0);
		*(i == 0 ? &first : &later) = up;
	}
	ck_assert_uint_ge(first, 1000);
	ck_assert_uint_ge(later, first);
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(the_own_account_is_not_idle_and_others_say_nothing)
{
	struct world *w = ask_world(NULL);
	struct client *c = client_login(w, "romeo@a.example");

	world_account(w, "juliet@a.example", "x");
	ask_result(c, "get", "", LAST, "<query xmlns='jabber:iq:last' seconds='0'/>");
	ask_error(c, "get", "juliet@a.example", LAST, "service-unavailable");
	ask_error(c, "get", "nobody@a.example", LAST, "service-unavailable");
	ask_error(c, "set", "a.example", LAST, "service-unavailable");
	client_drop(&c);
	world_free(&w);
}
END_TEST

CHECK_MAIN("last", the_host_tells_how_long_it_has_been_up,
           the_own_account_is_not_idle_and_others_say_nothing)
