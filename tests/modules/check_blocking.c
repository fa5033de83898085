/*
 * check_blocking.c - the blocking command (XEP-0191).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/blocking/rules.h"
#include "tests/lib/capture.h"
#include "tests/modules/friends.h"

#include "server/core/entity.h"
#include "server/core/host.h"

#define BLOCK(items) "<block xmlns='urn:xmpp:blocking'>" items "</block>"
#define UNBLOCK(items) "<unblock xmlns='urn:xmpp:blocking'>" items "</unblock>"
#define LIST(items) "<blocklist xmlns='urn:xmpp:blocking'>" items "</blocklist>"
#define ITEM(jid) "<item jid='" jid "'/>"
#define PUSHED(command) "<iq type='set' id='*'>" command "</iq>"
#define NOT_ACCEPTABLE \
	"<error type='cancel'><not-acceptable xmlns='" NS_STANZA_ERROR "'/>" \
	"<text xmlns='" NS_STANZA_ERROR "'>you have blocked this address</text>" \
	"<blocked xmlns='urn:xmpp:blocking:errors'/></error>"
#define UNAVAILABLE "<error><service-unavailable xmlns='" NS_STANZA_ERROR "'/></error>"

static struct world *w;
static struct client *romeo, *juliet;

static void begin(const char *host)
{
	w = ask_world(host);
	world_account(w, "juliet@a.example", "x");
	world_account(w, "iago@b.example", "x");
	romeo = client_online(w, "romeo@a.example/one", 0);
	juliet = client_online(w, "juliet@a.example/balcony", 0);
}

static void end(void)
{
	if (romeo != NULL)
		client_drop(&romeo);
	if (juliet != NULL)
		client_drop(&juliet);
	world_free(&w);
}

static void command(struct client *c, const char *payload)
{
	ask_result(c, "set", "", payload, "");
}

/* The list is exactly that long. */
static void expect_list(struct client *c, const char *list, size_t n)
{
	const struct xml_node *iq = ask(c, "get", "", LIST("")), *item = NULL;
	struct arena *arena = c->world->arena;

	ck_assert(client_matches(arena, iq,
	                         arena_printf(arena, "<iq type='result'>%s</iq>", list).p));
	while ((item = xml_next_child(xml_only_child(iq), item)) != NULL)
		n--;
	ck_assert_uint_eq(n, 0);
}

/* ---- the list ---- */

START_TEST(what_is_blocked_is_listed_and_survives_a_restart)
{
	begin(NULL);
	expect_list(romeo, LIST(""), 0);
	command(romeo, BLOCK(ITEM("Iago@B.example") ITEM("spam.example")));
	client_expect(romeo, PUSHED(BLOCK(ITEM("iago@b.example") ITEM("spam.example"))));
	client_drop(&romeo);
	client_drop(&juliet);
	world_restart(w);
	romeo = client_login(w, "romeo@a.example/one");
	expect_list(romeo, LIST(ITEM("iago@b.example") ITEM("spam.example")), 2);
	command(romeo, UNBLOCK(ITEM("iago@b.example")));
	client_expect(romeo, PUSHED(UNBLOCK(ITEM("iago@b.example"))));
	expect_list(romeo, LIST(ITEM("spam.example")), 1);
	client_drop(&romeo);
	world_restart(w);
	romeo = client_login(w, "romeo@a.example/one");
	expect_list(romeo, LIST(ITEM("spam.example")), 1);
	end();
}
END_TEST

START_TEST(pushes_go_to_sessions_that_asked_for_the_list_and_to_no_other)
{
	struct client *two, *deaf;

	begin(NULL);
	two = client_login(w, "romeo@a.example/two");
	deaf = client_online(w, "romeo@a.example/deaf", 0);
	client_expect(romeo, "<presence from='romeo@a.example/deaf'/>");
	client_expect(deaf, "<presence from='romeo@a.example/one'/>");
	expect_list(two, LIST(""), 0);
	command(romeo, BLOCK(ITEM("iago@b.example"))); /* who has not asked either */
	client_expect(two, PUSHED(BLOCK(ITEM("iago@b.example"))));
	client_send(two, "<iq type='result' id='x'/>");
	expect_list(romeo, LIST(ITEM("iago@b.example")), 1);
	command(romeo, UNBLOCK(ITEM("iago@b.example")));
	client_expect(two, PUSHED(UNBLOCK(ITEM("iago@b.example"))));
	client_expect(romeo, PUSHED(UNBLOCK(ITEM("iago@b.example"))));
	command(two, UNBLOCK(""));
	client_expect(two, PUSHED(UNBLOCK("")));
	client_expect(romeo, PUSHED(UNBLOCK("")));
	client_expect_nothing(deaf, romeo);
	client_drop(&two);
	client_drop(&deaf);
	end();
}
END_TEST

