/*
 * stall.h - letters that the disk did not take at their receiver.
 *
 * Each is on disk as its row, and its sender may have been told that it is.  So it is tried again
 * after a moment, and those that come meanwhile wait behind it: order holds.  When the server
 * stops they stay rows.
 *
 * What a session that ended sends on has come before all that comes now: until it has returned
 * from the disk, that waits too.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/core/event.h"

/* What T handled comes again, as it arrived. */
void stall(struct event_task *t);
/* Must L wait at E?  Then it does, with ARENA (taken) or PARCEL, as dispatch_received has them. */
bool stall_takes(struct entity *e, struct arena *arena, const struct letter *l,
                 struct parcel *parcel);
/* T ended a stream, which the disk does not know: it is ended again. */
void stall_streams(const struct event_task *t);
/* One of what E sends on to itself is back, or will not come. */
void stall_returned(struct entity *e);
/* The server stops: nothing is tried again.  When the shard has stopped, nothing is left of it. */
void stalls_stop(struct core *core);
void stalls_free(struct core *core);
