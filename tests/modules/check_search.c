/*
 * check_search.c - XEP-0055.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/ask.h"

#define ON "modules = { \"presence\", \"private\", \"vcard\", \"search\" }\n"
#define FAST ON "search { per-minute = 1000000 }"
#define OFF "modules = { \"presence\", \"vcard\" }\n"
#define QUERY(inner) "<query xmlns='jabber:iq:search'>" inner "</query>"
#define PUBLIC "<CLASS><PUBLIC/></CLASS>"
#define NAME(first, last) "<N><GIVEN>" first "</GIVEN><FAMILY>" last "</FAMILY></N>"

static struct world *w;
static struct client *c; /* romeo */

static void begin(const char *host)
{
	w = ask_world(host);
	c = client_login(w, "romeo@a.example/one");
}

static void end(void)
{
	client_drop(&c);
	world_free(&w);
}

/* The account JID, made if need be, sets its vCard. */
static void card(const char *jid, bool make, const char *inner)
{
	struct client *other;

	if (make)
		world_account(w, jid, "x");
	other = client_login(w, jid);
	ask_result(other, "set", "",
	           arena_printf(w->arena, "<vCard xmlns='vcard-temp'>%s</vCard>", inner).p, "");
	client_close(&other);
}

/* The account comes and goes; what that puts right is on disk, as what is stored behind it is. */
static void visit(const char *jid)
{
	struct client *other = client_login(w, jid);

	ask_result(other, "set", "",
	           "<query xmlns='jabber:iq:private'><p xmlns='urn:p'>1</p></query>", "");
	client_close(&other);
}

static void on_removed(struct core *core, void *arg, int err)
{
	world_answer(arg, err);
}

static void do_remove(struct core *core, struct world_call *call)
{
	const struct jid *jid = call->arg;

	account_remove(core, *jid, on_removed, call);
}

static void remove_account(const char *text)
{
	struct jid jid = world_jid(w, text);

	ck_assert_int_eq(world_ask(w, 0, do_remove, &jid), 0);
}

static size_t count_children(const struct xml_node *n)
{
	size_t count = 0;

	for (const struct xml_node *child = NULL; (child = xml_next_child(n, child)) != NULL;)
		count++;
	return count;
}

/* Is that all that a search for INNER finds? */
static void finds(const char *inner, const char *items)
{
	const struct xml_node *iq =
		ask(c, "set", "a.example", arena_printf(w->arena, QUERY("%s"), inner).p);
	const char *pattern =
		arena_printf(w->arena, "<iq type='result'>" QUERY("%s") "</iq>", items).p;
	const struct xml_node *wanted;

	ck_assert_int_eq(xml_read(w->arena, str_of(pattern), &wanted), 0);
	ck_assert_msg(client_matches(w->arena, iq, pattern) &&
	                      count_children(xml_only_child(iq)) ==
	                              count_children(xml_only_child(wanted)),
	              "%s finds " STR_FMT, inner, STR_ARG(xml_print(w->arena, iq)));
}

START_TEST(the_fields_are_told_plain_and_as_a_form)
{
	begin(ON);
	ask_result(c, "get", "a.example", QUERY(""),
	           QUERY("<instructions/><first/><last/><nick/><email/>"
	                 "<x xmlns='jabber:x:data' type='form'><title/><instructions/>"
	                 "<field var='FORM_TYPE' type='hidden'><value>jabber:iq:search</value>"
	                 "</field><field var='first' type='text-single'/>"
	                 "<field var='x-organization'/></x>"));
	end();
}
END_TEST