START_TEST(blocking_twice_and_unblocking_what_is_not_blocked_change_nothing)
{
	begin(NULL);
	command(romeo, UNBLOCK(ITEM("iago@b.example")));
	command(romeo, BLOCK(ITEM("iago@b.example") ITEM("iago@B.example")));
	command(romeo, BLOCK(ITEM("iago@b.example")));
	expect_list(romeo, LIST(ITEM("iago@b.example")), 1);
	command(romeo, UNBLOCK(ITEM("juliet@a.example")));
	client_expect(romeo, PUSHED(UNBLOCK("")));
	expect_list(romeo, LIST(ITEM("iago@b.example")), 1);
	end();
}
END_TEST

START_TEST(all_can_be_unblocked_at_once)
{
	begin(NULL);
	command(romeo, BLOCK(ITEM("a.b") ITEM("c@d.e") ITEM("f@g.h/i")));
	command(romeo, UNBLOCK(""));
	expect_list(romeo, LIST(""), 0);
	command(romeo, UNBLOCK(""));
	end();
}
END_TEST

START_TEST(commands_that_are_wrong_change_nothing)
{
	static const struct {
		const char *payload, *condition;
	} wrong[] = {
		{ BLOCK(""), "bad-request" },
		{ BLOCK("text"), "bad-request" },
		{ BLOCK("<item/>"), "bad-request" },
		{ BLOCK("<other/>"), "bad-request" },
		{ BLOCK("<item xmlns='urn:other' jid='x@y.z'/>"), "bad-request" },
		{ BLOCK(ITEM("x@y.z") "<item/>"), "bad-request" },
		{ BLOCK(ITEM("@b.example")), "jid-malformed" },
		{ BLOCK(ITEM("")), "jid-malformed" },
		{ BLOCK(ITEM("x@y.z") ITEM("a@@b")), "jid-malformed" },
		{ UNBLOCK("<item/>"), "bad-request" },
		{ UNBLOCK("<other/>"), "bad-request" },
		{ UNBLOCK(ITEM("a@@b")), "jid-malformed" },
		{ LIST(""), "service-unavailable" }, /* it can be got only */
	};

	begin(NULL);
	command(romeo, BLOCK(ITEM("iago@b.example")));
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		ask_error(romeo, "set", "", wrong[i].payload, wrong[i].condition);
	ask_error(romeo, "get", "", BLOCK(ITEM("x@y.z")), "service-unavailable");
	expect_list(romeo, LIST(ITEM("iago@b.example")), 1);
	end();
}
END_TEST

START_TEST(a_list_belongs_to_its_account)
{
	begin(NULL);
	ask_error(juliet, "get", "romeo@a.example", LIST(""), "service-unavailable");
	ask_error(juliet, "set", "romeo@a.example", BLOCK(ITEM("x@y.z")),
	          "service-unavailable");
	command(romeo, BLOCK(ITEM("x@y.z")));
	expect_list(juliet, LIST(""), 0);
	end();
}
END_TEST

START_TEST(there_is_a_bound_to_what_is_blocked)
{
	begin("blocking { items = 2 }");
	ask_error(romeo, "set", "", BLOCK(ITEM("a.b") ITEM("c.d") ITEM("e.f")),
	          "resource-constraint");
	command(romeo, BLOCK(ITEM("a.b") ITEM("c.d")));
	ask_error(romeo, "set", "", BLOCK(ITEM("e.f")), "resource-constraint");
	command(romeo, BLOCK(ITEM("c.d")));
	expect_list(romeo, LIST(ITEM("a.b") ITEM("c.d")), 2);
	command(romeo, UNBLOCK(ITEM("a.b")));
	client_expect(romeo, PUSHED(UNBLOCK("")));
	command(romeo, BLOCK(ITEM("e.f")));
	end();
}
END_TEST

