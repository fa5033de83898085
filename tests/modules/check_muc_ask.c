/*
 * check_muc_ask.c - iqs from one occupant to another (XEP-0045 §17.4, XEP-0410).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/rooms.h"

#define SOFTWARE "<query xmlns='" NS_VERSION "'/>"
#define PING "<ping xmlns='" NS_PING "'/>"
#define INFO "<query xmlns='" NS_DISCO_INFO "'/>"

static void begin(void)
{
	rooms_begin(NULL);
	room_make(romeo, "romeo");
}

/* Juliet is in the room, too. */
static void begin_with_both(void)
{
	begin();
	room_enter(juliet, "juliet");
	room_sees(romeo, "juliet");
}

/* The id under which C was asked; it lives as long as the world. */
static const char *id_of_request(struct client *c, const char *from)
{
	const struct xml_node *iq = client_expectf(
		c, "<iq from='" ROOM "/%s' type='get' id='*'>" SOFTWARE "</iq>", from);

	return arena_cstr(w->arena, xml_attr(iq, "id"));
}

START_TEST(a_request_goes_from_seat_to_seat_and_its_answer_comes_back)
{
	const char *id;

	begin_with_both();
	client_send(juliet, "<iq type='get' id='v1' to='" ROOM "/romeo'>" SOFTWARE "</iq>");
	id = id_of_request(romeo, "juliet");
	ck_assert_str_ne(id, "v1");
	client_printf(romeo,
	              "<iq type='result' id='%s' to='" ROOM "/juliet'><query xmlns='" NS_VERSION
	              "'><name>Lute</name></query></iq>",
	              id);
	client_expect(juliet, "<iq type='result' id='v1' from='" ROOM "/romeo' to='" JULIET "'>"
	                      "<query xmlns='" NS_VERSION "'><name>Lute</name></query></iq>");
	end();
}
END_TEST

START_TEST(an_error_comes_back_without_the_address_of_who_was_asked)
{
	const char *id;

	begin_with_both();
	client_send(juliet, "<iq type='get' id='v1' to='" ROOM "/romeo'>" SOFTWARE "</iq>");
	id = id_of_request(romeo, "juliet");
	client_printf(romeo,
	              "<iq type='error' id='%s' to='" ROOM "/juliet'>"
	              "<error type='cancel' by='" ROMEO "'><feature-not-implemented "
	              "xmlns='" NS_STANZA_ERROR "'/></error></iq>",
	              id);
	client_expect(
		juliet,
		"<iq type='error' id='v1' from='" ROOM "/romeo'>"
		"<error type='cancel' by='-'><feature-not-implemented xmlns='" NS_STANZA_ERROR
		"'/></error></iq>");
	end();
}
END_TEST

START_TEST(of_several_seats_the_one_that_asked_gets_the_answer)
{
	struct client *window;
	const char *id;

	begin_with_both();
	window = client_login(w, "juliet@a.example/window");
	room_enter(window, "juliet");
	room_sees(romeo, "juliet");
	room_sees(juliet, "juliet");
	client_send(juliet, "<iq type='get' id='v1' to='" ROOM "/romeo'>" SOFTWARE "</iq>");
	id = id_of_request(romeo, "juliet");
	/* a new nick meanwhile does not matter */
	client_send(window, "<presence to='" ROOM "/capulet'/>");
	client_expect(romeo, "<presence type='unavailable'/>");
	room_sees(romeo, "capulet");
	client_expect(juliet, "<presence type='unavailable'/>");
	room_sees(juliet, "capulet");
	client_printf(romeo, "<iq type='result' id='%s' to='" ROOM "/juliet'/>", id);
	client_expect(juliet, "<iq type='result' id='v1' from='" ROOM "/romeo'/>");
	client_drop(&window);
	end();
}
END_TEST

START_TEST(nobody_answers_for_another)
{
	const char *id;

	begin_with_both();
	room_enter(mercutio, "mercutio");
	room_sees(romeo, "mercutio");
	room_sees(juliet, "mercutio");
	client_send(juliet, "<iq type='get' id='v1' to='" ROOM "/romeo'>" SOFTWARE "</iq>");
	id = id_of_request(romeo, "juliet");
	client_printf(mercutio, "<iq type='result' id='%s' to='" ROOM "/juliet'/>", id);
	client_send(mercutio, "<iq type='result' id='v1' to='" ROOM "/juliet'/>");
	client_send(mercutio, "<iq type='result' to='" ROOM "/juliet'/>");
	client_printf(mercutio, "<iq type='result' id='%sA' to='" ROOM "/juliet'/>", id);
	client_send(mercutio,
	            "<message type='groupchat' to='" ROOM "'><body>Ha</body></message>");
	client_expect(juliet, "<message><body>Ha</body></message>");
	end();
}
END_TEST

START_TEST(who_pings_himself_learns_whether_he_is_there)
{
	begin();
	ask_result(romeo, "get", ROOM "/romeo", PING, "");
	ask_error(juliet, "get", ROOM "/romeo", PING, "not-acceptable");
	ask_error(juliet, "get", ROOM "/juliet", PING, "not-acceptable");
	ask_error(romeo, "get", ROOM "/montague", PING, "item-not-found");
	/* of a room that is gone, too */
	client_send(juliet, "<iq type='get' id='p' to='tomb@" SERVICE "/juliet'>" PING "</iq>");
	client_expect(juliet, "<iq type='error' id='p' from='tomb@" SERVICE "/juliet'>"
	                      "<error type='cancel' by='tomb@" SERVICE
	                      "'><not-acceptable xmlns='" NS_STANZA_ERROR "'/></error></iq>");
	end();
}
END_TEST

START_TEST(strangers_ask_nobody)
{
	begin();
	ask_error(juliet, "get", ROOM "/romeo", INFO, "bad-request");
	ask_error(juliet, "get", ROOM "/romeo", SOFTWARE, "not-acceptable");
	ask_error(juliet, "get", ROOM "/romeo", "<vCard xmlns='" NS_VCARD "'/>",
	          "not-acceptable");
	client_send(juliet, "<iq type='result' id='x' to='" ROOM "/romeo'/>");
	client_expect_nothing(romeo, juliet);
	end();
}
END_TEST

START_TEST(a_vcard_is_that_of_the_occupants_account)
{
	begin_with_both();
	ask_result(romeo, "set", "", "<vCard xmlns='" NS_VCARD "'><FN>Romeo</FN></vCard>", "");
	ask_result(juliet, "get", ROOM "/romeo", "<vCard xmlns='" NS_VCARD "'/>",
	           "<vCard xmlns='" NS_VCARD "'><FN>Romeo</FN></vCard>");
	end();
}
END_TEST

START_TEST(what_is_too_large_is_refused)
{
	char id[1200];

	begin_with_both();
	memset(id, 'x', sizeof(id) - 1);
	id[sizeof(id) - 1] = '\0';
	client_printf(juliet, "<iq type='get' id='%s' to='" ROOM "/romeo'>" SOFTWARE "</iq>",
	              id);
	client_expect(juliet, "<iq type='error'><error><bad-request xmlns='" NS_STANZA_ERROR
	                      "'/></error></iq>");
	end();
}
END_TEST

CHECK_MAIN("muc_ask", a_request_goes_from_seat_to_seat_and_its_answer_comes_back,
           an_error_comes_back_without_the_address_of_who_was_asked,
           of_several_seats_the_one_that_asked_gets_the_answer, nobody_answers_for_another,
           who_pings_himself_learns_whether_he_is_there, strangers_ask_nobody,
           a_vcard_is_that_of_the_occupants_account, what_is_too_large_is_refused)
