/*
 * at_account.h - an event at an account, for what modules do there without a stanza.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/core/entity.h"
#include "server/core/event.h"
#include "tests/lib/world.h"

/* As a handler; what it writes is on disk when at_account returns 0. */
typedef int at_account_fn(struct event *ev, void *arg);

struct at_account {
	struct entity_waiter waiter;
	struct world_call *call;
	struct jid jid;
	at_account_fn *fn;
	void *arg;
	int result;
};

static inline void at_account_done(struct entity *e, void *arg, int err)
{
	struct at_account *at = arg;

	world_answer(at->call, err < 0 ? err : at->result);
}

static inline void at_account_ready(struct entity *e, struct entity_waiter *waiter)
{
	struct at_account *at = CONTAINER_OF(waiter, struct at_account, waiter);
	struct event *ev = event_begin(arena_new(65536), e, NULL, NULL);
	int result;

	event_then(ev, at_account_done, at);
	result = at->fn(ev, at->arg);
	at->result = result == MOD_LATER ? 0 : result;
	event_end(ev, result == MOD_LATER ? MOD_LATER : MOD_HANDLED); /* AT may be gone with it */
	entity_unpin(e);
}

static inline void at_account_run(struct core *core, struct world_call *call)
{
	struct at_account *at = call->arg;
	struct entity *e = entity_at(core, host_find(core, jid_domain(at->jid)), at->jid);

	at->call = call;
	at->waiter.run = at_account_ready;
	entity_when_ready(e, &at->waiter);
}

/* What FN returned, or the error of its batch. */
static inline int at_account(struct world *w, const char *bare, at_account_fn *fn, void *arg)
{
	struct at_account at = { .jid = world_jid(w, bare), .fn = fn, .arg = arg };

	return world_ask(w, world_owner(w, bare), at_account_run, &at);
}

/* A read job at the account. */
struct at_account_read {
	event_read_fn *fn;
	void *arg;
	uint64_t *owner_out;
};
static inline int at_account_after_read(struct event *ev, void *arg)
{
	return MOD_HANDLED;
}
static inline int at_account_do_read(struct event *ev, void *arg)
{
	struct at_account_read *read = arg;

	*read->owner_out = ev->owner;
	return event_read(ev, read->fn, at_account_after_read, read->arg);
}
/* FN runs on a reader thread with ARG, whose member at OWNER_OUT gets the account's owner first. */
static inline void at_account_read(struct world *w, const char *bare, event_read_fn *fn,
                                   void *arg, uint64_t *owner_out)
{
	struct at_account_read read = { fn, arg, owner_out };

	ck_assert_int_eq(at_account(w, bare, at_account_do_read, &read), 0);
}
