/*
 * check_offline_store.c - which messages are stored for who is not there (XEP-0160), and how many.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/lib/capture.h"
#include "tests/modules/leave_word.h"

#include <string.h>

/* Else what finds no place here is in the archive, and does not come back. */
#define NOT_ARCHIVED "mam { default = \"never\" }\n"

/* ---- which ---- */

#define HINT(name) "<" name " xmlns='" NS_HINTS "'/>"

static const struct kind {
	const char *type, *content;
	bool stored;
	bool told; /* if not: the sender gets an error */
} kinds[] = {
	{ "normal", BODY, true, false },
	{ "chat", BODY, true, false },
	{ "strange", BODY, true, false }, /* RFC 6121 §5.2.2: normal */
	{ "groupchat", BODY, false, true },
	{ "headline", BODY, false, false },
	{ "error", BODY, false, false },
	{ "chat", "", false, true },
	{ "normal", "", false, true },
	{ "chat", COMPOSING, false, true },
	{ "normal", COMPOSING "<thread>t</thread>", false, true },
	{ "chat", COMPOSING BODY, true, false },
	{ "chat", "<received xmlns='urn:xmpp:receipts' id='1'/>", true, false },
	{ "normal", "<x xmlns='jabber:x:oob'/>", true, false },
	{ "chat", BODY HINT("no-store"), false, true },
	{ "chat", BODY HINT("no-permanent-store"), true, false },
	{ "chat", BODY HINT("no-copy"), true, false },
	{ "chat", HINT("no-copy"), false, true },
	{ "chat", COMPOSING HINT("store"), true, false },
	{ "chat", HINT("store"), true, false },
	{ "chat", BODY HINT("store") HINT("no-store"), false, true },
	{ "headline", BODY HINT("store"), false, false },
	{ "groupchat", BODY HINT("store"), false, true },
	{ "error", BODY HINT("store"), false, false },
};

START_TEST(of_messages_those_worth_it_are_stored_and_others_refused)
{
	struct client *juliet;

	begin(NULL);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		client_printf(romeo, "<message id='k%zu' type='%s' to='" BARE "'>%s</message>",
		              i, kinds[i].type, kinds[i].content);
		if (kinds[i].told)
			client_expectf(romeo,
			               "<message id='k%zu' type='error'><error type='cancel'>"
			               "<service-unavailable xmlns='" NS_STANZA_ERROR
			               "'/></error></message>",
			               i);
		settle();
	}
	juliet = online("balcony", 0);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i].stored)
			client_expectf(juliet, "<message id='k%zu'>%s</message>", i,
			               kinds[i].content);
	answer(juliet, expect_ping(juliet));
	client_settle(juliet);
	client_drop(&juliet);
	end();
}
END_TEST

START_TEST(a_full_jid_that_is_gone_stores_chat_alone)
{
	struct client *juliet;

	begin(NULL);
	client_send(romeo, "<message id='n' to='" BARE "/gone'>" BODY "</message>");
	client_expect(romeo, "<message id='n' type='error'/>"); /* RFC 6121 §8.5.3.2.1 */
	client_send(romeo, "<message id='c' type='chat' to='" BARE "/gone'>" BODY "</message>");
	settle();
	juliet = online("balcony", 0);
	client_expect(juliet, "<message id='c' to='" BARE "/gone'/>");
	client_drop(&juliet);
	end();
}
END_TEST

START_TEST(a_message_is_what_it_was_with_its_delay_once)
{
	struct client *juliet;
	const struct xml_node *m;

	begin(NULL);
	client_send(romeo,
	            "<message id='m&apos;1' xml:lang='fr' to='" BARE "'><body>a&lt;b é</body>"
	            "<thread parent='p'>t</thread><x xmlns='urn:x' xmlns:y='urn:y' y:z='1'>"
	            "<body xmlns='" NS_CLIENT "'/></x><delay xmlns='" NS_DELAY
	            "' from='a.example' stamp='2001-01-01T00:00:00Z'/><delay xmlns='" NS_DELAY
	            "' from='room@b.example' stamp='2002-01-01T00:00:00Z'/></message>");
	settle();
	juliet = online("balcony", 0);
	m = client_expect(juliet,
	                  "<message id='m&apos;1' xml:lang='fr' to='" BARE "' type='-'>"
	                  "<body>a&lt;b é</body><thread parent='p'>t</thread>"
	                  "<x xmlns='urn:x' xmlns:y='urn:y' y:z='1'><body xmlns='" NS_CLIENT
	                  "'/></x><delay xmlns='" NS_DELAY "' from='room@b.example' "
	                  "stamp='2002-01-01T00:00:00Z'/></message>");
	for (const struct xml_node *n = NULL; (n = xml_next_child(m, n)) != NULL;)
		ck_assert(!str_is(xml_attr(n, "stamp"), "2001-01-01T00:00:00Z")); /* forged */
	ck_assert(xml_is(m->last, NS_DELAY, "delay"));
	ck_assert(str_is(xml_attr(m->last, "from"), "a.example"));
	client_drop(&juliet);
	end();
}
END_TEST

