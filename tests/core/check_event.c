/*
 * check_event.c - a stanza being handled: what is written, what is sent and when, and what
 * happens when it fails.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/core/court.h"
#include "tests/lib/capture.h"

#include <stdio.h>
#include <string.h>

#define ERROR_IQ(id, condition) \
	"<iq id='" id "' type='error'><error><" condition \
	" xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"

static struct world *w;
static struct client *c;

static void begin(void)
{
	w = court_world(1);
	world_account(w, "romeo@a.example", "x");
	c = client_login(w, "romeo@a.example/orchard");
}

static void end(void)
{
	client_drop(&c);
	world_free(&w);
}

START_TEST(what_was_answered_is_on_disk)
{
	begin();
	client_send(c, COURT_SET("1", "put key='k' bytes='300'"));
	client_expect(c, "<iq id='1' type='result'/>");
	client_drop(&c);
	world_restart(w);
	c = client_login(w, "romeo@a.example/orchard");
	client_send(c, COURT_GET("2", "get key='k'"));
	client_expect(c, "<iq id='2' type='result'><get xmlns='urn:court' bytes='300'/></iq>");
	end();
}
END_TEST

START_TEST(an_event_reads_what_those_before_it_wrote)
{
	begin();
	client_send(c, COURT_SET("1", "put key='k' bytes='7'"));
	client_send(c, COURT_GET("2", "get key='k'"));
	client_send(c, COURT_SET("3", "put key='k' bytes='9'"));
	client_send(c, COURT_GET("4", "get key='k'"));
	client_expect(c, "<iq id='1' type='result'/>");
	client_expect(c, "<iq id='2' type='result'><get xmlns='urn:court' bytes='7'/></iq>");
	client_expect(c, "<iq id='3' type='result'/>");
	client_expect(c, "<iq id='4' type='result'><get xmlns='urn:court' bytes='9'/></iq>");
	end();
}
END_TEST

START_TEST(a_read_off_the_loop_sees_what_events_before_it_wrote)
{
	begin();
	for (int i = 0; i < 100; i++) {
		client_printf(c, COURT_SET("w%d", "put key='k' bytes='%d'"), i, i);
		client_printf(c, COURT_GET("r%d", "read key='k'"), i);
		client_expectf(c, "<iq id='w%d' type='result'/>", i);
		client_expectf(c,
		               "<iq id='r%d' type='result'><read xmlns='urn:court' "
		               "bytes='%d'/></iq>",
		               i, i);
	}
	client_send(c, COURT_GET("none", "read key='other'"));
	client_expect(c, ERROR_IQ("none", "item-not-found"));
	/* so it does when what it waited for failed */
	world_fill_disk(w, true);
	client_send(c, COURT_SET("1", "put key='k' bytes='200000'"));
	client_send(c, COURT_GET("2", "read key='k'"));
	client_expect(c, "<iq id='1' type='error'/>");
	client_expect(c, "<iq id='2' type='result'><read xmlns='urn:court' bytes='99'/></iq>");
	/* and the server may stop meanwhile */
	world_fill_disk(w, false);
	for (int i = 0; i < 100; i++) {
		client_send(c, COURT_SET("3", "put key='k' bytes='1'"));
		client_send(c, COURT_GET("4", "read key='k'"));
	}
	end();
}
END_TEST

START_TEST(nothing_overtakes_what_waits_for_the_disk)
{
	begin();
	for (int i = 0; i < 200; i++) {
		client_printf(c, COURT_SET("w%d", "put key='k' bytes='100'"), i);
		client_printf(c, COURT_GET("r%d", "none"), i);
		client_printf(c, COURT_SET("b%d", "both key='k' bytes='5'"), i);
	}
	for (int i = 0, results = 0, messages = 0; results < 600 || messages < 200;) {
		const struct xml_node *n = client_next(c);

		if (str_is(n->name, "message")) {
			messages++;
			ck_assert_int_le(messages, i + 1); /* not before its event */
		} else {
			static const char letters[] = "wrb";
			char id[16];

			snprintf(id, sizeof(id), "%c%d", letters[results % 3], i);
			ck_assert_msg(str_is(xml_attr(n, "id"), id),
			              "expected %s, got " STR_FMT, id,
			              STR_ARG(xml_attr(n, "id")));
			i += ++results % 3 == 0;
		}
	}
	end();
}
END_TEST

