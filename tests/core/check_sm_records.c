/*
 * check_sm_records.c - managed sessions (XEP-0198) on disk: what comes back of them, and of what
 * cannot be read.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/sm.h"
#include "server/store/key.h"
#include "tests/core/court.h"
#include "tests/core/managed.h"
#include "tests/lib/capture.h"

#define ROMEO "romeo@a.example"
#define JULIET "juliet@a.example"

/* ---- clients ---- */

static struct world *w;

static void begin(void)
{
	w = court_world(1);
	world_account(w, ROMEO, "x");
	world_account(w, JULIET, "x");
}

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
	managed_send_big(juliet, "big", "romeo@a.example/orchard");
	managed_expect(romeo, "a");
	managed_expect(romeo, "big");
	client_drop(&romeo);
	client_drop(&juliet);
	managed_fill_disk(w);
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

START_TEST(what_comes_meanwhile_waits_behind_what_such_a_session_had)
{
	struct client *romeo, *juliet;

	end_on_full_disk();
	romeo = client_login(w, "romeo@a.example/orchard");
	client_settle(romeo);
	juliet = client_login(w, "juliet@a.example/balcony");
	client_manage(juliet, "");
	client_send(juliet, MESSAGE("later", "romeo@a.example/orchard"));
	managed_expect_handled(juliet, 1);
	client_settle(romeo);
	world_fill_disk(w, false);
	managed_expect(romeo, "a");
	managed_expect(romeo, "big");
	managed_expect(romeo, "later");
	client_drop(&romeo);
	client_drop(&juliet);
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
	managed_fill_disk(w);
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

CHECK_MAIN("sm records", a_session_comes_back_from_its_records,
           presence_and_priority_come_back_with_it,
           what_ends_leaves_no_records_but_how_far_it_came,
           of_streams_that_ended_few_are_remembered,
           an_item_that_cannot_be_read_does_not_keep_the_others,
           a_session_whose_counts_cannot_be_read_ends_and_its_queue_is_sent_on,
           a_session_that_cannot_be_read_does_not_keep_the_others,
           what_waits_for_a_session_that_ends_on_a_full_disk_is_sent_on_later,
           what_comes_meanwhile_waits_behind_what_such_a_session_had,
           of_two_streams_of_one_resource_the_later_one_comes_back,
           what_was_acknowledged_does_not_come_again_though_the_disk_did_not_forget_it)
