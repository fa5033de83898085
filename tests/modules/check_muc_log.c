/*
 * check_muc_log.c - what was said in a room: history (XEP-0045 §7.2.13), archive (XEP-0313), and
 * what is taken back (XEP-0424, XEP-0425).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/rooms.h"

#define QUERY "<query xmlns='" NS_MAM "'/>"
#define RESULT "<result xmlns='" NS_MAM "'><forwarded xmlns='" NS_FORWARD "'>"
#define END_RESULT "</forwarded></result>"

static void begin(const char *options)
{
	rooms_begin(options);
	room_make(romeo, "romeo");
	room_enter(juliet, "juliet");
	room_sees(romeo, "juliet");
}

/* Juliet says it, and both have it; the room's id of it. */
static struct str say(const char *id, const char *body)
{
	const struct xml_node *message;

	client_printf(juliet,
	              "<message type='groupchat' id='%s' to='" ROOM
	              "'><body>%s</body></message>",
	              id, body);
	client_expectf(juliet, "<message id='%s'><body>%s</body></message>", id, body);
	message = client_expectf(romeo,
	                         "<message id='%s'><body>%s</body><stanza-id by='" ROOM
	                         "' id='*' xmlns='" NS_STANZA_ID "'/></message>",
	                         id, body);
	return arena_copy(w->arena,
	                  xml_attr(xml_child(message, NS_STANZA_ID, "stanza-id"), "id"));
}

/* Juliet has read a message, and both see it. */
static void mark(struct str uid)
{
	client_printf(juliet,
	              "<message type='groupchat' to='" ROOM
	              "'><displayed xmlns='" NS_CHAT_MARKERS "' id='" STR_FMT "'/></message>",
	              STR_ARG(uid));
	client_expect(juliet, "<message><displayed xmlns='" NS_CHAT_MARKERS "'/></message>");
	client_expect(romeo, "<message><displayed xmlns='" NS_CHAT_MARKERS "'/></message>");
}

static void query(struct client *c)
{
	client_send(c, "<iq type='set' id='q' to='" ROOM "'>" QUERY "</iq>");
}

START_TEST(newcomers_get_the_latest_in_order_with_their_times)
{
	begin(NULL);
	say("m1", "one");
	say("m2", "two");
	say("m3", "three");
	client_send(mercutio, "<presence to='" ROOM "/mercutio'><x xmlns='" NS_MUC
	                      "'><history maxstanzas='2'/></x></presence>");
	for (int i = 0; i < 3; i++)
		client_expect(mercutio, "<presence/>");
	client_expect(mercutio, "<message type='groupchat' id='m2' from='" ROOM "/juliet'>"
	                        "<body>two</body>"
	                        "<delay xmlns='" NS_DELAY "' from='" ROOM "' stamp='*'/>"
	                        "<stanza-id xmlns='" NS_STANZA_ID "'/></message>");
	client_expect(mercutio, "<message id='m3'><body>three</body></message>");
	client_expect(mercutio, "<message><subject/></message>");
	end();
}
END_TEST

START_TEST(that_something_was_read_is_no_history)
{
	struct str uid;

	begin(NULL);
	say("m1", "one");
	uid = say("m2", "two");
	for (int i = 0; i < 30; i++)
		mark(uid);
	client_send(mercutio, "<presence to='" ROOM "/mercutio'><x xmlns='" NS_MUC
	                      "'><history maxstanzas='2'/></x></presence>");
	for (int i = 0; i < 3; i++)
		client_expect(mercutio, "<presence/>");
	client_expect(mercutio, "<message id='m1'><body>one</body></message>");
	client_expect(mercutio, "<message id='m2'><body>two</body></message>");
	client_expect(mercutio, "<message><subject/></message>");
	end();
}
END_TEST

