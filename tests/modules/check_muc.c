/*
 * check_muc.c - entering rooms, talking in them, leaving them (XEP-0045 §7).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/rooms.h"

START_TEST(a_new_room_is_locked_until_its_owner_has_configured_it)
{
	rooms_begin(NULL);
	room_ask(romeo, "romeo");
	client_expect(romeo, "<presence><x xmlns='" NS_MUC_USER "'><status code='201'/></x>"
	                     "</presence>");
	client_expect(romeo, "<message><subject/></message>");
	room_ask(juliet, "juliet");
	client_expect(juliet, "<presence type='error' from='" ROOM "/juliet'>"
	                      "<error type='cancel'><item-not-found xmlns='" NS_STANZA_ERROR
	                      "'/></error></presence>");
	end();
}
END_TEST

START_TEST(who_enters_sees_who_is_there_and_is_seen)
{
	rooms_begin(NULL);
	room_make(romeo, "romeo");
	room_ask(juliet, "juliet");
	client_expect(juliet, "<presence from='" ROOM "/romeo'><x xmlns='" NS_MUC_USER
	                      "'><item affiliation='owner' role='moderator' jid='-'/></x>"
	                      "<occupant-id xmlns='" NS_OCCUPANT_ID "' id='*'/></presence>");
	client_expect(juliet, "<presence from='" ROOM "/juliet'><x xmlns='" NS_MUC_USER
	                      "'><item affiliation='none' role='participant'/>"
	                      "<status code='110'/></x></presence>");
	client_expect(juliet, "<message from='" ROOM "' type='groupchat'><subject/></message>");
	client_expect(romeo, "<presence from='" ROOM "/juliet'><x xmlns='" NS_MUC_USER
	                     "'><item jid='" JULIET "' role='participant'/></x></presence>");
	end();
}
END_TEST

START_TEST(what_an_occupant_says_all_get)
{
	rooms_begin(NULL);
	room_make(romeo, "romeo");
	room_enter(juliet, "juliet");
	room_sees(romeo, "juliet");
	client_send(juliet,
	            "<message type='groupchat' id='m1' to='" ROOM "'><body>Ay me!</body>"
	            "<occupant-id xmlns='" NS_OCCUPANT_ID "' id='false'/></message>");
	client_expect(romeo, "<message type='groupchat' id='m1' from='" ROOM "/juliet'>"
	                     "<body>Ay me!</body></message>");
	client_expect(juliet, "<message type='groupchat' id='m1' from='" ROOM "/juliet'>"
	                      "<body>Ay me!</body></message>");
	end();
}
END_TEST

START_TEST(who_leaves_or_is_cut_off_is_gone)
{
	rooms_begin(NULL);
	room_make(romeo, "romeo");
	for (int how = 0; how < 2; how++) {
		room_enter(juliet, "juliet");
		room_sees(romeo, "juliet");
		if (how == 0) {
			client_send(juliet, "<presence type='unavailable' to='" ROOM "/juliet'>"
			                    "<status>bye</status></presence>");
			client_expect(juliet,
			              "<presence type='unavailable' from='" ROOM
			              "/juliet'><status>bye</status><x xmlns='" NS_MUC_USER
			              "'><item role='none'/><status code='110'/></x>"
			              "</presence>");
		} else {
			client_drop(&juliet);
		}
		client_expect(romeo, "<presence type='unavailable' from='" ROOM "/juliet'>"
		                     "<x xmlns='" NS_MUC_USER "'><item role='none'/></x>"
		                     "</presence>");
	}
	juliet = client_login(w, JULIET);
	end();
}
END_TEST

START_TEST(a_room_comes_back_from_a_restart_with_those_who_are_resumed)
{
	const char *id;
	unsigned has;

	rooms_begin(NULL);
	id = client_manage(romeo, "");
	room_make(romeo, "romeo");
	room_enter(juliet, "juliet");
	room_sees(romeo, "juliet");
	client_send(juliet, "<presence type='unavailable' to='" ROOM "/juliet'/>");
	client_expect(juliet, "<presence type='unavailable' from='" ROOM "/juliet'/>");
	client_expect(romeo, "<presence type='unavailable' from='" ROOM "/juliet'/>");
	room_enter(juliet, "juliet");
	room_sees(romeo, "juliet");
	has = romeo->stanzas;
	world_restart(w);
	client_drop(&romeo);
	client_drop(&juliet);
	romeo = client_resume(w, ROMEO, id, has);
	/* once, though she has left twice: her session was not one that lasts */
	client_expect(romeo, "<presence type='unavailable' from='" ROOM "/juliet'/>");
	client_expect(romeo,
	              "<presence type='-' from='" ROOM "/romeo'><x xmlns='" NS_MUC_USER
	              "'><item affiliation='owner'/><status code='110'/></x></presence>");
	client_send(romeo,
	            "<message type='groupchat' to='" ROOM "'><body>Soft!</body></message>");
	client_expect(romeo, "<message from='" ROOM "/romeo'><body>Soft!</body></message>");
	juliet = client_login(w, JULIET);
	room_enter(juliet, "juliet");
	room_sees(romeo, "juliet");
	end();
}
END_TEST

