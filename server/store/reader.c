/*
 * reader.c - reads off the loop: the threads that jobs run on, and what jobs may call.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"
#include "server/store/key.h"
#include "server/store/store_private.h"

/* Of one space: an entity's working set; what is longer is read by pages. */
#define PREFETCH_RECORDS 1024
#define PREFETCH_OF_LOG 32
/* Larger values have pages of their own, which a prefetch leaves alone. */
#define SMALL_BYTES 2048

static struct store_job *take_job(struct readers *r)
{
	struct store_job *job;

	pthread_mutex_lock(&r->lock);
	while (r->queue == NULL && !r->stopping)
		pthread_cond_wait(&r->wake, &r->lock);
	job = r->queue;
	if (job != NULL) {
		r->queue = job->next;
		if (r->queue == NULL)
			r->queue_end = &r->queue;
	}
	pthread_mutex_unlock(&r->lock);
	return job;
}

static void *reader_main(void *arg)
{
	struct store_reader *reader = arg;
	struct store_job *job;

	while ((job = take_job(&reader->store->readers)) != NULL) {
		struct store_view *view = job->view;

		job->work(job, reader);
		if (reader->reading)
			mdb_txn_reset(reader->txn);
		reader->reading = false;
		home_job(view, job);
	}
	return NULL;
}

int store_submit(struct store_view *view, struct store_job *job)
{
	struct readers *r = &view->store->readers;

	ASSERT_HERE(view->here);
	if (view->jobs >= STORE_JOBS_MAX)
		return ERR_BUSY;
	view->jobs++;
	shard_hold(view->here);
	job->home = view->here;
	job->view = view;
	job->next = NULL;
	pthread_mutex_lock(&r->lock);
	*r->queue_end = job;
	r->queue_end = &job->next;
	pthread_mutex_unlock(&r->lock);
	pthread_cond_signal(&r->wake);
	return 0;
}

int readers_start(struct store *store)
{
	struct readers *r = &store->readers;

	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->wake, NULL);
	r->queue_end = &r->queue;
	for (size_t i = 0; i < READER_THREADS; i++) {
		struct store_reader *reader = &r->all[i];
		int rc = mdb_txn_begin(store->db.env, NULL, MDB_RDONLY, &reader->txn);
		int err;

		if (rc != 0)
			return db_fail(&store->db, "cannot read", rc);
		mdb_txn_reset(reader->txn);
		reader->store = store;
		err = thread_start(&reader->thread, "store reader", reader_main, reader);
		if (err < 0)
			return err;
		reader->started = true;
	}
	return 0;
}

void readers_stop(struct store *store)
{
	struct readers *r = &store->readers;

	if (r->queue_end == NULL)
		return; /* never started */
	pthread_mutex_lock(&r->lock);
	r->stopping = true;
	pthread_mutex_unlock(&r->lock);
	pthread_cond_broadcast(&r->wake);
	for (size_t i = 0; i < READER_THREADS; i++) {
		if (r->all[i].started)
			pthread_join(r->all[i].thread, NULL);
		if (r->all[i].txn != NULL)
			mdb_txn_abort(r->all[i].txn);
	}
	pthread_cond_destroy(&r->wake);
	pthread_mutex_destroy(&r->lock);
}

/* ---- what a job may call ---- */

static int reader_snapshot(struct store_reader *reader)
{
	int rc;

	if (reader->reading)
		return 0;
	rc = mdb_txn_renew(reader->txn);
	if (rc != 0) {
		(void)db_fail(&reader->store->db, "cannot read", rc);
		return ERR_STORE;
	}
	reader->reading = true;
	return 0;
}

int store_reader_find(struct store_reader *reader, const struct store_space *space,
                      uint64_t owner, struct str key, struct str *value_out)
{
	struct db_key full;
	int err = reader_snapshot(reader);

	if (err < 0)
		return err;
	if (key.n > STORE_KEY_MAX)
		return ERR_NOENT;
	db_key_set(&full, owner, store_space_number(reader->store, space), key);
	return db_find(&reader->store->db, reader->txn, db_key_str(&full), value_out);
}

static int scan_reader(struct store_reader *reader, struct scan *s)
{
	int err = reader_snapshot(reader);

	s->txn = reader->txn;
	return err < 0 ? err : scan_run(s);
}

int store_reader_scan(struct store_reader *reader, const struct store_space *space,
                      uint64_t owner, struct str prefix, struct str from, size_t limit,
                      store_each_fn *each, void *arg)
{
	struct scan s = scan_of(reader->store, space, owner, prefix, from, limit, each, arg);

	return scan_reader(reader, &s);
}

int store_reader_scan_down(struct store_reader *reader, const struct store_space *space,
                           uint64_t owner, struct str prefix, struct str from, size_t limit,
                           store_each_fn *each, void *arg)
{
	struct scan s = scan_of(reader->store, space, owner, prefix, from, limit, each, arg);

	s.down = true;
	return scan_reader(reader, &s);
}

static int touch(void *arg, struct str key, struct str value)
{
	const volatile char *bytes = value.p;

	/* The walk itself reads the page of the key; a value of middling size is on another. */
	if (value.n > 0 && value.n <= SMALL_BYTES)
		(void)bytes[0];
	return 0;
}

void store_prefetch(struct store_reader *reader, uint64_t owner)
{
	struct store *store = reader->store;

	if (reader_snapshot(reader) < 0)
		return;
	for (size_t i = 0; i < store->space_count; i++) {
		const struct scan s = {
			.db = &store->db,
			.txn = reader->txn,
			.owner = owner,
			.space = store->spaces[i].number,
			.down = store->spaces[i].space->is_log,
			.limit = store->spaces[i].space->is_log ? PREFETCH_OF_LOG
			                                        : PREFETCH_RECORDS,
			.each = touch,
		};

		if (scan_run(&s) < 0)
			return;
	}
}
