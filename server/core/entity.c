/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/entity.h"

#include "server/base/mem.h"
#include "server/core/account.h"
#include "server/core/event.h"
#include "server/core/remote.h"
#include "server/core/sm.h"
#include "server/store/batch.h"
#include "server/store/job.h"
#include "server/store/names.h"

#include <stdlib.h>

#define EVICT_AFTER SECONDS(120) /* longer than a burst of wrong passwords counts: login.c */
#define EVICT_EVERY SECONDS(10)
#define IDLE_MAX 100000 /* loaded and unused: beyond, the longest idle go at once */

/* ---- loading ---- */

struct load {
	struct store_job job;
	struct entity *entity;
	const char *text; /* the entity's, which is pinned and constant */
	struct str domain, local;
};

static void read_ahead(struct store_job *job, struct store_reader *reader)
{
	struct load *load = CONTAINER_OF(job, struct load, job);
	uint64_t owner;

	if (names_read(reader, load->domain, load->local, &owner) == 0)
		store_prefetch(reader, owner);
}

static void run_waiting(struct entity *e)
{
	struct entity_waiter *w;

	e->pins++;
	while ((w = STAILQ_FIRST(&e->waiting)) != NULL) {
		STAILQ_REMOVE_HEAD(&e->waiting, link);
		w->run(e, w);
	}
	entity_unpin(e);
}

/* The pages are warm now; what this shard has under way is in its view alone. */
static void settle(struct entity *e)
{
	uint64_t owner;

	e->ready = true;
	if ((e->kind == ENTITY_NONE || e->kind == ENTITY_REMOTE) &&
	    names_find(e->core->view, jid_domain(e->jid), jid_local(e->jid), &owner) == 0) {
		e->owner = owner;
		if (e->kind != ENTITY_REMOTE)
			e->kind = e->host->served == NULL ? ENTITY_ACCOUNT : ENTITY_ITEM;
		if (e->kind == ENTITY_ACCOUNT)
			sm_restore(e);
		else if (e->kind == ENTITY_REMOTE)
			remote_load(e);
	}
	run_waiting(e);
}

static void on_loaded(struct shard *here, struct store_job *job)
{
	struct load *load = CONTAINER_OF(job, struct load, job);
	struct entity *e = load->entity;

	free(load);
	settle(e);
	entity_unpin(e);
}

/*
 * A reader queue at its bound means that the disk is behind: then reading on the loop is the
 * lesser evil.
 */
static void load(struct entity *e)
{
	struct load *load = MEM_NEW(struct load);

	load->job.work = read_ahead;
	load->job.done = on_loaded;
	load->entity = e;
	load->domain = jid_domain(e->jid);
	load->local = jid_local(e->jid);
	e->pins++;
	if (store_submit(e->core->view, &load->job) < 0)
		on_loaded(e->core->shard, &load->job);
}

/* ---- the table ---- */

static struct entity *entity_new(struct core *core, struct host *host, struct jid bare)
{
	struct str text = jid_bare_str(bare);
	struct entity *e = mem_zalloc(sizeof(*e) + host->entity_bytes + text.n);

	e->text = e->states + host->entity_bytes;
	memcpy(e->text, text.p, text.n);
	e->jid = bare;
	e->jid.p = e->text;
	e->jid.resource_n = 0;
	e->core = core;
	e->host = host;
	e->kind = host == core->abroad  ? ENTITY_REMOTE
	          : jid_is_domain(bare) ? ENTITY_HOST
	                                : ENTITY_NONE;
	STAILQ_INIT(&e->waiting);
	STAILQ_INIT(&e->held);
	TAILQ_INIT(&e->sessions);
	HASH_ADD_KEYPTR(hh, core->entities, e->text, text.n, e);
	core->n_entities++;
	return e;
}

static void leave_idle(struct entity *e)
{
	TAILQ_REMOVE(&e->core->idle, e, link);
	e->core->n_idle--;
}

void entity_pin(struct entity *e)
{
	if (e->pins++ == 0)
		leave_idle(e);
}

struct entity *entity_at(struct core *core, struct host *host, struct jid bare)
{
	struct str text = jid_bare_str(bare);
	struct entity *e;

	HASH_FIND(hh, core->entities, text.p, text.n, e);
	if (e == NULL) {
		e = entity_new(core, host, bare);
		e->pins = 1;
		if (e->kind == ENTITY_HOST)
			e->ready = true;
		else
			load(e);
		return e;
	}
	entity_pin(e);
	return e;
}

static void evict(struct entity *e)
{
	struct core *core = e->core;

	leave_idle(e);
	HASH_DEL(core->entities, e);
	core->n_entities--;
	entity_forget_states(e);
	batch_chain_leave(&e->chain);
	remote_free(e);
	for (size_t i = 0; i < GOOD_ADDRESSES; i++)
		free(e->good[i]);
	free(e);
}

void entity_unpin(struct entity *e)
{
	struct core *core = e->core;

	ASSERT(e->pins > 0);
	if (--e->pins > 0)
		return;
	e->idle_since = shard_now(core->shard);
	TAILQ_INSERT_TAIL(&core->idle, e, link);
	if (++core->n_idle > IDLE_MAX && !shard_is_stopping(core->shard))
		evict(TAILQ_FIRST(&core->idle)); /* not E, which is the last */
}

