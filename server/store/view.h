/*
 * view.h - reading the store from a shard: its snapshot and the writes it has under way.
 *
 * One view for each shard.  store_find and store_scan see the snapshot of this loop turn
 * overlaid with every batch that this shard has posted, whether on disk already or not: a
 * handler reads its own and its predecessors' writes.  The snapshot is renewed at each loop
 * turn in which something reads (a short read transaction, reset at the turn's end), so none is
 * held while the shard sleeps.  A batch that failed leaves the overlay before its on_done runs.
 *
 * Reads are synchronous and meant for an entity's own small records that a prefetch (job.h) has
 * warmed; long scans are read jobs.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/store/store.h"

struct store_view;

/* Thread: the shard's, in its init. */
struct store_view *store_view_new(struct store *store, struct shard *here);
/*
 * Thread: the shard's, in its fini.  Waits for the batches and jobs under way and runs their
 * on_done and done in here; each batch must have been committed or dropped.  Sets *view to
 * NULL; accepts a pointer to NULL.
 */
void store_view_free(struct store_view **view);

/*
 * Read the value stored under KEY.
 * @value_out  borrowed: valid until the end of this loop turn; untouched on error.
 * Returns 0; ERR_NOENT when there is no such key; ERR_STORE.
 */
MUST_CHECK int store_find(struct store_view *view, const struct store_space *space,
                          uint64_t owner, struct str key, struct str *value_out);

/*
 * Walk keys of OWNER in SPACE that begin with PREFIX, in order, from FROM (inclusive; absent:
 * from the start), ascending, until EACH returns other than 0 or LIMIT were given (0: no
 * limit).  Key (without owner and space) and value are borrowed for the call.  EACH may read
 * but must not put into this view's batches.  Returns what EACH returned last, or 0, or
 * ERR_STORE.
 */
typedef int store_each_fn(void *arg, struct str key, struct str value);
MUST_CHECK int store_scan(struct store_view *view, const struct store_space *space,
                          uint64_t owner, struct str prefix, struct str from, size_t limit,
                          store_each_fn *each, void *arg);
/* The same in descending order, from FROM (inclusive; absent: from the end) down. */
MUST_CHECK int store_scan_down(struct store_view *view, const struct store_space *space,
                               uint64_t owner, struct str prefix, struct str from, size_t limit,
                               store_each_fn *each, void *arg);
/* An EACH with which a scan returns 1 if there is anything, else 0. */
int store_any(void *arg, struct str key, struct str value);
