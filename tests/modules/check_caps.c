/*
 * check_caps.c - XEP-0115: the server's own capabilities, and its cache of clients'.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/caps/caps.h"
#include "modules/caps/ver.h"
#include "tests/modules/ask.h"

#define NODE "http://code.google.com/p/exodus"
#define EXODUS "QgayPKawpkPSDYmwT/WM94uAlu0="
#define EXODUS_INFO \
	"<identity category='client' type='pc' name='Exodus 0.9.1'/>" \
	"<feature var='http://jabber.org/protocol/muc'/>" \
	"<feature var='http://jabber.org/protocol/disco#items'/>" \
	"<feature var='http://jabber.org/protocol/disco#info'/>" \
	"<feature var='http://jabber.org/protocol/caps'/>"
#define C(hash, ver) "<c xmlns='" NS_CAPS "' hash='" hash "' node='" NODE "' ver='" ver "'/>"
#define ABOUT(node) "<query xmlns='" NS_DISCO_INFO "' node='" node "'/>"

/* ---- a module that asks what its asker's session has, and has a form ---- */

static int on_has(struct mod *m, struct event *ev)
{
	struct str resource = xml_attr(ev->payload, "resource");
	struct session *s = entity_session(ev->entity, resource);
	const char *feature = arena_cstr(ev->arena, xml_attr(ev->payload, "feature"));

	return caps_has(ev, s, feature) ? event_result(ev, NULL)
	                                : event_error(ev, STANZA_ITEM_NOT_FOUND);
}

static struct xml_node *form(struct mod *m, struct arena *arena)
{
	struct xml_node *x = form_new(arena, "result", "urn:example:form");

	form_field(arena, x, FIELD_TEXT_SINGLE, "greeting", NULL, STR("hello"));
	return x;
}

static const struct mod_iq iqs[] = {
	{ "urn:example:has", "has", IQ_GET | TO_SELF, on_has },
	{ 0 },
};
static const struct mod_def mod_has = {
	.abi = MOD_ABI, .name = "has", .iqs = iqs, .disco_form = form
};

/* All that are built in, and that one. */
static struct world *begin(const char *host)
{
	struct world *w = ask_world_with(&mod_has, host);

	world_account(w, "juliet@a.example", "secret");
	return w;
}

/* ---- the server's own ---- */

