/*
 * check_sm.c - managed sessions (XEP-0198): what is counted, and what becomes of it all when a
 * batch fails.  The protocol is in tests/conformance/cases/sm*.py.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/sm.h"
#include "server/store/key.h"
#include "tests/core/court.h"
#include "tests/core/managed.h"
#include "tests/lib/capture.h"

#include <stdlib.h>

#define ROMEO "romeo@a.example"
#define JULIET "juliet@a.example"

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
	managed_fill_disk(w);
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
	managed_fill_disk(w);
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
	managed_fill_disk(w);
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
	managed_fill_disk(w);
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
	managed_fill_disk(w);
	managed_send_big(romeo, "big", "juliet@a.example/balcony");
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
	managed_fill_disk(w);
	client_printf(juliet, MESSAGE("before", "romeo@a.example/orchard"));
	managed_send_big(juliet, "big", "romeo@a.example/orchard");
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
		managed_send_big(juliet, "to-heavy", ROMEO "/heavy");
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
		managed_send_big(juliet, "big", ROMEO "/orchard");
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
           where_the_beginning_cannot_be_stored_the_stream_is_not_resumable)
