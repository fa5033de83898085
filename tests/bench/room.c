/*
 * room.c - what the occupants of one room have heard so far, and what they still have to hear.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/bench/room.h"
#include "tests/bench/buf.h"

#include <stdlib.h>

void room_init(struct room *r, unsigned size)
{
	*r = (struct room){ .size = size };
	r->met = buf_zalloc(((size_t)size * size + 7) / 8);
	r->heard = buf_zalloc(size * sizeof(*r->heard));
}

void room_deinit(struct room *r)
{
	free(r->met);
	free(r->heard);
}

bool room_meet(struct room *r, unsigned who, unsigned whom)
{
	size_t pair = (size_t)who * r->size + whom;
	uint8_t bit = (uint8_t)(1u << (pair % 8));

	if ((r->met[pair / 8] & bit) != 0)
		return false;
	r->met[pair / 8] |= bit;
	r->presences++;
	return true;
}

bool room_has_space(const struct room *r, unsigned window)
{
	return r->sent - r->arrived < window &&
	       !r->messages[r->sent % ROOM_WINDOW_MAX].is_under_way;
}

uint32_t room_send(struct room *r, uint64_t now)
{
	uint32_t number = r->sent++;

	r->messages[number % ROOM_WINDOW_MAX] = (struct room_message){
		.sent_at_ns = now,
		.number = number,
		.is_under_way = true,
	};
	return number;
}

enum room_heard room_hear(struct room *r, unsigned who, uint32_t number,
                          uint64_t *sent_at_ns_out)
{
	struct room_message *m = &r->messages[number % ROOM_WINDOW_MAX];
	uint32_t place = r->heard[who];

	if (!m->is_under_way || m->number != number)
		return ROOM_WRONG;
	if (place == r->placed && m->heard == 0)
		r->order[r->placed++ % ROOM_WINDOW_MAX] = number;
	else if (place == r->placed || r->order[place % ROOM_WINDOW_MAX] != number)
		return ROOM_WRONG;
	r->heard[who]++;
	*sent_at_ns_out = m->sent_at_ns;
	if (++m->heard < r->size)
		return ROOM_HEARD;
	m->is_under_way = false;
	r->arrived++;
	return ROOM_HEARD_BY_ALL;
}
