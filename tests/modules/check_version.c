/*
 * check_version.c - XEP-0092.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/modules/ask.h"

#define ASK_VERSION "<query xmlns='jabber:iq:version'/>"

START_TEST(name_and_version_are_told_and_the_system_is_not)
{
	struct world *w = ask_world(NULL);
	struct client *c = client_login(w, "romeo@a.example");
	const struct xml_node *iq = ask(c, "get", "a.example", ASK_VERSION);

	ck_assert_str_is(answer_text(c, iq, "name"), "Jackdaw");
	ck_assert_str_is(answer_text(c, iq, "version"), JACKDAW_VERSION);
	ck_assert(str_is_absent(answer_text(c, iq, "os")));
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(the_system_is_told_where_the_configuration_says_so)
{
	struct world *w = ask_world("version { show-os = true }");
	struct client *c = client_login(w, "romeo@a.example");

	ck_assert(!str_is_empty(answer_text(c, ask(c, "get", "a.example", ASK_VERSION), "os")));
	ck_assert(str_is_absent(answer_text(c, ask(c, "get", "b.example", ASK_VERSION), "os")));
	client_drop(&c);
	world_free(&w);
}
END_TEST

START_TEST(accounts_have_no_version)
{
	struct world *w = ask_world(NULL);
	struct client *c = client_login(w, "romeo@a.example");

	ask_error(c, "get", "romeo@a.example", ASK_VERSION, "service-unavailable");
	ask_error(c, "set", "a.example", ASK_VERSION, "service-unavailable");
	client_drop(&c);
	world_free(&w);
}
END_TEST

CHECK_MAIN("version", name_and_version_are_told_and_the_system_is_not,
           the_system_is_told_where_the_configuration_says_so, accounts_have_no_version)
