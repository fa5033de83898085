/*
 * check_muc_admin.c - kicks, bans, voices, members, moderators, admins and owners of rooms
 * (XEP-0045 §8, §9, §10.3 to §10.8).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/rooms_admin.h"

/* All leave, the server starts anew, and Romeo alone is in the room, which lasts. */
static void restart(void)
{
	client_drop(&juliet);
	client_drop(&mercutio);
	client_close(&romeo);
	world_restart(w);
	romeo = client_login(w, ROMEO);
	juliet = client_login(w, JULIET);
	mercutio = client_login(w, MERCUTIO);
	room_enter(romeo, "romeo");
}

static void quiet(void)
{
	client_expect_nothing(romeo, romeo);
	client_expect_nothing(juliet, juliet);
	client_expect_nothing(mercutio, mercutio);
}

static void nobody_is_banned(void)
{
	const struct xml_node *iq =
		ask(romeo, "get", ROOM, ADMIN(ITEM("affiliation='outcast'")));

	ck_assert_ptr_null(xml_next_child(xml_only_child(iq), NULL));
}

/* ---- roles ---- */

START_TEST(who_is_kicked_has_what_was_said_before_and_is_told_by_whom_and_why)
{
	rooms_begin_together(NULL);
	client_send(romeo,
	            "<message type='groupchat' to='" ROOM "'><body>Out!</body></message>");
	client_send(romeo, "<iq type='set' id='k' to='" ROOM
	                   "'>" ADMIN("<item nick='juliet' "
	                              "role='none'><reason>Avaunt</reason></item>") "</iq>");
	client_send(romeo,
	            "<message type='groupchat' to='" ROOM "'><body>So.</body></message>");
	client_expect(juliet, "<message><body>Out!</body></message>");
	client_expect(juliet,
	              GONE("juliet", "<item affiliation='none' role='none'>"
	                             "<actor nick='romeo'/><reason>Avaunt</reason></item>" CODE(
					     "110") CODE("307")));
	client_expect_nothing(juliet, juliet);
	client_expect(romeo, "<message><body>Out!</body></message>");
	client_expect(romeo, "<iq type='result' id='k'/>");
	client_expect(romeo,
	              GONE("juliet", "<item role='none' jid='" JULIET "'/>" CODE("307")));
	client_expect(mercutio, "<message><body>Out!</body></message>");
	client_expect(mercutio, GONE("juliet", "<item role='none' jid='-'/>" CODE("307")));
	client_expect(mercutio, "<message><body>So.</body></message>");
	room_enter(juliet, "juliet"); /* nothing keeps her from it */
	end();
}
END_TEST

START_TEST(who_may_not_do_it_or_asks_for_nonsense_hears_so)
{
	static const char *const bad[] = {
		"",
		"<item nick='juliet'/>",
		"<item role='none'/>",
		"<item affiliation='member'/>",
		"<item nick='juliet' role='none' affiliation='member'/>",
		"<item nick='juliet' role='king'/>",
		"<item jid='juliet@a.example' affiliation='king'/>",
		"<thing nick='juliet' role='none'/>",
		"<item nick='juliet' role='none'/><item nick='juliet' role='visitor'/>",
		"<item jid='j@x' affiliation='none'/><item jid='j@x' affiliation='member'/>",
	};

	rooms_begin_together(NULL);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		room_set_error(romeo,
		               arena_printf(w->arena,
		                            "<query xmlns='" NS_MUC_ADMIN "'>%s</query>",
		                            bad[i])
		                       .p,
		               "bad-request");
	room_set_error(romeo, ADMIN(ITEM("nick='nobody' role='none'")), "item-not-found");
	room_set_error(romeo, ADMIN(ITEM("nick='nobody' affiliation='member'")),
	               "item-not-found");
	room_set_error(romeo, ADMIN(ITEM("jid='@' affiliation='member'")), "jid-malformed");
	room_set_error(romeo, ADMIN(ITEM("jid='a.example' affiliation='member'")),
	               "not-allowed");
	room_set_error(romeo, ADMIN(ITEM("nick='romeo' role='none'")), "conflict");
	room_set_error(romeo, ADMIN(ITEM("jid='romeo@a.example' affiliation='outcast'")),
	               "conflict");
	/* who could do nothing to anybody does not learn who is there */
	room_set_error(juliet, ADMIN(ITEM("nick='nobody' role='none'")), "forbidden");
	room_set_error(juliet, ADMIN(ITEM("nick='mercutio' role='visitor'")), "forbidden");
	room_set_error(juliet, ADMIN(ITEM("nick='nobody' affiliation='outcast'")), "forbidden");
	room_set(romeo, ADMIN(ITEM("nick='juliet' affiliation='admin'")));
	all_see(HERE("juliet", ITEM("affiliation='admin' role='moderator'")));
	client_expect(juliet, "<presence/>");
	client_expect(juliet, "<presence/>");
	room_set_error(juliet, ADMIN(ITEM("nick='romeo' role='none'")), "not-allowed");
	room_set_error(juliet, ADMIN(ITEM("nick='romeo' affiliation='outcast'")),
	               "not-allowed");
	room_set_error(juliet, ADMIN(ITEM("nick='romeo' affiliation='none'")), "forbidden");
	room_set_error(juliet, ADMIN(ITEM("nick='mercutio' affiliation='admin'")), "forbidden");
	room_set_error(romeo, ADMIN(ITEM("nick='juliet' role='visitor'")), "not-allowed");
	quiet();
	end();
}
END_TEST

