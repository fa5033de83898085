/*
 * check_csi.c - XEP-0352.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/ask.h"

#define INACTIVE "<inactive xmlns='urn:xmpp:csi:0'/>"
#define ACTIVE "<active xmlns='urn:xmpp:csi:0'/>"
#define TO_PHONE "to='romeo@a.example/phone'"
#define COMPOSING "<composing xmlns='http://jabber.org/protocol/chatstates'/>"
#define MUC "http://jabber.org/protocol/muc#user"
#define FORWARDED(content) \
	"<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' type='chat' " \
	"from='a@b.example/c' to='d@e.example/f'>" content "</message></forwarded>"

static struct world *w;
static struct client *phone, *juliet;

/* Romeo's phone, and Juliet, who shows herself to it. */
static void begin(const char *host)
{
	w = ask_world(host);
	world_account(w, "juliet@b.example", "x");
	phone = client_online(w, "romeo@a.example/phone", 0);
	juliet = client_login(w, "juliet@b.example/balcony");
}

static void end(void)
{
	client_drop(&phone);
	client_drop(&juliet);
	world_free(&w);
}

static void become(const char *state)
{
	client_send(phone, state);
	client_settle(phone);
}

/* Presence of hers, to the phone, with that status. */
static void show(const char *status)
{
	client_printf(juliet, "<presence " TO_PHONE "><status>%s</status></presence>", status);
}

static void expect_shown(const char *status)
{
	client_expectf(phone,
	               "<presence from='juliet@b.example/balcony'><status>%s</status>"
	               "</presence>",
	               status);
}

START_TEST(it_is_offered_beside_binding)
{
	w = ask_world(NULL);
	phone = client_enter(w, "romeo@a.example");
	ck_assert_ptr_nonnull(xml_child(phone->shown->node, NS_CSI, "csi"));
	client_drop(&phone);
	world_free(&w);
}
END_TEST

START_TEST(a_session_is_active_until_it_says_otherwise)
{
	begin(NULL);
	show("1");
	show("2");
	client_send(juliet, "<message " TO_PHONE " type='chat'>" COMPOSING "</message>");
	expect_shown("1");
	expect_shown("2");
	client_expect(phone, "<message>" COMPOSING "</message>");
	client_send(phone, ACTIVE); /* which it is */
	show("3");
	expect_shown("3");
	client_expect_nothing(phone, juliet);
	end();
}
END_TEST

START_TEST(of_each_address_the_last_presence_comes_when_it_is_active_again)
{
	struct client *desk;

	begin(NULL);
	become(INACTIVE);
	show("1");
	desk = client_online(w, "romeo@a.example/desk", 0); /* the account's own count too */
	client_expect(desk, "<presence from='romeo@a.example/phone'/>");
	show("2");
	client_send(juliet, "<presence type='unavailable' " TO_PHONE "/>");
	client_settle(juliet);
	client_send(phone, ACTIVE "<iq type='get' id='p' to='a.example'><ping "
	                          "xmlns='urn:xmpp:ping'/></iq>");
	client_expect(phone, "<presence from='romeo@a.example/desk' type='-'/>");
	client_expect(phone, "<presence from='juliet@b.example/balcony' type='unavailable'/>");
	client_expect(phone, "<iq id='p' type='result'/>");
	client_settle(phone);
	client_send(desk, "<presence><status>1</status></presence>");
	client_expect(phone, "<presence><status>1</status></presence>");
	client_drop(&desk);
	end();
}
END_TEST

START_TEST(presence_that_others_get_too_is_held_and_written_whole)
{
	struct client *desk;

	begin(NULL);
	desk = client_online(w, "romeo@a.example/desk", 0);
	client_expect(desk, "<presence/>");
	client_expect(phone, "<presence/>");
	become(INACTIVE);
	client_send(desk, "<presence xml:lang='it' id='p'><show>away</show>"
	                  "<status>a &lt; b</status></presence>");
	client_expect(desk, "<presence id='p'/>");
	client_send(phone, ACTIVE);
	client_expect(phone, "<presence xml:lang='it' id='p' from='romeo@a.example/desk'>"
	                     "<show>away</show><status>a &lt; b</status></presence>");
	client_drop(&desk);
	end();
}
END_TEST

/* ---- what cannot wait ---- */

