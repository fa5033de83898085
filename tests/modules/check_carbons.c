/*
 * check_carbons.c - XEP-0280.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/ask.h"

#define ENABLE "<enable xmlns='urn:xmpp:carbons:2'/>"
#define DISABLE "<disable xmlns='urn:xmpp:carbons:2'/>"
#define PRIVATE "<private xmlns='urn:xmpp:carbons:2'/>"
#define CHAT_STATE "<composing xmlns='http://jabber.org/protocol/chatstates'/>"
#define MUC "http://jabber.org/protocol/muc#user"
/* Around a message, of which REST follows its tag's name. */
#define FORWARDED(rest) \
	"<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client'" rest \
	"</forwarded>"
#define SENT(rest) "<sent xmlns='urn:xmpp:carbons:2'>" FORWARDED(rest) "</sent>"
#define RECEIVED(rest) "<received xmlns='urn:xmpp:carbons:2'>" FORWARDED(rest) "</received>"

static struct world *w;
static struct client *one, *two, *juliet;

/* Romeo at one, which sees all, and at two, which has carbons and gets no message otherwise. */
static void begin(const char *host)
{
	w = ask_world(host);
	world_account(w, "juliet@b.example", "x");
	two = client_login(w, "romeo@a.example/two");
	ask_result(two, "set", "", ENABLE, "");
	one = client_online(w, "romeo@a.example/one", 0);
	juliet = client_online(w, "juliet@b.example/balcony", 0);
}

static void end(void)
{
	client_drop(&one);
	client_drop(&two);
	client_drop(&juliet);
	world_free(&w);
}

/* ---- §3 to §5: on and off ---- */

START_TEST(host_and_account_tell_that_they_can)
{
	begin(NULL);
	for (int i = 0; i < 2; i++)
		ask_result(one, "get", i == 0 ? "a.example" : "romeo@a.example",
		           "<query xmlns='" NS_DISCO_INFO "'/>",
		           "<query xmlns='" NS_DISCO_INFO
		           "'><feature var='urn:xmpp:carbons:2'/>"
		           "<feature var='urn:xmpp:carbons:rules:0'/></query>");
	end();
}
END_TEST

START_TEST(a_session_turns_it_on_and_off_as_often_as_it_likes)
{
	static const char *const to[] = { "", "romeo@a.example", "a.example" };

	begin(NULL);
	for (size_t i = 0; i < ARRAY_LEN(to); i++) {
		ask_result(two, "set", to[i], DISABLE, "");
		ask_result(two, "set", to[i], DISABLE, "");
		client_send(juliet, "<message to='romeo@a.example/one' type='chat'/>");
		client_expect(one, "<message type='chat'/>");
		client_expect_nothing(two, juliet);
		ask_result(two, "set", to[i], ENABLE, "");
		ask_result(two, "set", to[i], ENABLE, "");
		client_send(juliet, "<message to='romeo@a.example/one' type='chat'/>");
		client_expect(one, "<message type='chat'/>");
		client_expect(two, "<message type='chat'>" RECEIVED("/>") "</message>");
	}
	ask_error(two, "get", "", ENABLE, "service-unavailable");
	end();
}
END_TEST

START_TEST(nobody_turns_it_on_or_off_for_others)
{
	begin(NULL);
	ask_error(juliet, "set", "a.example", ENABLE, "not-allowed");
	ask_error(juliet, "set", "a.example", DISABLE, "not-allowed");
	/* as an account that does not exist */
	ask_error(juliet, "set", "romeo@a.example", DISABLE, "service-unavailable");
	ask_error(juliet, "set", "nobody@a.example", DISABLE, "service-unavailable");
	client_send(juliet, "<message to='romeo@a.example/one' type='chat'/>");
	client_expect(two, "<message>" RECEIVED("/>") "</message>");
	end();
}
END_TEST

START_TEST(another_session_of_the_same_name_has_to_ask_anew)
{
	begin(NULL);
	client_close(&two);
	two = client_login(w, "romeo@a.example/two");
	client_send(juliet, "<message to='romeo@a.example/one' type='chat'/>");
	client_expect(one, "<message/>");
	client_expect_nothing(two, juliet);
	end();
}
END_TEST

/* ---- §6: which messages ---- */

