/*
 * check_outbox.c - stanzas on their way from one entity to another: a row until what came of it
 * is on disk, and sent again after a restart.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/outbox.h"
#include "server/core/sm.h"
#include "server/core/stall.h"
#include "server/store/key.h"
#include "tests/core/court.h"
#include "tests/core/managed.h"
#include "tests/lib/capture.h"

#define JULIET "juliet@a.example/balcony"
#define FROM_ROMEO "from='romeo@a.example/orchard' "

static struct world *w;
static struct client *romeo, *juliet;
static const char *stream; /* juliet's */

static void begin(unsigned shards)
{
	w = court_world(shards);
	world_account(w, "romeo@a.example", "x");
	world_account(w, "juliet@a.example", "x");
	romeo = client_login(w, "romeo@a.example/orchard");
	client_manage(romeo, "");
	juliet = client_login(w, JULIET);
	stream = client_manage(juliet, "");
}

static void end(void)
{
	client_drop(&romeo);
	if (juliet != NULL)
		client_drop(&juliet);
	world_free(&w);
}

static void come_back(unsigned has)
{
	juliet = managed_resume(w, JULIET, stream, has, 0);
}

/* ---- rows ---- */

static int count_one(void *arg, struct str key, struct str value)
{
	(*(int *)arg)++;
	return 0;
}

static void count_rows(struct core *core, struct world_call *call)
{
	int n = 0;

	ck_assert_int_eq(store_scan(core->view, &outbox_space, STORE_OWNER_STORE, STR(""),
	                            STR_NONE, 0, count_one, &n),
	                 0);
	world_answer(call, n);
}

static void expect_rows(int n)
{
	int found = -1;

	for (int i = 0; i < 500 && found != n; i++) {
		client_settle(romeo);
		found = world_ask(w, 0, count_rows, NULL);
	}
	ck_assert_int_eq(found, n);
}

struct row {
	const char *sender, *xml;
	bool spoiled;
};

/* As an event of the sender's would leave it that was on disk when the server died. */
static void put_row(struct core *core, struct world_call *call)
{
	const struct row *row = call->arg;
	struct arena *arena = arena_new(1024);
	struct jid jid;
	struct letter letter = { .stanza = stanza_read(arena, str_of(row->xml)) };
	struct batch *b = batch_new(core->view);
	struct store_key key;
	struct entity *e;

	ck_assert_int_eq(jid_parse(arena, str_of(row->sender), &jid), 0);
	ck_assert_ptr_nonnull(letter.stanza);
	e = entity_at(core, host_find(core, jid_domain(jid)), jid);
	outbox_put(core, b, e->owner, &letter);
	if (row->spoiled) {
		key_init(&key);
		key_u64(&key, letter.row.owner);
		key_u64(&key, letter.row.number);
		batch_put(b, &outbox_space, STORE_OWNER_STORE, key_str(&key), STR("\x7f"));
	}
	batch_commit(&b, NULL);
	entity_unpin(e);
	arena_free(&arena);
	world_answer(call, 0);
}

static void leave_from(const char *sender, const char *xml, bool spoiled)
{
	struct row row = { sender, xml, spoiled };

	world_ask(w, world_owner(w, sender), put_row, &row);
}

static void leave(const char *xml)
{
	leave_from("romeo@a.example", xml, false);
}

static void leave_message(const char *id)
{
	leave(arena_printf(w->arena, "<message " FROM_ROMEO "to='" JULIET "' id='%s'/>", id).p);
}

static void leave_big(void)
{
	leave(arena_printf(w->arena,
	                   "<message " FROM_ROMEO "to='" JULIET "' id='big'>"
	                   "<body>%s</body></message>",
	                   managed_big_text(w))
	              .p);
}

static void restart(void)
{
	client_drop(&romeo);
	client_drop(&juliet);
	world_restart(w);
	romeo = client_login(w, "romeo@a.example/chapel");
}

/* ---- */

START_TEST(a_row_is_gone_when_what_came_of_it_is_on_disk)
{
	begin(1);
	for (int i = 0; i < 20; i++)
		client_printf(romeo, "<message to='" JULIET "' id='m%d'/>", i);
	for (int i = 0; i < 20; i++)
		managed_expect(juliet, arena_printf(w->arena, "m%d", i).p);
	expect_rows(0);
	end();
}
END_TEST

