/*
 * find.h - public rooms by words in what is known of them (XEP-0433), on a reader thread.
 *
 * The whole index of public rooms is walked, a part in each job, so that other readers have their
 * turn: there is no index of words.  A million of rooms is a second or two of one reader.  Ordered
 * by address, the walk begins behind the page before and ends with the page.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/muc/listing.h"

#define FIND_TERMS 8
#define FIND_PAGE 100 /* rooms */

struct found {
	struct listed room;
	uint64_t users;
};

/* What is wanted, then what there is. */
struct find {
	struct arena *arena;
	struct str domain;
	struct str terms[FIND_TERMS]; /* folded; a room has all of them.  None: any room */
	size_t n_terms;
	bool in_name, in_description, in_address;
	bool by_users; /* the most first, then by address; else by address alone */
	bool backwards;
	bool has_cursor;
	struct found cursor; /* the page begins behind it, or ends before it */
	size_t max;          /* 0 to FIND_PAGE */
	/* where the walk is */
	struct str after; /* localpart; absent: at the beginning */
	bool is_done;
	/* in ascending order in any case, when it is done */
	struct found found[FIND_PAGE + 1];
	size_t n;
	int err;
};

/* All but the first. */
void room_find_begin(struct find *find);
/* As WORK of event_read: a part; again, until FIND is done. */
void room_find_run(struct store_reader *reader, void *find);
