/*
 * rooms.h - sessions that sit in rooms (XEP-0045): how they come in, and how they talk there.
 *
 * The sessions, in the order of their accounts, fill one room after the other; the warm sessions
 * have a room of their own, in which everything happens before it is measured elsewhere.
 *
 *	joins    a few at a time, one room after the other; one is done when the subject has come
 *	         and everybody who is there has heard of everybody
 *	talk     each room keeps WINDOW messages on their way to all its occupants: when one has
 *	         come to the last, the next leaves, from the next occupant in turn.  Or, with a
 *	         rate, so many messages a second leave, of all rooms in turn.
 *
 * On the relay everybody is in a room from the first moment on.
 *
 * room.h has what must arrive.  Anything else, and anything that stays away, ends the program.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/bench/fleet.h"
#include "tests/bench/histogram.h"
#include "tests/bench/report_rooms.h"
#include "tests/bench/room.h"

#define ROOMS_STEP 0.001 /* seconds between two looks at what is due */

/* Either of the two, the other one is 0. */
struct rooms_plan {
	unsigned window; /* messages under way in each room */
	unsigned rate;   /* messages per second of all rooms */
};

/* The talk under way. */
struct rooms_talk {
	struct rooms_plan plan;
	bool stopping;
	uint64_t start_ns;
	uint64_t done;     /* messages that were sent, or given up */
	unsigned next;     /* room */
	uint64_t messages; /* that came to the last occupant */
	uint64_t deliveries;
	struct histogram latency;      /* of each delivery */
	struct histogram last_latency; /* of each message, until the last occupant had it */
};

struct rooms {
	struct fleet *fleet;
	struct room *rooms; /* the first is the warm sessions', which may be empty */
	unsigned count;
	unsigned subjects; /* joins, of all rooms, whose subject has come */
	struct rooms_talk talk;
};

/* All sessions of F write to themselves; from then on it is their rooms that they listen to. */
void rooms_init(struct rooms *rs, struct fleet *f);
void rooms_deinit(struct rooms *rs);

/* Fill the warm sessions' room, and let it talk. */
void rooms_warm(struct rooms *rs);

/* Fill the other rooms. */
void rooms_join(struct rooms *rs, struct report_rooms *out);

/* Let these talk. */
void rooms_talk(struct rooms *rs, struct rooms_plan plan, struct report_talk *out);

/* For rooms.c and rooms_talk.c only. */
struct room *rooms_of(struct rooms *rs, const struct client *c, unsigned *who_out);
struct client *rooms_occupant(const struct rooms *rs, const struct room *r, unsigned who);
void rooms_warm_up(struct rooms *rs);
void rooms_on_message(struct client *c, uint32_t number, void *ctx);
