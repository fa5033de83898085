/*
 * announce.h - what an administrator of the host says to the service is heard in every room that
 * somebody is in.
 *
 *     admin ──message──▶ service ─▶ visits: names are read, a part at a time
 *                                    └──message──▶ each room with occupants ──groupchat──▶ they
 *
 * It is not kept: neither in an archive, nor on its way, should the server stop meanwhile.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/muc/private.h"

/* A message to the service; ME has no room. */
int announce(struct muc_event *me);
/* Is the message one of the service's own, to a room? */
bool announce_is_one(const struct event *ev);
int announce_in_room(struct muc_event *me);
