/*
 * delay.c - since when a message waited (XEP-0203).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/offline/private.h"

static bool is_of(const struct xml_node *child, struct str host)
{
	return xml_is(child, NS_DELAY, "delay") && str_eq(xml_attr(child, "from"), host);
}

/* NULL: it has none. */
static const struct xml_node *find(const struct xml_node *message, struct str host)
{
	const struct xml_node *n = NULL;

	while ((n = xml_next_child(message, n)) != NULL)
		if (is_of(n, host))
			return n;
	return NULL;
}

int delay_find(const struct xml_node *message, struct str host, int64_t *wall_ms_out)
{
	const struct xml_node *delay = find(message, host);

	return delay == NULL || datetime_parse(xml_attr(delay, "stamp"), wall_ms_out) < 0
	               ? ERR_NOENT
	               : 0;
}

/* One and only one (§2): what came back from a session that ended has the earlier one. */
void delay_add(struct arena *arena, struct xml_node *message, struct str host, int64_t wall_ms)
{
	struct xml_node *delay;

	if (find(message, host) != NULL)
		return;
	delay = xml_add(arena, message, NS_DELAY, "delay");
	xml_set(arena, delay, "from", host);
	xml_set(arena, delay, "stamp", datetime_format(arena, wall_ms, true));
}

int delay_strip(struct mod *m, struct event *ev)
{
	const struct stanza *s = ev->stanza;
	struct str host = jid_domain(s->to);
	struct xml_node *element;
	struct stanza *copy;

	if (s->kind != STANZA_MESSAGE || s->node == NULL || find(s->node, host) == NULL)
		return MOD_PASS;
	element = xml_new(ev->arena, NS_CLIENT, "message");
	for (const struct xml_node *n = s->node->first; n != NULL; n = n->next)
		if (!is_of(n, host))
			xml_append(element, xml_copy(ev->arena, n));
	copy = stanza_readdress(ev->arena, s, s->from, s->to);
	copy->node = element;
	ev->stanza = copy;
	return MOD_PASS;
}