START_TEST(who_says_so_is_found_by_words_without_case)
{
	begin(FAST);
	card("juliet@a.example", true,
	     PUBLIC NAME("Juliet Maria", "Capulet") "<NICKNAME>JuliC, Jule</NICKNAME>"
	                                            "<EMAIL><USERID>J.Capulet@Verona.example</"
	                                            "USERID></EMAIL>");
	card("tybalt@a.example", true, PUBLIC NAME("Tybalt", "Capulet"));
	card("nurse@a.example", true, NAME("Angelica", "Capulet")); /* not public */
	card("peter@a.example", true, "<CLASS><PRIVATE/></CLASS>" NAME("Peter", "Capulet"));
	finds("<last>capulet</last>",
	      "<item jid='juliet@a.example'><first>Juliet Maria</first><last>Capulet</last>"
	      "<nick>JuliC, Jule</nick><email>J.Capulet@Verona.example</email></item>"
	      "<item jid='tybalt@a.example'><first>Tybalt</first><last>Capulet</last><nick/>"
	      "<email/></item>");
	finds("<last>CAPU*</last><first>jul*</first>", "<item jid='juliet@a.example'/>");
	finds("<first>maria juliet</first>", "<item jid='juliet@a.example'/>");
	finds("<first>mari</first>", "");
	finds("<first>j* m* t*</first>", "");
	finds("<nick>jule</nick><first/><last> </last>", "<item jid='juliet@a.example'/>");
	finds("<nick>ju*</nick>", "<item jid='juliet@a.example'/>"); /* once, by two words */
	finds("<email>j.capulet@*</email>", "<item jid='juliet@a.example'/>");
	finds("<email>j.capulet@verona.EXAMPLE</email>", "<item jid='juliet@a.example'/>");
	finds("<nick>*</nick>", "<item jid='juliet@a.example'/>");
	finds("<last>*capulet</last>", "");
	finds("<first>peter</first>", "");
	finds("<first>nobody</first>", "");
	end();
}
END_TEST

START_TEST(letters_beyond_ascii_have_no_case_either)
{
	begin(ON);
	card("e@a.example", true, PUBLIC NAME("Élodie", "Österreicher-O'Brien"));
	finds("<first>élodie</first>", "<item jid='e@a.example'/>");
	finds("<first>ÉLO*</first>", "<item jid='e@a.example'/>");
	finds("<last>österreicher-o'brien</last>", "<item jid='e@a.example'/>");
	finds("<last>ÖSTER*</last>", "<item jid='e@a.example'/>");
	end();
}
END_TEST

#define FORM(inner) \
	"<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>" \
	"jabber:iq:search</value></field>" inner "</x>"

START_TEST(a_form_has_more_fields_and_is_answered_with_a_table)
{
	begin(ON);
	card("juliet@a.example", true,
	     PUBLIC NAME("Juliet", "Capulet") "<FN>Miss Juliet</FN><ORG><ORGNAME>House of "
	                                      "Capulet</ORGNAME></ORG>");
	ask_result(c, "set", "a.example",
	           QUERY(FORM("<field var='x-organization'><value>house cap*</value></field>")),
	           QUERY("<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE'>"
	                 "<value>jabber:iq:search</value></field>"
	                 "<reported><field var='jid'/><field var='first'/></reported>"
	                 "<item><field var='jid'><value>juliet@a.example</value></field>"
	                 "<field var='x-full-name'><value>Miss Juliet</value></field></item>"
	                 "</x>"));
	finds("<x-organization>house</x-organization><first>juliet</first>",
	      "<item jid='juliet@a.example'/>"); /* a plain field it is not */
	ask_error(c, "set", "a.example",
	          QUERY("<x xmlns='jabber:x:data' type='submit'><field var='first'><value>"
	                "juliet</value></field></x>"),
	          "bad-request");
	end();
}
END_TEST

START_TEST(who_is_not_logged_in_here_may_not_search_and_nobody_without_a_word)
{
	struct client *other;

	begin(ON);
	world_account(w, "benvolio@b.example", "x");
	other = client_login(w, "benvolio@b.example");
	ask_error(other, "get", "a.example", QUERY(""), "forbidden");
	ask_error(other, "set", "a.example", QUERY("<first>x</first>"), "forbidden");
	ask_error(other, "get", "b.example", QUERY(""), "service-unavailable"); /* off there */
	ask_error(c, "set", "a.example", QUERY(""), "not-acceptable");
	ask_error(c, "set", "a.example", QUERY("<first> , </first>"), "not-acceptable");
	client_drop(&other);
	end();
}
END_TEST

