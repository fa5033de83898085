/*
 * check_time.c - XEP-0202.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/ask.h"

#include "server/base/clock.h"

#include <stdlib.h>
#include <time.h>

#define TIME "<time xmlns='urn:xmpp:time'/>"

/* The offset that a server in zone TZ tells; the time it tells lies between before and behind. */
static struct str offset_in(const char *zone, struct arena *arena)
{
	struct world *w;
	struct client *c;
	const struct xml_node *iq;
	struct str offset;
	int64_t before = clock_wall_ms() / 1000 * 1000, told;

	setenv("TZ", zone, 1);
	tzset();
	w = ask_world(NULL);
	c = client_login(w, "romeo@a.example");
	iq = ask(c, "get", "a.example", TIME);
	ck_assert_int_eq(datetime_parse(answer_text(c, iq, "utc"), &told), 0);
	ck_assert_int_ge(told, before);
	ck_assert_int_le(told, clock_wall_ms());
	ck_assert(str_ends_with(answer_text(c, iq, "utc"), STR("Z")));
	offset = arena_copy(arena, answer_text(c, iq, "tzo"));
	client_drop(&c);
	world_free(&w);
	return offset;
}

START_TEST(utc_and_the_offset_of_the_servers_zone_are_told)
{
	struct arena *arena = arena_new(256);

	ck_assert_str_is(offset_in("UTC0", arena), "+00:00");
	ck_assert_str_is(offset_in("AAA-5:45", arena), "+05:45");
	ck_assert_str_is(offset_in("AAA3:30", arena), "-03:30");
	ck_assert_str_is(offset_in("AAA0:30", arena), "-00:30");
	arena_free(&arena);
}
END_TEST

START_TEST(accounts_have_no_time)
{
	struct world *w = ask_world(NULL);
	struct client *c = client_login(w, "romeo@a.example");

	ask_error(c, "get", "", TIME, "service-unavailable");
	ask_error(c, "set", "a.example", TIME, "service-unavailable");
	client_drop(&c);
	world_free(&w);
}
END_TEST

CHECK_MAIN("time", utc_and_the_offset_of_the_servers_zone_are_told, accounts_have_no_time)
