/*
 * check_contact.c - XEP-0157.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/lib/capture.h"
#include "tests/modules/ask.h"

#include "server/core/host.h"

static struct world *w;

/* Printed on its shard, for the test to read. */
struct printed {
	const char *host;
	struct arena *arena;
	struct str xml; /* absent: no form */
};

extern const struct mod_def mod_contact;

static void print_form(struct core *core, struct world_call *call)
{
	struct printed *p = call->arg;
	struct mod *m = host_module(host_find(core, str_of(p->host)), &mod_contact);
	struct xml_node *form = m->def->disco_form(m, p->arena);

	p->xml = form == NULL ? STR_NONE : xml_print(p->arena, form);
	world_answer(call, 0);
}

static struct str form_of(const char *host)
{
	struct printed p = { .host = host, .arena = w->arena };

	world_ask(w, 0, print_form, &p);
	return p.xml;
}

START_TEST(the_addresses_stand_in_the_form_and_without_any_there_is_none)
{
	const struct xml_node *form;

	w = ask_world("contact { abuse = { \"mailto:abuse@a.example\", "
	              "\"xmpp:abuse@a.example\" }\n"
	              "status = { \"https://status.a.example/\" } }");
	ck_assert_int_eq(xml_read(w->arena, form_of("a.example"), &form), 0);
	ck_assert(client_matches(
		w->arena, form,
		"<x xmlns='jabber:x:data' type='result'>"
		"<field var='FORM_TYPE' type='hidden'>"
		"<value>http://jabber.org/network/serverinfo</value></field>"
		"<field var='abuse-addresses' type='list-multi'>"
		"<value>mailto:abuse@a.example</value><value>xmpp:abuse@a.example</value></"
		"field>"
		"<field var='status-addresses'><value>https://status.a.example/</value></field>"
		"</x>"));
	ck_assert(str_is_absent(form_of("b.example")));
	world_free(&w);
}
END_TEST

START_TEST(what_is_no_uri_ends_the_start_with_a_sentence)
{
	static const char *const wrong[] = {
		"abuse@a.example", "mailto:abuse", "mailto:@", "https:a.example", "https://",
		"xmpp:",           "1x:y",         ":y",       "mailto:a b@c"
	};
	struct arena *arena = arena_new(1024);
	struct capture log;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		w = world_prepare(&(struct world_options){
			.modules = modules_builtin,
			.host = arena_printf(arena, "contact { admin = { \"%s\" } }", wrong[i])
		                        .p,
		});
		capture_begin(&log);
		ck_assert_int_lt(world_start(w), 0);
		ck_assert_says(capture_end(&log, arena), "in admin is no URI");
		world_free(&w);
	}
	arena_free(&arena);
}
END_TEST

CHECK_MAIN("contact", the_addresses_stand_in_the_form_and_without_any_there_is_none,
           what_is_no_uri_ends_the_start_with_a_sentence)
