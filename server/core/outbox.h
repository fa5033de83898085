/*
 * outbox.h - stanzas on their way from one entity to another, on disk.
 *
 *     event at the sender     its batch: all that it writes, and a row for each stanza that it sends
 *     ── on disk ──▶ router   the row's key travels with the stanza
 *     event at the receiver   its batch: all that it writes, and the row is gone
 *
 * So a stanza is always on disk exactly once: as a row, or as what came of it.  After a restart
 * the rows that are left are sent again, each sender's in order.  An entity that keeps no records
 * (a host, a name without an account) passes the row on to what it answers.
 *
 * Rows are for what an acknowledgement may stand on: messages, iqs and subscriptions of resumable
 * streams, of senders that wrote, and of what these caused.  Availability has none, as it is made
 * again from the sessions that come back (sm.h); but a service keeps it on disk who has entered a
 * room, so what a managed session shows to one, or asks it, has a row.  Between a room and another
 * server both ways have: that one does not ask again when this one comes back.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/core/core.h"
#include "server/store/batch.h"

extern const struct store_space outbox_space;

/* Of a row; number 0: none. */
struct outbox_key {
	uint64_t owner; /* the sender's, or any of its partition if it keeps no records */
	uint64_t number;
};

/* A stanza on its way. */
struct letter {
	const struct stanza *stanza;
	struct outbox_key row;
	/* it was delivered before, to a session that is gone: HOOK_RECEIVED has seen it */
	bool again;
	uint64_t archive_id; /* and the archive keeps it under that; 0: it does not */
	bool lasts;          /* its sender is a managed session */
};

static inline bool outbox_has(struct outbox_key key)
{
	return key.number != 0;
}
/* Is S kept, on its way and in the queue of a session? */
bool outbox_takes(const struct stanza *s);
/* May L have a row? */
bool outbox_takes_letter(struct core *core, const struct letter *l);
/* Write a row for L's stanza, which OWNER sends, and set L's key to it. */
void outbox_put(struct core *core, struct batch *b, uint64_t owner, struct letter *l);
void outbox_delete(struct batch *b, struct outbox_key key);
/* The same, when nothing else is written; nobody waits for it. */
void outbox_drop(struct core *core, struct outbox_key key);
/* Send what the last run of the server left.  Before anything else is sent. */
MUST_CHECK int outbox_start(struct core *core);