START_TEST(a_voice_is_given_and_taken)
{
	rooms_begin_together("muc { moderated = true }\n");
	client_send(juliet, "<message type='groupchat' to='" ROOM "'><body>I</body></message>");
	client_expect(
		juliet,
		"<message type='error'><error type='auth'><forbidden xmlns='" NS_STANZA_ERROR
		"'/></error></message>");
	room_set(romeo, ADMIN("<item nick='juliet' "
	                      "role='participant'><reason>Worthy</reason></item>" ITEM(
				      "nick='mercutio' role='participant'")));
	all_see(HERE("juliet",
	             "<item affiliation='none' role='participant'><actor nick='romeo'/>"
	             "<reason>Worthy</reason></item>"));
	all_see(HERE("mercutio", ITEM("affiliation='none' role='participant'")));
	client_send(juliet, "<message type='groupchat' to='" ROOM "'><body>I</body></message>");
	all_see("<message><body>I</body></message>");
	room_set(romeo, ADMIN(ITEM("nick='juliet' role='visitor'")));
	all_see(HERE("juliet", ITEM("affiliation='none' role='visitor'")));
	client_send(juliet, "<message type='groupchat' to='" ROOM "'><body>I</body></message>");
	client_expect(juliet, "<message type='error'/>");
	/* it is what she is after a restart too */
	ask_result(romeo, "get", ROOM, ADMIN(ITEM("role='visitor'")),
	           ADMIN(ITEM("nick='juliet' role='visitor' affiliation='none' jid='" JULIET
	                      "'")));
	end();
}
END_TEST

START_TEST(a_moderator_moderates_and_sees_who_everybody_is)
{
	rooms_begin_together(NULL);
	room_set(romeo, ADMIN(ITEM("nick='juliet' role='moderator'")));
	all_see(HERE("juliet", ITEM("affiliation='none' role='moderator'")));
	for (int i = 0; i < 2; i++)
		client_expect(juliet, "<presence type='-'>" X(ITEM("jid='*'")) "</presence>");
	room_set_error(juliet, ADMIN(ITEM("nick='mercutio' role='moderator'")), "forbidden");
	room_set_error(juliet, ADMIN(ITEM("nick='romeo' role='none'")), "not-allowed");
	room_set(juliet, ADMIN(ITEM("nick='mercutio' role='visitor'")));
	all_see(HERE("mercutio", "<item role='visitor'><actor nick='juliet'/></item>"));
	room_set(juliet, ADMIN(ITEM("nick='mercutio' role='none'")));
	all_see(GONE("mercutio", ITEM("role='none'") CODE("307")));
	room_set(romeo, ADMIN(ITEM("nick='juliet' role='participant'")));
	client_expect(romeo, HERE("juliet", ITEM("role='participant'")));
	client_expect(juliet, HERE("juliet", ITEM("role='participant'") CODE("110")));
	room_set_error(juliet, ADMIN(ITEM("nick='romeo' role='visitor'")), "forbidden");
	end();
}
END_TEST

