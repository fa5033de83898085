/*
 * check_mam_room.c - the archive of a room: what is kept, what is given to who enters, tombstones, and
 * what goes.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/mam/private.h"
#include "server/core/visit.h"
#include "tests/lib/at_account.h"
#include "tests/modules/chat.h"

#include <unistd.h>

#define DAY HOURS(24)

/* ---- asking the room ---- */

/* The bodies of the latest, each with a space behind it. */
static const char *latest_of(struct client *c, unsigned limit, int64_t since)
{
	const struct xml_node *iq, *n = NULL, *latest;
	struct str all = STR("");

	iq = ask(c, "get", ROOM,
	         arena_printf(w->arena, "<latest xmlns='" NS_CHAT "' limit='%u' since='%lld'/>",
	                      limit, (long long)since)
	                 .p);
	latest = xml_child(iq, NS_CHAT, "latest");
	ck_assert_ptr_nonnull(latest);
	while ((n = xml_next_child(latest, n)) != NULL) {
		ck_assert_ptr_nonnull(stamped(w, n, ROOM));
		all = arena_printf(w->arena, STR_FMT STR_FMT " ", STR_ARG(all),
		                   STR_ARG(xml_child_text(w->arena, n, "body")));
	}
	return arena_cstr(w->arena, all);
}

static void bury_result(struct client *c, const char *uid)
{
	ask_result(c, "set", ROOM,
	           arena_printf(w->arena, "<bury xmlns='" NS_CHAT "' uid='%s'/>", uid).p, "");
}

static void bury_error(struct client *c, const char *uid, const char *condition)
{
	ask_error(c, "set", ROOM,
	          arena_printf(w->arena, "<bury xmlns='" NS_CHAT "' uid='%s'/>", uid).p,
	          condition);
}

#define DISSOLVE "<dissolve xmlns='" NS_CHAT "'/>"

/* ---- keeping ---- */

START_TEST(what_is_said_is_kept_once_in_the_room_and_in_no_account)
{
	const char *uid;
	struct answer *a;

	begin_with(&mod_chat, NULL);
	uid = say(juliet, "Tis but thy name");
	a = look_at(romeo, ROOM, "");
	ck_assert_uint_eq(a->n, 1);
	ck_assert_str_eq(a->all[0].uid, uid);
	ck_assert_str_eq(a->all[0].body, "Tis but thy name");
	ck_assert(a->complete);
	/* XEP-0313 §6.1.2 */
	ck_assert(client_matches(w->arena, a->all[0].message,
	                         "<message from='" ROOM
	                         "/juliet' to='-' type='groupchat' id='said'/>"));
	ck_assert_uint_eq(look(juliet, "")->n, 0);
	ck_assert_uint_eq(look(romeo, "")->n, 0);
	restart();
	ck_assert_str_eq(look_at(juliet, ROOM, "")->all[0].uid, uid);
	end();
}
END_TEST

START_TEST(no_other_id_of_the_room_gets_through)
{
	const struct xml_node *n;
	const char *uid;

	begin_with(&mod_chat, NULL);
	client_send(juliet,
	            "<message type='groupchat' to='" ROOM "'><body>x</body>"
	            "<stanza-id xmlns='" NS_STANZA_ID "' by='" ROOM "' id='false1'/>"
	            "<stanza-id xmlns='" NS_STANZA_ID "' by='chat.a.example' id='false2'/>"
	            "<stanza-id xmlns='" NS_STANZA_ID "' by='other@chat.a.example' id='other'/>"
	            "</message>");
	n = client_expect(juliet, "<message/>");
	ck_assert_str_eq(stamped(w, n, "other@chat.a.example"), "other");
	ck_assert_ptr_null(stamped(w, n, "chat.a.example"));
	uid = stamped(w, n, ROOM); /* and there are not two */
	ck_assert_str_eq(look_at(juliet, ROOM, "")->all[0].uid, uid);
	end();
}
END_TEST

START_TEST(what_is_no_part_of_the_conversation_is_not_kept)
{
	static const char *const not_kept[] = {
		"<composing xmlns='http://jabber.org/protocol/chatstates'/>",
		BODY("x") HINT("no-store"),
		"<thread>t</thread>",
	};
	static const char *const kept[] = {
		"<subject>s</subject>",
		"<subject/>",
		"<retract xmlns='" NS_RETRACT "' id='x'/>",
		BODY("x"),
	};

	begin_with(&mod_chat, NULL);
	for (size_t i = 0; i < ARRAY_LEN(not_kept); i++)
		ck_assert_ptr_null(say_xml(juliet, not_kept[i]));
	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		ck_assert_ptr_nonnull(say_xml(juliet, kept[i]));
	ck_assert_uint_eq(look_at(juliet, ROOM, "")->n, ARRAY_LEN(kept));
	/* to somebody else a subject is no message */
	client_send(juliet,
	            "<message type='chat' to='" ROMEO "'><subject>s</subject></message>");
	client_expect(romeo, "<message/>");
	ck_assert_uint_eq(look(juliet, "")->n, 0);
	end();
}
END_TEST

