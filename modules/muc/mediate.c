/*
 * mediate.c - what is sent to a room and is not for all: invitations, and who wants to be heard.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/private.h"

int talk_to_room(struct muc_event *me)
{
	return event_error(me->ev, STANZA_BAD_REQUEST);
}
