/*
 * check_delivery.c - to whom a stanza is delivered: the tables of RFC 6121 §8.5.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/core/court.h"

#include <stdio.h>
#include <string.h>

#define SESSIONS_MAX 3
#define BOUND (-1000) /* in place of a priority: never sent presence */

/* Who is there. */
struct presence_of {
	size_t n;
	int priorities[SESSIONS_MAX];
};
static const struct presence_of nobody = { 0 };
static const struct presence_of silent = { 1, { BOUND } };
static const struct presence_of negative = { 1, { -1 } };
static const struct presence_of two_levels = { 2, { 0, 5 } };
static const struct presence_of equals = { 3, { 5, 1, 5 } };
static const struct presence_of mixed = { 3, { 0, -1, BOUND } };

/* What becomes of a message: a bit for each session that gets it; or an error; or nothing. */
enum { DROPPED = 0, ERROR = -1 };
struct row {
	const struct presence_of *there;
	int normal, chat, groupchat, headline, error;
};

/* §8.5.2: to the bare JID. */
static const struct row to_bare[] = {
	{ &nobody, ERROR, ERROR, ERROR, DROPPED, DROPPED },
	{ &silent, ERROR, ERROR, ERROR, DROPPED, DROPPED },
	{ &negative, ERROR, ERROR, ERROR, DROPPED, DROPPED },
	{ &two_levels, 2, 2, ERROR, 3, DROPPED },
	{ &equals, 5, 5, ERROR, 7, DROPPED },
	{ &mixed, 1, 1, ERROR, 1, DROPPED },
};
/* §8.5.3.2: to a full JID that nobody has. */
static const struct row to_nowhere[] = {
	{ &nobody, ERROR, ERROR, ERROR, DROPPED, DROPPED },
	{ &silent, ERROR, ERROR, ERROR, DROPPED, DROPPED },
	{ &negative, ERROR, ERROR, ERROR, DROPPED, DROPPED },
	{ &two_levels, ERROR, 2, ERROR, DROPPED, DROPPED },
	{ &equals, ERROR, 5, ERROR, DROPPED, DROPPED },
	{ &mixed, ERROR, 1, ERROR, DROPPED, DROPPED },
};
/* §8.5.3.1: to the full JID of the last session. */
static const struct row to_last[] = {
	{ &silent, 1, 1, 1, 1, 1 },     { &negative, 1, 1, 1, 1, 1 },
	{ &two_levels, 2, 2, 2, 2, 2 }, { &equals, 4, 4, 4, 4, 4 },
	{ &mixed, 4, 4, 4, 4, 4 },
};

struct scene {
	struct world *w;
	struct client *juliet;
	const char *romeo; /* bare */
	struct client *sessions[SESSIONS_MAX];
	size_t n;
	unsigned number;
};

static void begin(struct scene *s, unsigned shards)
{
	*s = (struct scene){ .w = court_world(shards) };
	s->juliet = client_login(s->w, court_account(s->w, "juliet", 0));
	s->romeo = court_account(s->w, "romeo", shards - 1);
}

static void end(struct scene *s)
{
	client_drop(&s->juliet);
	world_free(&s->w);
}

static void enter(struct scene *s, const struct presence_of *there)
{
	s->n = there->n;
	for (size_t i = 0; i < there->n; i++) {
		const char *full = arena_printf(s->w->arena, "%s/r%zu", s->romeo, i).p;

		s->sessions[i] = there->priorities[i] == BOUND
		                         ? client_login(s->w, full)
		                         : client_online(s->w, full, there->priorities[i]);
	}
}

static void leave(struct scene *s)
{
	for (size_t i = 0; i < s->n; i++)
		client_close(&s->sessions[i]);
}

/* Romeo's account answers this behind all that it was sent before. */
static void expect_no_more(struct scene *s)
{
	client_printf(s->juliet,
	              "<iq type='get' id='fence%u' to='%s/fence'><fence xmlns='urn:f'/></iq>",
	              s->number, s->romeo);
	client_expectf(s->juliet, "<iq type='error' id='fence%u'/>", s->number);
}

static void expect_delivery(struct scene *s, const char *pattern, int expected)
{
	expect_no_more(s);
	for (size_t i = 0; i < s->n; i++) {
		if (expected > 0 && (expected & 1 << i) != 0)
			client_expect(s->sessions[i], pattern);
		client_expect_nothing(s->sessions[i], s->juliet);
	}
}