START_TEST(who_loses_his_voice_is_not_seen_where_visitors_are_not)
{
	rooms_begin_together(NULL);
	room_form(romeo,
	          ROOM_FIELD("presencebroadcast", "moderator</value><value>participant"));
	client_expect(juliet, "<message>" X(CODE("104")) "</message>");
	client_expect(mercutio, "<message>" X(CODE("104")) "</message>");
	room_set(romeo, ADMIN(ITEM("nick='juliet' role='visitor'")));
	client_expect(romeo, GONE("juliet", ITEM("role='none'")));
	client_expect(mercutio, GONE("juliet", ITEM("role='none'")));
	client_expect(juliet, HERE("juliet", ITEM("role='visitor'") CODE("110")));
	quiet();
	room_set(romeo, ADMIN(ITEM("nick='juliet' role='participant'")));
	all_see(HERE("juliet", ITEM("role='participant'")));
	quiet();
	end();
}
END_TEST

START_TEST(all_sessions_of_an_occupant_hear_and_go)
{
	struct client *desk;

	rooms_begin_together(NULL);
	desk = client_login(w, "juliet@a.example/desk");
	room_enter(desk, "juliet");
	all_see("<presence from='" ROOM "/juliet'/>");
	room_set(romeo, ADMIN(ITEM("nick='juliet' role='visitor'")));
	all_see(HERE("juliet", ITEM("role='visitor'")));
	client_expect(desk, HERE("juliet", ITEM("role='visitor'") CODE("110")));
	room_set(romeo, ADMIN(ITEM("nick='juliet' role='none'")));
	all_see(GONE("juliet", CODE("307")));
	client_expect(desk, GONE("juliet", CODE("110") CODE("307")));
	quiet();
	client_drop(&desk);
	end();
}
END_TEST

/* ---- affiliations ---- */

START_TEST(who_is_banned_goes_with_all_his_nicks_and_stays_out)
{
	struct client *desk;

	rooms_begin_together("muc { persistent = true }\n");
	desk = client_login(w, "juliet@a.example/desk");
	room_enter(desk, "capulet");
	all_see("<presence from='" ROOM "/capulet'/>");
	room_set(romeo, ADMIN("<item affiliation='outcast' jid='juliet@a.example/any'>"
	                      "<reason>Treason</reason></item>"));
	client_expect(juliet, GONE("juliet", "<item affiliation='outcast' role='none'>"
	                                     "<actor nick='romeo'/><reason>Treason</reason>"
	                                     "</item>" CODE("301") CODE("110")));
	client_expect(romeo, GONE("juliet", CODE("301")));
	client_expect(romeo, GONE("capulet", CODE("301")));
	client_expect(mercutio, GONE("juliet", CODE("301")));
	client_expect(mercutio, GONE("capulet", CODE("301")));
	client_expect(desk, GONE("juliet", CODE("301"))); /* she was an occupant still */
	client_expect(desk, GONE("capulet", CODE("301") CODE("110")));
	client_drop(&desk);
	for (int i = 0; i < 2; i++) {
		room_ask(juliet, "juliet");
		client_expect(juliet, "<presence type='error'><error type='auth'><forbidden "
		                      "xmlns='" NS_STANZA_ERROR "'/></error></presence>");
		ask_result(romeo, "get", ROOM, ADMIN(ITEM("affiliation='outcast'")),
		           ADMIN("<item affiliation='outcast' jid='juliet@a.example' nick='-'>"
		                 "<reason>Treason</reason></item>"));
		restart();
	}
	room_set(romeo, ADMIN(ITEM("affiliation='none' jid='juliet@a.example'")));
	client_expect(
		romeo,
		"<message from='" ROOM "'>" X(ITEM(
			"affiliation='none' role='none' jid='juliet@a.example'")) "</message>");
	room_enter_seen(juliet, "juliet", romeo);
	end();
}
END_TEST

