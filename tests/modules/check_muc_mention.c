/*
 * check_muc_mention.c - who is not in a room and is mentioned there.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/rooms.h"

static void begin(void)
{
	rooms_begin(NULL);
	room_make(romeo, "romeo");
	ask_result(juliet, "set", ROOM,
	           "<query xmlns='" NS_REGISTER "'><x xmlns='jabber:x:data' type='submit'>"
	           "<field var='FORM_TYPE'><value>" NS_MUC "#register</value></field>"
	           "<field var='muc#register_roomnick'><value>fair juliet</value></field></x>"
	           "</query>",
	           "");
	while (!client_matches(w->arena, client_next(romeo), "<message/>"))
		;
}

/* What the archive calls it. */
static const char *says(const char *body, const char *more)
{
	const struct xml_node *s, *id;

	client_printf(romeo,
	              "<message type='groupchat' to='" ROOM "'><body>%s</body>%s</message>",
	              body, more);
	s = client_expectf(romeo, "<message type='groupchat'><body>%s</body></message>", body);
	id = xml_child(s, NS_STANZA_ID, "stanza-id");
	return id == NULL ? "" : arena_cstr(w->arena, xml_attr(id, "id"));
}

static void is_told(const char *id)
{
	const struct xml_node *s = client_expectf(
		juliet,
		"<message from='" ROOM "' to='juliet@a.example'><reference xmlns='" NS_REFERENCE
		"' type='mention' uri='xmpp:juliet@a.example' anchor='xmpp:" ROOM "?;id=%s'/>"
		"</message>",
		id);

	ck_assert_ptr_null(xml_child(s, NS_CLIENT, "body"));
}

START_TEST(who_has_a_nick_and_is_away_is_told)
{
	begin();
	client_send(juliet, "<presence/>");
	client_expect(juliet, "<presence/>");
	is_told(says("fair juliet: wherefore?", ""));
	is_told(says("See there", "<reference xmlns='" NS_REFERENCE
	                          "' type='mention' uri='xmpp:juliet@a.example'/>"));
	is_told(says("See there", "<reference xmlns='" NS_REFERENCE
	                          "' type='mention' uri='xmpp:" ROOM "/fair juliet'/>"));
	/* not too often */
	says("fair juliet: wherefore?", "");
	client_expect_nothing(juliet, romeo);
	end();
}
END_TEST

START_TEST(who_has_no_device_there_finds_it_later)
{
	const char *id;

	begin();
	client_drop(&juliet);
	id = says("fair juliet, art thou there?", "");
	juliet = client_login(w, JULIET);
	client_send(juliet, "<presence/>");
	while (!client_matches(w->arena, client_next(juliet),
	                       arena_printf(w->arena,
	                                    "<message from='" ROOM
	                                    "'><reference xmlns='" NS_REFERENCE
	                                    "' anchor='xmpp:" ROOM "?;id=%s'/></message>",
	                                    id)
	                               .p))
		;
	end();
}
END_TEST

START_TEST(nobody_else_is_told)
{
	begin();
	client_send(juliet, "<presence/>");
	client_expect(juliet, "<presence/>");
	says("juliet: wherefore?", "");
	says("See there", "<reference xmlns='" NS_REFERENCE
	                  "' type='mention' uri='xmpp:mercutio@a.example'/>");
	client_expect_nothing(juliet, romeo);
	room_enter(juliet, "fair juliet");
	room_sees(romeo, "fair juliet");
	says("fair juliet: wherefore?", "");
	client_expect(juliet, "<message type='groupchat'/>");
	client_expect_nothing(juliet, romeo);
	end();
}
END_TEST

START_TEST(a_nick_is_found_among_words)
{
	begin();
	ask_result(juliet, "set", ROOM,
	           "<query xmlns='" NS_REGISTER "'><x xmlns='jabber:x:data' type='submit'>"
	           "<field var='FORM_TYPE'><value>" NS_MUC "#register</value></field>"
	           "<field var='muc#register_roomnick'><value>jule</value></field></x>"
	           "</query>",
	           "");
	client_send(juliet, "<presence/>");
	client_expect(juliet, "<presence/>");
	is_told(says("Wilt thou not, jule?", ""));
	is_told(says("Ask @jule.", ""));
	says("Julep is sweet, julep", "");
	client_expect_nothing(juliet, romeo);
	end();
}
END_TEST

CHECK_MAIN("muc_mention", who_has_a_nick_and_is_away_is_told,
           who_has_no_device_there_finds_it_later, nobody_else_is_told,
           a_nick_is_found_among_words)
