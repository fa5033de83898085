/*
 * check_private.c - XEP-0049.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/ask.h"

#include <stdio.h>
#include <string.h>

#define QUERY(inner) "<query xmlns='jabber:iq:private'>" inner "</query>"

static struct world *w;
static struct client *c;

static void begin(const char *host)
{
	w = ask_world(host);
	c = client_login(w, "romeo@a.example/one");
}

static void end(void)
{
	client_drop(&c);
	world_free(&w);
}

static const char *filled(const char *element, size_t n)
{
	char *text = arena_alloc(w->arena, n + 1);

	memset(text, 'x', n);
	text[n] = '\0';
	return arena_printf(w->arena, QUERY("<%s xmlns='urn:p'>%s</%s>"), element, text,
	                    element)
	        .p;
}

START_TEST(what_was_set_comes_back_after_a_restart_until_it_is_replaced)
{
	begin(NULL);
	ask_result(c, "get", "", QUERY("<p xmlns='urn:p' a='b'>?</p>"),
	           QUERY("<p xmlns='urn:p' a='-'/>"));
	ask_result(c, "set", "", QUERY("<p xmlns='urn:p' a='1'><q>2</q><r xmlns=''>3</r></p>"),
	           "");
	client_drop(&c);
	world_restart(w);
	c = client_login(w, "romeo@a.example/two");
	ask_result(c, "get", "", QUERY("<p xmlns='urn:p'/>"),
	           QUERY("<p xmlns='urn:p' a='1'><q>2</q><r xmlns=''>3</r></p>"));
	ask_result(c, "get", "romeo@a.example", QUERY("<q xmlns='urn:p'/>"),
	           QUERY("<q xmlns='urn:p'/>"));
	ask_result(c, "set", "", QUERY("<p xmlns='urn:p' b='2'/>"), "");
	ask_result(c, "get", "", QUERY("<p xmlns='urn:p'/>"),
	           QUERY("<p xmlns='urn:p' a='-' b='2'/>"));
	ask_result(c, "set", "", QUERY("<p xmlns='urn:p'/>"), "");
	ask_result(c, "get", "", QUERY("<p xmlns='urn:p'/>"),
	           QUERY("<p xmlns='urn:p' b='-'/>"));
	end();
}
END_TEST

START_TEST(one_set_may_hold_several_elements_and_those_of_one_name_stay_together)
{
	const struct xml_node *query;

	begin(NULL);
	ask_result(c, "set", "",
	           QUERY("<p xmlns='urn:p'>1</p><q xmlns='urn:p'>2</q><p xmlns='urn:p'>3</p>"
	                 "<p xmlns='urn:other'>4</p>"),
	           "");
	query = xml_only_child(ask(c, "get", "", QUERY("<p xmlns='urn:p'/>")));
	ck_assert(client_matches(w->arena, query,
	                         QUERY("<p xmlns='urn:p'>1</p><p xmlns='urn:p'>3</p>")));
	query = xml_only_child(ask(c, "get", "", QUERY("<q xmlns='urn:p'/>")));
	ck_assert(client_matches(w->arena, query, QUERY("<q xmlns='urn:p'>2</q>")));
	ck_assert_ptr_nonnull(xml_only_child(query));
	ask_result(c, "get", "", QUERY("<p xmlns='urn:other'/>"),
	           QUERY("<p xmlns='urn:other'>4</p>"));
	end();
}
END_TEST

START_TEST(what_is_no_request_of_the_protocol_gets_its_error)
{
	static const char *const wrong[] = {
		QUERY("<p/>"),
		QUERY("<p xmlns=''/>"),
		QUERY("<p xmlns='jabber:x'/>"),
		QUERY("<vCard xmlns='vcard-temp'/>"),
		QUERY("<p xmlns='http://jabber.org/protocol/x'/>"),
	};

	begin(NULL);
	ask_error(c, "get", "", QUERY(""), "bad-request");
	ask_error(c, "get", "", QUERY("<p xmlns='urn:p'/><p xmlns='urn:q'/>"), "bad-request");
	ask_error(c, "set", "", QUERY(""), "not-acceptable");
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		ask_error(c, "get", "", wrong[i], "not-acceptable");
		ask_error(c, "set", "", wrong[i], "not-acceptable");
	}
	ask_error(c, "set", "", QUERY("<p xmlns='urn:p'>1</p><p xmlns='jabber:x'/>"),
	          "not-acceptable");
	ask_result(c, "get", "", QUERY("<p xmlns='urn:p'/>"), QUERY("<p xmlns='urn:p'/>"));
	end();
}
END_TEST

START_TEST(what_belongs_to_others_is_forbidden_whether_they_exist_or_not)
{
	static const char *const others[] = { "juliet@a.example", "nobody@a.example",
		                              "a.example" };

	begin(NULL);
	world_account(w, "juliet@a.example", "x");
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		ask_error(c, "get", others[i], QUERY("<p xmlns='urn:p'/>"), "forbidden");
		ask_error(c, "set", others[i], QUERY("<p xmlns='urn:p'/>"), "forbidden");
	}
	world_account(w, "benvolio@b.example", "x");
	ask_error(c, "get", "benvolio@b.example", QUERY("<p xmlns='urn:p'/>"),
	          "service-unavailable");
	ask_error(c, "get", "nobody@b.example", QUERY("<p xmlns='urn:p'/>"),
	          "service-unavailable");
	end();
}
END_TEST

START_TEST(size_and_number_are_bounded_and_a_refused_set_stores_nothing_of_it)
{
	begin("private { max-element = 1000\nmax-elements = 3\nmax-total = 2000 }");
	ask_error(c, "set", "", filled("big", 1000), "policy-violation");
	ask_error(c, "set", "",
	          QUERY("<a xmlns='urn:p' x='1'/><b xmlns='urn:p' x='1'/><c xmlns='urn:p' "
	                "x='1'/><d xmlns='urn:p' x='1'/>"),
	          "policy-violation");
	ask_result(c, "set", "", filled("a", 900), "");
	ask_result(c, "set", "", filled("b", 900), "");
	ask_error(c, "set", "", filled("c", 900), "policy-violation"); /* in all */
	ask_result(c, "set", "", filled("b", 800), "");                /* in its place */
	ask_result(c, "set", "", filled("c", 10), "");
	ask_error(c, "set", "", filled("d", 10), "policy-violation"); /* too many */
	ask_error(c, "set", "",
	          QUERY("<a xmlns='urn:p'/><d xmlns='urn:p'>1</d><e "
	                "xmlns='urn:p'>1</e>"),
	          "policy-violation");
	ask_result(c, "get", "", QUERY("<a xmlns='urn:p'/>"), filled("a", 900));
	ask_result(c, "set", "", QUERY("<a xmlns='urn:p'/><d xmlns='urn:p'>1</d>"), "");
	ask_result(c, "get", "", QUERY("<d xmlns='urn:p'/>"), QUERY("<d xmlns='urn:p'>1</d>"));
	end();
}
END_TEST

START_TEST(names_of_any_length_are_told_apart)
{
	char ns[700];

	begin(NULL);
	memset(ns, 'n', sizeof(ns));
	for (int i = 0; i < 2; i++) {
		snprintf(ns + sizeof(ns) - 2, 2, "%d", i);
		ask_result(c, "set", "",
		           arena_printf(w->arena, QUERY("<p xmlns='%s'>%d</p>"), ns, i).p, "");
	}
	snprintf(ns + sizeof(ns) - 2, 2, "0");
	ask_result(c, "get", "", arena_printf(w->arena, QUERY("<p xmlns='%s'/>"), ns).p,
	           arena_printf(w->arena, QUERY("<p xmlns='%s'>0</p>"), ns).p);
	end();
}
END_TEST

CHECK_MAIN("private", what_was_set_comes_back_after_a_restart_until_it_is_replaced,
           one_set_may_hold_several_elements_and_those_of_one_name_stay_together,
           what_is_no_request_of_the_protocol_gets_its_error,
           what_belongs_to_others_is_forbidden_whether_they_exist_or_not,
           size_and_number_are_bounded_and_a_refused_set_stores_nothing_of_it,
           names_of_any_length_are_told_apart)
