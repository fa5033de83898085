/*
 * hints.c - which messages are stored: XEP-0160 §3, and what their senders say (XEP-0334).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/offline/private.h"

const struct stanza *hints_tree(struct event *ev)
{
	return ev->stanza->inner == NULL ? ev->stanza : stanza_unshare(ev->arena, ev->stanza);
}

/*
 * More than chat states, and what goes along with them (XEP-0085 §5.4: a thread; hints)?  A
 * message without any content is none to keep either.
 */
static bool has_content(const struct xml_node *message)
{
	const struct xml_node *n = NULL;

	while ((n = xml_next_child(message, n)) != NULL)
		if (!xml_in_ns(n, NS_CHAT_STATES) && !xml_in_ns(n, NS_HINTS) &&
		    !xml_is(n, NS_CLIENT, "thread"))
			return true;
	return false;
}

/*
 * XEP-0334 §4.2, §4.4; of two that disagree the one that keeps less.  no-permanent-store is
 * about archives (§4.1), no-copy about other addresses (§4.3).
 */
bool hints_storable(struct event *ev)
{
	const struct stanza *s = ev->stanza;

	if (s->kind != STANZA_MESSAGE || (s->type != TYPE_NORMAL && s->type != TYPE_CHAT))
		return false;
	s = hints_tree(ev);
	if (s == NULL || xml_child(s->node, NS_HINTS, "no-store") != NULL)
		return false;
	return xml_child(s->node, NS_HINTS, "store") != NULL || has_content(s->node);
}
