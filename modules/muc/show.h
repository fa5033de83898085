/*
 * show.h - presence in a room: who sees what of whom (XEP-0045 §7.2.2, §7.2.3, §15.5.4).
 *
 * What all get alike is written once: an occupant's own presence, with what the room adds to it.
 * There are four forms of that at most: with and without the real JID, for the occupant himself and
 * for others.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/muc/private.h"

/* Status codes (§15.6.2), as bits. */
enum status {
	STATUS_SHOWS_JIDS = 1 << 0,       /* 100 */
	STATUS_SELF = 1 << 1,             /* 110; added where it is due */
	STATUS_LOGS = 1 << 2,             /* 170 */
	STATUS_CREATED = 1 << 3,          /* 201 */
	STATUS_BANNED = 1 << 4,           /* 301 */
	STATUS_NEW_NICK = 1 << 5,         /* 303 */
	STATUS_KICKED = 1 << 6,           /* 307 */
	STATUS_NO_LONGER_MEMBER = 1 << 7, /* 321 */
	STATUS_MEMBERS_ONLY = 1 << 8,     /* 322 */
	STATUS_ERROR = 1 << 9,            /* 333 */
};

/* Why an occupant is shown. */
struct showing {
	unsigned codes;                 /* enum status, for everybody */
	unsigned self_codes;            /* more of them, for himself alone */
	struct str new_nick;            /* absent: none */
	struct str actor_nick, reason;  /* likewise */
	const struct xml_node *destroy; /* of §10.9; NULL: none */
	struct str farewell; /* of who goes: what his own presence holds; absent: nothing */
};

/* To everybody: O is there, or is so now. */
void show(struct muc_event *me, const struct occupant *o, const struct showing *why);
/* To everybody: O goes, with all his seats; while he is in the room still. */
void show_gone(struct muc_event *me, const struct occupant *o, const struct showing *why);
/* To all but O himself, while he is what they see: he is gone for them, and stays in the room. */
void show_hidden(struct muc_event *me, const struct occupant *o);
/* To one seat: another occupant, or the seat's own. */
void show_one(struct muc_event *me, const struct occupant *o, const struct seat *to,
              const struct showing *why);
/* To one seat that it goes, while others of its occupant stay (NULL: no more to say). */
void show_gone_one(struct muc_event *me, const struct occupant *o, const struct seat *to,
                   const struct showing *why);
/* To one seat: presence of the room, or of an occupant. */
void show_send(struct muc_event *me, const struct stanza *presence, const struct seat *to);
/* Are those of that role shown to others (roomconfig_presencebroadcast)? */
bool show_is_broadcast(const struct room *room, enum role role);
/* Do they see who everybody is (§7.2.3, §7.2.4)? */
bool show_sees_jids(const struct room *room, const struct seat *to);
/* What of a presence is shown: all but what the room alone may say (NULL: it is too large). */
struct shared_buf *show_content(struct muc_event *me, const struct stanza *s);
/* What is said of somebody in an <item/> (§15.5.2). */
struct shown_item {
	enum affiliation affiliation;
	enum role role;
	struct jid jid; /* JID_NONE: not told */
};
/* That item, added to X; ACTOR_NICK and REASON may be absent. */
struct xml_node *show_add_item(struct arena *arena, struct xml_node *x, struct shown_item shown,
                               struct str actor_nick, struct str reason);
/* <occupant-id/> (XEP-0421), added to PARENT. */
void show_add_occupant_id(struct arena *arena, struct xml_node *parent, struct str id);
/* <status code=…/> for each of CODES, added to X. */
void show_add_codes(struct arena *arena, struct xml_node *x, unsigned codes);
