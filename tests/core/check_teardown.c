/*
 * check_teardown.c - what ends while something of it is still under way: sessions with stanzas
 * that wait for the disk, streams with an answer awaited, entities that nobody uses.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/dispatch.h"
#include "server/core/event.h"
#include "tests/core/court.h"

#include <unistd.h>

#define VISITORS 105000 /* over entity.c's IDLE_MAX, and what it may be loading */
#define ENTITIES_MAX 104200
#define MOMENT_US 50000
#define EARLY(id) "<iq type='get' id='" id "'><wait xmlns='urn:early'/></iq>"

/* ---- a module that writes a note of each message and of each end ---- */

static const struct store_space notes = { .name = "notes", .version = 1 };

static int on_received(struct mod *m, struct event *ev)
{
	if (ev->stanza->kind == STANZA_MESSAGE)
		event_put(ev, &notes, STR("last"), STR("a message"));
	return MOD_PASS;
}

/* As a module may do that means all sessions. */
static int on_ended(struct mod *m, struct event *ev)
{
	struct stanza *message = stanza_new(ev->arena, STANZA_MESSAGE, TYPE_HEADLINE);
	struct session *s = NULL;

	message->from = jid_bare(entity_jid(ev->entity));
	message->to = message->from;
	event_put(ev, &notes, STR("last"), STR("an end"));
	while ((s = entity_next_session(ev->entity, s)) != NULL)
		event_deliver(ev, s, message);
	return MOD_PASS;
}

/* Answered only when the test says so; on one shard. */
static struct early_iq *awaiting;
static int n_early;

static bool on_early(struct mod *m, struct early_iq *iq)
{
	n_early++;
	awaiting = iq;
	return true;
}

static const struct mod_hook hooks[] = {
	{ HOOK_RECEIVED, PHASE_FILTER, on_received },
	{ HOOK_ENDED, PHASE_ACT, on_ended },
	{ 0 },
};

static const struct mod_def mod_notes = {
	.abi = MOD_ABI,
	.name = "notes",
	.hooks = hooks,
	.spaces = MOD_SPACES(&notes),
	.early = on_early,
};
static const struct mod_def *const modules[] = { &mod_court, &mod_notes, NULL };

static struct world *w;
static struct client *romeo, *juliet;

static void begin(void)
{
	w = world_new(&(struct world_options){ .modules = modules });
	world_account(w, "romeo@a.example", "x");
}

/* ---- sessions ---- */

static struct entity *entity_of(struct core *core, const char *bare, struct arena *arena)
{
	struct jid jid;

	ck_assert_int_eq(jid_parse(arena, str_of(bare), &jid), 0);
	return entity_at(core, host_find(core, jid_domain(jid)), jid);
}

static void end_session(struct entity *e, const char *resource)
{
	struct session *s = entity_session(e, str_of(resource));

	ck_assert_ptr_nonnull(s);
	c2s_fail(s->c2s, STREAM_CONFLICT, NULL);
	session_end(s);
}

static void end_one(struct core *core, struct world_call *call)
{
	struct arena *arena = arena_new(256);
	struct entity *e = entity_of(core, "romeo@a.example", arena);

	end_session(e, "orchard");
	entity_unpin(e);
	arena_free(&arena);
	world_answer(call, 0);
}

START_TEST(what_a_session_is_given_as_it_ends_goes_to_the_others)
{
	struct client *other;

	begin();
	romeo = client_online(w, "romeo@a.example/orchard", 0);
	other = client_online(w, "romeo@a.example/chapel", 0);
	world_ask(w, 0, end_one, NULL);
	client_expect(other, "<message type='headline'/>");
	client_expect_nothing(other, other);
	client_expect_end(romeo, "conflict");
	client_drop(&romeo);
	client_drop(&other);
	world_free(&w);
}
END_TEST

/* A message to both is waiting for the disk when one of them ends. */
static void give_and_end(struct core *core, struct world_call *call)
{
	struct arena *arena = arena_new(1024);
	struct entity *e = entity_of(core, "romeo@a.example", arena);
	struct stanza *message = stanza_new(arena, STANZA_MESSAGE, TYPE_CHAT);

	message->from = message->to = entity_jid(e);
	message->id = STR("m");
	dispatch_received(e, arena, &(struct letter){ .stanza = message }, NULL);
	ck_assert(!STAILQ_EMPTY(&e->held));
	end_session(e, "orchard");
	entity_unpin(e);
	world_answer(call, 0);
}

