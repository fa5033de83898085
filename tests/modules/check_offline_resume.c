/*
 * check_offline_resume.c - stored messages and sessions whose streams can be resumed (XEP-0198):
 * each message once, whatever is cut off in between.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/leave_word.h"

#include <poll.h>

#define JULIET BARE "/balcony"
#define INFO "<query xmlns='" NS_DISCO_INFO "' node='http://jabber.org/protocol/offline'/>"
#define LARGE 30000

static const char *id; /* of Juliet's stream */

/* Juliet, with a stream that can be resumed, before she is available. */
static struct client *managed_login(const char *attrs)
{
	struct client *c = client_login(w, JULIET);

	id = client_manage(c, attrs);
	return c;
}

static void be_available(struct client *c)
{
	client_send(c, "<presence id='p'/>");
	client_expect(c, "<presence id='p'/>");
}

static void acknowledge(struct client *c)
{
	client_printf(c, "<a xmlns='" NS_SM "' h='%u'/>", c->stanzas);
}

static void cut_and_resume(struct client **c, unsigned has)
{
	client_drop(c);
	*c = client_resume(w, JULIET, id, has);
}

static void restart_and_resume(struct client **c, unsigned has)
{
	client_drop(&romeo);
	world_restart(w);
	cut_and_resume(c, has);
	romeo = client_login(w, "romeo@a.example/orchard");
}

/* Hibernating sessions of max='1' have ended. */
static void let_them_end(void)
{
	poll(NULL, 0, 2000);
	settle();
}

static size_t count_delays(const struct xml_node *message, struct str *stamp_out)
{
	const struct xml_node *n = NULL;
	size_t count = 0;

	while ((n = xml_next_child(message, n)) != NULL)
		if (xml_is(n, NS_DELAY, "delay")) {
			*stamp_out = arena_copy(w->arena, xml_attr(n, "stamp"));
			count++;
		}
	return count;
}

START_TEST(a_managed_session_is_handed_all_at_once_and_asked_for_nothing)
{
	struct client *juliet;
	unsigned has;

	begin(NULL);
	say(0, 150);
	settle();
	juliet = managed_login("");
	be_available(juliet);
	has = juliet->stanzas;
	expect_stored(juliet, 0, 150);
	client_settle(juliet);
	/* in the middle of it, as far as the server knows */
	cut_and_resume(&juliet, has + 70);
	expect_stored(juliet, 70, 150);
	client_expect(juliet, "<message type='headline'/>");
	client_settle(juliet);
	restart_and_resume(&juliet, has + 100);
	expect_stored(juliet, 100, 150);
	client_expect(juliet, "<message type='headline'/>");
	client_expect(juliet, "<message type='headline'/>");
	client_settle(juliet);
	acknowledge(juliet);
	client_close(&juliet);
	settle();
	expect_empty();
	end();
}
END_TEST

START_TEST(what_a_session_did_not_get_is_stored_with_the_delay_that_it_had)
{
	struct client *juliet;
	struct str before, after;

	begin(NULL);
	say(0, 3);
	settle();
	juliet = managed_login("max='1'");
	be_available(juliet);
	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq(count_delays(client_next(juliet), &before), 1);
	say(3, 5); /* and what came at once */
	client_expect(juliet, "<message id='m3'/>");
	client_drop(&juliet);
	let_them_end();
	juliet = online("other", 0);
	for (int i = 0; i < 5; i++) {
		ck_assert_uint_eq(
			count_delays(client_expectf(juliet, "<message id='m%d'/>", i), &after),
			1);
		if (i == 2)
			ck_assert(str_eq(before, after));
	}
	answer(juliet, expect_ping(juliet));
	client_settle(juliet);
	client_close(&juliet);
	expect_empty();
	end();
}
END_TEST

START_TEST(a_message_that_is_delivered_once_more_is_not_copied_again)
{
	struct client *juliet, *tablet;

	begin(NULL);
	tablet = online("tablet", -1);
	ask_result(tablet, "set", "", "<enable xmlns='" NS_CARBONS "'/>", "");
	juliet = managed_login("max='1'");
	client_printf(juliet, "<presence id='p'/>");
	client_expect(juliet, "<presence id='p'/>");
	client_expect(tablet, "<presence/>");
	client_drop(&juliet);
	client_printf(romeo, "<message id='m0' type='chat' to='" JULIET "'>" BODY "</message>");
	client_expect(tablet, "<message><received xmlns='" NS_CARBONS "'/></message>");
	let_them_end();
	client_expect(tablet, "<presence type='unavailable' from='" JULIET "'/>");
	client_settle(tablet);
	client_drop(&tablet);
	end();
}
END_TEST