/* XEP-0045 §7.5, and XEP-0280 §6.1 for who has several devices. */
START_TEST(a_private_message_is_for_one_occupant_and_those_of_the_sender_who_are_there)
{
	struct client *there, *elsewhere;

	rooms_begin(NULL);
	there = client_login(w, "romeo@a.example/there");
	elsewhere = client_login(w, "romeo@a.example/elsewhere");
	ask_result(there, "set", "", "<enable xmlns='" NS_CARBONS "'/>", "");
	ask_result(elsewhere, "set", "", "<enable xmlns='" NS_CARBONS "'/>", "");
	room_make(romeo, "romeo");
	room_enter(there, "romeo");
	room_sees(romeo, "romeo");
	room_enter(juliet, "juliet");
	room_sees(romeo, "juliet");
	room_sees(there, "juliet");
	client_send(romeo, "<message type='chat' id='p' to='" ROOM "/juliet'><body>psst</body>"
	                   "</message>");
	client_expect(juliet, "<message type='chat' id='p' from='" ROOM "/romeo'>"
	                      "<body>psst</body><x xmlns='" NS_MUC_USER "'/>"
	                      "<occupant-id xmlns='" NS_OCCUPANT_ID "'/></message>");
	client_expect(there,
	              "<message type='chat' from='romeo@a.example'><sent xmlns='" NS_CARBONS
	              "'/></message>");
	client_expect_nothing(elsewhere, romeo);
	client_send(juliet, "<message type='chat' to='" ROOM "/romeo'><body>yes?</body>"
	                    "</message>");
	client_expect(romeo, "<message type='chat' from='" ROOM "/juliet'/>");
	client_expect(there, "<message type='chat' from='" ROOM "/juliet'/>");
	client_expect_nothing(elsewhere, romeo);
	client_send(juliet, "<message type='chat' to='" ROOM "/tybalt'><body>you?</body>"
	                    "</message>");
	client_expect(juliet,
	              "<message type='error' from='" ROOM "/tybalt'><error>"
	              "<item-not-found xmlns='" NS_STANZA_ERROR "'/></error></message>");
	client_drop(&there);
	client_drop(&elsewhere);
	end();
}
END_TEST

START_TEST(a_session_that_does_not_know_that_it_is_in_the_room_sees_it_all_under_another_nick)
{
	rooms_begin(NULL);
	room_make(romeo, "romeo");
	room_enter(juliet, "juliet");
	room_sees(romeo, "juliet");
	room_ask(juliet, "capulet");
	client_expect(juliet, "<presence type='-' from='" ROOM "/romeo'/>");
	client_expect(juliet,
	              "<presence type='-' from='" ROOM "/capulet'><x xmlns='" NS_MUC_USER
	              "'><status code='110'/></x></presence>");
	client_expect(juliet, "<message from='" ROOM "' type='groupchat'><subject/></message>");
	client_expect(romeo, "<presence type='unavailable' from='" ROOM "/juliet'/>");
	client_expect(romeo, "<presence type='-' from='" ROOM "/capulet'/>");
	end();
}
END_TEST

START_TEST(that_one_of_all_did_not_get_it_is_not_told_to_who_said_it)
{
	rooms_begin(NULL);
	room_make(romeo, "romeo");
	for (int is_private = 0; is_private < 2; is_private++) {
		room_enter(juliet, "juliet");
		room_sees(romeo, "juliet");
		client_printf(
			juliet,
			"<message type='error' id='m' to='" ROOM "/romeo'>%s"
			"<error type='cancel'><service-unavailable xmlns='" NS_STANZA_ERROR
			"'/></error></message>",
			is_private ? "<x xmlns='" NS_MUC_USER "'/>" : "<body>Ay me!</body>");
		if (is_private)
			client_expect(romeo,
			              "<message type='error' id='m' from='" ROOM "/juliet'/>");
		client_expect(romeo, "<presence type='unavailable' from='" ROOM "/juliet'/>");
		client_expect(juliet, "<presence type='unavailable' from='" ROOM "/juliet'/>");
	}
	end();
}
END_TEST

CHECK_MAIN("muc", a_private_message_is_for_one_occupant_and_those_of_the_sender_who_are_there,
           a_new_room_is_locked_until_its_owner_has_configured_it,
           who_enters_sees_who_is_there_and_is_seen, what_an_occupant_says_all_get,
           who_leaves_or_is_cut_off_is_gone,
           that_one_of_all_did_not_get_it_is_not_told_to_who_said_it,
           a_session_that_does_not_know_that_it_is_in_the_room_sees_it_all_under_another_nick,
           a_room_comes_back_from_a_restart_with_those_who_are_resumed)
