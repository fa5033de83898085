/*
 * room.h - what the occupants of one room have heard so far, and what they still have to hear.
 *
 * There is no connection in here: rooms.c sends, and tells what came.
 *
 *	presences   of each occupant to each, itself included, once (XEP-0045 §7.2.3)
 *	messages    to everybody, the sender included, once, and in one order for all (§7.4); the
 *	            first who hears the next message fixes its place in the order
 *
 * Messages are numbered by their room.  At most ROOM_WINDOW_MAX of them are under way, and of
 * numbers that lie so far apart the later one is not sent before the earlier one has arrived.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define ROOM_WINDOW_MAX 64 /* messages under way */

struct room_message {
	uint64_t sent_at_ns;
	uint32_t number;
	unsigned heard; /* by so many occupants */
	bool is_under_way;
};

struct room {
	unsigned size;      /* occupants when all have joined */
	uint64_t presences; /* that came, of this room's occupants to each other */
	uint8_t *met;       /* a bit for each pair */
	uint32_t sent;
	uint32_t arrived;                /* messages that all have heard */
	uint32_t *heard;                 /* by occupant: how many messages */
	uint32_t placed;                 /* messages whose place in the order is known */
	uint32_t order[ROOM_WINDOW_MAX]; /* their numbers, by place */
	struct room_message messages[ROOM_WINDOW_MAX]; /* by number */
};

enum room_heard {
	ROOM_WRONG, /* lost, doubled, or not in the order of the others */
	ROOM_HEARD,
	ROOM_HEARD_BY_ALL,
};

void room_init(struct room *r, unsigned size);
void room_deinit(struct room *r);

/* Occupant WHO got the presence of WHOM.  Returns false when it already had. */
bool room_meet(struct room *r, unsigned who, unsigned whom);

/* Whether another message may be sent when WINDOW may be under way. */
bool room_has_space(const struct room *r, unsigned window);

/* A message is sent at NOW.  Returns its number. */
uint32_t room_send(struct room *r, uint64_t now);

/* Occupant WHO got message NUMBER, which was sent at *SENT_AT_NS_OUT unless that is wrong. */
enum room_heard room_hear(struct room *r, unsigned who, uint32_t number,
                          uint64_t *sent_at_ns_out);
