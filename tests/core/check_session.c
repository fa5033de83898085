/*
 * check_session.c - bound resources: making one, conflicts over one, how many, and their end.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/core/court.h"

#include <string.h>

#define BIND(id, inner) \
	"<iq type='set' id='" id "'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>" inner \
	"</bind></iq>"
#define BIND_ERROR(id, condition) \
	"<iq type='error' id='" id "'><error><" condition \
	" xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"

static struct world *w;

static void begin(const char *global, const char *host)
{
	w = world_new(
		&(struct world_options){ .modules = court, .global = global, .host = host });
	world_account(w, "romeo@a.example", "x");
}

START_TEST(the_server_makes_a_resource_when_none_is_asked_for)
{
	struct client *one, *two;

	begin(NULL, NULL);
	one = client_login(w, "romeo@a.example");
	two = client_login(w, "romeo@a.example");
	ck_assert(strncmp(one->jid, "romeo@a.example/", 16) == 0);
	ck_assert_uint_ge(strlen(one->jid), 16 + 12);
	ck_assert_str_ne(one->jid, two->jid);
	client_drop(&one);
	client_drop(&two);
	world_free(&w);
}
END_TEST

START_TEST(a_resource_that_is_asked_for_is_prepared)
{
	struct client *c;

	begin(NULL, NULL);
	c = client_login(w, "romeo@a.example/Or\xc2\xad"
	                    "chard"); /* a soft hyphen is mapped to nothing */
	ck_assert_str_eq(c->jid, "romeo@a.example/Orchard");
	client_drop(&c);
	c = client_enter(w, "romeo@a.example");
	client_send(c, BIND("1", "<resource>a&#x9;b</resource>"));
	client_expect(c, BIND_ERROR("1", "bad-request"));
	client_send(c, BIND("2", "<resource/>"));
	client_expect(c, "<iq type='result' id='2'/>");
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(of_two_sessions_in_one_resource_the_new_one_stays)
{
	struct client *old, *new;

	begin(NULL, NULL);
	old = client_login(w, "romeo@a.example/orchard");
	new = client_login(w, "romeo@a.example/orchard");
	ck_assert_str_eq(new->jid, "romeo@a.example/orchard");
	client_expect_end(old, "conflict");
	client_settle(new);
	client_drop(&old);
	client_drop(&new);
	world_free(&w);
}
END_TEST

START_TEST(with_conflict_refuse_the_old_one_stays_and_the_new_one_may_try_again)
{
	struct client *old, *new;

	begin(NULL, "conflict = refuse");
	old = client_login(w, "romeo@a.example/orchard");
	new = client_enter(w, "romeo@a.example");
	client_send(new, BIND("1", "<resource>orchard</resource>"));
	client_expect(new, BIND_ERROR("1", "conflict"));
	client_settle(old);
	client_send(new, BIND("2", "<resource>chapel</resource>"));
	client_expect(new, "<iq type='result' id='2'/>");
	client_drop(&old);
	client_drop(&new);
	world_free(&w);
}
END_TEST

START_TEST(with_conflict_rename_both_stay)
{
	struct client *old, *new;

	begin(NULL, "conflict = rename");
	old = client_login(w, "romeo@a.example/orchard");
	new = client_login(w, "romeo@a.example/orchard");
	ck_assert_str_ne(new->jid, old->jid);
	client_settle(old);
	client_settle(new);
	client_drop(&old);
	client_drop(&new);
	world_free(&w);
}
END_TEST

START_TEST(an_account_has_so_many_sessions_and_no_more)
{
	struct client *all[3], *more;

	begin("sessions-per-account = 3", NULL);
	for (int i = 0; i < 3; i++)
		all[i] = client_login(w, "romeo@a.example");
	more = client_enter(w, "romeo@a.example");
	client_send(more, BIND("1", ""));
	client_expect(more, BIND_ERROR("1", "resource-constraint"));
	client_close(&all[1]);
	client_settle(all[0]);
	client_send(more, BIND("2", ""));
	client_expect(more, "<iq type='result' id='2'/>");
	client_drop(&more);
	client_drop(&all[0]);
	client_drop(&all[2]);
	world_free(&w);
}
END_TEST

START_TEST(at_the_limit_a_session_can_still_be_replaced)
{
	struct client *one, *two, *again;

	begin("sessions-per-account = 2", NULL);
	one = client_login(w, "romeo@a.example/one");
	two = client_login(w, "romeo@a.example/two");
	again = client_login(w, "romeo@a.example/one");
	client_expect_end(one, "conflict");
	client_settle(two);
	client_drop(&one);
	client_drop(&two);
	client_drop(&again);
	world_free(&w);
}
END_TEST

START_TEST(a_refused_binding_does_not_end_a_session_that_is_there)
{
	struct client *one, *two, *more;

	begin("sessions-per-account = 2", "conflict = rename");
	one = client_login(w, "romeo@a.example/one");
	two = client_login(w, "romeo@a.example/two");
	more = client_enter(w, "romeo@a.example");
	client_send(more, BIND("1", "<resource>one</resource>"));
	client_expect(more, BIND_ERROR("1", "resource-constraint"));
	client_settle(one);
	client_settle(two);
	client_drop(&one);
	client_drop(&two);
	client_drop(&more);
	world_free(&w);
}
END_TEST

