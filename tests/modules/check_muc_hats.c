/*
 * check_muc_hats.c - what a room's admins call its occupants (XEP-0317).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/rooms.h"

#define NODE "urn:xmpp:hats:commands:"
#define FRIAR "http://a.example/hats#friar"
#define HATS(inner) "<hats xmlns='" NS_HATS "'>" inner "</hats>"
#define FIELD(var, value) "<field var='" var "'><value>" value "</value></field>"
#define NEW_HAT FIELD("hats#title", "Friar") FIELD("hats#uri", FRIAR) FIELD("hats#hue", "32.5")
#define ON_JULIET FIELD("hats#jid", "juliet@a.example") FIELD("hats#uri", FRIAR)

static void begin(void)
{
	rooms_begin("muc { persistent = yes }");
	room_make(romeo, "romeo");
	room_enter(juliet, "juliet");
	room_sees(romeo, "juliet");
}

static const char *command(const char *node, const char *fields)
{
	if (fields == NULL)
		return arena_printf(w->arena,
		                    "<command xmlns='" NS_COMMANDS "' node='" NODE "%s'/>",
		                    node)
		        .p;
	return arena_printf(
		       w->arena,
		       "<command xmlns='" NS_COMMANDS "' node='" NODE
		       "%s'><x xmlns='jabber:x:data' type='submit'>"
		       "<field var='FORM_TYPE'><value>urn:xmpp:hats:commands</value></field>"
		       "%s</x></command>",
		       node, fields)
	        .p;
}

/* Romeo does it; what others are told comes before his result. */
static void run(const char *node, const char *fields)
{
	client_printf(romeo, "<iq type='set' id='c' to='" ROOM "'>%s</iq>",
	              command(node, fields));
}

static void is_done(void)
{
	client_expect(romeo, "<iq type='result' id='c'><command xmlns='" NS_COMMANDS
	                     "' status='completed' sessionid='*'/></iq>");
}

static void hears_of_change(struct client *c)
{
	client_expect(c, "<message type='groupchat'><x xmlns='" NS_MUC_USER
	                 "'><status code='104'/></x></message>");
}

static void create(void)
{
	run("create", NEW_HAT);
	hears_of_change(romeo);
	hears_of_change(juliet);
	is_done();
}

/* What C is shown of Juliet next; NULL: without hats. */
static void sees_juliet(struct client *c, const char *hats)
{
	const struct xml_node *s = client_expectf(
		c, "<presence from='" ROOM "/juliet'>%s</presence>", hats == NULL ? "" : hats);

	ck_assert(hats != NULL || xml_child(s, NS_HATS, "hats") == NULL);
}

#define FRIARS_HAT HATS("<hat uri='" FRIAR "' title='Friar' hue='32.5'/>")

static void assign(void)
{
	run("assign", ON_JULIET);
	sees_juliet(romeo, FRIARS_HAT);
	sees_juliet(juliet, FRIARS_HAT);
	is_done();
}

START_TEST(a_hat_is_seen_by_who_is_there_and_who_comes)
{

	begin();
	create();
	assign();
	room_ask(mercutio, "mercutio");
	client_expect(mercutio, "<presence from='" ROOM "/romeo'/>");
	sees_juliet(mercutio, FRIARS_HAT);
	end();
}
END_TEST

START_TEST(a_hat_outlives_the_server)
{
	begin();
	create();
	assign();
	world_restart(w);
	client_drop(&romeo);
	client_drop(&juliet);
	romeo = client_login(w, ROMEO);
	juliet = client_login(w, JULIET);
	/* the room's seats are those of sessions that are gone */
	room_ask(juliet, "juliet");
	while (!client_matches(w->arena, client_next(juliet),
	                       "<presence from='" ROOM "/juliet'>" FRIARS_HAT "</presence>"))
		;
	end();
}
END_TEST

START_TEST(a_hat_is_taken_off_or_ends)
{
	begin();
	create();
	assign();
	run("unassign", ON_JULIET);
	sees_juliet(romeo, NULL);
	sees_juliet(juliet, NULL);
	is_done();
	assign();
	run("destroy", FIELD("hats#uri", FRIAR));
	hears_of_change(romeo);
	sees_juliet(romeo, NULL);
	is_done();
	ask_error(romeo, "set", ROOM, command("assign", ON_JULIET), "item-not-found");
	ask_error(romeo, "set", ROOM, command("unassign", ON_JULIET), "item-not-found");
	ask_error(romeo, "set", ROOM, command("destroy", FIELD("hats#uri", FRIAR)),
	          "item-not-found");
	end();
}
END_TEST

