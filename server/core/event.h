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

/* What a session that ends need not send on: others of its account have it (sm_copies.c). */
struct event_group {
	struct event_group *next;
	uint64_t group;
};

/* One thing to send. */
struct event_output {
	struct event_output *next;
	struct letter letter;
	struct session *session; /* to deliver to; NULL: route */
	struct sm_item *item;    /* its place in the session's queue; NULL: there is none */
	bool offered;            /* event_offer: dropped with its session */
	bool light;              /* event_send_lightly: has no row */
	const struct stanza *copy_of; /* event_copy: has arrived when this has; may be NULL */
	bool filtered;                /* past the session's filter */
	bool queued;                  /* on disk, in the queue of the session that ends */
};

struct event_task {
	struct event ev;               /* first: event_finish finds the task by it */
	STAILQ_ENTRY(event_task) link; /* in entity->held */
	struct batch_done done;
	uint64_t chain_number; /* entity->chain_number when its batch joined */
	struct event_output *first, **last;
	struct event_shared *shared;
	struct parcel *came_with; /* where the stanza's memory is; NULL: in the arena */
	struct event_passed *passed;
	event_then_fn *then;
	void *then_arg;
	mod_visit_fn *behind;
	struct mod *behind_mod;
	struct letter came; /* as which the stanza arrived; its row, until this is on disk */
	struct session *counted;  /* whose stanza this is, by number (sm.h); NULL: nobody's */
	uint64_t number, handled; /* of it; what may be acknowledged when this is on disk */
	struct sm *renumbers;     /* whose queue it numbers anew */
	struct sm *begins;        /* whose first records it writes */
	LIST_ENTRY(event_task) later; /* of those that take their time */
	int err;                      /* of a write that may not be */
	bool wrote;                   /* the batch has more than the core's own records */
	bool row_deleted;             /* in the batch */
	bool unstored;                /* the batch failed */
	bool waiting;                 /* its batch is under way */
	bool failed;                  /* that, or one before it at its entity */
	bool is_later;
	bool anyhow; /* what it sends is true whether its writes succeed or not */
	struct event_group *arrived; /* in the queue of the session that ends */
	bool ends_stream;            /* of a session that is gone, and has records: sm.h */
	bool unsaid; /* if it fails nobody is told: whose stanza it is sends it again */
};

static inline struct event_task *event_task_of(struct event *ev)
{
	return CONTAINER_OF(ev, struct event_task, ev);
}

/* Does A bring to a session what B brings to another? */
static inline bool event_is_same(const struct event_output *a, const struct event_output *b)
{
	const struct stanza *of_a = a->copy_of != NULL ? a->copy_of : a->letter.stanza,
			    *of_b = b->copy_of != NULL ? b->copy_of : b->letter.stanza;

	return a != b && of_a == of_b && a->session != NULL;
}

/* After outputs were taken out. */
static inline void event_find_last(struct event_task *t)
{
	for (t->last = &t->first; *t->last != NULL;)
		t->last = &(*t->last)->next;
}

/* A new event in ARENA, which it takes; pins E. */
struct event *event_begin(struct arena *arena, struct entity *e, struct session *session,
                          const struct stanza *stanza);
/* What EV writes, made if there is none yet: for what event_put does not do. */
struct batch *event_batch(struct event *ev);
/*
 * The stanza arrived as LETTER: its row, its reference to shared content, and one to PARCEL (may
 * be NULL), are EV's.
 */
void event_arrived(struct event *ev, const struct letter *letter, struct parcel *parcel);
/* To be delivered once more, to whoever may have it: see sm.h. */
void event_send_again(struct event *ev, const struct stanza *s, uint64_t archive_id);
/* What was sent last is on disk, in the queue of the session that EV ends. */
void event_sent_queued(struct event *ev);
/* What another server sends: its sessions outlive this one's process (event_sender_lasts). */
void event_send_lasting(struct event *ev, const struct stanza *s);
/* If EV fails, it is as if its stanza had not come: the other server has kept it. */
void event_fails_unsaid(struct event *ev);
/* Does the entity keep records, as it did when the event began? */
bool event_keeps_records(const struct event *ev);
/* Everything is said: filters, numbers, and what the core writes (event_seal.c). */
void event_seal(struct event_task *t);
/* The same for what is left when the batch failed: nothing is written. */
void event_seal_unstored(struct event_task *t);
/* Does it send anything to another entity that has a row, or would have one? */
bool event_sends_letters(const struct event_task *t);
/* RESULT as a handler's: its errors become answers.  Commits, and releases what can leave. */
void event_end(struct event *ev, int result);
/* FN of M in an event of its own (visit.c). */
void event_visit(struct entity *e, struct mod *m, mod_visit_fn *fn);
/* The same for what has happened already: outputs leave even if the writes fail. */
void event_end_anyhow(struct event *ev, int result);
/*
 * Commit B, behind all that is under way at E.  Nobody waits for it, but where it fails, so does
 * what comes behind it, and the sessions' records are written once more.
 */
void event_commit_unawaited(struct entity *e, struct batch **b);
/* As if it had never been. */
void event_cancel(struct event *ev);
/*
 * S is going: nothing must be delivered to it any more, neither by the events that wait nor by
 * ENDING, which tells of it.
 */
void event_forget_session(struct event *ending, const struct session *s);