START_TEST(what_changes_is_found_as_it_is_now)
{
	begin(ON);
	card("juliet@a.example", true, PUBLIC NAME("Juliet", "Capulet"));
	card("juliet@a.example", false, PUBLIC NAME("Juliet", "Montague"));
	finds("<last>capulet</last>", "");
	finds("<last>montague</last>", "<item jid='juliet@a.example'/>");
	client_drop(&c);
	world_restart(w);
	c = client_login(w, "romeo@a.example/one");
	finds("<last>montague</last>", "<item jid='juliet@a.example'/>");
	card("juliet@a.example", false, NAME("Juliet", "Montague"));
	finds("<last>montague</last>", "");
	card("juliet@a.example", false, PUBLIC NAME("Juliet", "Montague"));
	finds("<last>montague</last>", "<item jid='juliet@a.example'/>");
	card("juliet@a.example", false, "");
	finds("<last>montague</last>", "");
	end();
}
END_TEST

/* What is in the directory. */
static int count_word(void *arg, struct str key, struct str value)
{
	++*(int *)arg;
	return 0;
}

static void count_words(struct core *core, struct world_call *call)
{
	static const struct store_space *spaces[1];
	int n = 0;

	for (const struct mod_def *const *d = modules_builtin; *d != NULL; d++)
		for (size_t i = 0; (*d)->spaces != NULL && (*d)->spaces[i] != NULL; i++)
			if (str_is(str_of((*d)->spaces[i]->name), "directory"))
				spaces[0] = (*d)->spaces[i];
	ck_assert_int_eq(store_scan(core->view, spaces[0], STORE_OWNER_STORE, STR_NONE,
	                            STR_NONE, 0, count_word, &n),
	                 0);
	world_answer(call, n);
}

START_TEST(an_account_that_is_removed_leaves_nothing_behind)
{
	struct client *other;

	begin(ON);
	card("juliet@a.example", true, PUBLIC NAME("Juliet Maria", "Capulet"));
	card("tybalt@a.example", true, PUBLIC NAME("Tybalt", "Capulet"));
	ck_assert_int_eq(world_ask(w, 0, count_words, NULL), 5);
	remove_account("juliet@a.example");
	finds("<last>capulet</last>", "<item jid='tybalt@a.example'/>");
	ck_assert_int_eq(world_ask(w, 0, count_words, NULL), 2);
	world_account(w, "juliet@a.example", "x");
	other = client_login(w, "juliet@a.example");
	finds("<first>juliet</first>", "");
	client_close(&other);
	end();
}
END_TEST

/* The same data with other options. */
static void again(const char *host)
{
	client_drop(&c);
	world_stop(w);
	world_configure(w, &(struct world_options){ .modules = modules_builtin, .host = host });
	ck_assert_int_eq(world_start(w), 0);
	c = client_login(w, "romeo@a.example/one");
}

START_TEST(what_changed_while_the_module_was_off_is_not_found_and_comes_with_the_next_login)
{
	begin(ON);
	card("juliet@a.example", true, PUBLIC NAME("Juliet", "Capulet"));
	card("tybalt@a.example", true, NAME("Tybalt", "Capulet"));
	card("peter@a.example", true, PUBLIC NAME("Peter", "Capulet"));
	again(OFF);
	card("juliet@a.example", false, NAME("Juliet", "Capulet"));        /* private now */
	card("tybalt@a.example", false, PUBLIC NAME("Tybalt", "Capulet")); /* public now */
	remove_account("peter@a.example");
	again(ON);
	finds("<last>capulet</last>", "");
	visit("tybalt@a.example");
	finds("<last>capulet</last>", "<item jid='tybalt@a.example'/>");
	visit("juliet@a.example");
	finds("<last>capulet</last>", "<item jid='tybalt@a.example'/>");
	end();
}
END_TEST

START_TEST(an_operator_may_list_all_that_have_a_vcard)
{
	begin(ON "search { listed = all }");
	card("juliet@a.example", true, NAME("Juliet", "Capulet"));
	card("tybalt@a.example", true, PUBLIC NAME("Tybalt", "Capulet"));
	finds("<first>juliet</first>", "<item jid='juliet@a.example'/>");
	again(ON); /* and change their mind */
	finds("<last>capulet</last>", "<item jid='tybalt@a.example'/>");
	visit("juliet@a.example");
	ck_assert_int_eq(world_ask(w, 0, count_words, NULL), 2); /* her words are gone */
	again(ON "search { listed = all }");
	visit("juliet@a.example");
	finds("<first>juliet</first>", "<item jid='juliet@a.example'/>");
	end();
}
END_TEST

