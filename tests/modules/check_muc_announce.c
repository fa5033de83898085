/*
 * check_muc_announce.c - administrators speak to all rooms.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/rooms.h"

#define MANY 120 /* more than are told at a time */

static struct client *admin;

static void begin(void)
{
	rooms_begin("admins = { \"admin@a.example\" } muc { rooms-per-hour = 1000 }");
	world_account(w, "admin@a.example", "secret");
	admin = client_login(w, "admin@a.example/desk");
}

static void end_all(void)
{
	client_drop(&admin);
	end();
}

START_TEST(an_administrator_is_heard_in_each_room)
{
	begin();
	room_make(romeo, "romeo");
	client_send(juliet,
	            "<presence to='balcony@" SERVICE "/juliet'>" NO_HISTORY "</presence>");
	room_read_entry(juliet);
	client_send(admin, "<message type='headline' to='" SERVICE "'><subject>s</subject>"
	                   "<body>We close.</body><body xml:lang='it'>Si chiude.</body>"
	                   "</message>");
	client_expect(romeo, "<message type='groupchat' from='" ROOM "' id='*'>"
	                     "<body>We close.</body><body xml:lang='it'>Si chiude.</body>"
	                     "</message>");
	client_expect(juliet, "<message type='groupchat' from='balcony@" SERVICE "'>"
	                      "<body>We close.</body></message>");
	end_all();
}
END_TEST

START_TEST(of_many_rooms_each_hears_it_once)
{
	bool heard[MANY] = { false };

	begin();
	for (int i = 0; i < MANY; i++) {
		client_printf(romeo,
		              "<presence to='r%d@" SERVICE "/romeo'>" NO_HISTORY "</presence>",
		              i);
		room_read_entry(romeo);
	}
	client_send(admin, "<message to='" SERVICE "'><body>We close.</body></message>");
	for (int i = 0; i < MANY; i++) {
		const struct xml_node *s = client_expect(
			romeo, "<message type='groupchat'><body>We close.</body></message>");
		struct str from = xml_attr(s, "from"), local = str_cut(&from, '@');
		uint64_t room;

		ck_assert_int_eq(str_to_u64(str_slice(local, 1, local.n), &room), 0);
		ck_assert(room < MANY && !heard[room]);
		heard[room] = true;
	}
	client_expect_nothing(romeo, admin);
	end_all();
}
END_TEST

START_TEST(nobody_else_speaks_to_all)
{
	begin();
	room_make(romeo, "romeo");
	client_send(juliet, "<message to='" SERVICE "'><body>Ha</body></message>");
	client_expect(juliet,
	              "<message type='error' from='" SERVICE
	              "'><error><forbidden xmlns='" NS_STANZA_ERROR "'/></error></message>");
	client_send(admin, "<message to='" SERVICE "'/>");
	client_expect(admin, "<message type='error'><error><bad-request xmlns='" NS_STANZA_ERROR
	                     "'/></error></message>");
	client_send(admin, "<message to='" SERVICE "/x'><body>Ha</body></message>");
	client_expect(
		admin,
		"<message type='error'><error><service-unavailable xmlns='" NS_STANZA_ERROR
		"'/></error></message>");
	client_expect_nothing(romeo, juliet);
	end_all();
}
END_TEST

CHECK_MAIN("muc_announce", an_administrator_is_heard_in_each_room,
           of_many_rooms_each_hears_it_once, nobody_else_speaks_to_all)
