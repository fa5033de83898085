/*
 * lists.c - who belongs to a room, and who is in it, for those who run it (XEP-0045 §8.5, §9.2, §9.5,
 * §9.8, §10.5, §10.8).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/actor.h"
#include "modules/muc/admin.h"

/* ---- who may read which ---- */

/* §8.5, §9.8 */
static bool may_read_role(const struct actor *actor, enum role role)
{
	return role == ROLE_MODERATOR ? actor->standing.affiliation >= AFFILIATION_ADMIN
	                              : actor->standing.role == ROLE_MODERATOR;
}

/*
 * §9.5, §10.2 (getmemberlist): members of a room that hides nobody's address, present or not; then
 * the lists of admins and owners are no secret either (§10.5, §10.8), and clients that encrypt for
 * all who belong to the room need all three.
 */
static bool may_read_as_member(const struct room *room, const struct actor *actor)
{
	enum role role = actor->standing.role;

	if (actor->standing.affiliation < AFFILIATION_MEMBER || !room->config.shows_jids)
		return false;
	if (role == ROLE_NONE)
		role = ROLE_PARTICIPANT;
	return (room->config.list_members & ROLE_BIT(role)) != 0;
}

static bool may_read_affiliation(const struct room *room, const struct actor *actor,
                                 enum affiliation list)
{
	enum affiliation a = actor->standing.affiliation;

	if (list == AFFILIATION_OUTCAST)
		return a >= AFFILIATION_ADMIN;
	if (list == AFFILIATION_MEMBER)
		return a >= AFFILIATION_ADMIN || may_read_as_member(room, actor);
	return a == AFFILIATION_OWNER || (a == AFFILIATION_ADMIN && room->config.shows_jids) ||
	       may_read_as_member(room, actor);
}

/* ---- the lists ---- */

struct list {
	struct muc_event *me;
	struct xml_node *query;
	enum affiliation affiliation;
};

/* §17.4: the bare JID and the reserved nick, and not the role. */
static int add_affiliated(void *arg, const struct affiliated *a)
{
	struct list *list = arg;
	struct arena *arena = list->me->ev->arena;
	struct xml_node *item;

	if (a->affiliation != list->affiliation)
		return 0;
	item = xml_add(arena, list->query, NULL, "item");
	xml_set(arena, item, "affiliation", str_of(affiliation_name(a->affiliation)));
	xml_set(arena, item, "jid", jid_bare_str(a->jid));
	if (!str_is_empty(a->nick))
		xml_set(arena, item, "nick", a->nick);
	if (!str_is_empty(a->reason))
		xml_add_leaf(arena, item, "reason", a->reason);
	return 0;
}

/* §17.4: all four, the JID being full. */
static void add_occupants(struct list *list, enum role role)
{
	struct arena *arena = list->me->ev->arena;
	const struct occupant *o = NULL;

	while ((o = room_next(list->me->room, o)) != NULL) {
		struct xml_node *item;

		if (o->role != role)
			continue;
		item = xml_add(arena, list->query, NULL, "item");
		xml_set(arena, item, "affiliation", str_of(affiliation_name(o->affiliation)));
		xml_set(arena, item, "jid", jid_full_str(jid_copy(arena, o->seats->jid)));
		xml_set(arena, item, "nick", arena_copy(arena, o->nick));
		xml_set(arena, item, "role", str_of(role_name(o->role)));
	}
}

static int list_role(struct list *list, const struct actor *actor, struct str name)
{
	struct event *ev = list->me->ev;
	enum role role;

	if (role_parse(name, &role) < 0 || role == ROLE_NONE)
		return event_error(ev, STANZA_BAD_REQUEST);
	if (!may_read_role(actor, role))
		return event_error(ev, STANZA_FORBIDDEN);
	add_occupants(list, role);
	return event_result(ev, list->query);
}

/* §5.2: of those without an affiliation there is no list. */
static int list_affiliation(struct list *list, const struct actor *actor, struct str name)
{
	struct event *ev = list->me->ev;
	int err;

	if (affiliation_parse(name, &list->affiliation) < 0 ||
	    list->affiliation == AFFILIATION_NONE)
		return event_error(ev, STANZA_BAD_REQUEST);
	if (!may_read_affiliation(list->me->room, actor, list->affiliation))
		return event_error(ev, STANZA_FORBIDDEN);
	err = affiliation_each(ev, add_affiliated, list);
	return err < 0 ? err : event_result(ev, list->query);
}

int admin_get(struct muc_event *me)
{
	const struct xml_node *item = xml_only_child(me->ev->payload);
	struct list list = { .me = me, .query = xml_new(me->ev->arena, NS_MUC_ADMIN, "query") };
	struct str role, affiliation;
	struct actor actor;
	int err;

	if (!xml_is(item, NS_MUC_ADMIN, "item"))
		return event_error(me->ev, STANZA_BAD_REQUEST);
	role = xml_attr(item, "role");
	affiliation = xml_attr(item, "affiliation");
	if (str_is_absent(role) == str_is_absent(affiliation))
		return event_error(me->ev, STANZA_BAD_REQUEST);
	err = actor_read(me, &actor);
	if (err < 0)
		return err;
	if (actor_is_outside(me, &actor))
		return event_error(me->ev, STANZA_ITEM_NOT_FOUND);
	return str_is_absent(role) ? list_affiliation(&list, &actor, affiliation)
	                           : list_role(&list, &actor, role);
}
