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

static struct world *w;
static struct client *romeo, *juliet, *mercutio;

/* All three are logged in, and there is no room yet; OPTIONS of the host, as ask_world has them. */
static inline void rooms_begin(const char *options)
{
	w = ask_world(options);
	world_account(w, "juliet@a.example", "secret");
	world_account(w, "mercutio@a.example", "secret");
	romeo = client_login(w, ROMEO);
	juliet = client_login(w, JULIET);
	mercutio = client_login(w, MERCUTIO);
}

static inline void end(void)
{
	client_drop(&romeo);
	client_drop(&juliet);
	client_drop(&mercutio);
	world_free(&w);
}

/* C asks to enter; what comes of it is the test's affair. */
static inline void room_ask(struct client *c, const char *nick)
{
	client_printf(c, "<presence to='" ROOM "/%s'>" MUC "</presence>", nick);
}

/* C asked to enter, and was told why not. */
static inline void room_refuses(struct client *c, const char *condition)
{
	client_expectf(c,
	               "<presence type='error'><error><%s xmlns='" NS_STANZA_ERROR
	               "'/></error></presence>",
	               condition);
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

/* Both, the one who was there before having read that the other has come. */
static inline void room_enter_seen(struct client *c, const char *nick, struct client *by)
{
	room_enter(c, nick);
	room_sees(by, nick);
}

/* Romeo owns the room; Juliet and Mercutio are in it, and nobody has anything to read. */
static inline void rooms_begin_together(const char *options)
{
	rooms_begin(options);
	room_make(romeo, "romeo");
	room_enter_seen(juliet, "juliet", romeo);
	room_enter_seen(mercutio, "mercutio", romeo);
	room_sees(juliet, "mercutio");
}

/* All three read the same. */
static inline void all_see(const char *pattern)
{
	client_expect(romeo, pattern);
	client_expect(juliet, pattern);
	client_expect(mercutio, pattern);
}
