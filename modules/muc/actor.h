/*
 * actor.h - who asks something of a room, as the room sees him.
 *
 * It goes by the account (XEP-0045 §8, §9: "the bare JID"): he may ask with a session that is not in
 * the room.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/muc/private.h"
#include "modules/muc/privilege.h"

/* Of the account that sent the event's stanza; in the event's arena. */
struct actor {
	struct jid jid; /* bare */
	struct standing standing;
	struct str nick; /* of the session that asks, if that is there; absent: he is not */
};

MUST_CHECK int actor_read(struct muc_event *me, struct actor *actor_out);
/* §7.2.10: for him the room is not there yet. */
bool actor_is_outside(const struct muc_event *me, const struct actor *actor);
/* What he hears who lacks a privilege, as a handler; MOD_PASS: it is granted. */
int actor_refuse(struct muc_event *me, enum privilege privilege);
