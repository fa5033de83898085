/*
 * invite.h - invitations that the room passes on, and what becomes of them (XEP-0045 §7.8.2).
 *
 *     inviter ── <invite to=…/> ──▶ room ── <invite from=…/>, password ──▶ invited
 *             ◀─ <decline from=…/> ─     ◀── <decline to=…/> ────────────
 *             ◀─ item-not-found ────     ◀── error, with our id ─────────
 *
 * In a room for members only the invited becomes a member.  Nothing of it is stored: a decline goes
 * to who is in the room or belongs to it, and the id of an invitation says whose it is.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/muc/private.h"

/* X: what a message to the room holds, with invitations or a decline.  As handlers. */
int invite_send(struct muc_event *me, const struct xml_node *x);
int invite_decline(struct muc_event *me, const struct xml_node *x);
/* An error for the room: an invitation did not arrive. */
void invite_failed(struct muc_event *me);
/*
 * §9.5: whom the sender of the event's stanza has made a member is told so, unless that is too much
 * in a minute.
 */
void invite_new_member(struct muc_event *me, struct jid to, struct str reason);
