/*
 * event.h - one stanza being handled at one entity: its handlers, its batch, and what it sends.
 *
 *     event_begin ─▶ handlers ─▶ event_end ─▶ outputs leave at once, when nothing waits before them
 *                        │                └─▶ or wait in entity->held until the batch is on disk
 *                        └ MOD_LATER: event_finish ─▶ event_end
 *
 * Outputs of one entity leave in the order in which its events ended, so nothing overtakes what
 * waits for the disk.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/core/route.h"
#include "server/core/session.h"
#include "server/store/batch.h"

/* A reference to content that outputs share. */
struct event_shared {
	struct event_shared *next;
	struct shared_buf *buf;
};

/* A session that the event's own stanza is not for. */
struct event_passed {
	struct event_passed *next;
	const struct session *session;
};

/* One thing to send. */
struct event_output {
	struct event_output *next;
	const struct stanza *stanza;
	struct session *session; /* to deliver to; NULL: route */
	bool offered;            /* event_offer: dropped with its session */
};

struct event_task {
	struct event ev;               /* first: event_finish finds the task by it */
	STAILQ_ENTRY(event_task) link; /* in entity->held */
	struct batch_done done;
	struct event_output *first, **last;
	struct event_shared *shared;
	struct parcel *came_with; /* where the stanza's memory is; NULL: in the arena */
	struct event_passed *passed;
	event_then_fn *then;
	void *then_arg;
	int err;      /* of a write that may not be */
	bool waiting; /* its batch is under way */
	bool later;
	bool anyhow; /* what it sends is true whether its writes succeed or not */
};

/* A new event in ARENA, which it takes; pins E. */
struct event *event_begin(struct arena *arena, struct entity *e, struct session *session,
                          const struct stanza *stanza);
/* What EV writes, made if there is none yet: for what event_put does not do. */
struct batch *event_batch(struct event *ev);
/* The stanza arrived: its reference to shared content, and one to PARCEL (may be NULL), are EV's. */
void event_arrived(struct event *ev, struct parcel *parcel);
/* RESULT as a handler's: its errors become answers.  Commits, and releases what can leave. */
void event_end(struct event *ev, int result);
/* The same for what has happened already: outputs leave even if the writes fail. */
void event_end_anyhow(struct event *ev, int result);
/*
 * S is going: nothing must be delivered to it any more, neither by the events that wait nor by
 * ENDING, which tells of it.
 */
void event_forget_session(struct event *ending, const struct session *s);
