/*
 * check_presence.c - which sessions of an account are available (RFC 6121 §4).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/ask.h"

static struct world *w;

START_TEST(a_session_and_those_beside_it_see_that_it_is_available)
{
	struct client *one, *two, *silent;

	w = ask_world(NULL);
	silent = client_login(w, "romeo@a.example/silent");
	one = client_online(w, "romeo@a.example/one", 3);
	two = client_login(w, "romeo@a.example/two");
	client_send(two, "<presence id='p'><show>away</show></presence>");
	client_expect(one, "<presence id='p' from='romeo@a.example/two' type='-'>"
	                   "<show>away</show></presence>");
	client_expect(two, "<presence id='p' from='romeo@a.example/two'/>");
	client_expect_nothing(silent, two);
	client_drop(&one);
	client_drop(&two);
	client_drop(&silent);
	world_free(&w);
}
END_TEST

START_TEST(who_goes_is_seen_to_go_however_it_goes)
{
	struct client *one, *two;

	w = ask_world(NULL);
	one = client_online(w, "romeo@a.example/one", 3);
	for (int how = 0; how < 3; how++) {
		two = client_online(w, "romeo@a.example/two", 0);
		client_expect(one, "<presence from='romeo@a.example/two' type='-'/>");
		client_expect(two, "<presence from='romeo@a.example/one' type='-'/>");
		if (how == 0) {
			client_send(
				two,
				"<presence type='unavailable'><status>bye</status></presence>");
			client_expect(one,
			              "<presence from='romeo@a.example/two' type='unavailable'>"
			              "<status>bye</status></presence>");
			client_expect(two, "<presence type='unavailable'/>");
			client_close(&two);
		} else if (how == 1) {
			client_close(&two);
			client_expect(
				one,
				"<presence from='romeo@a.example/two' type='unavailable'/>");
		} else {
			client_drop(&two);
			client_expect(
				one,
				"<presence from='romeo@a.example/two' type='unavailable'/>");
		}
		client_settle(one); /* once */
	}
	client_drop(&one);
	world_free(&w);
}
END_TEST

START_TEST(a_session_that_was_replaced_is_seen_to_go)
{
	struct client *one, *two, *again;

	w = ask_world(NULL);
	one = client_online(w, "romeo@a.example/one", 3);
	two = client_online(w, "romeo@a.example/two", 3);
	client_expect(one, "<presence from='romeo@a.example/two'/>");
	again = client_login(w, "romeo@a.example/two");
	client_expect(one, "<presence from='romeo@a.example/two' type='unavailable'/>");
	client_expect_nothing(again, one);
	client_drop(&one);
	client_drop(&two);
	client_drop(&again);
	world_free(&w);
}
END_TEST

START_TEST(the_priority_decides_who_gets_messages_and_may_change)
{
	struct client *one, *two;

	w = ask_world(NULL);
	one = client_online(w, "romeo@a.example/one", 5);
	two = client_login(w, "romeo@a.example/two");
	client_send(two, "<presence><priority> 127 </priority></presence>");
	client_expect(one, "<presence from='romeo@a.example/two'/>");
	client_expect(two, "<presence from='romeo@a.example/two'/>");
	client_expect(two, "<presence from='romeo@a.example/one'/>"); /* which was there */
	client_send(one, "<message id='1' to='romeo@a.example' type='chat'/>");
	client_expect(two, "<message id='1'/>");
	client_send(two, "<presence><priority>-128</priority></presence>");
	client_expect(one, "<presence/>");
	client_expect(two, "<presence/>");
	client_send(one, "<message id='2' to='romeo@a.example' type='chat'/>");
	client_expect(one, "<message id='2'/>");
	client_send(two, "<presence/>"); /* 0 */
	client_expect(one, "<presence from='romeo@a.example/two'/>");
	client_send(one, "<presence type='unavailable'/>");
	client_expect(one, "<presence from='romeo@a.example/one' type='unavailable'/>");
	client_drop(&one);
	client_drop(&two);
	world_free(&w);
}
END_TEST

START_TEST(a_priority_that_is_none_is_a_bad_request)
{
	static const char *const wrong[] = { "128", "-129", "high",
		                             "",    "1.5",  "99999999999999999999" };
	struct client *c;

	w = ask_world(NULL);
	c = client_login(w, "romeo@a.example/one");
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		client_printf(c, "<presence id='p'><priority>%s</priority></presence>",
		              wrong[i]);
		client_expect(
			c, "<presence id='p' type='error'><error type='modify'><bad-request "
			   "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>");
	}
	client_send(c, "<message id='m' type='chat' to='romeo@a.example'/>");
	client_expect(c, "<message id='m' type='error'/>"); /* still not available */
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(presence_that_is_for_somebody_needs_an_address)
{
	static const char *const types[] = { "subscribe",    "subscribed", "unsubscribe",
		                             "unsubscribed", "probe",      "error" };
	struct client *c;

	w = ask_world(NULL);
	c = client_online(w, "romeo@a.example/one", 0);
	for (size_t i = 0; i < ARRAY_LEN(types) - 1; i++) {
		client_printf(c, "<presence id='p' type='%s'/>", types[i]);
		client_expect(
			c, "<presence id='p' type='error'><error><bad-request "
			   "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>");
	}
	client_send(c, "<presence id='e' type='error'/>"); /* an error is never answered */
	client_settle(c);
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(directed_presence_goes_to_its_address_alone)
{
	struct client *one, *two, *juliet;

	w = ask_world(NULL);
	world_account(w, "juliet@b.example", "x");
	juliet = client_login(w, "juliet@b.example/balcony");
	one = client_online(w, "romeo@a.example/one", 0);
	two = client_login(w, "romeo@a.example/two");
	client_send(two, "<presence id='d' to='juliet@b.example/balcony'/>");
	client_expect(juliet, "<presence id='d' from='romeo@a.example/two'/>");
	client_expect_nothing(one, two);
	client_send(one, "<message id='m' type='chat' to='romeo@a.example'/>");
	client_expect(one, "<message id='m'/>");
	client_expect_nothing(two, one); /* directed presence does not make available */
	client_drop(&one);
	client_drop(&two);
	client_drop(&juliet);
	world_free(&w);
}
END_TEST

CHECK_MAIN("presence", a_session_and_those_beside_it_see_that_it_is_available,
           who_goes_is_seen_to_go_however_it_goes, a_session_that_was_replaced_is_seen_to_go,
           the_priority_decides_who_gets_messages_and_may_change,
           a_priority_that_is_none_is_a_bad_request,
           presence_that_is_for_somebody_needs_an_address,
           directed_presence_goes_to_its_address_alone)
