/*
 * segment.h - the words of some hundred messages as one value: terms, and in which messages each
 * of them stands.
 *
 *     version | n terms | ids | directory | terms
 *
 *     ids        text: the messages' ids, ascending, each as the difference to the one before
 *     directory  text: where in terms each block of 16 terms begins (4 bytes, big endian)
 *     terms      text: in order of bytes, each as
 *                      shared (1 byte)    bytes that it begins with as the one before; 0 at a block
 *                      n (1 byte), bytes  what follows
 *                      count (1 byte)     messages: up to 31 of them as numbers (1 byte) among ids,
 *                                         255: as a set of 256 bits
 *
 * A term takes two to twelve bytes and a message mostly one more; a look for a term reads the
 * directory and one block.  Nothing in here knows of the store.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/mam/terms.h"

#define SEGMENT_MESSAGES 256 /* of one */

/* Some of a segment's messages, by their numbers. */
struct segment_set {
	uint64_t bits[SEGMENT_MESSAGES / 64];
};
static inline bool segment_has(const struct segment_set *set, size_t i)
{
	return (set->bits[i / 64] >> (i % 64) & 1) != 0;
}
static inline void segment_set_add(struct segment_set *set, size_t i)
{
	set->bits[i / 64] |= UINT64_C(1) << (i % 64);
}

/* ---- reading ---- */

struct segment {
	uint64_t n_terms;
	struct str ids, directory, terms; /* borrowed from the value */
};
/* ERR_CORRUPT. */
MUST_CHECK int segment_open(struct str value, struct segment *s_out);
/* The ids, ascending; how many, or ERR_CORRUPT. */
MUST_CHECK int segment_ids(const struct segment *s, uint64_t ids_out[SEGMENT_MESSAGES]);
/* In which messages the term stands, added to *found.  ERR_CORRUPT. */
MUST_CHECK int segment_find(const struct segment *s, const struct term *asked,
                            struct segment_set *found);

/* ---- making ---- */

/* One term of one message. */
struct segment_entry {
	uint64_t head; /* what the term begins with, for a quick comparison */
	struct str term;
	uint8_t message;
};
struct segment_maker {
	struct arena *arena;
	uint64_t ids[SEGMENT_MESSAGES];
	size_t n_ids;
	struct segment_entry *entries;
	size_t n, cap;
};
/* Messages come in the order of their ids, SEGMENT_MESSAGES at most. */
void segment_begin(struct segment_maker *m, struct arena *arena);
void segment_add_message(struct segment_maker *m, uint64_t id);
/* Of the message added last; TERM is borrowed. */
void segment_add_term(struct segment_maker *m, struct str term);
/* In the arena. */
struct str segment_finish(struct segment_maker *m);

/*
 * S without the messages whose ids GONE (ascending, N) has.  How many are left; *value_out is
 * made if it is fewer than there were.  ERR_CORRUPT.
 */
MUST_CHECK int segment_without(const struct segment *s, struct arena *arena,
                               const uint64_t *gone, size_t n, struct str *value_out);
