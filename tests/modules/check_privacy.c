/*
 * check_privacy.c - privacy lists (XEP-0016), and how they and the blocklist are one thing
 * (XEP-0191 §5).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/friends.h"

#define QUERY(inner) "<query xmlns='jabber:iq:privacy'>" inner "</query>"
#define NAMED(element, name) QUERY("<" element " name='" name "'/>")
#define LIST(name, items) QUERY("<list name='" name "'>" items "</list>")
#define ITEM(type, value, action, order) \
	"<item type='" type "' value='" value "' action='" action "' order='" order "'/>"
#define PARTS(type, value, action, order, parts) \
	"<item type='" type "' value='" value "' action='" action "' order='" order "'>" parts \
	"</item>"
#define REST(action, order, parts) \
	"<item action='" action "' order='" order "'>" parts "</item>"
#define PUSH(name) "<iq type='set' id='*'>" NAMED("list", name) "</iq>"
#define DENY_JULIET ITEM("jid", "juliet@a.example", "deny", "1")
#define BLOCKLIST(items) "<blocklist xmlns='urn:xmpp:blocking'>" items "</blocklist>"
#define BLOCKED(jid) "<item jid='" jid "'/>"

static struct world *w;
static struct client *romeo, *two, *juliet;

static void begin(const char *host)
{
	w = ask_world(host);
	world_account(w, "juliet@a.example", "x");
	world_account(w, "iago@b.example", "x");
	romeo = client_online(w, "romeo@a.example/one", 0);
	juliet = client_online(w, "juliet@a.example/balcony", 0);
	two = NULL;
}

static void second(void)
{
	two = client_online(w, "romeo@a.example/two", 0);
	client_expect(romeo, "<presence from='romeo@a.example/two'/>");
	client_expect(two, "<presence from='romeo@a.example/one'/>");
}

static void end(void)
{
	client_drop(&romeo);
	client_drop(&juliet);
	if (two != NULL)
		client_drop(&two);
	world_free(&w);
}

static void set(struct client *c, const char *payload)
{
	ask_result(c, "set", "", payload, "");
}

/* Romeo's first session writes a list; the pushes are taken. */
static void write_list(const char *name, const char *list)
{
	set(romeo, list);
	client_expectf(romeo, PUSH("%s"), name);
	if (two != NULL)
		client_expectf(two, PUSH("%s"), name);
}

#define WRITE(name, items) write_list(name, LIST(name, items))

/* The names are these, in this order, and no more. */
static void expect_names(struct client *c, const char *const *names, size_t n)
{
	const struct xml_node *iq = ask(c, "get", "", QUERY("")), *child = NULL;

	for (size_t i = 0; i < n; i++) {
		const char *colon = strchr(names[i], ':');

		child = xml_next_child(xml_only_child(iq), child);
		ck_assert_msg(child != NULL, "no %s", names[i]);
		ck_assert(str_eq(child->name, str_make(names[i], (size_t)(colon - names[i]))));
		ck_assert(str_is(xml_attr(child, "name"), colon + 1));
	}
	ck_assert_ptr_eq(xml_next_child(xml_only_child(iq), child), NULL);
}

#define EXPECT_NAMES(c, ...) \
	expect_names((c), (const char *const[]){ __VA_ARGS__ }, \
	             ARRAY_LEN(((const char *const[]){ __VA_ARGS__ })))

static void expect_blocklist(struct client *c, const char *list, size_t n)
{
	const struct xml_node *iq = ask(c, "get", "", BLOCKLIST("")), *item = NULL;

	ck_assert(client_matches(w->arena, iq,
	                         arena_printf(w->arena, "<iq type='result'>%s</iq>", list).p));
	while ((item = xml_next_child(xml_only_child(iq), item)) != NULL)
		n--;
	ck_assert_uint_eq(n, 0);
}

/* A message of Juliet's for that address is heard by the session, or comes back to her. */
static void heard(struct client *by, const char *to)
{
	client_printf(juliet, "<message id='h' to='%s'/>", to);
	client_expectf(by, "<message id='h' type='-' from='%s'/>", juliet->jid);
}

static void unheard(const char *to)
{
	client_printf(juliet, "<message id='h' to='%s'/>", to);
	client_expect(juliet, "<message id='h' type='error'><error><service-unavailable "
	                      "xmlns='" NS_STANZA_ERROR "'/></error></message>");
}

