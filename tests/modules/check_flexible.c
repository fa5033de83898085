/*
 * check_flexible.c - a client that chooses which stored messages it gets (XEP-0013).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/ask.h"

#define BARE "juliet@a.example"
#define COUNT "<query xmlns='" NS_DISCO_INFO "' node='" NS_OFFLINE "'/>"
#define LIST "<query xmlns='" NS_DISCO_ITEMS "' node='" NS_OFFLINE "'/>"
#define OFFLINE(content) "<offline xmlns='" NS_OFFLINE "'>" content "</offline>"
#define NODES_MAX 16

static struct world *w;
static struct client *romeo, *juliet;
static const char *nodes[NODES_MAX];

/* Romeo sends messages numbered FROM to TO - 1. */
static void say(int from, int to)
{
	for (int i = from; i < to; i++)
		client_printf(romeo,
		              "<message id='m%d' to='" BARE "'><body>%d</body></message>", i,
		              i);
	client_send(romeo, "<iq type='get' id='f' to='" BARE "/none'><q xmlns='urn:q'/></iq>");
	client_expect(romeo, "<iq type='error' id='f'/>");
}

static void begin(int n)
{
	w = ask_world(NULL);
	world_account(w, BARE, "secret");
	romeo = client_login(w, "romeo@a.example/orchard");
	say(0, n);
	juliet = client_login(w, BARE "/balcony");
}

static void end(void)
{
	client_drop(&romeo);
	client_drop(&juliet);
	world_free(&w);
}

static void expect_count(const char *n)
{
	ask_result(juliet, "get", "", COUNT,
	           arena_printf(w->arena,
	                        "<query xmlns='" NS_DISCO_INFO "' node='" NS_OFFLINE "'>"
	                        "<identity category='automation' type='message-list'/>"
	                        "<feature var='" NS_OFFLINE "'/>"
	                        "<x xmlns='jabber:x:data' type='result'>"
	                        "<field var='FORM_TYPE' type='hidden'><value>" NS_OFFLINE
	                        "</value></field><field var='number_of_messages'>"
	                        "<value>%s</value></field></x></query>",
	                        n)
	                   .p);
}

/* Ask for the headers, keep their nodes; how many there are. */
static size_t list(void)
{
	const struct xml_node *iq = ask(juliet, "get", "", LIST), *item = NULL;
	size_t n = 0;

	ck_assert(client_matches(w->arena, iq,
	                         "<iq type='result'><query xmlns='" NS_DISCO_ITEMS
	                         "' node='" NS_OFFLINE "'/></iq>"));
	while ((item = xml_next_child(xml_only_child(iq), item)) != NULL) {
		ck_assert(client_matches(w->arena, item,
		                         "<item xmlns='" NS_DISCO_ITEMS "' jid='" BARE
		                         "' name='romeo@a.example/orchard' node='*'/>"));
		ck_assert_uint_lt(n, NODES_MAX);
		nodes[n] = arena_copy(w->arena, xml_attr(item, "node")).p;
		if (n > 0)
			ck_assert_int_lt(str_cmp(str_of(nodes[n - 1]), str_of(nodes[n])), 0);
		n++;
	}
	return n;
}

static void expect_viewed(int i, const char *node)
{
	client_expectf(juliet,
	               "<message id='m%d' from='romeo@a.example/orchard'><body>%d</body>"
	               "<delay xmlns='" NS_DELAY "' from='a.example' stamp='*'/>" OFFLINE(
			       "<item node='%s'/>") "</message>",
	               i, i, node);
}

START_TEST(the_host_names_the_feature)
{
	begin(0);
	ask_result(juliet, "get", "a.example", "<query xmlns='" NS_DISCO_INFO "'/>",
	           "<query xmlns='" NS_DISCO_INFO "'><feature var='" NS_OFFLINE "'/></query>");
	end();
}
END_TEST

START_TEST(number_and_headers_are_told)
{
	begin(0);
	expect_count("0");
	ck_assert_uint_eq(list(), 0);
	say(0, 7);
	expect_count("7");
	ck_assert_uint_eq(list(), 7);
	client_settle(juliet);
	end();
}
END_TEST