START_TEST(all_that_cannot_wait_comes_behind_what_was_held)
{
	static const char *const urgent[] = {
		"<message id='u' " TO_PHONE " type='chat'><body>b</body></message>",
		"<message id='u' " TO_PHONE "><body>b</body>" COMPOSING "</message>",
		"<message id='u' " TO_PHONE " type='groupchat'><subject>s</subject></message>",
		"<message id='u' " TO_PHONE " type='error'>" COMPOSING "</message>",
		"<message id='u' " TO_PHONE " type='headline'>"
		"<event xmlns='http://jabber.org/protocol/pubsub#event'/></message>",
		"<message id='u' " TO_PHONE "><received xmlns='urn:xmpp:receipts' id='1'/>"
		"</message>",
		"<message id='u' " TO_PHONE ">" COMPOSING
		"<received xmlns='urn:xmpp:receipts' id='1'/></message>",
		"<message id='u' " TO_PHONE ">" COMPOSING "<x xmlns='" MUC "'><invite/></x>"
		"</message>",
		"<message id='u' " TO_PHONE "/>",
		"<message id='u' " TO_PHONE "><received xmlns='urn:xmpp:carbons:2'>" FORWARDED(
			"<body>b</body>" COMPOSING) "</received></message>",
		"<message id='u' " TO_PHONE "><received xmlns='urn:xmpp:carbons:2'/>"
		"</message>",
		"<iq id='u' type='get' " TO_PHONE "><ping xmlns='urn:xmpp:ping'/></iq>",
		"<presence id='u' type='error' " TO_PHONE "/>",
		"<presence id='u' " TO_PHONE "><x xmlns='" MUC "'><status code='110'/></x>"
		"</presence>",
		"<presence id='u' type='unavailable' " TO_PHONE "><x xmlns='" MUC
		"'><item/><destroy/></x></presence>",
	};

	begin(NULL);
	become(INACTIVE);
	for (size_t i = 0; i < ARRAY_LEN(urgent); i++) {
		show("1");
		show("2");
		client_send(juliet, urgent[i]);
		expect_shown("2");
		ck_assert_msg(str_is(xml_attr(client_next(phone), "id"), "u"), "%s", urgent[i]);
	}
	end();
}
END_TEST

START_TEST(a_request_for_a_subscription_comes_behind_what_was_held)
{
	begin(NULL);
	become(INACTIVE);
	show("1");
	show("2");
	client_send(juliet, "<presence type='subscribe' to='romeo@a.example'/>");
	expect_shown("2");
	client_expect(phone, "<presence type='subscribe' from='juliet@b.example'/>");
	end();
}
END_TEST

START_TEST(presence_of_others_in_a_room_can_wait)
{
	begin(NULL);
	become(INACTIVE);
	for (int i = 0; i < 3; i++)
		client_printf(juliet,
		              "<presence id='p%d' " TO_PHONE "><x xmlns='" MUC
		              "'><item role='participant'/><status code='100'/></x></presence>",
		              i);
	client_settle(juliet);
	client_send(phone, ACTIVE);
	client_expect(phone, "<presence id='p2'/>");
	client_expect_nothing(phone, juliet);
	end();
}
END_TEST

START_TEST(the_clients_own_requests_are_answered_behind_what_was_held)
{
	begin(NULL);
	become(INACTIVE);
	show("1");
	show("2");
	client_settle(juliet);
	client_send(phone, "<iq type='get' id='p' to='a.example'><ping "
	                   "xmlns='urn:xmpp:ping'/></iq>");
	expect_shown("2");
	client_expect(phone, "<iq id='p' type='result'/>");
	show("3"); /* it is still inactive */
	show("4");
	client_settle(juliet);
	client_send(phone, ACTIVE);
	expect_shown("4");
	end();
}
END_TEST

/* ---- chat states ---- */

static const char *const chatter[] = {
	COMPOSING,
	"<gone xmlns='http://jabber.org/protocol/chatstates'/>",
	COMPOSING "<thread>t</thread><no-store xmlns='urn:xmpp:hints'/>",
	COMPOSING "<origin-id xmlns='urn:xmpp:sid:0' id='o'/><x xmlns='" MUC "'/>",
	"<sent xmlns='urn:xmpp:carbons:2'>" FORWARDED(COMPOSING) "</sent>",
	"<received xmlns='urn:xmpp:carbons:2'>" FORWARDED(COMPOSING) "</received>",
};

