/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/destroy.h"

#include "modules/muc/listing.h"
#include "modules/muc/show.h"

#define TEXT_BYTES 1024 /* of a reason or a password: each occupant gets them */

struct xml_node *destroy_element(struct arena *arena)
{
	return xml_new(arena, NS_MUC_USER, "destroy");
}

static bool add_text(struct arena *arena, struct xml_node *element,
                     const struct xml_node *request, const char *name)
{
	struct str text = xml_child_text(arena, request, name);

	if (!str_is_absent(text))
		xml_add_leaf(arena, element, name, text);
	return text.n <= TEXT_BYTES;
}

/* What occupants get of the request; NULL: a text is too long. */
static struct xml_node *element_of(struct arena *arena, const struct xml_node *request,
                                   struct jid venue)
{
	struct xml_node *element = destroy_element(arena);

	xml_set(arena, element, "jid", jid_full_str(venue));
	return add_text(arena, element, request, "reason") &&
	                       add_text(arena, element, request, "password")
	               ? element
	               : NULL;
}

/* One presence for each, and nobody hears of others. */
static void send_away(struct muc_event *me, const struct xml_node *element)
{
	struct showing why = { .new_nick = STR_NONE, .destroy = element };
	struct occupant *o = NULL;

	while ((o = room_next(me->room, o)) != NULL) {
		o->affiliation = AFFILIATION_NONE; /* there is nothing to belong to */
		for (const struct seat *seat = o->seats; seat != NULL; seat = seat->next)
			show_gone_one(me, o, seat, &why);
	}
}

void destroy_records(struct muc_event *me)
{
	listing_remove(me->ev);
	event_dissolve(me->ev);
	me->seat = NULL;
}

void destroy_unmade(struct muc_event *me)
{
	send_away(me, destroy_element(me->ev->arena));
	destroy_records(me);
}

int destroy(struct muc_event *me, const struct xml_node *request)
{
	struct arena *arena = me->ev->arena;
	struct str address = xml_attr(request, "jid");
	struct jid venue = JID_NONE;
	struct xml_node *element;

	if (!str_is_empty(address) && jid_parse(arena, address, &venue) < 0)
		return event_error(me->ev, STANZA_JID_MALFORMED);
	element = element_of(arena, request, venue);
	if (element == NULL)
		return event_error_text(me->ev, STANZA_NOT_ACCEPTABLE, "the text is too long");
	send_away(me, element);
	destroy_records(me);
	return event_result(me->ev, NULL);
}
