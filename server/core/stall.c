/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/stall.h"

#include "server/base/mem.h"
#include "server/core/dispatch.h"
#include "server/core/sm.h"

#include <stdlib.h>

#define TRY_AGAIN_MS SECONDS(1)

/* Lives in its arena, which becomes the event's. */
struct waiting_letter {
	STAILQ_ENTRY(waiting_letter) link;
	struct arena *arena;
	struct letter letter;
};

STAILQ_HEAD(waiting_letters, waiting_letter);

struct stall {
	struct entity *entity; /* pinned */
	struct timer timer;
	/* those that the disk did not take, and those that have come since */
	struct waiting_letters letters, late;
	bool failed;       /* the disk did; false: they wait for what returns */
	bool streams;      /* have ended */
	uint64_t *arrived; /* event_group, of theirs */
	size_t n_arrived;
};

/* What was in their queues came before all letters: these wait until it has returned. */
static void end_streams(struct shard *here, struct stall *st)
{
	uint64_t *arrived = st->arrived;
	size_t n = st->n_arrived;

	STAILQ_CONCAT(&st->letters, &st->late);
	STAILQ_CONCAT(&st->late, &st->letters); /* what returns and fails comes before them */
	st->streams = st->failed = false;
	st->arrived = NULL;
	st->n_arrived = 0;
	timer_start(here, &st->timer, TRY_AGAIN_MS);
	sm_end_left(st->entity, arrived, n);
	free(arrived);
}

/* All at once, so that those behind one that fails again are under way with it. */
static void on_due(struct shard *here, struct timer *timer)
{
	struct stall *st = CONTAINER_OF(timer, struct stall, timer);
	struct entity *e = st->entity;
	struct waiting_letter *w;

	e->returning = 0; /* what has not come in all this time may be lost on its way */
	if (st->streams) {
		end_streams(here, st);
		return;
	}
	e->stall = NULL;
	STAILQ_CONCAT(&st->letters, &st->late);
	while ((w = STAILQ_FIRST(&st->letters)) != NULL) {
		STAILQ_REMOVE_HEAD(&st->letters, link);
		dispatch_received(e, w->arena, &w->letter, NULL);
	}
	free(st);
	entity_unpin(e);
}

static struct stall *stall_of(struct entity *e)
{
	struct stall *st = e->stall;

	if (st != NULL)
		return st;
	st = e->stall = MEM_NEW(struct stall);
	st->entity = e;
	e->pins++;
	STAILQ_INIT(&st->letters);
	STAILQ_INIT(&st->late);
	timer_init(&st->timer, on_due);
	if (!shard_is_stopping(e->core->shard))
		timer_start(e->core->shard, &st->timer, TRY_AGAIN_MS);
	return st;
}

/* With its content as a tree: shared content has an owner elsewhere. */
static void add(struct entity *e, const struct letter *l, bool failed)
{
	struct arena *arena = arena_new(1024);
	struct waiting_letter *w = ARENA_NEW(arena, struct waiting_letter);

	w->arena = arena;
	w->letter = *l;
	w->letter.stanza = stanza_unshare(arena, l->stanza);
	if (w->letter.stanza == NULL) { /* it stays a row */
		arena_free(&arena);
		return;
	}
	if (failed)
		STAILQ_INSERT_TAIL(&stall_of(e)->letters, w, link);
	else
		STAILQ_INSERT_TAIL(&stall_of(e)->late, w, link);
}

void stall(struct event_task *t)
{
	add(t->ev.entity, &t->came, true);
	stall_of(t->ev.entity)->failed = true;
}

void stall_streams(const struct event_task *t)
{
	struct stall *st = stall_of(t->ev.entity);
	const struct event_group *g;
	size_t n = st->n_arrived;

	st->streams = st->failed = true;
	if (t->arrived == NULL)
		return;
	for (g = t->arrived; g != NULL; g = g->next)
		n++;
	st->arrived = mem_resize(st->arrived, n * sizeof(st->arrived[0]));
	for (g = t->arrived; g != NULL; g = g->next)
		st->arrived[st->n_arrived++] = g->group;
}

void stall_returned(struct entity *e)
{
	if (e->returning == 0 || --e->returning > 0)
		return;
	if (e->stall != NULL && !e->stall->failed && !shard_is_stopping(e->core->shard))
		timer_start(e->core->shard, &e->stall->timer, 1);
}

static bool must_wait(const struct entity *e, const struct letter *l)
{
	if (!outbox_has(l->row))
		return false;
	return l->again ? e->stall != NULL && e->stall->failed
	                : e->stall != NULL || e->returning > 0;
}

bool stall_takes(struct entity *e, struct arena *arena, const struct letter *l,
                 struct parcel *parcel)
{
	struct shared_buf *inner = l->stanza->inner;

	bool waits = must_wait(e, l);

	if (l->again)
		stall_returned(e);
	if (!waits)
		return false;
	add(e, l, false);
	shared_unref(&inner);
	if (parcel != NULL)
		parcel_unref(&parcel);
	arena_free(&arena);
	return true;
}

static void drop(struct stall **st_at)
{
	struct stall *st = *st_at;
	struct entity *e = st->entity;
	struct waiting_letter *w;

	*st_at = NULL;
	timer_stop(e->core->shard, &st->timer);
	STAILQ_CONCAT(&st->letters, &st->late);
	while ((w = STAILQ_FIRST(&st->letters)) != NULL) {
		struct arena *arena = w->arena;

		STAILQ_REMOVE_HEAD(&st->letters, link);
		arena_free(&arena);
	}
	free(st->arrived);
	free(st);
	entity_unpin(e);
}

/* What comes until the end waits behind them: else it would be done before what is left as a row. */
void stalls_stop(struct core *core)
{
	for (struct entity *e = core->entities; e != NULL; e = e->hh.next)
		if (e->stall != NULL)
			timer_stop(core->shard, &e->stall->timer);
}

void stalls_free(struct core *core)
{
	for (struct entity *e = core->entities; e != NULL; e = e->hh.next)
		if (e->stall != NULL)
			drop(&e->stall);
}
