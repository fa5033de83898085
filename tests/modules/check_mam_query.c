/*
 * check_mam_query.c - reading an archive (XEP-0313 §4, §5): filters, pages, metadata, and what is
 * refused.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/lovers.h"

#include "modules/mam/uid.h"

#include <unistd.h>

#define NURSE "nurse@a.example"

#define QUERY_BEGIN "<query xmlns='" NS_MAM "' queryid='q'>"
#define FORM_BEGIN "<x xmlns='" NS_DATA_FORM "' type='submit'>" FIELD("FORM_TYPE", NS_MAM)
#define FORM_END "</value></field></x>"

static void begin_with_nurse(const char *options)
{
	begin(options);
	world_account(w, NURSE, "secret");
}

/* Romeo says the numbers FROM to TO - 1 to Juliet; they are archived. */
static void say(int from, int to)
{
	for (int i = from; i < to; i++)
		client_printf(romeo,
		              "<message to='" JULIET
		              "' type='chat' id='m%d'><body>%d</body></message>",
		              i, i);
	for (int i = from; i < to; i++)
		client_expectf(juliet, "<message id='m%d'/>", i);
}

static int number(const char *text)
{
	int64_t n = -1;

	ck_assert_ptr_nonnull(text);
	ck_assert_int_eq(str_to_i64(str_of(text), &n), 0);
	return (int)n;
}

static void say_to(const char *to)
{
	client_printf(romeo, "<message to='%s' type='chat'><body>to:%s</body></message>", to,
	              to);
}

static void expect_bodies(const struct answer *a, const char *want)
{
	ck_assert_str_eq(bodies(w, a), want);
}

/* ---- pages ---- */

START_TEST(all_of_a_small_archive_comes_at_once)
{
	struct answer *a;

	begin_with_nurse(NULL);
	a = look(juliet, "");
	ck_assert(a->complete && a->n == 0 && a->first == NULL && a->last == NULL);
	ck_assert_str_eq(a->count, "0");
	say(0, 5);
	a = look(juliet, "");
	expect_bodies(a, "0 1 2 3 4 ");
	ck_assert(a->complete);
	ck_assert_str_eq(a->first, a->all[0].uid);
	ck_assert_str_eq(a->last, a->all[4].uid);
	ck_assert_str_eq(a->count, "5");
	ck_assert_str_eq(a->index, "0");
	end();
}
END_TEST

START_TEST(a_query_sees_what_its_own_stream_said_before)
{
	begin_with_nurse(NULL);
	for (int i = 0; i < 30; i++) {
		client_printf(romeo,
		              "<message to='" JULIET "' type='chat'><body>%d</body></message>",
		              i);
		ck_assert_uint_eq(look(romeo, "")->n, (size_t)i + 1);
	}
	end();
}
END_TEST

START_TEST(an_archive_is_paged_forwards)
{
	const char *after = NULL;

	begin_with_nurse(NULL);
	say(0, 25);
	for (int page = 0; page < 3; page++) {
		struct answer *a =
			after == NULL
				? look(juliet, RSM("<max>10</max>"))
				: lookf(juliet, RSM("<max>10</max><after>%s</after>"), after);

		ck_assert_uint_eq(a->n, page < 2 ? 10 : 5);
		ck_assert_int_eq(a->complete, page == 2);
		ck_assert_int_eq(number(a->index), page * 10);
		ck_assert_str_eq(a->count, "25");
		for (size_t i = 0; i < a->n; i++)
			ck_assert_int_eq(number(a->all[i].body), page * 10 + (int)i);
		after = a->last;
	}
	/* and there is nothing behind the last one */
	ck_assert(lookf(juliet, RSM("<after>%s</after>"), after)->complete);
	ck_assert_uint_eq(lookf(juliet, RSM("<after>%s</after>"), after)->n, 0);
	end();
}
END_TEST