START_TEST(a_ban_goes_by_the_account_and_then_by_the_domain)
{
	struct client *benvolio;

	rooms_begin_together(NULL);
	world_account(w, "benvolio@b.example", "secret");
	benvolio = client_login(w, "benvolio@b.example/x");
	room_enter(benvolio, "benvolio");
	all_see("<presence from='" ROOM "/benvolio'/>");
	room_set(romeo, ADMIN(ITEM("affiliation='outcast' jid='b.example'")));
	all_see(GONE("benvolio", ITEM("affiliation='outcast'") CODE("301")));
	client_expect(benvolio, GONE("benvolio", CODE("301") CODE("110")));
	room_ask(benvolio, "benvolio");
	room_refuses(benvolio, "forbidden");
	room_set(romeo, ADMIN(ITEM("affiliation='member' jid='benvolio@b.example'")));
	client_expect(romeo, "<message><x xmlns='" NS_MUC_USER
	                     "'>" ITEM("affiliation='member'") "</x></message>");
	room_enter_seen(benvolio, "benvolio", romeo);
	client_expect(juliet, "<presence from='" ROOM "/benvolio'/>");
	client_expect(mercutio, "<presence from='" ROOM "/benvolio'/>");
	/* and of the domain's own, who belongs to the room stays */
	room_set(romeo, ADMIN(ITEM("affiliation='outcast' jid='a.example'")));
	client_expect(romeo, GONE("juliet", CODE("301")));
	client_expect(romeo, GONE("mercutio", CODE("301")));
	client_expect_nothing(romeo, romeo);
	client_drop(&benvolio);
	end();
}
END_TEST

START_TEST(a_request_is_done_as_a_whole_or_not_at_all)
{
	rooms_begin_together(NULL);
	room_set_error(romeo,
	               ADMIN(ITEM("affiliation='outcast' jid='juliet@a.example'")
	                             ITEM("nick='nobody' role='none'")),
	               "item-not-found");
	room_set_error(romeo,
	               ADMIN(ITEM("nick='juliet' role='visitor'")
	                             ITEM("affiliation='outcast' jid='romeo@a.example'")),
	               "conflict");
	quiet();
	nobody_is_banned();
	room_set(romeo, ADMIN(ITEM("affiliation='outcast' jid='juliet@a.example'")
	                              ITEM("nick='juliet' role='visitor'")
	                                      ITEM("affiliation='member' nick='mercutio'")));
	client_expect(romeo, GONE("juliet", CODE("301")));
	client_expect(romeo, HERE("mercutio", ITEM("affiliation='member' role='participant'")));
	client_expect_nothing(romeo, romeo);
	end();
}
END_TEST

START_TEST(the_last_owner_stays_one)
{
	rooms_begin_together(NULL);
	room_set_error(romeo, ADMIN(ITEM("affiliation='admin' jid='romeo@a.example'")),
	               "conflict");
	room_set(romeo, ADMIN(ITEM("affiliation='member' jid='romeo@a.example'")
	                              ITEM("affiliation='owner' jid='juliet@a.example'")));
	all_see(HERE("romeo", ITEM("affiliation='member' role='participant'")));
	all_see(HERE("juliet", ITEM("affiliation='owner' role='moderator'")));
	client_expect(juliet, "<presence/>");
	client_expect(juliet, "<presence/>");
	room_set_error(romeo, ADMIN(ITEM("affiliation='owner' jid='romeo@a.example'")),
	               "forbidden");
	room_set_error(juliet, ADMIN(ITEM("affiliation='none' jid='juliet@a.example'")),
	               "conflict");
	ask_result(juliet, "get", ROOM, ADMIN(ITEM("affiliation='owner'")),
	           ADMIN(ITEM("affiliation='owner' jid='juliet@a.example'")));
	end();
}
END_TEST