START_TEST(who_chose_is_not_flooded_nor_is_another_session)
{
	static const char *const choices[] = { COUNT, LIST, OFFLINE("<fetch/>") };
	for (size_t i = 0; i < ARRAY_LEN(choices); i++) {
		struct client *other;

		begin(2);
		client_printf(juliet, "<iq type='get' id='c'>%s</iq>", choices[i]);
		if (i == 2) {
			client_expect(juliet, "<message id='m0'/>");
			client_expect(juliet, "<message id='m1'/>");
		}
		client_expect(juliet, "<iq type='result' id='c'/>");
		client_send(juliet, "<presence id='p'/>");
		client_expect(juliet, "<presence id='p'/>");
		client_settle(juliet);
		other = client_online(w, BARE "/other", 0);
		client_expect(other, "<presence from='" BARE "/balcony'/>");
		client_settle(other);
		client_expect(juliet, "<presence from='" BARE "/other'/>");
		say(2, 3); /* in-session messages come as usual */
		client_expect(juliet, "<message id='m2'/>");
		client_expect(other, "<message id='m2'/>");
		client_close(&other);
		client_close(&juliet);
		juliet = client_online(w, BARE "/balcony", 0); /* nothing was deleted */
		client_expect(juliet, "<message id='m0'/>");
		client_expect(juliet, "<message id='m1'/>");
		client_expect(juliet, "<iq type='get'/>");
		end();
	}
}
END_TEST

START_TEST(messages_are_viewed_and_stay)
{
	begin(4);
	ck_assert_uint_eq(list(), 4);
	client_printf(juliet,
	              "<iq type='get' id='v'>" OFFLINE(
			      "<item action='view' node='%s'/><item action='view' "
			      "node='%s'/>") "</iq>",
	              nodes[2], nodes[1]);
	expect_viewed(2, nodes[2]);
	expect_viewed(1, nodes[1]);
	client_expect(juliet, "<iq type='result' id='v'/>");
	client_send(juliet, "<iq type='get' id='f'>" OFFLINE("<fetch/>") "</iq>");
	for (int i = 0; i < 4; i++)
		expect_viewed(i, nodes[i]);
	client_expect(juliet, "<iq type='result' id='f'/>");
	expect_count("4");
	end();
}
END_TEST

static void remove_two(const char *a, const char *b, const char *condition)
{
	const char *payload = arena_printf(w->arena,
	                                   OFFLINE("<item action='remove' node='%s'/>"
	                                           "<item action='remove' node='%s'/>"),
	                                   a, b)
	                              .p;

	if (condition != NULL)
		ask_error(juliet, "set", "", payload, condition);
	else
		ask_result(juliet, "set", "", payload, "");
}

START_TEST(messages_are_removed_all_that_were_named_or_none)
{
	begin(5);
	ck_assert_uint_eq(list(), 5);
	remove_two(nodes[1], "00000000000000009999", "item-not-found");
	expect_count("5");
	remove_two(nodes[1], nodes[3], NULL);
	expect_count("3");
	remove_two(nodes[0], nodes[0], NULL); /* is once */
	expect_count("2");
	remove_two(nodes[0], nodes[2], "item-not-found");
	client_close(&juliet);
	juliet = client_online(w, BARE "/balcony", 0);
	client_expect(juliet, "<message id='m2'/>");
	client_expect(juliet, "<message id='m4'/>");
	end();
}
END_TEST

START_TEST(all_are_removed_at_once)
{
	begin(5);
	ask_result(juliet, "set", "", OFFLINE("<purge/>"), "");
	expect_count("0");
	ask_result(juliet, "set", "", OFFLINE("<purge/>"), "");
	ask_result(juliet, "get", "", OFFLINE("<fetch/>"), "");
	end();
}
END_TEST

START_TEST(a_node_is_never_given_twice)
{
	const char *last;

	begin(2);
	list();
	last = nodes[1];
	ask_result(juliet, "set", "", OFFLINE("<purge/>"), "");
	client_drop(&juliet);
	client_drop(&romeo);
	world_restart(w);
	romeo = client_login(w, "romeo@a.example/orchard");
	say(2, 3);
	juliet = client_login(w, BARE "/balcony");
	ck_assert_uint_eq(list(), 1);
	ck_assert_int_gt(str_cmp(str_of(nodes[0]), str_of(last)), 0);
	end();
}
END_TEST

