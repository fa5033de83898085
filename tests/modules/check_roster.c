/*
 * check_roster.c - contacts: what a client asks of its roster, and what is pushed to it (RFC
 * 6121 §2).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/ask.h"

#define QUERY(ver, items) "<query xmlns='jabber:iq:roster'" ver ">" items "</query>"
#define PUSH(items) \
	"<iq type='set'><query xmlns='jabber:iq:roster' ver='*'>" items "</query></iq>"

static struct world *w;

static struct client *interested(const char *full)
{
	struct client *c = client_login(w, full);

	ask_result(c, "get", "", QUERY("", ""), "<query xmlns='jabber:iq:roster'/>");
	return c;
}

START_TEST(a_contact_is_kept_with_its_name_and_groups)
{
	struct client *c;

	w = ask_world(NULL);
	c = interested("romeo@a.example/one");
	client_send(c, "<iq type='set' id='1'>" QUERY(
			       "", "<item jid='Juliet@B.example' name='J &amp; "
				   "C' subscription='both' ask='subscribe'>"
				   "<group>Loves</group><group>Capulets</group>"
				   "</item>") "</iq>");
	client_expect(c,
	              PUSH("<item jid='juliet@b.example' name='J &amp; C' subscription='none' "
	                   "ask='-'><group>Loves</group><group>Capulets</group></item>"));
	client_expect(c, "<iq type='result' id='1'/>");
	client_drop(&c);
	world_restart(w);
	c = client_login(w, "romeo@a.example/one");
	ask_result(c, "get", "", QUERY("", ""),
	           QUERY("",
	                 "<item jid='juliet@b.example' name='J &amp; C' subscription='none'>"
	                 "<group>Loves</group><group>Capulets</group></item>"));
	client_send(c, "<iq type='set' id='2'>" QUERY(
			       "", "<item jid='juliet@b.example'/>") "</iq>");
	client_expect(c, PUSH("<item jid='juliet@b.example' name='-'/>"));
	client_expect(c, "<iq type='result' id='2'/>");
	ask_result(c, "get", "romeo@a.example", QUERY("", ""),
	           QUERY("", "<item jid='juliet@b.example' name='-' subscription='none'/>"));
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(pushes_go_to_sessions_that_asked_for_the_roster_and_before_the_result)
{
	struct client *one, *two, *deaf;

	w = ask_world(NULL);
	one = interested("romeo@a.example/one");
	two = interested("romeo@a.example/two");
	deaf = client_online(w, "romeo@a.example/deaf", 0);
	client_send(one,
	            "<iq type='set' id='1'>" QUERY("", "<item jid='x@b.example'/>") "</iq>");
	client_expect(one, PUSH("<item jid='x@b.example' subscription='none'/>"));
	client_expect(one, "<iq type='result' id='1'/>");
	client_expect(two, PUSH("<item jid='x@b.example' subscription='none'/>"));
	client_send(two, "<iq type='result' id='push-1'/>"); /* nobody's affair */
	client_send(two,
	            "<iq type='set' id='2'>" QUERY(
			    "", "<item jid='x@b.example' subscription='remove'/>") "</iq>");
	client_expect(two, PUSH("<item jid='x@b.example' subscription='remove'/>"));
	client_expect(two, "<iq type='result' id='2'/>");
	client_expect(one, PUSH("<item jid='x@b.example' subscription='remove'/>"));
	client_expect_nothing(deaf, one);
	ask_result(one, "get", "", QUERY("", ""), "<query xmlns='jabber:iq:roster'/>");
	client_drop(&one);
	client_drop(&two);
	client_drop(&deaf);
	world_free(&w);
}
END_TEST