START_TEST(in_a_moderated_room_members_have_a_voice_and_lose_it_with_membership)
{
	rooms_begin_together("muc { moderated = true }\n");
	room_set(romeo,
	         ADMIN(ITEM("affiliation='member' jid='juliet@a.example' nick='Capulet'")));
	all_see(HERE("juliet", ITEM("affiliation='member' role='participant'")));
	room_set(romeo, ADMIN(ITEM("affiliation='none' jid='juliet@a.example'")));
	all_see(HERE("juliet", ITEM("affiliation='none' role='visitor'")));
	end();
}
END_TEST

START_TEST(a_nick_is_reserved_with_membership_for_one)
{
	rooms_begin_together(NULL);
	room_set(romeo,
	         ADMIN(ITEM("affiliation='member' jid='juliet@a.example' nick='Capulet'")));
	all_see(HERE("juliet", ITEM("affiliation='member'")));
	ask_result(romeo, "get", ROOM, ADMIN(ITEM("affiliation='member'")),
	           ADMIN(ITEM("jid='juliet@a.example' nick='Capulet' role='-'")));
	room_set_error(
		romeo,
		ADMIN(ITEM("affiliation='member' jid='mercutio@a.example' nick='Capulet'")),
		"conflict");
	client_send(mercutio, "<presence to='" ROOM "/Capulet'/>");
	room_refuses(mercutio, "conflict");
	/* not mentioned, it stays; an empty one gives it back */
	room_set(romeo, ADMIN(ITEM("affiliation='admin' jid='juliet@a.example'")));
	client_expect(romeo, HERE("juliet", ITEM("affiliation='admin'")));
	ask_result(romeo, "get", ROOM, ADMIN(ITEM("affiliation='admin'")),
	           ADMIN(ITEM("jid='juliet@a.example' nick='Capulet'")));
	room_set(romeo,
	         ADMIN(ITEM("affiliation='member' jid='juliet@a.example' nick=''") ITEM(
			 "affiliation='member' jid='mercutio@a.example' nick='Montague'")));
	client_expect(romeo, HERE("juliet", ITEM("affiliation='member'")));
	client_expect(romeo, HERE("mercutio", ITEM("affiliation='member'")));
	ask_result(romeo, "get", ROOM, ADMIN(ITEM("affiliation='member'")),
	           ADMIN(ITEM("jid='juliet@a.example' nick='-'")
	                         ITEM("jid='mercutio@a.example' nick='Montague'")));
	end();
}
END_TEST

START_TEST(a_room_for_members_asks_them_in_and_shows_them_out)
{
	rooms_begin("muc { members-only = true }\n");
	room_make(romeo, "romeo");
	room_ask(juliet, "juliet");
	room_refuses(juliet, "registration-required");
	client_send(juliet, "<presence/>");
	client_expect(juliet, "<presence from='" JULIET "'/>");
	room_set(romeo, ADMIN("<item affiliation='member' jid='juliet@a.example'>"
	                      "<reason>Come</reason></item>"));
	client_expect(romeo,
	              "<message>" X(ITEM(
			      "affiliation='member' jid='juliet@a.example'")) "</message>");
	client_expect(juliet, "<message from='" ROOM
	                      "'>" X("<invite from='romeo@a.example'>"
	                             "<reason>Come</reason></invite>") "</message>");
	room_enter_seen(juliet, "juliet", romeo);
	room_set(romeo, ADMIN(ITEM("affiliation='none' jid='juliet@a.example'")));
	client_expect(romeo,
	              GONE("juliet", ITEM("affiliation='none' role='none'") CODE("321")));
	client_expect(juliet,
	              GONE("juliet", "<item affiliation='none' role='none'>"
	                             "<actor nick='romeo'/></item>" CODE("321") CODE("110")));
	client_expect_nothing(juliet, juliet);
	room_ask(juliet, "juliet");
	client_expect(juliet, "<presence type='error'/>");
	end();
}
END_TEST

/* ---- who is not there ---- */

START_TEST(of_who_is_absent_those_hear_who_see_addresses)
{
	rooms_begin_together(NULL);
	room_set(romeo, ADMIN(ITEM("affiliation='owner' jid='friar@c.example'")));
	client_expect(romeo,
	              "<message type='-' from='" ROOM
	              "'>" X("<item affiliation='owner' role='none' jid='friar@c.example'>"
	                     "<actor nick='romeo'/></item>") "</message>");
	room_set(romeo, ADMIN(ITEM("affiliation='owner' jid='friar@c.example'")));
	quiet();
	end();
}
END_TEST

