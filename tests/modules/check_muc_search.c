/*
 * check_muc_search.c - public rooms, listed (XEP-0045 §6.3) and searched for (XEP-0433).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/rooms.h"

#define SEARCH_NS "urn:xmpp:channel-search:0:search"
#define ERROR_NS "urn:xmpp:channel-search:0:error"
#define PARAMS "urn:xmpp:channel-search:0:search-params"
#define USERS "{urn:xmpp:channel-search:0:order}nusers"

static struct client *asker; /* within what one may ask in a minute */

static void begin(const char *options)
{
	rooms_begin(options);
	asker = juliet;
}

/* Romeo makes a room of that localpart and name, and stays. */
static void make(const char *local, const char *name)
{
	client_printf(romeo, "<presence to='%s@" SERVICE "/romeo'>" NO_HISTORY "</presence>",
	              local);
	client_expect(romeo, "<presence/>");
	client_expect(romeo, "<message/>");
	client_printf(
		romeo,
		"<iq type='set' id='make' to='%s@" SERVICE "'><query xmlns='" NS_MUC_OWNER
		"'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>" NS_MUC
		"#roomconfig</value></field><field var='muc#roomconfig_roomname'>"
		"<value>%s</value></field></x></query></iq>",
		local, name);
	while (!xml_is(client_next(romeo), NS_CLIENT, "iq"))
		;
}

static void make_some(void)
{
	make("balcony", "A Balcony");
	make("chapel", "The Chapel");
	make("tomb", "A Tomb");
}

/* ---- listing ---- */

static void list(const char *set, const char *result)
{
	const char *query = arena_printf(w->arena,
	                                 "<query xmlns='" NS_DISCO_ITEMS "'><set xmlns='" NS_RSM
	                                 "'>%s</set></query>",
	                                 set)
	                            .p;

	ask_result(
		juliet, "get", SERVICE, query,
		arena_printf(w->arena, "<query xmlns='" NS_DISCO_ITEMS "'>%s</query>", result)
			.p);
}

START_TEST(the_service_lists_public_rooms)
{
	begin(NULL);
	list("", "<set xmlns='" NS_RSM "'><count>0</count></set>");
	make_some();
	list("", "<item jid='balcony@" SERVICE "' name='A Balcony'/><item jid='chapel@" SERVICE
	         "' name='The Chapel'/><item jid='tomb@" SERVICE "'/><set xmlns='" NS_RSM
	         "'><first index='0'>balcony@" SERVICE "</first><last>tomb@" SERVICE
	         "</last><count>3</count></set>");
	end();
}
END_TEST

START_TEST(rooms_are_listed_in_pages)
{
	const struct xml_node *iq;

	begin(NULL);
	make_some();
	list("<max>2</max>", "<item jid='balcony@" SERVICE "'/><item jid='chapel@" SERVICE
	                     "'/><set xmlns='" NS_RSM
	                     "'><first index='0'/><last>chapel@" SERVICE "</last></set>");
	list("<max>2</max><after>chapel@" SERVICE "</after>",
	     "<item jid='tomb@" SERVICE "'/><set xmlns='" NS_RSM "'><first index='-'/></set>");
	list("<max>1</max><before/>", "<item jid='tomb@" SERVICE "'/>");
	list("<max>1</max><before>tomb@" SERVICE "</before>",
	     "<item jid='chapel@" SERVICE "'/>");
	/* of a room that is gone, too */
	list("<max>1</max><after>c@" SERVICE "</after>", "<item jid='chapel@" SERVICE "'/>");
	iq = ask(juliet, "get", SERVICE,
	         "<query xmlns='" NS_DISCO_ITEMS "'><set xmlns='" NS_RSM
	         "'><max>0</max></set></query>");
	ck_assert_ptr_null(xml_child(xml_only_child(iq), NULL, "item"));
	ask_error(juliet, "get", SERVICE,
	          "<query xmlns='" NS_DISCO_ITEMS "'><set xmlns='" NS_RSM
	          "'><after>chapel@a.example</after></set></query>",
	          "item-not-found");
	ask_error(juliet, "get", SERVICE,
	          "<query xmlns='" NS_DISCO_ITEMS "'><set xmlns='" NS_RSM
	          "'><index>2</index></set></query>",
	          "feature-not-implemented");
	end();
}
END_TEST

/* ---- searching ---- */

static const char *form_of(const char *fields, const char *set)
{
	return arena_printf(w->arena,
	                    "<search xmlns='" SEARCH_NS "'>%s<x xmlns='jabber:x:data' "
	                    "type='submit'><field var='FORM_TYPE'><value>" PARAMS
	                    "</value></field>%s</x></search>",
	                    set, fields)
	        .p;
}

#define FIELD(var, value) "<field var='" var "'><value>" value "</value></field>"
#define MAX(n, more) "<set xmlns='" NS_RSM "'><max>" n "</max>" more "</set>"

static const char *page_first, *page_last; /* of the last page */

static const char *end_of_page(const struct xml_node *iq, const char *which)
{
	const struct xml_node *set = xml_child(xml_only_child(iq), NS_RSM, "set");

	return arena_cstr(w->arena, xml_child_text(w->arena, set, which));
}

/* The localparts that are found, with spaces between. */
static const char *search(const char *fields, const char *set)
{
	const struct xml_node *iq = ask(asker, "get", SERVICE, form_of(fields, set));
	const struct xml_node *item = NULL;
	struct str found = STR("");

	ck_assert_str_is(xml_attr(iq, "type"), "result");
	page_first = end_of_page(iq, "first");
	page_last = end_of_page(iq, "last");
	while ((item = xml_next_child(xml_only_child(iq), item)) != NULL) {
		struct str address = xml_attr(item, "address"), local;

		if (!xml_is(item, SEARCH_NS, "item"))
			continue;
		local = str_cut(&address, '@');
		found = arena_printf(w->arena, STR_FMT "%s" STR_FMT, STR_ARG(found),
		                     found.n == 0 ? "" : " ", STR_ARG(local));
	}
	return arena_cstr(w->arena, found);
}

