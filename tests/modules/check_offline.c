/*
 * check_offline.c - stored messages are handed out, in order, and deleted when they have arrived.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/leave_word.h"

#include <poll.h>
#include <string.h>

/* ---- when ---- */

START_TEST(they_come_in_order_behind_the_presence_and_go_when_the_answer_comes)
{
	begin(NULL);
	for (int with_error = 0; with_error < 2; with_error++) {
		struct client *juliet;
		const char *id;

		say(0, 20);
		settle();
		juliet = online("balcony", 0);
		expect_stored(juliet, 0, 20);
		id = expect_ping(juliet);
		if (with_error)
			client_printf(juliet,
			              "<iq type='error' id='%s' to='a.example'>"
			              "<error type='cancel'><service-unavailable "
			              "xmlns='" NS_STANZA_ERROR "'/></error></iq>",
			              id);
		else
			answer(juliet, id);
		client_settle(juliet);
		client_close(&juliet);
		expect_empty();
	}
	end();
}
END_TEST

START_TEST(without_the_right_answer_they_come_again)
{
	static const struct {
		const char *before, *behind; /* the id */
	} wrong[] = {
		{ "<iq type='result' to='a.example' id='x", "'/>" },
		{ "<iq type='result' to='romeo@a.example' id='", "'/>" },
		{ "<iq type='result' to='a.example/x' id='", "'/>" },
		{ "<iq type='result' id='", "'/>" },
		{ "<message to='a.example' type='headline' id='", "'/>" },
		{ "<presence to='a.example' id='", "'/>" },
	};
	begin(NULL);
	say(0, 3);
	settle();
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct client *juliet = online("balcony", 0);

		expect_stored(juliet, 0, 3);
		client_printf(juliet, "%s%s%s", wrong[i].before, expect_ping(juliet),
		              wrong[i].behind);
		client_settle(juliet);
		if (i % 2 == 0)
			client_close(&juliet);
		else
			client_drop(&juliet);
		settle();
	}
	end();
}
END_TEST

START_TEST(they_survive_a_restart_in_order)
{
	struct client *juliet;

	begin(NULL);
	say(0, 5);
	settle();
	client_drop(&romeo);
	world_restart(w);
	romeo = client_login(w, "romeo@a.example/orchard");
	say(5, 10);
	settle();
	juliet = online("balcony", 0);
	expect_stored(juliet, 0, 10);
	answer(juliet, expect_ping(juliet));
	client_settle(juliet);
	client_drop(&juliet);
	client_drop(&romeo);
	world_restart(w);
	romeo = client_login(w, "romeo@a.example/orchard");
	expect_empty();
	end();
}
END_TEST

START_TEST(a_negative_priority_gets_none_until_it_rises)
{
	struct client *juliet;

	begin(NULL);
	juliet = online("balcony", -1);
	say(0, 2);
	settle();
	client_settle(juliet);
	client_send(juliet, "<presence id='p'/>");
	client_expect(juliet, "<presence id='p'/>");
	expect_stored(juliet, 0, 2);
	expect_ping(juliet);
	client_send(juliet, "<presence id='q'><show>away</show></presence>");
	client_expect(juliet, "<presence id='q'/>");
	client_settle(juliet); /* not again */
	client_drop(&juliet);
	end();
}
END_TEST

/* ---- to whom ---- */

START_TEST(a_second_session_gets_them_only_if_the_first_one_ends)
{
	struct client *one, *two;

	begin(NULL);
	say(0, 3);
	settle();
	one = online("one", 0);
	expect_stored(one, 0, 3);
	expect_ping(one);
	two = online("two", 0);
	client_expect(one, "<presence/>");
	client_expect(two, "<presence/>");
	client_settle(two);
	client_drop(&one);
	client_expect(two, "<presence type='unavailable'/>");
	expect_stored(two, 0, 3);
	answer(two, expect_ping(two));
	client_settle(two);
	client_close(&two);
	expect_empty();
	end();
}
END_TEST

START_TEST(many_come_in_parts_and_what_comes_meanwhile_behind_them)
{
	struct client *one, *two;
	const char *id;

	begin(NULL);
	say(0, 150);
	settle();
	one = online("one", 0);
	expect_stored(one, 0, 100);
	id = expect_ping(one);
	two = online("two", 0);
	client_expect(one, "<presence/>");
	client_expect(two, "<presence/>");
	say(150, 151);
	client_printf(romeo, "<message id='s' type='chat' to='%s'>" COMPOSING "</message>",
	              one->jid);
	client_printf(romeo, "<message id='m151' type='chat' to='%s'>" BODY "</message>",
	              one->jid);
	settle();
	expect_live(two, 150); /* which has nothing to wait for */
	client_expect(one, "<message id='s'/>");
	client_settle(one);
	answer(one, id);
	expect_stored(one, 100, 151);
	client_expectf(one,
	               "<message id='m151' to='%s'><delay xmlns='" NS_DELAY "'/></message>",
	               one->jid);
	id = expect_ping(one);
	say(152, 153);
	expect_live(one, 152); /* all that was stored is before it */
	expect_live(two, 152);
	answer(one, id);
	client_settle(one);
	client_settle(two);
	client_drop(&one);
	client_drop(&two);
	expect_empty();
	end();
}
END_TEST

