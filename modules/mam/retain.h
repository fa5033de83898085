/*
 * retain.h - how long and how much of an archive is kept, and erasing of it.
 *
 * Old messages go a part at a time (RETAIN_PART): which ones is read on a reader thread, and each
 * part is an event of its own, so that nobody waits for it.  It begins when an account has
 * archived some more messages (RETAIN_EVERY), and, for those that nobody uses, when the core looks
 * after them (care).
 *
 * A message of the last day stays whatever it takes: the queue of a stream that may still be
 * resumed can refer to it.  Only mam_trim, for rooms, which no stream refers to, takes those too.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/mam/archive.h"
#include "modules/mam/words.h"

#define RETAIN_PART 100
#define RETAIN_EVERY 64
#define RETAIN_AT_LEAST HOURS(24)

/* At each account. */
struct retain {
	unsigned since; /* messages archived since it was looked at */
	bool working;
};

/* A message was archived at ev's account. */
void retain_more(struct mod *m, struct event *ev);

/* Of the descriptor. */
bool retain_is_due(const struct mod *m, struct store_reader *reader, struct jid account,
                   uint64_t owner, int64_t wall_ms);
int retain_care(struct mod *m, struct event *ev, struct str data);

/* ---- erasing, as long as it takes ---- */

/*
 * All messages of the account up to the id UPTO, or of those the ones with the bare JID WITH,
 * unless it is absent.  What is archived meanwhile stays.  DONE runs on this shard when all is
 * gone from the disk (0), or there was an error; without an error it can be asked for again.
 */
typedef void retain_done_fn(void *arg, int err);
void retain_erase(struct mod *m, struct jid account, struct str with, uint64_t upto,
                  retain_done_fn *done, void *arg);
/* One message, in the event; ERR_NOENT. */
MUST_CHECK int retain_erase_one(struct mod *m, struct event *ev, uint64_t id);