START_TEST(an_owner_who_is_not_there_administers_and_does_not_moderate)
{
	rooms_begin_together("muc { persistent = true }\n");
	client_send(romeo, "<presence type='unavailable' to='" ROOM "/romeo'/>");
	all_see(GONE("romeo", ""));
	room_set_error(romeo, ADMIN(ITEM("nick='juliet' role='none'")), "forbidden");
	ask_error(romeo, "get", ROOM, ADMIN(ITEM("role='participant'")), "forbidden");
	room_set(romeo, ADMIN(ITEM("nick='juliet' role='moderator'")));
	client_expect(juliet, HERE("juliet", ITEM("role='moderator'")));
	client_expect(juliet, "<presence/>");
	client_expect(mercutio, HERE("juliet", ITEM("role='moderator'")));
	room_set(romeo, ADMIN(ITEM("nick='mercutio' affiliation='outcast'")));
	client_expect(mercutio, GONE("mercutio", CODE("301")));
	client_expect(juliet, GONE("mercutio", CODE("301")));
	end();
}
END_TEST

START_TEST(a_room_goes_with_the_last_who_is_thrown_out)
{
	rooms_begin(NULL);
	room_make(romeo, "romeo");
	room_enter_seen(juliet, "juliet", romeo);
	client_send(romeo, "<presence type='unavailable' to='" ROOM "/romeo'/>");
	client_expect(romeo, GONE("romeo", ""));
	client_expect(juliet, GONE("romeo", ""));
	room_set(romeo, ADMIN(ITEM("jid='juliet@a.example' affiliation='outcast'")
	                              ITEM("jid='mercutio@a.example' affiliation='outcast'")));
	client_expect(juliet, GONE("juliet", CODE("301")));
	ask_error(romeo, "get", ROOM, ADMIN(ITEM("affiliation='outcast'")), "item-not-found");
	room_make(juliet, "juliet");
	end();
}
END_TEST

/* ---- when something comes between ---- */

/* ITEMS, and so much that a full disk has no place for it. */
static void set_on_full_disk(const char *items)
{
	struct buf all = { 0 };

	buf_printf(&all, "<query xmlns='" NS_MUC_ADMIN "'>%s", items);
	for (int i = 0; i < 140; i++)
		buf_printf(&all, "<item affiliation='outcast' jid='a%0800d@b.c'/>", i);
	buf_printf(&all, "</query>%c", 0);
	room_set_error(romeo, buf_str(&all).p, "resource-constraint");
	buf_deinit(&all);
}

START_TEST(a_full_disk_leaves_everybody_what_he_is)
{
	rooms_begin_together("muc { moderated = true }\n");
	world_fill_disk(w, true);
	set_on_full_disk(ITEM("nick='juliet' role='participant'"));
	set_on_full_disk(ITEM("nick='juliet' role='none'"));
	set_on_full_disk(ITEM("affiliation='owner' nick='juliet'")
	                         ITEM("affiliation='outcast' nick='mercutio'"));
	world_fill_disk(w, false);
	quiet();
	ask_result(romeo, "get", ROOM, ADMIN(ITEM("role='visitor'")),
	           ADMIN(ITEM("affiliation='none' nick='juliet'")
	                         ITEM("affiliation='none' nick='mercutio'")));
	nobody_is_banned();
	room_set_error(romeo, ADMIN(ITEM("affiliation='none' jid='romeo@a.example'")),
	               "conflict");
	room_set(romeo, ADMIN(ITEM("nick='juliet' role='participant'")));
	all_see(HERE("juliet", ITEM("role='participant'")));
	end();
}
END_TEST

