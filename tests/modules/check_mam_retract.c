/*
 * check_mam_retract.c - retracted messages leave a tombstone (XEP-0424 §5, §6).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/lovers.h"

#define RETRACT(id) "<retract xmlns='" NS_RETRACT "' id='" id "'/>"
#define ORIGIN(id) "<origin-id xmlns='" NS_STANZA_ID "' id='" id "'/>"
#define ROOM "<x xmlns='" NS_MUC_USER "'/>"
#define TOMBSTONE(id) "<retracted xmlns='" NS_RETRACT "' id='" id "' stamp='*'/>"

static void say(struct client *from, struct client *to, const char *id, const char *content)
{
	client_printf(from, "<message to='%s' type='chat' id='%s'>%s</message>", to->jid, id,
	              content);
	client_expectf(to, "<message id='%s'/>", id);
}

/* The message numbered I in the archive of C was retracted by BY; NULL: it was not. */
static void expect_retracted(struct client *c, size_t i, const char *by)
{
	struct answer *a = look(c, "");
	const struct xml_node *message, *child;

	ck_assert_uint_lt(i, a->n);
	message = a->all[i].message;
	child = xml_child(message, NS_RETRACT, "retracted");
	if (by == NULL) {
		ck_assert_ptr_null(child);
		ck_assert_str_ne(a->all[i].body, "");
		return;
	}
	ck_assert_ptr_nonnull(child);
	ck_assert_ptr_eq(xml_only_child(message), child); /* nothing else is left */
	ck_assert(str_is(xml_attr(child, "id"), by));
	ck_assert(!str_is_absent(xml_attr(child, "stamp")));
}

START_TEST(nothing_is_left_of_it_but_that_it_was)
{
	struct answer *before, *after;

	begin(NULL);
	say(romeo, juliet, "m0", BODY("keep"));
	say(romeo, juliet, "m1", BODY("secret") "<subject>secret</subject>");
	before = look(juliet, "");
	say(romeo, juliet, "r1", RETRACT("m1") BODY("/me retracted"));
	for (int i = 0; i < 2; i++) {
		struct client *c = i == 0 ? romeo : juliet;

		expect_retracted(c, 0, NULL);
		expect_retracted(c, 1, "r1");
		expect_retracted(c, 2, NULL);
	}
	after = look(juliet, "");
	ck_assert_uint_eq(after->n, 3);
	ck_assert_str_eq(after->all[1].uid, before->all[1].uid);
	ck_assert_str_eq(after->all[1].stamp, before->all[1].stamp);
	ck_assert(
		client_matches(w->arena, after->all[1].message,
	                       "<message from='" ROMEO "/orchard' to='" JULIET
	                       "/balcony' type='chat' id='m1'>" TOMBSTONE("r1") "</message>"));
	/* the conversation has it where it was */
	ck_assert_uint_eq(look(juliet, FORM(FIELD("with", ROMEO)))->n, 3);
	end();
}
END_TEST

START_TEST(it_is_gone_after_a_restart_too)
{
	begin(NULL);
	say(romeo, juliet, "m1", BODY("secret"));
	say(romeo, juliet, "r1", RETRACT("m1"));
	client_drop(&romeo);
	client_drop(&juliet);
	world_restart(w);
	romeo = client_online(w, ROMEO "/orchard", 0);
	juliet = client_online(w, JULIET "/balcony", 0);
	expect_retracted(romeo, 0, "r1");
	expect_retracted(juliet, 0, "r1");
	end();
}
END_TEST

START_TEST(only_who_said_it_retracts_it)
{
	begin(NULL);
	say(romeo, juliet, "m1", BODY("mine"));
	say(juliet, romeo, "r1", RETRACT("m1"));
	expect_retracted(romeo, 0, NULL);
	expect_retracted(juliet, 0, NULL);
	/* nor does a third */
	world_account(w, "nurse@a.example", "x");
	client_drop(&juliet);
	juliet = client_online(w, "nurse@a.example/n", 0);
	say(juliet, romeo, "r2", RETRACT("m1"));
	expect_retracted(romeo, 0, NULL);
	/* another device of the same user does */
	client_drop(&romeo);
	romeo = client_online(w, ROMEO "/garden", 0);
	client_drop(&juliet);
	juliet = client_online(w, JULIET "/balcony", 0);
	say(romeo, juliet, "r3", RETRACT("m1"));
	expect_retracted(romeo, 0, "r3");
	expect_retracted(juliet, 0, "r3");
	end();
}
END_TEST

START_TEST(two_sides_may_use_the_same_id)
{
	begin(NULL);
	say(romeo, juliet, "1", BODY("romeo's"));
	say(juliet, romeo, "1", BODY("juliet's"));
	say(romeo, juliet, "r", RETRACT("1"));
	for (int i = 0; i < 2; i++) {
		expect_retracted(i == 0 ? romeo : juliet, 0, "r");
		expect_retracted(i == 0 ? romeo : juliet, 1, NULL);
	}
	end();
}
END_TEST