START_TEST(a_list_that_outgrew_its_bound_can_still_be_made_shorter)
{
	begin(NULL);
	command(romeo, BLOCK(ITEM("a.b") ITEM("c.d") ITEM("e.f")));
	client_drop(&romeo);
	client_drop(&juliet);
	world_stop(w);
	w->options.host = "blocking { items = 1 list-size = 1024 }";
	world_configure(w, &w->options);
	ck_assert_int_eq(world_start(w), 0);
	romeo = client_login(w, "romeo@a.example/one");
	command(romeo, UNBLOCK(ITEM("a.b")));
	expect_list(romeo, LIST(ITEM("c.d") ITEM("e.f")), 2);
	ask_error(romeo, "set", "", BLOCK(ITEM("g.h")), "resource-constraint");
	end();
}
END_TEST

START_TEST(a_list_has_a_bound_in_bytes)
{
	struct buf jid = { 0 };

	begin("blocking { list-size = 1024 }");
	for (int i = 0; i < 500; i++)
		buf_append_byte(&jid, 'x');
	client_printf(romeo,
	              "<iq type='set' id='1'>" BLOCK(
			      "<item jid='" STR_FMT "@a.b'/><item jid='" STR_FMT
			      "@c.d'/><item jid='" STR_FMT "@e.f'/>") "</iq>",
	              STR_ARG(buf_str(&jid)), STR_ARG(buf_str(&jid)), STR_ARG(buf_str(&jid)));
	client_expect(romeo, "<iq type='error' id='1'><error><resource-constraint "
	                     "xmlns='" NS_STANZA_ERROR "'/></error></iq>");
	buf_deinit(&jid);
	end();
}
END_TEST

START_TEST(what_the_disk_does_not_take_is_not_blocked)
{
	struct buf items = { 0 };
	struct capture log;

	begin(NULL);
	befriend(romeo, juliet);
	for (int i = 0; i < 140; i++)
		buf_printf(&items, "<item jid='a%0800d@b.c'/>", i);
	capture_begin(&log);
	world_fill_disk(w, true);
	client_printf(romeo,
	              "<iq type='set' id='1'>" BLOCK(ITEM("juliet@a.example") STR_FMT) "</iq>",
	              STR_ARG(buf_str(&items)));
	client_expect(romeo, "<iq type='error' id='1'/>");
	world_fill_disk(w, false);
	capture_end(&log, w->arena);
	expect_list(romeo, LIST(""), 0);
	client_send(juliet, "<message id='m' to='romeo@a.example'/>");
	client_expect(romeo, "<message id='m'/>");
	client_settle(juliet); /* she saw nobody go */
	buf_deinit(&items);
	end();
}
END_TEST

/* ---- what comes in ---- */

