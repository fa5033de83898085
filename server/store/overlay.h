/*
 * overlay.h - a view's own writes that its snapshot may not hold yet.
 *
 * An ordered tree of full keys (owner, space, key).  Each key has a list of versions, newest
 * first: one op for each batch that wrote the key and has not left the overlay.  That an owner
 * was erased is a version of the bare owner, which sorts before all of its keys.
 *
 *     key ─▶ op of batch 9 (open) ─▶ op of batch 7 (with the writer) ─▶ op of batch 6 (on disk, its turn not over)
 *
 * The newest op of a key counts, unless the newest erasure of its owner came after it; a key
 * that the overlay does not know is looked up in the snapshot, unless its owner has an erasure.
 * Older versions matter when a newer batch fails or is dropped.  Batches are ordered as they
 * commit, open ones behind all that are committed.
 *
 * Ops belong to their batch; the overlay owns the tree only.  Thread: the view's shard.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/str.h"

#include <bsd/sys/tree.h>
#include <sys/queue.h>

struct batch;
struct overlay_key;

enum op_kind {
	OP_PUT,
	OP_DELETE,
	OP_ERASE, /* all of an owner; the key is the owner's 8 bytes */
};

/*
 * One write.  The members down to STALE are read by the writer thread once the batch is
 * committed, and constant then.
 */
struct op {
	struct op *next; /* in the batch, in the order of the calls */
	struct str key; /* with owner and space */
	struct str value;
	enum op_kind kind;
	/* a later op of the same batch has the same key: the writer skips this one */
	bool stale;

	struct batch *batch;
	unsigned index; /* within the batch */
	struct overlay_key *home; /* NULL when not in the overlay */
	TAILQ_ENTRY(op) version;
};

struct overlay_key {
	RB_ENTRY(overlay_key) link;
	TAILQ_HEAD(overlay_versions, op) versions; /* newest first */
	size_t n;
	char bytes[];
};

struct overlay {
	RB_HEAD(overlay_tree, overlay_key) tree;
	/* ops of kind OP_ERASE in the tree: mostly none, which spares a look */
	size_t erasures;
};

void overlay_init(struct overlay *o);
/* Make OP the newest version of its key; one that the same batch had there becomes stale. */
void overlay_add(struct overlay *o, struct op *op);
/* Accepts an op that is not in the overlay. */
void overlay_remove(struct overlay *o, struct op *op);
/* The order of OP's batch has changed: find its place among the versions again. */
void overlay_reorder(struct op *op);

/* The newest op that wrote or deleted the key, or NULL. */
const struct op *overlay_find(struct overlay *o, struct str key);
/* The newest erasure of the owner that KEY (8 bytes or more) begins with, or NULL. */
const struct op *overlay_erasure(struct overlay *o, struct str key);
/* Does OP give its key a value, ERASURE (may be NULL) being the newest of the owner? */
bool op_is_live(const struct op *op, const struct op *erasure);

/*
 * Keys in order: the first at or behind KEY, the last of all, and the neighbours of one; NULL at
 * either end.
 */
const struct overlay_key *overlay_seek(struct overlay *o, struct str key);
const struct overlay_key *overlay_last(struct overlay *o);
const struct overlay_key *overlay_next(const struct overlay_key *k);
const struct overlay_key *overlay_prev(const struct overlay_key *k);
static inline struct str overlay_key_str(const struct overlay_key *k)
{
	return str_make(k->bytes, k->n);
}
