/*
 * check_entity.c - entities: loaded when needed, in use while pinned, evicted when idle.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/entity.h"

#include "tests/core/court.h"

static struct jid jid_at(struct world *w, const char *text)
{
	return world_jid(w, text);
}

/* ---- loading ---- */

struct visit {
	struct world_call *call;
	struct jid jid;
	struct entity *entity;
	enum entity_kind kind;
	bool was_ready;
	int order[3], n;
	struct entity_waiter waiters[3];
};

static struct visit *visiting; /* the waiters' own; on one shard */

static void on_ready(struct entity *e, struct entity_waiter *w)
{
	struct visit *v = visiting;

	ck_assert(e->ready);
	v->order[v->n++] = (int)(w - v->waiters);
	if (v->n < 3)
		return;
	v->kind = e->kind;
	entity_unpin(e);
	world_answer(v->call, 0);
}

static void wait_for(struct core *core, struct world_call *call)
{
	struct visit *v = call->arg;

	v->call = call;
	visiting = v;
	v->entity = entity_at(core, host_find(core, jid_domain(v->jid)), v->jid);
	v->was_ready = v->entity->ready;
	for (int i = 0; i < 3; i++) {
		v->waiters[i].run = on_ready;
		entity_when_ready(v->entity, &v->waiters[i]);
	}
}

static struct visit visit(struct world *w, const char *jid)
{
	struct visit v = { .jid = jid_at(w, jid) };

	world_ask(w, world_owner(w, jid), wait_for, &v);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(v.order[i], i);
	return v;
}

START_TEST(an_entity_is_loaded_once_and_whoever_waits_is_served_in_order)
{
	struct world *w = court_world(2);
	struct visit v;

	world_account(w, "romeo@a.example", "x");
	world_restart(w);
	v = visit(w, "romeo@a.example");
	ck_assert(!v.was_ready);
	ck_assert_int_eq(v.kind, ENTITY_ACCOUNT);
	v = visit(w, "romeo@a.example");
	ck_assert(v.was_ready);
	world_free(&w);
}
END_TEST

START_TEST(an_address_without_account_is_an_entity_too)
{
	struct world *w = court_world(2);

	ck_assert_int_eq(visit(w, "nobody@a.example").kind, ENTITY_NONE);
	world_account(w, "nobody@a.example", "x"); /* and becomes an account */
	ck_assert_int_eq(visit(w, "nobody@a.example").kind, ENTITY_ACCOUNT);
	world_free(&w);
}
END_TEST

START_TEST(a_host_is_ready_at_once)
{
	struct world *w = court_world(1);
	struct visit v = visit(w, "a.example");

	ck_assert(v.was_ready);
	ck_assert_int_eq(v.kind, ENTITY_HOST);
	world_free(&w);
}
END_TEST

START_TEST(what_arrives_while_an_account_is_loaded_keeps_its_order)
{
	struct world *w = court_world(2);
	struct client *from;

	world_account(w, "romeo@a.example", "x");
	world_account(w, "juliet@a.example", "x");
	for (int round = 0; round < 5; round++) {
		world_restart(w);
		from = client_login(w, "juliet@a.example");
		for (int i = 0; i < 100; i++)
			client_printf(from,
			              "<iq id='i%d' type='get' to='romeo@a.example'><q "
			              "xmlns='urn:q'/></iq>",
			              i);
		for (int i = 0; i < 100; i++)
			client_expectf(from, "<iq id='i%d' type='error'/>", i);
		client_drop(&from);
	}
	world_free(&w);
}
END_TEST

/* ---- eviction ---- */

struct count {
	size_t loaded, idle;
};

static void count(struct core *core, struct world_call *call)
{
	struct count *c = call->arg;

	c->loaded = core->n_entities;
	c->idle = core->n_idle;
	world_answer(call, 0);
}

static struct count counted(struct world *w)
{
	struct count c;

	world_ask(w, 0, count, &c);
	return c;
}

/* As if an hour had passed, and the sweep came. */
static void sweep(struct core *core, struct world_call *call)
{
	struct entity *e;

	TAILQ_FOREACH(e, &core->idle, link)
		e->idle_since -= HOURS(1);
	core->sweep.on_due(core->shard, &core->sweep);
	world_answer(call, 0);
}

static void sweep_early(struct core *core, struct world_call *call)
{
	core->sweep.on_due(core->shard, &core->sweep);
	world_answer(call, 0);
}

START_TEST(entities_that_nobody_uses_are_evicted_after_a_while)
{
	struct world *w = court_world(1);
	struct client *c;

	for (int i = 0; i < 10; i++)
		visit(w, arena_printf(w->arena, "nobody%d@a.example", i).p);
	ck_assert_uint_eq(counted(w).loaded, 10);
	ck_assert_uint_eq(counted(w).idle, 10);
	world_ask(w, 0, sweep_early, NULL);
	ck_assert_uint_eq(counted(w).loaded, 10);
	world_account(w, "romeo@a.example", "x");
	c = client_login(w, "romeo@a.example");
	client_settle(c);
	world_ask(w, 0, sweep, NULL);
	ck_assert_uint_eq(counted(w).loaded, 1); /* who has a session stays */
	ck_assert_uint_eq(counted(w).idle, 0);
	client_settle(c);
	client_close(&c);
	while (counted(w).idle == 0)
		;
	world_ask(w, 0, sweep, NULL);
	ck_assert_uint_eq(counted(w).loaded, 0);
	ck_assert_int_eq(visit(w, "romeo@a.example").kind, ENTITY_ACCOUNT);
	world_free(&w);
}
END_TEST

START_TEST(an_entity_in_use_again_is_not_idle)
{
	struct world *w = court_world(1);
	struct client *c;

	world_account(w, "romeo@a.example", "x");
	ck_assert_uint_eq(counted(w).idle, 1);
	for (int i = 0; i < 5; i++) {
		c = client_login(w, "romeo@a.example");
		ck_assert_uint_eq(counted(w).idle, 0);
		client_close(&c);
		while (counted(w).idle == 0)
			;
	}
	ck_assert_uint_eq(counted(w).loaded, 1);
	world_free(&w);
}
END_TEST

CHECK_MAIN("entity", an_entity_is_loaded_once_and_whoever_waits_is_served_in_order,
           an_address_without_account_is_an_entity_too, a_host_is_ready_at_once,
           what_arrives_while_an_account_is_loaded_keeps_its_order,
           entities_that_nobody_uses_are_evicted_after_a_while,
           an_entity_in_use_again_is_not_idle)
