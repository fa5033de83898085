/*
 * words.h - the words of an account's archive, and finding messages by them.
 *
 * Space "archive-words", version 1:
 *     0, the last message's id (8 bytes, big endian) -> the words of up to 256 messages (segment.h)
 *     1, id (8 bytes, big endian)                    -> version, terms of a message that is in no segment yet (texts)
 *
 * A message's words are written as one small record behind all others of the account; when there
 * are WORDS_SEAL of them they become a segment, in the batch of the message that completes it.  So
 * a message costs an append and its share of a segment, where a key for each of its words would
 * touch a page for each.  A search reads the segments in the order of time, which is that of the
 * answer, and stops when it has a page.
 *
 * Beside its words a message has a term for its conversation, a hash of the other side's bare JID.
 * All of it is a hint: whoever finds an id looks at the message.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/mam/segment.h"

extern const struct store_space archive_words_space;

#define WORDS_SEAL SEGMENT_MESSAGES /* messages of a segment */
#define WORDS_SEAL_TERMS 8192 /* terms of all of them, after which it is made before its time */

/* At each account: a cache of what its records say. */
struct words {
	bool is_counted;
	size_t n, n_terms; /* of messages that are in no segment */
};

/* ---- storing; what is written is the event's ---- */

/* The message ID with that bare JID says TEXT; ID is greater than all before it. */
MUST_CHECK int words_add(struct event *ev, struct words *words, uint64_t id, struct str with,
                         struct str text);
/*
 * The messages IDS (ascending, N of them) are not found by their words any more, be it that they
 * never were.  Stops when it has made WORDS_REMADE_MAX segments anew: how many of IDS are done.
 */
#define WORDS_REMADE_MAX 2 /* at half a millisecond each */
MUST_CHECK int words_remove(struct event *ev, struct words *words, const uint64_t *ids,
                            size_t n);

/* On a reader thread: words_remove will find what it needs in memory. */
void words_touch(struct store_reader *reader, uint64_t owner, const uint64_t *ids, size_t n);

/* ---- finding, on a reader thread ---- */

struct words_query {
	uint64_t owner;
	struct terms terms;
	uint64_t first, last; /* ids, both included */
	bool down;            /* the newest first */
	size_t looks,
		looked; /* segments, or messages in none, that may be looked at; that were */
	/*
	 * Gets each message that has all of the terms, in order; a negative error or a number
	 * below WORDS_ENDED, other than 0, ends the search and is what words_search returns.
	 */
	int (*found)(void *arg, uint64_t id);
	void *arg;
	/* Where LOOKS ended it: up to here (included) all was looked at. */
	uint64_t reached;
};
/*
 * What TEXT asks for, with the bare JID WITH unless that is absent.  None: it has no words, and
 * nothing is found.
 */
void words_ask(struct arena *arena, struct str text, struct str with, struct terms *terms_out);
#define WORDS_ENDED 1000 /* there may be more behind REACHED */
/* 0: that was all.  ERR_STORE. */
MUST_CHECK int words_search(struct store_reader *reader, struct words_query *q);
