/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/csi/urgency.h"

#include <string.h>

#define TREE_BYTES 2048

/*
 * Content that is shared has no tree: most of it need not be read to know that it has nothing
 * in that namespace.
 */
static bool may_have(const struct stanza *s, struct str ns)
{
	struct str text;

	if (s->inner == NULL)
		return true;
	text = shared_str(s->inner);
	return text.n >= ns.n && memmem(text.p, text.n, ns.p, ns.n) != NULL;
}

/* What goes along with a chat state without saying anything of its own. */
static bool is_company(const struct xml_node *child)
{
	if (xml_is(child, NS_MUC_USER, "x"))
		return xml_next_child(child, NULL) == NULL; /* a private message in a room */
	return xml_in_ns(child, NS_HINTS) || xml_in_ns(child, NS_STANZA_ID) ||
	       xml_in_ns(child, NS_OCCUPANT_ID) || xml_in_ns(child, NS_DELAY);
}

static bool has_states_alone(const struct xml_node *message)
{
	const struct xml_node *child = NULL;
	bool has_state = false;

	while ((child = xml_next_child(message, child)) != NULL) {
		if (xml_in_ns(child, NS_CHAT_STATES))
			has_state = true;
		else if (!is_company(child) && child != xml_child(message, NULL, "thread"))
			return false;
	}
	return has_state;
}

/* The message in a carbon copy (XEP-0280); NULL: it is none. */
static const struct xml_node *find_copied(const struct xml_node *message)
{
	const struct xml_node *n = xml_only_child(message);

	if (n == NULL || (!xml_is(n, NS_CARBONS, "sent") && !xml_is(n, NS_CARBONS, "received")))
		return NULL;
	n = xml_child(n, NS_FORWARD, "forwarded");
	return n == NULL ? NULL : xml_child(n, NS_CLIENT, "message");
}

static bool is_chatter(const struct xml_node *message)
{
	const struct xml_node *copied = find_copied(message);

	if (copied != NULL && str_is(xml_attr(copied, "type"), "error"))
		return false;
	return has_states_alone(copied != NULL ? copied : message);
}

/*
 * XEP-0045: the client's own entry to a room or way out of it, or the end of the room.  A client
 * that joins waits for it, and one that was thrown out may want to return.
 */
static bool is_of_own_occupancy(const struct xml_node *presence)
{
	const struct xml_node *x = xml_child(presence, NS_MUC_USER, "x"), *child = NULL;

	while (x != NULL && (child = xml_next_child(x, child)) != NULL)
		if (xml_is(child, NS_MUC_USER, "destroy") ||
		    (xml_is(child, NS_MUC_USER, "status") &&
		     str_is(xml_attr(child, "code"), "110")))
			return true;
	return false;
}

/* Is the content so, S being one that may have NS? */
static bool look(const struct stanza *s, struct str ns,
                 bool (*is_so)(const struct xml_node *node))
{
	struct arena *arena;
	bool so;

	if (!may_have(s, ns))
		return false;
	if (s->inner == NULL)
		return s->node != NULL && is_so(s->node);
	arena = arena_new(TREE_BYTES);
	s = stanza_unshare(arena, s);
	so = s != NULL && is_so(s->node);
	arena_free(&arena);
	return so;
}

enum urgency urgency_of(const struct stanza *s)
{
	switch (s->kind) {
	case STANZA_PRESENCE:
		if (s->type != TYPE_AVAILABLE && s->type != TYPE_UNAVAILABLE)
			return URGENT;
		return look(s, STR(NS_MUC_USER), is_of_own_occupancy) ? URGENT : CAN_WAIT;
	case STANZA_MESSAGE:
		if (s->type == TYPE_ERROR)
			return URGENT;
		return look(s, STR(NS_CHAT_STATES), is_chatter) ? CAN_BE_LOST : URGENT;
	default:
		return URGENT;
	}
}
