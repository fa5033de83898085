/*
 * check_disco.c - XEP-0030.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/ask.h"

#define INFO "<query xmlns='http://jabber.org/protocol/disco#info'/>"
#define INFO_AT(node) "<query xmlns='" NS_DISCO_INFO "' node='" node "'/>"
#define ITEMS_AT(node) "<query xmlns='" NS_DISCO_ITEMS "' node='" node "'/>"
#define ITEMS "<query xmlns='http://jabber.org/protocol/disco#items'/>"

/* How often FEATURE stands in the answer. */
static size_t count(const struct xml_node *iq, const char *feature)
{
	size_t n = 0;

	for (const struct xml_node *f = NULL;
	     (f = xml_next_child(xml_only_child(iq), f)) != NULL;)
		n += xml_is(f, NS_DISCO_INFO, "feature") && str_is(xml_attr(f, "var"), feature);
	return n;
}

START_TEST(the_host_is_a_server_with_the_features_of_its_modules)
{
	struct world *w = ask_world(NULL);
	struct client *c = client_login(w, "romeo@a.example");
	const struct xml_node *iq;

	ask_result(c, "get", "a.example", INFO,
	           "<query xmlns='http://jabber.org/protocol/disco#info'>"
	           "<identity category='server' type='im' name='Jackdaw'/></query>");
	iq = ask(c, "get", "a.example", INFO);
	for (const struct mod_def *const *d = modules_builtin; *d != NULL; d++)
		for (const char *const *f = (*d)->features; f != NULL && *f != NULL; f++)
			ck_assert_msg(count(iq, *f) == ((*d)->off ? 0 : 1),
			              "%s stands there %zu times", *f, count(iq, *f));
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(what_a_host_is_without_it_does_not_tell)
{
	struct world *w = ask_world("without = { \"ping\" }");
	struct client *c = client_login(w, "romeo@a.example");

	ck_assert_uint_eq(count(ask(c, "get", "a.example", INFO), NS_PING), 0);
	ck_assert_uint_eq(count(ask(c, "get", "b.example", INFO), NS_PING), 1);
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(the_own_account_is_registered)
{
	struct world *w = ask_world(NULL);
	struct client *c = client_login(w, "romeo@a.example");
	static const char *const addresses[] = { "", "romeo@a.example" };

	for (size_t i = 0; i < 2; i++) {
		ask_result(c, "get", addresses[i], INFO,
		           "<query xmlns='http://jabber.org/protocol/disco#info'>"
		           "<identity category='account' type='registered'/>"
		           "<feature var='http://jabber.org/protocol/disco#info'/></query>");
	}
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(there_are_no_items_and_no_nodes)
{
	struct world *w = ask_world("without = { \"muc\" }");
	struct client *c = client_login(w, "romeo@a.example");
	static const char *const addresses[] = { "", "a.example" };

	for (size_t i = 0; i < 2; i++) {
		const struct xml_node *iq = ask(c, "get", addresses[i], ITEMS);

		ck_assert_str_is(xml_attr(iq, "type"), "result");
		ck_assert_ptr_nonnull(xml_child(iq, NS_DISCO_ITEMS, "query"));
		ck_assert_ptr_null(xml_only_child(iq)->first);
		ask_error(c, "get", addresses[i], "<query xmlns='" NS_DISCO_INFO "' node='x'/>",
		          "item-not-found");
		ask_error(c, "get", addresses[i],
		          "<query xmlns='" NS_DISCO_ITEMS "' node='x'/>", "item-not-found");
	}
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(an_account_of_others_cannot_be_told_from_nobody)
{
	static const char *const accounts[] = { "juliet@a.example", "nobody@a.example" };
	struct world *w = ask_world(NULL);
	struct client *c = client_login(w, "romeo@a.example");
	struct client *juliet;

	world_account(w, "juliet@a.example", "x");
	juliet = client_online(w, "juliet@a.example", 0);
	for (size_t i = 0; i < ARRAY_LEN(accounts); i++) {
		ask_error(c, "get", accounts[i], INFO, "service-unavailable");
		ask_error(c, "get", accounts[i], INFO_AT("x"), "service-unavailable");
		ask_result(c, "get", accounts[i], ITEMS, ITEMS);
		ck_assert_ptr_null(xml_only_child(c->shown->node)->first);
		ask_result(c, "get", accounts[i], ITEMS_AT("x"), ITEMS_AT("x"));
		ck_assert_ptr_null(xml_only_child(c->shown->node)->first);
		ask_error(c, "set", accounts[i], ITEMS, "service-unavailable");
	}
	client_drop(&c);
	client_drop(&juliet);
	world_free(&w);
}
END_TEST

START_TEST(contacts_are_told_what_an_account_is_and_which_devices_are_there)
{
	struct world *w = ask_world(NULL);
	struct client *romeo = client_online(w, "romeo@a.example/r", 0);
	struct client *juliet, *silent;

	world_account(w, "juliet@a.example", "x");
	juliet = client_online(w, "juliet@a.example/balcony", 0);
	silent = client_login(w, "juliet@a.example/silent");
	ask_to_see(romeo, juliet);
	ask_result(romeo, "get", "juliet@a.example", INFO,
	           "<query xmlns='http://jabber.org/protocol/disco#info'>"
	           "<identity category='account' type='registered'/></query>");
	ask_error(romeo, "get", "juliet@a.example", INFO_AT("x"), "item-not-found");
	ask_result(romeo, "get", "juliet@a.example", ITEMS,
	           "<query xmlns='http://jabber.org/protocol/disco#items'>"
	           "<item jid='juliet@a.example/balcony'/></query>");
	ck_assert_ptr_nonnull(xml_only_child(xml_only_child(romeo->shown->node)));
	/* it does not work both ways */
	ask_error(juliet, "get", "romeo@a.example", INFO, "service-unavailable");
	client_drop(&romeo);
	client_drop(&juliet);
	client_drop(&silent);
	world_free(&w);
}
END_TEST

START_TEST(nothing_can_be_set)
{
	struct world *w = ask_world(NULL);
	struct client *c = client_login(w, "romeo@a.example");

	ask_error(c, "set", "a.example", INFO, "service-unavailable");
	ask_error(c, "set", "", ITEMS, "service-unavailable");
	client_drop(&c);
	world_free(&w);
}
END_TEST

CHECK_MAIN("disco", the_host_is_a_server_with_the_features_of_its_modules,
           what_a_host_is_without_it_does_not_tell, the_own_account_is_registered,
           there_are_no_items_and_no_nodes, an_account_of_others_cannot_be_told_from_nobody,
           contacts_are_told_what_an_account_is_and_which_devices_are_there, nothing_can_be_set)
