/*
 * leave.h - what else the module needs of leaving.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/muc/show.h"

/*
 * A room in which nobody is goes, if it is not one that stays: after a change of what it is.
 * Nothing, when it has gone already.
 */
void leave_end_if_empty(struct muc_event *me);
/* O goes, with all his seats; O is gone then, and so may be the room. */
void leave_all(struct muc_event *me, struct occupant *o, const struct showing *why);
/* Are there seats in the room of that owner? */
bool leave_wants_care(const struct mod *m, struct store_reader *reader, struct jid account,
                      uint64_t owner, int64_t wall_ms);
