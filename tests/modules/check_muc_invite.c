/*
 * check_muc_invite.c - invitations and declines that a room passes on (XEP-0045 §7.8.2, §7.9, §9.5).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/rooms_admin.h"

#define MESSAGE(x) "<message id='i1' to='" ROOM "'>" X(x) "</message>"
#define INVITE_MERCUTIO "<invite to='mercutio@a.example'><reason>Come</reason></invite>"

/* Romeo owns the room, Juliet is in it, and Mercutio is not. */
static void begin(const char *options)
{
	rooms_begin(options);
	client_send(juliet, "<presence/>");
	client_expect(juliet, "<presence/>");
	client_send(mercutio, "<presence/>");
	client_expect(mercutio, "<presence/>");
	room_make(romeo, "romeo");
}

static void enter_juliet(void)
{
	room_enter_seen(juliet, "juliet", romeo);
}

static void refused(struct client *c, const char *xml, const char *condition)
{
	client_send(c, xml);
	client_expectf(c,
	               "<message type='error' id='i1'><error><%s xmlns='" NS_STANZA_ERROR
	               "'/></error></message>",
	               condition);
}

START_TEST(an_invitation_is_passed_on_in_both_forms)
{
	begin(NULL);
	enter_juliet();
	client_send(juliet, MESSAGE(INVITE_MERCUTIO));
	client_expect(mercutio,
	              "<message type='-' from='" ROOM
	              "'>" X("<invite from='juliet@a.example' "
	                     "to='-'><reason>Come</reason></invite>") "<x "
	                                                              "xmlns='jabber:x:"
	                                                              "conference' jid='" ROOM
	                                                              "' reason='Come' "
	                                                              "password='-'/>"
	                                                              "</message>");
	client_expect_nothing(romeo, romeo);
	room_enter_seen(mercutio, "mercutio", romeo);
	/* he was made nothing by it */
	client_send(mercutio, "<presence to='" ROOM "/mercutio'><show>away</show></presence>");
	client_expect(mercutio, HERE("mercutio", ITEM("affiliation='none'")));
	end();
}
END_TEST

START_TEST(a_chat_of_two_is_continued_with_the_password_of_the_room)
{
	begin(NULL);
	room_form(romeo, ROOM_FIELD("passwordprotectedroom", "1")
	                         ROOM_FIELD("roomsecret", "cauldronburn"));
	client_send(romeo,
	            MESSAGE("<invite to='mercutio@a.example/street'><continue "
	                    "thread='t1'/></invite>"
	                    "<invite to='juliet@a.example/balcony'><continue/></invite>"));
	client_expect(
		mercutio,
		"<message>" X(
			"<invite from='romeo@a.example'><continue thread='t1'/></invite>"
			"<password>cauldronburn</password>") "<x xmlns='jabber:x:conference' "
							     "jid='" ROOM
							     "' password='cauldronburn'"
							     " continue='true' "
							     "thread='t1'/></message>");
	client_expect(juliet, "<message>" X("<invite><continue thread='-'/></invite>"
	                                    "<password>cauldronburn</password>") "</message>");
	end();
}
END_TEST

START_TEST(an_invitation_waits_for_who_is_not_there)
{
	begin(NULL);
	client_drop(&mercutio);
	client_send(romeo, MESSAGE(INVITE_MERCUTIO));
	client_settle(romeo);
	mercutio = client_login(w, MERCUTIO);
	client_send(mercutio, "<presence/>");
	while (!client_matches(w->arena, client_next(mercutio),
	                       "<message>" X("<invite/>") "</message>"))
		;
	end();
}
END_TEST

START_TEST(who_is_invited_to_a_room_for_members_is_one)
{
	begin("muc { members-only = true }\n");
	room_form(romeo, ROOM_FIELD("allowinvites", "1"));
	room_set(romeo, ADMIN(ITEM("affiliation='member' jid='juliet@a.example'")));
	client_expect(romeo, "<message>" X(ITEM("affiliation='member'")) "</message>");
	client_expect(juliet, "<message>" X("<invite/>") "</message>");
	enter_juliet();
	client_send(juliet, MESSAGE(INVITE_MERCUTIO));
	client_expect(mercutio,
	              "<message>" X("<invite from='juliet@a.example'/>") "</message>");
	while (!client_matches(w->arena, client_next(romeo),
	                       "<message>" X(ITEM("affiliation='member' role='none' "
	                                          "jid='mercutio@a.example'")) "</message>"))
		;
	room_enter_seen(mercutio, "mercutio", romeo);
	end();
}
END_TEST

START_TEST(where_admins_alone_invite_a_member_does_not)
{
	begin("muc { members-only = true }\n");
	room_set(romeo, ADMIN(ITEM("affiliation='member' jid='juliet@a.example'")));
	client_expect(romeo, "<message/>");
	client_expect(juliet, "<message/>");
	enter_juliet();
	refused(juliet, MESSAGE(INVITE_MERCUTIO), "forbidden");
	room_ask(mercutio, "mercutio");
	room_refuses(mercutio, "registration-required");
	client_send(romeo, MESSAGE(INVITE_MERCUTIO));
	client_expect(mercutio, "<message>" X("<invite from='romeo@a.example'/>") "</message>");
	room_enter_seen(mercutio, "mercutio", juliet);
	end();
}
END_TEST

START_TEST(an_invitation_lifts_no_ban)
{
	begin("muc { members-only = true }\n");
	room_set(romeo, ADMIN(ITEM("affiliation='outcast' jid='mercutio@a.example'")));
	client_expect(romeo, "<message/>");
	client_send(romeo, MESSAGE(INVITE_MERCUTIO));
	client_expect(mercutio, "<message>" X("<invite/>") "</message>");
	room_ask(mercutio, "mercutio");
	room_refuses(mercutio, "forbidden");
	end();
}
END_TEST