START_TEST(results_and_searches_are_bounded)
{
	begin(ON "search { results = 3\nper-minute = 1 }");
	for (int i = 0; i < 5; i++)
		card(arena_printf(w->arena, "capulet-%d@a.example", i).p, true,
		     PUBLIC NAME("C", "Capulet"));
	ck_assert_uint_eq(count_children(xml_only_child(
				  ask(c, "set", "a.example", QUERY("<last>capulet</last>")))),
	                  3);
	for (int i = 0; i < 9; i++)
		ask(c, "set", "a.example", QUERY("<last>capulet</last>"));
	ask_error(c, "set", "a.example", QUERY("<last>capulet</last>"), "resource-constraint");
	end();
}
END_TEST

START_TEST(values_longer_than_what_counts_are_cut_and_found_by_their_beginning)
{
	struct arena *arena = arena_new(4096);
	struct str many = STR("");

	begin(ON);
	for (int i = 0; i < 400; i++)
		many = arena_concat(arena, many, STR("é"));
	card("long@a.example", true,
	     arena_printf(arena, PUBLIC "<NICKNAME>" STR_FMT "</NICKNAME>", STR_ARG(many)).p);
	finds(arena_printf(arena, "<nick>" STR_FMT "</nick>", STR_ARG(many)).p,
	      "<item jid='long@a.example'/>");
	finds("<nick>ééé*</nick>", "<item jid='long@a.example'/>");
	finds("<nick>a b c d e f g h i j k l</nick>", "");
	arena_free(&arena);
	end();
}
END_TEST

START_TEST(accounts_of_all_shards_are_in_it)
{
	w = world_new(&(struct world_options){
		.modules = modules_builtin, .host = FAST, .shards = 4 });
	world_account(w, "romeo@a.example", "x");
	c = client_login(w, "romeo@a.example/one");
	for (int i = 0; i < 12; i++)
		card(arena_printf(w->arena, "capulet-%d@a.example", i).p, true,
		     PUBLIC NAME("C", "Capulet"));
	ck_assert_uint_eq(count_children(xml_only_child(
				  ask(c, "set", "a.example", QUERY("<last>capulet</last>")))),
	                  12);
	for (int i = 0; i < 12; i++)
		remove_account(arena_printf(w->arena, "capulet-%d@a.example", i).p);
	ck_assert_int_eq(world_ask(w, 0, count_words, NULL), 0);
	end();
}
END_TEST

START_TEST(the_server_may_stop_while_searches_are_under_way)
{
	begin(FAST);
	card("juliet@a.example", true, PUBLIC NAME("Juliet", "Capulet"));
	for (int i = 0; i < 200; i++)
		client_send(c, "<iq type='set' id='s' to='a.example'>" QUERY(
				       "<last>c*</last>") "</iq>");
	world_restart(w);
	client_drop(&c);
	c = client_login(w, "romeo@a.example/one");
	finds("<last>c*</last>", "<item jid='juliet@a.example'/>");
	end();
}
END_TEST

CHECK_MAIN("search", the_fields_are_told_plain_and_as_a_form,
           who_says_so_is_found_by_words_without_case, letters_beyond_ascii_have_no_case_either,
           a_form_has_more_fields_and_is_answered_with_a_table,
           who_is_not_logged_in_here_may_not_search_and_nobody_without_a_word,
           what_changes_is_found_as_it_is_now, an_account_that_is_removed_leaves_nothing_behind,
           what_changed_while_the_module_was_off_is_not_found_and_comes_with_the_next_login,
           an_operator_may_list_all_that_have_a_vcard, results_and_searches_are_bounded,
           accounts_of_all_shards_are_in_it, the_server_may_stop_while_searches_are_under_way,
           values_longer_than_what_counts_are_cut_and_found_by_their_beginning)