/* Romeo's roster has her, in two groups. */
static void group_juliet(void)
{
	set(romeo, "<query xmlns='jabber:iq:roster'><item jid='juliet@a.example'>"
	           "<group>Loves</group><group>Enemies</group></item></query>");
}

/* ---- keeping lists ---- */

START_TEST(lists_are_kept_as_they_were_set_in_order_and_over_a_restart)
{
#define ITEMS \
	ITEM("jid", "tybalt@example.com/x", "deny", "3") \
	PARTS("group", "Enemies", "allow", "5", "<message/><iq/>") \
	PARTS("subscription", "none", "deny", "4294967295", "<presence-in/><presence-out/>")
	const struct xml_node *iq;

	begin(NULL);
	group_juliet();
	WRITE("public",
	      PARTS("subscription", "none", "deny", "4294967295",
	            "<presence-in/><presence-out/>")
	              ITEM("jid", "Tybalt@Example.com/x", "deny", "3")
	                      PARTS("group", "Enemies", "allow", "5", "<message/><iq/>"));
	WRITE("all", REST("deny", "0", ""));
	client_drop(&romeo);
	client_drop(&juliet);
	world_restart(w);
	romeo = client_login(w, "romeo@a.example/one");
	juliet = client_login(w, "juliet@a.example/balcony");
	EXPECT_NAMES(romeo, "list:public", "list:all");
	iq = ask(romeo, "get", "", NAMED("list", "public"));
	ck_assert(client_matches(w->arena, iq,
	                         "<iq type='result'>" LIST("public", ITEMS) "</iq>"));
	ask_result(romeo, "get", "", NAMED("list", "all"),
	           LIST("all", "<item action='deny' order='0' type='-' value='-'/>"));
	WRITE("all", REST("allow", "7", "")); /* as a whole */
	iq = ask(romeo, "get", "", NAMED("list", "all"));
	ck_assert_ptr_ne(xml_only_child(xml_only_child(xml_only_child(iq))), NULL);
	end();
}
END_TEST

START_TEST(wrong_requests_change_nothing)
{
	static const struct {
		const char *type, *payload, *condition;
	} wrong[] = {
		{ "get", NAMED("list", "none"), "item-not-found" },
		{ "get", QUERY("<list name='a'/><list name='b'/>"), "bad-request" },
		{ "get", QUERY("<list/>"), "bad-request" },
		{ "get", NAMED("active", "kept"), "bad-request" },
		{ "set", QUERY(""), "bad-request" },
		{ "set", QUERY("<other/>"), "bad-request" },
		{ "set", QUERY("<active/><default/>"), "bad-request" },
		{ "set", QUERY("<list name='kept'/><list name='b'/>"), "bad-request" },
		{ "set", QUERY("<list><item action='deny' order='1'/></list>"), "bad-request" },
		{ "set", LIST("", REST("deny", "1", "")), "bad-request" },
		{ "set", NAMED("active", "none"), "item-not-found" },
		{ "set", NAMED("default", "none"), "item-not-found" },
		{ "set", NAMED("list", "none"), "item-not-found" },
		{ "set", LIST("kept", "<item order='1'/>"), "bad-request" },
		{ "set", LIST("kept", REST("forbid", "1", "")), "bad-request" },
		{ "set", LIST("kept", "<item action='deny'/>"), "bad-request" },
		{ "set", LIST("kept", REST("deny", "-1", "")), "bad-request" },
		{ "set", LIST("kept", REST("deny", "x", "")), "bad-request" },
		{ "set", LIST("kept", REST("deny", "4294967296", "")), "bad-request" },
		{ "set", LIST("kept", DENY_JULIET REST("allow", "1", "")), "bad-request" },
		{ "set", LIST("kept", DENY_JULIET "<other/>"), "bad-request" },
		{ "set", LIST("kept", REST("deny", "1", "<other/>")), "bad-request" },
		{ "set", LIST("kept", ITEM("jid", "a@@b", "deny", "1")), "jid-malformed" },
		{ "set", LIST("kept", "<item type='jid' action='deny' order='1'/>"),
		  "bad-request" },
		{ "set", LIST("kept", ITEM("group", "", "deny", "1")), "bad-request" },
		{ "set", LIST("kept", ITEM("group", "None", "deny", "1")), "item-not-found" },
		{ "set",
		  LIST("kept", DENY_JULIET "<item type='jid' value='x.y' action='no' "
		                           "order='2'/>"),
		  "bad-request" },
		{ "set", LIST("kept", ITEM("subscription", "remove", "deny", "1")),
		  "bad-request" },
		{ "set", LIST("kept", ITEM("other", "x", "deny", "1")), "bad-request" },
	};

	begin(NULL);
	WRITE("kept", DENY_JULIET);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		ask_error(romeo, wrong[i].type, "", wrong[i].payload, wrong[i].condition);
	client_settle(romeo); /* no pushes either */
	EXPECT_NAMES(romeo, "list:kept");
	ask_result(romeo, "get", "", NAMED("list", "kept"), LIST("kept", DENY_JULIET));
	ask_error(juliet, "get", "romeo@a.example", QUERY(""), "service-unavailable");
	ask_error(juliet, "set", "romeo@a.example", QUERY("<default/>"), "service-unavailable");
	end();
}
END_TEST

