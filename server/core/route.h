/*
 * route.h - the router: from stanzas to the entities that they are for, wherever those live.
 *
 * Same shard, other shard, and one day other node look the same to the sender.  What an event
 * sends to the entities of one shard travels as one message, a parcel: a broadcast costs a header
 * for each receiver, and no memory or message of its own.  There each stanza becomes an event
 * (dispatch.h).  Order between two entities holds.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/core/outbox.h"

/* One of the stanzas to send. */
struct route_item {
	struct route_item *next;
	struct letter letter;
};
/* Stanzas that travel together; their memory stays until the last event made of them is done. */
struct parcel;
/*
 * Put FIRST and those behind it into parcels, to be posted; NULL: there is nobody to get one.
 * They live in *ARENA, which is taken (set to NULL) for one of the parcels; ARENA NULL: all are
 * copies.  References to shared content have been taken when this returns.
 */
struct parcel *route_pack(struct core *core, struct arena **arena,
                          const struct route_item *first);
void route_post(struct core *core, struct parcel *parcels);
void parcel_unref(struct parcel **parcel); /* sets it to NULL; accepts a pointer to NULL */