START_TEST(what_is_wrong_in_a_request_is_answered)
{
	static const struct {
		const char *type, *payload, *condition;
	} rows[] = {
		{ "get", OFFLINE(""), "bad-request" },
		{ "set", OFFLINE(""), "bad-request" },
		{ "get", OFFLINE("<purge/>"), "bad-request" },
		{ "set", OFFLINE("<fetch/>"), "bad-request" },
		{ "get", OFFLINE("<item node='00000000000000000001'/>"), "bad-request" },
		{ "get", OFFLINE("<item action='view'/>"), "bad-request" },
		{ "get", OFFLINE("<item action='remove' node='00000000000000000001'/>"),
		  "bad-request" },
		{ "set", OFFLINE("<item action='view' node='00000000000000000001'/>"),
		  "bad-request" },
		{ "get", OFFLINE("<item action='view' node='00000000000000000001'/><fetch/>"),
		  "bad-request" },
		{ "get", OFFLINE("<item action='view' node='1'/>"), "item-not-found" },
		{ "get", OFFLINE("<item action='view' node='0000000000000000000x'/>"),
		  "item-not-found" },
		{ "get", OFFLINE("<item action='view' node='99999999999999999999'/>"),
		  "item-not-found" },
		{ "set", OFFLINE("<item action='remove' node=''/>"), "item-not-found" },
		{ "get", "<query xmlns='" NS_DISCO_INFO "' node='" NS_OFFLINE "x'/>",
		  "item-not-found" },
	};
	begin(1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ask_error(juliet, rows[i].type, "", rows[i].payload, rows[i].condition);
	expect_count("1");
	end();
}
END_TEST

START_TEST(others_may_neither_read_nor_remove)
{
	begin(1);
	ask_error(romeo, "get", BARE, OFFLINE("<fetch/>"), "forbidden");
	ask_error(romeo, "get", "nobody@a.example", OFFLINE("<fetch/>"), "forbidden");
	ask_error(romeo, "set", BARE, OFFLINE("<purge/>"), "forbidden");
	ask_error(romeo, "get", "a.example", OFFLINE("<fetch/>"), "service-unavailable");
	ask_result(romeo, "get", BARE, LIST, LIST);
	ck_assert_ptr_null(xml_only_child(romeo->shown->node)->first);
	expect_count("1");
	end();
}
END_TEST

START_TEST(much_at_a_time_can_be_had_only_so_often)
{
	int refused = 0;

	begin(1);
	for (int i = 0; i < 40; i++)
		refused += client_matches(w->arena, ask(juliet, "get", "", LIST),
		                          "<iq type='error'><error type='wait'>"
		                          "<resource-constraint xmlns='" NS_STANZA_ERROR
		                          "'/></error></iq>");
	ck_assert_int_gt(refused, 0);
	end();
}
END_TEST

START_TEST(a_flood_under_way_ends_when_its_session_chooses)
{
	const struct xml_node *ping;

	begin(0);
	say(0, 103);
	client_send(juliet, "<presence/>");
	client_expect(juliet, "<presence/>");
	for (int i = 0; i < 100; i++)
		client_expectf(juliet, "<message id='m%d'/>", i);
	ping = client_expect(juliet, "<iq type='get'/>");
	client_printf(juliet, "<iq type='result' to='a.example' id='" STR_FMT "'/>",
	              STR_ARG(xml_attr(ping, "id")));
	for (int i = 100; i < 103; i++)
		client_expectf(juliet, "<message id='m%d'/>", i);
	client_expect(juliet, "<iq type='get'/>");
	expect_count("3");
	say(103, 104); /* straight away */
	client_expect(juliet, "<message id='m103'/>");
	expect_count("3");
	end();
}
END_TEST

CHECK_MAIN("flexible", the_host_names_the_feature, number_and_headers_are_told,
           who_chose_is_not_flooded_nor_is_another_session, messages_are_viewed_and_stay,
           messages_are_removed_all_that_were_named_or_none, all_are_removed_at_once,
           a_node_is_never_given_twice, what_is_wrong_in_a_request_is_answered,
           others_may_neither_read_nor_remove, much_at_a_time_can_be_had_only_so_often,
           a_flood_under_way_ends_when_its_session_chooses)
