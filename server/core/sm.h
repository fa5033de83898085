/*
 * sm.h - stream management (XEP-0198): sessions whose stanzas are counted both ways, and that
 * outlive their connection and the process.
 *
 *     event_end   numbers what goes to the session, and writes it to the queue on disk, in the event's batch
 *     ── on disk ──▶ the socket, if there is one
 *     <a h='n'/>  takes it out of the queue, in memory and on disk
 *
 *     stanza n    is counted when it comes; "handled up to n" is in the batch of what it did
 *     ── on disk ──▶ <a h='n'/> may say so
 *
 *     bound ─<enable/>─▶ managed ──(connection breaks, server stops or dies)──▶ hibernating
 *                           ▲                                                        │
 *                           └───────────────────<resume/>────────────────────────────┤
 *                                              time is up, too much waits ─▶ ended ◀─┘
 *
 * A hibernating session is one of its account's like any other, without a connection.  What an
 * ended one did not acknowledge goes through default delivery once more.
 *
 * Numbers count stanzas for ever; on the wire they are taken modulo 2^32.  Availability is not
 * stored: a process that died forgets which of it was sent, so after a restart what is left in
 * the queue is numbered anew, and the session is told anew who is there (HOOK_RESUMED).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/core/event.h"
#include "server/core/session.h"

#define SM_LATER_MAX 64 /* requests of a session whose answers may take their time, at once */
/* What a connected client may leave unacknowledged: as often as a hibernating one's queue. */
#define SM_CONNECTED_FACTOR 4

/* A stanza to the client, as it is written. */
struct sm_item {
	STAILQ_ENTRY(sm_item) link;
	uint64_t number;
	int64_t stamp_ms;    /* wall clock */
	uint64_t archive_id; /* where the same is stored already; 0: nowhere */
	uint32_t epoch;      /* which numbering */
	bool stored;         /* the batch has it */
	bool released;       /* that is on disk: it may be written */
	bool settled;        /* that has failed, and it stays */
	bool offered;        /* event_offer: not sent elsewhere */
	bool arrived;        /* another session of the account has it */
	uint64_t group;      /* of copies in several queues; 0: it is in this one alone */
	uint64_t
		answers; /* the stanza whose failure it tells of, until it is acknowledged; 0 */
	/* as it is on disk while a renumbering is under way */
	uint32_t was_epoch;
	uint64_t was_number;
	size_t n;
	char bytes[];
};

struct sm {
	struct session *session;
	uint64_t key;   /* of its records at the account; the SM-ID in hex */
	uint64_t begun; /* of two of one resource, the one that began later has it */
	bool resumable;
	bool stored;      /* there are records: not of anonymous accounts */
	bool restored;    /* from disk, and not resumed since */
	bool gap;         /* the queue has to be numbered anew */
	bool renumbering; /* it was, and is on its way to the disk */
	bool enabled;     /* <enabled/> is out: the client knows */
	bool changed;     /* the record is to be written */
	bool unsure;      /* and what is known of copies in its queue */
	bool acking;      /* <r/> is out */
	uint64_t
		max_s; /* how long the client wants it to hibernate at most; 0: it does not say */
	/* from the client */
	uint64_t next;    /* number of the stanza that comes next */
	uint64_t taken;   /* the highest that came */
	uint64_t handled; /* all up to that are done, on disk */
	/*
	 * below taken, not done, ascending: their answers take time, or they failed and the client
	 * does not know yet; after a restart it sends them again
	 */
	uint64_t *open;
	size_t n_open, open_cap;
	LIST_HEAD(, event_task) later; /* that handle those */
	/* to the client */
	uint32_t epoch, old_epoch; /* old: of what was sent before a restart */
	uint32_t was_old_epoch;    /* before a renumbering */
	uint64_t sent;             /* the last number that was given */
	uint64_t written;          /* the last one on the wire */
	uint64_t acked;
	STAILQ_HEAD(sm_queue, sm_item) queue; /* in order; not acknowledged */
	size_t n_items, bytes;
	/* sm_copies.c: what it last looked for, and what is before that; NULL: all is behind it */
	uint64_t looked_for;
	struct sm_item *cursor;
	bool is_asleep;     /* it is one of those of the core, */
	size_t weight;      /* and this is its part of their bytes: sm_weight.c */
	int64_t since_ms;   /* monotonic: when it began to hibernate */
	int64_t asked_ms;   /* likewise: when <r/> was last sent */
	struct timer timer; /* asks for <a/>, gives up on it, ends a hibernation */
};

/* ---- elements of the stream (sm_elements.c) ---- */

/* One of a bound session, in the namespace of stream management; ARENA is taken. */
void sm_element(struct session *s, struct arena *arena, const struct xml_node *element);
/* Before binding: <resume/>, answered now or later with c2s_resumed or c2s_refuse_resume. */
void sm_resume(struct entity *e, struct c2s *c, const struct xml_node *element);

/* ---- from the client (sm_counts.c) ---- */

