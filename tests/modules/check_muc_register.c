/*
 * check_muc_register.c - registering with a room (XEP-0045 §7.10, §7.12).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/rooms.h"

#define REGISTER(payload) "<query xmlns='" NS_REGISTER "'>" payload "</query>"
#define REGISTER_TYPE "<field var='FORM_TYPE'><value>" NS_MUC "#register</value></field>"
#define NICK(nick) "<field var='muc#register_roomnick'><value>" nick "</value></field>"
#define FORM(fields) "<x xmlns='jabber:x:data' type='submit'>" REGISTER_TYPE fields "</x>"
#define NODE(payload) \
	"<query xmlns='" NS_DISCO_INFO "' node='x-roomuser-item'>" payload "</query>"
#define IDENTITY(nick) "<identity category='conference' type='text' name='" nick "'/>"

/* Romeo has made the room, and left it, which lasts. */
static void begin_with(const char *options)
{
	rooms_begin(options);
	room_make(romeo, "romeo");
	client_send(romeo, "<presence type='unavailable' to='" ROOM "/romeo'/>");
	client_expect(romeo, "<presence type='unavailable'/>");
}

static void begin(void)
{
	begin_with("muc { persistent = true }\n");
}

static void configure(const char *var, const char *value)
{
	ask_result(romeo, "set", ROOM,
	           arena_printf(w->arena,
	                        "<query xmlns='" NS_MUC_OWNER
	                        "'><x xmlns='jabber:x:data' type='submit'><field var='%s'>"
	                        "<value>%s</value></field></x></query>",
	                        var, value)
	                   .p,
	           "");
}

static void enrol(struct client *c, const char *nick)
{
	ask_result(c, "set", ROOM, arena_printf(w->arena, REGISTER(FORM(NICK("%s"))), nick).p,
	           "");
}

START_TEST(who_registers_is_a_member_and_has_a_nick)
{
	begin();
	ask_result(juliet, "get", ROOM, REGISTER(""),
	           REGISTER("<x xmlns='jabber:x:data' type='form'>" REGISTER_TYPE
	                    "<field var='muc#register_roomnick' type='text-single'><required/>"
	                    "</field></x>"));
	ask_result(juliet, "get", ROOM, NODE(""), NODE(""));
	enrol(juliet, "juliet");
	ask_result(juliet, "get", ROOM, REGISTER(""),
	           REGISTER("<registered/><username>juliet</username>"));
	world_restart(w);
	client_drop(&romeo);
	client_drop(&juliet);
	romeo = client_login(w, ROMEO);
	juliet = client_login(w, JULIET);
	ask_result(juliet, "get", ROOM, NODE(""), NODE(IDENTITY("juliet")));
	room_ask(romeo, "juliet");
	room_refuses(romeo, "conflict");
	room_ask(juliet, "juliet");
	client_expect(juliet, "<presence from='" ROOM "/juliet'><x xmlns='" NS_MUC_USER
	                      "'><item affiliation='member'/></x></presence>");
	end();
}
END_TEST

START_TEST(occupants_see_that_somebody_has_registered)
{
	begin();
	room_enter(romeo, "romeo");
	room_enter(juliet, "juliet");
	room_sees(romeo, "juliet");
	client_send(juliet, "<iq type='set' id='ask' to='" ROOM
	                    "'>" REGISTER(FORM(NICK("jule"))) "</iq>");
	client_expect(juliet,
	              "<presence from='" ROOM "/juliet'><x xmlns='" NS_MUC_USER
	              "'><item affiliation='member' role='participant'/></x></presence>");
	client_expect(juliet, "<iq type='result' id='ask'/>");
	client_expect(romeo,
	              "<presence from='" ROOM "/juliet'><x xmlns='" NS_MUC_USER
	              "'><item affiliation='member' role='participant'/></x></presence>");
	end();
}
END_TEST

START_TEST(a_nick_is_one_persons)
{
	begin();
	enrol(juliet, "juliet");
	ask_error(romeo, "set", ROOM, REGISTER(FORM(NICK("juliet"))), "conflict");
	room_enter(juliet, "jule");
	ask_error(romeo, "set", ROOM, REGISTER(FORM(NICK("jule"))), "conflict");
	enrol(romeo, "romeo");
	end();
}
END_TEST

START_TEST(another_nick_takes_the_place_of_the_first)
{
	begin();
	enrol(juliet, "juliet");
	enrol(juliet, "jule");
	ask_result(juliet, "get", ROOM, NODE(""), NODE(IDENTITY("jule")));
	enrol(romeo, "juliet"); /* which she has given back */
	client_send(romeo, "<iq type='get' id='ask' to='" ROOM "'><query xmlns='" NS_MUC_OWNER
	                   "'/></iq>");
	client_expect(romeo, "<iq type='result' id='ask'/>"); /* he is the owner still */
	end();
}
END_TEST

