/*
 * check_mam_room_query.c - reading the archive of a room (XEP-0313 §4, §5).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/chat.h"

START_TEST(a_room_is_asked_as_an_account_is)
{
	struct answer *a;

	begin_with(&mod_chat, NULL);
	say_all(juliet, 25);
	ask_result(romeo, "get", ROOM, "<query xmlns='" NS_MAM "'/>",
	           "<query xmlns='" NS_MAM "'><x xmlns='" NS_DATA_FORM "' type='form'>"
	           "<field var='with'/></x></query>");
	a = look_at(romeo, ROOM, RSM("<max>10</max>"));
	ck_assert_str_eq(bodies(w, a), "0 1 2 3 4 5 6 7 8 9 ");
	ck_assert(!a->complete);
	ck_assert_str_eq(a->count, "25");
	a = look_at(romeo, ROOM,
	            arena_printf(w->arena, RSM("<max>3</max><after>%s</after>"), a->last).p);
	ck_assert_str_eq(bodies(w, a), "10 11 12 ");
	a = look_at(romeo, ROOM, RSM("<max>2</max><before/>"));
	ck_assert_str_eq(bodies(w, a), "23 24 ");
	a = look_at(romeo, ROOM, RSM("<max>2</max><before/>") "<flip-page/>");
	ck_assert_str_eq(bodies(w, a), "24 23 ");
	ask_result(romeo, "get", ROOM, "<metadata xmlns='" NS_MAM "'/>",
	           arena_printf(w->arena,
	                        "<metadata xmlns='" NS_MAM
	                        "'><start/><end id='%s'/></metadata>",
	                        a->last)
	                   .p);
	ask_error(romeo, "set", ROOM, QUERY(RSM("<after>0123456789abcdef</after>")),
	          "item-not-found");
	ask_error(romeo, "set", ROOM, QUERY(FORM(FIELD("what", "x"))),
	          "feature-not-implemented");
	/* preferences are for accounts */
	ask_error(romeo, "get", ROOM, "<prefs xmlns='" NS_MAM "'/>", "service-unavailable");
	ask_error(romeo, "set", ROOM, "<metadata xmlns='" NS_MAM "'/>", "service-unavailable");
	end();
}
END_TEST

START_TEST(with_is_for_a_nickname)
{
	begin_with(&mod_chat, NULL);
	say(juliet, "j1");
	say(romeo, "r1");
	say(juliet, "j2");
	ck_assert_str_eq(said(romeo, FORM(FIELD("with", ROOM "/juliet"))), "j1 j2 ");
	ck_assert_str_eq(said(romeo, FORM(FIELD("with", ROOM "/romeo"))), "r1 ");
	ck_assert_str_eq(said(romeo, FORM(FIELD("with", ROOM "/nobody"))), "");
	ck_assert_str_eq(said(romeo, FORM(FIELD("with", ROOM))), "j1 r1 j2 ");
	ask_error(romeo, "set", ROOM, QUERY(FORM(FIELD("with", JULIET))),
	          "feature-not-implemented");
	ask_error(romeo, "set", ROOM, QUERY(FORM(FIELD("with", "@@"))), "jid-malformed");
	end();
}
END_TEST

START_TEST(a_room_is_searched_by_words)
{
	begin_with(&mod_chat, NULL);
	for (int i = 0; i < 300; i++) /* the first ones are in a segment */
		say(i % 2 == 0 ? juliet : romeo,
		    arena_printf(w->arena, i % 100 == 7 || i % 100 == 8 ? "needle%d" : "hay%d",
		                 i)
		            .p);
	ck_assert_str_eq(said(romeo, FORM(FIELD("{" NS_FULLTEXT "}fulltext", "needle"))),
	                 "needle7 needle8 needle107 needle108 needle207 needle208 ");
	ck_assert_str_eq(said(romeo, FORM(FIELD("{" NS_FULLTEXT "}fulltext", "needle")
	                                          FIELD("with", ROOM "/romeo"))),
	                 "needle7 needle107 needle207 ");
	end();
}
END_TEST

START_TEST(each_sees_what_is_for_him)
{
	struct answer *a;

	begin_with(&mod_chat, NULL);
	say_xml(juliet, BODY("x") "<secret xmlns='" NS_CHAT "'/>");
	say_xml(juliet, BODY("y") "<hidden xmlns='" NS_CHAT "'/>");
	a = look_at(romeo, ROOM, "");
	ck_assert_ptr_nonnull(xml_child(a->all[0].message, NS_CHAT, "secret"));
	ck_assert_ptr_null(a->all[1].message);
	a = look_at(juliet, ROOM, "");
	ck_assert_str_eq(bodies(w, a), "x  ");
	ck_assert_ptr_null(xml_child(a->all[0].message, NS_CHAT, "secret"));
	end();
}
END_TEST

static void ask_often(struct client *c, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		client_printf(c, "<iq type='set' id='often' to='" ROOM
		                 "'>" QUERY(RSM("<max>5</max>")) "</iq>");
}

/* Of N answers, how many are no errors; each has its messages before it, in order. */
static unsigned count_answered(struct client *c, unsigned n)
{
	unsigned answered = 0, messages = 0;

	while (n > 0) {
		const struct xml_node *node = client_next(c);

		if (xml_is(node, NS_CLIENT, "message")) {
			struct answer one = { 0 };

			read_answered(w, &one, node);
			ck_assert_str_eq(one.all[0].body,
			                 arena_printf(w->arena, "%u", messages % 5).p);
			messages++;
			continue;
		}
		n--;
		if (str_is(xml_attr(node, "type"), "result"))
			ck_assert_uint_eq(messages, 5 * ++answered);
		else
			ck_assert(client_matches(
				w->arena, node,
				"<iq><error><resource-constraint xmlns='" NS_STANZA_ERROR
				"'/></error></iq>"));
	}
	return answered;
}

START_TEST(each_has_so_many_queries_under_way)
{
	begin_with(&mod_chat, NULL);
	say_all(juliet, 7);
	ask_often(juliet, 80);
	ask_often(romeo, 10);
	ck_assert_uint_eq(count_answered(romeo, 10), 10); /* whatever juliet asks */
	ck_assert_uint_ge(count_answered(juliet, 80), 16);
	for (int i = 0; i < 40; i++)
		ck_assert_uint_eq(look_at(juliet, ROOM, "")->n, 7);
	end();
}
END_TEST

START_TEST(a_query_of_a_managed_stream_is_answered_too)
{
	struct client *c;

	begin_with(&mod_chat, NULL);
	say_all(juliet, 3);
	c = client_login(w, ROMEO "/managed");
	client_manage(c, "");
	ck_assert_str_eq(said(c, ""), "0 1 2 ");
	ck_assert_str_eq(said(c, ""), "0 1 2 ");
	client_drop(&c);
	end();
}
END_TEST

CHECK_MAIN("mam_room_query", a_room_is_asked_as_an_account_is, with_is_for_a_nickname,
           a_room_is_searched_by_words, each_sees_what_is_for_him,
           each_has_so_many_queries_under_way, a_query_of_a_managed_stream_is_answered_too)
