/*
 * configure.h - the configuration of a room becomes another one, and what comes of it
 * (XEP-0045 §10.2).
 *
 *     what changes                      who hears of it
 *     ─────────────────────────────────────────────────────────────────────────────────────────
 *     anything                          occupants, by a message with a status (§10.2.1)
 *     owners, admins                    as by any other change of affiliations (change.h)
 *     moderated                         who has no affiliation gains or loses his voice: all see it
 *     members only                      who is no member goes, with 322
 *     roles that are shown              who is seen now, or not any more, comes or goes for others
 *     everybody sees addresses          presence with the addresses
 *
 * What all must see of many costs as many stanzas as there are pairs of occupants.  Up to
 * FAN_OUT_MAX are sent at a time.  In a room with more pairs, of a new role the occupant himself
 * hears alone, addresses are seen as presence comes, who is no member goes in parts, which are left to
 * a visit; which roles are shown cannot be changed, nor many owners and admins at a time.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/muc/form.h"

/* The room becomes what WISH says, and is open then; answers the event's iq. */
int configure(struct muc_event *me, const struct form_wish *wish);
/* Is there somebody who must not be there, since the room is for members only? */
bool configure_is_owed(const struct room *room);
/* A visit: those go, a part at a time. */
int configure_visit(struct mod *m, struct event *ev, struct str data);
