/*
 * check_offline_archive.c - stored messages that the archive has: they stand there alone, and who
 * reads it is not handed them once more (XEP-0313 §6.1.1).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/mam/private.h"
#include "modules/offline/box.h"
#include "tests/lib/at_account.h"
#include "tests/modules/archive.h"
#undef BODY /* leave_word.h has one of its own, without a text to choose */
#include "tests/modules/leave_word.h"

#define JULIET BARE "/balcony"
#define ALL RSM("<max>50</max>")
#define LATEST(n) RSM("<max>" n "</max><before/>")
#define INFO "<query xmlns='" NS_DISCO_INFO "' node='" NS_OFFLINE "'/>"
#define LIST "<query xmlns='" NS_DISCO_ITEMS "' node='" NS_OFFLINE "'/>"
#define OFFLINE(content) "<offline xmlns='" NS_OFFLINE "'>" content "</offline>"

/* Message I, which no archive may have. */
static void whisper(int i)
{
	client_printf(romeo,
	              "<message id='m%d' type='chat' to='" BARE "'>" BODY
	              "<no-permanent-store xmlns='" NS_HINTS "'/></message>",
	              i);
}

static void be_available(struct client *c)
{
	client_send(c, "<presence id='p'/>");
	client_expect(c, "<presence id='p'/>");
}

/* A page of N messages, and the id of the ping behind it. */
static const char *fetch(struct client *c, const char *inner, size_t n)
{
	ck_assert_uint_eq(look(c, inner)->n, n);
	return expect_ping(c);
}

static void take(struct client *c, int from, int to)
{
	expect_stored(c, from, to);
	answer(c, expect_ping(c));
	client_settle(c);
}

/* ---- records ---- */

static int note_archived(void *arg, const struct offline_record *record)
{
	uint64_t **next = arg;

	ck_assert_int_eq(str_is_absent(record->xml), record->archive_id != 0);
	ck_assert_uint_gt(record->bytes, 50);
	*(*next)++ = record->archive_id;
	return 0;
}

static int read_box(struct event *ev, void *arg)
{
	return box_scan(ev, 1, note_archived, arg);
}

/* The ids in the archive of all that is stored; how many. */
static size_t ids_of_box(uint64_t ids[static 8])
{
	uint64_t *next = ids;

	ck_assert_int_eq(at_account(w, BARE, read_box, &next), 0);
	return (size_t)(next - ids);
}

START_TEST(an_archived_message_is_stored_as_a_reference_and_others_as_they_are)
{
	uint64_t ids[8];

	begin(NULL);
	say(0, 2);
	whisper(2);
	settle();
	ck_assert_uint_eq(ids_of_box(ids), 3);
	ck_assert(ids[0] != 0 && ids[1] > ids[0] && ids[2] == 0);
	end();
	begin("mam { default = \"never\" }\n");
	say(0, 1);
	settle();
	ck_assert_uint_eq(ids_of_box(ids), 1);
	ck_assert(ids[0] == 0);
	end();
}
END_TEST

START_TEST(it_comes_as_it_was_with_its_id_and_its_delay_after_a_restart_too)
{
	const struct xml_node *m;
	struct client *juliet;
	struct answer *a;
	const char *uid;

	begin(NULL);
	client_send(romeo, "<message id='m0' type='chat' xml:lang='fr' to='" BARE "/gone'>" BODY
	                   "<x xmlns='urn:x' y='1'>&lt;</x></message>");
	settle();
	client_drop(&romeo);
	world_restart(w);
	romeo = client_login(w, "romeo@a.example/orchard");
	juliet = online("balcony", 0);
	m = client_expect(juliet, "<message id='m0' type='chat' xml:lang='fr' to='" BARE
	                          "/gone' from='romeo@a.example/orchard'>" BODY
	                          "<x xmlns='urn:x' y='1'>&lt;</x><delay xmlns='" NS_DELAY
	                          "' from='a.example'/></message>");
	uid = stamped(w, m, BARE);
	answer(juliet, expect_ping(juliet));
	a = look(juliet, "");
	ck_assert_uint_eq(a->n, 1);
	ck_assert_str_eq(a->all[0].uid, uid);
	client_close(&juliet);
	expect_empty();
	end();
}
END_TEST

