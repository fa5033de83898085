/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/find.h"

#include "modules/muc/room.h"
#include "xml/fold.h"

#include <string.h>

#define PART 2000       /* rooms that one job looks at: some milliseconds */
#define SEATS_MAX 10000 /* that are counted */

/* ---- is it wanted ---- */

static bool has(struct str text, struct str term)
{
	return memmem(text.p, text.n, term.p, term.n) != NULL;
}

static bool has_term(const struct find *find, struct arena *scratch, const struct listed *room,
                     struct str term)
{
	return (find->in_name && has(text_fold(scratch, room->name), term)) ||
	       (find->in_description && has(text_fold(scratch, room->description), term)) ||
	       (find->in_address && (has(text_fold(scratch, room->local), term) ||
	                             has(text_fold(scratch, find->domain), term)));
}

static bool has_terms(const struct find *find, struct arena *scratch, const struct listed *room)
{
	for (size_t i = 0; i < find->n_terms; i++)
		if (!has_term(find, scratch, room, find->terms[i]))
			return false;
	return true;
}

/* ---- how many are there ---- */

struct count {
	struct arena *scratch;
	struct str nick;
	uint64_t n;
};

/* Seats stand in the order of their JIDs: those of one occupant are together. */
static int count_seat(void *arg, struct str key, struct str value)
{
	struct count *count = arg;
	struct record_reader r;
	struct str nick;

	if (record_open(&r, value) != 1)
		return 0;
	record_str(&r);
	nick = record_str(&r);
	if (count->n > 0 && str_eq(nick, count->nick))
		return 0;
	count->nick = arena_copy(count->scratch, nick);
	count->n++;
	return 0;
}

/* Of a room that is gone meanwhile: nobody. */
static uint64_t count_users(struct store_reader *reader, struct arena *scratch,
                            struct str domain, struct str local)
{
	struct count count = { .scratch = scratch };
	uint64_t owner;

	if (names_read(reader, domain, local, &owner) < 0 ||
	    store_reader_scan(reader, &muc_seat_space, owner, STR(""), STR_NONE, SEATS_MAX,
	                      count_seat, &count) < 0)
		return 0;
	return count.n;
}

/* ---- the page ---- */

/* Less than 0: A stands before B. */
static int compare(const struct find *find, const struct found *a, const struct found *b)
{
	if (find->by_users && a->users != b->users)
		return a->users > b->users ? -1 : 1;
	return str_cmp(a->room.local, b->room.local);
}

/* In the direction of the walk. */
static bool is_behind(const struct find *find, const struct found *a, const struct found *b)
{
	int order = compare(find, a, b);

	return find->backwards ? order < 0 : order > 0;
}

/* One more than the page is kept, to know whether there is more. */
static void insert(struct find *find, const struct found *found)
{
	size_t at = find->n;

	while (at > 0 && is_behind(find, &find->found[at - 1], found))
		at--;
	if (at > find->max)
		return;
	if (find->n <= find->max)
		find->n++;
	memmove(&find->found[at + 1], &find->found[at],
	        (find->n - 1 - at) * sizeof(*find->found));
	find->found[at].room = listed_copy(find->arena, &found->room);
	find->found[at].users = found->users;
}

struct walk {
	struct find *find;
	struct store_reader *reader;
	struct arena *scratch; /* of one room */
	size_t looked_at;
};

static void look_at(struct walk *w, const struct listed *room)
{
	struct find *find = w->find;
	struct found found = { .room = *room };

	if (!has_terms(find, w->scratch, room))
		return;
	found.users = count_users(w->reader, w->scratch, find->domain, room->local);
	if (!find->has_cursor || is_behind(find, &found, &find->cursor))
		insert(find, &found);
}

/* By address, the rooms come in the order in which they are wanted. */
static bool is_full(const struct find *find)
{
	return !find->by_users && find->n > find->max;
}

static int on_room(void *arg, const struct listed *room)
{
	struct walk *w = arg;
	struct find *find = w->find;

	arena_reset(w->scratch);
	look_at(w, room);
	if (is_full(find)) {
		find->is_done = true;
		return 1;
	}
	if (++w->looked_at < PART)
		return 0;
	find->after = arena_copy(find->arena, room->local);
	return 1;
}

static void turn_round(struct find *find)
{
	for (size_t i = 0; i < find->n / 2; i++) {
		struct found kept = find->found[i];

		find->found[i] = find->found[find->n - 1 - i];
		find->found[find->n - 1 - i] = kept;
	}
}

static void end(struct find *find)
{
	if (find->n > find->max)
		find->n = find->max;
	if (find->backwards)
		turn_round(find);
}

void room_find_begin(struct find *find)
{
	find->after = find->has_cursor && !find->by_users ? find->cursor.room.local : STR_NONE;
	find->is_done = false;
	find->n = 0;
	find->err = 0;
}

void room_find_run(struct store_reader *reader, void *arg)
{
	struct find *find = arg;
	struct walk w = { .find = find, .reader = reader, .scratch = arena_new(4096) };
	int result = listing_each(reader, find->domain, find->after,
	                          find->backwards && !find->by_users, on_room, &w);

	if (result < 0)
		find->err = result;
	if (result != 1)
		find->is_done = true;
	if (find->is_done)
		end(find);
	arena_free(&w.scratch);
}
