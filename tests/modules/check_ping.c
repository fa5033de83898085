/*
 * check_ping.c - XEP-0199.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/ask.h"

#define PING "<ping xmlns='urn:xmpp:ping'/>"

START_TEST(the_host_and_the_own_account_answer_with_an_empty_result)
{
	static const char *const addresses[] = { "", "a.example", "romeo@a.example",
		                                 "b.example" };
	struct world *w = ask_world(NULL);
	struct client *c = client_login(w, "romeo@a.example/orchard");

	for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
		const struct xml_node *iq = ask(c, "get", addresses[i], PING);

		ck_assert_str_is(xml_attr(iq, "type"), "result");
		ck_assert_ptr_null(iq->first);
	}
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(a_ping_that_is_none_and_one_for_others_is_service_unavailable)
{
	struct world *w = ask_world(NULL);
	struct client *c = client_login(w, "romeo@a.example/orchard");

	world_account(w, "juliet@a.example", "x");
	ask_error(c, "set", "a.example", PING, "service-unavailable");
	ask_error(c, "get", "a.example", "<pong xmlns='urn:xmpp:ping'/>",
	          "service-unavailable");
	ask_error(c, "get", "a.example", "<ping xmlns='urn:xmpp:pong'/>",
	          "service-unavailable");
	ask_error(c, "get", "juliet@a.example", PING, "service-unavailable");
	ask_error(c, "get", "nobody@a.example", PING, "service-unavailable");
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(clients_ping_each_other)
{
	struct world *w = ask_world(NULL);
	struct client *a = client_login(w, "romeo@a.example/a"),
		      *b = client_login(w, "romeo@a.example/b");

	client_send(a, "<iq type='get' id='p' to='romeo@a.example/b'>" PING "</iq>");
	client_expect(b, "<iq type='get' id='p' from='romeo@a.example/a'>" PING "</iq>");
	client_send(b, "<iq type='result' id='p' to='romeo@a.example/a'/>");
	client_expect(a, "<iq type='result' id='p' from='romeo@a.example/b'/>");
	client_drop(&a);
	client_drop(&b);
	world_free(&w);
}
END_TEST

START_TEST(a_host_without_the_module_does_not_answer)
{
	struct world *w = ask_world("without = { \"ping\" }");
	struct client *c = client_login(w, "romeo@a.example/orchard");

	ask_error(c, "get", "a.example", PING, "service-unavailable");
	ask_result(c, "get", "b.example", PING, "");
	client_drop(&c);
	world_free(&w);
}
END_TEST

CHECK_MAIN("ping", the_host_and_the_own_account_answer_with_an_empty_result,
           a_ping_that_is_none_and_one_for_others_is_service_unavailable,
           clients_ping_each_other, a_host_without_the_module_does_not_answer)
