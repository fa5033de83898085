/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/actor.h"

/* Of all that the account is in the room, the greatest. */
static const struct occupant *greatest_of(const struct muc_event *me, struct jid bare)
{
	struct occupant *o = NULL, *greatest = NULL;

	while ((o = room_next_of(me->room, bare, o)) != NULL)
		if (greatest == NULL || o->role > greatest->role)
			greatest = o;
	return greatest;
}

int actor_read(struct muc_event *me, struct actor *actor_out)
{
	struct jid bare = jid_bare(me->ev->stanza->from);
	const struct occupant *o = greatest_of(me, bare);

	*actor_out = (struct actor){ .jid = bare, .nick = STR_NONE };
	if (o != NULL) {
		actor_out->standing.role = o->role;
		o = me->seat != NULL ? me->seat->occupant : o;
		actor_out->nick = arena_copy(me->ev->arena, o->nick);
	}
	return affiliation_of(me->ev, bare, &actor_out->standing.affiliation);
}

bool actor_is_outside(const struct muc_event *me, const struct actor *actor)
{
	return me->room->config.is_locked && actor->standing.affiliation != AFFILIATION_OWNER;
}

int actor_refuse(struct muc_event *me, enum privilege privilege)
{
	static const enum stanza_error errors[] = {
		[PRIVILEGE_FORBIDDEN] = STANZA_FORBIDDEN,
		[PRIVILEGE_NOT_ALLOWED] = STANZA_NOT_ALLOWED,
		[PRIVILEGE_CONFLICT] = STANZA_CONFLICT,
	};

	return privilege == PRIVILEGE_GRANTED ? MOD_PASS
	                                      : event_error(me->ev, errors[privilege]);
}
