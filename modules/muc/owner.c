/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/owner.h"

#include "modules/muc/leave.h"
#include "modules/muc/listing.h"

static bool is_owner(struct muc_event *me)
{
	enum affiliation a;

	return affiliation_of(me->ev, jid_bare(me->ev->stanza->from), &a) == 0 &&
	       a == AFFILIATION_OWNER;
}

int owner_get(struct muc_event *me)
{
	if (!is_owner(me))
		return event_error(me->ev, STANZA_FORBIDDEN);
	return event_error(me->ev, STANZA_FEATURE_NOT_IMPLEMENTED);
}

/* §10.1.2: an empty form makes an instant room. */
int owner_set(struct muc_event *me)
{
	struct config config = me->room->config;
	int err;

	if (!is_owner(me))
		return event_error(me->ev, STANZA_FORBIDDEN);
	config.is_locked = false;
	err = room_configure(me->ev, me->room, &config);
	return err < 0 ? err : event_result(me->ev, NULL);
}

void room_dissolve(struct muc_event *me)
{
	listing_remove(me->ev);
	event_dissolve(me->ev);
}
