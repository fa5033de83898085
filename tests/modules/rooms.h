/*
 * rooms.h - a world with a room, and clients that are in it.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/modules/ask.h"

#define SERVICE "conference.a.example"
#define ROOM "chapel@" SERVICE
#define ROMEO "romeo@a.example/orchard"
#define JULIET "juliet@a.example/balcony"
#define MERCUTIO "mercutio@a.example/street"
#define MUC "<x xmlns='" NS_MUC "'/>"
#define NO_HISTORY "<x xmlns='" NS_MUC "'><history maxstanzas='0'/></x>"

/* OPTIONS of the host, as ask_world has them; Romeo is there by ask_world. */
static inline struct world *rooms_world(const char *options)
{
	struct world *w = ask_world(options);

	world_account(w, "juliet@a.example", "secret");
	world_account(w, "mercutio@a.example", "secret");
	return w;
}

/* C asks to enter; what comes of it is the test's affair. */
static inline void room_ask(struct client *c, const char *nick)
{
	client_printf(c, "<presence to='" ROOM "/%s'>" MUC "</presence>", nick);
}

/* C reads what it gets until the room's subject, with which entering ends (§7.2.15). */
static inline void room_read_entry(struct client *c)
{
	struct arena *arena = arena_new(256);

	while (!client_matches(arena, client_next(c),
	                       "<message type='groupchat'><subject/></message>"))
		;
	arena_free(&arena);
}

/* C makes the room, which is open from then on. */
static inline void room_make(struct client *c, const char *nick)
{
	room_ask(c, nick);
	client_expect(c, "<presence><x xmlns='" NS_MUC_USER "'>"
	                 "<item affiliation='owner' role='moderator'/>"
	                 "<status code='110'/><status code='201'/></x></presence>");
	client_expect(c, "<message type='groupchat'><subject/></message>");
	client_send(c, "<iq type='set' id='open' to='" ROOM "'><query xmlns='" NS_MUC_OWNER
	               "'><x xmlns='jabber:x:data' type='submit'/></query></iq>");
	client_expect(c, "<iq type='result' id='open'/>");
}

/* C enters; those who are there are to read of it themselves. */
static inline void room_enter(struct client *c, const char *nick)
{
	room_ask(c, nick);
	room_read_entry(c);
}

/* TO sees NICK come, or change. */
static inline void room_sees(struct client *to, const char *nick)
{
	client_expectf(to, "<presence type='-' from='" ROOM "/%s'/>", nick);
}