START_TEST(the_stream_announces_a_hash_of_what_the_host_says)
{
	struct world *w = begin(NULL);
	struct client *c = client_open(w, NULL);
	const struct xml_node *caps, *query;
	struct caps_info info;
	struct str ver, node;

	ck_assert(client_authenticate(c, "romeo", "secret"));
	caps = xml_copy(w->arena, c->shown->node);
	client_drop(&c);
	caps = xml_child(caps, NS_CAPS, "c");
	ck_assert_ptr_nonnull(caps);
	ck_assert_str_is(xml_attr(caps, "hash"), "sha-1");
	ver = xml_attr(caps, "ver");
	node = arena_printf(w->arena, STR_FMT "#" STR_FMT, STR_ARG(xml_attr(caps, "node")),
	                    STR_ARG(ver));

	c = client_login(w, "romeo@a.example");
	query = xml_only_child(
		ask(c, "get", "a.example", "<query xmlns='" NS_DISCO_INFO "'/>"));
	ck_assert_ptr_nonnull(xml_child(query, NS_DATA_FORM, "x"));
	ck_assert_int_eq(caps_read(w->arena, query, &info), 0);
	ck_assert(str_eq(caps_ver(w->arena, DIGEST_SHA1, &info), ver));
	query = xml_only_child(ask(c, "get", "a.example",
	                           arena_printf(w->arena, ABOUT(STR_FMT), STR_ARG(node)).p));
	ck_assert(str_eq(xml_attr(query, "node"), node));
	ck_assert_int_eq(caps_read(w->arena, query, &info), 0);
	ck_assert(str_eq(caps_ver(w->arena, DIGEST_SHA1, &info), ver));
	ask_error(c, "get", "a.example",
	          arena_printf(w->arena, ABOUT(STR_FMT "x"), STR_ARG(node)).p,
	          "item-not-found");
	ask_error(c, "get", "a.example", ABOUT("#"), "item-not-found");
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(a_host_without_the_module_announces_nothing)
{
	struct world *w = begin("without = { \"caps\" }");
	struct client *c = client_open(w, NULL);

	ck_assert(client_authenticate(c, "romeo", "secret"));
	ck_assert_ptr_null(xml_child(c->shown->node, NS_CAPS, "c"));
	client_drop(&c);
	c = client_login(w, "romeo@a.example");
	ask_error(c, "get", "a.example", ABOUT("a#b"), "item-not-found");
	client_drop(&c);
	world_free(&w);
}
END_TEST

/* ---- clients' ---- */

static void expect_question(struct client *c, const char *ver)
{
	client_expectf(c,
	               "<iq type='get' id='*' from='*'><query xmlns='" NS_DISCO_INFO
	               "' node='" NODE "#%s'/></iq>",
	               ver);
}

/* The last question's answer: the id of the element shown last. */
static void say(struct client *c, const char *type, const char *info)
{
	struct str id = arena_copy(c->world->arena, xml_attr(c->shown->node, "id"));
	struct str to = arena_copy(c->world->arena, xml_attr(c->shown->node, "from"));

	client_printf(c,
	              "<iq type='%s' id='" STR_FMT "' to='" STR_FMT
	              "'><query xmlns='" NS_DISCO_INFO "'>%s</query></iq>",
	              type, STR_ARG(id), STR_ARG(to), info);
}

/* Show C with that <c/>, and read what comes back of it but a question. */
static void announce(struct client *c, const char *caps)
{
	client_printf(c, "<presence>%s</presence>", caps);
}

static void check_known(struct client *c, const char *ver, bool known)
{
	const char *about = arena_printf(c->world->arena, ABOUT(NODE "#%s"), ver).p;

	if (known)
		ask_result(
			c, "get", "", about,
			arena_printf(c->world->arena,
		                     "<query xmlns='" NS_DISCO_INFO "' node='" NODE
		                     "#%s'><identity category='client'/>"
		                     "<feature var='http://jabber.org/protocol/muc'/></query>",
		                     ver)
				.p);
	else
		ask_error(c, "get", "", about, "item-not-found");
}

static void check_has(struct client *c, const char *resource, const char *feature, bool has)
{
	const struct xml_node *iq =
		ask(c, "get", "",
	            arena_printf(c->world->arena,
	                         "<has xmlns='urn:example:has' resource='%s' feature='%s'/>",
	                         resource, feature)
	                    .p);

	ck_assert_int_eq(str_is(xml_attr(iq, "type"), "result"), has);
}

START_TEST(what_a_client_announces_is_asked_for_once_and_known_for_all)
{
	struct world *w = begin(NULL);
	struct client *romeo = client_login(w, "romeo@a.example/one");
	struct client *juliet = client_login(w, "juliet@a.example/two");
	const struct xml_node *query;
	struct caps_info info;

	announce(romeo, C("sha-1", EXODUS));
	expect_question(romeo, EXODUS);
	ck_assert_str_is(xml_attr(romeo->shown->node, "from"), "romeo@a.example");
	say(romeo, "result", EXODUS_INFO);
	client_expect(romeo, "<presence/>");
	check_known(romeo, EXODUS, true);
	query = xml_only_child(ask(romeo, "get", "romeo@a.example", ABOUT(NODE "#" EXODUS)));
	ck_assert_int_eq(caps_read(w->arena, query, &info), 0);
	ck_assert_str_is(caps_ver(w->arena, DIGEST_SHA1, &info), EXODUS);
	check_has(romeo, "one", "http://jabber.org/protocol/muc", true);
	check_has(romeo, "one", "http://jabber.org/protocol/mu", false);

	check_known(juliet, EXODUS, false); /* hers announced nothing yet */
	announce(juliet, C("sha-1", EXODUS));
	client_expect(juliet, "<presence/>");
	check_known(juliet, EXODUS, true);
	check_has(juliet, "two", "http://jabber.org/protocol/muc", true);
	client_drop(&romeo);
	client_drop(&juliet);
	world_free(&w);
}
END_TEST

START_TEST(what_does_not_have_the_hash_is_trusted_for_nobody)
{
	struct world *w = begin(NULL);
	struct client *mallory = client_login(w, "juliet@a.example/bad");
	struct client *romeo = client_login(w, "romeo@a.example/one");

	announce(mallory, C("sha-1", EXODUS));
	expect_question(mallory, EXODUS);
	announce(romeo, C("sha-1", EXODUS)); /* is not asked meanwhile */
	client_expect(romeo, "<presence/>");
	check_known(romeo, EXODUS, false);
	say(mallory, "result", EXODUS_INFO "<feature var='urn:evil'/>");
	client_expect(mallory, "<presence/>");
	check_known(mallory, EXODUS, false);
	check_has(mallory, "bad", "urn:evil", false);
	announce(mallory, C("sha-1", EXODUS)); /* nor is she asked again */
	client_expect(mallory, "<presence/>");

	/* with whatever romeo sends next, he is asked */
	client_send(romeo,
	            "<iq type='get' id='x' to='a.example'><ping xmlns='urn:xmpp:ping'/></iq>");
	expect_question(romeo, EXODUS);
	say(romeo, "result", EXODUS_INFO);
	client_expect(romeo, "<iq id='x'/>");
	check_known(romeo, EXODUS, true);
	check_known(mallory, EXODUS, true); /* it is what she announces, true or not */
	client_drop(&mallory);
	client_drop(&romeo);
	world_free(&w);
}
END_TEST

START_TEST(errors_and_ill_formed_answers_are_not_kept)
{
	static const struct {
		const char *type, *info;
	} bad[] = {
		{ "error", EXODUS_INFO },
		{ "result", "" },
		{ "result", EXODUS_INFO "<feature var='http://jabber.org/protocol/muc'/>" },
		{ "result", EXODUS_INFO "<identity category='client' type='pc' "
		                        "name='Exodus 0.9.1'/>" },
		/* the same text, with its last feature hidden in a form */
		{ "result", "<identity category='client' type='pc' name='Exodus 0.9.1'/>"
		            "<feature var='http://jabber.org/protocol/caps'/>"
		            "<feature var='http://jabber.org/protocol/disco#info'/>"
		            "<x xmlns='jabber:x:data'><field var='FORM_TYPE' type='hidden'>"
		            "<value>http://jabber.org/protocol/disco#items</value></field>"
		            "<field var='http://jabber.org/protocol/muc'/></x>" },
	};
	struct world *w = begin(NULL);

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct client *c = client_login(w, "romeo@a.example");

		announce(c, C("sha-1", EXODUS));
		expect_question(c, EXODUS);
		say(c, bad[i].type, bad[i].info);
		client_expect(c, "<presence/>");
		check_known(c, EXODUS, false);
		client_close(&c);
	}
	world_free(&w);
}
END_TEST