START_TEST(limits_are_those_of_the_messages_wherever_they_stand)
{
	struct client *juliet;
	const char *text;

	begin("offline { max-bytes = \"2 KiB\" }");
	text = memset(arena_zalloc(w->arena, 901), 'x', 900);
	for (int i = 0; i < 3; i++) /* for m2 there is no room, but in the archive */
		client_printf(romeo,
		              "<message id='m%d' type='chat' to='" BARE
		              "'><body>%s</body></message>",
		              i * 2, i == 2 ? "hi" : text);
	settle();
	client_drop(&romeo);
	world_restart(w); /* they are counted anew */
	romeo = client_login(w, "romeo@a.example/orchard");
	client_printf(romeo,
	              "<message id='m5' type='chat' to='" BARE "'><body>%s</body></message>",
	              text);
	settle();
	juliet = client_login(w, JULIET);
	ck_assert_uint_eq(look(juliet, "")->n, 4);
	expect_ping(juliet);
	client_drop(&juliet);
	juliet = online("other", 0);
	client_expect(juliet, "<message id='m0'/>");
	client_expect(juliet, "<message id='m4'/>");
	answer(juliet, expect_ping(juliet));
	client_settle(juliet);
	client_drop(&juliet);
	end();
}
END_TEST

/* ---- what the archive has no more ---- */

static int erase(struct event *ev, void *arg)
{
	struct mod *m = host_module(ev->host, &mod_mam);
	struct mam_entity *own = mod_entity_state(m, ev->entity);
	const uint64_t *id = arg;
	struct archive_record record;
	int err = archive_find(ev, *id, &record);

	return err < 0 ? err : archive_erase(ev, &own->archive, &record);
}

static void retract_message(const char *id)
{
	client_printf(romeo,
	              "<message id='r-%s' type='chat' to='" BARE "'><retract xmlns='" NS_RETRACT
	              "' id='%s'/></message>",
	              id, id);
	settle();
}

START_TEST(what_was_retracted_or_erased_is_not_handed_out)
{
	struct client *juliet;
	uint64_t ids[8];

	begin(NULL);
	say(0, 4);
	settle();
	ck_assert_uint_eq(ids_of_box(ids), 4);
	ck_assert_int_eq(at_account(w, BARE, erase, &ids[1]), 0);
	retract_message("m2");
	juliet = online("balcony", 0);
	expect_stored(juliet, 0, 1);
	expect_stored(juliet, 3, 4);
	client_expect(juliet,
	              "<message id='r-m2'><retract xmlns='" NS_RETRACT "' id='m2'/></message>");
	answer(juliet, expect_ping(juliet));
	client_settle(juliet);
	client_close(&juliet);
	ck_assert_uint_eq(ids_of_box(ids), 0);
	end();
}
END_TEST

START_TEST(where_nothing_is_left_nobody_is_asked)
{
	struct client *juliet;
	uint64_t ids[8];

	begin(NULL);
	say(0, 1);
	settle();
	ck_assert_uint_eq(ids_of_box(ids), 1);
	ck_assert_int_eq(at_account(w, BARE, erase, &ids[0]), 0);
	juliet = online("balcony", 0);
	client_settle(juliet);
	ck_assert_uint_eq(ids_of_box(ids), 0);
	client_drop(&juliet);
	end();
}
END_TEST

START_TEST(nor_is_it_counted_listed_or_viewed)
{
	const struct xml_node *iq, *item = NULL;
	struct client *juliet;
	uint64_t ids[8];
	const char *nodes[3];
	size_t n = 0;

	begin(NULL);
	say(0, 3);
	settle();
	ck_assert_uint_eq(ids_of_box(ids), 3);
	ck_assert_int_eq(at_account(w, BARE, erase, &ids[0]), 0);
	juliet = client_login(w, JULIET);
	ask_result(juliet, "get", "", INFO,
	           "<query xmlns='" NS_DISCO_INFO "'><x xmlns='" NS_DATA_FORM
	           "'><field var='number_of_messages'><value>2</value></field></x></query>");
	iq = ask(juliet, "get", "", LIST);
	while ((item = xml_next_child(xml_only_child(iq), item)) != NULL)
		nodes[n++] = arena_copy(w->arena, xml_attr(item, "node")).p;
	ck_assert_uint_eq(n, 2);
	ck_assert_int_eq(at_account(w, BARE, erase, &ids[2]), 0);
	iq = ask(juliet, "get", "",
	         arena_printf(w->arena,
	                      OFFLINE("<item action='view' node='%s'/>"
	                              "<item action='view' node='%s'/>"),
	                      nodes[0], nodes[1])
	                 .p);
	ck_assert(
		client_matches(w->arena, iq,
	                       "<iq type='error'><error><item-not-found xmlns='" NS_STANZA_ERROR
	                       "'/></error></iq>"));
	client_printf(juliet, "<iq type='get' id='f'>" OFFLINE("<fetch/>") "</iq>");
	client_expectf(juliet,
	               "<message id='m1'>" OFFLINE(
			       "<item node='%s'/>") "<delay xmlns='" NS_DELAY "'/></message>",
	               nodes[0]);
	client_expect(juliet, "<iq type='result' id='f'/>");
	client_drop(&juliet);
	end();
}
END_TEST

