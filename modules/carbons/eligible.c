/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/carbons/eligible.h"

/* What a message may have in it. */
enum content {
	NOT_COPIED = 1 << 0,
	INVITATION = 1 << 1, /* to a room, of either kind */
	ROOM = 1 << 2,       /* it comes from a room, or goes to somebody in one */
	CHATTING = 1 << 3,   /* what goes along with instant messages */
};

static const struct content_row {
	const char *ns, *name; /* name NULL: any */
	enum content content;
} contents[] = {
	{ NS_CARBONS, "private", NOT_COPIED },
	{ NS_HINTS, "no-copy", NOT_COPIED }, /* XEP-0334 §4.3 */
	{ NS_CARBONS, "sent", NOT_COPIED },  /* no copies of copies */
	{ NS_CARBONS, "received", NOT_COPIED },
	{ NS_CONFERENCE, "x", INVITATION }, /* XEP-0249 */
	{ NS_MUC_USER, "x", ROOM },
	{ NS_RECEIPTS, NULL, CHATTING },
	{ NS_CHAT_STATES, NULL, CHATTING },
	{ NS_CHAT_MARKERS, NULL, CHATTING },
};

static unsigned content_of(const struct xml_node *child)
{
	unsigned found = 0;

	for (size_t i = 0; i < ARRAY_LEN(contents); i++)
		if (contents[i].name == NULL ? xml_in_ns(child, contents[i].ns)
		                             : xml_is(child, contents[i].ns, contents[i].name))
			found |= contents[i].content;
	/* XEP-0045 §7.8.2 */
	if ((found & ROOM) != 0 && xml_child(child, NULL, "invite") != NULL)
		found |= INVITATION;
	return found;
}

bool carbons_eligible(const struct stanza *s, bool sent)
{
	const struct xml_node *child = NULL;
	unsigned found = 0;

	if (s->type == TYPE_GROUPCHAT || s->type == TYPE_ERROR)
		return false;
	while ((child = xml_next_child(s->node, child)) != NULL)
		found |= content_of(child);
	if ((found & NOT_COPIED) != 0)
		return false;
	if ((found & INVITATION) != 0)
		return true;
	/*
	 * A private message of a room's occupant: the room sends it to all sessions that are
	 * there, and only what is sent to one needs copies.
	 */
	if ((found & ROOM) != 0 && !jid_is_bare(sent ? s->to : s->from))
		return sent;
	return s->type == TYPE_CHAT || (found & CHATTING) != 0 ||
	       (s->type == TYPE_NORMAL && xml_child(s->node, NULL, "body") != NULL);
}