static void search_fails(const char *fields, const char *set, const char *condition,
                         const char *type, const char *app)
{
	client_printf(juliet, "<iq type='get' id='s' to='" SERVICE "'>%s</iq>",
	              form_of(fields, set));
	client_expectf(juliet,
	               "<iq type='error' id='s'><error type='%s'><%s xmlns='" NS_STANZA_ERROR
	               "'/><%s xmlns='" ERROR_NS "'/></error></iq>",
	               type, condition, app);
}

START_TEST(the_form_tells_what_can_be_searched_for)
{
	begin(NULL);
	ask_result(juliet, "get", SERVICE, "<search xmlns='" SEARCH_NS "'/>",
	           "<search xmlns='" SEARCH_NS "'><x xmlns='jabber:x:data' type='form'>" FIELD(
			   "FORM_TYPE", PARAMS) "<field var='q'/><field var='all'/>"
	                                        "<field var='sinname'/><field "
	                                        "var='sindescription'/><field var='key'/></x>"
	                                        "</search>");
	end();
}
END_TEST

START_TEST(rooms_are_found_by_words)
{
	begin(NULL);
	make_some();
	ck_assert_str_eq(search(FIELD("q", "CHAPEL the"), ""), "chapel");
	ck_assert_str_eq(search(FIELD("q", "tom"), ""), "tomb");
	ck_assert_str_eq(search(FIELD("q", "chapel tomb"), ""), "");
	ck_assert_str_eq(search(FIELD("q", "chapel") FIELD("types", "xep-0369"), ""), "");
	ck_assert_str_eq(search(FIELD("q", "a.example"), ""), "balcony chapel tomb");
	ck_assert_str_eq(search(FIELD("q", "a.example") FIELD("sinaddress", "false"), ""), "");
	ck_assert_str_eq(search(FIELD("all", "true"), ""), "balcony chapel tomb");
	ask_result(juliet, "get", SERVICE, form_of(FIELD("q", "chapel"), ""),
	           "<result xmlns='" SEARCH_NS "'><item address='chapel@" SERVICE
	           "'><name>The Chapel</name><nusers>1</nusers><is-open/>"
	           "<service-type>xep-0045</service-type>"
	           "<anonymity-mode>muc_semianonymous</anonymity-mode></item></result>");
	end();
}
END_TEST

static const char *page(const char *where, const char *end)
{
	return arena_printf(w->arena, MAX("1", "<%s>%s</%s>"), where, end, where).p;
}

START_TEST(what_is_found_comes_in_pages_in_either_order)
{
	static const char *const keys[] = { "", FIELD("key", USERS) };
	static const char *const orders[][3] = { { "balcony", "chapel", "tomb" },
		                                 { "tomb", "balcony", "chapel" } };

	begin(NULL);
	make_some();
	client_send(juliet, "<presence to='tomb@" SERVICE "/juliet'>" NO_HISTORY "</presence>");
	room_read_entry(juliet);
	client_expect(romeo, "<presence from='tomb@" SERVICE "/juliet'/>");
	for (size_t i = 0; i < 2; i++) {
		const char *fields = arena_printf(w->arena, FIELD("all", "1") "%s", keys[i]).p;
		const char *at = MAX("1", "");

		asker = i == 0 ? romeo : juliet;
		for (size_t n = 0; n < 3; n++) {
			ck_assert_str_eq(search(fields, at), orders[i][n]);
			at = page("after", page_last);
		}
		ck_assert_str_eq(search(fields, at), "");
		at = MAX("1", "<before/>");
		for (size_t n = 3; n-- > 0;) {
			ck_assert_str_eq(search(fields, at), orders[i][n]);
			at = page("before", page_first);
		}
		ck_assert_str_eq(search(fields, at), "");
	}
	end();
}
END_TEST

START_TEST(what_cannot_be_searched_for_is_said)
{
	begin(NULL);
	search_fails(FIELD("q", "x"), "", "bad-request", "modify", "invalid-search-terms");
	search_fails(FIELD("q", "xy") FIELD("all", "1"), "", "bad-request", "modify",
	             "conflicting-fields");
	search_fails("", "", "bad-request", "cancel", "no-search-conditions");
	search_fails(FIELD("q", "xy") FIELD("key", "size"), "", "feature-not-implemented",
	             "modify", "invalid-sort-key");
	ask_error(juliet, "get", SERVICE,
	          form_of(FIELD("q", "xy"), MAX("1", "<after>x</after>")), "item-not-found");
	ask_error(juliet, "get", SERVICE,
	          "<search xmlns='" SEARCH_NS
	          "'><x xmlns='jabber:x:data' type='result'/></search>",
	          "bad-request");
	end();
}
END_TEST

START_TEST(who_searches_too_often_is_told_to_wait)
{
	begin(NULL);
	for (int i = 0; i < 10; i++)
		search(FIELD("q", "xy"), "");
	search_fails(FIELD("q", "xy"), "", "resource-constraint", "wait", "rate-limit");
	end();
}
END_TEST

CHECK_MAIN("muc_search", the_service_lists_public_rooms, rooms_are_listed_in_pages,
           the_form_tells_what_can_be_searched_for, rooms_are_found_by_words,
           what_is_found_comes_in_pages_in_either_order, what_cannot_be_searched_for_is_said,
           who_searches_too_often_is_told_to_wait)