START_TEST(an_archive_is_paged_backwards)
{
	const char *before = "";

	begin_with_nurse(NULL);
	say(0, 25);
	for (int page = 0; page < 3; page++) {
		struct answer *a =
			lookf(juliet, RSM("<max>10</max><before>%s</before>"), before);

		ck_assert_uint_eq(a->n, page < 2 ? 10 : 5);
		ck_assert_int_eq(a->complete, page == 2);
		ck_assert_ptr_null(
			a->index); /* slixmpp 1.8 would take the last page for the end */
		ck_assert_str_eq(a->count, "25");
		for (size_t i = 0; i < a->n; i++)
			ck_assert_int_eq(number(a->all[i].body),
			                 (page == 2 ? 0 : 15 - page * 10) + (int)i);
		ck_assert_str_eq(a->first, a->all[0].uid);
		ck_assert_str_eq(a->last, a->all[a->n - 1].uid);
		before = a->first;
	}
	ck_assert_uint_eq(lookf(juliet, RSM("<before>%s</before>"), before)->n, 0);
	end();
}
END_TEST

START_TEST(a_flipped_page_is_the_same_page_the_other_way_round)
{
	static const char *const sets[] = { RSM("<max>3</max>"), RSM("<max>3</max><before/>") };

	begin_with_nurse(NULL);
	say(0, 7);
	for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
		struct answer *a = look(juliet, sets[i]);
		struct answer *b = lookf(juliet, "%s<flip-page/>", sets[i]);

		expect_bodies(a, i == 0 ? "0 1 2 " : "4 5 6 ");
		expect_bodies(b, i == 0 ? "2 1 0 " : "6 5 4 ");
		ck_assert_str_eq(a->first, b->first);
		ck_assert_str_eq(a->last, b->last);
		ck_assert_int_eq(a->complete, b->complete);
	}
	end();
}
END_TEST

START_TEST(a_page_has_so_many_messages_and_so_many_bytes)
{
	struct answer *a;

	begin_with_nurse("mam { page = 4 }");
	say(0, 9);
	expect_bodies(look(juliet, ""), "0 1 2 3 ");
	ck_assert(!look(juliet, "")->complete);
	expect_bodies(look(juliet, RSM("<max>1000000</max>")), "0 1 2 3 ");
	expect_bodies(look(juliet, RSM("<before/>")), "5 6 7 8 ");
	/* 100 kB each: five fit, and of what is larger than a page one comes at a time */
	for (int i = 0; i < 6; i++) {
		client_printf(romeo,
		              "<message to='" ROMEO
		              "' type='chat'><body>%0200000d</body></message>",
		              i);
		client_expect(romeo, "<message/>");
	}
	a = look(romeo, FORM(FIELD("with", ROMEO)));
	ck_assert_uint_eq(a->n, 2);
	ck_assert(!a->complete);
	a = lookf(romeo, FORM(FIELD("with", ROMEO)) RSM("<after>%s</after>"), a->last);
	ck_assert_uint_eq(a->n, 2);
	a = lookf(romeo, FORM(FIELD("with", ROMEO)) RSM("<after>%s</after>"), a->last);
	ck_assert_uint_eq(a->n, 2);
	ck_assert(a->complete);
	end();
}
END_TEST

START_TEST(of_nothing_the_count_alone_is_told)
{
	struct answer *a;

	begin_with_nurse(NULL);
	say(0, 3);
	a = look(juliet, RSM("<max>0</max>"));
	ck_assert(a->n == 0 && a->first == NULL && a->last == NULL && !a->complete);
	ck_assert_str_eq(a->count, "3");
	end();
}
END_TEST

/* ---- filters ---- */

START_TEST(a_conversation_is_found_by_the_other_side)
{
	struct client *nurse, *garden;

	begin_with_nurse(NULL);
	nurse = client_online(w, NURSE "/n", 0);
	garden = client_login(w, ROMEO "/garden");
	say_to(JULIET);
	say_to(NURSE "/n");
	say_to(JULIET "/balcony");
	client_next(juliet);
	client_next(juliet);
	client_send(nurse,
	            "<message to='" ROMEO "' type='chat'><body>from:nurse</body></message>");
	client_expect(romeo, "<message/>");
	say_to(ROMEO "/garden");
	client_expect(garden, "<message/>");
	expect_bodies(look(romeo, FORM(FIELD("with", JULIET))),
	              "to:" JULIET " to:" JULIET "/balcony ");
	expect_bodies(look(romeo, FORM(FIELD("with", "Juliet@A.example"))),
	              "to:" JULIET " to:" JULIET "/balcony ");
	expect_bodies(look(romeo, FORM(FIELD("with", JULIET "/balcony"))),
	              "to:" JULIET "/balcony ");
	expect_bodies(look(romeo, FORM(FIELD("with", NURSE))), "to:" NURSE "/n from:nurse ");
	expect_bodies(look(romeo, FORM(FIELD("with", NURSE "/n"))),
	              "to:" NURSE "/n from:nurse ");
	expect_bodies(look(romeo, FORM(FIELD("with", NURSE "/other"))), "");
	expect_bodies(look(romeo, FORM(FIELD("with", "uliet@a.example"))), "");
	expect_bodies(look(romeo, FORM(FIELD("with", "a.example"))), "");
	/* §4.1.1: to oneself, whatever the resource */
	expect_bodies(look(romeo, FORM(FIELD("with", ROMEO))), "to:" ROMEO "/garden ");
	expect_bodies(look(romeo, FORM(FIELD("with", ROMEO "/x"))), "to:" ROMEO "/garden ");
	ck_assert_str_eq(look(romeo, FORM(FIELD("with", JULIET)))->count, "2");
	client_drop(&nurse);
	client_drop(&garden);
	end();
}
END_TEST

