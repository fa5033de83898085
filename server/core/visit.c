/*
 * visit.c - an event without a stanza, at an account of this shard.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/visit.h"

#include "server/core/entity.h"
#include "server/core/event.h"

struct visit {
	struct shard_msg msg;
	struct entity_waiter waiter;
	struct arena *arena; /* this is in it; becomes the event's */
	struct mod *mod;
	struct jid account;
	mod_visit_fn *fn;
	struct str data;
};

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

void mod_visit(struct mod *m, struct jid account, mod_visit_fn *fn, struct str data)
{
	struct arena *arena = arena_new(1024);
	struct visit *v = ARENA_NEW(arena, struct visit);
	struct shard *here = m->host->core->shard;

	ASSERT_HERE(here);
	v->arena = arena;
	v->mod = m;
	v->account = jid_bare(jid_copy(arena, account));
	v->fn = fn;
	v->data = arena_copy(arena, data);
	v->msg.run = begin;
	shard_post(here, here, &v->msg);
}