static void count_sessions(struct core *core, struct world_call *call)
{
	world_answer(call, (int)core->n_sessions);
}

START_TEST(a_session_whose_connection_is_gone_is_gone_too)
{
	struct client *c, *watcher;

	begin(NULL, NULL);
	watcher = client_login(w, "romeo@a.example/watcher");
	for (int i = 0; i < 20; i++) {
		c = client_online(w, "romeo@a.example/there", 5);
		ck_assert_int_eq(world_ask(w, 0, count_sessions, NULL), 2);
		client_drop(&c);
		while (world_ask(w, 0, count_sessions, NULL) != 1)
			;
	}
	client_send(watcher, "<message id='m' type='chat' to='romeo@a.example/there'/>");
	client_expect(watcher, "<message id='m' type='error'/>");
	client_close(&watcher);
	while (world_ask(w, 0, count_sessions, NULL) != 0)
		;
	world_free(&w);
}
END_TEST

START_TEST(what_is_no_stanza_ends_the_stream)
{
	static const struct {
		const char *xml, *condition;
	} cases[] = {
		{ "<foo/>", "unsupported-stanza-type" },
		{ "<message xmlns='jabber:server' to='a@a.example'/>",
		  "unsupported-stanza-type" },
		{ "<message from='juliet@a.example' to='a@a.example'/>", "invalid-from" },
		{ "<message from='romeo@a.example/other' to='a@a.example'/>", "invalid-from" },
		{ "<message from='a b@@' to='a@a.example'/>", "invalid-from" },
	};
	struct client *c;

	begin(NULL, NULL);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		c = client_login(w, "romeo@a.example/orchard");
		client_send(c, cases[i].xml);
		client_expect_end(c, cases[i].condition);
		client_drop(&c);
	}
	world_free(&w);
}
END_TEST

START_TEST(what_is_wrong_in_a_stanza_is_answered)
{
	struct client *c;

	begin(NULL, NULL);
	c = client_login(w, "romeo@a.example/orchard");
	client_send(c, "<message id='1' to='a@b@c'/>");
	client_expect(c, "<message id='1' type='error'><error type='modify'>"
	                 "<jid-malformed "
	                 "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
	client_send(c, "<iq id='2' type='get'/>");
	client_expect(c, BIND_ERROR("2", "bad-request"));
	client_send(c, "<iq id='3' type='get'><a xmlns='urn:a'/><b xmlns='urn:b'/></iq>");
	client_expect(c, BIND_ERROR("3", "bad-request"));
	client_send(c, "<iq id='4' type='ask'><a xmlns='urn:a'/></iq>");
	client_expect(c, BIND_ERROR("4", "bad-request"));
	client_send(c, "<presence id='5' type='absent'/>");
	client_expect(c, "<presence id='5' type='error'/>");
	client_settle(c);
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(from_is_the_full_jid_whatever_the_client_writes)
{
	struct client *c;

	begin(NULL, NULL);
	c = client_login(w, "romeo@a.example/orchard");
	client_send(c, "<message id='1' to='romeo@a.example/orchard'/>");
	client_expect(c, "<message id='1' from='romeo@a.example/orchard'/>");
	client_send(c, "<message id='2' from='romeo@a.example' to='romeo@a.example/orchard'/>");
	client_expect(c, "<message id='2' from='romeo@a.example/orchard'/>");
	client_send(c, "<message id='3' from='ROMEO@A.example/orchard' "
	               "to='romeo@a.example/orchard'/>");
	client_expect(c, "<message id='3' from='romeo@a.example/orchard'/>");
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(nothing_but_binding_is_done_before_a_resource_is_bound)
{
	struct client *c;

	begin(NULL, NULL);
	c = client_enter(w, "romeo@a.example");
	client_send(c, "<message to='romeo@a.example'/>");
	client_expect_end(c, "not-authorized"); /* not bound */
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(stopping_ends_all_streams_with_system_shutdown)
{
	struct client *bound, *entered, *open;

	begin(NULL, NULL);
	bound = client_login(w, "romeo@a.example/orchard");
	entered = client_enter(w, "romeo@a.example");
	open = client_open(w, NULL);
	world_stop(w);
	client_expect_end(bound, "system-shutdown");
	client_expect_end(entered, "system-shutdown");
	client_expect_end(open, "system-shutdown");
	client_drop(&bound);
	client_drop(&entered);
	client_drop(&open);
	world_free(&w);
}
END_TEST

CHECK_MAIN("session", the_server_makes_a_resource_when_none_is_asked_for,
           a_resource_that_is_asked_for_is_prepared,
           of_two_sessions_in_one_resource_the_new_one_stays,
           with_conflict_refuse_the_old_one_stays_and_the_new_one_may_try_again,
           with_conflict_rename_both_stay, an_account_has_so_many_sessions_and_no_more,
           at_the_limit_a_session_can_still_be_replaced,
           a_refused_binding_does_not_end_a_session_that_is_there,
           a_session_whose_connection_is_gone_is_gone_too, what_is_no_stanza_ends_the_stream,
           what_is_wrong_in_a_stanza_is_answered,
           from_is_the_full_jid_whatever_the_client_writes,
           nothing_but_binding_is_done_before_a_resource_is_bound,
           stopping_ends_all_streams_with_system_shutdown)
