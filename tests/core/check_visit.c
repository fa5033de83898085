/*
 * check_visit.c - what modules do at accounts without a stanza.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/visit.h"

#include "tests/lib/at_account.h"

#include <unistd.h>

static const struct store_space space = { .name = "carer", .version = 1 };

/* An account wants care when it has the record "wish"; then it has "done" in its place. */
static bool wants_care(const struct mod *m, struct store_reader *reader, struct jid account,
                       uint64_t owner, int64_t wall_ms)
{
	struct str value;

	return store_reader_find(reader, &space, owner, STR("wish"), &value) == 0;
}

static int care(struct mod *m, struct event *ev, struct str data)
{
	ck_assert(str_is_empty(data));
	ck_assert(ev->stanza == NULL && ev->session == NULL && ev->owner != 0);
	event_delete(ev, &space, STR("wish"));
	event_put(ev, &space, STR("done"), STR(""));
	return MOD_HANDLED;
}

static const struct mod_def mod_carer = {
	.abi = MOD_ABI,
	.name = "carer",
	.summary = "does what accounts wish",
	.wants_care = wants_care,
	.care = care,
	.spaces = MOD_SPACES(&space),
};
static const struct mod_def *const modules[] = { &mod_carer, NULL };

static struct world *w;

static void begin(unsigned shards)
{
	w = world_new(&(struct world_options){ .modules = modules, .shards = shards });
}

/* ---- care ---- */

static const char *account(int i)
{
	return arena_printf(w->arena, "user%d@%s", i, i % 2 == 0 ? "a.example" : "b.example").p;
}

static int wish(struct event *ev, void *arg)
{
	event_put(ev, &space, STR("wish"), STR(""));
	return MOD_HANDLED;
}

static int is_done(struct event *ev, void *arg)
{
	struct str value;

	return event_find(ev, &space, STR("done"), &value) == 0;
}

static void do_care(struct core *core, struct world_call *call)
{
	care_now(core->care);
	world_answer(call, 0);
}

static bool becomes_done(const char *bare)
{
	for (int i = 0; i < 1000; i++) {
		if (at_account(w, bare, is_done, NULL) == 1)
			return true;
		usleep(10000);
	}
	return false;
}

START_TEST(accounts_of_all_hosts_and_shards_get_the_care_they_want)
{
	begin(2);
	for (int i = 0; i < 12; i++) {
		world_account(w, account(i), "x");
		if (i % 3 == 0)
			ck_assert_int_eq(at_account(w, account(i), wish, NULL), MOD_HANDLED);
	}
	world_restart(w);
	for (unsigned shard = 0; shard < 2; shard++)
		world_ask(w, shard, do_care, NULL);
	for (int i = 0; i < 12; i += 3)
		ck_assert_msg(becomes_done(account(i)), "%s", account(i));
	for (int i = 0; i < 12; i++)
		ck_assert_int_eq(at_account(w, account(i), is_done, NULL), i % 3 == 0);
	world_free(&w);
}
END_TEST

START_TEST(care_reaches_behind_the_first_part)
{
	const int n = 230; /* names; the last in order is user99 */

	begin(1);
	for (int i = 0; i < n; i++)
		world_account(w, arena_printf(w->arena, "user%d@a.example", i).p, "x");
	ck_assert_int_eq(at_account(w, "user99@a.example", wish, NULL), MOD_HANDLED);
	world_ask(w, 0, do_care, NULL);
	ck_assert(becomes_done("user99@a.example"));
	world_free(&w);
}
END_TEST

/* ---- a visit ---- */

struct visiting {
	struct world_call *call;
	struct jid jid;
	bool exists;
	int64_t delay_ms, asked_ms;
};

static int visited(struct mod *m, struct event *ev, struct str data)
{
	struct visiting *v;

	ck_assert_uint_eq(data.n, sizeof(v));
	memcpy(&v, data.p, sizeof(v));
	ck_assert((ev->owner != 0) == v->exists);
	ck_assert(jid_eq(entity_jid(ev->entity), jid_bare(v->jid)));
	ck_assert_int_ge(core_now_ms(ev->core) - v->asked_ms, v->delay_ms);
	world_answer(v->call, 7);
	return MOD_HANDLED;
}

static void do_visit(struct core *core, struct world_call *call)
{
	struct visiting *v = call->arg;
	struct host *host = host_find(core, jid_domain(v->jid));

	v->call = call;
	v->asked_ms = core_now_ms(core);
	mod_visit_in(host_module(host, &mod_carer), v->delay_ms, v->jid, visited,
	             str_make((const char *)&v, sizeof(v)));
}

static int never(struct mod *m, struct event *ev, struct str data)
{
	ck_abort_msg("the server has been stopped");
	return MOD_HANDLED;
}

static void do_visit_too_late(struct core *core, struct world_call *call)
{
	struct jid *jid = call->arg;

	mod_visit_in(host_module(host_find(core, jid_domain(*jid)), &mod_carer), HOURS(1), *jid,
	             never, STR("x"));
	world_answer(call, 0);
}

START_TEST(a_visit_is_an_event_with_the_data_it_was_asked_for_with)
{
	struct visiting there, nowhere;

	begin(1);
	world_account(w, "romeo@a.example", "x");
	there = (struct visiting){ .jid = world_jid(w, "romeo@a.example/x"), .exists = true };
	nowhere = (struct visiting){ .jid = world_jid(w, "nobody@a.example") };
	ck_assert_int_eq(world_ask(w, 0, do_visit, &there), 7);
	ck_assert_int_eq(world_ask(w, 0, do_visit, &nowhere), 7);
	world_free(&w);
}
END_TEST

START_TEST(a_visit_may_be_asked_for_in_advance_and_the_end_of_the_server_comes_before)
{
	struct visiting soon;
	struct jid jid;

	begin(1);
	world_account(w, "romeo@a.example", "x");
	jid = world_jid(w, "romeo@a.example");
	soon = (struct visiting){ .jid = jid, .exists = true, .delay_ms = 120 };
	ck_assert_int_eq(world_ask(w, 0, do_visit_too_late, &jid), 0);
	ck_assert_int_eq(world_ask(w, 0, do_visit, &soon), 7);
	world_free(&w);
}
END_TEST

CHECK_MAIN("visit", accounts_of_all_hosts_and_shards_get_the_care_they_want,
           care_reaches_behind_the_first_part,
           a_visit_is_an_event_with_the_data_it_was_asked_for_with,
           a_visit_may_be_asked_for_in_advance_and_the_end_of_the_server_comes_before)
