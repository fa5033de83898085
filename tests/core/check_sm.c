/*
 * check_sm.c - managed sessions (XEP-0198): what is counted, what becomes of the queue when a
 * batch fails or a record cannot be read.  The protocol is in tests/conformance/cases/sm*.py.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/sm.h"
#include "server/store/key.h"
#include "tests/core/court.h"
#include "tests/core/managed.h"
#include "tests/lib/capture.h"

#include <stdlib.h>
#include <string.h>

#define BIG 200000 /* more than a file that may not grow has free pages for */
#define ROMEO "romeo@a.example"
#define JULIET "juliet@a.example"
#define RESULT(id) "<iq id='" id "' type='result'/>"
#define MESSAGE(id, to) "<message id='" id "' type='chat' to='" to "'><body>x</body></message>"

/* ---- a module whose answer comes when the test says so; on one shard ---- */

static struct event *held_back;

static int on_hold(struct mod *m, struct event *ev)
{
	held_back = ev;
	return MOD_LATER;
}

static const struct mod_iq iqs[] = {
	{ "urn:hold", "hold", IQ_GET | TO_SELF, on_hold },
	{ 0 },
};
static const struct mod_def mod_hold = { .abi = MOD_ABI, .name = "hold", .iqs = iqs };
static const struct mod_def *const modules[] = { &mod_court, &mod_hold, NULL };

static void let_go(struct core *core, struct world_call *call)
{
	struct event *ev = held_back;

	held_back = NULL;
	event_finish(ev, event_result(ev, NULL));
	world_answer(call, 0);
}

/* ---- clients ---- */

static struct world *w;

static void begin(void)
{
	w = world_new(&(struct world_options){ .modules = modules });
	world_account(w, ROMEO, "x");
	world_account(w, JULIET, "x");
}

static void big_message(struct client *c, const char *id, const char *to)
{
	char *body = arena_zalloc(w->arena, BIG + 1);

	memset(body, 'x', BIG);
	client_printf(c, "<message id='%s' to='%s' type='chat'><body>%s</body></message>", id,
	              to, body);
}

/* Freed pages, so that what is small has room although the file may not grow. */
static void fill_disk(void)
{
	struct client *c = client_login(w, "juliet@a.example/filler");

	client_send(c, COURT_SET("1", "put key='k' bytes='150000'"));
	client_expect(c, RESULT("1"));
	client_send(c, COURT_SET("2", "put key='k' bytes='10'"));
	client_expect(c, RESULT("2"));
	client_send(c, COURT_SET("3", "put key='k' bytes='11'"));
	client_expect(c, RESULT("3"));
	client_close(&c);
	world_fill_disk(w, true);
}

/* ---- counting ---- */

START_TEST(of_stanzas_that_come_again_those_that_were_not_done_are_handled)
{
	struct sm sm = { .next = 3, .taken = 7 };

	sm_open(&sm, 5);
	sm_open(&sm, 3);
	ck_assert_uint_eq(sm_count(&sm), 3);
	ck_assert_uint_eq(sm_count(&sm), 0);
	ck_assert_uint_eq(sm_count(&sm), 5);
	ck_assert_uint_eq(sm_count(&sm), 0);
	ck_assert_uint_eq(sm_count(&sm), 0);
	ck_assert_uint_eq(sm.taken, 7);
	ck_assert_uint_eq(sm_count(&sm), 8);
	ck_assert_uint_eq(sm.taken, 8);
	free(sm.open);
}
END_TEST

START_TEST(what_is_still_being_done_is_not_begun_again)
{
	struct sm sm = { .next = 3, .taken = 7 };
	struct event_task running = { .number = 5 };

	sm_open(&sm, 3);
	sm_open(&sm, 5);
	LIST_INSERT_HEAD(&sm.later, &running, later);
	ck_assert_uint_eq(sm_count(&sm), 3);
	ck_assert_uint_eq(sm_count(&sm), 0);
	ck_assert_uint_eq(sm_count(&sm), 0);
	free(sm.open);
}
END_TEST

