/*
 * store_private.h - what the files of this folder know of each other.
 *
 * Who touches what: a view, its overlay and its batches belong to the view's shard.
 * batch_commit lends a batch to the writer thread, which reads its ops, sets its err, and sends
 * it home through the view's inbox (home.c); jobs travel to a reader thread and back in the
 * same way.  What several threads share is behind a lock: writer.lock, readers.lock,
 * inbox.lock, each held for moments and never two at once.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/store/batch.h"
#include "server/store/db.h"
#include "server/store/job.h"
#include "server/store/overlay.h"

#include <pthread.h>
#include <sys/queue.h>

/* ---- batches (batch.c) ---- */

STAILQ_HEAD(batch_queue, batch);
TAILQ_HEAD(batch_flight, batch);

/* Counted by its shard alone; broken is the writer's. */
struct batch_chain {
	unsigned refs;
	int broken; /* the error of the batch that failed; 0 */
};

struct batch {
	struct store_view *view;
	struct batch_chain *chain; /* may be NULL */
	struct arena *arena; /* holds the ops with their keys and values; NULL while empty */
	struct op *first;
	struct op **end;
	/* among the batches of the view: as committed; with BATCH_OPEN set as opened */
	uint64_t order;
	size_t bytes;
	unsigned ops; /* index of the next one */
	unsigned puts;
	unsigned frees; /* deletes */
	unsigned erases;
	struct batch_done *done;
	TAILQ_ENTRY(batch) flight; /* of the view: flight, then leaving */
	STAILQ_ENTRY(batch) queue; /* of the writer, then of the inbox */
	int err;                   /* written by the writer */
	bool is_done;
};
#define BATCH_OPEN (UINT64_C(1) << 63)

/* Take what BATCH wrote out of its view's overlay; free it. */
void batch_hide(struct batch *b);
void batch_free(struct batch *b);

/* ---- views (view.c, home.c, scan.c) ---- */

/* Where other threads put what comes back to a view. */
struct inbox {
	pthread_mutex_t lock;
	pthread_cond_t came;
	struct batch_queue batches;
	struct store_job *jobs; /* in the order in which they were worked off */
	struct store_job **jobs_end;
	bool rung;    /* the bell is on its way */
	bool closing; /* the view waits on CAME itself: no bell any more */
};

struct store_view {
	struct shard_turn turn;
	/* says that something is in the inbox; at most one is on its way */
	struct shard_msg bell;
	struct store *store;
	struct shard *here;
	MDB_txn *snapshot; /* reset between turns */
	bool reading;      /* the snapshot is of this turn */
	bool closed;
	struct overlay overlay;
	uint64_t opened;            /* batches ever made */
	uint64_t committed;         /* batches ever committed */
	unsigned open;              /* batches made and neither committed nor dropped */
	struct batch_flight flight; /* committed, on_done not run yet; in order */
	struct batch_flight ready;  /* before those: their on_done runs in this turn */
	unsigned flight_count;
	size_t flight_bytes;
	/* done or dropped: go when the turn ends, with the snapshot that does not hold them */
	struct batch_flight leaving;
	unsigned jobs; /* submitted, done not run yet */
	struct inbox inbox;
	struct batch_queue staged; /* the writer's: results of the commit at hand */
	STAILQ_ENTRY(store_view) staging;
	SLIST_ENTRY(store_view) of_store;
};

/* Run what has come back: on_done of batches in order, done of jobs.  Thread: the view's. */
void view_deliver(struct store_view *view);
MUST_CHECK int view_snapshot(struct store_view *view, MDB_txn **txn_out);
/* The shell that a closed view leaves behind for its turn hook and bell. */
void view_free_shell(struct store_view *view);

void inbox_init(struct inbox *in);
void inbox_deinit(struct inbox *in);
/*
 * Called by the writer with VIEW->staged, by a reader with a job, by the shard with nothing:
 * ring in the next turn.
 */
void home_batches(struct store_view *view);
void home_job(struct store_view *view, struct store_job *job);
void home_ring(struct store_view *view);
/* Take all that came.  Thread: the view's. */
void inbox_take(struct inbox *in, struct batch_queue *batches_out, struct store_job **jobs_out);
/* From now on no bell; wait until something is there. */
void inbox_close(struct inbox *in);
void inbox_wait(struct inbox *in);

/*
 * The part of store_find and store_scan that views and readers share.  OVERLAY and TXN may be
 * NULL: then there is none.
 */
MUST_CHECK int db_find(const struct db *db, MDB_txn *txn, struct str full,
                       struct str *value_out);
struct scan {
	const struct db *db;
	MDB_txn *txn;
	struct overlay *overlay;
	uint64_t owner;
	uint16_t space;
	struct str prefix;
	struct str from;
	bool down; /* descending */
	size_t limit;
	store_each_fn *each;
	void *arg;
};
/* Arguments as in store_scan; upwards, and TXN and OVERLAY are to be set. */
struct scan scan_of(const struct store *store, const struct store_space *space, uint64_t owner,
                    struct str prefix, struct str from, size_t limit, store_each_fn *each,
                    void *arg);
MUST_CHECK int scan_run(const struct scan *s);

/* ---- threads (thread.c, writer.c, reader.c) ---- */

/* A thread that takes no signals.  0, or -errno. */
MUST_CHECK int thread_start(pthread_t *thread_out, const char *name, void *(*run)(void *),
                            void *arg);

struct writer {
	pthread_t thread;
	bool started;
	int64_t gather_ms;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t wake;
	struct batch_queue queue;
	size_t queue_count;
	size_t queue_bytes;
	bool asleep;    /* waits for a first batch */
	bool gathering; /* waits for company, until its time is up or the queue is large */
	bool stopping;
	struct store_figures figures;
	/* The writer's own. */
	struct batch **group;
	size_t group_cap;
	int64_t failed_ms;     /* when a batch last failed */
	int64_t complained_ms; /* when that was last logged; 0: all is well */
};
MUST_CHECK int writer_start(struct store *store);
/* Commits all that was posted, then ends the thread.  Accepts one that was not started. */
void writer_stop(struct store *store);
void writer_post(struct store *store, struct batch *b);

#define READER_THREADS 2

struct store_reader {
	struct store *store;
	MDB_txn *txn;
	bool reading;
	pthread_t thread;
	bool started;
};
struct readers {
	struct store_reader all[READER_THREADS];
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t wake;
	struct store_job *queue;
	struct store_job **queue_end;
	bool stopping;
};
MUST_CHECK int readers_start(struct store *store);
void readers_stop(struct store *store);

/* ---- the store (store.c, space.c) ---- */

struct space_number {
	const struct store_space *space;
	uint16_t number;
	unsigned stored_version; /* as found at open */
};

struct store {
	struct db db;
	struct hash_key partition_key;
	struct space_number *spaces;
	size_t space_count;
	struct writer writer;
	struct readers readers;
	pthread_mutex_t views_lock;
	SLIST_HEAD(, store_view) views;
};

/*
 * Read format, key and spaces; make or upgrade what has to be.  Errors as store_open, logged.
 */
MUST_CHECK int spaces_open(struct store *store, const struct store_space *const *wanted);