START_TEST(lists_and_their_rules_have_bounds)
{
	begin("blocking { lists = 2 items = 2 }");
	WRITE("a", REST("deny", "1", "<iq/>") REST("allow", "2", ""));
	ask_error(romeo, "set", "",
	          LIST("b", REST("deny", "1", "<iq/>") REST("deny", "2", "<message/>")
	                            REST("allow", "3", "")),
	          "resource-constraint");
	WRITE("b", REST("allow", "1", ""));
	ask_error(romeo, "set", "", LIST("c", REST("allow", "1", "")), "resource-constraint");
	WRITE("b", REST("allow", "2", "")); /* is there already */
	write_list("a", NAMED("list", "a"));
	WRITE("c", REST("allow", "1", ""));
	end();
}
END_TEST

START_TEST(every_session_is_told_the_name_of_a_list_that_changed)
{
	begin(NULL);
	second();
	set(two, LIST("x", DENY_JULIET));
	client_expect(two, PUSH("x"));
	client_expect(romeo, PUSH("x"));
	set(two, NAMED("list", "x"));
	client_expect(two, PUSH("x"));
	client_expect(romeo, PUSH("x"));
	end();
}
END_TEST

/* ---- which list applies ---- */

START_TEST(a_list_does_nothing_until_it_is_active_or_the_default)
{
	begin(NULL);
	WRITE("x", DENY_JULIET);
	heard(romeo, "romeo@a.example");
	set(romeo, NAMED("active", "x"));
	EXPECT_NAMES(romeo, "active:x", "list:x");
	unheard("romeo@a.example/one");
	set(romeo, QUERY("<active/>"));
	EXPECT_NAMES(romeo, "list:x");
	heard(romeo, "romeo@a.example/one");
	set(romeo, NAMED("default", "x"));
	EXPECT_NAMES(romeo, "default:x", "list:x");
	unheard("romeo@a.example");
	set(romeo, QUERY("<default/>"));
	heard(romeo, "romeo@a.example");
	end();
}
END_TEST

START_TEST(the_default_list_outlives_sessions_and_the_server_and_an_active_one_does_not)
{
	begin(NULL);
	WRITE("x", DENY_JULIET);
	WRITE("y", REST("allow", "1", ""));
	set(romeo, NAMED("default", "x"));
	set(romeo, NAMED("active", "y"));
	EXPECT_NAMES(romeo, "active:y", "default:x", "list:x", "list:y");
	heard(romeo, "romeo@a.example/one");
	client_close(&romeo);
	unheard("romeo@a.example");
	romeo = client_login(w, "romeo@a.example/one");
	EXPECT_NAMES(romeo, "default:x", "list:x", "list:y");
	client_drop(&romeo);
	client_drop(&juliet);
	world_restart(w);
	romeo = client_login(w, "romeo@a.example/one");
	juliet = client_login(w, "juliet@a.example/balcony");
	EXPECT_NAMES(romeo, "default:x", "list:x", "list:y");
	unheard("romeo@a.example/one");
	end();
}
END_TEST