START_TEST(times_are_bounds_that_count)
{
	struct answer *all;

	begin_with_nurse(NULL);
	for (int i = 0; i < 6; i++) {
		say(i, i + 1);
		usleep(3000);
	}
	all = look(juliet, "");
	for (size_t i = 0; i < 6; i++) {
		const char *stamp = all->all[i].stamp;
		struct answer *a = lookf(juliet, FORM(FIELD("start", "%s")), stamp);

		ck_assert_uint_eq(a->n, 6 - i);
		ck_assert_str_eq(a->first, all->all[i].uid);
		a = lookf(juliet, FORM(FIELD("end", "%s")), stamp);
		ck_assert_uint_eq(a->n, i + 1);
		a = lookf(juliet, FORM(FIELD("start", "%s") FIELD("end", "%s")), stamp, stamp);
		ck_assert_uint_eq(a->n, 1);
		ck_assert(a->complete);
		ck_assert_str_eq(a->count, "1");
	}
	ck_assert_uint_eq(look(juliet, FORM(FIELD("start", "2100-01-01T00:00:00Z")))->n, 0);
	ck_assert_uint_eq(look(juliet, FORM(FIELD("start", "2100-01-01T00:00:00Z")
	                                            FIELD("end", "2000-01-01T00:00:00Z")))
	                          ->n,
	                  0);
	ck_assert_uint_eq(look(juliet, FORM(FIELD("end", "1969-01-01T00:00:00Z")))->n, 0);
	ck_assert_uint_eq(look(juliet, FORM(FIELD("end", "2000-01-01T00:00:00-12:00")))->n, 0);
	ck_assert_uint_eq(look(juliet, FORM(FIELD("start", "2000-01-01T00:00:00Z")))->n, 6);
	/* an empty field asks for nothing */
	ck_assert_uint_eq(
		look(juliet, FORM(FIELD("start", "") FIELD("with", "") FIELD("after-id", "")))
			->n,
		6);
	end();
}
END_TEST

START_TEST(ids_are_bounds_that_do_not_count)
{
	struct answer *all;

	begin_with_nurse(NULL);
	say(0, 6);
	all = look(juliet, "");
	expect_bodies(lookf(juliet, FORM(FIELD("after-id", "%s")), all->all[3].uid), "4 5 ");
	expect_bodies(lookf(juliet, FORM(FIELD("before-id", "%s")), all->all[3].uid), "0 1 2 ");
	expect_bodies(lookf(juliet, FORM(FIELD("after-id", "%s") FIELD("before-id", "%s")),
	                    all->all[1].uid, all->all[4].uid),
	              "2 3 ");
	expect_bodies(lookf(juliet, FORM(FIELD("after-id", "%s") FIELD("before-id", "%s")),
	                    all->all[4].uid, all->all[1].uid),
	              "");
	/* pages of that set */
	expect_bodies(lookf(juliet,
	                    FORM(FIELD("after-id", "%s"))
	                            RSM("<max>2</max><before>%s</before>"),
	                    all->all[0].uid, all->all[4].uid),
	              "2 3 ");
	ck_assert_str_eq(lookf(juliet, FORM(FIELD("after-id", "%s")) RSM("<after>%s</after>"),
	                       all->all[0].uid, all->all[3].uid)
	                         ->index,
	                 "3");
	end();
}
END_TEST