START_TEST(no_row_stays_whoever_a_stanza_is_for)
{
	static const char *const stanzas[] = {
		"<message to='nobody@a.example' id='1'/>",
		"<message to='nobody@a.example/there' id='2'/>",
		"<message to='a.example' id='3'/>",
		"<message to='someone@elsewhere.example' id='4'/>",
		"<message to='juliet@a.example/nowhere' id='5'/>",
		"<message to='juliet@a.example' id='6'/>",
		"<iq to='a.example' type='get' id='7'><where xmlns='urn:court'/></iq>",
		"<iq to='juliet@a.example' type='get' id='8'><x xmlns='urn:x'/></iq>",
		"<iq to='nobody@a.example' type='set' id='9'><x xmlns='urn:x'/></iq>",
		"<iq to='elsewhere.example' type='set' id='10'><x xmlns='urn:x'/></iq>",
	};

	begin(1);
	for (size_t i = 0; i < ARRAY_LEN(stanzas); i++) {
		client_send(romeo, stanzas[i]);
		managed_expect(romeo, arena_printf(w->arena, "%zu", i + 1).p);
	}
	client_send(romeo, "<message to='nobody@a.example' type='headline'/>"
	                   "<message to='juliet@a.example/x' type='error'/>"
	                   "<iq to='juliet@a.example/x' type='result' id='r'/>"
	                   "<presence to='nobody@a.example' type='subscribe'/>");
	expect_rows(0);
	end();
}
END_TEST

START_TEST(rows_that_are_left_are_sent_in_order_and_once)
{
	begin(1);
	for (int i = 0; i < 30; i++)
		leave_message(arena_printf(w->arena, "m%d", i).p);
	restart();
	come_back(0);
	for (int i = 0; i < 30; i++)
		managed_expect(juliet, arena_printf(w->arena, "m%d", i).p);
	expect_rows(0);
	restart();
	come_back(30);
	client_settle(juliet);
	end();
}
END_TEST

START_TEST(they_come_before_what_is_sent_after_the_restart)
{
	begin(2);
	leave_message("old");
	restart();
	client_send(romeo, "<message to='" JULIET "' id='new'/>");
	client_settle(romeo);
	come_back(0);
	managed_expect(juliet, "old");
	managed_expect(juliet, "new");
	end();
}
END_TEST

START_TEST(each_shard_sends_those_of_its_own_senders)
{
	const char *senders[3];

	begin(3);
	for (unsigned i = 0; i < 3; i++)
		senders[i] = court_account(w, "s", i);
	for (unsigned i = 0; i < 3; i++)
		leave_from(senders[i],
		           arena_printf(w->arena,
		                        "<message from='%s/x' to='" JULIET "' id='m%u'/>",
		                        senders[i], i)
		                   .p,
		           false);
	restart();
	come_back(0);
	for (unsigned seen = 0; seen != 7;) {
		const struct xml_node *m = client_next(juliet);
		unsigned bit = 1u << (xml_attr(m, "id").p[1] - '0');

		ck_assert_uint_eq(seen & bit, 0);
		seen |= bit;
	}
	expect_rows(0);
	client_settle(juliet);
	end();
}
END_TEST

START_TEST(a_row_that_cannot_be_read_does_not_keep_the_others)
{
	struct capture log;

	begin(1);
	leave_message("a");
	leave_from("romeo@a.example", "<message " FROM_ROMEO "to='" JULIET "' id='b'/>", true);
	leave_message("c");
	capture_begin(&log);
	restart();
	ck_assert_says(capture_end(&log, w->arena), "a stored stanza is not readable");
	come_back(0);
	managed_expect(juliet, "a");
	managed_expect(juliet, "c");
	client_send(romeo, "<message to='" JULIET "' id='d'/>"); /* under a number of its own */
	managed_expect(juliet, "d");
	client_settle(juliet);
	end();
}
END_TEST

START_TEST(a_row_for_nobody_is_answered_once)
{
	struct client *waiting;
	const char *id;

	begin(1);
	waiting = client_login(w, "romeo@a.example/waiting");
	id = client_manage(waiting, "");
	client_drop(&waiting);
	leave("<message from='romeo@a.example/waiting' to='nobody@a.example' id='n'/>");
	leave("<message from='romeo@a.example/waiting' to='x@elsewhere.example' id='e'/>");
	restart();
	client_drop(&romeo);
	world_restart(w);
	romeo = managed_resume(w, "romeo@a.example/waiting", id, 0, 0);
	for (int seen = 0; seen < 2; seen++)
		ck_assert(str_is(xml_attr(client_next(romeo), "type"), "error"));
	client_settle(romeo);
	expect_rows(0);
	end();
}
END_TEST