START_TEST(a_message_for_two_of_whom_one_ends_comes_once)
{
	struct client *other;

	begin();
	romeo = client_online(w, "romeo@a.example/orchard", 0);
	other = client_online(w, "romeo@a.example/chapel", 0);
	world_ask(w, 0, give_and_end, NULL);
	client_expect(other, "<message id='m'/>");
	client_expect(other, "<message type='headline'/>");
	client_expect_nothing(other, other);
	client_drop(&romeo);
	client_drop(&other);
	world_free(&w);
}
END_TEST

/* A copy for one of them is, and that one ends. */
static void copy_and_end(struct core *core, struct world_call *call)
{
	struct arena *arena = arena_new(1024);
	struct entity *e = entity_of(core, "romeo@a.example", arena);
	struct stanza *message = stanza_new(arena, STANZA_MESSAGE, TYPE_CHAT);
	struct event *ev = event_begin(arena, e, NULL, message);

	message->from = message->to = entity_jid(e);
	message->id = STR("copy");
	event_put(ev, &notes, STR("last"), STR("a copy"));
	event_offer(ev, entity_session(e, STR("orchard")), message);
	event_end(ev, MOD_HANDLED);
	ck_assert(!STAILQ_EMPTY(&e->held));
	end_session(e, "orchard");
	entity_unpin(e);
	world_answer(call, 0);
}

START_TEST(a_copy_for_one_that_ends_comes_to_nobody)
{
	struct client *other;

	begin();
	romeo = client_online(w, "romeo@a.example/orchard", 0);
	other = client_online(w, "romeo@a.example/chapel", 0);
	world_ask(w, 0, copy_and_end, NULL);
	client_expect(other, "<message id='-' type='headline'/>");
	client_expect_nothing(other, other);
	client_drop(&romeo);
	client_drop(&other);
	world_free(&w);
}
END_TEST

/* ---- streams ---- */

static void count_early(struct core *core, struct world_call *call)
{
	world_answer(call, n_early);
}

static void wait_for_early(int n)
{
	while (world_ask(w, 0, count_early, NULL) < n)
		usleep(1000);
}

static void store_caught_up(struct core *core, struct world_call *call)
{
	c2s_env_go(&core->c2s);
	world_answer(call, 0);
}

static void answer_early(struct core *core, struct world_call *call)
{
	early_result(awaiting, NULL);
	world_answer(call, 0);
}

START_TEST(a_stream_whose_answer_is_awaited_stays_held_when_others_go_on)
{
	begin();
	n_early = 0;
	juliet = client_open(w, &(struct client_options){ 0 });
	client_send(juliet, EARLY("1"));
	wait_for_early(1);
	client_send(juliet, EARLY("2"));
	world_ask(w, 0, store_caught_up, NULL);
	usleep(MOMENT_US);
	ck_assert_int_eq(world_ask(w, 0, count_early, NULL), 1);
	world_ask(w, 0, answer_early, NULL);
	client_expect(juliet, "<iq type='result' id='1'/>");
	wait_for_early(2);
	world_ask(w, 0, answer_early, NULL);
	client_expect(juliet, "<iq type='result' id='2'/>");
	client_drop(&juliet);
	world_free(&w);
}
END_TEST

START_TEST(an_answer_finds_a_stream_that_is_gone)
{
	begin();
	n_early = 0;
	juliet = client_open(w, &(struct client_options){ 0 });
	client_send(juliet, EARLY("1"));
	wait_for_early(1);
	client_drop(&juliet);
	world_ask(w, 0, answer_early, NULL);
	world_free(&w);
}
END_TEST

/* ---- entities ---- */

static void visit_many(struct core *core, struct world_call *call)
{
	for (int i = 0; i < VISITORS; i++) {
		struct arena *arena = arena_new(128);
		struct str text = arena_printf(arena, "nobody%d@a.example", i);

		entity_unpin(entity_of(core, arena_cstr(arena, text), arena));
		arena_free(&arena);
	}
	world_answer(call, core->n_entities <= ENTITIES_MAX);
}

START_TEST(names_that_do_not_exist_are_not_piled_up)
{
	begin();
	ck_assert_int_eq(world_ask(w, 0, visit_many, NULL), true);
	world_free(&w);
}
END_TEST

CHECK_MAIN("teardown", what_a_session_is_given_as_it_ends_goes_to_the_others,
           a_message_for_two_of_whom_one_ends_comes_once,
           a_copy_for_one_that_ends_comes_to_nobody,
           a_stream_whose_answer_is_awaited_stays_held_when_others_go_on,
           an_answer_finds_a_stream_that_is_gone, names_that_do_not_exist_are_not_piled_up)
