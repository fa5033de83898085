/*
 * delay.c - what clients say of delays (XEP-0203).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "xml/delay.h"
#include "modules/offline/private.h"

static bool is_of_others(void *arg, const struct xml_node *child)
{
	const struct str *host = arg;

	return !delay_is_of(child, *host);
}

int delay_strip(struct mod *m, struct event *ev)
{
	const struct stanza *s = ev->stanza;
	struct str host = jid_domain(s->to);
	struct stanza *copy;

	if (s->kind != STANZA_MESSAGE || s->node == NULL || delay_of(s->node, host) == NULL)
		return MOD_PASS;
	copy = stanza_readdress(ev->arena, s, s->from, s->to);
	copy->node = xml_filter(ev->arena, s->node, is_of_others, &host);
	ev->stanza = copy;
	return MOD_PASS;
}