START_TEST(without_the_archive_rooms_do_without)
{
	begin_with(&mod_chat, "without = { \"mam\" }");
	ck_assert_ptr_null(say(juliet, "x"));
	ask_error(juliet, "set", ROOM, QUERY(""), "service-unavailable");
	ck_assert_str_eq(latest_of(juliet, 10, 0), "");
	bury_error(juliet, "0123456789abcdef", "item-not-found");
	ask_result(juliet, "set", ROOM, "<trim xmlns='" NS_CHAT "' keep='0'/>", "");
	end();
}
END_TEST

START_TEST(what_the_disk_does_not_take_is_not_said)
{
	const char *first;

	begin_with(&mod_chat, NULL);
	first = say(juliet, "first");
	world_fill_disk(w, true);
	client_printf(juliet,
	              "<message type='groupchat' to='" ROOM "' id='big'><body>%0200000d</body>"
	              "</message>",
	              1);
	client_expect(juliet, "<message type='error' id='big'><error><resource-constraint "
	                      "xmlns='" NS_STANZA_ERROR "'/></error></message>");
	world_fill_disk(w, false);
	ck_assert_str_eq(said(romeo, ""), "first ");
	ck_assert_str_ne(say(juliet, "second"), first);
	ck_assert_str_eq(said(romeo, ""), "first second ");
	end();
}
END_TEST

START_TEST(the_archive_goes_with_its_room)
{
	const char *uid;

	begin_with(&mod_chat, NULL);
	uid = say(juliet, "secret");
	ask_result(romeo, "set", ROOM, DISSOLVE, "");
	ask_error(romeo, "set", ROOM, QUERY(""), "service-unavailable");
	ck_assert_ptr_nonnull(say(romeo, "another"));
	ck_assert_str_eq(said(juliet, ""), "another ");
	ck_assert_str_eq(latest_of(juliet, 10, 0), "another ");
	bury_error(juliet, uid, "item-not-found");
	restart();
	ck_assert_str_eq(said(juliet, ""), "another ");
	end();
}
END_TEST

/* ---- the latest ---- */

START_TEST(the_latest_come_with_the_newest_first)
{
	begin_with(&mod_chat, NULL);
	say_all(juliet, 5);
	ck_assert_str_eq(latest_of(romeo, 3, 0), "4 3 2 ");
	ck_assert_str_eq(latest_of(romeo, 100, 0), "4 3 2 1 0 ");
	ck_assert_str_eq(latest_of(romeo, 0, 0), "");
	restart();
	ck_assert_str_eq(latest_of(romeo, 2, 0), "4 3 ");
	say_xml(romeo, BODY("ends") "<end xmlns='" NS_CHAT "'/>");
	say(romeo, "5");
	ck_assert_str_eq(latest_of(romeo, 100, 0), "5 ends ");
	end();
}
END_TEST

START_TEST(the_latest_are_none_that_is_too_old)
{
	int64_t since;

	begin_with(&mod_chat, NULL);
	say_all(juliet, 3);
	usleep(3000);
	ck_assert_int_eq(
		datetime_parse(str_of(look_at(juliet, ROOM, "")->all[2].stamp), &since), 0);
	say(juliet, "new");
	ck_assert_str_eq(latest_of(romeo, 100, since + 1), "new ");
	ck_assert_str_eq(latest_of(romeo, 100, since + DAY), "");
	end();
}
END_TEST

START_TEST(what_was_retracted_is_not_among_the_latest)
{
	const char *uid;

	begin_with(&mod_chat, NULL);
	say(juliet, "0");
	uid = say(juliet, "1");
	say_xml(juliet, BODY("retracted") "<retract xmlns='" NS_RETRACT "' id='x'/>");
	bury_result(juliet, uid);
	ck_assert_str_eq(latest_of(romeo, 100, 0), "retracted 0 ");
	ck_assert_str_eq(latest_of(romeo, 2, 0), "retracted "); /* it counts */
	end();
}
END_TEST

/* ---- tombstones ---- */

START_TEST(of_what_is_buried_a_tombstone_is_left)
{
	const char *uid, *other;
	struct answer *a;

	begin_with(&mod_chat, NULL);
	uid = say(juliet, "shame");
	other = say(juliet, "fame");
	bury_result(romeo, uid);
	bury_error(romeo, uid, "item-not-found");
	bury_error(romeo, "0123456789abcdef", "item-not-found");
	bury_error(romeo, "no uid", "item-not-found");
	for (int i = 0; i < 2; i++) {
		a = look_at(juliet, ROOM, "");
		ck_assert_uint_eq(a->n, 2);
		ck_assert_str_eq(a->all[0].uid, uid);
		ck_assert_str_eq(a->all[1].uid, other);
		ck_assert_str_eq(a->all[0].body, "");
		ck_assert(client_matches(w->arena, a->all[0].message,
		                         "<message from='" ROOM
		                         "/juliet' to='-' type='groupchat'>"
		                         "<retracted xmlns='" NS_RETRACT "'/></message>"));
		ck_assert_str_eq(said(romeo, FORM(FIELD("{" NS_FULLTEXT "}fulltext", "shame"))),
		                 "");
		restart();
	}
	end();
}
END_TEST

