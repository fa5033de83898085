/*
 * worth.c - which messages an archive is made of.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/mam/private.h"

/* What is part of a conversation, with a body or without. */
static const struct worth_row {
	const char *ns, *name; /* name NULL: any */
} contents[] = {
	{ NS_CLIENT, "body" },
	{ NS_SERVER, "body" },
	{ NS_RETRACT, "retract" },       /* XEP-0424 */
	{ NS_REACTIONS, "reactions" },   /* XEP-0444 */
	{ NS_CORRECTION, "replace" },    /* XEP-0308 */
	{ NS_RECEIPTS, "received" },     /* XEP-0184 */
	{ NS_CHAT_MARKERS, "received" }, /* XEP-0333; "markable" says nothing by itself */
	{ NS_CHAT_MARKERS, "displayed" },
	{ NS_CHAT_MARKERS, "acknowledged" },
	{ NS_JINGLE_MESSAGE, NULL }, /* XEP-0353 */
	{ NS_CONFERENCE, "x" },      /* XEP-0249 */
	/* what only the other side can read */
	{ NS_EME, "encryption" }, /* XEP-0380 */
	{ NS_OMEMO, "encrypted" },
	{ NS_OMEMO_OLD, "encrypted" },
	{ NS_OPENPGP, "openpgp" },
	{ NS_PGP, "x" },
};

/* What is said in a room is also what it is about (XEP-0313 §6.1.2). */
static bool has_content(const struct stanza *s, const struct xml_node *child)
{
	if (s->type == TYPE_GROUPCHAT && xml_is(child, NS_CLIENT, "subject"))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(contents); i++)
		if (contents[i].name == NULL ? xml_in_ns(child, contents[i].ns)
		                             : xml_is(child, contents[i].ns, contents[i].name))
			return true;
	/* XEP-0045 §7.8.2 */
	return xml_is(child, NS_MUC_USER, "x") && xml_child(child, NULL, "invite") != NULL;
}

const struct xml_node *worth_retraction(const struct stanza *s)
{
	return xml_child(s->node, NS_RETRACT, "retract");
}

bool worth_keeping(const struct stanza *s)
{
	const struct xml_node *child = NULL;

	if (worth_retraction(s) != NULL) /* XEP-0424 §6: whatever else it says */
		return true;
	/* of hints that disagree the one that keeps less */
	if (xml_child(s->node, NS_HINTS, "no-store") != NULL ||
	    xml_child(s->node, NS_HINTS, "no-permanent-store") != NULL)
		return false;
	if (xml_child(s->node, NS_HINTS, "store") != NULL)
		return true;
	while ((child = xml_next_child(s->node, child)) != NULL)
		if (has_content(s, child))
			return true;
	return false;
}
