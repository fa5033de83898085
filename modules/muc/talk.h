/*
 * talk.h - what else the module needs of talking.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/muc/private.h"

/*
 * MOD_PASS: an occupant said ev's message, not too often and not too much at once; else he was
 * told.
 */
int talk_check(struct muc_event *me);
/*
 * Does the occupant not say too much to all (messages-per-minute), be it a message, a chat state or
 * what he shows of himself: each costs a fan-out?
 */
bool talk_in_time(struct muc_event *me);
/* S is from the room or one of its occupants, for all seats of O. */
void talk_send_occupant(struct muc_event *me, const struct stanza *s, const struct occupant *o);
/* The message as the room says it: from its occupant, with his id, and nothing that is not his. */
struct stanza *talk_make(struct muc_event *me);
/* A change of the room's subject, and no message (§8.1)? */
bool talk_is_subject(const struct stanza *s);
/* That goes into the archive, and to everybody.  As a handler. */
int talk_say(struct muc_event *me, const struct stanza *s);