#define IDS2 "<field var='ids'><value>%s</value><value>%s</value></field>"

START_TEST(single_messages_are_had_by_their_ids)
{
	struct answer *all;

	begin_with_nurse(NULL);
	say(0, 4);
	say_to(NURSE);
	all = look(romeo, "");
	expect_bodies(lookf(romeo, FORM(IDS2), all->all[2].uid, all->all[0].uid), "0 2 ");
	expect_bodies(lookf(romeo, FORM(IDS2), all->all[2].uid, all->all[2].uid), "2 ");
	expect_bodies(lookf(romeo, FORM(IDS2) RSM("<max>1</max><before/>"), all->all[2].uid,
	                    all->all[0].uid),
	              "2 ");
	expect_bodies(lookf(romeo, FORM(IDS2) RSM("<after>%s</after>"), all->all[2].uid,
	                    all->all[0].uid, all->all[0].uid),
	              "2 ");
	expect_bodies(
		lookf(romeo, FORM(IDS2 FIELD("with", NURSE)), all->all[2].uid, all->all[4].uid),
		"to:" NURSE " ");
	ck_assert_str_eq(lookf(romeo, FORM(IDS2), all->all[2].uid, all->all[0].uid)->count,
	                 "2");
	ask_error(romeo, "set", "", QUERY(FORM("<field var='ids'><value/></field>")),
	          "item-not-found");
	end();
}
END_TEST

START_TEST(whoever_asks_for_groupchat_gets_none)
{
	begin_with_nurse(NULL);
	say(0, 2);
	expect_bodies(look(juliet, FORM(FIELD("include-groupchat", "true"))), "0 1 ");
	expect_bodies(look(juliet, FORM(FIELD("include-groupchat", "0"))), "0 1 ");
	ask_error(juliet, "set", "", QUERY(FORM(FIELD("include-groupchat", "perhaps"))),
	          "bad-request");
	end();
}
END_TEST

/* ---- what is not there, and what is refused ---- */

START_TEST(an_id_that_is_not_in_the_archive_is_not_found)
{
	static const struct {
		const char *before, *behind; /* the id */
	} unknown[] = {
		{ QUERY_BEGIN FORM_BEGIN "<field var='after-id'><value>", FORM_END "</query>" },
		{ QUERY_BEGIN FORM_BEGIN "<field var='before-id'><value>",
		  FORM_END "</query>" },
		{ QUERY_BEGIN FORM_BEGIN "<field var='ids'><value>", FORM_END "</query>" },
		{ QUERY_BEGIN "<set xmlns='" NS_RSM "'><after>", "</after></set></query>" },
		{ QUERY_BEGIN "<set xmlns='" NS_RSM "'><before>", "</before></set></query>" },
	};
	static const char *const ids[] = { "0000000000000000",  "ffffffffffffffff", "nothing",
		                           "00000000000000000", "000000000000000G", "é" };

	begin_with_nurse(NULL);
	for (int there = 0; there < 2; there++) {
		for (size_t i = 0; i < ARRAY_LEN(unknown) * ARRAY_LEN(ids); i++) {
			size_t u = i / ARRAY_LEN(ids);
			const char *query =
				arena_printf(w->arena, "%s%s%s", unknown[u].before,
			                     ids[i % ARRAY_LEN(ids)], unknown[u].behind)
					.p;

			ask_error(juliet, "set", "", query, "item-not-found");
		}
		say(0, 3);
	}
	/* nor is one of somebody else's */
	ask_error(juliet, "set", "",
	          arena_printf(w->arena, QUERY(RSM("<after>%s</after>")), look(romeo, "")->last)
	                  .p,
	          "item-not-found");
	end();
}
END_TEST

