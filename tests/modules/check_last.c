/*
 * check_last.c - XEP-0012.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/ask.h"

#include <unistd.h>

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

START_TEST(the_own_account_is_not_idle_and_nothing_can_be_set)
{
	struct world *w = ask_world(NULL);
	struct client *c = client_login(w, "romeo@a.example");

	ask_result(c, "get", "", LAST, "<query xmlns='jabber:iq:last' seconds='0'/>");
	ask_error(c, "set", "a.example", LAST, "service-unavailable");
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(strangers_hear_the_same_of_an_account_and_of_none)
{
	static const char *const addresses[] = { "juliet@a.example", "juliet@a.example/here",
		                                 "juliet@a.example/not", "nobody@a.example",
		                                 "nobody@a.example/here" };
	struct world *w = ask_world(NULL);
	struct client *c = client_login(w, "romeo@a.example");
	struct client *juliet;

	world_account(w, "juliet@a.example", "x");
	juliet = client_online(w, "juliet@a.example/here", 0);
	for (size_t i = 0; i < ARRAY_LEN(addresses); i++)
		ask_error(c, "get", addresses[i], LAST, "forbidden");
	client_expect_nothing(juliet, juliet); /* her client was not asked */
	client_drop(&c);
	client_drop(&juliet);
	world_free(&w);
}
END_TEST

/* The seconds that romeo is told, and the text. */
static uint64_t told(struct client *romeo, struct str *text_out)
{
	const struct xml_node *query =
		xml_only_child(ask(romeo, "get", "juliet@a.example", LAST));
	uint64_t seconds;

	ck_assert(xml_is(query, NS_LAST, "query"));
	ck_assert_int_eq(str_to_u64(xml_attr(query, "seconds"), &seconds), 0);
	*text_out = arena_copy(romeo->world->arena, xml_text(romeo->world->arena, query));
	return seconds;
}

START_TEST(contacts_hear_when_and_with_which_words_somebody_went)
{
	struct world *w = ask_world(NULL);
	struct client *romeo = client_online(w, "romeo@a.example/r", 0);
	struct client *one, *two;
	struct str text;

	world_account(w, "juliet@a.example", "x");
	one = client_online(w, "juliet@a.example/one", 0);
	ask_to_see(romeo, one);
	ck_assert_uint_eq(told(romeo, &text), 0);
	ck_assert_uint_eq(text.n, 0);
	two = client_online(w, "juliet@a.example/two", 0);
	client_expect(romeo, "<presence from='juliet@a.example/two'/>");
	client_send(one, "<presence type='unavailable'><status>Lunch</status></presence>");
	client_expect(romeo, "<presence type='unavailable'/>");
	ck_assert_uint_eq(told(romeo, &text), 0);
	ck_assert_uint_eq(text.n, 0); /* one of them is there */
	client_send(two, "<presence type='unavailable'><status>Heading &lt;Home></status>"
	                 "</presence>");
	client_expect(romeo, "<presence type='unavailable'/>");
	ck_assert_uint_le(told(romeo, &text), 5);
	ck_assert_str_is(text, "Heading <Home>");
	client_drop(&one);
	client_drop(&two);
	client_drop(&romeo);
	world_restart(w);
	romeo = client_login(w, "romeo@a.example");
	sleep(2);
	ck_assert_uint_ge(told(romeo, &text), 1);
	ck_assert_str_is(text, "Heading <Home>");
	client_drop(&romeo);
	world_free(&w);
}
END_TEST

START_TEST(a_connection_that_breaks_leaves_a_time_without_words)
{
	struct world *w = ask_world(NULL);
	struct client *romeo = client_online(w, "romeo@a.example/r", 0);
	struct client *juliet;
	struct str text;

	world_account(w, "juliet@a.example", "x");
	juliet = client_online(w, "juliet@a.example/one", 0);
	ask_to_see(romeo, juliet);
	client_send(juliet, "<presence type='unavailable'><status>old</status></presence>"
	                    "<presence/>");
	client_expect(romeo, "<presence type='unavailable'/>");
	client_expect(romeo, "<presence type='-'/>");
	client_drop(&juliet);
	client_expect(romeo, "<presence type='unavailable'/>");
	ck_assert_uint_le(told(romeo, &text), 5);
	ck_assert_uint_eq(text.n, 0);
	client_drop(&romeo);
	world_free(&w);
}
END_TEST

START_TEST(of_who_was_never_online_there_is_nothing_to_tell)
{
	struct world *w = ask_world(NULL);
	struct client *romeo = client_online(w, "romeo@a.example/r", 0);
	struct client *juliet;

	world_account(w, "juliet@a.example", "x");
	juliet = client_login(w, "juliet@a.example/one"); /* without presence */
	client_send(romeo, "<presence type='subscribe' to='juliet@a.example'/>");
	client_settle(romeo);
	client_send(juliet, "<presence type='subscribed' to='romeo@a.example'/>");
	client_settle(juliet);
	ask_error(romeo, "get", "juliet@a.example", LAST, "service-unavailable");
	client_drop(&juliet);
	client_drop(&romeo);
	world_free(&w);
}
END_TEST

START_TEST(a_very_long_status_is_not_kept)
{
	struct world *w = ask_world(NULL);
	struct client *romeo = client_online(w, "romeo@a.example/r", 0);
	struct client *juliet;
	struct str text;

	world_account(w, "juliet@a.example", "x");
	juliet = client_online(w, "juliet@a.example/one", 0);
	ask_to_see(romeo, juliet);
	client_printf(juliet,
	              "<presence type='unavailable'><status>%01025d</status></presence>", 7);
	client_expect(romeo, "<presence type='unavailable'/>");
	ck_assert_uint_le(told(romeo, &text), 5);
	ck_assert_uint_eq(text.n, 0);
	client_drop(&juliet);
	client_drop(&romeo);
	world_free(&w);
}
END_TEST

CHECK_MAIN("last", the_host_tells_how_long_it_has_been_up,
           the_own_account_is_not_idle_and_nothing_can_be_set,
           strangers_hear_the_same_of_an_account_and_of_none,
           contacts_hear_when_and_with_which_words_somebody_went,
           a_connection_that_breaks_leaves_a_time_without_words,
           of_who_was_never_online_there_is_nothing_to_tell, a_very_long_status_is_not_kept)
