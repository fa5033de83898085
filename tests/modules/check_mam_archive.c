/*
 * check_mam_archive.c - the records of an archive as other parts of the server use them
 * (modules/mam/archive.h): erased, rewritten, damaged.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/archive.h"

#include "modules/mam/archive.h"
#include "tests/lib/capture.h"

#define ROMEO "romeo@a.example"
#define NS_CLERK "urn:clerk"

/* ---- a module that works on archives ---- */

static int note_key(void *arg, struct str key, struct str value)
{
	return archive_key_id(key, arg);
}

/* The newest message, by records alone. */
static uint64_t newest(struct event *ev, struct archive_record *record_out)
{
	uint64_t id = 0;

	ck_assert_int_eq(
		event_scan_down(ev, &archive_space, STR(""), STR_NONE, 1, note_key, &id), 0);
	ck_assert_int_eq(archive_find(ev, id, record_out), 0);
	return id;
}

static int on_erase(struct mod *m, struct event *ev)
{
	struct archive archive = { 0 }, after = { 0 };
	struct archive_record record;
	uint64_t id = newest(ev, &record);

	ck_assert_int_eq(archive_erase(ev, &archive, &record), 0);
	ck_assert_int_eq(archive_find(ev, id, &record), ERR_NOENT);
	/* what reads the records anew knows still that the id was given */
	ck_assert_int_eq(archive_open(ev, &after), 0);
	ck_assert_uint_eq(after.last, id);
	ck_assert_mem_eq(&after.secret, &archive.secret, sizeof(after.secret));
	return event_result(ev, NULL);
}

static int on_damage(struct mod *m, struct event *ev)
{
	struct str how = xml_attr(ev->payload, "how");
	struct archive_record record;
	struct record_writer w;
	uint64_t id = newest(ev, &record);
	struct str value = STR("\1\0");

	if (str_is(how, "xml")) {
		record_begin(&w, 1);
		record_put_u64(&w, 0);
		record_put_str(&w, STR(ROMEO));
		record_put_str(&w, STR("<message"));
		value = record_finish(&w, ev->arena);
	}
	event_put(ev, &archive_space, archive_key(ev->arena, id), value);
	return event_result(ev, NULL);
}

static const struct mod_iq iqs[] = {
	{ NS_CLERK, "erase", IQ_SET | TO_SELF, on_erase },
	{ NS_CLERK, "damage", IQ_SET | TO_SELF, on_damage },
	{ 0 },
};
static const struct mod_def mod_clerk = { .abi = MOD_ABI, .name = "clerk", .iqs = iqs };

/* ---- tests ---- */

static struct world *w;
static struct client *romeo;

static void begin(void)
{
	w = ask_world_with(&mod_clerk, NULL);
	romeo = client_online(w, ROMEO "/orchard", 0);
	for (int i = 0; i < 3; i++) {
		client_printf(romeo,
		              "<message to='" ROMEO "' type='chat'><body>%d</body></message>",
		              i);
		client_expect(romeo, "<message/>");
	}
}

static void end(void)
{
	client_drop(&romeo);
	world_free(&w);
}

START_TEST(what_is_erased_is_gone_and_its_id_is_not_given_again)
{
	struct answer *before, *after;

	begin();
	before = look(romeo, "");
	ask_result(romeo, "set", "", "<erase xmlns='" NS_CLERK "'/>", "");
	after = look(romeo, "");
	ck_assert_str_eq(bodies(w, after), "0 1 ");
	ck_assert_str_eq(bodies(w, look(romeo, FORM(FIELD("with", ROMEO)))), "0 1 ");
	ck_assert_str_eq(after->last, before->all[1].uid);
	ask_error(romeo, "set", "",
	          arena_printf(w->arena, QUERY(RSM("<after>%s</after>")), before->last).p,
	          "item-not-found");
	client_send(romeo, "<message to='" ROMEO "' type='chat'><body>3</body></message>");
	client_expect(romeo, "<message/>");
	ck_assert_str_eq(bodies(w, look(romeo, "")), "0 1 3 ");
	ck_assert_str_ne(look(romeo, "")->last, before->last);
	end();
}
END_TEST

START_TEST(a_message_that_cannot_be_read_leaves_a_gap)
{
	static const char *const how[] = { "xml", "record" };

	begin();
	for (size_t i = 0; i < ARRAY_LEN(how); i++) {
		struct arena *arena = arena_new(1024);
		struct capture log;
		struct answer *a;

		ask_result(
			romeo, "set", "",
			arena_printf(arena, "<damage xmlns='" NS_CLERK "' how='%s'/>", how[i])
				.p,
			"");
		capture_begin(&log);
		a = look(romeo, "");
		ck_assert_says(capture_end(&log, arena), "not readable");
		/* XEP-0313 §3.2: the id and the time, and no message */
		ck_assert_uint_eq(a->n, 3);
		ck_assert_ptr_null(a->all[2].message);
		ck_assert_str_eq(bodies(w, a), "0 1  ");
		ck_assert_uint_eq(look(romeo, FORM(FIELD("with", ROMEO)))->n, 3);
		a = lookf(romeo, RSM("<before>%s</before>"), a->last);
		ck_assert_str_eq(bodies(w, a), "0 1 ");
		arena_free(&arena);
	}
	end();
}
END_TEST

CHECK_MAIN("mam_archive", what_is_erased_is_gone_and_its_id_is_not_given_again,
           a_message_that_cannot_be_read_leaves_a_gap)