START_TEST(what_a_blocked_account_sends_does_not_arrive_and_looks_as_if_nobody_were_there)
{
	static const struct {
		const char *stanza, *answer;
	} cases[] = {
		{ "<message id='s' to='%s'><body>x</body></message>", "message" },
		{ "<message id='s' to='%s' type='chat'><body>x</body></message>", "message" },
		{ "<message id='s' to='%s' type='headline'><body>x</body></message>", NULL },
		{ "<message id='s' to='%s' type='groupchat'><body>x</body></message>", NULL },
		{ "<message id='s' to='%s' type='error'><error/></message>", NULL },
		{ "<iq id='s' to='%s' type='get'><query xmlns='jabber:iq:version'/></iq>",
		  "iq" },
		{ "<iq id='s' to='%s' type='set'><query xmlns='urn:x'/></iq>", "iq" },
		{ "<iq id='s' to='%s' type='result'/>", NULL },
		{ "<iq id='s' to='%s' type='error'/>", NULL },
		{ "<presence id='s' to='%s'/>", NULL },
		{ "<presence id='s' to='%s' type='unavailable'/>", NULL },
		{ "<presence id='s' to='%s' type='subscribe'/>", NULL },
		{ "<presence id='s' to='%s' type='unsubscribe'/>", NULL },
		{ "<presence id='s' to='%s' type='subscribed'/>", NULL },
		{ "<presence id='s' to='%s' type='unsubscribed'/>", NULL },
		{ "<presence id='s' to='%s' type='probe'/>", NULL },
		{ "<presence id='s' to='%s' type='error'/>", NULL },
	};
	static const char *const to[] = { "romeo@a.example", "romeo@a.example/one",
		                          "romeo@a.example/nobody" };
	struct client *iago;

	begin(NULL);
	iago = client_online(w, "iago@b.example/x", 0);
	command(romeo, BLOCK(ITEM("iago@b.example")));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		for (size_t j = 0; j < ARRAY_LEN(to); j++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			client_printf(iago, cases[i].stanza, to[j]);
#pragma GCC diagnostic pop
			if (cases[i].answer != NULL)
				client_expectf(iago,
				               "<%s id='s' type='error' from='%s'>" UNAVAILABLE
				               "</%s>",
				               cases[i].answer, to[j], cases[i].answer);
		}
	client_expect_nothing(romeo, juliet);
	client_expect_nothing(iago, juliet);
	client_drop(&iago);
	end();
}
END_TEST

START_TEST(addresses_match_by_resource_account_or_domain)
{
	static const struct {
		const char *rule;
		bool device, other,
			account; /* juliet@a.example/balcony, /x; iago@b.example/x */
	} cases[] = {
		{ "juliet@a.example/balcony", true, false, false },
		{ "juliet@a.example", true, true, false },
		{ "b.example", false, false, true },
		{ "b.example/x", false, false, false },
		{ "example", false, false, false },
		{ "a.example", true, true, false },
		{ "iago@a.example", false, false, false },
		{ "romeo@a.example", false, false, false },
	};
	struct client *other, *iago, *from[3];

	begin(NULL);
	other = client_login(w, "juliet@a.example/x");
	iago = client_login(w, "iago@b.example/x");
	from[0] = juliet;
	from[1] = other;
	from[2] = iago;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		bool blocked[] = { cases[i].device, cases[i].other, cases[i].account };

		client_printf(romeo, "<iq type='set' id='b'>" BLOCK(ITEM("%s")) "</iq>",
		              cases[i].rule);
		client_expect(romeo, "<iq type='result' id='b'/>");
		for (size_t j = 0; j < 3; j++) {
			client_send(from[j], "<message id='m' to='romeo@a.example/one'/>");
			if (blocked[j])
				client_expect(from[j], "<message id='m' type='error'/>");
			else
				client_expectf(romeo, "<message id='m' from='%s'/>",
				               from[j]->jid);
		}
		command(romeo, UNBLOCK(""));
	}
	client_drop(&other);
	client_drop(&iago);
	end();
}
END_TEST

START_TEST(the_own_account_and_the_own_server_are_never_blocked)
{
	struct client *two;

	begin(NULL);
	two = client_login(w, "romeo@a.example/two");
	command(romeo,
	        BLOCK(ITEM("romeo@a.example") ITEM("romeo@a.example/two") ITEM("a.example")));
	client_send(two, "<message id='1' to='romeo@a.example'/>");
	client_expect(romeo, "<message id='1' from='romeo@a.example/two'/>");
	client_send(romeo, "<message id='2' to='romeo@a.example/two'/>");
	client_expect(two, "<message id='2'/>");
	ask_result(romeo, "get", "a.example", "<query xmlns='jabber:iq:version'/>",
	           "<query xmlns='jabber:iq:version'/>");
	client_send(juliet, "<message id='3' to='romeo@a.example'/>");
	client_expect(juliet, "<message id='3' type='error'/>");
	client_drop(&two);
	end();
}
END_TEST