START_TEST(the_archive_shows_addresses_to_moderators_alone)
{
	const struct xml_node *message;
	struct arena *arena = arena_new(256);

	begin(NULL);
	say("m1", "one");
	query(romeo);
	client_expect(romeo, "<message from='" ROOM "'>" RESULT "<message from='" ROOM
	                     "/juliet' to='-' id='m1' xmlns='jabber:client'><body>one</body>"
	                     "<x xmlns='" NS_MUC_USER "'><item jid='" JULIET
	                     "'/></x></message>" END_RESULT "</message>");
	client_expect(romeo, "<iq type='result' id='q'><fin xmlns='" NS_MAM "'/></iq>");
	query(juliet);
	message = client_next(juliet);
	ck_assert(client_matches(arena, message,
	                         "<message>" RESULT "<message id='m1' "
	                         "xmlns='jabber:client'/>" END_RESULT "</message>"));
	ck_assert(!client_matches(arena, message,
	                          "<message>" RESULT
	                          "<message xmlns='jabber:client'><x xmlns='" NS_MUC_USER
	                          "'/></message>" END_RESULT "</message>"));
	client_expect(juliet, "<iq type='result' id='q'/>");
	arena_free(&arena);
	end();
}
END_TEST

START_TEST(a_room_that_is_not_logged_has_its_history_alone)
{
	struct str uid;

	begin("muc {\n\tlogging = false\n}\n");
	uid = say("m1", "one");
	for (int i = 0; i < 30; i++) /* more than its history is long */
		mark(uid);
	ask_error(romeo, "set", ROOM, QUERY, "service-unavailable");
	room_ask(mercutio, "mercutio");
	for (int i = 0; i < 3; i++)
		client_expect(mercutio, "<presence/>");
	client_expect(mercutio, "<message id='m1'><body>one</body></message>");
	client_expect(mercutio, "<message><subject/></message>");
	end();
}
END_TEST

START_TEST(a_moderator_takes_a_message_back_and_a_tombstone_is_left)
{
	struct str uid;

	begin(NULL);
	uid = say("m1", "DM me for free magic potions!");
	client_printf(juliet,
	              "<iq type='set' id='x' to='" ROOM "'><moderate xmlns='" NS_MODERATE
	              "' id='" STR_FMT "'><retract xmlns='" NS_RETRACT "'/></moderate></iq>",
	              STR_ARG(uid));
	client_expect(juliet,
	              "<iq type='error' id='x'><error><forbidden xmlns='" NS_STANZA_ERROR
	              "'/></error></iq>");
	client_printf(romeo,
	              "<iq type='set' id='x' to='" ROOM "'><moderate xmlns='" NS_MODERATE
	              "' id='" STR_FMT "'><retract xmlns='" NS_RETRACT
	              "'/><reason>spam</reason></moderate></iq>",
	              STR_ARG(uid));
	client_expect(romeo, "<iq type='result' id='x'/>");
	client_expectf(juliet,
	               "<message type='groupchat' from='" ROOM
	               "' id='*'><retract xmlns='" NS_RETRACT "' id='" STR_FMT
	               "'><moderated xmlns='" NS_MODERATE "' by='" ROOM
	               "/romeo'><occupant-id xmlns='" NS_OCCUPANT_ID "' id='*'/></moderated>"
	               "<reason>spam</reason></retract></message>",
	               STR_ARG(uid));
	client_expect(romeo, "<message from='" ROOM "'/>");
	query(juliet);
	client_expect(juliet,
	              "<message>" RESULT "<message id='m1' xmlns='jabber:client'>"
	              "<retracted xmlns='" NS_RETRACT "'><moderated xmlns='" NS_MODERATE
	              "'/><reason>spam</reason></retracted></message>" END_RESULT "</message>");
	client_expect(juliet,
	              "<message>" RESULT "<message xmlns='jabber:client' from='" ROOM
	              "'><retract xmlns='" NS_RETRACT "'/></message>" END_RESULT "</message>");
	client_expect(juliet, "<iq type='result' id='q'/>");
	end();
}
END_TEST