START_TEST(without_the_archive_they_wait_until_it_is_back)
{
	struct client *juliet;

	begin(NULL);
	say(0, 2);
	whisper(2);
	settle();
	client_drop(&romeo);
	world_stop(w);
	world_configure(w, &(struct world_options){ .modules = modules_builtin,
	                                            .host = "without = { \"mam\" }\n" });
	ck_assert_int_eq(world_start(w), 0);
	juliet = online("balcony", 0);
	take(juliet, 2, 3);
	client_close(&juliet);
	world_stop(w);
	world_configure(w, &(struct world_options){ .modules = modules_builtin });
	ck_assert_int_eq(world_start(w), 0);
	juliet = online("balcony", 0);
	take(juliet, 0, 2);
	client_drop(&juliet);
	world_free(&w);
}
END_TEST

/* ---- who reads the archive ---- */

START_TEST(who_has_read_the_archive_is_handed_nothing_that_is_there)
{
	struct client *juliet;
	const char *id;

	begin(NULL);
	say(0, 2);
	whisper(2);
	say(3, 4);
	settle();
	juliet = client_login(w, JULIET);
	id = fetch(juliet, ALL, 3);
	be_available(juliet);
	expect_stored(juliet, 2, 3);
	answer(juliet, expect_ping(juliet));
	client_settle(juliet);
	answer(juliet, id);
	client_settle(juliet);
	client_close(&juliet);
	expect_empty();
	end();
}
END_TEST

START_TEST(what_its_page_did_not_prove_to_have_brought_goes_to_the_next_client)
{
	struct client *juliet;

	begin(NULL);
	say(0, 3);
	settle();
	juliet = client_login(w, JULIET);
	fetch(juliet, ALL, 3);
	be_available(juliet);
	client_settle(juliet);
	client_close(&juliet); /* without an answer */
	juliet = online("plain", 0);
	take(juliet, 0, 3);
	client_drop(&juliet);
	end();
}
END_TEST

START_TEST(what_came_behind_the_end_that_it_read_is_handed_out)
{
	struct client *juliet;

	begin(NULL);
	say(0, 2);
	settle();
	juliet = client_login(w, JULIET);
	answer(juliet, fetch(juliet, ALL, 2));
	say(2, 4);
	settle();
	be_available(juliet);
	take(juliet, 2, 4);
	client_close(&juliet);
	expect_empty();
	end();
}
END_TEST

START_TEST(an_archive_that_was_empty_is_read_to_its_end_too)
{
	struct client *juliet;

	begin(NULL);
	juliet = client_login(w, JULIET);
	ck_assert_uint_eq(look(juliet, ALL)->n, 0);
	say(0, 1);
	settle();
	be_available(juliet);
	take(juliet, 0, 1);
	client_drop(&juliet);
	end();
}
END_TEST

START_TEST(who_has_not_come_to_the_end_goes_on_reading_and_gets_what_comes)
{
	struct client *juliet;
	const char *id;
	struct answer *a;

	begin(NULL);
	say(0, 3);
	settle();
	juliet = client_login(w, JULIET);
	a = look(juliet, RSM("<max>2</max>"));
	id = expect_ping(juliet);
	be_available(juliet);
	client_settle(juliet);
	answer(juliet, id);
	say(3, 4);
	expect_live(juliet, 3);
	a = lookf(juliet, RSM("<max>2</max><after>%s</after>"), a->last);
	ck_assert_uint_eq(a->n, 2);
	answer(juliet, expect_ping(juliet));
	client_settle(juliet);
	client_close(&juliet);
	expect_empty();
	end();
}
END_TEST

START_TEST(pages_from_the_end_leave_what_is_older_to_others)
{
	struct client *juliet;

	begin(NULL);
	say(0, 5);
	settle();
	juliet = client_login(w, JULIET);
	answer(juliet, fetch(juliet, LATEST("2"), 2));
	be_available(juliet);
	client_settle(juliet);
	client_close(&juliet);
	juliet = online("plain", 0);
	take(juliet, 0, 3);
	client_drop(&juliet);
	end();
}
END_TEST

