/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/disco.h"

static struct xml_node *info(struct event *ev, const char *name)
{
	struct xml_node *query = xml_new(ev->arena, NS_DISCO_INFO, "query");
	struct xml_node *identity = xml_add(ev->arena, query, NULL, "identity");

	xml_set(ev->arena, identity, "category", STR("conference"));
	xml_set(ev->arena, identity, "type", STR("text"));
	xml_set(ev->arena, identity, "name", str_of(name));
	return query;
}

static void add_feature(struct event *ev, struct xml_node *query, const char *var)
{
	xml_set(ev->arena, xml_add(ev->arena, query, NULL, "feature"), "var", str_of(var));
}

int disco_service_info(struct muc_event *me)
{
	struct xml_node *query = info(me->ev, "Rooms");

	add_feature(me->ev, query, NS_DISCO_INFO);
	add_feature(me->ev, query, NS_DISCO_ITEMS);
	add_feature(me->ev, query, NS_MUC);
	return event_result(me->ev, query);
}

int disco_service_items(struct muc_event *me)
{
	return event_result(me->ev, xml_new(me->ev->arena, NS_DISCO_ITEMS, "query"));
}

int disco_room_info(struct muc_event *me)
{
	struct xml_node *query = info(me->ev, NULL);

	add_feature(me->ev, query, NS_MUC);
	return event_result(me->ev, query);
}

/* §6.4: the occupants, of a room that tells. */
int disco_room_items(struct muc_event *me)
{
	struct event *ev = me->ev;
	struct xml_node *query = xml_new(ev->arena, NS_DISCO_ITEMS, "query");
	const struct occupant *o = NULL;

	while ((o = room_next(me->room, o)) != NULL)
		xml_set(ev->arena, xml_add(ev->arena, query, NULL, "item"), "jid",
		        jid_full_str(occupant_jid(ev, o)));
	return event_result(ev, query);
}
