/*
 * writer.c - the one writer: all batches that wait, one transaction, one sync, results home.
 *
 * The thread sleeps until a first batch is posted, waits gather_ms for company, takes what
 * there is and commits it as one transaction.  What is posted meanwhile is the next group, so
 * the busier the disk, the larger the groups.
 *
 * A batch fails alone where that can be known: one that the map has no room for, or that LMDB
 * refuses, is committed apart from those before and behind it, and a commit that ends in a full
 * disk is tried again in halves.  Each try begins from the last commit, so nothing of a failed
 * one stays.  Order holds throughout: no batch is committed before one that was posted earlier.
 * Those of a chain in which one has failed are passed over.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/clock.h"
#include "server/base/err.h"
#include "server/base/fault.h"
#include "server/base/log.h"
#include "server/base/mem.h"
#include "server/store/store_private.h"

#include <errno.h>
#include <stdlib.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

/* One transaction: bounds its dirty pages, and how long a shard waits. */
#define GROUP_BYTES ((size_t)32 << 20)
#define GROUP_BATCHES 16384
#define COMPLAIN_MS SECONDS(10) /* a full disk is told once in this time */
#define PAGES_PER_PUT 8         /* copied on the way to a key, at worst */
#define BYTES_PER_PUT 32        /* beside key and value, at worst */
#define PAGES_PER_BATCH 16      /* the tables' roots and the list of free pages */

/* ---- one transaction ---- */

static int erase_owner(MDB_cursor *cursor, struct str owner)
{
	for (;;) {
		MDB_val key = db_val(owner);
		MDB_val value;
		int rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);

		if (rc == MDB_NOTFOUND || (rc == 0 && !str_starts_with(db_str(key), owner)))
			return 0;
		if (rc == 0)
			rc = mdb_cursor_del(cursor, 0);
		if (rc != 0)
			return rc;
	}
}

static int apply_op(const struct db *db, MDB_txn *txn, MDB_cursor *cursor, const struct op *op)
{
	MDB_val key = db_val(op->key);
	MDB_val value = db_val(op->value);
	int rc;

	switch (op->kind) {
	case OP_PUT:
		return mdb_cursor_put(cursor, &key, &value, 0);
	case OP_DELETE:
		rc = mdb_del(txn, db->records, &key, NULL);
		return rc == MDB_NOTFOUND ? 0 : rc;
	case OP_ERASE:
		return erase_owner(cursor, op->key);
	}
	return EINVAL;
}

static bool is_broken(const struct batch *b)
{
	return b->chain != NULL && b->chain->broken < 0;
}

static int apply_batch(const struct db *db, MDB_txn *txn, MDB_cursor *cursor,
                       const struct batch *b)
{
	int rc = 0;

	if (is_broken(b))
		return 0;

	for (const struct op *op = b->first; op != NULL && rc == 0; op = op->next) {
		if (!op->stale)
			rc = apply_op(db, txn, cursor, op);
	}
	return rc;
}

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static int commit_timed(struct store *store, MDB_txn *txn, size_t n)
{
	struct writer *w = &store->writer;
	uint64_t start = now_us();
	int rc;

	FAULT_POINT("store-before-commit");
	rc = mdb_txn_commit(txn);
	if (rc == EIO && room_is_out(&store->db))
		rc = ENOSPC;
	FAULT_POINT("store-after-commit");
	if (rc != 0)
		return rc;
	pthread_mutex_lock(&w->lock);
	w->figures.commits++;
	w->figures.batches += n;
	w->figures.commit_us_total += now_us() - start;
	pthread_mutex_unlock(&w->lock);
	return 0;
}

/*
 * Commit N batches together.  Returns LMDB's code; *failed_out is the index of the batch that
 * could not be applied, or N when the commit as a whole failed.
 */
static int try_commit(struct store *store, struct batch **group, size_t n, size_t *failed_out)
{
	MDB_cursor *cursor;
	MDB_txn *txn;
	size_t i = 0;
	int rc;

	*failed_out = n;
	rc = mdb_txn_begin(store->db.env, NULL, 0, &txn);
	if (rc != 0)
		return rc;
	rc = mdb_cursor_open(txn, store->db.records, &cursor);
	if (rc != 0) {
		mdb_txn_abort(txn);
		return rc;
	}
	while (i < n && (rc = apply_batch(&store->db, txn, cursor, group[i])) == 0)
		i++;
	mdb_cursor_close(cursor);
	if (rc == 0)
		return commit_timed(store, txn, n);
	*failed_out = i;
	mdb_txn_abort(txn);
	return rc;
}

/* ---- a group, and what fails in it ---- */