static size_t find_address(const struct entity *e, struct str address)
{
	size_t i = 0;

	while (i < GOOD_ADDRESSES && e->good[i] != NULL && !str_is(address, e->good[i]))
		i++;
	return i;
}

bool entity_knows_address(const struct entity *e, struct str address)
{
	size_t i = find_address(e, address);

	return i < GOOD_ADDRESSES && e->good[i] != NULL;
}

/* To the front; the one that was not used for the longest time goes. */
void entity_note_address(struct entity *e, struct str address)
{
	size_t i = find_address(e, address);
	char *text;

	if (i == GOOD_ADDRESSES)
		i--;
	free(e->good[i]);
	memmove(&e->good[1], &e->good[0], i * sizeof(e->good[0]));
	text = mem_zalloc(address.n + 1);
	memcpy(text, address.p, address.n);
	e->good[0] = text;
}

void entity_when_ready(struct entity *e, struct entity_waiter *w)
{
	if (e->ready)
		w->run(e, w);
	else
		STAILQ_INSERT_TAIL(&e->waiting, w, link);
}

static void unpin_ready(struct entity *e, struct entity_waiter *w)
{
	free(w);
	entity_unpin(e);
}

void entity_unpin_when_ready(struct entity *e)
{
	struct entity_waiter *w = MEM_NEW(struct entity_waiter);

	w->run = unpin_ready;
	entity_when_ready(e, w);
}

void entity_forget_states(struct entity *e)
{
	host_end_entity(e->host, e->states);
}

void entity_renew(struct entity *e)
{
	uint64_t owner;

	entity_forget_states(e);
	if (e->kind == ENTITY_REMOTE) {
		e->owner = names_find(e->core->view, jid_domain(e->jid), STR_NONE, &owner) == 0
		                   ? owner
		                   : 0;
		return;
	}
	if (e->host->served == NULL || e->kind == ENTITY_HOST)
		return;
	if (names_find(e->core->view, jid_domain(e->jid), jid_local(e->jid), &owner) == 0)
		entity_set_item(e, owner);
	else
		entity_set_none(e);
}

void entity_set_item(struct entity *e, uint64_t owner)
{
	entity_forget_states(e);
	e->owner = owner;
	e->kind = ENTITY_ITEM;
}

void entity_set_account(struct entity *e, uint64_t owner)
{
	entity_forget_states(e);
	e->owner = owner;
	e->kind = ENTITY_ACCOUNT;
}

void entity_set_none(struct entity *e)
{
	entity_forget_states(e);
	e->owner = 0;
	e->kind = ENTITY_NONE;
}

void entity_end_sessions(struct entity *e)
{
	struct session *s = TAILQ_FIRST(&e->sessions), *next;

	for (; s != NULL; s = next) {
		next = TAILQ_NEXT(s, link);
		if (s->c2s == NULL)
			session_end(s);
	}
	c2s_env_end(&e->core->c2s, e, STREAM_NOT_AUTHORIZED, "the account was removed");
}

/* ---- eviction ---- */

static void on_sweep(struct shard *here, struct timer *t)
{
	struct core *core = CONTAINER_OF(t, struct core, sweep);
	int64_t before = shard_now(here) - EVICT_AFTER;
	struct entity *e;

	while ((e = TAILQ_FIRST(&core->idle)) != NULL && e->idle_since < before)
		evict(e);
	timer_start(here, t, EVICT_EVERY);
}

void entities_start(struct core *core)
{
	TAILQ_INIT(&core->idle);
	timer_init(&core->sweep, on_sweep);
	timer_start(core->shard, &core->sweep, EVICT_EVERY);
}

void entities_stop(struct core *core)
{
	struct entity *e;

	timer_stop(core->shard, &core->sweep);
	while ((e = TAILQ_FIRST(&core->idle)) != NULL)
		evict(e);
}

/* ---- module.h ---- */

struct jid entity_jid(const struct entity *e)
{
	return e->jid;
}

struct host *entity_host(const struct entity *e)
{
	return e->host;
}

bool entity_is_account(const struct entity *e)
{
	return e->kind == ENTITY_ACCOUNT || e->kind == ENTITY_TEMPORARY;
}

bool entity_is_temporary(const struct entity *e)
{
	return e->kind == ENTITY_TEMPORARY;
}

bool entity_is_host(const struct entity *e)
{
	return e->kind == ENTITY_HOST;
}

bool entity_is_item(const struct entity *e)
{
	return e->kind == ENTITY_ITEM;
}

struct session *entity_next_session(struct entity *e, struct session *prev)
{
	return prev == NULL ? TAILQ_FIRST(&e->sessions) : TAILQ_NEXT(prev, link);
}

struct session *entity_session(struct entity *e, struct str resource)
{
	struct session *s;

	TAILQ_FOREACH(s, &e->sessions, link)
		if (str_eq(jid_resource(s->jid), resource))
			return s;
	return NULL;
}

void *mod_entity_state(const struct mod *m, struct entity *e)
{
	return e->states + m->entity_at;
}
