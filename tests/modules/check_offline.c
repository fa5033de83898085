/*
 * check_offline.c - messages for accounts where nobody is there to read them (XEP-0160).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/lib/capture.h"
#include "tests/modules/ask.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define BARE "juliet@a.example"
#define BODY "<body>hi</body>"

static struct world *w;
static struct client *romeo;

static void begin(const char *host)
{
	w = ask_world(host);
	world_account(w, BARE, "secret");
	romeo = client_login(w, "romeo@a.example/orchard");
}

static void end(void)
{
	client_drop(&romeo);
	world_free(&w);
}

/* Juliet's account has handled all that Romeo sent it; nothing else came back. */
static void settle(void)
{
	unsigned fence = ++w->fences;

	client_printf(romeo,
	              "<iq type='get' id='f%u' to='" BARE "/none'><q xmlns='urn:q'/></iq>",
	              fence);
	client_expectf(romeo, "<iq type='error' id='f%u'/>", fence);
}

/* Romeo sends messages numbered FROM to TO - 1. */
static void say(int from, int to)
{
	for (int i = from; i < to; i++)
		client_printf(romeo,
		              "<message id='m%d' type='chat' to='" BARE "'>" BODY "</message>",
		              i);
}

static void expect_stored(struct client *c, int from, int to)
{
	for (int i = from; i < to; i++)
		client_expectf(c,
		               "<message id='m%d' type='chat' from='romeo@a.example/orchard' "
		               "to='" BARE "'>" BODY "<delay xmlns='" NS_DELAY
		               "' from='a.example' stamp='*'/></message>",
		               i);
}

static void expect_live(struct client *c, int i)
{
	const struct xml_node *m = client_expectf(c, "<message id='m%d'/>", i);

	ck_assert_ptr_null(xml_child(m, NS_DELAY, "delay"));
}

/* The id of the ping that comes now. */
static const char *expect_ping(struct client *c)
{
	const struct xml_node *ping = client_expectf(
		c,
		"<iq type='get' id='*' from='a.example' to='%s'><ping xmlns='" NS_PING
		"'/></iq>",
		c->jid);

	return arena_copy(w->arena, xml_attr(ping, "id")).p;
}

static void answer(struct client *c, const char *id)
{
	client_printf(c, "<iq type='result' id='%s' to='a.example'/>", id);
}

static struct client *online(const char *resource, int priority)
{
	return client_online(w, arena_printf(w->arena, BARE "/%s", resource).p, priority);
}

/* Nothing is stored any more. */
static void expect_empty(void)
{
	struct client *c = online("empty", 0);

	client_settle(c);
	client_close(&c);
}

/* ---- which ---- */

#define HINT(name) "<" name " xmlns='" NS_HINTS "'/>"
#define COMPOSING "<composing xmlns='" NS_CHAT_STATES "'/>"

static const struct kind {
	const char *type, *content;
	bool stored;
	bool told; /* if not: the sender gets an error */
} kinds[] = {
	{ "normal", BODY, true, false },
	{ "chat", BODY, true, false },
	{ "strange", BODY, true, false }, /* RFC 6121 §5.2.2: normal */
	{ "groupchat", BODY, false, true },
	{ "headline", BODY, false, false },
	{ "error", BODY, false, false },
	{ "chat", "", false, true },
	{ "normal", "", false, true },
	{ "chat", COMPOSING, false, true },
	{ "normal", COMPOSING "<thread>t</thread>", false, true },
	{ "chat", COMPOSING BODY, true, false },
	{ "chat", "<received xmlns='urn:xmpp:receipts' id='1'/>", true, false },
	{ "normal", "<x xmlns='jabber:x:oob'/>", true, false },
	{ "chat", BODY HINT("no-store"), false, true },
	{ "chat", BODY HINT("no-permanent-store"), true, false },
	{ "chat", BODY HINT("no-copy"), true, false },
	{ "chat", HINT("no-copy"), false, true },
	{ "chat", COMPOSING HINT("store"), true, false },
	{ "chat", HINT("store"), true, false },
	{ "chat", BODY HINT("store") HINT("no-store"), false, true },
	{ "headline", BODY HINT("store"), false, false },
	{ "groupchat", BODY HINT("store"), false, true },
	{ "error", BODY HINT("store"), false, false },
};

