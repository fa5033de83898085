/*
 * route.h - the router: from a stanza to the entity that it is for, wherever that lives.
 *
 * Same shard, other shard, and one day other node look the same to the sender: the stanza moves
 * with its arena as a message to the shard that owns its to.  There it becomes an event
 * (dispatch.h).  Order between two entities holds.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/core/core.h"

/* Send S, which lives in *ARENA; takes the arena (sets it to NULL). */
void route_move(struct core *core, struct arena **arena, const struct stanza *s);
/* Send a copy of S. */
void route_copy(struct core *core, const struct stanza *s);