static void set_result(struct store *store, struct batch **group, size_t n, int rc)
{
	struct writer *w = &store->writer;
	int64_t now = clock_mono_ms();

	for (size_t i = 0; i < n; i++) {
		struct batch *b = group[i];

		b->err = rc == 0 ? 0 : db_err(rc) == ERR_FULL ? ERR_FULL : ERR_STORE;
		if (is_broken(b))
			b->err = b->chain->broken;
		else if (b->chain != NULL)
			b->chain->broken = b->err;
	}
	if (rc == 0)
		return;
	pthread_mutex_lock(&w->lock);
	w->figures.failed_batches += n;
	pthread_mutex_unlock(&w->lock);
	w->failed_ms = now;
	if (w->complained_ms != 0 && now - w->complained_ms < COMPLAIN_MS)
		return;
	w->complained_ms = now;
	(void)db_fail(&store->db, "cannot write to", rc);
}

/*
 * Where the page that names the last commit could not be written, LMDB refuses all that comes
 * after, reading included, and only the next start can tell whether that commit is there.  So
 * nobody is told of it, as if the power had failed: clients resume and send again.
 */
static void end_if_broken(const struct store *store)
{
	MDB_txn *txn;
	int rc = mdb_txn_begin(store->db.env, NULL, 0, &txn);

	if (rc == 0)
		mdb_txn_abort(txn);
	if (rc != MDB_PANIC)
		return;
	log_error(NULL,
	          "store: %s can no longer be written: the disk failed in a commit, and the "
	          "server ends; look at the disk, then start it again",
	          store->db.file);
	_exit(EX_IOERR);
}

static void commit_together(struct store *store, struct batch **group, size_t n)
{
	size_t failed;
	int rc = try_commit(store, group, n, &failed);

	if (rc != 0 && failed == n)
		end_if_broken(store);
	if (rc == 0 || n == 1 || (failed == n && db_err(rc) != ERR_FULL)) {
		set_result(store, group, n, rc);
		return;
	}
	if (failed == n) {
		commit_together(store, group, n / 2);
		commit_together(store, group + n / 2, n - n / 2);
		return;
	}
	if (failed > 0)
		commit_together(store, group, failed);
	commit_together(store, group + failed, 1);
	if (failed + 1 < n)
		commit_together(store, group + failed + 1, n - failed - 1);
}

/* Does it leave more room than it found?  An account's end does, whatever it writes besides. */
static bool is_freeing(const struct batch *b)
{
	return b->erases > 0 || b->frees >= b->puts;
}

/* At worst: each page of the file is copied once at most, and new ones are half full. */
static uint64_t pages_of(const struct store *store, const struct batch *b, uint64_t used)
{
	uint64_t copied = (uint64_t)b->puts * PAGES_PER_PUT;
	uint64_t bytes = b->bytes + (uint64_t)b->puts * BYTES_PER_PUT;

	return PAGES_PER_BATCH + (copied < used ? copied : used) +
	       2 * bytes / store->db.page_bytes;
}

/*
 * A commit that changes next to nothing, so that what the last one freed can be used.  Without
 * it a store that was full and then emptied would stay full: a batch that is refused moves
 * nothing on.
 */
static void commit_nothing(struct store *store)
{
	MDB_val key = db_val(STR("moved-on"));
	MDB_val value = db_val(STR(""));
	MDB_txn *txn;

	if (mdb_txn_begin(store->db.env, NULL, 0, &txn) != 0)
		return;
	if (mdb_put(txn, store->db.meta, &key, &value, 0) == 0)
		(void)commit_timed(store, txn, 0); /* or the room stays as it is */
	else
		mdb_txn_abort(txn);
}

static uint64_t look_for_room(struct store *store, uint64_t want)
{
	struct room room = room_look(&store->db, want);

	if (room.pages < want && room.pages_next > PAGES_PER_BATCH) {
		commit_nothing(store);
		room = room_look(&store->db, want);
	}
	return room.pages;
}

/*
 * How many from the front may be tried in one transaction without eating the reserve; 0: not
 * even the first one.
 */
static size_t count_fitting(struct store *store, struct batch **group, size_t n)
{
	uint64_t reserve = room_reserve(&store->db);
	uint64_t used = room_used(&store->db);
	uint64_t want = reserve;
	uint64_t room;
	size_t i;

	for (i = 0; i < n; i++)
		want += pages_of(store, group[i], used);
	room = look_for_room(store, want);
	if (room >= want)
		return n;
	want = reserve;
	for (i = 0; i < n; i++) {
		want += pages_of(store, group[i], used);
		if (want > room && !is_freeing(group[i]))
			break;
	}
	return i;
}

