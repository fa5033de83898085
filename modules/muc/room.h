/*
 * room.h - a room and who is in it, as long as it is loaded.
 *
 *     room ─┬─ occupant "juliet" ─┬─ seat  capulet@example.org/phone
 *           │                     └─ seat  capulet@example.org/desk     one nick, several sessions
 *           └─ occupant "romeo"   ─── seat  montague@example.org/orchard
 *
 * An occupant is a nick; a seat is one session (a full JID) that has entered under it.  All seats
 * of an occupant are of one bare JID.  What others see is the presence of the seat that sent its
 * last.
 *
 * Space "muc-seat", version 1:
 *     full JID (text) -> version, JID, nick, role, flags (numbers; 1: lasts), when it entered (ms),
 *                        what its presence holds (XML, in the namespace jabber:client)
 * Space "muc-left", version 1:
 *     when (ms, 8 bytes), nick (text) -> version, nick
 * Space "muc-subject", version 1, one record at most:
 *     (empty key) -> version, when (ms), the message as XML
 * Space "muc-run", version 1, one record at most:
 *     (empty key) -> version, start of the process that last asked for all seats (ms)
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/muc/affiliation.h"
#include "modules/muc/config.h"
#include "server/base/map.h"

extern const struct store_space muc_seat_space, muc_left_space, muc_subject_space,
	muc_run_space;

/* A session in the room; lives in its own arena. */
struct seat {
	UT_hash_handle hh; /* by full JID */
	struct arena *arena;
	struct seat *next; /* of the same occupant */
	struct occupant *occupant;
	struct jid jid;
	/* its session outlives the server: what is sent to it is kept on disk on its way */
	bool lasts;
	int64_t since_ms;           /* wall clock: when it entered */
	struct shared_buf *content; /* of its presence, without what the room adds */
};

/* Lives in its own arena. */
struct occupant {
	UT_hash_handle hh; /* by nick */
	struct arena *arena;
	struct str nick;
	struct str id; /* XEP-0421 */
	enum affiliation affiliation;
	enum role role;
	struct seat *seats; /* the one that is shown first */
};

/* At the entity; zeroed while it is not open. */
struct room {
	struct arena *arena; /* of the texts of CONFIG; NULL: not open */
	struct config config;
	struct occupant *occupants;
	struct seat *seats;
	bool has_hats; /* that somebody wears (hats.h) */
};

/* Read what ROOM, the state of ev's entity, has not got yet.  0; ERR_CORRUPT, ERR_STORE. */
MUST_CHECK int room_open(struct mod *m, struct event *ev, struct room **room_out);
/* entity_end of the descriptor. */
void room_close(struct mod *m, void *state);
/*
 * The configuration was changed: it is written, the room is listed by it, and what ROOM has of it is
 * made anew.
 */
MUST_CHECK int room_configure(struct event *ev, struct room *room, const struct config *config);

static inline size_t room_count(const struct room *room)
{
	return HASH_COUNT(room->occupants);
}
static inline size_t room_count_seats(const struct room *room)
{
	return HASH_COUNT(room->seats);
}
/* Is there something to be seen of NICK, which is prepared (§17.1)?  Else it is none. */
bool room_is_nick(struct str nick);
struct occupant *room_occupant(const struct room *room, struct str nick); /* NULL: none */
struct seat *room_seat(const struct room *room, struct jid full);         /* NULL: none */
/* Any of that bare JID; begin with PREV NULL. */
struct occupant *room_next_of(const struct room *room, struct jid bare, struct occupant *prev);
bool occupant_is_of(const struct occupant *o, struct jid bare);
/* Begin with NULL; ROOM must not change meanwhile, but that SEAT or OCCUPANT itself goes. */
static inline struct occupant *room_next(const struct room *room, const struct occupant *prev)
{
	return prev == NULL ? room->occupants : (struct occupant *)prev->hh.next;
}
static inline struct seat *room_next_seat(const struct room *room, const struct seat *prev)
{
	return prev == NULL ? room->seats : (struct seat *)prev->hh.next;
}

/* As a read job may ask, of any room: is somebody in it? */
bool room_has_seats(struct store_reader *reader, uint64_t owner);

/* Has this process asked whether the sessions of all seats are there still? */
bool room_was_asked(struct event *ev);
void room_put_asked(struct event *ev);

/* ---- changes, each with its records ---- */

/*
 * A session enters under a nick that is free, or that its own bare JID has; the occupant's role
 * and affiliation are set when he is new.  CONTENT is taken over: one reference.
 */
struct seat *room_add(struct event *ev, struct room *room, struct jid full, struct str nick,
                      struct shared_buf *content, bool lasts);
/* What a seat shows from now on, and the occupant with it.  CONTENT is taken over. */
void room_show(struct event *ev, struct room *room, struct seat *seat,
               struct shared_buf *content, bool lasts);
/* The role or affiliation of an occupant was changed in memory: his seats are written. */
void room_put(struct event *ev, struct room *room, struct occupant *o);
/* NICK is free; O is gone, and the one that is returned has its seats. */
struct occupant *room_rename(struct event *ev, struct room *room, struct occupant *o,
                             struct str nick);
/* Frees SEAT, and its occupant (true) if it was his last. */
bool room_remove(struct event *ev, struct room *room, struct seat *seat);

/* The occupant's address: the room's with his nick. */
struct jid occupant_jid(struct event *ev, const struct occupant *o);
/* XEP-0421: the same for one bare JID as long as there is the room; in ARENA. */
struct str occupant_id(struct arena *arena, const struct config *config, struct jid bare);

/*
 * Nicks that were given up since then, and within the last day, the latest first, though somebody
 * may have them again: who was resumed after a restart may not have heard.
 */
typedef int room_left_fn(void *arg, struct str nick);
MUST_CHECK int room_each_left(struct event *ev, int64_t since_ms, room_left_fn *fn, void *arg);
