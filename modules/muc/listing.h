/*
 * listing.h - the index of public rooms, from which the service tells of them (XEP-0045 §6.3).
 *
 * Written in the batch of what it tells of, so it is never wrong about a room whose batch is on
 * disk.  Read on a reader thread: there may be many rooms.
 *
 * Space "muc-public", version 1, of no owner:
 *     domain, localpart of the room (texts) -> version, localpart, name, description, language
 *                   (texts), flags (number; 1: anybody may enter, 2: everybody sees addresses)
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/muc/config.h"

extern const struct store_space muc_public_space;

/* What is known of a public room without asking it. */
struct listed {
	struct str local;                       /* of its address */
	struct str name, description, language; /* empty: none */
	bool is_open; /* neither for members only nor with a password */
	bool shows_jids;
};

/* Its address in DOMAIN, and what people call it. */
struct str listed_address(struct arena *arena, struct str domain, const struct listed *room);
struct str listed_name(const struct listed *room);
/* The same in ARENA. */
struct listed listed_copy(struct arena *arena, const struct listed *room);

/* Ev's room is set to CONFIG: it is listed from now on, or not any more. */
void listing_update(struct event *ev, const struct config *config);
/* It ends; before event_dissolve. */
void listing_remove(struct event *ev);

/*
 * Public rooms of DOMAIN in the order of their localparts, from behind AFTER on (absent: from the
 * first), or, BACKWARDS, from before AFTER down (absent: from the last), until FN returns other
 * than 0, which is returned.  Texts are borrowed for the call.  0, or ERR_CORRUPT, ERR_STORE.
 */
typedef int listing_fn(void *arg, const struct listed *room);
MUST_CHECK int listing_each(struct store_reader *reader, struct str domain, struct str after,
                            bool backwards, listing_fn *fn, void *arg);

/* A page of them: what is wanted, then what there is. */
struct listing {
	struct arena *arena;
	struct str domain;
	struct str after; /* as above */
	bool backwards;
	size_t max;           /* 1 at least */
	struct listed *found; /* in ascending order in any case; in ARENA */
	size_t n;
	bool is_last; /* there is nothing beyond it, in the direction of reading */
	int err;
};
/* As WORK of event_read. */
void listing_run(struct store_reader *reader, void *listing);
