/*
 * check_muc_voice.c - visitors ask for a voice, and moderators give it (XEP-0045 §7.13, §8.6).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/rooms_admin.h"

#define FIELD(var, value) "<field var='" var "'><value>" value "</value></field>"
#define FORM(fields) \
	"<message id='v1' to='" ROOM "'><x xmlns='jabber:x:data' type='submit'>" FIELD( \
		"FORM_TYPE", "http://jabber.org/protocol/muc#request") fields "</x></message>"
#define REQUEST FORM(FIELD("muc#role", "participant"))
#define APPROVAL(jid, nick, allow) \
	FORM(FIELD("muc#role", "participant") FIELD("muc#jid", jid) \
	             FIELD("muc#roomnick", nick) FIELD("muc#request_allow", allow))

/* Romeo owns a moderated room, with Juliet and Mercutio as visitors. */
static void begin(void)
{
	rooms_begin_together("muc { moderated = true\n persistent = true }\n");
}

static void refused(struct client *c, const char *xml, const char *condition)
{
	client_send(c, xml);
	client_expectf(c,
	               "<message type='error' id='v1'><error><%s xmlns='" NS_STANZA_ERROR
	               "'/></error></message>",
	               condition);
}

START_TEST(a_visitor_asks_and_a_moderator_grants)
{
	begin();
	client_send(juliet, REQUEST);
	client_expect(
		romeo,
		"<message type='-' from='" ROOM "'><x xmlns='jabber:x:data' type='form'>"
		"<title/><instructions/>"
		"<field var='FORM_TYPE' type='hidden'>"
		"<value>http://jabber.org/protocol/muc#request</value></field>"
		"<field var='muc#role' type='list-single'><value>participant</value></field>"
		"<field var='muc#jid' type='jid-single'><value>" JULIET "</value></field>"
		"<field var='muc#roomnick' type='text-single'><value>juliet</value></field>"
		"<field var='muc#request_allow' type='boolean'><value>false</value></field>"
		"</x></message>");
	client_expect_nothing(mercutio, mercutio);
	client_send(romeo, APPROVAL(JULIET, "juliet", "true"));
	all_see(HERE("juliet", "<item role='participant'><actor nick='romeo'/></item>"));
	client_send(juliet, "<message type='groupchat' to='" ROOM "'><body>I</body></message>");
	all_see("<message><body>I</body></message>");
	client_send(romeo, APPROVAL(JULIET, "juliet", "true")); /* again: nothing comes of it */
	client_expect_nothing(romeo, romeo);
	end();
}
END_TEST

START_TEST(a_moderator_may_let_it_be)
{
	begin();
	client_send(juliet, REQUEST);
	client_expect(romeo, "<message/>");
	client_send(romeo, APPROVAL(JULIET, "juliet", "false"));
	client_send(romeo,
	            "<message id='v1' to='" ROOM "'><x xmlns='jabber:x:data' type='cancel'/>"
	            "</message>");
	client_expect_nothing(romeo, romeo);
	client_expect_nothing(juliet, juliet);
	end();
}
END_TEST

START_TEST(what_is_no_request_and_no_answer_is_refused)
{
	begin();
	refused(romeo, REQUEST, "unexpected-request");
	refused(juliet, FORM(FIELD("muc#role", "moderator")), "bad-request");
	refused(juliet, FORM(""), "bad-request");
	refused(juliet,
	        "<message id='v1' to='" ROOM
	        "'><x xmlns='jabber:x:data' type='submit'/></message>",
	        "bad-request");
	refused(juliet, APPROVAL(JULIET, "juliet", "true"), "forbidden");
	refused(romeo, APPROVAL(JULIET, "juliet", "perhaps"), "bad-request");
	refused(romeo, APPROVAL(JULIET, "nobody", "true"), "item-not-found");
	refused(romeo, APPROVAL(JULIET, "mercutio", "true"), "item-not-found");
	client_send(juliet, "<presence type='unavailable' to='" ROOM "/juliet'/>");
	client_expect(juliet, "<presence type='unavailable'/>");
	refused(juliet, REQUEST, "forbidden");
	end();
}
END_TEST

START_TEST(who_asks_all_the_time_is_not_heard)
{
	begin();
	for (int i = 0; i < 3; i++) {
		client_send(juliet, REQUEST);
		client_expect(romeo, "<message/>");
	}
	refused(juliet, REQUEST, "policy-violation");
	client_send(mercutio, REQUEST);
	client_expect(romeo, "<message/>");
	end();
}
END_TEST

START_TEST(where_no_moderator_is_the_visitor_hears_so)
{
	begin();
	client_send(romeo, "<presence type='unavailable' to='" ROOM "/romeo'/>");
	all_see(GONE("romeo", ""));
	refused(juliet, REQUEST, "recipient-unavailable");
	end();
}
END_TEST

CHECK_MAIN("muc_voice", a_visitor_asks_and_a_moderator_grants, a_moderator_may_let_it_be,
           what_is_no_request_and_no_answer_is_refused, who_asks_all_the_time_is_not_heard,
           where_no_moderator_is_the_visitor_hears_so)
