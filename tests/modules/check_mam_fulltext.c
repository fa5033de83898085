/*
 * check_mam_fulltext.c - searching an archive by words (XEP-0431), as clients do.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/archive.h"

#define SEARCH(text) FIELD("{urn:xmpp:fulltext:0}fulltext", text)
#define INFO "<query xmlns='http://jabber.org/protocol/disco#info'/>"

static struct world *w;
static struct client *romeo, *juliet;

static void begin(const char *options)
{
	w = ask_world(options);
	world_account(w, "juliet@a.example", "secret");
	world_account(w, "nurse@a.example", "secret");
	romeo = client_online(w, "romeo@a.example/one", 1);
	juliet = client_online(w, "juliet@a.example/two", 1);
}

static void end(void)
{
	client_drop(&romeo);
	client_drop(&juliet);
	world_free(&w);
}

static void say(const char *text)
{
	client_printf(
		romeo,
		"<message type='chat' id='%s' to='juliet@a.example'><body>%s</body></message>",
		text, text);
	client_expect(juliet, "<message/>");
}

/* What juliet finds, in order. */
static const char *found(const char *fields)
{
	return bodies(w, lookf(juliet,
	                       "<x xmlns='" NS_DATA_FORM
	                       "' type='submit'>" FIELD("FORM_TYPE", NS_MAM) "%s</x>",
	                       fields));
}

static bool has_feature(struct client *c, const char *jid)
{
	const struct xml_node *iq = ask(c, "get", jid, INFO);

	return client_matches(w->arena, iq,
	                      "<iq type='result'><query "
	                      "xmlns='http://jabber.org/protocol/disco#info'><feature "
	                      "var='urn:xmpp:fulltext:0'/></query></iq>");
}

static bool has_field(struct client *c)
{
	const struct xml_node *iq = ask(c, "get", "", "<query xmlns='" NS_MAM "'/>");

	return client_matches(w->arena, iq,
	                      "<iq type='result'><query xmlns='" NS_MAM
	                      "'><x xmlns='jabber:x:data' type='form'><field "
	                      "var='{urn:xmpp:fulltext:0}fulltext' type='text-single'/>"
	                      "</x></query></iq>");
}

START_TEST(both_ends_of_a_conversation_find_its_words)
{
	begin("");
	say("soft");
	say("what light through yonder window breaks");
	say("the window");
	ck_assert_str_eq(found(SEARCH("WINDOW")),
	                 "what light through yonder window breaks the window ");
	ck_assert_str_eq(found(SEARCH("window light")),
	                 "what light through yonder window breaks ");
	ck_assert_str_eq(found(SEARCH("?!")), "");
	/* XEP-0431 §2.2: an empty one is no search */
	ck_assert_str_eq(found(SEARCH(" ")),
	                 "soft what light through yonder window breaks the window ");
	ck_assert_str_eq(bodies(w, look(romeo, FORM(SEARCH("yonder")))),
	                 "what light through yonder window breaks ");
	end();
}
END_TEST

START_TEST(words_combine_with_the_other_fields)
{
	struct client *nurse;
	struct answer *all;

	begin("");
	say("good night one");
	say("good night two");
	nurse = client_login(w, "nurse@a.example/n");
	client_send(nurse, "<message type='chat' id='n' to='juliet@a.example'>"
	                   "<body>good night three</body></message>");
	client_expect(juliet, "<message/>");
	client_close(&nurse);
	ck_assert_str_eq(found(SEARCH("night")),
	                 "good night one good night two good night three ");
	ck_assert_str_eq(found(SEARCH("night") FIELD("with", "nurse@a.example")),
	                 "good night three ");
	ck_assert_str_eq(found(SEARCH("one") FIELD("with", "nurse@a.example")), "");
	ck_assert_str_eq(found(SEARCH("night") FIELD("with", "romeo@a.example/one")),
	                 "good night one good night two ");
	ck_assert_str_eq(found(SEARCH("night") FIELD("with", "romeo@a.example/other")), "");
	ck_assert_str_eq(found(SEARCH("night") FIELD("end", "2020-01-01T00:00:00Z")), "");
	all = look(juliet, "");
	ck_assert_uint_eq(all->n, 3);
	ck_assert_str_eq(found(arena_printf(w->arena,
	                                    SEARCH("night") FIELD("after-id", "%s")
	                                            FIELD("before-id", "%s"),
	                                    all->all[0].uid, all->all[2].uid)
	                               .p),
	                 "good night two ");
	ck_assert_str_eq(found(arena_printf(w->arena,
	                                    SEARCH("two") "<field var='ids'><value>%s</value>"
	                                                  "<value>%s</value></field>",
	                                    all->all[0].uid, all->all[1].uid)
	                               .p),
	                 "good night two ");
	end();
}
END_TEST