START_TEST(an_origin_id_names_it_as_well)
{
	begin(NULL);
	say(romeo, juliet, "m1", BODY("secret") ORIGIN("o1"));
	say(romeo, juliet, "r1", RETRACT("o1"));
	expect_retracted(romeo, 0, "r1");
	expect_retracted(juliet, 0, "r1");
	end();
}
END_TEST

START_TEST(what_names_nothing_retracts_nothing)
{
	begin(NULL);
	say(romeo, juliet, "m1", BODY("b"));
	say(romeo, juliet, "r1", RETRACT("m2"));
	say(romeo, juliet, "r2", RETRACT(""));
	say(romeo, juliet, "r3", "<retract xmlns='" NS_RETRACT "'/>");
	say(romeo, juliet, "r4",
	    "<retract xmlns='urn:xmpp:message-retract:0' id='m1'/>" BODY("b"));
	/* without an id a client could not find the retraction to the tombstone */
	client_printf(romeo, "<message to='%s' type='chat'>" RETRACT("m1") "</message>",
	              juliet->jid);
	client_expect(juliet, "<message id='-'/>");
	ck_assert_uint_eq(look(romeo, "")->n, 6);
	expect_retracted(romeo, 0, NULL);
	expect_retracted(juliet, 0, NULL);
	end();
}
END_TEST

START_TEST(a_retraction_is_not_retracted_and_a_tombstone_stays_the_first)
{
	begin(NULL);
	say(romeo, juliet, "m1", BODY("secret"));
	say(romeo, juliet, "r1", RETRACT("m1") BODY("r"));
	say(romeo, juliet, "r2", RETRACT("m1") BODY("r"));
	say(romeo, juliet, "r3", RETRACT("r1") BODY("r"));
	expect_retracted(juliet, 0, "r1");
	expect_retracted(juliet, 1, NULL);
	end();
}
END_TEST

START_TEST(in_a_room_the_occupant_counts)
{
	begin(NULL);
	say(romeo, juliet, "m1", BODY("from the occupant orchard") ROOM);
	client_drop(&romeo);
	romeo = client_online(w, ROMEO "/garden", 0);
	say(romeo, juliet, "r1", RETRACT("m1"));
	expect_retracted(juliet, 0, NULL);
	/* what the account itself sent is told by whom it went to */
	expect_retracted(romeo, 0, "r1");
	client_drop(&romeo);
	romeo = client_online(w, ROMEO "/orchard", 0);
	say(romeo, juliet, "r2", RETRACT("m1"));
	expect_retracted(juliet, 0, "r2");
	end();
}
END_TEST

START_TEST(of_what_is_said_to_oneself_too)
{
	begin(NULL);
	say(romeo, romeo, "m1", BODY("secret"));
	say(romeo, romeo, "r1", RETRACT("m1"));
	ck_assert_uint_eq(look(romeo, "")->n, 2);
	expect_retracted(romeo, 0, "r1");
	end();
}
END_TEST

START_TEST(what_lies_far_back_stays)
{
	begin(NULL);
	say(romeo, juliet, "old", BODY("b"));
	for (int i = 0; i < 999; i++)
		client_printf(romeo, "<message to='%s' type='chat'>" BODY("b") "</message>",
		              juliet->jid);
	for (int i = 0; i < 999; i++)
		client_next(juliet);
	say(romeo, juliet, "r1", RETRACT("old"));
	expect_retracted(juliet, 0, NULL);
	say(juliet, romeo, "near", BODY("b"));
	say(juliet, romeo, "r2", RETRACT("near"));
	ck_assert_str_eq(look(juliet, RSM("<max>2</max><before/>"))->all[0].body, "");
	end();
}
END_TEST

START_TEST(who_retracts_too_much_retracts_in_vain)
{
	begin(NULL);
	for (int i = 0; i < 30; i++) {
		client_printf(romeo,
		              "<message to='%s' type='chat' id='m%d'>" BODY("b") "</message>",
		              juliet->jid, i);
		client_printf(
			romeo,
			"<message to='%s' type='chat' id='r%d'><retract xmlns='" NS_RETRACT
			"' id='m%d'/>" BODY("r") "</message>",
			juliet->jid, i, i);
	}
	for (int i = 0; i < 60; i++)
		client_next(juliet);
	for (int i = 0; i < 2; i++) {
		struct answer *a = look(i == 0 ? romeo : juliet, "");
		size_t gone = 0;

		ck_assert_uint_eq(a->n, 60);
		for (size_t k = 0; k < a->n; k++)
			gone += a->all[k].body[0] == '\0';
		ck_assert_uint_ge(gone, 20);
		ck_assert_uint_lt(gone, 30);
	}
	end();
}
END_TEST

CHECK_MAIN("mam_retract", nothing_is_left_of_it_but_that_it_was, it_is_gone_after_a_restart_too,
           only_who_said_it_retracts_it, two_sides_may_use_the_same_id,
           an_origin_id_names_it_as_well, what_names_nothing_retracts_nothing,
           a_retraction_is_not_retracted_and_a_tombstone_stays_the_first,
           in_a_room_the_occupant_counts, of_what_is_said_to_oneself_too,
           what_lies_far_back_stays, who_retracts_too_much_retracts_in_vain)