START_TEST(a_hat_that_changes_is_shown_anew)
{
	begin();
	create();
	assign();
	run("create", FIELD("hats#title", "Brother") FIELD("hats#uri", FRIAR));
	hears_of_change(romeo);
	sees_juliet(romeo, HATS("<hat title='Brother' hue='-'/>"));
	is_done();
	end();
}
END_TEST

START_TEST(forms_and_lists_tell_which_hats_there_are)
{
	begin();
	ask_result(
		romeo, "set", ROOM, command("create", NULL),
		"<command xmlns='" NS_COMMANDS "' status='executing'><x xmlns='jabber:x:data' "
		"type='form'><field var='hats#title'/><field var='hats#uri'/></x></command>");
	create();
	assign();
	ask_result(romeo, "set", ROOM, command("assign", NULL),
	           "<command xmlns='" NS_COMMANDS
	           "' status='executing'><x xmlns='jabber:x:data' "
	           "type='form'><field var='hats#uri'><option label='Friar'><value>" FRIAR
	           "</value></option></field></x></command>");
	ask_result(juliet, "set", ROOM, command("list", NULL),
	           "<command xmlns='" NS_COMMANDS
	           "' status='completed'><x xmlns='jabber:x:data' "
	           "type='result'><item>" FIELD("hats#uri", FRIAR) "</item></x></command>");
	ask_result(romeo, "set", ROOM, command("list-assigned", NULL),
	           "<command xmlns='" NS_COMMANDS "'><x xmlns='jabber:x:data'><item>" FIELD(
			   "hats#jid", "juliet@a.example") "</item></x></command>");
	ask_result(juliet, "get", ROOM, "<query xmlns='" NS_DISCO_INFO "'/>",
	           "<query xmlns='" NS_DISCO_INFO "'><feature var='" NS_HATS "'/>"
	           "<x xmlns='jabber:x:data'><field var='hats#hash'/></x></query>");
	ask_result(romeo, "get", ROOM,
	           "<query xmlns='" NS_DISCO_ITEMS "' node='" NS_COMMANDS "'/>",
	           "<query xmlns='" NS_DISCO_ITEMS "'><item node='" NODE "assign'/></query>");
	ask_result(romeo, "get", ROOM,
	           "<query xmlns='" NS_DISCO_INFO "' node='" NODE "assign'/>",
	           "<query xmlns='" NS_DISCO_INFO "'><identity category='automation' "
	           "type='command-node'/></query>");
	end();
}
END_TEST

START_TEST(admins_alone_say_what_people_wear)
{
	begin();
	ask_error(juliet, "set", ROOM, command("create", NEW_HAT), "forbidden");
	ask_error(juliet, "set", ROOM, command("list-assigned", NULL), "forbidden");
	ask_error(romeo, "set", ROOM, command("none", NULL), "item-not-found");
	ask_error(romeo, "set", ROOM, command("create", FIELD("hats#uri", FRIAR)),
	          "bad-request");
	ask_error(romeo, "set", ROOM,
	          command("create", FIELD("hats#uri", FRIAR) FIELD("hats#title", "x")
	                                    FIELD("hats#hue", "red")),
	          "bad-request");
	ask_error(romeo, "set", ROOM,
	          command("assign", FIELD("hats#uri", FRIAR) FIELD("hats#jid", "a.example")),
	          "bad-request");
	client_send(juliet, "<presence to='" ROOM
	                    "/juliet'>" HATS("<hat uri='x' title='x'/>") "</presence>");
	sees_juliet(romeo, NULL);
	end();
}
END_TEST

START_TEST(of_hats_there_are_so_many_and_no_more)
{
	begin();
	for (int i = 0; i < 50; i++) {
		run("create",
		    arena_printf(w->arena, FIELD("hats#title", "x") FIELD("hats#uri", "urn:%d"),
		                 i)
		            .p);
		hears_of_change(romeo);
		is_done();
	}
	ask_error(romeo, "set", ROOM, command("create", NEW_HAT), "policy-violation");
	for (int i = 0; i < 11; i++) {
		run("assign", arena_printf(w->arena,
		                           FIELD("hats#jid", "mercutio@a.example")
		                                   FIELD("hats#uri", "urn:%d"),
		                           i)
		                      .p);
		if (i < 10)
			is_done();
	}
	client_expect(romeo, "<iq type='error'><error><policy-violation xmlns='" NS_STANZA_ERROR
	                     "'/></error></iq>");
	end();
}
END_TEST

CHECK_MAIN("muc_hats", a_hat_is_seen_by_who_is_there_and_who_comes, a_hat_outlives_the_server,
           a_hat_is_taken_off_or_ends, a_hat_that_changes_is_shown_anew,
           forms_and_lists_tell_which_hats_there_are, admins_alone_say_what_people_wear,
           of_hats_there_are_so_many_and_no_more)