static void commit_group(struct store *store, struct batch **group, size_t n)
{
	struct writer *w = &store->writer;

	while (n > 0) {
		size_t fits = count_fitting(store, group, n);

		if (fits > 0) {
			commit_together(store, group, fits);
		} else {
			fits = 1;
			set_result(store, group, 1, room_end(&store->db));
		}
		group += fits;
		n -= fits;
	}
	if (w->complained_ms != 0 && clock_mono_ms() - w->failed_ms >= COMPLAIN_MS) {
		log_info(NULL, "store: %s can be written again", store->db.file);
		w->complained_ms = 0;
	}
}

static void send_home(struct store *store, struct batch **group, size_t n)
{
	STAILQ_HEAD(, store_view) views = STAILQ_HEAD_INITIALIZER(views);
	struct writer *w = &store->writer;
	struct store_view *view;

	pthread_mutex_lock(&w->lock);
	w->figures.waiting_batches -= n;
	pthread_mutex_unlock(&w->lock);
	for (size_t i = 0; i < n; i++) {
		view = group[i]->view;
		if (STAILQ_EMPTY(&view->staged))
			STAILQ_INSERT_TAIL(&views, view, staging);
		STAILQ_INSERT_TAIL(&view->staged, group[i], queue);
	}
	while ((view = STAILQ_FIRST(&views)) != NULL) {
		/* Before it goes home: the view may end there. */
		STAILQ_REMOVE_HEAD(&views, staging);
		home_batches(view);
	}
}

/* ---- the thread ---- */

static bool is_large(const struct writer *w)
{
	return w->queue_bytes >= GROUP_BYTES || w->queue_count >= GROUP_BATCHES;
}

/*
 * With the lock held: give others the time to join, unless there are enough, or the store is
 * closing.
 */
static void gather(struct writer *w)
{
	struct timespec until;

	if (w->gather_ms <= 0)
		return;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t)(w->gather_ms / 1000);
	until.tv_nsec += (long)(w->gather_ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	w->gathering = true;
	while (!is_large(w) && !w->stopping) {
		if (pthread_cond_timedwait(&w->wake, &w->lock, &until) == ETIMEDOUT)
			break;
	}
	w->gathering = false;
}

/* With the lock held.  Returns how many are in w->group now. */
static size_t take_group(struct writer *w)
{
	size_t n = 0, bytes = 0;
	struct batch *b;

	while ((b = STAILQ_FIRST(&w->queue)) != NULL && n < GROUP_BATCHES &&
	       (n == 0 || bytes < GROUP_BYTES)) {
		STAILQ_REMOVE_HEAD(&w->queue, queue);
		if (n == w->group_cap) {
			w->group_cap = w->group_cap == 0 ? 64 : 2 * w->group_cap;
			w->group = mem_resize(w->group, w->group_cap * sizeof(w->group[0]));
		}
		w->group[n++] = b;
		bytes += b->bytes;
	}
	w->queue_count -= n;
	w->queue_bytes -= bytes;
	return n;
}

static void *writer_main(void *arg)
{
	struct store *store = arg;
	struct writer *w = &store->writer;

	pthread_mutex_lock(&w->lock);
	for (;;) {
		size_t n;

		while (STAILQ_EMPTY(&w->queue) && !w->stopping) {
			w->asleep = true;
			pthread_cond_wait(&w->wake, &w->lock);
			w->asleep = false;
		}
		if (STAILQ_EMPTY(&w->queue))
			break;
		gather(w);
		n = take_group(w);
		pthread_mutex_unlock(&w->lock);
		commit_group(store, w->group, n);
		FAULT_POINT("store-before-home");
		send_home(store, w->group, n);
		pthread_mutex_lock(&w->lock);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

void writer_post(struct store *store, struct batch *b)
{
	struct writer *w = &store->writer;
	bool wake;

	pthread_mutex_lock(&w->lock);
	ASSERT(!w->stopping);
	wake = w->asleep && STAILQ_EMPTY(&w->queue);
	STAILQ_INSERT_TAIL(&w->queue, b, queue);
	w->queue_count++;
	w->queue_bytes += b->bytes;
	w->figures.waiting_batches++;
	wake = wake || (w->gathering && is_large(w));
	pthread_mutex_unlock(&w->lock);
	if (wake)
		pthread_cond_signal(&w->wake);
}

int writer_start(struct store *store)
{
	struct writer *w = &store->writer;
	pthread_condattr_t attr;
	int err;

	STAILQ_INIT(&w->queue);
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w->wake, &attr);
	pthread_condattr_destroy(&attr);
	err = thread_start(&w->thread, "store writer", writer_main, store);
	w->started = err == 0;
	return err;
}

void writer_stop(struct store *store)
{
	struct writer *w = &store->writer;

	if (!w->started)
		return;
	pthread_mutex_lock(&w->lock);
	w->stopping = true;
	pthread_mutex_unlock(&w->lock);
	pthread_cond_signal(&w->wake);
	pthread_join(w->thread, NULL);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	free(w->group);
}
