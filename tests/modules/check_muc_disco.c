/*
 * check_muc_disco.c - what is told of the service and of rooms (XEP-0045 §6).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/rooms.h"

#define INFO "<query xmlns='" NS_DISCO_INFO "'/>"
#define ITEMS "<query xmlns='" NS_DISCO_ITEMS "'/>"
#define FORM_TYPE "<field var='FORM_TYPE'><value>" NS_MUC "#roominfo</value></field>"

START_TEST(a_host_tells_of_the_service_for_its_rooms)
{
	rooms_begin(NULL);
	ask_result(romeo, "get", "a.example", ITEMS,
	           "<query xmlns='" NS_DISCO_ITEMS "'><item jid='" SERVICE
	           "' name='Rooms'/></query>");
	end();
}
END_TEST

START_TEST(the_service_tells_what_it_is)
{
	rooms_begin("contact { admin = { \"mailto:a@a.example\" } }");
	ask_result(romeo, "get", SERVICE, INFO,
	           "<query xmlns='" NS_DISCO_INFO "'>"
	           "<identity category='conference' type='text' name='Rooms'/>"
	           "<feature var='" NS_MUC "'/><feature var='" NS_VCARD "'/>"
	           "<feature var='" NS_RSM "'/><feature var='" NS_VERSION "'/>"
	           "<x xmlns='jabber:x:data'><field var='admin-addresses'>"
	           "<value>mailto:a@a.example</value></field></x></query>");
	ask_error(romeo, "get", SERVICE, "<query xmlns='" NS_DISCO_INFO "' node='x'/>",
	          "item-not-found");
	end();
}
END_TEST

START_TEST(the_service_answers_what_any_server_is_asked)
{
	rooms_begin(NULL);
	ask_result(romeo, "get", SERVICE, "<ping xmlns='" NS_PING "'/>", "");
	ask_result(romeo, "get", SERVICE, "<query xmlns='" NS_VERSION "'/>",
	           "<query xmlns='" NS_VERSION "'><name>Jackdaw</name></query>");
	ask_result(romeo, "get", SERVICE, "<time xmlns='" NS_TIME "'/>",
	           "<time xmlns='" NS_TIME "'/>");
	ask_result(romeo, "get", SERVICE, "<query xmlns='" NS_LAST "'/>",
	           "<query xmlns='" NS_LAST "' seconds='*'/>");
	ask_result(romeo, "get", SERVICE, "<vCard xmlns='" NS_VCARD "'/>",
	           "<vCard xmlns='" NS_VCARD "'><FN>Rooms</FN></vCard>");
	ask_result(romeo, "get", SERVICE, "<unique xmlns='" NS_MUC "#unique'/>",
	           "<unique xmlns='" NS_MUC "#unique'/>");
	ask_error(romeo, "get", SERVICE, "<query xmlns='urn:example:none'/>",
	          "service-unavailable");
	ask_error(romeo, "get", SERVICE "/x", INFO, "service-unavailable");
	end();
}
END_TEST

START_TEST(a_room_tells_what_kind_it_is)
{
	rooms_begin("muc { members-only = yes moderated = yes show-jids = yes persistent = yes "
	            "public = no logging = no }");
	room_make(romeo, "romeo");
	ask_result(juliet, "get", ROOM, INFO,
	           "<query xmlns='" NS_DISCO_INFO "'>"
	           "<identity category='conference' type='text' name='chapel'/>"
	           "<feature var='" NS_MUC "'/><feature var='muc_hidden'/>"
	           "<feature var='muc_persistent'/><feature var='muc_membersonly'/>"
	           "<feature var='muc_moderated'/><feature var='muc_nonanonymous'/>"
	           "<feature var='muc_unsecured'/><feature var='" NS_VCARD "'/>"
	           "<feature var='" NS_MUC "#self-ping-optimization'/></query>");
	end();
}
END_TEST

START_TEST(an_open_room_tells_what_is_said_in_it)
{
	rooms_begin(NULL);
	room_make(romeo, "romeo");
	client_send(romeo, "<message type='groupchat' to='" ROOM
	                   "'><subject>Banns</subject></message>");
	client_expect(romeo, "<message><subject>Banns</subject></message>");
	ask_result(juliet, "get", ROOM, INFO,
	           "<query xmlns='" NS_DISCO_INFO "'>"
	           "<feature var='muc_public'/><feature var='muc_temporary'/>"
	           "<feature var='muc_open'/><feature var='muc_unmoderated'/>"
	           "<feature var='muc_semianonymous'/><feature var='" NS_MAM "'/>"
	           "<x xmlns='jabber:x:data' type='result'>" FORM_TYPE
	           "<field var='muc#roominfo_subject'><value>Banns</value></field>"
	           "<field var='muc#roominfo_occupants'><value>1</value></field>"
	           "<field var='muc#maxhistoryfetch'><value>20</value></field></x></query>");
	end();
}
END_TEST

/* Does C see that field in what the room tells? */
static bool sees_field(struct client *c, const char *var)
{
	const struct xml_node *iq = ask(c, "get", ROOM, INFO);
	const struct xml_node *form = xml_child(xml_only_child(iq), NS_DATA_FORM, "x");

	return !str_is_absent(form_get(w->arena, form, var));
}

