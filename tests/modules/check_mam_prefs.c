/*
 * check_mam_prefs.c - what an account wants to be archived (XEP-0441).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/lovers.h"

#define PREFS(def, always, never) \
	"<prefs xmlns='" NS_MAM "' default='" def "'><always>" always "</always><never>" never \
	"</never></prefs>"
#define GET "<prefs xmlns='" NS_MAM "'/>"
#define JID(jid) "<jid>" jid "</jid>"

/* Is what Romeo writes to Juliet, and she to him, in his archive? */
static bool keeps(const char *to)
{
	size_t before = look(romeo, "")->n, after;

	client_printf(romeo, "<message to='%s' type='chat' id='1'>" BODY("b") "</message>", to);
	client_expect(juliet, "<message id='1'/>");
	client_send(juliet,
	            "<message to='" ROMEO "' type='chat' id='2'>" BODY("b") "</message>");
	client_expect(romeo, "<message id='2'/>");
	after = look(romeo, "")->n - before;
	ck_assert(after == 0 || after == 2);
	return after == 2;
}

START_TEST(without_preferences_all_is_archived)
{
	begin(NULL);
	ask_result(romeo, "get", "", GET, PREFS("always", "", ""));
	ck_assert(keeps(JULIET));
	end();
}
END_TEST

START_TEST(the_host_has_a_default)
{
	begin("mam { default = \"never\" }");
	ask_result(romeo, "get", "", GET, PREFS("never", "", ""));
	ck_assert(!keeps(JULIET));
	/* which an account may change */
	ask_result(romeo, "set", "", PREFS("always", "", ""), PREFS("always", "", ""));
	ck_assert(keeps(JULIET));
	end();
}
END_TEST

static const struct prefs_row {
	bool keeps;
	const char *prefs;
} rows[] = {
	{ false, PREFS("never", "", "") },
	{ true, PREFS("never", JID(JULIET), "") },
	{ true, PREFS("never", JID("nurse@a.example") JID("Juliet@A.Example"), "") },
	{ false, PREFS("never", JID("nurse@a.example"), "") },
	{ false, PREFS("always", "", JID(JULIET)) },
	{ true, PREFS("always", "", JID("nurse@a.example")) },
	{ false, PREFS("always", JID(JULIET), JID(JULIET)) },
	/* the resource says more */
	{ true, PREFS("never", JID(JULIET "/balcony"), JID(JULIET)) },
	{ false, PREFS("always", JID(JULIET), JID(JULIET "/balcony")) },
	{ true, PREFS("always", "", JID(JULIET "/other")) },
	{ true, PREFS("always", "", JID("a.example")) },
	{ false, "<prefs xmlns='" NS_MAM "' default='never'/>" },
	{ true, "<prefs xmlns='" NS_MAM "' default='always'/>" },
};

START_TEST(lists_and_default_decide)
{
	begin(NULL);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ask_result(romeo, "set", "", rows[i].prefs, "<prefs xmlns='" NS_MAM "'/>");
		ck_assert_msg(keeps(JULIET "/balcony") == rows[i].keeps, "%s", rows[i].prefs);
	}
	end();
}
END_TEST

START_TEST(those_in_the_roster_may_be_the_default)
{
	begin("mam { default = \"roster\" }");
	ck_assert(!keeps(JULIET "/balcony"));
	ask(romeo, "set", "",
	    "<query xmlns='" NS_ROSTER "'><item jid='" JULIET "' name='j'/></query>");
	ck_assert(keeps(JULIET "/balcony"));
	ask_result(romeo, "set", "", PREFS("roster", "", JID(JULIET)),
	           PREFS("roster", "", JID(JULIET)));
	ck_assert(!keeps(JULIET));
	end();
}
END_TEST

