/*
 * check_register.c - XEP-0077: accounts made, changed and removed by clients.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/ask.h"

#include <stdio.h>
#include <string.h>

#define QUERY(inner) "<query xmlns='jabber:iq:register'>" inner "</query>"
#define ACCOUNT(name, password) \
	QUERY("<username>" name "</username><password>" password "</password>")
#define OPEN "register {\nallow = true\nburst = 1000\n}"

static struct world *w;

static bool can_log_in(const char *user, const char *password)
{
	struct client *c = client_open(w, NULL);
	bool can = client_authenticate(c, user, password);

	client_drop(&c);
	return can;
}

/* ---- before login ---- */

START_TEST(a_stranger_is_asked_for_a_name_and_a_password_in_plain_fields)
{
	const struct xml_node *query;
	struct client *c;

	w = ask_world(OPEN);
	c = client_open(w, NULL);
	ask_result(c, "get", "", QUERY(""), QUERY("<instructions/><username/><password/>"));
	query = xml_only_child(ask(c, "get", "", QUERY("")));
	ck_assert_ptr_null(xml_child(query, NULL, "registered"));
	ck_assert_ptr_null(xml_child(query, NS_DATA_FORM, "x"));
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(the_stream_says_whether_accounts_can_be_made)
{
	struct arena *arena;
	struct client *c;

	for (int open = 0; open < 2; open++) {
		w = ask_world(open ? OPEN : NULL);
		arena = arena_new(1024);
		c = client_open(w, NULL);
		ck_assert_int_eq(client_matches(arena, c->shown->node,
		                                "<stream:features><register "
		                                "xmlns='http://jabber.org/features/"
		                                "iq-register'/></stream:features>"),
		                 open);
		client_drop(&c);
		arena_free(&arena);
		world_free(&w);
	}
}
END_TEST

START_TEST(a_new_account_can_log_in_on_the_same_stream)
{
	struct client *c;

	w = ask_world(OPEN);
	c = client_open(w, NULL);
	ask_result(c, "set", "", ACCOUNT("Juliet", "secret"), "");
	ck_assert(client_authenticate(c, "juliet", "secret"));
	client_drop(&c);
	world_restart(w);
	ck_assert(can_log_in("juliet", "secret"));
	world_free(&w);
}
END_TEST

START_TEST(a_data_form_is_understood_and_goes_before_the_fields)
{
	struct client *c;

	w = ask_world(OPEN);
	c = client_open(w, NULL);
	ask_result(
		c, "set", "",
		QUERY("<x xmlns='jabber:x:data' type='submit'><field type='hidden' "
	              "var='FORM_TYPE'>"
	              "<value>jabber:iq:register</value></field><field var='username'>"
	              "<value>juliet</value></field><field var='password'><value>secret</value>"
	              "</field></x><username>nurse</username><password>other</password>"),
		"");
	ck_assert(client_authenticate(c, "juliet", "secret"));
	client_drop(&c);
	ck_assert(!can_log_in("nurse", "other"));
	world_free(&w);
}
END_TEST

START_TEST(a_form_that_is_not_submitted_makes_no_account)
{
	struct client *c;

	w = ask_world(OPEN);
	c = client_open(w, NULL);
	ask_error(
		c, "set", "",
		QUERY("<x xmlns='jabber:x:data' type='cancel'><field var='username'>"
	              "<value>juliet</value></field><field var='password'><value>secret</value>"
	              "</field></x>"),
		"not-acceptable");
	client_drop(&c);
	ck_assert(!can_log_in("juliet", "secret"));
	world_free(&w);
}
END_TEST

START_TEST(each_thing_that_is_wrong_with_a_new_account_has_its_error)
{
	static const struct {
		const char *query, *condition;
	} cases[] = {
		{ ACCOUNT("romeo", "x"), "conflict" }, /* §3.1, example 5 */
		{ ACCOUNT("ROMEO", "x"), "conflict" },
		{ ACCOUNT("admin", "x"), "conflict" },
		{ ACCOUNT("Postmaster", "x"), "conflict" },
		{ QUERY("<username>juliet</username>"), "not-acceptable" }, /* example 6 */
		{ QUERY("<password>x</password>"), "not-acceptable" },
		{ QUERY(""), "not-acceptable" },
		{ ACCOUNT("", "x"), "not-acceptable" },
		{ ACCOUNT("juliet", ""), "not-acceptable" },
		{ ACCOUNT("juliet", "a&#9;b"), "not-acceptable" },
		{ ACCOUNT("ju liet", "x"), "jid-malformed" },
		{ ACCOUNT("juliet@a.example", "x"), "jid-malformed" },
		{ QUERY("<remove/>"), "unexpected-request" }, /* §3.2 */
		{ QUERY("<remove/><username>romeo</username>"), "unexpected-request" },
	};
	struct client *c;

	w = ask_world(OPEN);
	c = client_open(w, NULL);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		ask_error(c, "set", "", cases[i].query, cases[i].condition);
	ask_result(c, "set", "", ACCOUNT("juliet", "x"), "");
	client_drop(&c);
	ck_assert(can_log_in("romeo", "secret"));
	world_free(&w);
}
END_TEST

START_TEST(names_are_reserved_as_the_configuration_says)
{
	struct client *c;

	w = ask_world("register {\nallow = true\nburst = 1000\nreserved = { \"juliet\", "
	              "\"Nurse\" }\n}");
	c = client_open(w, NULL);
	ask_error(c, "set", "", ACCOUNT("juliet", "x"), "conflict");
	ask_error(c, "set", "", ACCOUNT("nurse", "x"), "conflict");
	ask_result(c, "set", "", ACCOUNT("admin", "x"), "");
	client_drop(&c);
	world_free(&w);
	w = ask_world("register {\nallow = true\nreserved = {}\n}");
	c = client_open(w, NULL);
	ask_result(c, "set", "", ACCOUNT("admin", "x"), "");
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(where_it_is_not_allowed_nobody_makes_an_account)
{
	struct client *c;

	w = ask_world(NULL);
	c = client_open(w, NULL);
	ask_error(c, "get", "", QUERY(""), "not-allowed");
	ask_error(c, "set", "", ACCOUNT("juliet", "x"), "not-allowed");
	client_drop(&c);
	ck_assert(!can_log_in("juliet", "x"));
	world_free(&w);
}
END_TEST

START_TEST(where_passwords_are_known_elsewhere_nobody_makes_or_changes_any)
{
	struct arena *arena = arena_new(1024);
	struct client *c;

	w = world_new(&(struct world_options){
		.modules = modules_builtin,
		.host = "passwords = saslauthd\nsaslauthd-socket = \"mux\"\n" OPEN,
	});
	world_account(w, "romeo@a.example", "");
	c = client_open(w, NULL);
	ck_assert(!client_matches(arena, c->shown->node,
	                          "<stream:features><register "
	                          "xmlns='http://jabber.org/features/"
	                          "iq-register'/></stream:features>"));
	ask_error(c, "get", "", QUERY(""), "not-allowed");
	ask_error(c, "set", "", ACCOUNT("juliet", "x"), "not-allowed");
	client_drop(&c);
	c = client_login(w, "romeo@a.example");
	ask_result(c, "get", "", QUERY(""), QUERY("<registered/><username>romeo</username>"));
	ck_assert_ptr_null(
		xml_child(xml_only_child(ask(c, "get", "", QUERY(""))), NULL, "password"));
	ask_error(c, "set", "", ACCOUNT("romeo", "x"), "not-allowed");
	ask_result(c, "set", "", QUERY("<remove/>"), "");
	client_expect_end(c, "not-authorized");
	client_drop(&c);
	arena_free(&arena);
	world_free(&w);
}
END_TEST

START_TEST(an_address_makes_so_many_accounts_and_no_more)
{
	struct client *c, *other;

	w = ask_world("register {\nallow = true\nburst = 3\nper-hour = 1\n}");
	c = client_open(w, &(struct client_options){ .address = "192.0.2.1" });
	other = client_open(w, &(struct client_options){ .address = "192.0.2.2" });
	ask_result(c, "set", "", ACCOUNT("u1", "x"), "");
	ask_result(c, "set", "", ACCOUNT("u2", "x"), "");
	ask_result(c, "set", "", ACCOUNT("u3", "x"), "");
	ask_error(c, "set", "", ACCOUNT("u4", "x"), "resource-constraint");
	client_drop(&c);
	c = client_open(w, &(struct client_options){ .address = "192.0.2.1" });
	ask_error(c, "set", "", ACCOUNT("u4", "x"), "resource-constraint");
	ask_result(other, "set", "", ACCOUNT("u4", "x"), "");
	client_drop(&c);
	client_drop(&other);
	world_free(&w);
}
END_TEST

START_TEST(other_iqs_before_login_end_the_stream)
{
	static const char *const wrong[] = {
		"<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>",
		"<iq type='get' id='1'><q xmlns='jabber:iq:register'/></iq>",
		"<iq type='result' id='1'/>",
		"<iq type='set'><query xmlns='jabber:iq:register'/></iq>",
		"<message to='romeo@a.example'/>",
		"<presence/>",
	};
	struct client *c;

	w = ask_world(OPEN);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		c = client_open(w, NULL);
		client_send(c, wrong[i]);
		client_expect_end(c, "not-authorized");
		client_drop(&c);
	}
	world_free(&w);
}
END_TEST

START_TEST(a_client_may_go_away_before_the_answer)
{
	struct client *c;
	char text[256];

	w = ask_world(OPEN);
	for (int i = 0; i < 20; i++) {
		c = client_open(w, NULL);
		snprintf(text, sizeof(text),
		         "<iq type='set' id='1'><query "
		         "xmlns='jabber:iq:register'><username>u%d</username>"
		         "<password>x</password></query></iq>",
		         i);
		client_send(c, text);
		client_drop(&c);
	}
	ck_assert(can_log_in("romeo", "secret"));
	world_free(&w);
}
END_TEST

START_TEST(requests_sent_at_once_are_answered_in_order)
{
	struct client *c;

	w = ask_world(OPEN);
	c = client_open(w, NULL);
	client_send(c, "<iq type='set' id='1'>" ACCOUNT(
			       "juliet",
			       "x") "</iq>"
	                            "<iq type='set' id='2'>" ACCOUNT(
					    "juliet",
					    "y") "</iq>"
	                                         "<iq type='get' id='3'>" QUERY("") "</iq>");
	client_expect(c, "<iq type='result' id='1'/>");
	client_expect(c, "<iq type='error' id='2'/>");
	client_expect(c, "<iq type='result' id='3'/>");
	ck_assert(client_authenticate(c, "juliet", "x"));
	client_drop(&c);
	world_free(&w);
}
END_TEST

/* ---- in a session ---- */

START_TEST(a_user_is_told_that_it_is_registered)
{
	static const char *const addresses[] = { "", "a.example", "romeo@a.example" };
	struct client *c;

	w = ask_world(NULL);
	c = client_login(w, "romeo@a.example/orchard");
	for (size_t i = 0; i < ARRAY_LEN(addresses); i++)
		ask_result(c, "get", addresses[i], QUERY(""),
		           QUERY("<registered/><username>romeo</username><password/>"));
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(a_password_is_changed_from_a_session)
{
	static const char *const addresses[] = { "", "a.example", "romeo@a.example" };
	static const char *const passwords[] = { "one", "two", "three" };
	struct client *c;

	w = ask_world(NULL);
	c = client_login(w, "romeo@a.example/orchard");
	for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
		ask_result(c, "set", addresses[i],
		           arena_printf(w->arena, ACCOUNT("Romeo", "%s"), passwords[i]).p, "");
		ck_assert(can_log_in("romeo", passwords[i]));
		ck_assert(!can_log_in("romeo", i == 0 ? "secret" : passwords[i - 1]));
	}
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(each_thing_that_is_wrong_with_a_change_has_its_error)
{
	static const struct {
		const char *to, *query, *condition;
	} cases[] = {
		{ "", ACCOUNT("romeo", ""), "bad-request" }, /* §3.3: the old one is kept */
		{ "", QUERY("<username>romeo</username>"), "bad-request" },
		{ "", QUERY("<password>x</password>"), "bad-request" },
		{ "", QUERY(""), "bad-request" },
		{ "", ACCOUNT("romeo", "a&#9;b"), "not-acceptable" },
		{ "", ACCOUNT("juliet", "hunter2"), "not-allowed" },
		{ "a.example", ACCOUNT("juliet", "hunter2"), "not-allowed" },
		{ "", ACCOUNT("ro meo", "hunter2"), "not-allowed" },
		{ "juliet@a.example", ACCOUNT("juliet", "hunter2"), "service-unavailable" },
		{ "juliet@a.example", QUERY("<remove/>"), "service-unavailable" },
		{ "", QUERY("<remove/><username>romeo</username>"), "bad-request" }, /* §3.2 */
		{ "", QUERY("<remove/><password>x</password>"), "bad-request" },
		{ "", QUERY("<remove/><x xmlns='jabber:x:data' type='submit'/>"),
		  "bad-request" },
	};
	struct client *c;

	w = ask_world(NULL);
	world_account(w, "juliet@a.example", "hers");
	c = client_login(w, "romeo@a.example/orchard");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		ask_error(c, "set", cases[i].to, cases[i].query, cases[i].condition);
	client_drop(&c);
	ck_assert(can_log_in("romeo", "secret"));
	ck_assert(can_log_in("juliet", "hers"));
	world_free(&w);
}
END_TEST

START_TEST(an_error_does_not_repeat_the_password)
{
	struct client *c;
	struct str xml;

	w = ask_world(OPEN);
	for (int early = 0; early < 2; early++) {
		c = early ? client_open(w, NULL) : client_login(w, "romeo@a.example/orchard");
		xml = xml_print(w->arena, ask(c, "set", "", ACCOUNT("admin", "hunter2")));
		ck_assert_ptr_null(memmem(xml.p, xml.n, "hunter2", 7));
		client_drop(&c);
	}
	world_free(&w);
}
END_TEST

START_TEST(removal_is_answered_and_ends_every_session)
{
	struct client *one, *two;

	w = ask_world(NULL);
	one = client_login(w, "romeo@a.example/one");
	two = client_login(w, "romeo@a.example/two");
	ask_result(one, "set", "", QUERY("<remove/>"), "");
	client_expect_end(one, "not-authorized");
	client_expect_end(two, "not-authorized");
	client_drop(&one);
	client_drop(&two);
	ck_assert(!can_log_in("romeo", "secret"));
	world_restart(w);
	ck_assert(!can_log_in("romeo", "secret"));
	world_free(&w);
}
END_TEST

START_TEST(two_who_remove_at_once_both_hear_of_it)
{
	struct client *one, *two;

	w = ask_world(NULL);
	one = client_login(w, "romeo@a.example/one");
	two = client_login(w, "romeo@a.example/two");
	client_send(one, "<iq type='set' id='1'>" QUERY("<remove/>") "</iq>");
	client_send(two, "<iq type='set' id='2'>" QUERY("<remove/>") "</iq>");
	while (!xml_is(client_next(one), NS_STREAM, "error"))
		;
	while (!xml_is(client_next(two), NS_STREAM, "error"))
		;
	client_drop(&one);
	client_drop(&two);
	ck_assert(!can_log_in("romeo", "secret"));
	world_free(&w);
}
END_TEST

CHECK_MAIN("register", a_stranger_is_asked_for_a_name_and_a_password_in_plain_fields,
           the_stream_says_whether_accounts_can_be_made,
           a_new_account_can_log_in_on_the_same_stream,
           a_data_form_is_understood_and_goes_before_the_fields,
           a_form_that_is_not_submitted_makes_no_account,
           each_thing_that_is_wrong_with_a_new_account_has_its_error,
           names_are_reserved_as_the_configuration_says,
           where_it_is_not_allowed_nobody_makes_an_account,
           where_passwords_are_known_elsewhere_nobody_makes_or_changes_any,
           an_address_makes_so_many_accounts_and_no_more, other_iqs_before_login_end_the_stream,
           a_client_may_go_away_before_the_answer, requests_sent_at_once_are_answered_in_order,
           a_user_is_told_that_it_is_registered, a_password_is_changed_from_a_session,
           each_thing_that_is_wrong_with_a_change_has_its_error,
           an_error_does_not_repeat_the_password, removal_is_answered_and_ends_every_session,
           two_who_remove_at_once_both_hear_of_it)