START_TEST(a_closed_room_tells_strangers_nothing_of_what_is_said)
{
	rooms_begin("muc { members-only = yes }");
	room_make(romeo, "romeo");
	ck_assert(sees_field(romeo, "muc#roominfo_occupants"));
	ck_assert(!sees_field(juliet, "muc#roominfo_occupants"));
	ck_assert(sees_field(juliet, "muc#maxhistoryfetch"));
	end();
}
END_TEST

START_TEST(what_is_not_there_is_not_found)
{
	rooms_begin(NULL);
	ask_error(juliet, "get", ROOM, INFO, "item-not-found");
	ask_error(juliet, "get", ROOM, ITEMS, "item-not-found");
	room_ask(romeo, "romeo");
	client_expect(romeo, "<presence/>");
	client_expect(romeo, "<message/>");
	ask_error(juliet, "get", ROOM, INFO, "item-not-found"); /* locked still */
	ask_result(romeo, "get", ROOM, INFO, "<query xmlns='" NS_DISCO_INFO "'/>");
	ask_error(romeo, "get", ROOM, "<query xmlns='" NS_DISCO_INFO "' node='x'/>",
	          "item-not-found");
	ask_error(romeo, "get", ROOM, "<query xmlns='" NS_DISCO_ITEMS "' node='x'/>",
	          "item-not-found");
	ask_error(romeo, "get", ROOM,
	          "<query xmlns='" NS_DISCO_INFO "' node='" NS_MUC "#traffic'/>",
	          "service-unavailable");
	end();
}
END_TEST

START_TEST(occupants_alone_are_told_who_is_there)
{
	rooms_begin(NULL);
	room_make(romeo, "romeo");
	ck_assert(xml_next_child(xml_only_child(ask(juliet, "get", ROOM, ITEMS)), NULL) ==
	          NULL);
	room_enter(juliet, "juliet");
	ask_result(juliet, "get", ROOM, ITEMS,
	           "<query xmlns='" NS_DISCO_ITEMS "'><item jid='" ROOM "/romeo'/>"
	           "<item jid='" ROOM "/juliet'/></query>");
	ask_result(juliet, "get", ROOM,
	           "<query xmlns='" NS_DISCO_ITEMS "'><set xmlns='" NS_RSM
	           "'><max>1</max><after>" ROOM "/romeo</after></set></query>",
	           "<query xmlns='" NS_DISCO_ITEMS "'><item jid='" ROOM "/juliet'/>"
	           "<set xmlns='" NS_RSM "'><first index='1'>" ROOM "/juliet</first><last>" ROOM
	           "/juliet</last><count>2</count></set></query>");
	ask_result(juliet, "get", ROOM,
	           "<query xmlns='" NS_DISCO_ITEMS "'><set xmlns='" NS_RSM
	           "'><max>1</max><before/></set></query>",
	           "<query xmlns='" NS_DISCO_ITEMS "'><item jid='" ROOM "/juliet'/></query>");
	ask_result(juliet, "get", ROOM,
	           "<query xmlns='" NS_DISCO_ITEMS "'><set xmlns='" NS_RSM
	           "'><max>0</max></set></query>",
	           "<query xmlns='" NS_DISCO_ITEMS "'><set xmlns='" NS_RSM
	           "'><count>2</count></set></query>");
	ask_error(juliet, "get", ROOM,
	          "<query xmlns='" NS_DISCO_ITEMS "'><set xmlns='" NS_RSM "'><after>" ROOM
	          "/nobody</after></set></query>",
	          "item-not-found");
	end();
}
END_TEST

CHECK_MAIN("muc_disco", a_host_tells_of_the_service_for_its_rooms, the_service_tells_what_it_is,
           the_service_answers_what_any_server_is_asked, a_room_tells_what_kind_it_is,
           an_open_room_tells_what_is_said_in_it,
           a_closed_room_tells_strangers_nothing_of_what_is_said,
           what_is_not_there_is_not_found, occupants_alone_are_told_who_is_there)