START_TEST(chat_states_alone_are_dropped)
{
	begin(NULL);
	become(INACTIVE);
	for (size_t i = 0; i < ARRAY_LEN(chatter); i++) {
		client_printf(juliet, "<message " TO_PHONE " type='chat'>%s</message>",
		              chatter[i]);
		client_printf(juliet, "<message " TO_PHONE " type='groupchat'>%s</message>",
		              chatter[i]);
		client_expect_nothing(phone, juliet);
	}
	end();
}
END_TEST

START_TEST(the_servers_own_carbons_of_chat_states_are_dropped)
{
	struct client *desk;

	begin(NULL);
	ask_result(phone, "set", "", "<enable xmlns='urn:xmpp:carbons:2'/>", "");
	desk = client_login(w, "romeo@a.example/desk");
	become(INACTIVE);
	client_send(desk, "<message to='juliet@b.example/balcony' type='chat'>" COMPOSING
	                  "</message>");
	client_send(desk, "<message to='juliet@b.example/balcony' type='chat'>" COMPOSING
	                  "<body>b</body></message>");
	client_expect(phone, "<message><sent xmlns='urn:xmpp:carbons:2'><forwarded "
	                     "xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client'>"
	                     "<body>b</body></message></forwarded></sent></message>");
	client_expect_nothing(phone, desk);
	client_drop(&desk);
	end();
}
END_TEST

/* ---- bounds, options, ends ---- */

START_TEST(at_the_bound_in_number_all_that_is_held_comes)
{
	struct client *nurse;

	begin("csi { held-stanzas = 1 }");
	world_account(w, "nurse@b.example", "x");
	nurse = client_login(w, "nurse@b.example/door");
	become(INACTIVE);
	show("1");
	show("2");
	client_settle(juliet);
	client_send(nurse, "<presence id='n' " TO_PHONE "/>");
	expect_shown("2");
	client_expect(phone, "<presence id='n'/>");
	client_drop(&nurse);
	end();
}
END_TEST

START_TEST(at_the_bound_in_bytes_all_that_is_held_comes)
{
	char big[1001];

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	begin("csi { held-size = \"1 KiB\" }");
	become(INACTIVE);
	show("1");
	show("2");
	show(big);
	expect_shown(big); /* what it makes outdated does not come */
	client_expect_nothing(phone, juliet);
	end();
}
END_TEST

START_TEST(neither_is_done_where_the_host_does_not_want_it)
{
	begin("csi { hold-presence = false drop-chat-states = false }");
	become(INACTIVE);
	show("1");
	show("2");
	expect_shown("1");
	expect_shown("2");
	client_send(juliet, "<message " TO_PHONE " type='chat'>" COMPOSING "</message>");
	client_expect(phone, "<message>" COMPOSING "</message>");
	end();
}
END_TEST

START_TEST(what_is_held_goes_with_the_session_and_the_next_one_is_active)
{
	begin(NULL);
	become(INACTIVE);
	show("1");
	client_settle(juliet);
	client_close(&phone);
	phone = client_online(w, "romeo@a.example/phone", 0);
	client_expect_nothing(phone, juliet);
	show("2");
	show("3");
	expect_shown("2");
	expect_shown("3");
	become(INACTIVE);
	show("4");
	client_settle(juliet);
	client_drop(&phone);
	phone = client_online(w, "romeo@a.example/phone", 0);
	become(INACTIVE);
	show("5");
	client_settle(juliet);
	end(); /* with one held */
}
END_TEST

CHECK_MAIN("csi", it_is_offered_beside_binding, a_session_is_active_until_it_says_otherwise,
           of_each_address_the_last_presence_comes_when_it_is_active_again,
           presence_that_others_get_too_is_held_and_written_whole,
           all_that_cannot_wait_comes_behind_what_was_held,
           a_request_for_a_subscription_comes_behind_what_was_held,
           presence_of_others_in_a_room_can_wait,
           the_clients_own_requests_are_answered_behind_what_was_held,
           chat_states_alone_are_dropped, the_servers_own_carbons_of_chat_states_are_dropped,
           at_the_bound_in_number_all_that_is_held_comes,
           at_the_bound_in_bytes_all_that_is_held_comes,
           neither_is_done_where_the_host_does_not_want_it,
           what_is_held_goes_with_the_session_and_the_next_one_is_active)