START_TEST(one_may_leave_word_for_oneself)
{
	struct client *c;

	begin(NULL);
	client_send(romeo, "<message id='self'>" BODY "</message>");
	client_drop(&romeo);
	romeo = client_online(w, "romeo@a.example/other", 1);
	client_expect(romeo, "<message id='self'><delay xmlns='" NS_DELAY "'/></message>");
	c = client_login(w, "romeo@a.example/third");
	client_drop(&c);
	end();
}
END_TEST

/* ---- when the disk is full ---- */

START_TEST(a_message_that_the_disk_does_not_take_is_told_to_its_sender)
{
	struct client *juliet;
	struct capture log;
	const char *text;

	begin(NULL);
	text = memset(arena_zalloc(w->arena, 200001), 'x', 200000);
	say(0, 1);
	settle();
	capture_begin(&log);
	world_fill_disk(w, true);
	client_printf(romeo, "<message id='m1' to='" BARE "'><body>%s</body></message>", text);
	client_expect(romeo,
	              "<message id='m1' type='error'><error type='wait'>"
	              "<resource-constraint xmlns='" NS_STANZA_ERROR "'/></error></message>");
	world_fill_disk(w, false);
	capture_end(&log, w->arena);
	say(2, 3);
	settle();
	juliet = online("balcony", 0);
	expect_stored(juliet, 0, 1);
	expect_stored(juliet, 2, 3);
	answer(juliet, expect_ping(juliet));
	client_settle(juliet);
	client_close(&juliet);
	expect_empty();
	end();
}
END_TEST

/* ---- bounds ---- */

static void expect_full(const char *id)
{
	client_expectf(romeo,
	               "<message id='%s' type='error' from='" BARE "'><error type='cancel'>"
	               "<service-unavailable xmlns='" NS_STANZA_ERROR "'/></error></message>",
	               id);
}

START_TEST(an_account_that_has_as_many_as_it_may_refuses_more)
{
	struct client *juliet;

	begin(NOT_ARCHIVED "offline { max-messages = 3 }");
	say(0, 4);
	expect_full("m3");
	client_drop(&romeo);
	world_restart(w); /* they are counted anew */
	romeo = client_login(w, "romeo@a.example/orchard");
	say(4, 5);
	expect_full("m4");
	juliet = online("balcony", 0);
	expect_stored(juliet, 0, 3);
	answer(juliet, expect_ping(juliet));
	client_settle(juliet);
	client_close(&juliet);
	say(5, 8); /* there is room again */
	settle();
	juliet = online("balcony", 0);
	expect_stored(juliet, 5, 8);
	client_drop(&juliet);
	end();
}
END_TEST

START_TEST(an_account_that_has_as_many_bytes_as_it_may_refuses_more)
{
	const char *text;

	begin(NOT_ARCHIVED "offline { max-bytes = \"2 KiB\" }");
	text = memset(arena_zalloc(w->arena, 1001), 'x', 1000);
	for (int i = 0; i < 3; i++)
		client_printf(romeo,
		              "<message id='m%d' to='" BARE "'><body>%s</body></message>", i,
		              text);
	expect_full("m1");
	expect_full("m2");
	client_send(romeo, "<message id='small' to='" BARE "'>" BODY "</message>");
	settle();
	end();
}
END_TEST

START_TEST(when_there_is_no_room_behind_a_part_a_message_overtakes)
{
	struct client *juliet;
	const char *id;

	begin("offline { max-messages = 101 }");
	say(0, 101);
	settle();
	juliet = online("balcony", 0);
	expect_stored(juliet, 0, 100);
	id = expect_ping(juliet);
	say(101, 102);
	expect_live(juliet, 101);
	answer(juliet, id);
	expect_stored(juliet, 100, 101);
	client_drop(&juliet);
	settle();
	end();
}
END_TEST

START_TEST(an_account_that_is_removed_takes_them_along)
{
	begin("register { allow = true }");
	say(0, 2);
	settle();
	{
		struct client *juliet = client_login(w, BARE "/balcony");

		client_send(juliet, "<iq type='set' id='x'><query xmlns='" NS_REGISTER
		                    "'><remove/></query></iq>");
		client_expect(juliet, "<iq type='result' id='x'/>");
		client_drop(&juliet);
	}
	settle();
	world_account(w, BARE, "secret");
	expect_empty();
	end();
}
END_TEST

START_TEST(the_host_says_that_it_stores_messages)
{
	begin(NULL);
	ask_result(romeo, "get", "a.example", "<query xmlns='" NS_DISCO_INFO "'/>",
	           "<query xmlns='" NS_DISCO_INFO "'><feature var='msgoffline'/></query>");
	end();
}
END_TEST

CHECK_MAIN("offline_store", of_messages_those_worth_it_are_stored_and_others_refused,
           a_full_jid_that_is_gone_stores_chat_alone,
           a_message_is_what_it_was_with_its_delay_once, one_may_leave_word_for_oneself,
           a_message_that_the_disk_does_not_take_is_told_to_its_sender,
           an_account_that_has_as_many_as_it_may_refuses_more,
           an_account_that_has_as_many_bytes_as_it_may_refuses_more,
           when_there_is_no_room_behind_a_part_a_message_overtakes,
           an_account_that_is_removed_takes_them_along, the_host_says_that_it_stores_messages)
