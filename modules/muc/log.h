/*
 * log.h - what was said in a room, kept and read (XEP-0313 §6.1.2).
 *
 * It is the archive of the room's entity (modules/mam/mam.h), and what newcomers get as history
 * comes from there too.  A room that is not to be logged keeps no more than that history, and
 * nobody else reads it.
 *
 * Each message is kept with the real JID of who said it, in the <item/> of an <x/> as presence
 * has it; who may not see that gets the message without.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/muc/private.h"

/*
 * S, which the seat of ME says, or the room where there is no seat, is kept; mam_stamp adds its id
 * then.  There is an archive.  Of receipts, a room that is not logged keeps none.
 */
MUST_CHECK int log_keep(struct muc_event *me, const struct stanza *s);
/* S says that something was received or read (XEP-0184, XEP-0333), and no more. */
bool log_is_receipt(const struct stanza *s);
/* An iq to the archive of the room. */
int log_answer(struct muc_event *me);
/* The element of S, which was kept, without whose it is: a copy to add to. */
struct xml_node *log_edited(struct arena *arena, const struct stanza *s);
/* By whom S, which was kept, was said; absent: by the room. */
struct str log_occupant_id(const struct stanza *s);