START_TEST(what_a_blocked_account_sends_is_neither_stored_nor_copied)
{
	struct client *two;

	begin(NULL);
	two = client_login(w, "romeo@a.example/two");
	ask(two, "set", "", "<enable xmlns='urn:xmpp:carbons:2'/>");
	command(two, BLOCK(ITEM("juliet@a.example")));
	client_send(juliet, "<message id='1' to='romeo@a.example' type='chat'><body>x</body>"
	                    "</message>");
	client_expect(juliet, "<message id='1' type='error'>" UNAVAILABLE "</message>");
	client_send(romeo, "<message id='2' to='juliet@a.example' type='chat'><body>x</body>"
	                   "</message>");
	client_expect(romeo, "<message id='2' type='error'>" NOT_ACCEPTABLE "</message>");
	client_expect_nothing(two, romeo);
	client_close(&two);
	client_close(&romeo);
	client_send(juliet, "<message id='3' to='romeo@a.example' type='chat'><body>x</body>"
	                    "</message>");
	client_expect(juliet, "<message id='3' type='error'>" UNAVAILABLE "</message>");
	romeo = client_online(w, "romeo@a.example/one", 0);
	client_settle(romeo);
	end();
}
END_TEST

/* ---- what goes out ---- */

START_TEST(nothing_goes_to_whom_one_has_blocked)
{
	static const char *const sent[] = {
		"<message id='s' to='juliet@a.example'><body>x</body></message>",
		"<message id='s' to='juliet@a.example/balcony' type='headline'/>",
		"<message id='s' to='juliet@a.example/balcony' type='groupchat'/>",
		"<iq id='s' to='juliet@a.example/balcony' type='get'><q xmlns='urn:x'/></iq>",
		"<iq id='s' to='juliet@a.example' type='set'><q xmlns='urn:x'/></iq>",
		"<presence id='s' to='juliet@a.example/balcony'/>",
		"<presence id='s' to='juliet@a.example/balcony' type='unavailable'/>",
		"<presence id='s' to='juliet@a.example' type='subscribe'/>",
		"<presence id='s' to='juliet@a.example' type='subscribed'/>",
	};

	begin(NULL);
	command(romeo, BLOCK(ITEM("juliet@a.example")));
	for (size_t i = 0; i < ARRAY_LEN(sent); i++) {
		struct str kind = str_make(sent[i] + 1, strcspn(sent[i], " ") - 1);

		client_send(romeo, sent[i]);
		client_expectf(romeo,
		               "<" STR_FMT " id='s' type='error'>" NOT_ACCEPTABLE "</" STR_FMT
		               ">",
		               STR_ARG(kind), STR_ARG(kind));
	}
	/* what is itself an answer is never answered */
	client_send(romeo, "<iq id='s' to='juliet@a.example/balcony' type='result'/>");
	client_send(romeo, "<message id='s' to='juliet@a.example' type='error'/>");
	client_settle(romeo);
	command(romeo, UNBLOCK(""));
	client_expect_nothing(juliet, romeo);
	end();
}
END_TEST

/* ---- rooms ---- */

START_TEST(one_occupant_of_a_room_is_blocked_by_his_address_in_it)
{
	struct client *other;

	begin(NULL); /* an account's resources stand for a room's occupants */
	other = client_login(w, "juliet@a.example/nurse");
	command(romeo, BLOCK(ITEM("juliet@a.example/nurse")));
	client_send(other, "<message to='romeo@a.example/one' type='groupchat' id='1'/>"
	                   "<presence to='romeo@a.example/one' id='2'/>");
	client_expect_nothing(romeo, juliet);
	client_send(juliet, "<message to='romeo@a.example/one' type='groupchat' id='3'/>");
	client_expect(romeo, "<message id='3'/>");
	client_settle(other); /* no error: a room would take him for gone */
	client_send(romeo, "<message to='juliet@a.example' id='4'/>");
	client_expect(juliet, "<message id='4'/>");
	client_drop(&other);
	end();
}
END_TEST

START_TEST(a_room_that_is_blocked_is_left)
{
	struct client *iago;

	begin(NULL);
	iago = client_login(w, "iago@b.example/room");
	client_send(romeo, "<presence to='iago@b.example/room'/>");
	client_expect(iago, "<presence from='romeo@a.example/one' type='-'/>");
	command(romeo, BLOCK(ITEM("iago@b.example")));
	client_expect(iago, "<presence from='romeo@a.example/one' type='unavailable'/>");
	client_close(&romeo); /* told once */
	client_expect_nothing(iago, juliet);
	client_drop(&iago);
	romeo = client_login(w, "romeo@a.example/one");
	end();
}
END_TEST

