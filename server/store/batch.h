/*
 * batch.h - writes that commit together: all of them or none.
 *
 *     struct batch *b = batch_new(view);
 *     batch_put(b, &space, owner, key, value);
 *     batch_commit(&b, &done);         moves the batch to the writer; done.on_done(0) runs here once it is on disk
 *
 * batch_put copies key and value.  What is put becomes readable in the view at once (overlay),
 * before batch_commit, so a handler sees its own writes; batch_drop takes that back.  Batches
 * of one shard commit in the order of batch_commit, and their on_done run in that order.  The
 * owner of each key must live on this shard: asserted by its partition (owner 0 excepted).
 *
 * A batch that fails, mostly for want of room, fails alone: those before and behind it may well
 * be on disk, unless they are of its chain.  What was made from its writes while they were
 * readable is the caller's to put right in on_done.  When room is short, batches that erase an
 * owner, or delete at least as often as they put, are still taken while others get ERR_FULL.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/store/view.h"

struct batch;

/*
 * Embedded by the caller, who keeps it until on_done ran.  ERR is 0 when the batch is on disk
 * (synced); ERR_FULL or ERR_STORE when nothing of it is.
 */
struct batch_done {
	void (*on_done)(struct shard *here, struct batch_done *done, int err);
	int err; /* set by the store */
};

struct batch *batch_new(struct store_view *view);
void batch_put(struct batch *b, const struct store_space *space, uint64_t owner, struct str key,
               struct str value);
void batch_delete(struct batch *b, const struct store_space *space, uint64_t owner,
                  struct str key);
/* Everything that OWNER has in any space. */
void batch_erase_owner(struct batch *b, uint64_t owner);
bool batch_is_empty(const struct batch *b);
size_t batch_size(const struct batch *b); /* bytes of keys and values */

/*
 * Batches of one chain build on one another: when one fails, those that were committed behind it
 * fail too.  Once its on_done has said so, batch_chain_fail is due, and a new chain begins.
 */
struct batch_chain;
/* B joins *CHAIN, which is made when it is NULL. */
void batch_join(struct batch *b, struct batch_chain **chain);
/*
 * A batch of *CHAIN, committed in VIEW, has failed: what is under way behind it, and will fail,
 * is not read any more.  Leaves the chain.
 */
void batch_chain_fail(struct store_view *view, struct batch_chain **chain);
void batch_chain_leave(struct batch_chain **chain); /* sets it to NULL; accepts NULL there */

/*
 * Hand over; sets *b to NULL.  DONE may be NULL when nobody waits.  An empty batch is done
 * behind those before it, or, with none under way, as the shard's next message: never within
 * this call.
 */
void batch_commit(struct batch **b, struct batch_done *done);
/* Give up: as if nothing had been put.  Sets *b to NULL; accepts a pointer to NULL. */
void batch_drop(struct batch **b);

/*
 * Is so much waiting for the disk that this shard should stop reading from sockets for a while?
 */
bool store_is_behind(const struct store_view *view);
