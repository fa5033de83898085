/*
 * hats.h - what occupants are besides their roles, as a room's admins say (XEP-0317 0.3.1).
 *
 * Space "muc-hat", version 1:
 *     URI (text) -> version, URI, title, hue (texts; hue empty: none)
 * Space "muc-hat-worn", version 1:
 *     bare JID (text) -> version, JID, URI of each hat that he wears (texts)
 *
 * They are created, assigned and so on by commands (hat_command.h).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/muc/room.h"

#define HATS_MAX 50       /* of a room */
#define HATS_WORN_MAX 10  /* by one person: they stand in each of his presences */
#define HATS_WEARERS 1000 /* of a room */

extern const struct store_space muc_hat_space, muc_hat_worn_space;

/* Strings are borrowed from the event's arena. */
struct hat {
	struct str uri, title, hue; /* hue empty: none */
};

struct hats_worn {
	struct jid jid; /* bare */
	struct str uris[HATS_WORN_MAX];
	size_t n;
};

/* ERR_NOENT, ERR_CORRUPT. */
MUST_CHECK int hats_find(struct event *ev, struct str uri, struct hat *hat_out);
void hats_put(struct event *ev, const struct hat *hat);
void hats_delete(struct event *ev, struct str uri);
/* In the order of their URIs, until FN returns other than 0.  FN writes nothing. */
typedef int hats_fn(void *arg, const struct hat *hat);
MUST_CHECK int hats_each(struct event *ev, hats_fn *fn, void *arg);

/* Who wears none has none in *worn_out. */
MUST_CHECK int hats_find_worn(struct event *ev, struct jid bare, struct hats_worn *worn_out);
/* From now on he wears these; the room knows that there are any. */
void hats_put_worn(struct event *ev, struct room *room, const struct hats_worn *worn);
typedef int hats_worn_fn(void *arg, const struct hats_worn *worn);
MUST_CHECK int hats_each_worn(struct event *ev, hats_worn_fn *fn, void *arg);
bool hats_has(const struct hats_worn *worn, struct str uri);

/* When ROOM is opened: is a hat worn by anybody? */
MUST_CHECK int hats_open(struct event *ev, struct room *room);
/* To PRESENCE of an occupant of that bare JID; what cannot be read is not shown. */
void hats_show(struct event *ev, const struct room *room, struct jid bare,
               struct xml_node *presence);