START_TEST(of_messages_those_worth_it_are_stored_and_others_refused)
{
	struct client *juliet;

	begin(NULL);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		client_printf(romeo, "<message id='k%zu' type='%s' to='" BARE "'>%s</message>",
		              i, kinds[i].type, kinds[i].content);
		if (kinds[i].told)
			client_expectf(romeo,
			               "<message id='k%zu' type='error'><error type='cancel'>"
			               "<service-unavailable xmlns='" NS_STANZA_ERROR
			               "'/></error></message>",
			               i);
		settle();
	}
	juliet = online("balcony", 0);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i].stored)
			client_expectf(juliet, "<message id='k%zu'>%s</message>", i,
			               kinds[i].content);
	answer(juliet, expect_ping(juliet));
	client_settle(juliet);
	client_drop(&juliet);
	end();
}
END_TEST

START_TEST(a_full_jid_that_is_gone_stores_chat_alone)
{
	struct client *juliet;

	begin(NULL);
	client_send(romeo, "<message id='n' to='" BARE "/gone'>" BODY "</message>");
	client_expect(romeo, "<message id='n' type='error'/>"); /* RFC 6121 §8.5.3.2.1 */
	client_send(romeo, "<message id='c' type='chat' to='" BARE "/gone'>" BODY "</message>");
	settle();
	juliet = online("balcony", 0);
	client_expect(juliet, "<message id='c' to='" BARE "/gone'/>");
	client_drop(&juliet);
	end();
}
END_TEST

START_TEST(a_message_is_what_it_was_with_its_delay_once)
{
	struct client *juliet;
	const struct xml_node *m;

	begin(NULL);
	client_send(romeo,
	            "<message id='m&apos;1' xml:lang='fr' to='" BARE "'><body>a&lt;b é</body>"
	            "<thread parent='p'>t</thread><x xmlns='urn:x' xmlns:y='urn:y' y:z='1'>"
	            "<body xmlns='" NS_CLIENT "'/></x><delay xmlns='" NS_DELAY
	            "' from='a.example' stamp='2001-01-01T00:00:00Z'/><delay xmlns='" NS_DELAY
	            "' from='room@b.example' stamp='2002-01-01T00:00:00Z'/></message>");
	settle();
	juliet = online("balcony", 0);
	m = client_expect(juliet,
	                  "<message id='m&apos;1' xml:lang='fr' to='" BARE "' type='-'>"
	                  "<body>a&lt;b é</body><thread parent='p'>t</thread>"
	                  "<x xmlns='urn:x' xmlns:y='urn:y' y:z='1'><body xmlns='" NS_CLIENT
	                  "'/></x><delay xmlns='" NS_DELAY "' from='room@b.example' "
	                  "stamp='2002-01-01T00:00:00Z'/></message>");
	for (const struct xml_node *n = NULL; (n = xml_next_child(m, n)) != NULL;)
		ck_assert(!str_is(xml_attr(n, "stamp"), "2001-01-01T00:00:00Z")); /* forged */
	ck_assert(xml_is(m->last, NS_DELAY, "delay"));
	ck_assert(str_is(xml_attr(m->last, "from"), "a.example"));
	client_drop(&juliet);
	end();
}
END_TEST

START_TEST(one_may_leave_word_for_oneself)
{
	struct client *c;

	begin(NULL);
	client_send(romeo, "<message id='self'>" BODY "</message>");
	client_drop(&romeo);
	romeo = client_online(w, "romeo@a.example/other", 1);
	client_expect(romeo, "<message id='self'><delay xmlns='" NS_DELAY "'/></message>");
	c = client_login(w, "romeo@a.example/third");
	client_drop(&c);
	end();
}
END_TEST

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

/* ---- when the disk is full ---- */