enum when {
	NEVER = 0,
	WHEN_SENT = 1,
	WHEN_RECEIVED = 2,
	ALWAYS = 3,
};
static const struct eligible_row {
	enum when when;
	const char *type, *content;
} eligible[] = {
	/* types and bodies */
	{ ALWAYS, "chat", "<body>b</body>" },
	{ ALWAYS, "chat", "" },
	{ ALWAYS, "chat", "<x xmlns='urn:example:other'/>" },
	{ ALWAYS, "normal", "<body>b</body>" },
	{ ALWAYS, "of-no-such-kind", "<body>b</body>" }, /* which counts as normal */
	{ NEVER, "normal", "" },
	{ NEVER, "normal", "<subject>s</subject>" },
	{ NEVER, "normal", "<x xmlns='urn:example:other'><body>b</body></x>" },
	{ NEVER, "headline", "<body>b</body>" },
	{ NEVER, "groupchat", "<body>b</body>" },
	{ NEVER, "groupchat", CHAT_STATE },
	/* receipts, chat states, markers */
	{ ALWAYS, "normal", CHAT_STATE },
	{ ALWAYS, "normal", "<received xmlns='urn:xmpp:receipts' id='1'/>" },
	{ ALWAYS, "normal", "<request xmlns='urn:xmpp:receipts'/>" },
	{ ALWAYS, "normal", "<markable xmlns='urn:xmpp:chat-markers:0'/>" },
	{ ALWAYS, "normal", "<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>" },
	{ ALWAYS, "headline", "<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>" },
	/* rooms */
	{ ALWAYS, "normal", "<x xmlns='jabber:x:conference' jid='room@c.example'/>" },
	{ NEVER, "groupchat", "<x xmlns='jabber:x:conference' jid='room@c.example'/>" },
	{ ALWAYS, "normal", "<x xmlns='" MUC "'><invite from='a@b.example'/></x>" },
	{ NEVER, "groupchat", "<x xmlns='" MUC "'><invite from='a@b.example'/></x>" },
	{ WHEN_SENT, "chat", "<body>b</body><x xmlns='" MUC "'/>" },
	{ WHEN_SENT, "normal", "<x xmlns='" MUC "'/>" },
	{ WHEN_SENT, "chat", CHAT_STATE "<x xmlns='" MUC "'/>" },
	/* what the sender asks for (§9) */
	{ NEVER, "chat", "<body>b</body>" PRIVATE },
	{ NEVER, "chat", "<body>b</body>" PRIVATE "<no-copy xmlns='urn:xmpp:hints'/>" },
	{ NEVER, "chat", "<body>b</body><no-copy xmlns='urn:xmpp:hints'/>" },
	{ NEVER, "normal", "<x xmlns='jabber:x:conference' jid='room@c.example'/>" PRIVATE },
	{ ALWAYS, "chat", "<body>b</body><no-store xmlns='urn:xmpp:hints'/>" },
	{ ALWAYS, "chat", "<private xmlns='urn:example:other'/>" },
	/* copies themselves */
	{ NEVER, "chat", SENT(" type='chat'><body>b</body></message>") },
	{ NEVER, "chat", RECEIVED(" type='chat'><body>b</body></message>") },
	{ ALWAYS, "chat", FORWARDED(" type='chat'><body>b</body></message>") },
};

/* FROM sends it to TO, who gets it as it is; TWO gets a copy, or nothing. */
static void try_row(const struct eligible_row *row, struct client *from, struct client *to,
                    enum when way)
{
	client_printf(from, "<message to='%s' type='%s' id='m'>%s</message>", to->jid,
	              row->type, row->content);
	client_expectf(to, "<message id='m' from='%s' to='%s'>%s</message>", from->jid, to->jid,
	               row->content);
	if ((row->when & way) != 0)
		client_expectf(two,
		               "<message from='romeo@a.example' to='romeo@a.example/two' "
		               "id='-'><%s xmlns='urn:xmpp:carbons:2'><forwarded "
		               "xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' "
		               "from='%s' to='%s' id='m'>%s"
		               "</message></forwarded></%s></message>",
		               way == WHEN_SENT ? "sent" : "received", from->jid, to->jid,
		               row->content, way == WHEN_SENT ? "sent" : "received");
	client_expect_nothing(two, from);
}

START_TEST(what_is_sent_is_copied_by_the_rules)
{
	begin(NULL);
	for (size_t i = 0; i < ARRAY_LEN(eligible); i++)
		try_row(&eligible[i], one, juliet, WHEN_SENT);
	end();
}
END_TEST

START_TEST(what_is_received_is_copied_by_the_rules)
{
	begin(NULL);
	for (size_t i = 0; i < ARRAY_LEN(eligible); i++)
		try_row(&eligible[i], juliet, one, WHEN_RECEIVED);
	end();
}
END_TEST

