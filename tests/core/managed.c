/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/core/managed.h"

#include "xml/writer.h"

const char *managed_enable(struct client *c)
{
	struct arena *arena = c->world->arena;
	const struct xml_node *enabled;

	client_send(c, "<enable xmlns='" NS_MANAGED "' resume='true'/>");
	enabled = client_expect(c, "<enabled xmlns='" NS_MANAGED "' id='*' resume='true'/>");
	return arena_cstr(arena, arena_copy(arena, xml_attr(enabled, "id")));
}

struct client *managed_resume(struct world *w, const char *full, const char *id, unsigned has,
                              unsigned h)
{
	struct jid jid = world_jid(w, full);
	struct client *c = client_enter(w, arena_cstr(w->arena, jid_bare_str(jid)));

	client_printf(c, "<resume xmlns='" NS_MANAGED "' previd='%s' h='%u'/>", id, has);
	client_expectf(c, "<resumed xmlns='" NS_MANAGED "' previd='%s' h='%u'/>", id, h);
	c->jid = arena_cstr(w->arena, jid_full_str(jid));
	return c;
}

/* The next element but for <r/>. */
static const struct xml_node *next(struct client *c)
{
	const struct xml_node *node;

	do
		node = client_next(c);
	while (xml_is(node, NS_MANAGED, "r"));
	return node;
}

const struct xml_node *managed_next(struct client *c)
{
	const struct xml_node *node = next(c);

	ck_assert_msg(xml_in_ns(node, NS_CLIENT), "no stanza, but " STR_FMT,
	              STR_ARG(node->name));
	return node;
}

void managed_expect(struct client *c, const char *id)
{
	struct str found = xml_attr(managed_next(c), "id");

	ck_assert_msg(str_is(found, id), "%s expected %s, and got " STR_FMT, c->jid, id,
	              STR_ARG(found));
}

void managed_settle(struct client *c)
{
	unsigned fence = ++c->world->fences;

	client_printf(c, "<message to='%s' type='headline' id='fence%u'/>", c->jid, fence);
	managed_expect(c, arena_printf(c->world->arena, "fence%u", fence).p);
}

static void expect_matching(struct client *c, struct str pattern)
{
	const struct xml_node *node = next(c);
	struct arena *arena = arena_new(1024);

	ck_assert_msg(client_matches(arena, node, pattern.p),
	              "expected " STR_FMT ", and got " STR_FMT, STR_ARG(pattern),
	              STR_ARG(xml_print(arena, node)));
	arena_free(&arena);
}

void managed_expect_handled(struct client *c, unsigned h)
{
	client_send(c, "<r xmlns='" NS_MANAGED "'/>");
	expect_matching(c,
	                arena_printf(c->world->arena, "<a xmlns='" NS_MANAGED "' h='%u'/>", h));
}

void managed_expect_sent(struct client *c, unsigned n)
{
	client_printf(c, "<a xmlns='" NS_MANAGED "' h='%u'/>", n);
	client_printf(c, "<a xmlns='" NS_MANAGED "' h='%u'/>", n + 1);
	expect_matching(
		c, arena_printf(c->world->arena,
	                        "<stream:error><undefined-condition xmlns='" NS_STREAM_ERROR
	                        "'/><handled-count-too-high xmlns='" NS_MANAGED
	                        "' h='%u' send-count='%u'/></stream:error>",
	                        n + 1, n));
}