START_TEST(what_is_wrong_with_a_set_is_said_and_nothing_is_changed)
{
	static const struct {
		const char *items, *condition;
	} wrong[] = {
		{ "", "bad-request" },
		{ "<item/>", "bad-request" },
		{ "<item jid=''/>", "bad-request" },
		{ "<other jid='a@b.example'/>", "bad-request" },
		{ "<item jid='a@b.example'/><item jid='c@b.example'/>", "bad-request" },
		{ "<item jid='@b.example'/>", "jid-malformed" },
		{ "<item jid='romeo@a.example'/>", "not-allowed" },
		{ "<item jid='romeo@a.example/other'/>", "not-allowed" },
		{ "<item jid='a@b.example'><group>A</group><group>A</group></item>",
		  "bad-request" },
		{ "<item jid='a@b.example'><group></group></item>", "not-acceptable" },
		{ "<item jid='a@b.example' subscription='remove'/>", "item-not-found" },
	};
	struct client *c;
	const char *text;

	w = ask_world("roster { items = 2 groups = 2 text = 64 }");
	c = interested("romeo@a.example/one");
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		text = arena_printf(w->arena, QUERY("", "%s"), wrong[i].items).p;
		ask_error(c, "set", "", text, wrong[i].condition);
	}
	text = arena_printf(w->arena, QUERY("", "<item jid='a@b.example' name='%065d'/>"), 0).p;
	ask_error(c, "set", "", text, "not-acceptable");
	text = arena_printf(w->arena,
	                    QUERY("", "<item jid='a@b.example'><group>%065d</group></item>"), 0)
	               .p;
	ask_error(c, "set", "", text, "not-acceptable");
	ask_error(c, "set", "",
	          QUERY("", "<item jid='a@b.example'><group>1</group><group>2</group>"
	                    "<group>3</group></item>"),
	          "not-acceptable");
	ask_result(c, "get", "", QUERY("", ""), "<query xmlns='jabber:iq:roster'/>");
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(a_roster_has_a_bound)
{
	struct client *c;

	w = ask_world("roster { items = 2 }");
	c = client_login(w, "romeo@a.example/one");
	ask_result(c, "set", "", QUERY("", "<item jid='a@b.example'/>"), "");
	ask_result(c, "set", "", QUERY("", "<item jid='b@b.example'/>"), "");
	ask_error(c, "set", "", QUERY("", "<item jid='c@b.example'/>"), "resource-constraint");
	ask_result(c, "set", "", QUERY("", "<item jid='b@b.example' name='B'/>"), "");
	ask_result(c, "set", "", QUERY("", "<item jid='a@b.example' subscription='remove'/>"),
	           "");
	ask_result(c, "set", "", QUERY("", "<item jid='c@b.example'/>"), "");
	client_send(c, "<presence type='subscribe' id='s' to='d@b.example'/>");
	client_expect(c, "<presence type='error' id='s'><error><resource-constraint "
	                 "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>");
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(the_roster_of_another_is_nobodys)
{
	struct client *c;

	w = ask_world(NULL);
	world_account(w, "juliet@a.example", "x");
	c = client_login(w, "romeo@a.example/one");
	ask_error(c, "get", "juliet@a.example", QUERY("", ""), "forbidden");
	ask_error(c, "get", "nobody@a.example", QUERY("", ""), "forbidden");
	ask_error(c, "set", "juliet@a.example", QUERY("", "<item jid='a@b.example'/>"),
	          "forbidden");
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(a_client_that_knows_a_version_gets_what_is_newer)
{
	struct client *c;

	w = ask_world(NULL);
	c = client_login(w, "romeo@a.example/one");
	ask_result(c, "get", "", QUERY(" ver=''", ""),
	           "<query xmlns='jabber:iq:roster' ver='0'/>");
	client_drop(&c);
	c = client_login(w, "romeo@a.example/one");
	ask_result(c, "set", "", QUERY("", "<item jid='a@b.example'/>"), "");
	ask_result(c, "set", "", QUERY("", "<item jid='b@b.example'/>"), "");
	ask_result(c, "set", "", QUERY("", "<item jid='c@b.example'/>"), "");
	/* nothing new */
	ck_assert_ptr_null(xml_next_child(ask(c, "get", "", QUERY(" ver='3'", "")), NULL));
	/* two are */
	ck_assert_ptr_null(xml_next_child(ask(c, "get", "", QUERY(" ver='1'", "")), NULL));
	client_expect(c, "<iq type='set'><query xmlns='jabber:iq:roster' ver='2'>"
	                 "<item jid='b@b.example'/></query></iq>");
	client_expect(c, "<iq type='set'><query xmlns='jabber:iq:roster' ver='3'>"
	                 "<item jid='c@b.example'/></query></iq>");
	/* a removal makes older versions useless, and newer ones not */
	client_send(c, "<iq type='set' id='r'>" QUERY(
			       "", "<item jid='b@b.example' subscription='remove'/>") "</iq>");
	client_expect(c, PUSH("<item jid='b@b.example' subscription='remove'/>"));
	client_expect(c, "<iq type='result' id='r'/>");
	ask_result(c, "get", "", QUERY(" ver='3'", ""),
	           QUERY(" ver='4'", "<item jid='a@b.example'/><item jid='c@b.example'/>"));
	ck_assert_ptr_null(xml_next_child(ask(c, "get", "", QUERY(" ver='4'", "")), NULL));
	/* versions that never were */
	ask_result(c, "get", "", QUERY(" ver='5'", ""),
	           QUERY(" ver='4'", "<item jid='a@b.example'/>"));
	ask_result(c, "get", "", QUERY(" ver='abc'", ""),
	           QUERY(" ver='4'", "<item jid='a@b.example'/>"));
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(versions_and_approvals_in_advance_are_announced)
{
	struct client *c;
	const struct xml_node *features;

	w = ask_world(NULL);
	c = client_open(w, NULL);
	ck_assert(client_authenticate(c, "romeo", "secret"));
	features = c->shown->node;
	ck_assert_ptr_nonnull(xml_child(features, NS_ROSTER_VERSIONS, "ver"));
	ck_assert_ptr_nonnull(xml_child(features, NS_PRE_APPROVAL, "sub"));
	client_drop(&c);
	world_free(&w);
}
END_TEST

CHECK_MAIN("roster", a_contact_is_kept_with_its_name_and_groups,
           pushes_go_to_sessions_that_asked_for_the_roster_and_before_the_result,
           what_is_wrong_with_a_set_is_said_and_nothing_is_changed, a_roster_has_a_bound,
           the_roster_of_another_is_nobodys, a_client_that_knows_a_version_gets_what_is_newer,
           versions_and_approvals_in_advance_are_announced)
