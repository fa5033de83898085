/*
 * usage.h - how many messages an archive has, and what they take.
 *
 * Space "archive-usage", version 1, one record for an account:
 *     (empty key) -> version, id, messages up to that id, their bytes
 *
 * What was archived behind that id is counted when it is asked for; the record follows every
 * USAGE_EVERY messages, so that a message costs no write for it.  While there are fewer it follows
 * whenever they have doubled, from USAGE_FIRST on, so that it tells of half of a small archive at
 * least.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/module.h"

extern const struct store_space archive_usage_space;

#define USAGE_EVERY 256
#define USAGE_FIRST 16

/* At each account: a cache of what its records say. */
struct usage {
	bool is_open;
	uint64_t upto;     /* of the record */
	uint64_t n, bytes; /* up to there */
	uint64_t n_behind, bytes_behind;
};

MUST_CHECK int usage_open(struct event *ev, struct usage *usage);
static inline uint64_t usage_messages(const struct usage *usage)
{
	return usage->n + usage->n_behind;
}
static inline uint64_t usage_bytes(const struct usage *usage)
{
	return usage->bytes + usage->bytes_behind;
}

/* ---- of an open one; what is written is the event's ---- */

/* The message ID, greater than all before it, was put. */
void usage_add(struct event *ev, struct usage *usage, uint64_t id, uint64_t bytes);
/* It takes TO bytes now and not FROM. */
void usage_change(struct event *ev, struct usage *usage, uint64_t id, uint64_t from,
                  uint64_t to);
void usage_remove(struct event *ev, struct usage *usage, uint64_t id, uint64_t bytes);

/* On a reader thread: what the record says, which may be USAGE_EVERY messages behind; zeros: none. */
MUST_CHECK int usage_read(struct store_reader *reader, uint64_t owner, struct usage *usage_out);