static void fill_disk(bool full)
{
	struct rlimit limit;
	struct stat st;

	ck_assert_int_eq(stat(world_file(w, "data/jackdaw.mdb"), &st), 0);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = full ? (rlim_t)st.st_size : limit.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

START_TEST(a_message_that_the_disk_does_not_take_is_told_to_its_sender)
{
	struct client *juliet;
	struct capture log;
	const char *text;

	begin(NULL);
	text = memset(arena_zalloc(w->arena, 200001), 'x', 200000);
	say(0, 1);
	settle();
	capture_begin(&log);
	fill_disk(true);
	client_printf(romeo, "<message id='m1' to='" BARE "'><body>%s</body></message>", text);
	client_expect(romeo,
	              "<message id='m1' type='error'><error type='wait'>"
	              "<resource-constraint xmlns='" NS_STANZA_ERROR "'/></error></message>");
	fill_disk(false);
	capture_end(&log, w->arena);
	say(2, 3);
	settle();
	juliet = online("balcony", 0);
	expect_stored(juliet, 0, 1);
	expect_stored(juliet, 2, 3);
	answer(juliet, expect_ping(juliet));
	client_settle(juliet);
	client_close(&juliet);
	expect_empty();
	end();
}
END_TEST

/* ---- bounds ---- */

static void expect_full(const char *id)
{
	client_expectf(romeo,
	               "<message id='%s' type='error' from='" BARE "'><error type='cancel'>"
	               "<service-unavailable xmlns='" NS_STANZA_ERROR "'/></error></message>",
	               id);
}

START_TEST(an_account_that_has_as_many_as_it_may_refuses_more)
{
	struct client *juliet;

	begin("offline { max-messages = 3 }");
	say(0, 4);
	expect_full("m3");
	client_drop(&romeo);
	world_restart(w); /* they are counted anew */
	romeo = client_login(w, "romeo@a.example/orchard");
	say(4, 5);
	expect_full("m4");
	juliet = online("balcony", 0);
	expect_stored(juliet, 0, 3);
	answer(juliet, expect_ping(juliet));
	client_settle(juliet);
	client_close(&juliet);
	say(5, 8); /* there is room again */
	settle();
	juliet = online("balcony", 0);
	expect_stored(juliet, 5, 8);
	client_drop(&juliet);
	end();
}
END_TEST

START_TEST(an_account_that_has_as_many_bytes_as_it_may_refuses_more)
{
	const char *text;

	begin("offline { max-bytes = \"2 KiB\" }");
	text = memset(arena_zalloc(w->arena, 1001), 'x', 1000);
	for (int i = 0; i < 3; i++)
		client_printf(romeo,
		              "<message id='m%d' to='" BARE "'><body>%s</body></message>", i,
		              text);
	expect_full("m1");
	expect_full("m2");
	client_send(romeo, "<message id='small' to='" BARE "'>" BODY "</message>");
	settle();
	end();
}
END_TEST

START_TEST(when_there_is_no_room_behind_a_part_a_message_overtakes)
{
	struct client *juliet;
	const char *id;

	begin("offline { max-messages = 101 }");
	say(0, 101);
	settle();
	juliet = online("balcony", 0);
	expect_stored(juliet, 0, 100);
	id = expect_ping(juliet);
	say(101, 102);
	expect_live(juliet, 101);
	answer(juliet, id);
	expect_stored(juliet, 100, 101);
	client_drop(&juliet);
	settle();
	end();
}
END_TEST

START_TEST(an_account_that_is_removed_takes_them_along)
{
	begin("register { allow = true }");
	say(0, 2);
	settle();
	{
		struct client *juliet = client_login(w, BARE "/balcony");

		client_send(juliet, "<iq type='set' id='x'><query xmlns='" NS_REGISTER
		                    "'><remove/></query></iq>");
		client_expect(juliet, "<iq type='result' id='x'/>");
		client_drop(&juliet);
	}
	settle();
	world_account(w, BARE, "secret");
	expect_empty();
	end();
}
END_TEST

START_TEST(the_host_says_that_it_stores_messages)
{
	begin(NULL);
	ask_result(romeo, "get", "a.example", "<query xmlns='" NS_DISCO_INFO "'/>",
	           "<query xmlns='" NS_DISCO_INFO "'><feature var='msgoffline'/></query>");
	end();
}
END_TEST

CHECK_MAIN("offline", of_messages_those_worth_it_are_stored_and_others_refused,
           a_full_jid_that_is_gone_stores_chat_alone,
           a_message_is_what_it_was_with_its_delay_once, one_may_leave_word_for_oneself,
           they_come_in_order_behind_the_presence_and_go_when_the_answer_comes,
           without_the_right_answer_they_come_again, they_survive_a_restart_in_order,
           a_negative_priority_gets_none_until_it_rises,
           a_second_session_gets_them_only_if_the_first_one_ends,
           many_come_in_parts_and_what_comes_meanwhile_behind_them, a_part_has_so_many_bytes,
           the_next_part_goes_to_who_is_there_by_then,
           what_comes_for_one_that_is_back_before_it_answered_waits_its_turn,
           what_a_session_did_not_get_before_it_ended_is_there_once,
           a_client_that_does_not_answer_is_not_waited_for,
           a_message_that_the_disk_does_not_take_is_told_to_its_sender,
           an_account_that_has_as_many_as_it_may_refuses_more,
           an_account_that_has_as_many_bytes_as_it_may_refuses_more,
           when_there_is_no_room_behind_a_part_a_message_overtakes,
           an_account_that_is_removed_takes_them_along, the_host_says_that_it_stores_messages)
