/*
 * check_muc_lists.c - who reads the lists of a room, and how long they get (XEP-0045 §8.5, §9.2, §9.5,
 * §9.8, §10.5, §10.8).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/rooms_admin.h"

START_TEST(lists_are_for_those_who_may_read_them)
{
	static const char *const lists[] = { "affiliation='member'", "affiliation='admin'",
		                             "affiliation='owner'", "affiliation='outcast'" };

	rooms_begin_together(NULL);
	room_set(romeo, ADMIN(ITEM("affiliation='member' nick='juliet'")
	                              ITEM("affiliation='admin' nick='mercutio'")));
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		const char *query = arena_printf(w->arena, ADMIN("<item %s/>"), lists[i]).p;
		bool is_admins = i == 0 || i == 3;

		client_printf(juliet, "<iq type='get' id='l' to='" ROOM "'>%s</iq>", query);
		client_printf(mercutio, "<iq type='get' id='l' to='" ROOM "'>%s</iq>", query);
		while (!client_matches(w->arena, client_next(juliet),
		                       "<iq type='error' id='l'><error type='auth'><forbidden "
		                       "xmlns='" NS_STANZA_ERROR "'/></error></iq>"))
			;
		while (!client_matches(w->arena, client_next(mercutio),
		                       is_admins ? "<iq type='result' id='l'/>"
		                                 : "<iq type='error' id='l'/>"))
			;
	}
	ask_error(juliet, "get", ROOM, ADMIN(ITEM("role='participant'")), "forbidden");
	ask_error(juliet, "get", ROOM, ADMIN(ITEM("role='moderator'")), "forbidden");
	ask_result(
		mercutio, "get", ROOM, ADMIN(ITEM("role='participant'")),
		ADMIN(ITEM("role='participant' affiliation='member' nick='juliet' jid='" JULIET
	                   "'")));
	ask_result(mercutio, "get", ROOM, ADMIN(ITEM("role='moderator'")),
	           ADMIN(ITEM("nick='romeo' jid='" ROMEO "'") ITEM("nick='mercutio'")));
	ask_error(mercutio, "get", ROOM, ADMIN(ITEM("affiliation='none'")), "bad-request");
	ask_error(mercutio, "get", ROOM, ADMIN(ITEM("role='none'")), "bad-request");
	ask_error(mercutio, "get", ROOM, ADMIN(""), "bad-request");
	ask_error(mercutio, "get", ROOM, ADMIN(ITEM("role='visitor' affiliation='member'")),
	          "bad-request");
	end();
}
END_TEST

START_TEST(where_nobody_is_hidden_members_read_who_belongs_to_the_room)
{
	rooms_begin_together("muc { show-jids = true }\n");
	ask_error(juliet, "get", ROOM, ADMIN(ITEM("affiliation='member'")), "forbidden");
	room_set(romeo, ADMIN(ITEM("affiliation='member' nick='juliet'")));
	all_see(HERE("juliet", ITEM("affiliation='member'")));
	ask_result(juliet, "get", ROOM, ADMIN(ITEM("affiliation='member'")),
	           ADMIN(ITEM("jid='juliet@a.example'")));
	ask_result(juliet, "get", ROOM, ADMIN(ITEM("affiliation='owner'")),
	           ADMIN(ITEM("jid='romeo@a.example'")));
	ask_error(juliet, "get", ROOM, ADMIN(ITEM("affiliation='outcast'")), "forbidden");
	client_send(juliet, "<presence type='unavailable' to='" ROOM "/juliet'/>");
	client_expect(juliet, "<presence type='unavailable'/>");
	ask_result(juliet, "get", ROOM, ADMIN(ITEM("affiliation='member'")),
	           ADMIN(ITEM("jid='juliet@a.example'")));
	end();
}
END_TEST

START_TEST(lists_have_an_end)
{
	rooms_begin_together("muc { max-affiliations = 3 }\n");
	room_set(romeo, ADMIN(ITEM("affiliation='outcast' jid='a@x'")));
	client_expect(romeo, "<message/>");
	room_set_error(romeo,
	               ADMIN(ITEM("affiliation='outcast' jid='b@x'")
	                             ITEM("affiliation='outcast' jid='c@x'")),
	               "resource-constraint");
	room_set(romeo, ADMIN(ITEM("affiliation='outcast' jid='b@x'")));
	client_expect(romeo, "<message/>");
	room_set_error(romeo, ADMIN(ITEM("affiliation='outcast' jid='c@x'")),
	               "resource-constraint");
	room_set(romeo, ADMIN(ITEM("affiliation='member' jid='b@x'")));
	client_expect(romeo, "<message/>");
	end();
}
END_TEST

CHECK_MAIN("muc_lists", lists_are_for_those_who_may_read_them,
           where_nobody_is_hidden_members_read_who_belongs_to_the_room, lists_have_an_end)