/* A stanza came; its number.  0: it was handled before the stream was resumed, and is not again. */
uint64_t sm_count(struct sm *sm);
/* Too many of its requests wait for their answers: no more are handled. */
bool sm_is_busy(const struct sm *sm);
void sm_open(struct sm *sm, uint64_t number); /* it is not done yet */
/* The event of stanza NUMBER takes its time / has ended: t->handled is what may be said then. */
void sm_begin_later(struct event_task *t);
void sm_ended(struct event_task *t);
uint64_t sm_all_done(const struct sm *sm); /* the last stanza before which none is open */
/* What T did is in memory alone: its stanza is done when the client has T's answer. */
void sm_failed(struct event_task *t);
/* It has: NUMBER is done; in BATCH (NULL: nothing is stored). */
void sm_close(struct sm *sm, uint64_t number, struct batch *batch);
/* What sm_ended counted is on disk. */
void sm_handled(struct session *s, uint64_t handled);

/* ---- to the client (sm_queue.c) ---- */

/* OUT goes to a managed session: number it, and store it with T's batch. */
void sm_enqueue(struct event_task *t, struct event_output *out);
/* At the end of the queue. */
void sm_append(struct sm *sm, struct sm_item *item);
/* It may leave. */
void sm_release(struct session *s, struct sm_item *item);
/* It will not: its event failed.  Frees ITEM. */
void sm_withdraw(struct sm *sm, struct sm_item *item);
/* The client has it up to wire number H.  ERR_INVALID: it was not sent so much. */
MUST_CHECK int sm_acked(struct sm *sm, uint32_t h);
/* Number the queue anew behind ACKED, in BATCH (NULL: nothing is stored). */
void sm_renumber(struct sm *sm, struct batch *batch);
/* That failed: the numbers are what they are on disk. */
void sm_renumber_failed(struct sm *sm);
/* Out of the queue; frees ITEM. */
void sm_drop_item(struct sm *sm, struct sm_item *item);
/* All that is not acknowledged, to the wire. */
void sm_write_all(struct sm *sm);
/* Ask for <a/>, now or when it is time. */
void sm_ask(struct sm *sm, bool now);

/* ---- what waits for all of a shard's (sm_weight.c) ---- */

/* SM's queue, or its having a connection, is another one now. */
void sm_weigh(struct sm *sm);
/* It is freed. */
void sm_unweigh(struct sm *sm);
/* Too much waits for all that hibernate, and for SM no less than for others. */
bool sm_is_too_heavy(const struct sm *sm);

/* ---- one stanza in several queues (sm_copies.c) ---- */

/* ITEM is for OUT, one of T's outputs: does anybody else of the account get the same? */
void sm_group(const struct event_task *t, const struct event_output *out, struct sm_item *item);
/* ITEM, of SM, is acknowledged: those who have a copy of it need not pass it on. */
void sm_arrived(struct sm *sm, const struct sm_item *item, struct batch *batch);
/* Is a copy of it in another queue? */
bool sm_waits_elsewhere(const struct sm *sm, const struct sm_item *item);

/* ---- records (sm_record.c, sm_restore.c) ---- */

extern const struct store_space stream_space, stream_in_space, stream_out_space,
	stream_index_space;
void sm_put_record(struct event *ev, struct sm *sm);
/* A new stream: its place in the index; what is known of old ones that ended goes. */
void sm_put_begin(struct event *ev, struct sm *sm);
void sm_put_counts(struct batch *b, uint64_t owner, const struct sm *sm);
void sm_put_item(struct batch *b, uint64_t owner, const struct sm *sm,
                 const struct sm_item *item);
void sm_delete_item(struct batch *b, uint64_t owner, const struct sm *sm,
                    const struct sm_item *item);
/* The stream is over: its counts alone are kept, for who asks. */
void sm_put_end(struct event *ev, struct sm *sm);
/* The account of E is being removed, in B, with all that has its owner. */
void sm_delete_index(struct batch *b, struct entity *e);
/* The last h of an ended stream; ERR_NOENT. */
MUST_CHECK int sm_find_end(struct entity *e, uint64_t key, uint64_t *handled_out);
/* The sessions of E that are on disk, hibernating. */
void sm_restore(struct entity *e);
/*
 * Streams that ended while the disk did not take it: each becomes a session, and ends again.  The
 * N groups ARRIVED need not be sent on.
 */
void sm_end_left(struct entity *e, const uint64_t *arrived, size_t n);
/* A batch with records of S has failed: they are written once more. */
void sm_unsure(struct session *s);

/* ---- life (sm_life.c) ---- */

/* A new one; KEY 0: draw one. */
struct sm *sm_new(struct session *s, uint64_t key);
int64_t sm_time_ms(const struct sm *sm); /* that it may hibernate */
void sm_free(struct sm **sm);
/* Does it go on without its connection? */
bool sm_outlasts(const struct session *s);
/* The connection is gone, and the session is not: true.  False: it ends. */
bool sm_hibernate(struct session *s);
/* Into EV, which ends the session: what it did not acknowledge, on its way once more. */
void sm_send_again(struct event *ev, struct sm *sm);
/* All accounts that have streams on disk are loaded, a few at a time. */
MUST_CHECK int sm_start(struct core *core);
/* No timer keeps the shard from stopping; then, sessions are left as they are on disk. */
void sm_stop(struct core *core);
void sm_leave(struct core *core);
