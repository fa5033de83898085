/*
 * check_room.c - what counts as heard in a room, and what as lost, doubled or overtaken.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/bench/room.h"
#include "tests/lib/check_main.h"

#define OCCUPANTS 3

static enum room_heard hear(struct room *r, unsigned who, uint32_t number)
{
	uint64_t at;

	return room_hear(r, who, number, &at);
}

START_TEST(everybody_meets_everybody_once)
{
	struct room r;

	room_init(&r, OCCUPANTS);
	for (unsigned who = 0; who < OCCUPANTS; who++) {
		for (unsigned whom = 0; whom < OCCUPANTS; whom++)
			ck_assert(room_meet(&r, who, whom));
	}
	ck_assert_uint_eq(r.presences, OCCUPANTS * OCCUPANTS);
	ck_assert(!room_meet(&r, 2, 1));
	ck_assert_uint_eq(r.presences, OCCUPANTS * OCCUPANTS);
	room_deinit(&r);
}
END_TEST

START_TEST(a_message_has_arrived_when_the_last_has_heard_it)
{
	uint64_t at = 0;
	struct room r;

	room_init(&r, OCCUPANTS);
	ck_assert_uint_eq(room_send(&r, 17), 0);
	ck_assert_int_eq(hear(&r, 1, 0), ROOM_HEARD);
	ck_assert_int_eq(hear(&r, 0, 0), ROOM_HEARD);
	ck_assert_uint_eq(r.arrived, 0);
	ck_assert_int_eq(room_hear(&r, 2, 0, &at), ROOM_HEARD_BY_ALL);
	ck_assert_uint_eq(at, 17);
	ck_assert_uint_eq(r.arrived, 1);
	room_deinit(&r);
}
END_TEST

/* Two who write at once may come in either order, but the room has one. */
START_TEST(all_hear_messages_in_the_order_of_the_first)
{
	struct room r;

	room_init(&r, OCCUPANTS);
	room_send(&r, 0);
	room_send(&r, 0);
	ck_assert_int_eq(hear(&r, 1, 1), ROOM_HEARD);
	ck_assert_int_eq(hear(&r, 0, 0), ROOM_WRONG);
	ck_assert_int_eq(hear(&r, 0, 1), ROOM_HEARD);
	ck_assert_int_eq(hear(&r, 0, 0), ROOM_HEARD);
	ck_assert_int_eq(hear(&r, 2, 1), ROOM_HEARD_BY_ALL);
	ck_assert_int_eq(hear(&r, 2, 0), ROOM_HEARD);
	ck_assert_int_eq(hear(&r, 1, 0), ROOM_HEARD_BY_ALL);
	room_deinit(&r);
}
END_TEST

START_TEST(what_is_lost_or_doubled_or_was_never_sent_is_wrong)
{
	struct room r;

	room_init(&r, OCCUPANTS);
	ck_assert_int_eq(hear(&r, 0, 0), ROOM_WRONG);
	room_send(&r, 0);
	room_send(&r, 0);
	ck_assert_int_eq(hear(&r, 0, 0), ROOM_HEARD);
	ck_assert_int_eq(hear(&r, 0, 0), ROOM_WRONG);
	ck_assert_int_eq(hear(&r, 0, 1), ROOM_HEARD);
	ck_assert_int_eq(hear(&r, 1, 1), ROOM_WRONG);
	ck_assert_int_eq(hear(&r, 0, ROOM_WINDOW_MAX), ROOM_WRONG);
	room_deinit(&r);
}
END_TEST

START_TEST(no_more_than_the_window_is_under_way)
{
	struct room r;

	room_init(&r, OCCUPANTS);
	room_send(&r, 0);
	ck_assert(!room_has_space(&r, 1));
	ck_assert(room_has_space(&r, 2));
	room_send(&r, 0);
	ck_assert(!room_has_space(&r, 2));
	for (unsigned who = 0; who < OCCUPANTS; who++)
		hear(&r, who, 1);
	ck_assert(room_has_space(&r, 2));
	room_deinit(&r);
}
END_TEST

/* One that is late keeps its number's slot, whatever else has arrived since. */
START_TEST(a_number_waits_for_the_one_whose_slot_it_takes)
{
	struct room r;

	room_init(&r, 1);
	for (uint32_t n = 0; n < ROOM_WINDOW_MAX; n++)
		room_send(&r, 0);
	for (uint32_t n = 1; n < ROOM_WINDOW_MAX; n++)
		ck_assert_int_eq(hear(&r, 0, n), ROOM_HEARD_BY_ALL);
	ck_assert(!room_has_space(&r, ROOM_WINDOW_MAX));
	ck_assert_int_eq(hear(&r, 0, 0), ROOM_HEARD_BY_ALL);
	ck_assert(room_has_space(&r, ROOM_WINDOW_MAX));
	ck_assert_uint_eq(room_send(&r, 0), ROOM_WINDOW_MAX);
	ck_assert_int_eq(hear(&r, 0, ROOM_WINDOW_MAX), ROOM_HEARD_BY_ALL);
	room_deinit(&r);
}
END_TEST

CHECK_MAIN("room", everybody_meets_everybody_once,
           a_message_has_arrived_when_the_last_has_heard_it,
           all_hear_messages_in_the_order_of_the_first,
           what_is_lost_or_doubled_or_was_never_sent_is_wrong,
           no_more_than_the_window_is_under_way, a_number_waits_for_the_one_whose_slot_it_takes)
