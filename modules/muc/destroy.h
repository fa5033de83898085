/*
 * destroy.h - the end of a room (XEP-0045 §10.9).
 *
 * All of it goes in one event, records and occupants and its place in the list of rooms.  Its name
 * is free then, for a room that has nothing to do with it.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/muc/private.h"

/* REQUEST is <destroy/>, of an owner; answers the event's iq. */
int destroy(struct muc_event *me, const struct xml_node *request);
/* For an owner who did not want it after all (§10.1.3): without venue or reason. */
void destroy_unmade(struct muc_event *me);
/* Without a word to anybody: the room has no occupants, or they know. */
void destroy_records(struct muc_event *me);
/* <destroy/> as it stands in presence. */
struct xml_node *destroy_element(struct arena *arena);