START_TEST(a_search_is_read_by_pages_in_both_directions)
{
	struct answer *a;

	begin("");
	for (int i = 0; i < 25; i++)
		say(arena_printf(w->arena, "%s%d", i % 5 == 0 ? "other" : "word w", i).p);
	a = look(juliet, FORM(SEARCH("word")) RSM("<max>8</max>"));
	ck_assert_uint_eq(a->n, 8);
	ck_assert(!a->complete);
	ck_assert_str_eq(a->all[0].body, "word w1");
	a = lookf(juliet, FORM(SEARCH("word")) RSM("<max>12</max><after>%s</after>"), a->last);
	ck_assert_uint_eq(a->n, 12);
	ck_assert(a->complete);
	ck_assert_str_eq(a->all[11].body, "word w24");
	a = look(juliet, FORM(SEARCH("word")) RSM("<max>8</max><before/>"));
	ck_assert_uint_eq(a->n, 8);
	ck_assert(!a->complete);
	ck_assert_str_eq(a->all[7].body, "word w24");
	a = lookf(juliet, FORM(SEARCH("word")) RSM("<max>100</max><before>%s</before>"),
	          a->first);
	ck_assert_uint_eq(a->n, 12);
	ck_assert(a->complete);
	ck_assert_str_eq(a->all[0].body, "word w1");
	end();
}
END_TEST

START_TEST(what_was_retracted_is_not_found)
{
	begin("");
	say("secret");
	say("open");
	ck_assert_str_eq(found(SEARCH("secret")), "secret ");
	client_send(romeo, "<message type='chat' id='r' to='juliet@a.example'>"
	                   "<retract xmlns='urn:xmpp:message-retract:1' id='secret'/>"
	                   "<store xmlns='urn:xmpp:hints'/></message>");
	client_expect(juliet, "<message/>");
	ck_assert_str_eq(found(SEARCH("secret")), "");
	ck_assert_str_eq(found(SEARCH("open")), "open ");
	ck_assert_str_eq(bodies(w, look(romeo, FORM(SEARCH("secret")))), "");
	end();
}
END_TEST

START_TEST(all_bodies_and_the_subject_are_searched)
{
	begin("");
	client_send(romeo, "<message type='chat' id='m' to='juliet@a.example'>"
	                   "<subject>Verona</subject><body>hello</body>"
	                   "<body xml:lang='de'>Guten Tag</body></message>");
	client_expect(juliet, "<message/>");
	ck_assert_str_eq(found(SEARCH("verona")), "hello ");
	ck_assert_str_eq(found(SEARCH("tag hello")), "hello ");
	end();
}
END_TEST

START_TEST(it_is_offered)
{
	begin("");
	ck_assert(has_feature(juliet, "juliet@a.example"));
	ck_assert(has_field(juliet));
	end();
}
END_TEST

START_TEST(it_can_be_switched_off)
{
	begin("mam { fulltext = false }\n");
	say("word");
	ck_assert(!has_feature(juliet, "juliet@a.example"));
	ck_assert(!has_field(juliet));
	ask_error(juliet, "set", "",
	          "<query xmlns='" NS_MAM "'>" FORM(SEARCH("word")) "</query>",
	          "feature-not-implemented");
	ck_assert_uint_eq(look(juliet, "")->n, 1);
	end();
}
END_TEST

START_TEST(any_text_may_be_asked_for)
{
	const char *const texts[] = {
		"&#9;&#10;",        "*",
		"\"quoted words\"", "-minus",
		"\xF0\x9F\x91\x8D", "猫",
		"\xEF\xB7\xBA",     "a b c d e f g h i j k l m n o p q r s t u v w x y z",
		"word* OR 1=1",
	};

	begin("");
	say("word");
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		(void)lookf(juliet,
		            "<x xmlns='" NS_DATA_FORM
		            "' type='submit'>" FIELD("FORM_TYPE", NS_MAM) SEARCH("%s") "</x>",
		            texts[i]);
	ck_assert_str_eq(found(SEARCH("word")), "word ");
	end();
}
END_TEST

CHECK_MAIN("mam_fulltext", both_ends_of_a_conversation_find_its_words,
           words_combine_with_the_other_fields, a_search_is_read_by_pages_in_both_directions,
           what_was_retracted_is_not_found, all_bodies_and_the_subject_are_searched,
           it_is_offered, it_can_be_switched_off, any_text_may_be_asked_for)
