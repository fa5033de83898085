/*
 * private.h - the parts of the module muc among themselves.
 *
 *     muc.c ─▶ service.c     stanzas to the domain
 *          └▶ room.c         the room is opened: a cache of its records
 *               ├▶ enter.c, leave.c, nick.c       presence of occupants ─▶ show.c: who sees what of it
 *               ├▶ talk.c, subject.c, private.c   messages
 *               └▶ iqs, one file for each         muc.c has the table
 *
 * All that a room is stands in its records, occupants included; memory holds nothing else.  So a
 * room is loaded when something is for it, is gone again when nothing was for a while, and comes
 * back from a crash with everybody in it.  Where the disk does not take what an event did, the room
 * is read anew.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/muc/room.h"

struct muc_conf {
	struct str domain;      /* absent: "conference." and the host's name */
	int64_t create;         /* enum muc_create */
	bool lock;              /* a new room is locked until its owner has configured it */
	int64_t rooms_per_hour; /* that an account may have made */
	int64_t max_occupants;
	int64_t max_affiliations;
	int64_t history;     /* messages of it for newcomers */
	int64_t max_message; /* bytes */
	int64_t max_vcard;   /* bytes of XML */
	int64_t messages_per_minute;
	int64_t joins_per_minute;
	int64_t invites_per_minute;
	/* what a room is unless its owners say otherwise */
	bool is_public, is_persistent, is_members_only, is_moderated, shows_jids, logs;
};

enum muc_create { /* in the order of the option's choices */
	          CREATE_LOCAL,
	          CREATE_ADMINS,
};

/* Of a service on a shard. */
struct muc_state {
	struct mod_rates *messages; /* by room and bare JID */
	struct mod_rates *joins;    /* by room and bare JID */
	struct mod_rates *made;     /* by bare JID */
	struct mod_rates *invites;  /* by bare JID: invitations, and answers to them */
	struct mod_rates *voices;   /* requests to be heard, by room and bare JID */
	struct mod_rates *mentions; /* by room and the bare JID of who is told */
	struct mod_rates *searches; /* by bare JID */
};

/* One stanza at a room, or at a name that may become one. */
struct muc_event {
	struct mod *mod; /* of the service */
	struct event *ev;
	struct room *room;
	struct seat *seat; /* the sender's; NULL: he is no occupant */
};

/* Stanzas that one event may cause, about: what all see of many. */
#define FAN_OUT_MAX 100000

/* The room and the bare JID of WHO, for rates. */
struct str muc_rate_key(struct muc_event *me, struct jid who);

static inline const struct muc_conf *muc_conf_of(const struct muc_event *me)
{
	return mod_conf(me->mod);
}

/* A table of iqs, ended by { 0 }. */
struct muc_iq {
	const char *ns, *name;
	unsigned methods; /* IQ_GET, IQ_SET */
	int (*fn)(struct muc_event *me);
};

/* ---- presence ---- */

/* Available, to an occupant's address: to enter, or what an occupant shows, or a new nick. */
int enter(struct muc_event *me);
/* Available, to a name without a room. */
int enter_new(struct muc_event *me);
/* Does the sender not enter the room, or register with it, too often (joins-per-minute)? */
bool enter_in_time(struct muc_event *me);
/* Unavailable. */
int leave(struct muc_event *me);
/* An error of a kind that says: he is not there. */
bool leave_is_gone(const struct stanza *s);
int leave_as_gone(struct muc_event *me);
/* A probe: who has lost what was on its way to him is told anew who is there. */
int enter_again(struct muc_event *me);
/* To a seat whose session is gone: the answer to our probe. */
int leave_as_unknown(struct muc_event *me);
/* A visit: does each session that entered before this process began exist still? */
int leave_visit(struct mod *m, struct event *ev, struct str data);

/* ---- messages ---- */

int talk(struct muc_event *me);            /* groupchat to the room */
int talk_in_private(struct muc_event *me); /* to an occupant */
int talk_error(struct muc_event *me);      /* an error, for either of them */
int talk_to_room(struct muc_event *me);    /* normal, to the room: forms, invitations */
/* S is from the room or one of its occupants, for all seats. */
void talk_send_all(struct muc_event *me, const struct stanza *s);
/* To one of them. */
void talk_send(struct muc_event *me, const struct stanza *s, const struct seat *to);

/* The room's history for who has just entered, by what ENTERING asks for (§7.2.13). */
int history_send(struct muc_event *me, const struct seat *to, const struct xml_node *asked);
/* Its subject, with which it ends (§7.2.15). */
void subject_send(struct muc_event *me, const struct seat *to);
/* What it is; empty: none. */
MUST_CHECK int subject_text(struct event *ev, struct str *text_out);
/* A message with a subject and no body (§8.1). */
int subject_change(struct muc_event *me);

/* ---- iqs ---- */

extern const struct muc_iq room_iqs[];
/* The row for the event's iq; NULL: none. */
const struct muc_iq *muc_find_iq(const struct muc_iq *rows, const struct event *ev);