START_TEST(what_is_no_invitation_is_refused)
{
	begin("muc { invitations-per-minute = 3 }\n");
	refused(juliet, MESSAGE(INVITE_MERCUTIO), "forbidden"); /* she is not in the room */
	refused(romeo, MESSAGE("<invite/>"), "jid-malformed");
	refused(romeo, MESSAGE("<invite to='@'/>"), "jid-malformed");
	refused(romeo, MESSAGE("<invite to='a.example'/>"), "jid-malformed");
	refused(romeo, "<message id='i1' to='" ROOM "'><body>Hear me</body></message>",
	        "bad-request");
	/* more than may be: none of them */
	refused(romeo, MESSAGE(INVITE_MERCUTIO INVITE_MERCUTIO INVITE_MERCUTIO INVITE_MERCUTIO),
	        "policy-violation");
	client_expect_nothing(mercutio, mercutio);
	end();
}
END_TEST

START_TEST(a_decline_goes_back_to_the_inviter)
{
	begin("muc { persistent = true }\n");
	enter_juliet();
	client_send(juliet, MESSAGE(INVITE_MERCUTIO));
	client_expect(mercutio, "<message/>");
	client_send(mercutio,
	            "<message id='d' to='" ROOM "'>" X("<decline "
	                                               "to='juliet@a.example'><reason>No</"
	                                               "reason></decline>") "</message>");
	client_expect(juliet,
	              "<message from='" ROOM "' id='d'>" X(
			      "<decline from='mercutio@a.example' to='-'><reason>No</reason>"
			      "</decline>") "</message>");
	/* the room is no way to somebody else, and does not tell who is there */
	client_send(juliet, "<presence type='unavailable' to='" ROOM "/juliet'/>");
	client_expect(juliet, "<presence type='unavailable'/>");
	client_send(mercutio, "<message id='d' to='" ROOM
	                      "'>" X("<decline to='juliet@a.example'/>") "</message>");
	client_expect_nothing(mercutio, mercutio);
	client_expect_nothing(juliet, juliet);
	/* but to who belongs to the room */
	client_send(mercutio, "<message id='d' to='" ROOM
	                      "'>" X("<decline to='romeo@a.example'/>") "</message>");
	client_expect(romeo, "<presence type='unavailable'/>");
	client_expect(romeo, "<message from='" ROOM "'>" X("<decline/>") "</message>");
	refused(mercutio, MESSAGE("<decline to='@'/>"), "jid-malformed");
	end();
}
END_TEST

START_TEST(the_inviter_hears_that_there_is_nobody_of_that_name)
{
	begin(NULL);
	client_send(romeo, MESSAGE("<invite to='nobody@a.example'/>"));
	client_expect(romeo,
	              "<message type='error' id='i1' from='" ROOM "'><error type='cancel'>"
	              "<item-not-found xmlns='" NS_STANZA_ERROR "'/></error></message>");
	/* errors that answer nothing go nowhere */
	client_send(juliet, "<message type='error' id='x' to='" ROOM "'><error type='cancel'>"
	                    "<item-not-found xmlns='" NS_STANZA_ERROR "'/></error></message>"
	                    "<message type='error' id=':' to='" ROOM "'><error type='cancel'>"
	                    "<item-not-found xmlns='" NS_STANZA_ERROR "'/></error></message>");
	client_settle(juliet);
	client_expect_nothing(romeo, romeo);
	end();
}
END_TEST

START_TEST(a_locked_room_invites_nobody)
{
	rooms_begin(NULL);
	room_enter(romeo, "romeo");
	refused(romeo, MESSAGE(INVITE_MERCUTIO), "item-not-found");
	ask_error(juliet, "get", ROOM, ADMIN(ITEM("affiliation='owner'")), "item-not-found");
	end();
}
END_TEST

START_TEST(a_full_disk_invites_nobody_and_makes_no_members)
{
	struct buf all = { 0 };

	begin("muc { members-only = true }\n");
	world_fill_disk(w, true);
	buf_printf(&all, "<message id='i1' to='" ROOM "'><x xmlns='" NS_MUC_USER "'>");
	for (int i = 0; i < 20; i++)
		buf_printf(
			&all,
			"<invite to='a%0500d@%0300d.example'><reason>%01500d</reason></invite>",
			i, 0, 0);
	buf_printf(&all, "</x></message>%c", 0);
	client_send(romeo, buf_str(&all).p);
	client_expect(romeo, "<message type='error' id='i1'/>");
	world_fill_disk(w, false);
	ck_assert_ptr_null(xml_next_child(
		xml_only_child(ask(romeo, "get", ROOM, ADMIN(ITEM("affiliation='member'")))),
		NULL));
	client_send(romeo, MESSAGE(INVITE_MERCUTIO));
	client_expect(mercutio, "<message>" X("<invite/>") "</message>");
	buf_deinit(&all);
	end();
}
END_TEST

CHECK_MAIN("muc_invite", an_invitation_is_passed_on_in_both_forms,
           a_chat_of_two_is_continued_with_the_password_of_the_room,
           an_invitation_waits_for_who_is_not_there,
           who_is_invited_to_a_room_for_members_is_one,
           where_admins_alone_invite_a_member_does_not, an_invitation_lifts_no_ban,
           what_is_no_invitation_is_refused, a_decline_goes_back_to_the_inviter,
           the_inviter_hears_that_there_is_nobody_of_that_name, a_locked_room_invites_nobody,
           a_full_disk_invites_nobody_and_makes_no_members)