START_TEST(the_copy_has_the_type_and_language_of_the_message)
{
	begin(NULL);
	client_send(juliet, "<message to='romeo@a.example/one' type='chat' xml:lang='it' "
	                    "id='m'><body>ciao</body><thread>t</thread></message>");
	client_expect(two,
	              "<message type='chat' from='romeo@a.example' "
	              "to='romeo@a.example/two'>" RECEIVED(
			      " type='chat' xml:lang='it' "
			      "id='m' from='juliet@b.example/balcony' "
			      "to='romeo@a.example/one'><body>ciao</body><thread>t</thread>"
			      "</message>") "</message>");
	client_send(one, "<message to='juliet@b.example'><body>b</body></message>");
	client_expect(two, "<message type='-'>" SENT(" to='juliet@b.example' "
	                                             "type='-'/>") "</message>");
	end();
}
END_TEST

START_TEST(an_error_is_copied_when_it_answers_what_was_copied)
{
#define ERROR "<error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
	begin(NULL);
	/* by the server, for nobody is there */
	client_send(one, "<message id='a' to='nobody@b.example' type='chat'/>");
	client_expect(two, "<message>" SENT(" id='a'/>") "</message>");
	client_expect(one, "<message id='a' type='error'/>");
	client_expect(two, "<message type='error'>" RECEIVED(
				   " id='a' type='error' from='nobody@b.example'>"
				   "<error/></message>") "</message>");
	/* by the other client */
	client_send(one, "<message id='b' to='juliet@b.example' type='chat'/>");
	client_expect(two, "<message>" SENT(" id='b'/>") "</message>");
	client_send(juliet, "<message id='b' to='romeo@a.example/one' type='error'>" ERROR
	                    "</message>");
	client_expect(two, "<message>" RECEIVED(" id='b' type='error'/>") "</message>");
	/* by one's own */
	client_send(juliet, "<message id='c' to='romeo@a.example/one' type='chat'/>");
	client_expect(two, "<message>" RECEIVED(" id='c'/>") "</message>");
	client_send(one, "<message id='c' to='juliet@b.example/balcony' type='error'>" ERROR
	                 "</message>");
	client_expect(two, "<message>" SENT(" id='c' type='error'/>") "</message>");
	end();
}
END_TEST

START_TEST(an_error_is_not_copied_when_it_answers_nothing_that_was)
{
	static const char *const ids[] = { "", "private", "group", "else", "wrong-way" };

	begin(NULL);
	world_account(w, "tybalt@b.example", "x");
	client_send(one, "<message id='private' to='juliet@b.example' type='chat'>" PRIVATE
	                 "</message>");
	client_send(one, "<message id='group' to='juliet@b.example/balcony' "
	                 "type='groupchat'/>");
	client_send(one, "<message id='else' to='tybalt@b.example' type='chat'/>");
	client_expect(two, "<message>" SENT(" id='else'/>") "</message>");
	client_expect(two, "<message type='error'>" RECEIVED("/>") "</message>");
	client_send(juliet, "<message id='wrong-way' to='romeo@a.example/one' "
	                    "type='chat'/>");
	client_expect(two, "<message>" RECEIVED(" id='wrong-way'/>") "</message>");
	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		client_printf(juliet,
		              "<message id='%s' to='romeo@a.example/one' type='error'>" ERROR
		              "</message>",
		              ids[i]);
		client_expect_nothing(two, juliet);
	}
	client_send(juliet,
	            "<message to='romeo@a.example/one' type='error'>" ERROR "</message>");
	client_expect_nothing(two, juliet);
	end();
#undef ERROR
}
END_TEST

/* ---- §7, §8: who gets a copy ---- */

START_TEST(who_gets_the_message_gets_no_copy)
{
	begin(NULL);
	ask_result(one, "set", "", ENABLE, "");
	client_send(juliet, "<message id='full' to='romeo@a.example/one' type='chat'/>");
	client_expect(one, "<message id='full'/>");
	client_expect_nothing(one, juliet);
	client_expect(two, "<message>" RECEIVED(" id='full'/>") "</message>");
	client_send(juliet, "<message id='bare' to='romeo@a.example' type='chat'/>");
	client_expect(one, "<message id='bare'/>");
	client_expect_nothing(one, juliet);
	client_expect(two,
	              "<message>" RECEIVED(" id='bare' to='romeo@a.example'/>") "</message>");
	client_send(juliet, "<message id='gone' to='romeo@a.example/gone' type='chat'/>");
	client_expect(one, "<message id='gone'/>");
	client_expect_nothing(one, juliet);
	client_expect(two, "<message>" RECEIVED(" to='romeo@a.example/gone'/>") "</message>");
	client_expect_nothing(two, juliet);
	end();
}
END_TEST

