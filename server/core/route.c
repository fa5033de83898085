/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/route.h"

#include "server/core/dispatch.h"
#include "server/core/entity.h"

/* A stanza on its way, in its own arena. */
struct routed {
	struct shard_msg msg;
	struct entity_waiter waiter; /* while the entity is loaded */
	struct arena *arena;
	const struct stanza *stanza;
	struct shared_buf *inner; /* a reference, when the stanza has shared content */
};

static void arrive(struct entity *e, struct entity_waiter *w)
{
	struct routed *r = CONTAINER_OF(w, struct routed, waiter);
	struct shared_buf *inner = r->inner;

	dispatch_received(e, r->arena, r->stanza);
	entity_unpin(e);
	shared_unref(&inner);
}

static void drop(struct routed *r)
{
	struct arena *arena = r->arena;

	shared_unref(&r->inner);
	arena_free(&arena);
}

static void on_message(struct shard *here, struct shard_msg *msg)
{
	struct routed *r = CONTAINER_OF(msg, struct routed, msg);
	struct core *core = core_of(here);
	struct host *host = core == NULL ? NULL : host_find(core, jid_domain(r->stanza->to));

	if (host == NULL) {
		drop(r);
		return;
	}
	r->waiter.run = arrive;
	entity_when_ready(entity_at(core, host, jid_bare(r->stanza->to)), &r->waiter);
}

static void post(struct core *core, struct arena *arena, const struct stanza *s)
{
	struct routed *r = ARENA_NEW(arena, struct routed);

	r->msg.run = on_message;
	r->arena = arena;
	r->stanza = s;
	if (s->inner != NULL)
		r->inner = shared_ref(s->inner);
	shard_post(core->shard, core_owner_shard(core, jid_bare_str(s->to)), &r->msg);
}

void route_move(struct core *core, struct arena **arena, const struct stanza *s)
{
	struct arena *mine = *arena;

	*arena = NULL;
	/* a domain that is not served here */
	if (host_find(core, jid_domain(s->to)) == NULL) {
		s = stanza_error_reply(mine, s, STANZA_REMOTE_SERVER_NOT_FOUND, NULL, NULL);
		if (s == NULL || jid_is_none(s->to) ||
		    host_find(core, jid_domain(s->to)) == NULL) {
			arena_free(&mine);
			return;
		}
	}
	post(core, mine, s);
}

void route_copy(struct core *core, const struct stanza *s)
{
	struct arena *arena = arena_new(1024);

	route_move(core, &arena, stanza_copy(arena, s));
}