START_TEST(who_goes_without_an_answer_leaves_the_question_to_others)
{
	struct world *w = begin(NULL);
	struct client *romeo = client_login(w, "romeo@a.example/one");
	struct client *other = client_login(w, "romeo@a.example/two");

	announce(romeo, C("sha-1", EXODUS));
	expect_question(romeo, EXODUS);
	client_close(&romeo);
	announce(other, C("sha-1", EXODUS));
	expect_question(other, EXODUS);
	announce(other, C("sha-1", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=")); /* changes its mind */
	client_expect(other, "<presence/>");
	expect_question(other, "AAAAAAAAAAAAAAAAAAAAAAAAAAA=");
	romeo = client_login(w, "romeo@a.example/three");
	announce(romeo, C("sha-1", EXODUS));
	expect_question(romeo, EXODUS);
	client_drop(&romeo);
	client_drop(&other);
	world_free(&w);
}
END_TEST

START_TEST(other_hashes_and_the_legacy_format_are_not_asked_about)
{
	static const char *const announced[] = {
		C("md5", EXODUS),
		C("sha-512", EXODUS),
		C("sha-1", "short"),
		C("sha-256", EXODUS),
		"<c xmlns='" NS_CAPS "' node='" NODE "' ver='" EXODUS "'/>",
		"<c xmlns='" NS_CAPS "' hash='sha-1' ver='" EXODUS "'/>",
		"<c xmlns='" NS_CAPS "'/>",
	};
	struct world *w = begin(NULL);
	struct client *c = client_login(w, "romeo@a.example");

	for (size_t i = 0; i < ARRAY_LEN(announced); i++) {
		announce(c, announced[i]);
		client_expect(c, "<presence/>");
		client_settle(c);
	}
	announce(c, C("sha-256", "9mQGwJHjLzW7xDdjMJqVJsoJiMcfTq0MjTuKtyWGTYE="));
	expect_question(c, "9mQGwJHjLzW7xDdjMJqVJsoJiMcfTq0MjTuKtyWGTYE=");
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(a_presence_without_it_leaves_it_as_it_was_until_the_session_goes)
{
	struct world *w = begin(NULL);
	struct client *c = client_login(w, "romeo@a.example/one");

	announce(c, C("sha-1", EXODUS));
	expect_question(c, EXODUS);
	say(c, "result", EXODUS_INFO);
	client_expect(c, "<presence/>");
	announce(c, "<show>away</show>");
	client_expect(c, "<presence/>");
	check_known(c, EXODUS, true);
	client_send(c, "<presence type='unavailable'/>");
	client_expect(c, "<presence type='unavailable'/>");
	check_known(c, EXODUS, false);
	check_has(c, "one", "http://jabber.org/protocol/muc", false);
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(what_made_room_is_asked_for_again)
{
	struct world *w = begin("caps { entries = 1 }");
	struct client *one = client_login(w, "romeo@a.example/one");
	struct client *two = client_login(w, "juliet@a.example/two");
	struct caps_info info;
	const struct xml_node *query;
	const char *ver;

	ck_assert_int_eq(xml_read(w->arena,
	                          STR("<query xmlns='" NS_DISCO_INFO
	                              "'><identity category='client' type='phone'/></query>"),
	                          &query),
	                 0);
	ck_assert_int_eq(caps_read(w->arena, query, &info), 0);
	ver = arena_cstr(w->arena, caps_ver(w->arena, DIGEST_SHA1, &info));

	announce(one, C("sha-1", EXODUS));
	expect_question(one, EXODUS);
	say(one, "result", EXODUS_INFO);
	client_expect(one, "<presence/>");
	check_known(one, EXODUS, true);
	announce(two, arena_printf(w->arena, C("sha-1", "%s"), ver).p);
	expect_question(two, ver);
	say(two, "result", "<identity category='client' type='phone'/>");
	client_expect(two, "<presence/>");
	client_settle(two);
	client_send(one,
	            "<iq type='get' id='x' to='a.example'><ping xmlns='urn:xmpp:ping'/></iq>");
	expect_question(one, EXODUS);
	client_drop(&one);
	client_drop(&two);
	world_free(&w);
}
END_TEST

START_TEST(an_account_causes_a_bounded_number_of_questions)
{
	struct world *w = begin(NULL);
	struct client *c = client_login(w, "romeo@a.example/one");
	int asked = 0;

	for (int i = 0; i < 40; i++) {
		announce(c, arena_printf(w->arena, C("sha-1", "%027d="), i).p);
		if (!client_matches(w->arena, client_next(c), "<presence/>")) {
			asked++;
			client_expect(c, "<presence/>");
		}
	}
	ck_assert_int_eq(asked, 20);
	client_drop(&c);
	world_free(&w);
}
END_TEST

CHECK_MAIN("caps", the_stream_announces_a_hash_of_what_the_host_says,
           a_host_without_the_module_announces_nothing,
           what_a_client_announces_is_asked_for_once_and_known_for_all,
           what_does_not_have_the_hash_is_trusted_for_nobody,
           errors_and_ill_formed_answers_are_not_kept,
           who_goes_without_an_answer_leaves_the_question_to_others,
           other_hashes_and_the_legacy_format_are_not_asked_about,
           a_presence_without_it_leaves_it_as_it_was_until_the_session_goes,
           what_made_room_is_asked_for_again, an_account_causes_a_bounded_number_of_questions)