START_TEST(each_session_has_its_own_active_list)
{
	begin(NULL);
	second();
	WRITE("x", DENY_JULIET);
	set(romeo, NAMED("active", "x"));
	unheard("romeo@a.example/one");
	heard(two, "romeo@a.example/two");
	/* for the account: whoever lets it in gets it, whatever the priorities */
	heard(two, "romeo@a.example");
	client_send(juliet, "<presence to='romeo@a.example' id='p'/>");
	client_expect(two, "<presence id='p'/>");
	client_settle(romeo);
	/* nor does a copy (XEP-0280) get around it */
	ask(romeo, "set", "", "<enable xmlns='urn:xmpp:carbons:2'/>");
	client_send(juliet, "<message id='h' to='romeo@a.example' type='chat'><body>x</body>"
	                    "</message>");
	client_expect(two, "<message id='h'/>");
	client_settle(romeo);
	set(two, NAMED("active", "x"));
	unheard("romeo@a.example");
	/* and out */
	client_send(romeo, "<message id='o' to='juliet@a.example'/>");
	client_expect(romeo,
	              "<message id='o' type='error'><error type='cancel'><not-acceptable "
	              "xmlns='" NS_STANZA_ERROR "'/></error></message>");
	set(two, QUERY("<active/>"));
	client_send(two, "<message id='o' to='juliet@a.example'/>");
	client_expect(juliet, "<message id='o' from='romeo@a.example/two'/>");
	end();
}
END_TEST

START_TEST(a_list_that_another_session_uses_stays)
{
	begin(NULL);
	WRITE("x", DENY_JULIET);
	WRITE("y", REST("allow", "1", ""));
	set(romeo, NAMED("default", "x"));
	second();
	ask_error(romeo, "set", "", NAMED("default", "y"), "conflict");
	ask_error(romeo, "set", "", QUERY("<default/>"), "conflict");
	ask_error(romeo, "set", "", NAMED("list", "x"), "conflict");
	set(romeo, NAMED("default", "x")); /* which it is */
	set(two, NAMED("active", "y"));
	ask_error(romeo, "set", "", NAMED("list", "y"), "conflict");
	set(romeo, NAMED("default", "y")); /* x applies to its own session alone */
	ask_error(two, "set", "", QUERY("<default/>"), "conflict");
	write_list("x", NAMED("list", "x"));
	EXPECT_NAMES(two, "active:y", "default:y", "list:y");
	client_drop(&two);
	client_expect(romeo, "<presence type='unavailable'/>");
	write_list("y", NAMED("list", "y")); /* its own default */
	ck_assert_ptr_eq(xml_only_child(xml_only_child(ask(romeo, "get", "", QUERY("")))),
	                 NULL);
	end();
}
END_TEST

START_TEST(an_active_list_that_changes_applies_as_it_is_now)
{
	begin(NULL);
	WRITE("x", REST("allow", "1", ""));
	set(romeo, NAMED("active", "x"));
	heard(romeo, "romeo@a.example/one");
	WRITE("x", DENY_JULIET);
	unheard("romeo@a.example/one");
	write_list("x", NAMED("list", "x"));
	heard(romeo, "romeo@a.example/one");
	end();
}
END_TEST

/* ---- what a rule is about ---- */