START_TEST(who_reads_but_a_conversation_is_handed_all)
{
	struct client *juliet;

	begin(NULL);
	say(0, 2);
	settle();
	juliet = client_login(w, JULIET);
	ck_assert_uint_eq(look(juliet, FORM(FIELD("with", "romeo@a.example")))->n, 2);
	ck_assert_uint_eq(look(juliet, FORM(FIELD("{" NS_FULLTEXT "}fulltext", "hi")))->n, 2);
	ck_assert_uint_eq(look(juliet, RSM("<max>0</max>"))->n, 0);
	be_available(juliet);
	take(juliet, 0, 2);
	client_drop(&juliet);
	end();
}
END_TEST

START_TEST(who_is_available_first_gets_them_with_the_ids_that_the_archive_tells)
{
	struct client *juliet;
	struct answer *a;
	const char *uid, *id;

	begin(NULL);
	say(0, 1);
	settle();
	juliet = online("balcony", 0);
	uid = stamped(w, client_expect(juliet, "<message id='m0'/>"), BARE);
	id = expect_ping(juliet);
	a = look(juliet, ALL);
	ck_assert_str_eq(a->all[0].uid, uid);
	answer(juliet, expect_ping(juliet));
	answer(juliet, id);
	client_settle(juliet);
	client_close(&juliet);
	expect_empty();
	end();
}
END_TEST

START_TEST(what_nobody_may_prove_is_no_proof)
{
	struct client *juliet;

	begin(NULL);
	whisper(0);
	say(1, 2);
	settle();
	juliet = client_login(w, JULIET);
	client_send(juliet,
	            "<iq type='result' id='offline-page-' to='a.example'/>"
	            "<iq type='result' id='offline-page-x-1' to='a.example'/>"
	            "<iq type='result' id='offline-page-1-' to='a.example'/>"
	            "<iq type='result' id='offline-page-0-99999999999999999999' "
	            "to='a.example'/><iq type='result' id='offline-page-5-1' to='a.example'/>");
	/* Romeo speaks of his own box alone */
	answer(romeo, "offline-page-0-18446744073709551615");
	client_settle(juliet);
	be_available(juliet);
	take(juliet, 0, 2);
	client_drop(&juliet);
	end();
}
END_TEST

START_TEST(a_plain_client_beside_it_is_handed_what_is_left)
{
	struct client *reader, *plain;

	begin(NULL);
	say(0, 4);
	settle();
	reader = client_login(w, BARE "/reader");
	answer(reader, fetch(reader, RSM("<max>2</max>"), 2));
	be_available(reader);
	client_settle(reader);
	plain = online("plain", 0);
	client_expect(plain, "<presence from='" BARE "/reader'/>");
	expect_stored(plain, 2, 4);
	client_expect(reader, "<presence from='" BARE "/plain'/>");
	answer(plain, expect_ping(plain));
	client_settle(plain);
	client_drop(&plain);
	client_drop(&reader);
	settle();
	expect_empty();
	end();
}
END_TEST

START_TEST(when_a_plain_client_goes_without_an_answer_the_reader_is_spared)
{
	struct client *reader, *plain;

	begin(NULL);
	say(0, 2);
	settle();
	reader = client_login(w, BARE "/reader");
	fetch(reader, ALL, 2);
	client_send(reader, "<presence id='p'/>");
	client_expect(reader, "<presence id='p'/>");
	plain = online("plain", 0);
	client_expect(plain, "<presence from='" BARE "/reader'/>");
	expect_stored(plain, 0, 2);
	client_drop(&plain);
	client_expect(reader, "<presence from='" BARE "/plain'/>");
	client_expect(reader, "<presence type='unavailable' from='" BARE "/plain'/>");
	client_settle(reader);
	client_close(&reader);
	plain = online("plain", 0);
	take(plain, 0, 2);
	client_drop(&plain);
	end();
}
END_TEST

START_TEST(a_session_that_reads_does_so_after_a_restart)
{
	struct client *juliet;
	const char *stream, *id;
	unsigned has;

	begin(NULL);
	say(0, 2);
	settle();
	juliet = client_login(w, JULIET);
	stream = client_manage(juliet, "");
	id = fetch(juliet, ALL, 2);
	has = juliet->stanzas;
	client_drop(&juliet);
	client_drop(&romeo);
	world_restart(w);
	romeo = client_login(w, "romeo@a.example/orchard");
	say(2, 3);
	settle();
	juliet = client_resume(w, JULIET, stream, has);
	be_available(juliet);
	expect_stored(juliet, 2, 3);
	client_settle(juliet);
	answer(juliet, id); /* which tells still what it has */
	client_settle(juliet);
	client_printf(juliet, "<a xmlns='" NS_SM "' h='%u'/>", juliet->stanzas);
	client_close(&juliet);
	settle();
	expect_empty();
	end();
}
END_TEST