START_TEST(an_occupant_takes_back_what_is_his_own_alone)
{
	struct str uid;

	begin(NULL);
	uid = say("m1", "one");
	for (int i = 0; i < 2; i++) {
		struct client *c = i == 0 ? romeo : juliet;

		client_printf(c,
		              "<message type='groupchat' id='r%d' to='" ROOM
		              "'><retract xmlns='" NS_RETRACT "' id='" STR_FMT "'/></message>",
		              i, STR_ARG(uid));
		client_expectf(juliet,
		               "<message id='r%d'><retract xmlns='" NS_RETRACT "'/></message>",
		               i);
		client_expectf(romeo, "<message id='r%d'/>", i);
		query(romeo);
		client_expect(romeo,
		              i == 0 ? "<message>" RESULT "<message xmlns='jabber:client'>"
		                       "<body>one</body></message>" END_RESULT "</message>"
		                     : "<message>" RESULT "<message xmlns='jabber:client'>"
		                       "<retracted xmlns='" NS_RETRACT "' id='r1'/>"
		                       "</message>" END_RESULT "</message>");
		for (int n = 0; n <= i; n++)
			client_expect(romeo,
			              "<message>" RESULT "<message xmlns='jabber:client'>"
			              "<retract xmlns='" NS_RETRACT "'/></message>" END_RESULT
			              "</message>");
		client_expect(romeo, "<iq type='result' id='q'/>");
	}
	end();
}
END_TEST

/* XEP-0359 §4, rule 7: at the room, and at the account of each who gets it. */
START_TEST(ids_that_an_occupant_makes_up_do_not_arrive)
{
	static const char *const by[] = { ROOM, SERVICE, "romeo@a.example" };

	begin(NULL);
	for (size_t i = 0; i < ARRAY_LEN(by); i++) {
		const struct xml_node *message, *id;

		client_printf(
			juliet,
			"<message type='groupchat' id='m%zu' to='" ROOM "'><body>lies</body>"
			"<stanza-id xmlns='" NS_STANZA_ID "' by='%s' id='lie'/></message>",
			i, by[i]);
		client_expectf(juliet, "<message id='m%zu'/>", i);
		message = client_expectf(romeo, "<message id='m%zu'/>", i);
		id = xml_child(message, NS_STANZA_ID, "stanza-id");
		ck_assert(str_is(xml_attr(id, "by"), ROOM));
		ck_assert(!str_is(xml_attr(id, "id"), "lie"));
		for (; id != NULL; id = xml_next_child(message, id))
			ck_assert(!str_is(xml_attr(id, "id"), "lie"));
	}
	end();
}
END_TEST

/* The same of what is kept apart from the archive. */
START_TEST(ids_that_an_occupant_makes_up_do_not_come_with_the_subject)
{
	const struct xml_node *message, *child = NULL;

	begin(NULL);
	client_send(romeo,
	            "<message type='groupchat' to='" ROOM "'><subject>Love</subject>"
	            "<stanza-id xmlns='" NS_STANZA_ID "' by='" ROOM "' id='lie'/></message>");
	client_expect(juliet, "<message><subject>Love</subject></message>");
	client_send(mercutio, "<presence to='" ROOM "/mercutio'><x xmlns='" NS_MUC
	                      "'><history maxstanzas='0'/></x></presence>");
	for (int i = 0; i < 3; i++)
		client_expect(mercutio, "<presence/>");
	message = client_expect(mercutio, "<message><subject>Love</subject></message>");
	while ((child = xml_next_child(message, child)) != NULL)
		ck_assert(!str_is(xml_attr(child, "id"), "lie"));
	end();
}
END_TEST

CHECK_MAIN("muc_log", ids_that_an_occupant_makes_up_do_not_arrive,
           ids_that_an_occupant_makes_up_do_not_come_with_the_subject,
           newcomers_get_the_latest_in_order_with_their_times,
           that_something_was_read_is_no_history,
           the_archive_shows_addresses_to_moderators_alone,
           a_room_that_is_not_logged_has_its_history_alone,
           a_moderator_takes_a_message_back_and_a_tombstone_is_left,
           an_occupant_takes_back_what_is_his_own_alone)
