/*
 * delay.c - what clients say of delays (XEP-0203).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/offline/private.h"
#include "xml/delay.h"

int delay_strip(struct mod *m, struct event *ev)
{
	const struct stanza *s = ev->stanza;
	struct str host = jid_domain(s->to);
	struct xml_node *element;
	struct stanza *copy;

	if (s->kind != STANZA_MESSAGE || s->node == NULL || delay_of(s->node, host) == NULL)
		return MOD_PASS;
	element = xml_new(ev->arena, NS_CLIENT, "message");
	for (const struct xml_node *n = s->node->first; n != NULL; n = n->next)
		if (!delay_is_of(n, host))
			xml_append(element, xml_copy(ev->arena, n));
	copy = stanza_readdress(ev->arena, s, s->from, s->to);
	copy->node = element;
	ev->stanza = copy;
	return MOD_PASS;
}