START_TEST(an_answer_that_takes_its_time_comes_once_over_a_cut)
{
	static const char requests[] =
		"<iq id='1' type='get'><hold xmlns='urn:hold'/></iq>" COURT_GET("2", "none");
	struct client *c;
	const char *id;

	begin();
	c = client_login(w, "romeo@a.example/orchard");
	id = client_manage(c, "");
	client_send(c, requests);
	managed_expect(c, "2");
	managed_expect_handled(c, 0);
	client_drop(&c);
	for (int i = 0; i < 2; i++) {
		c = managed_resume(w, "romeo@a.example/orchard", id, 1, 0);
		client_send(c, requests);
		managed_expect_handled(c, 0);
		if (i == 0)
			client_drop(&c);
	}
	world_ask(w, 0, let_go, NULL);
	managed_expect(c, "1");
	managed_expect_handled(c, 2);
	managed_expect_sent(c, 2);
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(a_session_may_end_while_its_answer_is_awaited)
{
	struct client *c;

	begin();
	c = client_login(w, "romeo@a.example/orchard");
	client_manage(c, "");
	client_send(c, "<iq id='1' type='get'><hold xmlns='urn:hold'/></iq>" COURT_GET("2",
	                                                                               "none"));
	managed_expect(c, "2");
	client_close(&c);
	c = client_login(w, "romeo@a.example/orchard");
	world_ask(w, 0, let_go, NULL);
	client_expect(c, RESULT("1")); /* it is for whoever is there now */
	client_drop(&c);
	world_free(&w);
}
END_TEST

/* ---- batches that fail ---- */

START_TEST(what_a_failed_event_had_to_say_leaves_no_gap)
{
	struct client *c;

	begin();
	c = client_login(w, "romeo@a.example/orchard");
	client_manage(c, "");
	fill_disk();
	client_send(c, COURT_SET("1", "both key='big' bytes='400000'"));
	client_expect(c, "<iq id='1' type='error'/>");
	world_fill_disk(w, false);
	client_send(c, COURT_SET("2", "both key='k' bytes='5'"));
	client_expect(c, "<message id='one'/>");
	client_expect(c, RESULT("2"));
	managed_expect_handled(c, 0); /* the error may not have come */
	managed_expect_sent(c, 3);
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(a_stanza_that_failed_is_done_when_its_error_is_acknowledged)
{
	struct client *c;
	const char *id;

	begin();
	c = client_login(w, "romeo@a.example/orchard");
	id = client_manage(c, "");
	fill_disk();
	client_send(c, COURT_SET("1", "put key='big' bytes='400000'"));
	client_expect(c, "<iq id='1' type='error'/>");
	world_fill_disk(w, false);
	client_send(c, COURT_SET("2", "put key='k' bytes='5'"));
	client_expect(c, RESULT("2"));
	managed_expect_handled(c, 0);
	client_send(c, "<a xmlns='" NS_SM "' h='1'/>");
	managed_expect_handled(c, 2);
	client_drop(&c);
	world_restart(w);
	c = managed_resume(w, "romeo@a.example/orchard", id, 2, 2);
	client_settle(c);
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(a_stanza_whose_error_did_not_come_is_handled_when_it_comes_again)
{
	struct client *c;
	const char *id;

	begin();
	c = client_login(w, "romeo@a.example/orchard");
	id = client_manage(c, "");
	fill_disk();
	client_send(c, COURT_SET("1", "put key='big' bytes='400000'"));
	client_expect(c, "<iq id='1' type='error'/>");
	world_fill_disk(w, false);
	client_send(c, COURT_SET("2", "put key='k' bytes='5'"));
	client_expect(c, RESULT("2"));
	client_drop(&c);
	world_restart(w);
	c = managed_resume(w, "romeo@a.example/orchard", id, 0, 0);
	managed_expect(c, "2");
	client_send(c, COURT_SET("1", "put key='big' bytes='4000'")
	                       COURT_SET("2", "put key='k' bytes='5'"));
	managed_expect(c, "1"); /* this time it is done, and 2 is not again */
	managed_expect_handled(c, 2);
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(what_was_under_way_behind_a_failed_event_fails_with_it)
{
	struct client *c;

	begin();
	c = client_login(w, "romeo@a.example/orchard");
	client_manage(c, "");
	fill_disk();
	client_send(c, COURT_SET("1", "both key='big' bytes='400000'")
	                       COURT_SET("2", "put key='k' bytes='5'"));
	client_expect(c, "<iq id='1' type='error'/>");
	client_expect(c, "<iq id='2' type='error'/>");
	world_fill_disk(w, false);
	client_send(c, COURT_GET("3", "none"));
	managed_expect(c, "3");
	managed_expect_sent(c, 3);
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(what_cannot_be_sent_on_from_disk_is_refused)
{
	struct client *romeo, *juliet;

	begin();
	romeo = client_login(w, "romeo@a.example/orchard");
	juliet = client_login(w, "juliet@a.example/balcony");
	client_manage(romeo, "");
	fill_disk();
	big_message(romeo, "big", "juliet@a.example/balcony");
	client_expect(romeo, "<message id='big' type='error'/>");
	world_fill_disk(w, false);
	client_send(romeo, MESSAGE("next", "juliet@a.example/balcony"));
	client_expect(juliet, "<message id='next'/>");
	client_drop(&romeo);
	client_drop(&juliet);
	world_free(&w);
}
END_TEST

START_TEST(what_could_not_be_stored_for_a_session_reaches_it_all_the_same)
{
	struct client *romeo, *juliet;

	begin();
	romeo = client_login(w, "romeo@a.example/orchard");
	juliet = client_login(w, "juliet@a.example/balcony");
	client_manage(romeo, "");
	fill_disk();
	client_printf(juliet, MESSAGE("before", "romeo@a.example/orchard"));
	big_message(juliet, "big", "romeo@a.example/orchard");
	client_printf(juliet, MESSAGE("behind", "romeo@a.example/orchard"));
	managed_expect(romeo, "before");
	managed_expect(romeo, "big");
	managed_expect(romeo, "behind");
	world_fill_disk(w, false);
	managed_expect_sent(romeo, 3);
	client_drop(&romeo);
	client_drop(&juliet);
	world_free(&w);
}
END_TEST

/* Each is within the bounds of its own, and all of them together are not. */
START_TEST(when_too_much_waits_for_all_who_has_most_ends)
{
	struct client *light, *heavy, *juliet;
	const char *id;

	w = world_new(
		&(struct world_options){ .modules = modules, .global = "resume-total = 1MiB" });
	world_account(w, ROMEO, "x");
	world_account(w, JULIET, "x");
	juliet = client_login(w, JULIET "/balcony");
	heavy = client_login(w, ROMEO "/heavy");
	client_manage(heavy, "");
	light = client_login(w, ROMEO "/light");
	id = client_manage(light, "");
	client_drop(&heavy);
	client_drop(&light);
	client_send(juliet, MESSAGE("to-light", ROMEO "/light"));
	for (int i = 0; i < 6; i++)
		big_message(juliet, "to-heavy", ROMEO "/heavy");
	client_settle(juliet);
	client_send(juliet, MESSAGE("too-much", ROMEO "/heavy"));
	for (int i = 0; i < 6; i++)
		client_expect(juliet, "<message type='error' id='to-heavy'/>");
	client_expect(juliet, "<message type='error' id='too-much'/>");
	light = managed_resume(w, ROMEO "/light", id, 0, 0);
	managed_expect(light, "to-light");
	client_close(&light);
	client_close(&juliet);
	world_free(&w);
}
END_TEST

/* What waits for a client that is there is not counted, until it is gone. */
START_TEST(it_ends_as_soon_as_its_connection_breaks_too)
{
	struct client *romeo, *juliet;
	const char *id;

	w = world_new(
		&(struct world_options){ .modules = modules, .global = "resume-total = 1MiB" });
	world_account(w, ROMEO, "x");
	world_account(w, JULIET, "x");
	juliet = client_login(w, JULIET "/balcony");
	romeo = client_login(w, ROMEO "/orchard");
	id = client_manage(romeo, "");
	for (int i = 0; i < 6; i++) {
		big_message(juliet, "big", ROMEO "/orchard");
		client_expect(romeo, "<message id='big'/>");
	}
	client_drop(&romeo);
	for (int i = 0; i < 6; i++)
		client_expect(juliet, "<message type='error' id='big'/>");
	romeo = client_enter(w, ROMEO);
	client_printf(romeo, "<resume xmlns='" NS_SM "' previd='%s' h='0'/>", id);
	client_expect(romeo, "<failed xmlns='" NS_SM "' h='0'/>");
	client_drop(&romeo);
	client_close(&juliet);
	world_free(&w);
}
END_TEST

START_TEST(where_the_beginning_cannot_be_stored_the_stream_is_not_resumable)
{
	struct client *c;

	begin();
	c = client_login(w, "romeo@a.example/orchard");
	world_fill_disk(w, true);
	for (int i = 0, failed = 0; failed < 3; i++) { /* until no free page is left */
		client_printf(c, COURT_SET("w%d", "put key='k%d' bytes='6000'"), i, i);
		failed += str_is(xml_attr(client_next(c), "type"), "error");
	}
	client_send(c, "<enable xmlns='" NS_SM "' resume='true'/>");
	client_expect(c, "<enabled xmlns='" NS_SM "' id='-' resume='-'/>");
	world_fill_disk(w, false);
	client_send(c, COURT_SET("1", "put key='k' bytes='5'"));
	client_expect(c, RESULT("1"));
	client_expect(c, "<r xmlns='" NS_SM "'/>");
	managed_expect_handled(c, 1);
	managed_expect_sent(c, 1);
	client_drop(&c);
	world_free(&w);
}
END_TEST

/* ---- records ---- */

static int count_one(void *arg, struct str key, struct str value)
{
	(*(int *)arg)++;
	return 0;
}

struct looking {
	const struct store_space *space;
	const char *bare;
	struct entity *entity;
};

static uint64_t owner_of(struct core *core, struct looking *l)
{
	struct jid jid = world_jid(w, l->bare);

	l->entity = entity_at(core, host_find(core, jid_domain(jid)), jid);
	return l->entity->owner;
}

static void count_records(struct core *core, struct world_call *call)
{
	struct looking *l = call->arg;
	int n = 0;

	ck_assert_int_eq(store_scan(core->view, l->space, owner_of(core, l), STR(""), STR_NONE,
	                            0, count_one, &n),
	                 0);
	entity_unpin(l->entity);
	world_answer(call, n);
}

static int records(const struct store_space *space, const char *bare)
{
	struct looking l = { .space = space, .bare = bare };

	return world_ask(w, 0, count_records, &l);
}

static void expect_records(const struct store_space *space, const char *bare, int n)
{
	for (int i = 0; i < 200 && records(space, bare) != n; i++)
		client_settle(client_login(w, "juliet@a.example"));
	ck_assert_int_eq(records(space, bare), n);
}

struct spoiling {
	struct looking looking;
	struct store_key key; /* of the first */
};

static int take_key(void *arg, struct str key, struct str value)
{
	struct spoiling *s = arg;

	key_init(&s->key);
	key_bytes(&s->key, key);
	return 1;
}

/* The first record of the space becomes something that nobody can read. */
static void spoil_first(struct core *core, struct world_call *call)
{
	struct spoiling *s = call->arg;
	uint64_t owner = owner_of(core, &s->looking);
	struct batch *b = batch_new(core->view);

	ck_assert_int_eq(store_scan(core->view, s->looking.space, owner, STR(""), STR_NONE, 0,
	                            take_key, s),
	                 1);
	batch_put(b, s->looking.space, owner, key_str(&s->key), STR("\x7f"));
	batch_commit(&b, NULL);
	entity_unpin(s->looking.entity);
	world_answer(call, 0);
}

static void spoil(const struct store_space *space, const char *bare)
{
	struct spoiling s = { .looking = { .space = space, .bare = bare } };

	world_ask(w, 0, spoil_first, &s);
}

/* Romeo has the messages a, b and c in his queue, and is away; the name of his stream. */
static const char *three_for_romeo(void)
{
	struct client *romeo, *juliet;
	const char *id;

	begin();
	romeo = client_login(w, "romeo@a.example/orchard");
	id = client_manage(romeo, "");
	juliet = client_login(w, "juliet@a.example/balcony");
	client_send(juliet, MESSAGE("a", "romeo@a.example/orchard")
	                            MESSAGE("b", "romeo@a.example/orchard")
	                                    MESSAGE("c", "romeo@a.example/orchard"));
	managed_expect(romeo, "a");
	managed_expect(romeo, "b");
	managed_expect(romeo, "c");
	client_drop(&romeo);
	client_drop(&juliet);
	return id;
}

START_TEST(a_session_comes_back_from_its_records)
{
	const char *id = three_for_romeo();
	struct client *romeo;

	ck_assert_int_eq(records(&stream_out_space, ROMEO), 3);
	for (int i = 0; i < 3; i++)
		world_restart(w);
	romeo = managed_resume(w, "romeo@a.example/orchard", id, 1, 0);
	managed_expect(romeo, "b");
	managed_expect(romeo, "c");
	client_send(romeo, "<a xmlns='" NS_SM "' h='3'/>");
	client_settle(romeo);
	client_drop(&romeo);
	world_free(&w);
}
END_TEST

START_TEST(presence_and_priority_come_back_with_it)
{
	struct client *c, *other;
	const char *id;

	begin();
	c = client_online(w, "romeo@a.example/orchard", 7);
	id = client_manage(c, "");
	client_drop(&c);
	world_restart(w);
	other = client_online(w, "romeo@a.example/chapel", 6);
	client_send(other, MESSAGE("m", ROMEO));
	client_settle(other);
	c = managed_resume(w, "romeo@a.example/orchard", id, 0, 0);
	managed_expect(c, "m");
	client_drop(&c);
	client_drop(&other);
	world_free(&w);
}
END_TEST

START_TEST(what_ends_leaves_no_records_but_how_far_it_came)
{
	const char *id = three_for_romeo();
	struct client *romeo = managed_resume(w, "romeo@a.example/orchard", id, 0, 0);

	managed_expect(romeo, "a");
	client_close(&romeo);
	expect_records(&stream_out_space, ROMEO, 0);
	ck_assert_int_eq(records(&stream_in_space, ROMEO), 0);
	ck_assert_int_eq(records(&stream_space, ROMEO), 1);
	world_free(&w);
}
END_TEST

START_TEST(of_streams_that_ended_few_are_remembered)
{
	struct client *c;

	begin();
	for (int i = 0; i < 40; i++) {
		c = client_login(w, "romeo@a.example/orchard");
		client_manage(c, "");
		client_close(&c);
	}
	ck_assert_int_le(records(&stream_space, ROMEO), 17);
	world_free(&w);
}
END_TEST

START_TEST(an_item_that_cannot_be_read_does_not_keep_the_others)
{
	const char *id = three_for_romeo();
	struct client *romeo;
	struct capture log;

	spoil(&stream_out_space, ROMEO);
	capture_begin(&log);
	world_restart(w);
	romeo = managed_resume(w, "romeo@a.example/orchard", id, 0, 0);
	managed_expect(romeo, "b");
	managed_expect(romeo, "c");
	client_settle(romeo);
	ck_assert_says(capture_end(&log, w->arena), "is not readable");
	client_drop(&romeo);
	world_free(&w);
}
END_TEST

/* Nobody knows how far its stanzas came; who sent it something learns that it is not there. */
static void expect_ended(const char *id, const struct store_space *space)
{
	struct client *romeo, *juliet;
	const char *other;
	struct capture log;

	juliet = client_login(w, "juliet@a.example/balcony");
	other = client_manage(juliet, "");
	client_send(juliet, "<message id='n' to='romeo@a.example/orchard'/>");
	managed_expect_handled(juliet, 1);
	client_drop(&juliet);
	spoil(space, ROMEO);
	capture_begin(&log);
	world_restart(w);
	romeo = client_enter(w, ROMEO);
	ck_assert_says(capture_end(&log, w->arena), "is not readable");
	client_printf(romeo, "<resume xmlns='" NS_SM "' previd='%s' h='0'/>", id);
	client_expect(romeo, "<failed xmlns='" NS_SM "'/>");
	client_drop(&romeo);
	juliet = managed_resume(w, "juliet@a.example/balcony", other, 0, 1);
	managed_expect(juliet, "a");
	managed_expect(juliet, "b");
	managed_expect(juliet, "c");
	managed_expect(juliet, "n");
	client_drop(&juliet);
	world_free(&w);
}

START_TEST(a_session_whose_counts_cannot_be_read_ends_and_its_queue_is_sent_on)
{
	const char *id = three_for_romeo();

	expect_ended(id, &stream_in_space);
}
END_TEST

START_TEST(a_session_that_cannot_be_read_does_not_keep_the_others)
{
	struct client *one, *two;
	const char *first, *second;
	int n_back = 0;

	begin();
	one = client_login(w, "romeo@a.example/one");
	first = client_manage(one, "");
	two = client_login(w, "romeo@a.example/two");
	second = client_manage(two, "");
	client_send(two,
	            MESSAGE("m", "romeo@a.example/one") MESSAGE("n", "romeo@a.example/two"));
	managed_expect(one, "m");
	managed_expect(two, "n");
	client_drop(&one);
	client_drop(&two);
	spoil(&stream_in_space, ROMEO);
	world_restart(w);
	for (int i = 0; i < 2; i++) {
		one = client_enter(w, ROMEO);
		client_printf(one, "<resume xmlns='" NS_SM "' previd='%s' h='0'/>",
		              i == 0 ? first : second);
		if (str_is(client_next(one)->name, "resumed")) {
			managed_expect(one, i == 0 ? "m" : "n");
			n_back++;
		}
		client_drop(&one);
	}
	ck_assert_int_eq(n_back, 1);
	world_free(&w);
}
END_TEST

/* Romeo has something in his queue whose sending on a full disk does not take; it is full. */
static void end_on_full_disk(void)
{
	struct client *romeo, *juliet;

	begin();
	romeo = client_login(w, "romeo@a.example/orchard");
	client_manage(romeo, "");
	juliet = client_login(w, "juliet@a.example/balcony");
	client_send(juliet, MESSAGE("a", "romeo@a.example/orchard"));
	big_message(juliet, "big", "romeo@a.example/orchard");
	managed_expect(romeo, "a");
	managed_expect(romeo, "big");
	client_drop(&romeo);
	client_drop(&juliet);
	fill_disk();
}

START_TEST(what_waits_for_a_session_that_ends_on_a_full_disk_is_sent_on_later)
{
	struct client *romeo;

	end_on_full_disk();
	romeo = client_login(w, "romeo@a.example/orchard");
	client_settle(romeo);
	world_fill_disk(w, false);
	client_expect(romeo, "<message id='a'/>");
	client_expect(romeo, "<message id='big'/>");
	client_settle(romeo);
	expect_records(&stream_out_space, ROMEO, 0);
	client_drop(&romeo);
	world_restart(w);
	romeo = client_login(w, "romeo@a.example/orchard");
	client_settle(romeo);
	client_drop(&romeo);
	world_free(&w);
}
END_TEST

START_TEST(of_two_streams_of_one_resource_the_later_one_comes_back)
{
	struct client *romeo;
	const char *id;

	end_on_full_disk();
	romeo = client_login(w, "romeo@a.example/orchard");
	client_settle(romeo);
	id = client_manage(romeo, "");
	client_drop(&romeo);
	world_fill_disk(w, false);
	world_restart(w);
	romeo = managed_resume(w, "romeo@a.example/orchard", id, 0, 0);
	client_expect(romeo, "<message id='a'/>");
	client_expect(romeo, "<message id='big'/>");
	client_drop(&romeo);
	world_free(&w);
}
END_TEST

START_TEST(what_was_acknowledged_does_not_come_again_though_the_disk_did_not_forget_it)
{
	struct client *romeo, *juliet;

	begin();
	romeo = client_login(w, "romeo@a.example/orchard");
	client_manage(romeo, "");
	juliet = client_login(w, "juliet@a.example/balcony");
	client_send(juliet, MESSAGE("a", "romeo@a.example/orchard"));
	managed_expect(romeo, "a");
	fill_disk();
	client_send(romeo, COURT_SET("1", "put key='big' bytes='400000'") "<a xmlns='" NS_SM
	                                                                  "' h='1'/>");
	client_expect(romeo, "<iq id='1' type='error'/>");
	world_fill_disk(w, false);
	client_send(romeo, COURT_SET("2", "put key='k' bytes='5'"));
	client_expect(romeo, RESULT("2"));
	ck_assert_int_eq(records(&stream_out_space, ROMEO), 2);
	client_drop(&romeo);
	client_drop(&juliet);
	world_restart(w);
	romeo = client_login(w, "romeo@a.example/orchard");
	client_settle(romeo);
	client_drop(&romeo);
	world_free(&w);
}
END_TEST

CHECK_MAIN("sm", of_stanzas_that_come_again_those_that_were_not_done_are_handled,
           what_is_still_being_done_is_not_begun_again,
           an_answer_that_takes_its_time_comes_once_over_a_cut,
           a_session_may_end_while_its_answer_is_awaited,
           what_a_failed_event_had_to_say_leaves_no_gap,
           a_stanza_that_failed_is_done_when_its_error_is_acknowledged,
           a_stanza_whose_error_did_not_come_is_handled_when_it_comes_again,
           what_was_under_way_behind_a_failed_event_fails_with_it,
           what_cannot_be_sent_on_from_disk_is_refused,
           what_could_not_be_stored_for_a_session_reaches_it_all_the_same,
           when_too_much_waits_for_all_who_has_most_ends,
           it_ends_as_soon_as_its_connection_breaks_too,
           where_the_beginning_cannot_be_stored_the_stream_is_not_resumable,
           a_session_comes_back_from_its_records, presence_and_priority_come_back_with_it,
           what_ends_leaves_no_records_but_how_far_it_came,
           of_streams_that_ended_few_are_remembered,
           an_item_that_cannot_be_read_does_not_keep_the_others,
           a_session_whose_counts_cannot_be_read_ends_and_its_queue_is_sent_on,
           a_session_that_cannot_be_read_does_not_keep_the_others,
           what_waits_for_a_session_that_ends_on_a_full_disk_is_sent_on_later,
           of_two_streams_of_one_resource_the_later_one_comes_back,
           what_was_acknowledged_does_not_come_again_though_the_disk_did_not_forget_it)
