/*
 * ask.h - what the tests of modules say all the time.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/registry.h"
#include "tests/lib/client.h"
#include "xml/ns.h"
#include "xml/writer.h"

/* The modules that are built in, and MORE; of one program, the same MORE. */
static inline const struct mod_def *const *ask_modules(const struct mod_def *more)
{
	static const struct mod_def *all[64];
	size_t n = 0;

	while (modules_builtin[n] != NULL) {
		all[n] = modules_builtin[n];
		n++;
	}
	ck_assert_uint_lt(n + 1, ARRAY_LEN(all));
	all[n] = more;
	return all;
}

/*
 * A world with all modules, and MORE (may be NULL), and romeo@a.example in it; HOST: lines of
 * a.example's block, or NULL.
 */
static inline struct world *ask_world_with(const struct mod_def *more, const char *host)
{
	struct world *w = world_new(
		&(struct world_options){ .modules = ask_modules(more), .host = host });

	world_account(w, "romeo@a.example", "secret");
	return w;
}

static inline struct world *ask_world(const char *host)
{
	return ask_world_with(NULL, host);
}

/* An iq of TYPE ("get", "set") to TO ("" : without), and the next element, which answers it. */
static inline const struct xml_node *ask(struct client *c, const char *type, const char *to,
                                         const char *payload)
{
	if (to[0] == '\0')
		client_printf(c, "<iq type='%s' id='ask'>%s</iq>", type, payload);
	else
		client_printf(c, "<iq type='%s' id='ask' to='%s'>%s</iq>", type, to, payload);
	return client_expect(c, "<iq id='ask'/>");
}

static inline void ask_result(struct client *c, const char *type, const char *to,
                              const char *payload, const char *result)
{
	const struct xml_node *iq = ask(c, type, to, payload);
	const char *pattern =
		arena_printf(c->world->arena, "<iq type='result'>%s</iq>", result).p;

	ck_assert_msg(client_matches(c->world->arena, iq, pattern), "%s gives " STR_FMT,
	              payload, STR_ARG(xml_print(c->world->arena, iq)));
}

static inline void ask_error(struct client *c, const char *type, const char *to,
                             const char *payload, const char *condition)
{
	const struct xml_node *iq = ask(c, type, to, payload);
	const char *pattern = arena_printf(c->world->arena,
	                                   "<iq type='error'><error><%s xmlns='" NS_STANZA_ERROR
	                                   "'/></error></iq>",
	                                   condition)
	                              .p;

	ck_assert_msg(client_matches(c->world->arena, iq, pattern),
	              "%s gives, in place of %s, " STR_FMT, payload, condition,
	              STR_ARG(xml_print(c->world->arena, iq)));
}

/* The text of the payload's child NAME. */
static inline struct str answer_text(struct client *c, const struct xml_node *iq,
                                     const char *name)
{
	return xml_child_text(c->world->arena, xml_only_child(iq), name);
}

/* WATCHER may see the presence of WATCHED from now on; both are available, neither asked for its roster. */
static inline void ask_to_see(struct client *watcher, struct client *watched)
{
	struct world *w = watcher->world;
	struct str from = jid_bare_str(world_jid(w, watcher->jid));
	struct str to = jid_bare_str(world_jid(w, watched->jid));

	client_printf(watcher, "<presence type='subscribe' to='" STR_FMT "'/>", STR_ARG(to));
	client_expect(watched, "<presence type='subscribe'/>");
	client_printf(watched, "<presence type='subscribed' to='" STR_FMT "'/>", STR_ARG(from));
	client_expect(watcher, "<presence type='-'/>");
}