static void say(struct scene *s, const char *to, const char *type, int expected)
{
	const char *pattern =
		arena_printf(s->w->arena,
	                     "<message from='%s' to='%s' type='%s' "
	                     "id='m%u'><body>hi</body></message>",
	                     s->juliet->jid, to, strcmp(type, "normal") == 0 ? "-" : type,
	                     ++s->number)
			.p;

	client_printf(s->juliet,
	              "<message to='%s' type='%s' id='m%u'><body>hi</body></message>", to, type,
	              s->number);
	if (expected == ERROR)
		client_expectf(
			s->juliet,
			"<message type='error' id='m%u' from='%s'><error type='cancel'>"
			"<service-unavailable "
			"xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
			s->number, to);
	expect_delivery(s, pattern, expected);
}

static void play(const struct row *rows, size_t n, const char *resource, unsigned shards)
{
	struct scene s;

	begin(&s, shards);
	for (size_t i = 0; i < n; i++) {
		const struct row *r = &rows[i];
		const char *to;

		enter(&s, r->there);
		to = resource == NULL ? arena_printf(s.w->arena, "%s/r%zu", s.romeo, s.n - 1).p
		                      : arena_printf(s.w->arena, "%s%s", s.romeo, resource).p;
		say(&s, to, "normal", r->normal);
		say(&s, to, "chat", r->chat);
		say(&s, to, "groupchat", r->groupchat);
		say(&s, to, "headline", r->headline);
		say(&s, to, "error", r->error);
		leave(&s);
	}
	end(&s);
}

START_TEST(messages_to_a_bare_jid_go_to_the_highest_priority)
{
	play(to_bare, ARRAY_LEN(to_bare), "", 1);
}
END_TEST

START_TEST(messages_to_a_full_jid_that_is_bound_go_there_whatever_its_priority)
{
	play(to_last, ARRAY_LEN(to_last), NULL, 1);
}
END_TEST

START_TEST(messages_to_a_full_jid_that_nobody_has_go_to_the_account_only_when_chat)
{
	play(to_nowhere, ARRAY_LEN(to_nowhere), "/elsewhere", 1);
}
END_TEST

START_TEST(between_two_shards_it_is_the_same)
{
	play(to_bare, ARRAY_LEN(to_bare), "", 2);
	play(to_last, ARRAY_LEN(to_last), NULL, 2);
	play(to_nowhere, ARRAY_LEN(to_nowhere), "/elsewhere", 2);
}
END_TEST

START_TEST(an_account_that_does_not_exist_answers_like_one_that_is_away)
{
	struct scene s;

	begin(&s, 2);
	s.romeo = "nobody@a.example";
	for (int full = 0; full < 2; full++) {
		const char *to = full ? "nobody@a.example/x" : s.romeo;

		say(&s, to, "normal", ERROR);
		say(&s, to, "chat", ERROR);
		say(&s, to, "groupchat", ERROR);
		say(&s, to, "headline", DROPPED);
		say(&s, to, "error", DROPPED);
		client_printf(s.juliet, "<presence to='%s'/>", to);
		client_printf(s.juliet, "<iq type='result' id='r' to='%s'/>", to);
		expect_no_more(&s);
		client_printf(s.juliet, "<iq type='get' id='g' to='%s'><q xmlns='urn:q'/></iq>",
		              to);
		client_expectf(s.juliet,
		               "<iq type='error' id='g' from='%s'><error type='cancel'>"
		               "<service-unavailable "
		               "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
		               to);
	}
	end(&s);
}
END_TEST

START_TEST(a_message_without_or_of_an_unknown_type_is_normal)
{
	struct scene s;

	begin(&s, 1);
	enter(&s, &two_levels);
	client_printf(s.juliet, "<message to='%s' id='x'><body>a</body></message>", s.romeo);
	client_printf(s.juliet, "<message to='%s' id='y' type='shout'><body>a</body></message>",
	              s.romeo);
	client_expect(s.sessions[1], "<message id='x'/>");
	client_expect(s.sessions[1], "<message id='y'/>");
	client_expect_nothing(s.sessions[0], s.juliet);
	leave(&s);
	end(&s);
}
END_TEST