static const struct bad_row {
	const char *query, *condition;
} bad[] = {
	{ QUERY(FORM(FIELD("start", "yesterday"))), "bad-request" },
	{ QUERY(FORM(FIELD("end", "2010-13-01T00:00:00Z"))), "bad-request" },
	{ QUERY(FORM(FIELD("with", "@"))), "jid-malformed" },
	{ QUERY(FORM(FIELD("{urn:example:x}y", "1"))), "feature-not-implemented" },
	{ QUERY(FORM(FIELD("start", "") FIELD("start", ""))), "bad-request" },
	{ QUERY("<x xmlns='" NS_DATA_FORM "' type='submit'>" FIELD("with", ROMEO) "</x>"),
	  "bad-request" },
	{ QUERY("<x xmlns='" NS_DATA_FORM "' type='form'>" FIELD("FORM_TYPE", NS_MAM) "</x>"),
	  "bad-request" },
	{ QUERY("<x xmlns='" NS_DATA_FORM
	        "' type='submit'>" FIELD("FORM_TYPE", "urn:xmpp:mam:1") "</x>"),
	  "bad-request" },
	{ QUERY(RSM("<max>ten</max>")), "bad-request" },
	{ QUERY(RSM("<before/><after/>")), "bad-request" },
	{ QUERY(RSM("<index>0</index><max>1</max>")), "feature-not-implemented" },
	{ "<query xmlns='" NS_MAM "' node='n'/>", "feature-not-implemented" },
};

START_TEST(what_is_no_query_is_refused)
{
	struct str ids = STR("");

	begin_with_nurse(NULL);
	say(0, 1);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ask_error(juliet, "set", "", bad[i].query, bad[i].condition);
	for (int i = 0; i < 101; i++)
		ids = arena_printf(w->arena, STR_FMT "<value>%s</value>", STR_ARG(ids),
		                   look(juliet, "")->last);
	ask_error(juliet, "set", "",
	          arena_printf(w->arena, QUERY(FORM("<field var='ids'>" STR_FMT "</field>")),
	                       STR_ARG(ids))
	                  .p,
	          "policy-violation");
	ck_assert_uint_eq(look(juliet, "")->n, 1);
	end();
}
END_TEST

START_TEST(nobody_reads_anybody_elses_archive)
{
	static const char *const payloads[] = { QUERY(""), "<metadata xmlns='" NS_MAM "'/>" };
	static const char *const to[] = { ROMEO, "nobody@a.example" };

	begin_with_nurse(NULL);
	say(0, 1);
	for (size_t i = 0; i < ARRAY_LEN(payloads); i++) {
		for (size_t j = 0; j < ARRAY_LEN(to); j++)
			ask_error(juliet, i == 0 ? "set" : "get", to[j], payloads[i],
			          "forbidden");
		ask_error(juliet, "get", "a.example", payloads[i], "service-unavailable");
	}
	ask_error(juliet, "get", ROMEO, QUERY(""), "forbidden");
	/* one's own has two addresses */
	client_send(juliet, "<iq type='set' id='1' to='" JULIET
	                    "'>" QUERY(RSM("<max>0</max>")) "</iq>");
	client_expect(juliet, "<iq type='result' id='1' from='" JULIET "'><fin xmlns='" NS_MAM
	                      "'/></iq>");
	end();
}
END_TEST

/* All at once, so that they come before any is answered: every other one is for metadata. */
static void ask_often(struct client *c, unsigned n)
{
	struct buf all = { 0 };

	for (unsigned i = 0; i < n; i++)
		buf_append(&all, i % 2 == 0
		                         ? STR("<iq type='set' id='o'>" QUERY("") "</iq>")
		                         : STR("<iq type='get' id='o'><metadata xmlns='" NS_MAM
		                               "'/></iq>"));
	client_printf(c, STR_FMT, STR_ARG(buf_str(&all)));
	buf_deinit(&all);
}

static unsigned count_answered(struct client *c, unsigned n)
{
	unsigned answered = 0;

	while (n > 0) {
		const struct xml_node *node = client_next(c);

		if (!xml_is(node, NS_CLIENT, "iq"))
			continue;
		n--;
		if (str_is(xml_attr(node, "type"), "result"))
			answered++;
		else
			ck_assert(client_matches(
				w->arena, node,
				"<iq><error><resource-constraint xmlns='" NS_STANZA_ERROR
				"'/></error></iq>"));
	}
	return answered;
}

START_TEST(an_account_has_so_many_queries_under_way)
{
	struct client *other;
	unsigned answered;

	begin_with_nurse(NULL);
	say(0, 2);
	other = client_login(w, JULIET "/other");
	ask_often(juliet, 60);
	ask_often(other, 60);
	answered = count_answered(juliet, 60);
	answered += count_answered(other, 60);
	ck_assert_uint_ge(answered, 16);
	ck_assert_uint_lt(answered, 60);
	/* and may ask again when they are answered */
	for (int i = 0; i < 40; i++)
		ck_assert_uint_eq(look(i % 2 == 0 ? juliet : other, "")->n, 2);
	client_close(&other);
	end();
}
END_TEST