/* Of what Juliet sends and Romeo sends her: which of these arrive, one letter for each. */
static void expect_passes(const char *want)
{
	static const struct {
		char letter;
		bool out;
		const char *stanza;
	} cases[] = {
		{ 'm', false, "<message id='t' to='romeo@a.example/one' type='chat'/>" },
		{ 'i', false, "<iq id='t' to='romeo@a.example/one' type='result'/>" },
		{ 'p', false, "<presence id='t' to='romeo@a.example/one'/>" },
		{ 's', false, "<presence id='t' to='romeo@a.example' type='subscribe'/>" },
		{ 'M', true, "<message id='t' to='juliet@a.example' type='chat'/>" },
		{ 'I', true,
		  "<iq id='t' to='juliet@a.example/balcony' type='get'><q "
		  "xmlns='urn:x'/></iq>" },
		{ 'P', true, "<presence id='t' to='juliet@a.example/balcony'/>" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct client *from = cases[i].out ? romeo : juliet,
			      *to = cases[i].out ? juliet : romeo;
		const struct xml_node *node;
		bool passes = strchr(want, cases[i].letter) != NULL;

		client_send(from, cases[i].stanza);
		if (passes) {
			node = client_next(to);
			ck_assert_msg(str_is(xml_attr(node, "id"), "t"), "%c of %s",
			              cases[i].letter, want);
			continue;
		}
		if (cases[i].letter == 'm' || cases[i].out) {
			node = client_next(from);
			ck_assert_msg(str_is(xml_attr(node, "type"), "error"), "%c of %s",
			              cases[i].letter, want);
		}
		client_settle(from);
		client_settle(to);
	}
}

START_TEST(a_rule_is_about_what_it_names_or_about_everything)
{
	static const struct {
		const char *parts, *passes;
	} cases[] = {
		{ "", "" },
		{ "<message/>", "ipsMIP" },
		{ "<iq/>", "mpsMIP" },
		{ "<presence-in/>", "misMIP" },
		{ "<presence-out/>", "mipsMI" },
		{ "<message/><iq/>", "psMIP" },
		/* not the same as everything */
		{ "<message/><iq/><presence-in/><presence-out/>", "sMI" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		begin(NULL);
		write_list("x", arena_printf(w->arena,
		                             LIST("x", PARTS("jid", "juliet@a.example", "deny",
		                                             "1", "%s")),
		                             cases[i].parts)
		                        .p);
		set(romeo, NAMED("default", "x"));
		expect_passes(cases[i].passes);
		end();
	}
}
END_TEST

START_TEST(the_first_rule_that_fits_decides_by_order)
{
	static const struct {
		const char *items;
		bool hears;
	} cases[] = {
		{ REST("deny", "2", "") ITEM("jid", "juliet@a.example", "allow", "1"), true },
		{ REST("deny", "1", "") ITEM("jid", "juliet@a.example", "allow", "2"), false },
		{ ITEM("jid", "iago@b.example", "allow", "1") REST("deny", "2", ""), false },
		{ ITEM("jid", "iago@b.example", "deny", "1"), true }, /* no fall-through */
		{ REST("deny", "1", "<iq/>") REST("allow", "2", "<message/>")
		          REST("deny", "3", ""),
		  true },
		{ ITEM("subscription", "none", "deny", "1"), false }, /* a stranger */
		{ ITEM("subscription", "both", "deny", "1"), true },
		{ ITEM("group", "Loves", "deny", "1"), false },
		{ ITEM("group", "Loves", "allow", "1") ITEM("group", "Enemies", "deny", "2"),
		  true },
	};

	begin(NULL);
	group_juliet();
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		write_list("x", arena_printf(w->arena, LIST("x", "%s"), cases[i].items).p);
		set(romeo, NAMED("active", "x"));
		if (cases[i].hears)
			heard(romeo, "romeo@a.example/one");
		else
			unheard("romeo@a.example/one");
	}
	end();
}
END_TEST

START_TEST(rules_about_groups_and_subscriptions_follow_the_roster)
{
	begin(NULL);
	WRITE("x", ITEM("subscription", "both", "allow", "2")
	                   PARTS("subscription", "to", "deny", "3", "<message/>"));
	set(romeo, NAMED("default", "x"));
	heard(romeo, "romeo@a.example/one"); /* of nothing to him */
	befriend_one(romeo, juliet);
	unheard("romeo@a.example/one");
	befriend_one(juliet, romeo);
	heard(romeo, "romeo@a.example/one");
	group_juliet();
	WRITE("x", ITEM("group", "Enemies", "deny", "1"));
	client_expect(juliet, "<presence from='romeo@a.example/one' type='unavailable'/>");
	client_expect(romeo, "<presence from='juliet@a.example' type='unavailable'/>");
	unheard("romeo@a.example/one");
	set(romeo, "<query xmlns='jabber:iq:roster'><item jid='juliet@a.example'/></query>");
	heard(romeo, "romeo@a.example/one");
	end();
}
END_TEST

/* ---- presence ---- */

START_TEST(invisible_to_all_and_visible_again)
{
	begin(NULL);
	befriend(romeo, juliet);
	second();
	client_expect(juliet, "<presence from='romeo@a.example/two' type='-'/>");
	client_expect(two, "<presence from='juliet@a.example/balcony'/>");
	WRITE("invisible", REST("deny", "1", "<presence-out/>"));
	set(romeo, NAMED("active", "invisible"));
	client_expect(juliet, "<presence from='romeo@a.example/one' type='unavailable'/>");
	client_send(romeo, "<presence><show>away</show></presence>");
	client_expect(romeo, "<presence from='romeo@a.example/one'/>");
	client_expect(two, "<presence from='romeo@a.example/one'/>");
	client_settle(romeo);
	client_settle(juliet); /* and the other session did not go */
	heard(romeo, "romeo@a.example/one");
	set(romeo, QUERY("<active/>"));
	client_expect(juliet, "<presence from='romeo@a.example/one' type='-'><show>away</show>"
	                      "</presence>");
	client_settle(juliet);
	end();
}
END_TEST

START_TEST(a_contact_whose_presence_is_denied_seems_gone)
{
	begin(NULL);
	befriend(romeo, juliet);
	WRITE("x", PARTS("jid", "juliet@a.example", "deny", "1", "<presence-in/>"));
	set(romeo, NAMED("default", "x"));
	client_expect(romeo, "<presence from='juliet@a.example' type='unavailable'/>");
	client_send(juliet, "<presence><show>xa</show></presence>");
	client_expect(juliet, "<presence from='juliet@a.example/balcony'/>");
	client_settle(romeo);
	client_settle(juliet); /* who goes on seeing him */
	write_list("x", NAMED("list", "x"));
	client_expect(romeo, "<presence from='juliet@a.example/balcony' type='-'><show>xa"
	                     "</show></presence>");
	end();
}
END_TEST

/* ---- one thing with the blocklist (XEP-0191 §5) ---- */

START_TEST(the_blocklist_is_the_default_list)
{
	begin(NULL);
	set(romeo,
	    "<block xmlns='urn:xmpp:blocking'>" BLOCKED("x@y.z") BLOCKED("a.b") "</block>");
	EXPECT_NAMES(romeo, "default:blocklist", "list:blocklist");
	ask_result(romeo, "get", "", NAMED("list", "blocklist"),
	           LIST("blocklist",
	                ITEM("jid", "x@y.z", "deny", "1") ITEM("jid", "a.b", "deny", "2")));
	WRITE("blocklist", ITEM("jid", "c@d.e", "deny", "7") REST("deny", "9", "<iq/>")
	                           PARTS("jid", "f@g.h", "deny", "8", "<message/>")
	                                   ITEM("jid", "i@j.k", "allow", "6"));
	expect_blocklist(romeo, BLOCKLIST(BLOCKED("c@d.e")), 1);
	set(romeo, "<unblock xmlns='urn:xmpp:blocking'/>"); /* the rest stays */
	client_expect(romeo, "<iq type='set'><unblock xmlns='urn:xmpp:blocking'/></iq>");
	ask_result(romeo, "get", "", NAMED("list", "blocklist"),
	           LIST("blocklist", ITEM("jid", "i@j.k", "allow", "6")
	                                     PARTS("jid", "f@g.h", "deny", "8", "<message/>")
	                                             REST("deny", "9", "<iq/>")));
	end();
}
END_TEST

START_TEST(blocks_come_before_all_other_rules)
{
	begin(NULL);
	WRITE("x", REST("allow", "0", "") DENY_JULIET);
	set(romeo, NAMED("default", "x"));
	heard(romeo, "romeo@a.example/one");
	expect_blocklist(romeo, BLOCKLIST(BLOCKED("juliet@a.example")), 1);
	set(romeo, "<block xmlns='urn:xmpp:blocking'>" BLOCKED("juliet@a.example") "</block>");
	client_expect(romeo, "<iq type='set'><block xmlns='urn:xmpp:blocking'/></iq>");
	unheard("romeo@a.example/one");
	ask_result(romeo, "get", "", NAMED("list", "x"),
	           LIST("x", DENY_JULIET REST("allow", "2", "")));
	expect_blocklist(romeo, BLOCKLIST(BLOCKED("juliet@a.example")), 1);
	end();
}
END_TEST

START_TEST(a_change_of_the_default_list_is_pushed_as_blocks_and_unblocks)
{
	begin(NULL);
	second();
	expect_blocklist(two, BLOCKLIST(""), 0);
	WRITE("x", DENY_JULIET ITEM("jid", "a.b", "deny", "2"));
	client_settle(two);
	set(two, NAMED("active", "x")); /* which is not the default one */
	set(two, QUERY("<active/>"));
	set(romeo, NAMED("default", "x"));
	client_expect(two, "<iq type='set'><block xmlns='urn:xmpp:blocking'>" BLOCKED(
				   "juliet@a.example") BLOCKED("a.b") "</block></iq>");
	WRITE("x", ITEM("jid", "a.b", "deny", "2") ITEM("jid", "c.d", "deny", "3"));
	client_expect(two, "<iq type='set'><unblock xmlns='urn:xmpp:blocking'>" BLOCKED(
				   "juliet@a.example") "</unblock></iq>");
	client_expect(two, "<iq type='set'><block xmlns='urn:xmpp:blocking'>" BLOCKED(
				   "c.d") "</block></iq>");
	expect_blocklist(two, BLOCKLIST(BLOCKED("a.b") BLOCKED("c.d")), 2);
	end();
}
END_TEST

START_TEST(a_blocklist_that_was_declined_comes_back_as_a_whole)
{
	begin(NULL);
	expect_blocklist(romeo, BLOCKLIST(""), 0);
	set(romeo, "<block xmlns='urn:xmpp:blocking'>" BLOCKED("a.b") "</block>");
	client_expect(romeo, "<iq type='set'><block xmlns='urn:xmpp:blocking'/></iq>");
	set(romeo, QUERY("<default/>"));
	client_expect(romeo, "<iq type='set'><unblock xmlns='urn:xmpp:blocking'>" BLOCKED(
				     "a.b") "</unblock></iq>");
	expect_blocklist(romeo, BLOCKLIST(""), 0);
	set(romeo, "<block xmlns='urn:xmpp:blocking'>" BLOCKED("c.d") "</block>");
	client_expect(romeo, "<iq type='set'><block xmlns='urn:xmpp:blocking'>" BLOCKED("a.b")
	                             BLOCKED("c.d") "</block></iq>");
	end();
}
END_TEST

START_TEST(an_active_list_is_not_the_blocklist)
{
	begin(NULL);
	WRITE("x", REST("allow", "1", ""));
	set(romeo, NAMED("active", "x"));
	set(romeo, "<block xmlns='urn:xmpp:blocking'>" BLOCKED("juliet@a.example") "</block>");
	heard(romeo, "romeo@a.example/one");
	set(romeo, QUERY("<active/>"));
	unheard("romeo@a.example/one");
	end();
}
END_TEST

START_TEST(the_last_block_takes_the_list_along)
{
	begin(NULL);
	set(romeo, "<block xmlns='urn:xmpp:blocking'>" BLOCKED("a.b") "</block>");
	second();
	set(two, NAMED("active", "blocklist"));
	set(romeo, "<unblock xmlns='urn:xmpp:blocking'>" BLOCKED("a.b") "</unblock>");
	ck_assert_ptr_eq(xml_next_child(xml_only_child(ask(two, "get", "", QUERY(""))), NULL),
	                 NULL);
	WRITE("x", DENY_JULIET); /* is not active for having the number */
	heard(two, "romeo@a.example/two");
	end();
}
END_TEST

CHECK_MAIN("privacy", lists_are_kept_as_they_were_set_in_order_and_over_a_restart,
           wrong_requests_change_nothing, lists_and_their_rules_have_bounds,
           every_session_is_told_the_name_of_a_list_that_changed,
           a_list_does_nothing_until_it_is_active_or_the_default,
           the_default_list_outlives_sessions_and_the_server_and_an_active_one_does_not,
           each_session_has_its_own_active_list, a_list_that_another_session_uses_stays,
           an_active_list_that_changes_applies_as_it_is_now,
           a_rule_is_about_what_it_names_or_about_everything,
           the_first_rule_that_fits_decides_by_order,
           rules_about_groups_and_subscriptions_follow_the_roster,
           invisible_to_all_and_visible_again, a_contact_whose_presence_is_denied_seems_gone,
           the_blocklist_is_the_default_list, blocks_come_before_all_other_rules,
           a_change_of_the_default_list_is_pushed_as_blocks_and_unblocks,
           a_blocklist_that_was_declined_comes_back_as_a_whole,
           an_active_list_is_not_the_blocklist, the_last_block_takes_the_list_along)
