/*
 * overlay.c - a view's own writes that its snapshot may not hold yet.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/store/overlay.h"

#include "server/base/mem.h"
#include "server/store/store_private.h"

#include <stdlib.h>
#include <string.h>

static int key_cmp(const struct overlay_key *a, const struct overlay_key *b)
{
	return str_cmp(overlay_key_str(a), overlay_key_str(b));
}

/* RB_GENERATE_STATIC would need a macro __unused, which glibc has as a member's name. */
RB_GENERATE_INTERNAL(overlay_tree, overlay_key, link, key_cmp, __attribute__((unused)) static)

void overlay_init(struct overlay *o)
{
	RB_INIT(&o->tree);
	o->erasures = 0;
}

/*
 * The tree compares nodes, so a look-up needs a node that holds the key: on the stack, as keys
 * are short.
 */
union probe {
	struct overlay_key key;
	char room[sizeof(struct overlay_key) + DB_KEY_MAX];
};

static struct overlay_key *probe_set(union probe *probe, struct str key)
{
	ASSERT(key.n <= DB_KEY_MAX);
	probe->key.n = key.n;
	memcpy(probe->room + offsetof(struct overlay_key, bytes), key.p, key.n);
	return &probe->key;
}

static struct overlay_key *find_key(struct overlay *o, struct str key)
{
	union probe probe;

	if (RB_EMPTY(&o->tree))
		return NULL;
	return RB_FIND(overlay_tree, &o->tree, probe_set(&probe, key));
}

/* The place of KEY, made if there is none: most keys are new, so that is tried first. */
static struct overlay_key *get_key(struct overlay *o, struct str key)
{
	struct overlay_key *k = mem_alloc(sizeof(*k) + key.n), *old;

	TAILQ_INIT(&k->versions);
	k->n = key.n;
	memcpy(k->bytes, key.p, key.n);
	old = RB_INSERT(overlay_tree, &o->tree, k);
	if (old == NULL)
		return k;
	free(k);
	return old;
}

/*
 * Put OP before the first version of a batch that comes no later; the search ends at once but
 * for batches open together.
 */
static void insert_version(struct overlay_key *k, struct op *op)
{
	struct op *at = TAILQ_FIRST(&k->versions);

	while (at != NULL && at->batch->order > op->batch->order)
		at = TAILQ_NEXT(at, version);
	if (at != NULL)
		TAILQ_INSERT_BEFORE(at, op, version);
	else
		TAILQ_INSERT_TAIL(&k->versions, op, version);
	op->home = k;
}

void overlay_add(struct overlay *o, struct op *op)
{
	struct overlay_key *k = get_key(o, op->key);
	struct op *older;

	insert_version(k, op);
	if (op->kind == OP_ERASE)
		o->erasures++;
	older = TAILQ_NEXT(op, version);
	if (older != NULL && older->batch == op->batch) {
		older->stale = true;
		overlay_remove(o, older);
	}
}

void overlay_remove(struct overlay *o, struct op *op)
{
	struct overlay_key *k = op->home;

	if (k == NULL)
		return;
	TAILQ_REMOVE(&k->versions, op, version);
	op->home = NULL;
	if (op->kind == OP_ERASE)
		o->erasures--;
	if (TAILQ_EMPTY(&k->versions)) {
		RB_REMOVE(overlay_tree, &o->tree, k);
		free(k);
	}
}

void overlay_reorder(struct op *op)
{
	if (op->home == NULL)
		return;
	TAILQ_REMOVE(&op->home->versions, op, version);
	insert_version(op->home, op);
}

const struct op *overlay_find(struct overlay *o, struct str key)
{
	const struct overlay_key *k = find_key(o, key);

	return k != NULL ? TAILQ_FIRST(&k->versions) : NULL;
}

const struct op *overlay_erasure(struct overlay *o, struct str key)
{
	if (o->erasures == 0)
		return NULL;
	return overlay_find(o, str_slice(key, 0, OWNER_BYTES));
}

static bool is_newer(const struct op *a, const struct op *b)
{
	if (a->batch != b->batch)
		return a->batch->order > b->batch->order;
	return a->index > b->index;
}

bool op_is_live(const struct op *op, const struct op *erasure)
{
	return op->kind == OP_PUT && (erasure == NULL || is_newer(op, erasure));
}

const struct overlay_key *overlay_seek(struct overlay *o, struct str key)
{
	union probe probe;

	if (RB_EMPTY(&o->tree))
		return NULL;
	return RB_NFIND(overlay_tree, &o->tree, probe_set(&probe, key));
}

const struct overlay_key *overlay_last(struct overlay *o)
{
	return RB_MAX(overlay_tree, &o->tree);
}

/* The macros walk by parents too and want a node that they might change; they do not. */
static struct overlay_key *not_const(const struct overlay_key *k)
{
	return (struct overlay_key *)(uintptr_t)k;
}

const struct overlay_key *overlay_next(const struct overlay_key *k)
{
	return RB_NEXT(overlay_tree, NULL, not_const(k));
}

const struct overlay_key *overlay_prev(const struct overlay_key *k)
{
	return RB_PREV(overlay_tree, NULL, not_const(k));
}