START_TEST(a_handler_that_fails_has_written_and_sent_nothing_but_its_error)
{
	begin();
	client_send(c, COURT_SET("1", "half key='k' bytes='7'"));
	client_expect(c, ERROR_IQ("1", "internal-server-error"));
	client_send(c, COURT_GET("2", "get key='k'"));
	client_expect(c, ERROR_IQ("2", "item-not-found"));
	client_send(c, COURT_SET("3", "fail err='-1004'")); /* it had put a result */
	client_expect(c, ERROR_IQ("3", "internal-server-error"));
	client_settle(c);
	end();
}
END_TEST

START_TEST(want_of_room_is_a_resource_constraint)
{
	begin();
	client_send(c, COURT_SET("1", "fail err='-1005'"));
	client_expect(c, ERROR_IQ("1", "resource-constraint"));
	client_send(c, COURT_SET("2", "fail err='-1008'"));
	client_expect(c, ERROR_IQ("2", "resource-constraint"));
	end();
}
END_TEST

START_TEST(a_batch_that_does_not_fit_answers_resource_constraint_and_sends_nothing)
{
	struct arena *arena = arena_new(1024);
	struct capture log;
	struct str said;

	begin();
	capture_begin(&log);
	world_fill_disk(w, true);
	client_send(c, COURT_SET("1", "both key='big' bytes='200000'"));
	client_send(c, COURT_GET("2", "none"));
	client_expect(c, ERROR_IQ("1", "resource-constraint"));
	client_expect(c, "<iq id='2' type='result'/>");
	client_settle(c); /* no message "one" */
	client_send(c, COURT_GET("3", "get key='big'"));
	client_expect(c, ERROR_IQ("3", "item-not-found"));
	world_fill_disk(w, false);
	said = capture_end(&log, arena);
	ck_assert_says(said, "event romeo@a.example: iq not handled: ");
	client_send(c, COURT_SET("4", "put key='big' bytes='200000'"));
	client_expect(c, "<iq id='4' type='result'/>");
	arena_free(&arena);
	end();
}
END_TEST

START_TEST(an_answer_may_come_later_and_others_need_not_wait)
{
	begin();
	client_send(c, COURT_SET("1", "later"));
	client_send(c, COURT_GET("2", "none"));
	for (int i = 0; i < 2; i++)
		client_expect(c, "<iq type='result'/>");
	client_settle(c);
	end();
}
END_TEST

START_TEST(an_answer_that_comes_later_outlives_its_session)
{
	struct client *other;

	begin();
	for (int i = 0; i < 100; i++) {
		other = client_login(w, "romeo@a.example/chapel");
		client_send(other, COURT_SET("1", "later"));
		client_send(other, COURT_SET("2", "put key='k' bytes='5'"));
		client_drop(&other);
	}
	client_send(c, COURT_GET("3", "none"));
	client_expect(c, "<iq id='3' type='result'/>");
	end();
}
END_TEST

START_TEST(the_server_may_stop_while_answers_are_owed)
{
	begin();
	for (int i = 0; i < 200; i++) {
		client_send(c, COURT_SET("1", "later"));
		client_send(c, COURT_SET("2", "both key='k' bytes='1000'"));
	}
	world_restart(w);
	client_drop(&c);
	c = client_login(w, "romeo@a.example/orchard");
	client_settle(c);
	end();
}
END_TEST

CHECK_MAIN("event", what_was_answered_is_on_disk, an_event_reads_what_those_before_it_wrote,
           a_read_off_the_loop_sees_what_events_before_it_wrote,
           nothing_overtakes_what_waits_for_the_disk,
           a_handler_that_fails_has_written_and_sent_nothing_but_its_error,
           want_of_room_is_a_resource_constraint,
           a_batch_that_does_not_fit_answers_resource_constraint_and_sends_nothing,
           an_answer_may_come_later_and_others_need_not_wait,
           an_answer_that_comes_later_outlives_its_session,
           the_server_may_stop_while_answers_are_owed)
