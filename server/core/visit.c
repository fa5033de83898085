/*
 * visit.c - an event without a stanza, at an account of this shard, now or later.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/visit.h"

#include "server/core/entity.h"
#include "server/core/event.h"

struct visit {
	struct shard_msg msg;
	struct timer timer;
	LIST_ENTRY(visit) link; /* of those that wait for their time */
	struct entity_waiter waiter;
	struct arena *arena; /* this is in it; becomes the event's */
	struct mod *mod;
	struct jid account;
	mod_visit_fn *fn;
	struct str data;
};

void event_visit(struct entity *e, struct mod *m, mod_visit_fn *fn)
{
	struct event *ev;

	if (shard_is_stopping(e->core->shard))
		return;
	ev = event_begin(arena_new(1024), e, NULL, NULL);
	event_end(ev, fn(m, ev, STR_NONE));
}

static void on_ready(struct entity *e, struct entity_waiter *w)
{
	struct visit *v = CONTAINER_OF(w, struct visit, waiter);
	struct event *ev = event_begin(v->arena, e, NULL, NULL);

	event_end(ev, v->fn(v->mod, ev, v->data));
	entity_unpin(e);
}

static void begin(struct shard *here, struct shard_msg *msg)
{
	struct visit *v = CONTAINER_OF(msg, struct visit, msg);
	struct arena *arena = v->arena;
	struct core *core = core_of(here);

	if (core == NULL || shard_is_stopping(here)) { /* it can wait for the next start */
		arena_free(&arena);
		return;
	}
	v->waiter.run = on_ready;
	entity_when_ready(entity_at(core, v->mod->host, v->account), &v->waiter);
}

static void on_due(struct shard *here, struct timer *timer)
{
	struct visit *v = CONTAINER_OF(timer, struct visit, timer);

	LIST_REMOVE(v, link);
	shard_post(here, here, &v->msg);
}

void mod_visit_in(struct mod *m, int64_t delay_ms, struct jid account, mod_visit_fn *fn,
                  struct str data)
{
	struct core *core = m->host->core;
	struct arena *arena;
	struct visit *v;

	if (shard_is_stopping(core->shard))
		return;
	arena = arena_new(1024);
	v = ARENA_NEW(arena, struct visit);
	v->arena = arena;
	v->mod = m;
	v->account = jid_bare(jid_copy(arena, account));
	v->fn = fn;
	v->data = arena_copy(arena, data);
	v->msg.run = begin;
	timer_init(&v->timer, on_due);
	if (delay_ms == 0) {
		shard_post(core->shard, core->shard, &v->msg);
		return;
	}
	LIST_INSERT_HEAD(&core->visits, v, link);
	timer_start(core->shard, &v->timer, delay_ms);
}

void mod_visit(struct mod *m, struct jid account, mod_visit_fn *fn, struct str data)
{
	mod_visit_in(m, 0, account, fn, data);
}

void visits_stop(struct core *core)
{
	struct visit *v;

	while ((v = LIST_FIRST(&core->visits)) != NULL) {
		struct arena *arena = v->arena;

		timer_stop(core->shard, &v->timer);
		LIST_REMOVE(v, link);
		arena_free(&arena);
	}
}
