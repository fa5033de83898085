/*
 * view.c - reading the store from a shard: its snapshot and the writes it has under way.
 *
 * What keeps snapshot and overlay in step.  A snapshot, once taken, lasts to the end of its
 * turn.  A batch's writes leave the overlay at the end of the turn in which its result came,
 * after the snapshot was given back: the next one is younger than the commit and holds them.
 * So at no time a read misses a write, and no value that was handed out goes within the turn:
 * neither LMDB's pages nor the batch's memory.  A snapshot may hold batches whose result has
 * not come yet; the overlay then says the same, or something newer.  A batch that failed, or
 * was dropped, leaves the overlay at once and its memory goes with the turn.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/store/view.h"

#include "server/base/err.h"
#include "server/base/mem.h"
#include "server/store/key.h"
#include "server/store/store_private.h"

#include <stdlib.h>

/* The end of a turn: the snapshot is given back, then what it might not have held. */
static void on_turn(struct shard *here, struct shard_turn *turn)
{
	struct store_view *view = CONTAINER_OF(turn, struct store_view, turn);
	struct batch *b;

	if (view->reading) {
		mdb_txn_reset(view->snapshot);
		view->reading = false;
	}
	while ((b = TAILQ_FIRST(&view->leaving)) != NULL) {
		TAILQ_REMOVE(&view->leaving, b, flight);
		batch_hide(b);
		batch_free(b);
	}
}

int view_snapshot(struct store_view *view, MDB_txn **txn_out)
{
	int rc;

	if (!view->reading) {
		rc = mdb_txn_renew(view->snapshot);
		if (rc != 0) {
			(void)db_fail(&view->store->db, "cannot read", rc);
			return ERR_STORE;
		}
		view->reading = true;
		/* Costs nothing, unless a hook behind ours reads: then it is soon given back. */
		shard_turn_again(view->here);
	}
	*txn_out = view->snapshot;
	return 0;
}

/* Move the batches at the head of the flight that are done to READY, in order. */
static void take_ready(struct store_view *view, struct batch_flight *ready)
{
	struct batch *b;

	while ((b = TAILQ_FIRST(&view->flight)) != NULL && b->is_done) {
		TAILQ_REMOVE(&view->flight, b, flight);
		TAILQ_INSERT_TAIL(ready, b, flight);
	}
}

static void batch_arrive(struct store_view *view, struct batch *b)
{
	struct batch_done *done = b->done;
	int err = b->err;

	view->flight_count--;
	shard_release(view->here);
	view->flight_bytes -= b->bytes;
	if (err < 0)
		batch_hide(b);
	TAILQ_INSERT_TAIL(&view->leaving, b, flight);
	if (done == NULL)
		return;
	done->err = err;
	done->on_done(view->here, done, err);
}

void view_deliver(struct store_view *view)
{
	struct batch_queue batches;
	struct store_job *jobs;
	struct batch *b;

	inbox_take(&view->inbox, &batches, &jobs);
	STAILQ_FOREACH(b, &batches, queue)
		b->is_done = true;
	/* Now: on_done may commit an empty batch, which is for the next turn. */
	take_ready(view, &view->ready);
	while ((b = TAILQ_FIRST(&view->ready)) != NULL) {
		TAILQ_REMOVE(&view->ready, b, flight);
		batch_arrive(view, b);
	}
	while (jobs != NULL) {
		struct store_job *job = jobs;

		jobs = job->next;
		view->jobs--;
		shard_release(view->here);
		job->done(view->here, job);
	}
}

static void on_bell(struct shard *here, struct shard_msg *msg)
{
	struct store_view *view = CONTAINER_OF(msg, struct store_view, bell);

	if (!view->closed)
		view_deliver(view);
}

struct store_view *store_view_new(struct store *store, struct shard *here)
{
	struct store_view *view = MEM_NEW(struct store_view);
	int rc = mdb_txn_begin(store->db.env, NULL, MDB_RDONLY, &view->snapshot);

	if (rc != 0)
		(void)db_fail(&store->db, "cannot read", rc);
	ASSERT(rc == 0); /* out of memory, or of reader slots: more shards than can be */
	mdb_txn_reset(view->snapshot);
	view->store = store;
	view->here = here;
	view->turn.on_turn = on_turn;
	view->bell.run = on_bell;
	overlay_init(&view->overlay);
	TAILQ_INIT(&view->flight);
	TAILQ_INIT(&view->ready);
	TAILQ_INIT(&view->leaving);
	STAILQ_INIT(&view->staged);
	inbox_init(&view->inbox);
	pthread_mutex_lock(&store->views_lock);
	SLIST_INSERT_HEAD(&store->views, view, of_store);
	pthread_mutex_unlock(&store->views_lock);
	shard_turn_add(here, &view->turn);
	return view;
}

void store_view_free(struct store_view **view_at)
{
	struct store_view *view = *view_at;

	if (view == NULL)
		return;
	ASSERT_HERE(view->here);
	ASSERT(view->open == 0);
	inbox_close(&view->inbox);
	while (view->flight_count > 0 || view->jobs > 0) {
		struct batch *head = TAILQ_FIRST(&view->flight);

		if (head == NULL || !head->is_done)
			inbox_wait(&view->inbox);
		view_deliver(view);
	}
	ASSERT(view->open == 0);
	on_turn(view->here, &view->turn);
	mdb_txn_abort(view->snapshot);
	view->snapshot = NULL;
	view->closed = true;
	*view_at = NULL; /* only now: what runs in here may read, and commit more */
			 /*
	 * The shard still calls the turn hook, and the bell may be in its mailbox: store_close
	 * frees the rest.
	 */
}

void view_free_shell(struct store_view *view)
{
	ASSERT(view->closed);
	inbox_deinit(&view->inbox);
	free(view);
}

int store_find(struct store_view *view, const struct store_space *space, uint64_t owner,
               struct str key, struct str *value_out)
{
	struct db_key full;
	const struct op *own, *erasure;
	MDB_txn *txn;
	int err;

	ASSERT_HERE(view->here);
	if (key.n > STORE_KEY_MAX)
		return ERR_NOENT;
	db_key_set(&full, owner, store_space_number(view->store, space), key);
	erasure = overlay_erasure(&view->overlay, db_key_str(&full));
	own = overlay_find(&view->overlay, db_key_str(&full));
	if (own != NULL && op_is_live(own, erasure)) {
		*value_out = own->value;
		return 0;
	}
	if (own != NULL || erasure != NULL)
		return ERR_NOENT;
	err = view_snapshot(view, &txn);
	return err < 0 ? err : db_find(&view->store->db, txn, db_key_str(&full), value_out);
}

static int scan_view(struct store_view *view, struct scan *s)
{
	int err;

	ASSERT_HERE(view->here);
	s->overlay = &view->overlay;
	err = view_snapshot(view, &s->txn);
	return err < 0 ? err : scan_run(s);
}

int store_scan(struct store_view *view, const struct store_space *space, uint64_t owner,
               struct str prefix, struct str from, size_t limit, store_each_fn *each, void *arg)
{
	struct scan s = scan_of(view->store, space, owner, prefix, from, limit, each, arg);

	return scan_view(view, &s);
}

int store_scan_down(struct store_view *view, const struct store_space *space, uint64_t owner,
                    struct str prefix, struct str from, size_t limit, store_each_fn *each,
                    void *arg)
{
	struct scan s = scan_of(view->store, space, owner, prefix, from, limit, each, arg);

	s.down = true;
	return scan_view(view, &s);
}

int store_any(void *arg, struct str key, struct str value)
{
	return 1;
}