START_TEST(who_does_not_want_to_be_registered_any_more_is_not)
{
	begin();
	ask_error(juliet, "set", ROOM, REGISTER("<remove/>"), "registration-required");
	enrol(juliet, "juliet");
	ask_error(juliet, "set", ROOM, REGISTER("<remove/><username/>"), "bad-request");
	ask_result(juliet, "set", ROOM, REGISTER("<remove/>"), "");
	ask_result(juliet, "get", ROOM, NODE(""), NODE(""));
	ask_error(juliet, "set", ROOM, REGISTER("<remove/>"), "registration-required");
	enrol(romeo, "romeo");
	ask_result(romeo, "set", ROOM, REGISTER("<remove/>"), "");
	ask_result(romeo, "get", ROOM, NODE(""), NODE(""));
	configure("muc#roomconfig_roomname", "His");
	end();
}
END_TEST

START_TEST(what_is_no_form_is_a_bad_request)
{
	static const char *const bad[] = {
		REGISTER(""),
		REGISTER("<username>juliet</username>"),
		REGISTER(FORM("")),
		REGISTER(FORM(NICK(""))),
		REGISTER("<x xmlns='jabber:x:data' type='submit'>" NICK("juliet") "</x>"),
	};

	begin();
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ask_error(juliet, "set", ROOM, bad[i], "bad-request");
	end();
}
END_TEST

START_TEST(owners_may_not_want_registrations)
{
	begin();
	enrol(juliet, "juliet");
	configure("x-muc#roomconfig_registration", "0");
	ask_result(juliet, "get", ROOM, REGISTER(""), REGISTER("<registered/>"));
	enrol(juliet, "jule"); /* who is a member may choose a nick */
	ask_result(juliet, "set", ROOM, REGISTER("<remove/>"), "");
	ask_error(juliet, "get", ROOM, REGISTER(""), "not-allowed");
	ask_error(juliet, "set", ROOM, REGISTER(FORM(NICK("jule"))), "service-unavailable");
	end();
}
END_TEST

START_TEST(nobody_lets_himself_in)
{
	begin();
	configure("muc#roomconfig_membersonly", "1");
	ask_error(juliet, "get", ROOM, REGISTER(""), "not-allowed");
	ask_error(juliet, "set", ROOM, REGISTER(FORM(NICK("juliet"))), "service-unavailable");
	room_ask(juliet, "juliet");
	room_refuses(juliet, "registration-required");
	end();
}
END_TEST

START_TEST(who_is_banned_registers_in_vain)
{
	begin();
	enrol(juliet, "juliet");
	client_send(romeo,
	            "<iq type='set' id='ask' to='" ROOM "'><query xmlns='" NS_MUC_ADMIN
	            "'><item affiliation='outcast' jid='juliet@a.example'/></query></iq>");
	client_expect(romeo, "<iq type='result' id='ask'/>");
	ask_error(juliet, "get", ROOM, REGISTER(""), "not-allowed");
	ask_error(juliet, "set", ROOM, REGISTER(FORM(NICK("jule"))), "not-allowed");
	ask_error(juliet, "set", ROOM, REGISTER("<remove/>"), "registration-required");
	enrol(romeo, "juliet"); /* she has it no more */
	end();
}
END_TEST

START_TEST(of_a_locked_room_nobody_learns_but_its_owner)
{
	begin();
	client_send(romeo, "<presence to='cell@" SERVICE "/romeo'>" MUC "</presence>");
	room_read_entry(romeo);
	ask_error(juliet, "get", "cell@" SERVICE, REGISTER(""), "item-not-found");
	ask_error(juliet, "set", "cell@" SERVICE, REGISTER(FORM(NICK("juliet"))),
	          "item-not-found");
	ask_error(juliet, "get", "none@" SERVICE, REGISTER(""), "item-not-found");
	end();
}
END_TEST

START_TEST(nobody_registers_all_day)
{
	begin_with("muc { persistent = true  joins-per-minute = 2 }\n");
	enrol(juliet, "juliet");
	ask_result(juliet, "set", ROOM, REGISTER("<remove/>"), "");
	ask_error(juliet, "set", ROOM, REGISTER(FORM(NICK("juliet"))), "policy-violation");
	end();
}
END_TEST

START_TEST(a_registration_that_the_disk_does_not_take_is_none)
{
	begin();
	world_block_disk(true);
	ask_error(juliet, "set", ROOM, REGISTER(FORM(NICK("juliet"))), "resource-constraint");
	world_block_disk(false);
	ask_result(juliet, "get", ROOM, NODE(""), NODE(""));
	enrol(romeo, "juliet");
	end();
}
END_TEST

CHECK_MAIN("muc_register", who_registers_is_a_member_and_has_a_nick,
           occupants_see_that_somebody_has_registered, a_nick_is_one_persons,
           another_nick_takes_the_place_of_the_first,
           who_does_not_want_to_be_registered_any_more_is_not, what_is_no_form_is_a_bad_request,
           owners_may_not_want_registrations, nobody_lets_himself_in,
           who_is_banned_registers_in_vain, of_a_locked_room_nobody_learns_but_its_owner,
           nobody_registers_all_day, a_registration_that_the_disk_does_not_take_is_none)
