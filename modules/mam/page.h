/*
 * page.h - a page of an archive: which messages a query is for, and finding them.
 *
 * The set is what all filters let through, in the order of time; the page is a part of it.
 *
 *     archive      ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─▶ id
 *     set              ├ from ─ ─ ─ ─ ─ ─ upto ┤          start, end, after-id, before-id; with; ids
 *     page                   ├──────┤                     after, before, max
 *
 * page_run is called by WORK of event_read.  It looks at so many messages at a time (PAGE_LOOK), so that no
 * reader is held by one query, and says whether it has to go on.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/mam/private.h"

#define PAGE_LOOK 10000        /* messages looked at by one job */
#define PAGE_LOOK_MAX 200000   /* by all jobs of a query */
#define LOOKS_COUNTED 1000     /* as one of those that somebody has at a room */
#define PAGE_SEGMENT 8         /* what a look at the words of some hundred counts as */
#define PAGE_BYTES KIB(512)    /* of the messages of a page, but for the first one */
#define PAGE_IDS 100           /* in a query */
#define PAGE_COUNT 1000        /* where the set is larger its size is not told */
#define PAGE_COUNT_ASKED 50000 /* the same when nothing else is asked for */

struct page_message {
	uint64_t id;
	const struct stanza *message; /* NULL: it cannot be read */
};

struct page {
	struct arena *arena;
	uint64_t owner;

	/* the set */
	struct str with;      /* bare JID; absent: all */
	struct str with_full; /* of these, the full JID; absent: all */
	uint64_t from, upto;  /* ids, inclusive */
	bool by_words;
	struct terms words; /* all of them in each message */
	bool by_ids;
	uint64_t ids[PAGE_IDS]; /* ascending */
	size_t n_ids;
	/* ids that must be in the archive, or nothing is found (XEP-0313 §4.1.4, §4.3.2) */
	uint64_t needed[PAGE_IDS + 4];
	size_t n_needed;

	/* the page */
	uint64_t after, before; /* its bounds, inclusive: from and upto, or narrower */
	bool backwards;         /* the last ones within the bounds, not the first */
	size_t max;

	/* what was found */
	int err;                    /* ERR_NOENT: a needed one is missing */
	bool goes_on;               /* page_run has to be called again */
	bool is_complete;           /* nothing lies beyond the page */
	struct page_message *found; /* as they were found: backwards, the last one is first */
	size_t n_found, bytes, looked;
	bool is_counted;
	uint64_t count, index; /* of the set; of its messages before the page */
};

/* Nothing between its bounds is left out. */
static inline bool page_is_whole(const struct page *page)
{
	return str_is_absent(page->with) && !page->by_words && !page->by_ids;
}

void page_run(struct store_reader *reader, struct page *page);