START_TEST(preferences_last)
{
	begin(NULL);
	ask_result(romeo, "set", "",
	           PREFS("never", JID("a@b.example") JID("b.example"), JID("c@b.example/r")),
	           PREFS("never", JID("a@b.example") JID("b.example"), JID("c@b.example/r")));
	client_drop(&romeo);
	client_drop(&juliet);
	world_restart(w);
	romeo = client_online(w, ROMEO "/orchard", 0);
	juliet = client_online(w, JULIET "/balcony", 0);
	ask_result(romeo, "get", ROMEO, GET,
	           PREFS("never", JID("a@b.example") JID("b.example"), JID("c@b.example/r")));
	ck_assert(!keeps(JULIET));
	end();
}
END_TEST

START_TEST(what_is_hinted_not_to_be_stored_is_not_whatever_is_preferred)
{
	begin(NULL);
	ask(romeo, "set", "", PREFS("always", JID(JULIET), ""));
	client_send(romeo, "<message to='" JULIET "' type='chat' id='1'>" BODY("b")
	                           HINT("no-store") "</message>");
	client_expect(juliet, "<message id='1'/>");
	ck_assert_uint_eq(look(romeo, "")->n, 0);
	/* and <store/> is no more than a hint */
	ask(romeo, "set", "", PREFS("never", "", ""));
	client_send(romeo, "<message to='" JULIET "' type='chat' id='1'>" BODY("b")
	                           HINT("store") "</message>");
	client_expect(juliet, "<message id='1'/>");
	ck_assert_uint_eq(look(romeo, "")->n, 0);
	end();
}
END_TEST

START_TEST(what_are_no_preferences_is_refused)
{
	begin("mam { max-prefs = 3 }");
	ask_error(romeo, "set", "", GET, "bad-request");
	ask_error(romeo, "set", "", PREFS("sometimes", "", ""), "bad-request");
	ask_error(romeo, "set", "", PREFS("never", JID("@"), ""), "jid-malformed");
	ask_error(romeo, "set", "", PREFS("never", "", JID("")), "jid-malformed");
	ask_error(romeo, "set", "",
	          PREFS("never", JID("a@b.c") JID("b@b.c"), JID("c@b.c") JID("d@b.c")),
	          "resource-constraint");
	ask_result(romeo, "set", "", PREFS("never", JID("a@b.c") JID("b@b.c"), JID("c@b.c")),
	           "<prefs xmlns='" NS_MAM "'/>");
	ask_result(romeo, "get", "", GET,
	           PREFS("never", JID("a@b.c") JID("b@b.c"), JID("c@b.c")));
	end();
}
END_TEST

START_TEST(nobody_has_a_say_in_anybody_elses)
{
	begin(NULL);
	ask_error(juliet, "get", ROMEO, GET, "forbidden");
	ask_error(juliet, "set", ROMEO, PREFS("never", "", ""), "forbidden");
	ask_error(juliet, "get", "nobody@a.example", GET, "forbidden");
	ask_error(juliet, "get", "a.example", GET, "service-unavailable");
	ask_result(romeo, "get", "", GET, PREFS("always", "", ""));
	end();
}
END_TEST

START_TEST(a_full_disk_leaves_the_old_ones)
{
	struct str jids = STR("");

	begin("mam { max-prefs = 10000 }");
	ask_result(romeo, "set", "", PREFS("never", "", ""), PREFS("never", "", ""));
	for (int i = 0; i < 200; i++)
		jids = arena_printf(w->arena, STR_FMT "<jid>%0800d@domain.example</jid>",
		                    STR_ARG(jids), i);
	world_fill_disk(w, true);
	client_printf(romeo, "<iq type='set' id='1'>" PREFS("always", "", STR_FMT) "</iq>",
	              STR_ARG(jids));
	client_expect(romeo, "<iq type='error' id='1'/>");
	world_fill_disk(w, false);
	ask_result(romeo, "get", "", GET, PREFS("never", "", ""));
	ck_assert(!keeps(JULIET));
	end();
}
END_TEST

CHECK_MAIN("mam_prefs", without_preferences_all_is_archived, the_host_has_a_default,
           lists_and_default_decide, those_in_the_roster_may_be_the_default, preferences_last,
           what_is_hinted_not_to_be_stored_is_not_whatever_is_preferred,
           what_are_no_preferences_is_refused, nobody_has_a_say_in_anybody_elses,
           a_full_disk_leaves_the_old_ones)
