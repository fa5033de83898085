/*
 * sm_life.c - managed sessions without a connection: hibernation, its end, and what the server
 * knows of them when it starts.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/sm.h"

#include "server/base/clock.h"
#include "server/base/mem.h"
#include "server/base/rand.h"
#include "server/store/key.h"
#include "xml/delay.h"

#include <stdlib.h>

#define LOAD_AT_ONCE 500 /* accounts with streams on disk, for each of */
#define LOAD_EVERY_MS 50

static struct shard *shard_of(const struct sm *sm)
{
	return sm->session->entity->core->shard;
}

/* ---- one session ---- */

static void on_timer(struct shard *here, struct timer *t)
{
	struct sm *sm = CONTAINER_OF(t, struct sm, timer);
	struct session *s = sm->session;

	if (s->c2s == NULL) {
		session_end(s);
	} else if (sm->acking) {
		log_peer_info(c2s_log(s->c2s), "dropped: it does not acknowledge");
		c2s_drop(s->c2s);
	} else {
		sm_ask(sm, true);
	}
}

/* Ascends, over restarts too. */
static uint64_t next_begun(struct core *core)
{
	uint64_t now = (uint64_t)clock_wall_ms();

	core->last_begun = now > core->last_begun ? now : core->last_begun + 1;
	return core->last_begun;
}

struct sm *sm_new(struct session *s, uint64_t key)
{
	struct sm *sm = MEM_NEW(struct sm);

	sm->session = s;
	while (key == 0)
		key = rand_u64();
	sm->key = key;
	sm->next = 1;
	sm->begun = next_begun(s->entity->core);
	STAILQ_INIT(&sm->queue);
	LIST_INIT(&sm->later);
	timer_init(&sm->timer, on_timer);
	return sm;
}

void sm_free(struct sm **sm_at)
{
	struct sm *sm = *sm_at;
	struct event_task *t;

	if (sm == NULL)
		return;
	timer_stop(shard_of(sm), &sm->timer);
	while (!STAILQ_EMPTY(&sm->queue))
		sm_drop_item(sm, STAILQ_FIRST(&sm->queue));
	sm_unweigh(sm);
	while ((t = LIST_FIRST(&sm->later)) != NULL) {
		LIST_REMOVE(t, later);
		t->counted = NULL;
	}
	free(sm->open);
	free(sm);
	*sm_at = NULL;
}

int64_t sm_time_ms(const struct sm *sm)
{
	int64_t most = sm->session->entity->core->generation->conf->o.resume_time;

	if (!sm->resumable)
		return 0;
	return sm->max_s != 0 && sm->max_s < (uint64_t)most / 1000 ? (int64_t)sm->max_s * 1000
	                                                           : most;
}

bool sm_outlasts(const struct session *s)
{
	const struct sm *sm = s->sm;

	return sm != NULL && ((sm->resumable && sm->enabled) || sm->restored) &&
	       entity_is_account(s->entity);
}

bool sm_hibernate(struct session *s)
{
	struct sm *sm = s->sm;
	struct shard *here = s->entity->core->shard;

	if (!sm_outlasts(s))
		return false;
	s->c2s = NULL;
	s->entity->pins++;
	sm_weigh(sm);
	sm->acking = false;
	sm->since_ms = shard_now(here);
	if (shard_is_stopping(here))
		timer_stop(here, &sm->timer);
	else
		timer_start(here, &sm->timer, sm_is_too_heavy(sm) ? 1 : sm_time_ms(sm) + 1);
	return true;
}

/* ---- its end ---- */

/* XEP-0198 §4: the message is as old as its first delivery. */
static void add_delay(struct event *ev, struct stanza *s, int64_t stamp_ms)
{
	struct xml_node *element = stanza_element(ev->arena, s);

	delay_add(ev->arena, element, host_name(ev->host), stamp_ms);
	s->node = element;
}

