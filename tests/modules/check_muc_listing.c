/*
 * check_muc_listing.c - the index of public rooms (XEP-0045 §6.3).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/listing.h"

#include "tests/modules/rooms.h"

/* ---- reading the index, as the service does ---- */

struct reading {
	struct store_job job;
	struct listing *listing;
	struct world_call *call;
};

static void work(struct store_job *job, struct store_reader *reader)
{
	listing_run(reader, CONTAINER_OF(job, struct reading, job)->listing);
}

static void done(struct shard *here, struct store_job *job)
{
	struct reading *reading = CONTAINER_OF(job, struct reading, job);

	world_answer(reading->call, reading->listing->err);
}

static void run(struct core *core, struct world_call *call)
{
	struct reading *reading = call->arg;

	reading->call = call;
	ck_assert_int_eq(store_submit(core->view, &reading->job), 0);
}

static struct listing read_page(const char *after, bool backwards, size_t max)
{
	struct listing listing = { .arena = w->arena,
		                   .domain = STR(SERVICE),
		                   .after = str_of(after),
		                   .backwards = backwards,
		                   .max = max };
	struct reading reading = { .job = { .work = work, .done = done }, .listing = &listing };

	ck_assert_int_eq(world_ask(w, 0, run, &reading), 0);
	return listing;
}

/* Names of the page's rooms, each with a space behind it, and "|" if there is nothing beyond. */
static const char *names(const char *after, bool backwards, size_t max)
{
	struct listing listing = read_page(after, backwards, max);
	struct str all = STR("");

	for (size_t i = 0; i < listing.n; i++)
		all = arena_printf(w->arena, STR_FMT STR_FMT " ", STR_ARG(all),
		                   STR_ARG(listing.found[i].local));
	return arena_printf(w->arena, STR_FMT "%s", STR_ARG(all), listing.is_last ? "|" : "").p;
}

static void make(const char *name)
{
	client_printf(romeo, "<presence to='%s@" SERVICE "/romeo'>" MUC "</presence>", name);
	room_read_entry(romeo);
}

static void open_room(const char *name)
{
	client_printf(romeo,
	              "<iq type='set' id='open' to='%s@" SERVICE "'><query xmlns='" NS_MUC_OWNER
	              "'><x xmlns='jabber:x:data' type='submit'/></query></iq>",
	              name);
	client_expect(romeo, "<iq type='result' id='open'/>");
}

/* ---- */

START_TEST(a_room_is_listed_from_when_it_is_open_until_it_ends)
{
	rooms_begin(NULL);
	make("chapel");
	ck_assert_str_eq(names(NULL, false, 10), "|");
	open_room("chapel");
	ck_assert_str_eq(names(NULL, false, 10), "chapel |");
	client_send(romeo, "<presence type='unavailable' to='" ROOM "/romeo'/>");
	client_expect(romeo, "<presence type='unavailable' from='" ROOM "/romeo'/>");
	ck_assert_str_eq(names(NULL, false, 10), "|");
	end();
}
END_TEST

START_TEST(a_room_that_lasts_is_listed_after_a_restart)
{
	rooms_begin("muc { persistent = true }\n");
	make("chapel");
	open_room("chapel");
	world_restart(w);
	client_drop(&romeo);
	ck_assert_str_eq(names(NULL, false, 10), "chapel |");
	romeo = client_login(w, ROMEO);
	end();
}
END_TEST

START_TEST(a_room_that_is_never_locked_is_listed_at_once)
{
	rooms_begin("muc { lock = false }\n");
	make("chapel");
	ck_assert_str_eq(names(NULL, false, 10), "chapel |");
	end();
}
END_TEST

START_TEST(a_room_that_is_not_public_is_not_listed)
{
	rooms_begin("muc { public = false }\n");
	make("chapel");
	open_room("chapel");
	ck_assert_str_eq(names(NULL, false, 10), "|");
	end();
}
END_TEST

START_TEST(rooms_are_listed_in_pages_by_their_names)
{
	static const char *const rooms[] = { "delta", "alpha", "echo", "charlie", "bravo" };

	rooms_begin("muc { lock = false }\n");
	for (size_t i = 0; i < ARRAY_LEN(rooms); i++)
		make(rooms[i]);
	ck_assert_str_eq(names(NULL, false, 2), "alpha bravo ");
	ck_assert_str_eq(names("bravo", false, 2), "charlie delta ");
	ck_assert_str_eq(names("delta", false, 2), "echo |");
	ck_assert_str_eq(names(NULL, true, 2), "delta echo ");
	ck_assert_str_eq(names("delta", true, 2), "bravo charlie ");
	ck_assert_str_eq(names("bravo", true, 2), "alpha |");
	ck_assert_str_eq(names("bz", false, 1), "charlie "); /* one that is gone */
	ck_assert_str_eq(names("alpha", true, 2), "|");
	end();
}
END_TEST

START_TEST(a_full_disk_leaves_the_index_as_it_was)
{
	rooms_begin(NULL);
	make("chapel");
	world_block_disk(true);
	client_send(romeo, "<iq type='set' id='open' to='" ROOM "'><query xmlns='" NS_MUC_OWNER
	                   "'><x xmlns='jabber:x:data' type='submit'/></query></iq>");
	client_expect(
		romeo,
		"<iq type='error' id='open'><error><resource-constraint xmlns='" NS_STANZA_ERROR
		"'/></error></iq>");
	world_block_disk(false);
	ck_assert_str_eq(names(NULL, false, 10), "|");
	open_room("chapel");
	ck_assert_str_eq(names(NULL, false, 10), "chapel |");
	end();
}
END_TEST

CHECK_MAIN("muc_listing", a_room_is_listed_from_when_it_is_open_until_it_ends,
           a_room_that_lasts_is_listed_after_a_restart,
           a_room_that_is_never_locked_is_listed_at_once,
           a_room_that_is_not_public_is_not_listed, rooms_are_listed_in_pages_by_their_names,
           a_full_disk_leaves_the_index_as_it_was)