START_TEST(a_row_whose_receiver_could_not_store_it_stays)
{
	begin(1);
	leave_big();
	client_settle(romeo);
	world_stop(w);
	world_fill_disk(w, true);
	ck_assert_int_eq(world_start(w), 0);
	world_stop(w);
	world_fill_disk(w, false);
	ck_assert_int_eq(world_start(w), 0);
	client_drop(&romeo);
	client_drop(&juliet);
	romeo = client_login(w, "romeo@a.example/chapel");
	come_back(0);
	managed_expect(juliet, "big");
	client_settle(juliet);
	expect_rows(0);
	end();
}
END_TEST

START_TEST(a_row_whose_receiver_could_not_store_it_is_tried_again_in_order)
{
	begin(1);
	leave_big();
	leave("<message " FROM_ROMEO "to='" JULIET "' id='small'><body>x</body></message>");
	client_settle(romeo);
	world_stop(w);
	world_fill_disk(w, true);
	ck_assert_int_eq(world_start(w), 0);
	client_drop(&romeo);
	client_drop(&juliet);
	romeo = client_login(w, "romeo@a.example/chapel");
	world_fill_disk(w, false);
	come_back(0);
	managed_expect(juliet, "big");
	managed_expect(juliet, "small");
	client_settle(juliet);
	expect_rows(0);
	end();
}
END_TEST

static void stop_trying(struct core *core, struct world_call *call)
{
	stalls_stop(core);
	world_answer(call, 0);
}

START_TEST(what_comes_while_the_server_stops_waits_behind_what_could_not_be_stored)
{
	begin(1);
	leave_big();
	client_settle(romeo);
	managed_fill_disk(w);
	client_drop(&romeo);
	client_drop(&juliet);
	world_restart(w);
	romeo = client_login(w, "romeo@a.example/chapel");
	client_manage(romeo, "");
	world_ask(w, 0, stop_trying, NULL);
	client_send(romeo, MESSAGE("small", JULIET));
	managed_expect_handled(romeo, 1);
	client_settle(romeo);
	client_drop(&romeo);
	world_stop(w);
	world_fill_disk(w, false);
	ck_assert_int_eq(world_start(w), 0);
	romeo = client_login(w, "romeo@a.example/chapel");
	come_back(0);
	managed_expect(juliet, "big");
	managed_expect(juliet, "small");
	end();
}
END_TEST

START_TEST(availability_has_no_row_and_all_else_has)
{
	struct arena *arena = arena_new(1024);
	struct letter letter = { .stanza = stanza_read(arena, STR("<message/>")) };

	ck_assert(!outbox_has(letter.row));
	ck_assert(outbox_takes(letter.stanza));
	ck_assert(!outbox_takes(stanza_read(arena, STR("<presence/>"))));
	ck_assert(!outbox_takes(stanza_read(arena, STR("<presence type='unavailable'/>"))));
	ck_assert(!outbox_takes(stanza_read(arena, STR("<presence type='probe'/>"))));
	ck_assert(outbox_takes(stanza_read(arena, STR("<presence type='subscribe'/>"))));
	ck_assert(outbox_takes(stanza_read(arena, STR("<presence type='unsubscribed'/>"))));
	arena_free(&arena);
}
END_TEST

CHECK_MAIN("outbox", a_row_is_gone_when_what_came_of_it_is_on_disk,
           no_row_stays_whoever_a_stanza_is_for, rows_that_are_left_are_sent_in_order_and_once,
           they_come_before_what_is_sent_after_the_restart,
           each_shard_sends_those_of_its_own_senders,
           a_row_that_cannot_be_read_does_not_keep_the_others,
           a_row_for_nobody_is_answered_once, a_row_whose_receiver_could_not_store_it_stays,
           a_row_whose_receiver_could_not_store_it_is_tried_again_in_order,
           what_comes_while_the_server_stops_waits_behind_what_could_not_be_stored,
           availability_has_no_row_and_all_else_has)