/* As to a resource that is not there (RFC 6121 §8.5.3.2). */
static void send_again(struct event *ev, const struct sm *sm, const struct sm_item *item)
{
	struct stanza *s = stanza_read(ev->arena, str_make(item->bytes, item->n)), *error;

	if (s == NULL || item->offered || sm_waits_elsewhere(sm, item) || jid_is_none(s->to) ||
	    jid_is_none(s->from))
		return;
	if (stanza_is_request(s)) {
		error = stanza_error_reply(ev->arena, s, STANZA_SERVICE_UNAVAILABLE, NULL,
		                           NULL);
		event_send(ev, error);
	} else if (s->kind == STANZA_MESSAGE && s->type != TYPE_ERROR &&
	           s->type != TYPE_HEADLINE && s->type != TYPE_GROUPCHAT) {
		add_delay(ev, s, item->stamp_ms);
		event_send_again(ev, s, item->archive_id);
	} else {
		return;
	}
	if (item->stored)
		event_sent_queued(ev);
}

static void note_arrived(struct event *ev, uint64_t group)
{
	struct event_group *noted;

	if (group == 0) /* as its record says */
		return;
	noted = ARENA_NEW(ev->arena, struct event_group);
	noted->group = group;
	noted->next = event_task_of(ev)->arrived;
	event_task_of(ev)->arrived = noted;
}

void sm_send_again(struct event *ev, struct sm *sm)
{
	const struct sm_item *item;

	STAILQ_FOREACH(item, &sm->queue, link)
		if (item->arrived)
			note_arrived(ev, item->group);
		else
			send_again(ev, sm, item);
	if (!sm->stored || !event_keeps_records(ev))
		return;
	event_task_of(ev)->ends_stream = true;
	sm_put_end(ev, sm);
}

/* ---- the server starts ---- */

static void load_account(struct core *core, struct str bare)
{
	struct arena *arena = arena_new(256);
	struct host *host;
	struct jid jid;

	if (jid_parse(arena, bare, &jid) == 0 &&
	    (host = host_of_accounts(core, jid_domain(jid))) != NULL)
		entity_unpin_when_ready(entity_at(core, host, jid));
	arena_free(&arena);
}

struct loading {
	struct core *core;
	struct store_key last;
	size_t n;
};

static int load_one(void *arg, struct str key, struct str value)
{
	struct loading *all = arg;
	uint64_t owner;
	size_t pos = 0;

	if (key_read_u64(key, &pos, &owner) < 0)
		return 0;
	if (!core_owns(all->core, owner))
		return 1;
	load_account(all->core, value);
	key_init(&all->last);
	key_bytes(&all->last, key);
	all->n++;
	return 0;
}

/* The next accounts behind those of before. */
static int load_some(struct core *core)
{
	struct loading all = { .core = core };
	int err = store_scan(core->view, &stream_index_space, STORE_OWNER_STORE, STR(""),
	                     key_str(&core->streams_from), LOAD_AT_ONCE, load_one, &all);

	if (err < 0)
		return err;
	core->streams_from = all.last;
	key_bytes(&core->streams_from, STR("\0")); /* behind it */
	if (all.n == LOAD_AT_ONCE)
		timer_start(core->shard, &core->streams_timer, LOAD_EVERY_MS);
	return 0;
}

static void on_load(struct shard *here, struct timer *t)
{
	int err = load_some(core_of(here));

	if (err < 0)
		log_error(NULL, "streams that were open are not all known: %s", err_str(err));
}

int sm_start(struct core *core)
{
	timer_init(&core->streams_timer, on_load);
	key_init(&core->streams_from);
	key_u64(&core->streams_from, core_first_owner(core));
	return load_some(core);
}

/* ---- the server stops ---- */

void sm_stop(struct core *core)
{
	timer_stop(core->shard, &core->streams_timer);
	for (struct entity *e = core->entities; e != NULL; e = e->hh.next) {
		struct session *s;

		TAILQ_FOREACH(s, &e->sessions, link)
			if (s->sm != NULL)
				timer_stop(core->shard, &s->sm->timer);
	}
}

void sm_leave(struct core *core)
{
	for (struct entity *e = core->entities; e != NULL; e = e->hh.next)
		while (!TAILQ_EMPTY(&e->sessions))
			session_leave(TAILQ_FIRST(&e->sessions));
}