START_TEST(nobody_buries_for_ever)
{
	const struct xml_node *iq;
	const char *uids[260];

	begin_with(&mod_chat, NULL);
	for (size_t i = 0; i < ARRAY_LEN(uids); i++)
		uids[i] = say(juliet, "x");
	for (size_t i = 0; i < 200; i++)
		bury_result(romeo, uids[i]);
	for (size_t i = 200; i < ARRAY_LEN(uids); i++) {
		iq = ask(romeo, "set", ROOM,
		         arena_printf(w->arena, "<bury xmlns='" NS_CHAT "' uid='%s'/>", uids[i])
		                 .p);
		if (str_is(xml_attr(iq, "type"), "error"))
			break;
		ck_assert_uint_lt(i, ARRAY_LEN(uids) - 1);
	}
	bury_result(juliet, uids[ARRAY_LEN(uids) - 1]); /* others may */
	end();
}
END_TEST

/* ---- what goes ---- */

static size_t count(void)
{
	struct answer *a = look_at(romeo, ROOM, RSM("<max>0</max>"));
	int64_t n = -1;

	ck_assert_int_eq(str_to_i64(str_of(a->count), &n), 0);
	return (size_t)n;
}

/* It may take some seconds: the core looks at one host after the other. */
static void becomes(size_t n)
{
	for (int i = 0; i < 2000 && count() > n; i++)
		usleep(10000);
	usleep(30000);
	ck_assert_uint_eq(count(), n);
}

static void trim(unsigned keep)
{
	ask_result(romeo, "set", ROOM,
	           arena_printf(w->arena, "<trim xmlns='" NS_CHAT "' keep='%u'/>", keep).p, "");
}

START_TEST(a_room_that_does_not_log_keeps_the_latest)
{
	begin_with(&mod_chat, NULL);
	say_all(juliet, 330);
	trim(320); /* that is about as many */
	becomes(330);
	trim(20);
	becomes(20);
	ck_assert_str_eq(latest_of(romeo, 2, 0), "329 328 ");
	say(juliet, "more");
	trim(20);
	becomes(21);
	restart();
	ck_assert_uint_eq(count(), 21);
	trim(0);
	becomes(0);
	ck_assert_ptr_nonnull(say(juliet, "again"));
	ck_assert_str_eq(said(juliet, ""), "again ");
	end();
}
END_TEST

/* As if it had been said so many days ago. */
static int put_old(struct event *ev, void *arg)
{
	struct mam_entity *own = mod_entity_state(host_module(ev->host, &mod_mam), ev->entity);
	struct jid from = world_jid(w, ROOM "/juliet");
	int err = 0;

	for (int64_t days = 300; days > 0 && err == 0; days--) {
		struct stanza *s = stanza_new(ev->arena, STANZA_MESSAGE, TYPE_GROUPCHAT);
		int64_t at = core_wall_ms(ev->core) - days * DAY + HOURS(12);
		uint64_t id;

		s->from = from;
		xml_add_leaf(ev->arena, stanza_node(s), "body", STR("old"));
		err = archive_put_at(ev, &own->archive, s, 0, archive_ms_id(at), &id);
	}
	return err;
}

static int found(struct event *ev, void *arg)
{
	event_found(ev);
	return MOD_HANDLED;
}

static void do_care(struct core *core, struct world_call *call)
{
	care_now(core->care);
	world_answer(call, 0);
}

START_TEST(what_is_too_old_goes_from_a_room_that_nobody_uses)
{
	begin_with(&mod_chat, "mam { keep = \"100 days\" }");
	ck_assert_int_eq(at_account(w, ROOM, found, NULL), MOD_HANDLED);
	ck_assert_int_eq(at_account(w, ROOM, put_old, NULL), 0);
	restart();
	ck_assert_uint_eq(count(), 300);
	ck_assert_int_eq(world_ask(w, 0, do_care, NULL), 0);
	becomes(100);
	end();
}
END_TEST

CHECK_MAIN("mam_room", what_is_said_is_kept_once_in_the_room_and_in_no_account,
           no_other_id_of_the_room_gets_through,
           what_is_no_part_of_the_conversation_is_not_kept,
           without_the_archive_rooms_do_without, what_the_disk_does_not_take_is_not_said,
           the_archive_goes_with_its_room, the_latest_come_with_the_newest_first,
           the_latest_are_none_that_is_too_old, what_was_retracted_is_not_among_the_latest,
           of_what_is_buried_a_tombstone_is_left, nobody_buries_for_ever,
           a_room_that_does_not_log_keeps_the_latest,
           what_is_too_old_goes_from_a_room_that_nobody_uses)
