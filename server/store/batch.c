/*
 * batch.c - writes that commit together: all of them or none.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/store/batch.h"

#include "server/base/arena.h"
#include "server/base/mem.h"
#include "server/store/key.h"
#include "server/store/store_private.h"

#include <stdlib.h>

#define ARENA_BYTES 768 /* some small records with their keys, in one allocation */
/* Of one shard, waiting for the disk: a second or so of a slow one. */
#define BEHIND_BYTES ((size_t)16 << 20)
#define BEHIND_BATCHES 4096

struct batch *batch_new(struct store_view *view)
{
	struct batch *b = MEM_NEW(struct batch);

	ASSERT_HERE(view->here);
	b->view = view;
	b->end = &b->first;
	b->order = BATCH_OPEN | view->opened++;
	view->open++;
	return b;
}

void batch_hide(struct batch *b)
{
	for (struct op *op = b->first; op != NULL; op = op->next)
		overlay_remove(&b->view->overlay, op);
}

void batch_chain_leave(struct batch_chain **chain_at)
{
	struct batch_chain *chain = *chain_at;

	*chain_at = NULL;
	if (chain != NULL && --chain->refs == 0)
		free(chain);
}

static void hide_chain(struct batch_flight *list, const struct batch_chain *chain)
{
	struct batch *b;

	TAILQ_FOREACH(b, list, flight)
		if (chain != NULL && b->chain == chain)
			batch_hide(b);
}

void batch_chain_fail(struct store_view *view, struct batch_chain **chain_at)
{
	ASSERT_HERE(view->here);
	hide_chain(&view->ready, *chain_at);
	hide_chain(&view->flight, *chain_at);
	batch_chain_leave(chain_at);
}

void batch_join(struct batch *b, struct batch_chain **chain)
{
	ASSERT(b->chain == NULL);
	if (*chain == NULL) {
		*chain = MEM_NEW(struct batch_chain);
		(*chain)->refs = 1;
	}
	(*chain)->refs++;
	b->chain = *chain;
}

void batch_free(struct batch *b)
{
	batch_chain_leave(&b->chain);
	arena_free(&b->arena);
	free(b);
}

static void add_op(struct batch *b, enum op_kind kind, struct str key, struct str value)
{
	struct op *op;

	ASSERT((b->order & BATCH_OPEN) != 0);
	ASSERT_HERE(b->view->here);
	if (b->arena == NULL)
		b->arena = arena_new(ARENA_BYTES);
	op = ARENA_NEW(b->arena, struct op);
	op->kind = kind;
	op->key = arena_copy(b->arena, key);
	op->value = arena_copy(b->arena, value);
	op->batch = b;
	op->index = b->ops++;
	*b->end = op;
	b->end = &op->next;
	b->bytes += key.n + value.n;
	overlay_add(&b->view->overlay, op);
}

static void assert_owned(const struct store_view *view, uint64_t owner)
{
	unsigned shards = shard_group_count(shard_group_of(view->here));

	ASSERT(store_partition_shard(store_owner_partition(owner), shards) ==
	       shard_index(view->here));
}

static void add_record_op(struct batch *b, enum op_kind kind, const struct store_space *space,
                          uint64_t owner, struct str key, struct str value)
{
	struct db_key full;

	ASSERT(key.n <= STORE_KEY_MAX);
	if (owner != STORE_OWNER_STORE)
		assert_owned(b->view, owner);
	db_key_set(&full, owner, store_space_number(b->view->store, space), key);
	add_op(b, kind, db_key_str(&full), value);
}

void batch_put(struct batch *b, const struct store_space *space, uint64_t owner, struct str key,
               struct str value)
{
	if (str_is_absent(value))
		value = STR("");
	add_record_op(b, OP_PUT, space, owner, key, value);
	b->puts++;
}

void batch_delete(struct batch *b, const struct store_space *space, uint64_t owner,
                  struct str key)
{
	add_record_op(b, OP_DELETE, space, owner, key, STR_NONE);
	b->frees++;
}

void batch_erase_owner(struct batch *b, uint64_t owner)
{
	struct db_key full;

	ASSERT(owner != STORE_OWNER_STORE);
	assert_owned(b->view, owner);
	db_key_set(&full, owner, 0, STR_NONE);
	add_op(b, OP_ERASE, str_make(full.bytes, OWNER_BYTES), STR_NONE);
	b->erases++;
}

bool batch_is_empty(const struct batch *b)
{
	return b->first == NULL;
}

size_t batch_size(const struct batch *b)
{
	return b->bytes;
}

void batch_commit(struct batch **b_at, struct batch_done *done)
{
	struct batch *b = *b_at;
	struct store_view *view = b->view;
	bool alone = view->open == 1;

	ASSERT_HERE(view->here);
	*b_at = NULL;
	view->open--;
	b->done = done;
	b->order = ++view->committed;
	for (struct op *op = alone ? NULL : b->first; op != NULL; op = op->next)
		overlay_reorder(op);
	TAILQ_INSERT_TAIL(&view->flight, b, flight);
	view->flight_count++;
	shard_hold(view->here);
	view->flight_bytes += b->bytes;
	if (b->first != NULL) {
		writer_post(view->store, b);
		return;
	}
	/* Nothing to write: done as soon as those before it are. */
	b->is_done = true;
	if (TAILQ_FIRST(&view->flight) == b)
		home_ring(view);
}

void batch_drop(struct batch **b_at)
{
	struct batch *b = *b_at;

	if (b == NULL)
		return;
	ASSERT_HERE(b->view->here);
	*b_at = NULL;
	b->view->open--;
	batch_hide(b);
	/* Its values may be in someone's hands until the turn ends. */
	TAILQ_INSERT_TAIL(&b->view->leaving, b, flight);
}

bool store_is_behind(const struct store_view *view)
{
	return view->flight_bytes > BEHIND_BYTES || view->flight_count > BEHIND_BATCHES;
}