START_TEST(a_message_for_the_account_is_copied_to_lower_and_negative_priorities)
{
	struct client *negative;

	begin(NULL);
	negative = client_online(w, "romeo@a.example/negative", -1);
	client_expect(negative, "<presence from='romeo@a.example/one'/>");
	ask_result(negative, "set", "", ENABLE, "");
	client_send(two, "<presence><priority>0</priority></presence>");
	client_expect(two, "<presence from='romeo@a.example/two'/>");
	client_expect(two, "<presence/>");
	client_expect(two, "<presence/>");
	client_expect(negative, "<presence from='romeo@a.example/two'/>");
	client_send(one, "<presence><priority>9</priority></presence>");
	client_expect(two, "<presence from='romeo@a.example/one'/>");
	client_expect(negative, "<presence from='romeo@a.example/one'/>");
	client_send(juliet, "<message id='a' to='romeo@a.example' type='chat'/>");
	client_expect(two, "<message>" RECEIVED(" id='a'/>") "</message>");
	client_expect(negative, "<message>" RECEIVED(" id='a'/>") "</message>");
	client_expect_nothing(two, juliet);
	client_expect_nothing(negative, juliet);
	client_drop(&negative);
	end();
}
END_TEST

START_TEST(a_message_that_finds_no_one_is_copied_all_the_same)
{
	begin(NULL);
	client_send(one, "<presence type='unavailable'/>");
	client_expect(one, "<presence type='unavailable'/>");
	client_settle(one);
	client_send(two, "<presence><priority>-1</priority></presence>");
	client_expect(two, "<presence><priority>-1</priority></presence>");
	client_send(juliet, "<message id='a' to='romeo@a.example' type='chat'/>");
	client_expect(two, "<message>" RECEIVED(" id='a'/>") "</message>");
	client_expect(juliet, "<message id='a' type='error'/>");
	client_expect_nothing(two, juliet);
	end();
}
END_TEST

START_TEST(who_is_not_available_waits_for_what_is_stored)
{
	begin(NULL);
	client_send(one, "<presence type='unavailable'/>");
	client_expect(one, "<presence type='unavailable'/>");
	client_settle(one);
	client_send(juliet, "<message id='a' to='romeo@a.example' type='chat'/>");
	client_expect(juliet, "<message id='a' type='error'/>");
	client_expect_nothing(two, juliet);
	end();
}
END_TEST

START_TEST(what_is_sent_is_copied_to_all_but_the_sender)
{
	struct client *three;

	begin(NULL);
	three = client_login(w, "romeo@a.example/three");
	ask_result(one, "set", "", ENABLE, "");
	ask_result(three, "set", "", ENABLE, "");
	client_send(one, "<message id='a' to='juliet@b.example' type='chat'/>");
	client_expect(juliet, "<message id='a' from='romeo@a.example/one'/>");
	client_expect_nothing(one, juliet);
	client_expect(two, "<message to='romeo@a.example/two'>" SENT(" id='a'/>") "</message>");
	client_expect(three,
	              "<message to='romeo@a.example/three'>" SENT(" id='a'/>") "</message>");
	ask_result(one, "set", "", DISABLE, ""); /* no matter to others */
	client_send(one, "<message id='b' to='juliet@b.example' type='chat'/>");
	client_expect(two, "<message>" SENT(" id='b'/>") "</message>");
	client_drop(&three);
	end();
}
END_TEST

START_TEST(a_message_to_oneself_comes_once_as_itself_or_as_sent)
{
	begin(NULL);
	ask_result(one, "set", "", ENABLE, "");
	client_send(one, "<message id='a' to='romeo@a.example' type='chat'/>");
	client_expect(one, "<message id='a'/>");
	client_expect(two, "<message>" SENT(" id='a' to='romeo@a.example'/>") "</message>");
	client_send(two, "<message id='b' to='romeo@a.example' type='chat'/>");
	client_expect(one, "<message id='b'/>");
	client_send(two, "<message id='c' to='romeo@a.example/one' type='chat'/>");
	client_expect(one, "<message id='c'/>");
	client_send(one, "<message id='d' to='romeo@a.example/one' type='chat'/>");
	client_expect(one, "<message id='d'/>");
	client_expect(two, "<message>" SENT(" id='d'/>") "</message>");
	client_expect_nothing(one, juliet);
	client_expect_nothing(two, juliet);
	end();
}
END_TEST