/* ---- presence ---- */

START_TEST(who_is_blocked_sees_one_go_and_come_again)
{
	struct client *two;

	begin(NULL);
	befriend(romeo, juliet);
	client_send(romeo, "<presence to='juliet@a.example' id='d'/>");
	client_expect(juliet, "<presence id='d'/>");
	two = client_login(w, "romeo@a.example/two"); /* not available: nothing to tell */
	command(two, BLOCK(ITEM("juliet@a.example")));
	client_expect(juliet, "<presence from='romeo@a.example/one' type='unavailable'/>");
	client_expect(romeo, "<presence from='juliet@a.example' type='unavailable'/>");
	client_settle(juliet); /* once */
	client_send(romeo, "<presence><show>away</show></presence>");
	client_expect(romeo, "<presence from='romeo@a.example/one'/>");
	client_send(juliet, "<presence><show>dnd</show></presence>");
	client_expect(juliet, "<presence from='juliet@a.example/balcony'/>");
	client_send(juliet, "<presence type='probe' to='romeo@a.example'/>");
	client_settle(romeo);
	client_settle(juliet);
	command(two, UNBLOCK(ITEM("juliet@a.example")));
	client_expect(juliet, "<presence from='romeo@a.example/one' type='-'>"
	                      "<show>away</show></presence>");
	client_expect(romeo, "<presence from='juliet@a.example/balcony' type='-'>"
	                     "<show>dnd</show></presence>");
	client_drop(&two);
	end();
}
END_TEST

START_TEST(a_blocked_contact_that_is_removed_learns_that_it_is_over)
{
	begin(NULL);
	befriend(romeo, juliet);
	ask(juliet, "get", "", "<query xmlns='jabber:iq:roster'/>");
	command(romeo, BLOCK(ITEM("juliet@a.example")));
	client_expect(juliet, "<presence from='romeo@a.example/one' type='unavailable'/>");
	client_expect(romeo, "<presence from='juliet@a.example' type='unavailable'/>");
	command(romeo, "<query xmlns='jabber:iq:roster'>"
	               "<item jid='juliet@a.example' subscription='remove'/></query>");
	client_expect(juliet, "<presence type='unsubscribe' from='romeo@a.example'/>");
	client_expect(juliet, "<iq type='set'><query xmlns='jabber:iq:roster'>"
	                      "<item jid='romeo@a.example' subscription='to'/></query></iq>");
	client_expect(juliet, "<presence type='unsubscribed' from='romeo@a.example'/>");
	client_expect(juliet, "<iq type='set'><query xmlns='jabber:iq:roster'>"
	                      "<item jid='romeo@a.example' subscription='none'/></query></iq>");
	end();
}
END_TEST

START_TEST(who_may_not_see_one_is_told_nothing)
{
	begin(NULL);
	command(romeo, BLOCK(ITEM("juliet@a.example") ITEM("iago@b.example")));
	command(romeo, UNBLOCK(ITEM("juliet@a.example")));
	client_expect_nothing(juliet, romeo);
	end();
}
END_TEST

START_TEST(who_is_blocked_does_not_see_one_come_or_go)
{
	begin(NULL);
	befriend(romeo, juliet);
	command(romeo, BLOCK(ITEM("juliet@a.example")));
	client_expect(juliet, "<presence from='romeo@a.example/one' type='unavailable'/>");
	client_close(&romeo);
	romeo = client_online(w, "romeo@a.example/one", 0);
	client_send(juliet, "<message id='m' to='romeo@a.example'/>");
	client_expect(juliet, "<message id='m' type='error'/>");
	end();
}
END_TEST