/* ---- databases of version 1 ---- */

static const struct store_space space_1 = { .name = "offline", .version = 1 };
static const struct mod_def mod_1 = {
	.abi = MOD_ABI,
	.name = "offline",
	.summary = "what the module of version 1 wrote",
	.spaces = MOD_SPACES(&space_1),
};

static struct str key_of(struct arena *arena, uint64_t number)
{
	struct store_key key;

	key_init(&key);
	key_u64(&key, number);
	return arena_copy(arena, key_str(&key));
}

static int write_version_1(struct event *ev, void *arg)
{
	struct record_writer rec;

	for (uint64_t i = 5; i < 7; i++) {
		record_begin(&rec, 1);
		record_put_i64(&rec, INT64_C(1000000000000));
		record_put_str(&rec, STR("romeo@a.example/orchard"));
		record_put_str(&rec, arena_printf(ev->arena,
		                                  "<message xmlns='jabber:client' id='m%d' "
		                                  "type='chat' from='romeo@a.example/orchard' "
		                                  "to='" BARE "'>" BODY "</message>",
		                                  (int)i));
		event_put(ev, &space_1, key_of(ev->arena, i), record_finish(&rec, ev->arena));
	}
	record_begin(&rec, 1);
	record_put_u64(&rec, 9);
	event_put(ev, &space_1, STR(""), record_finish(&rec, ev->arena));
	return 0;
}

static int note_last(void *arg, const struct offline_record *record)
{
	*(uint64_t *)arg = record->number;
	return 0;
}

static int read_last(struct event *ev, void *arg)
{
	return box_scan(ev, 1, note_last, arg);
}

START_TEST(what_version_1_stored_is_handed_out_and_numbers_go_on)
{
	static const struct mod_def *const old[] = { &mod_1, NULL };
	struct client *juliet;
	uint64_t last = 0;

	w = world_new(&(struct world_options){ .modules = old });
	world_account(w, "romeo@a.example", "secret");
	world_account(w, BARE, "secret");
	ck_assert_int_eq(at_account(w, BARE, write_version_1, NULL), 0);
	world_stop(w);
	w->options.modules = modules_builtin;
	ck_assert_int_eq(world_start(w), 0);
	romeo = client_login(w, "romeo@a.example/orchard");
	say(7, 8);
	settle();
	ck_assert_int_eq(at_account(w, BARE, read_last, &last), 0);
	ck_assert_uint_eq(last, 9);
	juliet = online("balcony", 0);
	client_expect(juliet, "<message id='m5'>" BODY "<delay xmlns='" NS_DELAY
	                      "' stamp='2001-09-09T01:46:40.000Z'/></message>");
	take(juliet, 6, 8);
	client_drop(&juliet);
	end();
}
END_TEST

CHECK_MAIN("offline_archive",
           an_archived_message_is_stored_as_a_reference_and_others_as_they_are,
           it_comes_as_it_was_with_its_id_and_its_delay_after_a_restart_too,
           limits_are_those_of_the_messages_wherever_they_stand,
           what_was_retracted_or_erased_is_not_handed_out,
           where_nothing_is_left_nobody_is_asked, nor_is_it_counted_listed_or_viewed,
           without_the_archive_they_wait_until_it_is_back,
           who_has_read_the_archive_is_handed_nothing_that_is_there,
           what_its_page_did_not_prove_to_have_brought_goes_to_the_next_client,
           what_came_behind_the_end_that_it_read_is_handed_out,
           an_archive_that_was_empty_is_read_to_its_end_too,
           who_has_not_come_to_the_end_goes_on_reading_and_gets_what_comes,
           pages_from_the_end_leave_what_is_older_to_others,
           who_reads_but_a_conversation_is_handed_all,
           who_is_available_first_gets_them_with_the_ids_that_the_archive_tells,
           what_nobody_may_prove_is_no_proof, a_plain_client_beside_it_is_handed_what_is_left,
           when_a_plain_client_goes_without_an_answer_the_reader_is_spared,
           a_session_that_reads_does_so_after_a_restart,
           what_version_1_stored_is_handed_out_and_numbers_go_on)