START_TEST(the_receiver_gets_the_message_with_private_in_it)
{
	begin(NULL);
	client_send(one,
	            "<message id='a' to='juliet@b.example' type='chat'>" PRIVATE "</message>");
	client_expect(juliet, "<message id='a'>" PRIVATE "</message>");
	end();
}
END_TEST

/* ---- beside other modules ---- */

/* Refuses, fails, or shares the content of messages, as their ids say. */
static int on_guard(struct mod *m, struct event *ev)
{
	return str_is(ev->stanza->id, "refuse") ? event_error(ev, STANZA_NOT_ACCEPTABLE)
	                                        : MOD_PASS;
}

static int on_fallback(struct mod *m, struct event *ev)
{
	return str_is(ev->stanza->id, "fail") ? ERR_FULL : MOD_PASS;
}

static int on_filter(struct mod *m, struct event *ev)
{
	if (str_starts_with(ev->stanza->id, STR("share")))
		ev->stanza = event_share(ev, ev->stanza);
	return MOD_PASS;
}

static const struct mod_hook moody_hooks[] = {
	{ HOOK_SENT, PHASE_GUARD, on_guard },
	{ HOOK_SENT, PHASE_FALLBACK, on_fallback },
	{ HOOK_RECEIVED, PHASE_FILTER, on_filter },
	{ HOOK_DELIVERED, PHASE_FALLBACK, on_fallback },
	{ 0 },
};
static const struct mod_def mod_moody = {
	.abi = MOD_ABI,
	.name = "moody",
	.summary = "refuses, fails and shares",
	.hooks = moody_hooks,
};

static void begin_moody(void)
{
	static const struct mod_def *modules[64];
	size_t n = 0;

	for (; modules_builtin[n] != NULL; n++)
		modules[n] = modules_builtin[n];
	modules[n] = &mod_moody;
	w = world_new(&(struct world_options){ .modules = modules });
	world_account(w, "romeo@a.example", "x");
	world_account(w, "juliet@b.example", "x");
	two = client_login(w, "romeo@a.example/two");
	ask_result(two, "set", "", ENABLE, "");
	one = client_online(w, "romeo@a.example/one", 0);
	juliet = client_online(w, "juliet@b.example/balcony", 0);
}

START_TEST(what_is_refused_or_fails_is_not_copied)
{
	begin_moody();
	client_send(one, "<message id='refuse' to='juliet@b.example' type='chat'/>");
	client_expect(one, "<message id='refuse' type='error'/>");
	client_send(one, "<message id='fail' to='juliet@b.example' type='chat'/>");
	client_expect(one, "<message id='fail' type='error'/>");
	client_expect_nothing(two, one);
	client_send(juliet, "<message id='refuse' to='romeo@a.example/one' type='chat'/>");
	client_expect(juliet, "<message id='refuse' type='error'/>");
	client_expect_nothing(two, juliet);
	end();
}
END_TEST

START_TEST(what_was_serialised_before_is_copied_by_the_same_rules)
{
	begin_moody();
	client_send(juliet, "<message id='share1' to='romeo@a.example/one'>"
	                    "<body>b &amp; c</body></message>");
	client_expect(one, "<message id='share1'><body>b &amp; c</body></message>");
	client_expect(two,
	              "<message>" RECEIVED(" id='share1'>"
	                                   "<body>b &amp; c</body></message>") "</message>");
	client_send(juliet, "<message id='share2' to='romeo@a.example/one'>"
	                    "<x xmlns='urn:example:other'/></message>");
	client_expect(one, "<message id='share2'/>");
	client_expect_nothing(two, juliet);
	end();
}
END_TEST

CHECK_MAIN("carbons", host_and_account_tell_that_they_can,
           a_session_turns_it_on_and_off_as_often_as_it_likes,
           nobody_turns_it_on_or_off_for_others,
           another_session_of_the_same_name_has_to_ask_anew,
           what_is_sent_is_copied_by_the_rules, what_is_received_is_copied_by_the_rules,
           the_copy_has_the_type_and_language_of_the_message,
           an_error_is_copied_when_it_answers_what_was_copied,
           an_error_is_not_copied_when_it_answers_nothing_that_was,
           who_gets_the_message_gets_no_copy,
           a_message_for_the_account_is_copied_to_lower_and_negative_priorities,
           a_message_that_finds_no_one_is_copied_all_the_same,
           who_is_not_available_waits_for_what_is_stored,
           what_is_sent_is_copied_to_all_but_the_sender,
           a_message_to_oneself_comes_once_as_itself_or_as_sent,
           the_receiver_gets_the_message_with_private_in_it,
           what_is_refused_or_fails_is_not_copied,
           what_was_serialised_before_is_copied_by_the_same_rules)