START_TEST(presence_to_an_account_goes_to_all_that_are_available)
{
	static const struct presence_of all = { 3, { 5, -1, BOUND } };
	struct scene s;

	begin(&s, 2);
	enter(&s, &all);
	client_printf(s.juliet, "<presence id='p' to='%s'><show>away</show></presence>",
	              s.romeo);
	expect_delivery(&s, "<presence id='p' from='*' type='-'><show>away</show></presence>",
	                3);
	client_printf(s.juliet, "<presence id='q' type='unavailable' to='%s'/>", s.romeo);
	expect_delivery(&s, "<presence id='q' type='unavailable'/>", 3);
	client_printf(s.juliet, "<presence id='e' type='error' to='%s'/>", s.romeo);
	expect_delivery(&s, "<presence/>", 0);
	client_printf(s.juliet, "<presence id='t' to='%s/r2'/>", s.romeo);
	expect_delivery(&s, "<presence id='t'/>", 4);
	client_printf(s.juliet, "<presence id='n' to='%s/none'/>", s.romeo);
	expect_delivery(&s, "<presence/>", 0);
	leave(&s);
	end(&s);
}
END_TEST

START_TEST(what_is_wrong_with_a_subscription_is_told_to_the_session_that_sent_it)
{
	struct scene s;

	begin(&s, 1);
	client_send(s.juliet, "<presence id='a' type='subscribe' to='a@b@c'/>");
	client_expectf(s.juliet, "<presence id='a' type='error' to='%s'/>", s.juliet->jid);
	client_send(s.juliet, "<presence id='b' type='subscribe' to='x@elsewhere.example'/>");
	client_settle(s.juliet); /* that goes to the account, whose contact it was to be */
	end(&s);
}
END_TEST