START_TEST(a_session_may_end_while_it_is_answered)
{
	begin_with_nurse(NULL);
	say(0, 50);
	/* fewer than an account may have under way */
	for (int i = 0; i < 12; i++) {
		struct client *c = client_login(w, JULIET "/gone");

		client_send(c, "<iq type='set' id='1'>" QUERY("") "</iq>");
		client_drop(&c);
	}
	ck_assert_uint_eq(look(juliet, "")->n, 50);
	end();
}
END_TEST

/* ---- discovery ---- */

START_TEST(the_form_has_all_fields)
{
	begin_with_nurse(NULL);
	ask_result(
		juliet, "get", "", "<query xmlns='" NS_MAM "'/>",
		"<query xmlns='" NS_MAM "'><x xmlns='" NS_DATA_FORM "' type='form'>"
		"<field type='hidden' var='FORM_TYPE'><value>" NS_MAM "</value></field>"
		"<field type='jid-single' var='with'/><field type='text-single' var='start'/>"
		"<field type='text-single' var='end'/><field type='text-single' "
		"var='before-id'/>"
		"<field type='text-single' var='after-id'/><field type='list-multi' var='ids'>"
		"<validate xmlns='" NS_VALIDATE
		"' datatype='xs:string'><open/></validate></field>"
		"<field type='boolean' var='include-groupchat'/></x></query>");
	end();
}
END_TEST

START_TEST(metadata_tells_of_both_ends)
{
	const struct xml_node *iq;
	struct answer *a;

	begin_with_nurse(NULL);
	iq = ask(juliet, "get", "", "<metadata xmlns='" NS_MAM "'/>");
	ck_assert(xml_is(xml_only_child(iq), NS_MAM, "metadata"));
	ck_assert_ptr_null(xml_next_child(xml_only_child(iq), NULL));
	say(0, 3);
	a = look(juliet, "");
	ask_result(juliet, "get", "", "<metadata xmlns='" NS_MAM "'/>",
	           arena_printf(w->arena,
	                        "<metadata xmlns='" NS_MAM "'><start id='%s' timestamp='%s'/>"
	                        "<end id='%s' timestamp='%s'/></metadata>",
	                        a->first, a->all[0].stamp, a->last, a->all[2].stamp)
	                   .p);
	end();
}
END_TEST

/* ---- ids on the wire ---- */

START_TEST(an_id_comes_back_from_its_text)
{
	struct arena *arena = arena_new(4096);
	struct hash_key secret, other;
	uint64_t id, back;

	rand_bytes(&secret, sizeof(secret));
	rand_bytes(&other, sizeof(other));
	for (int i = 0; i < 1000; i++) {
		struct str uid;

		id = i == 0 ? 0 : i == 1 ? UINT64_MAX : rand_u64();
		uid = uid_format(arena, &secret, id);
		ck_assert_uint_eq(uid.n, 16);
		ck_assert_int_eq(uid_parse(&secret, uid, &back), 0);
		ck_assert_uint_eq(back, id);
		ck_assert_int_eq(uid_parse(&other, uid, &back), 0);
		ck_assert_uint_ne(back, id);
	}
	arena_free(&arena);
}
END_TEST

CHECK_MAIN("mam_query", all_of_a_small_archive_comes_at_once,
           a_query_sees_what_its_own_stream_said_before, an_archive_is_paged_forwards,
           an_archive_is_paged_backwards, a_flipped_page_is_the_same_page_the_other_way_round,
           a_page_has_so_many_messages_and_so_many_bytes, of_nothing_the_count_alone_is_told,
           a_conversation_is_found_by_the_other_side, times_are_bounds_that_count,
           ids_are_bounds_that_do_not_count, single_messages_are_had_by_their_ids,
           whoever_asks_for_groupchat_gets_none, an_id_that_is_not_in_the_archive_is_not_found,
           what_is_no_query_is_refused, nobody_reads_anybody_elses_archive,
           an_account_has_so_many_queries_under_way, a_session_may_end_while_it_is_answered,
           the_form_has_all_fields, metadata_tells_of_both_ends, an_id_comes_back_from_its_text)