START_TEST(a_part_has_so_many_bytes)
{
	struct client *juliet;
	const char *text;

	begin(NULL);
	text = memset(arena_zalloc(w->arena, 60001), 'x', 60000);
	for (int i = 0; i < 10; i++)
		client_printf(romeo,
		              "<message id='m%d' to='" BARE "'><body>%s</body></message>", i,
		              text);
	settle();
	juliet = online("balcony", 0);
	for (int i = 0; i < 10; i++) {
		client_expectf(juliet, "<message id='m%d'/>", i);
		if (i % 4 == 3 || i == 9)
			answer(juliet, expect_ping(juliet));
	}
	client_settle(juliet);
	client_drop(&juliet);
	end();
}
END_TEST

START_TEST(the_next_part_goes_to_who_is_there_by_then)
{
	struct client *one, *two;
	const char *id;

	begin(NULL);
	say(0, 110);
	settle();
	one = online("one", 0);
	expect_stored(one, 0, 100);
	id = expect_ping(one);
	client_send(one, "<presence type='unavailable'/>");
	client_expect(one, "<presence type='unavailable'/>");
	say(110, 111); /* nobody is there */
	settle();
	two = online("two", 0);
	client_settle(two);
	answer(one, id);
	expect_stored(two, 100, 111);
	answer(two, expect_ping(two));
	client_settle(two);
	client_settle(one);
	client_drop(&one);
	client_close(&two);
	expect_empty();
	end();
}
END_TEST

START_TEST(what_comes_for_one_that_is_back_before_it_answered_waits_its_turn)
{
	struct client *juliet;
	const char *id;

	begin(NULL);
	say(0, 1);
	settle();
	juliet = online("balcony", 0);
	expect_stored(juliet, 0, 1);
	id = expect_ping(juliet);
	client_send(juliet, "<presence type='unavailable'/>");
	client_expect(juliet, "<presence type='unavailable'/>");
	say(1, 2);
	settle();
	client_send(juliet, "<presence id='back'/>");
	client_expect(juliet, "<presence id='back'/>");
	client_settle(juliet);
	say(2, 3);
	settle();
	answer(juliet, id);
	expect_stored(juliet, 1, 3);
	answer(juliet, expect_ping(juliet));
	client_settle(juliet);
	client_close(&juliet);
	expect_empty();
	end();
}
END_TEST

/*
 * The answer's event waits for the disk with the next part, and the session ends meanwhile: the
 * part is not stored once more.
 */
START_TEST(what_a_session_did_not_get_before_it_ended_is_there_once)
{
	struct client *juliet;
	const char *id;

	begin("offline { max-messages = 150 }");
	say(0, 150);
	settle();
	juliet = online("balcony", 0);
	expect_stored(juliet, 0, 100);
	id = expect_ping(juliet);
	client_printf(juliet, "<iq type='result' id='%s' to='a.example'/></stream:stream>", id);
	client_drop(&juliet);
	settle();
	juliet = online("balcony", 0);
	expect_stored(juliet, 100, 150);
	answer(juliet, expect_ping(juliet));
	client_settle(juliet);
	client_close(&juliet);
	expect_empty();
	end();
}
END_TEST

START_TEST(a_client_that_does_not_answer_is_not_waited_for)
{
	struct client *one, *two;
	const char *id;

	begin("offline { answer-timeout = \"1 s\" }");
	say(0, 101);
	settle();
	one = online("one", 0);
	expect_stored(one, 0, 100);
	id = expect_ping(one);
	poll(NULL, 0, 1100);
	say(101, 102);
	expect_live(one, 101);
	two = online("two", -1);
	client_expect(one, "<presence from='" BARE "/two'/>");
	client_expect(two, "<presence from='" BARE "/one'/>");
	answer(one, id); /* late, and as good as ever */
	expect_stored(one, 100, 101);
	expect_ping(one);
	poll(NULL, 0, 1100);
	client_send(two, "<presence/>");
	client_expect(one, "<presence/>");
	client_expect(two, "<presence/>");
	expect_stored(two, 100, 101);
	client_drop(&one);
	client_drop(&two);
	end();
}
END_TEST

START_TEST(what_a_client_does_not_answer_for_goes_to_who_waits)
{
	struct client *one, *two;

	begin("offline { answer-timeout = \"1 s\" }");
	say(0, 2);
	settle();
	one = online("one", 0);
	expect_stored(one, 0, 2);
	expect_ping(one);
	two = online("two", 0);
	client_expect(two, "<presence from='" BARE "/one'/>");
	expect_stored(two, 0, 2); /* though nothing else happens */
	answer(two, expect_ping(two));
	client_settle(two);
	client_drop(&one);
	client_drop(&two);
	expect_empty();
	end();
}
END_TEST

CHECK_MAIN("offline", they_come_in_order_behind_the_presence_and_go_when_the_answer_comes,
           without_the_right_answer_they_come_again, they_survive_a_restart_in_order,
           a_negative_priority_gets_none_until_it_rises,
           a_second_session_gets_them_only_if_the_first_one_ends,
           many_come_in_parts_and_what_comes_meanwhile_behind_them, a_part_has_so_many_bytes,
           the_next_part_goes_to_who_is_there_by_then,
           what_comes_for_one_that_is_back_before_it_answered_waits_its_turn,
           what_a_session_did_not_get_before_it_ended_is_there_once,
           a_client_that_does_not_answer_is_not_waited_for,
           what_a_client_does_not_answer_for_goes_to_who_waits)