/* Juliet's client is away, hears something, and is kicked; what it has by then. */
static unsigned kick_sleeping(const char **id_out)
{
	unsigned has;

	rooms_begin("muc { persistent = true }\n");
	room_make(romeo, "romeo");
	*id_out = client_manage(juliet, "");
	room_enter_seen(juliet, "juliet", romeo);
	has = juliet->stanzas;
	client_drop(&juliet);
	client_send(romeo,
	            "<message type='groupchat' to='" ROOM "'><body>Out!</body></message>");
	client_expect(romeo, "<message/>");
	room_set(romeo, ADMIN(ITEM("nick='juliet' role='none'")));
	client_expect(romeo, GONE("juliet", CODE("307")));
	client_send(romeo,
	            "<message type='groupchat' to='" ROOM "'><body>So.</body></message>");
	client_expect(romeo, "<message/>");
	return has;
}

START_TEST(who_sleeps_while_he_is_kicked_has_what_came_before_and_then_that)
{
	const char *id;
	unsigned has = kick_sleeping(&id);

	juliet = client_resume(w, JULIET, id, has);
	client_expect(juliet, "<message><body>Out!</body></message>");
	client_expect(juliet, GONE("juliet", CODE("307") CODE("110")));
	client_expect_nothing(juliet, juliet);
	end();
}
END_TEST

/* Availability is not stored: the room says once more that he is out, and not why. */
START_TEST(and_so_he_has_when_the_server_was_restarted)
{
	const char *id;
	unsigned has = kick_sleeping(&id);

	world_restart(w);
	juliet = client_resume(w, JULIET, id, has);
	client_expect(juliet, "<message><body>Out!</body></message>");
	client_expect(juliet, GONE("juliet", ITEM("role='none'") CODE("110")));
	client_expect_nothing(juliet, juliet);
	end();
}
END_TEST

START_TEST(roles_and_affiliations_outlast_a_restart)
{
	const char *id;
	unsigned has;

	rooms_begin("muc { moderated = true }\n");
	id = client_manage(romeo, "");
	room_make(romeo, "romeo");
	room_enter_seen(juliet, "juliet", romeo);
	room_set(romeo, ADMIN(ITEM("affiliation='admin' nick='juliet'")
	                              ITEM("affiliation='member' jid='mercutio@a.example'")));
	client_expect(romeo, HERE("juliet", ITEM("affiliation='admin'")));
	client_expect(romeo, "<message/>");
	has = romeo->stanzas;
	world_restart(w);
	client_drop(&romeo);
	client_drop(&juliet);
	client_drop(&mercutio);
	romeo = client_resume(w, ROMEO, id, has);
	juliet = client_login(w, JULIET);
	mercutio = client_login(w, MERCUTIO);
	room_enter(juliet, "juliet");
	room_enter_seen(mercutio, "mercutio", juliet);
	room_set(juliet, ADMIN(ITEM("nick='mercutio' role='visitor'")));
	client_expect(mercutio, HERE("mercutio", ITEM("affiliation='member' role='visitor'")));
	end();
}
END_TEST

CHECK_MAIN("muc_admin", who_is_kicked_has_what_was_said_before_and_is_told_by_whom_and_why,
           who_may_not_do_it_or_asks_for_nonsense_hears_so, a_voice_is_given_and_taken,
           a_moderator_moderates_and_sees_who_everybody_is,
           who_loses_his_voice_is_not_seen_where_visitors_are_not,
           all_sessions_of_an_occupant_hear_and_go,
           who_is_banned_goes_with_all_his_nicks_and_stays_out,
           a_ban_goes_by_the_account_and_then_by_the_domain,
           a_request_is_done_as_a_whole_or_not_at_all, the_last_owner_stays_one,
           in_a_moderated_room_members_have_a_voice_and_lose_it_with_membership,
           a_nick_is_reserved_with_membership_for_one,
           a_room_for_members_asks_them_in_and_shows_them_out,
           of_who_is_absent_those_hear_who_see_addresses,
           an_owner_who_is_not_there_administers_and_does_not_moderate,
           a_room_goes_with_the_last_who_is_thrown_out, a_full_disk_leaves_everybody_what_he_is,
           who_sleeps_while_he_is_kicked_has_what_came_before_and_then_that,
           and_so_he_has_when_the_server_was_restarted,
           roles_and_affiliations_outlast_a_restart)