START_TEST(iqs_go_to_the_session_they_name_and_never_to_another)
{
	static const char *const kinds[] = { "get", "set", "result" };
	struct scene s;

	begin(&s, 2);
	enter(&s, &mixed);
	for (size_t k = 0; k < 3; k++) {
		client_printf(s.juliet,
		              "<iq id='i%zu' type='%s' to='%s/r2'><q xmlns='urn:q'/></iq>", k,
		              kinds[k], s.romeo);
		client_expectf(s.sessions[2],
		               "<iq id='i%zu' type='%s' from='%s'><q xmlns='urn:q'/></iq>", k,
		               kinds[k], s.juliet->jid);
		client_printf(s.sessions[2], "<iq id='i%zu' type='result' to='%s'/>", k,
		              s.juliet->jid);
		client_expectf(s.juliet, "<iq id='i%zu' type='result' from='%s/r2'/>", k,
		               s.romeo);
	}
	client_printf(s.juliet, "<iq id='a' type='get' to='%s/r9'><q xmlns='urn:q'/></iq>",
	              s.romeo);
	client_expect(s.juliet, "<iq id='a' type='error'><error><service-unavailable "
	                        "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
	client_printf(s.juliet, "<iq id='b' type='get' to='%s'><q xmlns='urn:q'/></iq>",
	              s.romeo);
	client_expect(s.juliet, "<iq id='b' type='error'><error><service-unavailable "
	                        "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
	client_printf(s.juliet, "<iq id='c' type='result' to='%s/r9'/>", s.romeo);
	client_printf(s.juliet, "<iq id='c' type='error' to='%s'/>", s.romeo);
	expect_delivery(&s, "<iq/>", 0);
	leave(&s);
	end(&s);
}
END_TEST

START_TEST(what_the_own_account_answers_is_not_told_to_others)
{
	struct scene s;

	begin(&s, 1);
	client_printf(s.juliet, "<iq id='a' type='get'><none xmlns='urn:court'/></iq>");
	client_expect(s.juliet, "<iq id='a' type='result'/>");
	client_printf(s.juliet, "<iq id='b' type='get' to='%s'><none xmlns='urn:court'/></iq>",
	              s.romeo);
	client_expect(s.juliet, "<iq id='b' type='error'><error><service-unavailable "
	                        "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
	client_printf(s.juliet,
	              "<iq id='c' type='get' to='%s'><hidden xmlns='urn:court'/></iq>",
	              s.romeo);
	client_expect(s.juliet, "<iq id='c' type='error'><error><forbidden "
	                        "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
	end(&s);
}
END_TEST

START_TEST(the_host_itself_answers_iqs_and_refuses_messages)
{
	static const char unavailable[] =
		"<error><service-unavailable "
		"xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
	struct scene s;

	begin(&s, 2);
	client_send(s.juliet,
	            "<iq id='a' type='get' to='a.example'><where xmlns='urn:court'/></iq>");
	client_expect(s.juliet, "<iq id='a' type='result' from='a.example'/>");
	client_send(s.juliet,
	            "<iq id='b' type='set' to='a.example'><where xmlns='urn:court'/></iq>");
	client_expectf(s.juliet, "<iq id='b' type='error'>%s</iq>", unavailable);
	client_send(s.juliet,
	            "<iq id='c' type='get' to='a.example/x'><where xmlns='urn:court'/></iq>");
	client_expectf(s.juliet, "<iq id='c' type='error'>%s</iq>", unavailable);
	client_send(s.juliet, "<message id='d' to='a.example'><body>x</body></message>");
	client_expectf(s.juliet, "<message id='d' type='error' from='a.example'>%s</message>",
	               unavailable);
	client_send(s.juliet,
	            "<message id='e' type='headline' to='a.example'/><presence to='a.example'/>"
	            "<iq id='f' type='result' to='a.example'/>");
	client_send(s.juliet,
	            "<iq id='g' type='get' to='a.example'><where xmlns='urn:court'/></iq>");
	client_expect(s.juliet, "<iq id='g' type='result'/>");
	end(&s);
}
END_TEST

START_TEST(a_domain_that_is_not_served_is_remote_server_not_found)
{
	static const char *const addresses[] = { "x@elsewhere.example", "elsewhere.example",
		                                 "x@elsewhere.example/y" };
	struct scene s;

	begin(&s, 1);
	for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
		client_printf(s.juliet, "<message id='m' to='%s'><body>x</body></message>",
		              addresses[i]);
		client_expectf(
			s.juliet,
			"<message id='m' type='error' from='%s' to='%s'><error type='cancel'>"
			"<remote-server-not-found "
			"xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
			addresses[i], s.juliet->jid);
	}
	client_send(s.juliet, "<message type='error' id='m' to='x@elsewhere.example'/>");
	client_settle(s.juliet);
	end(&s);
}
END_TEST

START_TEST(hosts_of_one_server_talk_to_each_other)
{
	struct world *w = court_world(2);
	struct client *a, *b;

	world_account(w, "romeo@a.example", "x");
	world_account(w, "juliet@b.example", "x");
	a = client_login(w, "romeo@a.example/a");
	b = client_login(w, "juliet@b.example/b");
	client_send(a, "<message id='1' to='juliet@b.example/b'/>");
	client_expect(b, "<message id='1' from='romeo@a.example/a' to='juliet@b.example/b'/>");
	client_send(b, "<message id='2' to='romeo@a.example/a'/>");
	client_expect(a, "<message id='2' from='juliet@b.example/b'/>");
	client_drop(&a);
	client_drop(&b);
	world_free(&w);
}
END_TEST

START_TEST(a_thousand_messages_arrive_in_the_order_in_which_they_were_sent)
{
	struct scene s;

	begin(&s, 2);
	enter(&s, &two_levels);
	for (int i = 0; i < 1000; i++)
		client_printf(s.juliet, "<message id='n%d' to='%s%s'/>", i, s.romeo,
		              i % 2 == 0 ? "" : "/r1");
	for (int i = 0; i < 1000; i++)
		client_expectf(s.sessions[1], "<message id='n%d'/>", i);
	leave(&s);
	end(&s);
}
END_TEST

CHECK_MAIN("delivery", messages_to_a_bare_jid_go_to_the_highest_priority,
           messages_to_a_full_jid_that_is_bound_go_there_whatever_its_priority,
           messages_to_a_full_jid_that_nobody_has_go_to_the_account_only_when_chat,
           between_two_shards_it_is_the_same,
           an_account_that_does_not_exist_answers_like_one_that_is_away,
           a_message_without_or_of_an_unknown_type_is_normal,
           presence_to_an_account_goes_to_all_that_are_available,
           what_is_wrong_with_a_subscription_is_told_to_the_session_that_sent_it,
           iqs_go_to_the_session_they_name_and_never_to_another,
           what_the_own_account_answers_is_not_told_to_others,
           the_host_itself_answers_iqs_and_refuses_messages,
           a_domain_that_is_not_served_is_remote_server_not_found,
           hosts_of_one_server_talk_to_each_other,
           a_thousand_messages_arrive_in_the_order_in_which_they_were_sent)