START_TEST(what_was_handed_out_before_the_stream_was_managed_comes_again)
{
	struct client *juliet;

	begin(NULL);
	say(0, 3);
	settle();
	juliet = online("balcony", 0);
	expect_stored(juliet, 0, 3);
	expect_ping(juliet); /* which is lost with the connection, for all the server knows */
	id = client_manage(juliet, "");
	restart_and_resume(&juliet, 0);
	expect_stored(juliet, 0, 3);
	client_settle(juliet);
	cut_and_resume(&juliet, juliet->stanzas);
	client_settle(juliet);
	acknowledge(juliet);
	client_close(&juliet);
	settle();
	expect_empty();
	end();
}
END_TEST

START_TEST(a_box_of_several_parts_goes_on_after_a_restart)
{
	static char body[LARGE + 1];
	struct client *juliet;
	const char *ping;
	unsigned has;
	int n = 0;

	memset(body, 'x', LARGE);
	begin(NULL);
	for (int i = 0; i < 50; i++)
		client_printf(romeo,
		              "<message id='m%d' type='chat' to='" BARE
		              "'><body>%s</body></message>",
		              i, body);
	settle();
	juliet = managed_login("");
	be_available(juliet);
	for (; !xml_is(client_next(juliet), NS_CLIENT, "iq"); n++)
		ck_assert_str_eq(arena_cstr(w->arena, xml_attr(juliet->shown->node, "id")),
		                 arena_printf(w->arena, "m%d", n).p);
	ck_assert_int_gt(n, 20);
	ck_assert_int_lt(n, 50);
	has = juliet->stanzas - 1; /* the ping comes again */
	restart_and_resume(&juliet, has);
	ping = expect_ping(juliet);
	say(50, 51); /* and does not overtake */
	settle();
	answer(juliet, ping);
	for (; n < 50; n++)
		client_expectf(juliet, "<message id='m%d'/>", n);
	expect_stored(juliet, 50, 51);
	client_settle(juliet);
	acknowledge(juliet);
	client_close(&juliet);
	settle();
	expect_empty();
	end();
}
END_TEST

START_TEST(a_session_that_chooses_for_itself_does_so_after_a_restart)
{
	struct client *juliet;

	begin(NULL);
	juliet = managed_login("");
	ask(juliet, "get", "", INFO);
	say(0, 2);
	settle();
	restart_and_resume(&juliet, juliet->stanzas);
	be_available(juliet);
	client_settle(juliet);
	client_close(&juliet);
	juliet = online("other", 0);
	expect_stored(juliet, 0, 2);
	client_drop(&juliet);
	end();
}
END_TEST

START_TEST(a_hibernating_session_gets_what_one_that_is_connected_gets)
{
	struct client *juliet, *tablet;
	unsigned has;

	begin(NULL);
	juliet = managed_login("");
	be_available(juliet);
	has = juliet->stanzas;
	client_drop(&juliet);
	say(0, 2);
	settle();
	tablet = online("tablet", 0);
	client_expect(tablet, "<presence from='" JULIET "'/>");
	say(2, 4);
	client_expect(tablet, "<message id='m2'/>");
	client_expect(tablet, "<message id='m3'/>");
	client_settle(tablet);
	juliet = client_resume(w, JULIET, id, has);
	client_expect(juliet, "<message id='m0'/>");
	client_expect(juliet, "<message id='m1'/>");
	client_expect(juliet, "<presence from='" BARE "/tablet'/>");
	client_expect(juliet, "<message id='m2'/>");
	client_expect(juliet, "<message id='m3'/>");
	client_settle(juliet);
	client_drop(&juliet);
	client_drop(&tablet);
	end();
}
END_TEST

CHECK_MAIN("offline_resume", a_managed_session_is_handed_all_at_once_and_asked_for_nothing,
           what_a_session_did_not_get_is_stored_with_the_delay_that_it_had,
           a_message_that_is_delivered_once_more_is_not_copied_again,
           what_was_handed_out_before_the_stream_was_managed_comes_again,
           a_box_of_several_parts_goes_on_after_a_restart,
           a_session_that_chooses_for_itself_does_so_after_a_restart,
           a_hibernating_session_gets_what_one_that_is_connected_gets)