START_TEST(a_domain_that_is_blocked_is_all_contacts_there)
{
	begin(NULL);
	befriend(romeo, juliet);
	command(romeo, BLOCK(ITEM("a.example")));
	client_expect(juliet, "<presence from='romeo@a.example/one' type='unavailable'/>");
	client_expect(romeo, "<presence from='juliet@a.example' type='unavailable'/>");
	command(romeo, BLOCK(ITEM("juliet@a.example"))); /* no change for her */
	client_settle(juliet);
	command(romeo, UNBLOCK(ITEM("a.example")));
	client_settle(juliet);
	command(romeo, UNBLOCK(""));
	client_expect(juliet, "<presence from='romeo@a.example/one' type='-'/>");
	end();
}
END_TEST

START_TEST(one_device_of_a_contact_is_told_too)
{
	begin(NULL);
	befriend(romeo, juliet);
	command(romeo, BLOCK(ITEM("juliet@a.example/balcony")));
	client_expect(juliet, "<presence from='romeo@a.example/one' to="
	                      "'juliet@a.example/balcony' type='unavailable'/>");
	command(romeo, UNBLOCK(ITEM("juliet@a.example/balcony")));
	client_expect(juliet, "<presence from='romeo@a.example/one' to="
	                      "'juliet@a.example/balcony' type='-'/>");
	client_settle(romeo);
	end();
}
END_TEST

/* ---- what it costs ---- */

extern const struct mod_def mod_blocking;

static void look(struct core *core, struct world_call *call)
{
	struct host *h = host_find(core, STR("a.example"));
	struct entity *e = entity_at(core, h, *(struct jid *)call->arg);
	const struct rules *rules = mod_entity_state(host_module(h, &mod_blocking), e);

	entity_unpin(e);
	world_answer(call, rules->loaded && rules->none && rules->arena == NULL);
}

START_TEST(an_account_without_rules_costs_a_flag)
{
	struct jid jid;

	begin(NULL);
	jid = world_jid(w, "romeo@a.example");
	ck_assert_int_eq(world_ask(w, 0, look, &jid), 1);
	command(romeo, BLOCK(ITEM("x@y.z")));
	client_settle(romeo);
	ck_assert_int_eq(world_ask(w, 0, look, &jid), 0);
	command(romeo, UNBLOCK(""));
	client_settle(romeo);
	ck_assert_int_eq(world_ask(w, 0, look, &jid), 1);
	end();
}
END_TEST

/* ---- disco ---- */

START_TEST(the_server_tells_what_it_can)
{
	begin(NULL);
	ask_result(romeo, "get", "a.example", "<query xmlns='" NS_DISCO_INFO "'/>",
	           "<query xmlns='" NS_DISCO_INFO "'><feature var='urn:xmpp:blocking'/>"
	           "<feature var='jabber:iq:privacy'/><feature var='urn:xmpp:reporting:1'/>"
	           "</query>");
	end();
}
END_TEST

CHECK_MAIN("blocking", what_is_blocked_is_listed_and_survives_a_restart,
           pushes_go_to_sessions_that_asked_for_the_list_and_to_no_other,
           blocking_twice_and_unblocking_what_is_not_blocked_change_nothing,
           all_can_be_unblocked_at_once, commands_that_are_wrong_change_nothing,
           a_list_belongs_to_its_account, there_is_a_bound_to_what_is_blocked,
           a_list_that_outgrew_its_bound_can_still_be_made_shorter, a_list_has_a_bound_in_bytes,
           what_the_disk_does_not_take_is_not_blocked,
           what_a_blocked_account_sends_does_not_arrive_and_looks_as_if_nobody_were_there,
           what_a_blocked_account_sends_is_neither_stored_nor_copied,
           addresses_match_by_resource_account_or_domain,
           the_own_account_and_the_own_server_are_never_blocked,
           nothing_goes_to_whom_one_has_blocked,
           one_occupant_of_a_room_is_blocked_by_his_address_in_it,
           a_room_that_is_blocked_is_left, who_is_blocked_sees_one_go_and_come_again,
           a_blocked_contact_that_is_removed_learns_that_it_is_over,
           who_may_not_see_one_is_told_nothing, who_is_blocked_does_not_see_one_come_or_go,
           a_domain_that_is_blocked_is_all_contacts_there, one_device_of_a_contact_is_told_too,
           an_account_without_rules_costs_a_flag, the_server_tells_what_it_can)
