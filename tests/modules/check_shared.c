/*
 * check_shared.c - groups of the configuration whose members see one another.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/ask.h"

#include <stdio.h>

#define ROSTER(items) "<query xmlns='jabber:iq:roster'>" items "</query>"
#define STAFF "roster { shared = { \"Staff: juliet@a.example, romeo@a.example\" } }"
#define EVERYONE "roster { shared = { \"Everyone: *\" } }"

static struct world *w;

static struct client *online(const char *full)
{
	struct client *c = client_login(w, full);

	ask(c, "get", "", ROSTER(""));
	client_send(c, "<presence/>");
	client_expectf(c, "<presence from='%s' type='-'/>", full);
	return c;
}

static void begin(const char *host)
{
	w = ask_world(host);
	world_account(w, "juliet@a.example", "x");
	world_account(w, "tybalt@a.example", "x");
}

START_TEST(members_see_one_another_and_others_do_not)
{
	struct client *romeo, *juliet, *tybalt;

	begin(STAFF);
	romeo = client_login(w, "romeo@a.example/r");
	ask_result(romeo, "get", "", "<query xmlns='jabber:iq:roster' ver=''/>",
	           "<query xmlns='jabber:iq:roster' ver='-'><item jid='juliet@a.example' "
	           "name='juliet' subscription='both'><group>Staff</group></item></query>");
	client_send(romeo, "<presence/>");
	client_expect(romeo, "<presence from='romeo@a.example/r'/>");
	client_expect(romeo, "<presence type='unavailable' from='juliet@a.example'/>");
	tybalt = client_login(w, "tybalt@a.example/t");
	ask_result(tybalt, "get", "", ROSTER(""), "<query xmlns='jabber:iq:roster'/>");
	client_send(tybalt, "<presence/>");
	client_expect(tybalt, "<presence/>");
	juliet = online("juliet@a.example/j");
	client_expect(juliet, "<presence from='romeo@a.example/r' type='-'/>");
	client_expect(romeo, "<iq type='set'><query xmlns='jabber:iq:roster' ver='-'>"
	                     "<item jid='juliet@a.example'/></query></iq>");
	client_expect(romeo, "<presence from='juliet@a.example/j' type='-'/>");
	client_expect_nothing(tybalt, juliet);
	client_drop(&juliet);
	client_expect(romeo, "<presence from='juliet@a.example/j' type='unavailable'/>");
	client_drop(&romeo);
	client_drop(&tybalt);
	world_free(&w);
}
END_TEST

START_TEST(what_a_user_adds_to_a_shared_contact_is_his_own)
{
	struct client *romeo;

	begin(STAFF);
	romeo = client_login(w, "romeo@a.example/r");
	ask_result(romeo, "set", "",
	           ROSTER("<item jid='juliet@a.example' name='J'><group>Staff</group>"
	                  "<group>Loves</group></item>"),
	           "");
	ask_result(romeo, "get", "", ROSTER(""),
	           ROSTER("<item jid='juliet@a.example' name='J' subscription='both'>"
	                  "<group>Loves</group><group>Staff</group></item>"));
	client_send(romeo,
	            "<iq type='set' id='x'>" ROSTER(
			    "<item jid='juliet@a.example' subscription='remove'/>") "</iq>");
	client_expect(romeo,
	              "<iq type='set'>" ROSTER("<item jid='juliet@a.example' name='juliet' "
	                                       "subscription='both'/>") "</iq>");
	client_expect(romeo, "<iq type='result' id='x'/>");
	ask_error(romeo, "set", "",
	          ROSTER("<item jid='juliet@a.example' subscription='remove'/>"),
	          "not-allowed");
	client_send(romeo, "<presence type='unsubscribe' id='u' to='juliet@a.example'/>");
	client_expect(romeo,
	              "<presence type='error' id='u'><error><not-allowed "
	              "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>");
	client_drop(&romeo);
	world_free(&w);
}
END_TEST

START_TEST(who_is_new_is_introduced_and_who_is_removed_leaves)
{
	struct client *romeo, *paris;

	begin(EVERYONE);
	romeo = online("romeo@a.example/r");
	client_expect(romeo, "<presence type='unavailable' from='juliet@a.example'/>");
	client_expect(romeo, "<presence type='unavailable' from='tybalt@a.example'/>");
	world_account(w, "paris@a.example", "x");
	paris = client_login(w, "paris@a.example/p");
	client_send(paris, "<presence/>");
	client_expect(romeo,
	              "<iq type='set'>" ROSTER(
			      "<item jid='paris@a.example' name='paris' subscription='both'>"
			      "<group>Everyone</group></item>") "</iq>");
	client_expect(romeo, "<presence from='paris@a.example/p' type='-'/>");
	client_send(paris, "<iq type='set' id='x'><query xmlns='jabber:iq:register'><remove/>"
	                   "</query></iq>");
	client_expect(romeo, "<presence from='paris@a.example/p' type='unavailable'/>");
	client_expect(romeo,
	              "<iq type='set'>" ROSTER(
			      "<item jid='paris@a.example' subscription='remove'/>") "</iq>");
	client_expect_nothing(romeo, romeo);
	client_drop(&romeo);
	client_drop(&paris);
	world_free(&w);
}
END_TEST

START_TEST(a_group_that_cannot_be_read_ends_the_start)
{
	static const char *const wrong[] = { "Staff",
		                             ": *",
		                             "Staff:",
		                             "Staff: romeo@b.example",
		                             "Staff: romeo@a.example, , ",
		                             "Staff: romeo@a.example/r",
		                             "Staff: a.example" };

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		char host[128];

		snprintf(host, sizeof(host), "roster { shared = { \"%s\" } }", wrong[i]);
		w = world_prepare(
			&(struct world_options){ .modules = modules_builtin, .host = host });
		ck_assert_msg(world_start(w) < 0, "\"%s\" is taken", wrong[i]);
		world_free(&w);
	}
}
END_TEST

CHECK_MAIN("shared", members_see_one_another_and_others_do_not,
           what_a_user_adds_to_a_shared_contact_is_his_own,
           who_is_new_is_introduced_and_who_is_removed_leaves,
           a_group_that_cannot_be_read_ends_the_start)
