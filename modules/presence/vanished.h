/*
 * vanished.h - sessions that an earlier process of the server has seen available, and that are not
 * there any more.
 *
 * A session that outlives a restart has forgotten nothing: its client still shows whom it saw
 * before.  But who went meanwhile, with the process or as long as nobody could hear of it, has told
 * nobody.  So the resources that were available are known:
 *
 *     becomes available ─▶ record: this process has seen it
 *     another process   ─▶ recorded by an earlier one, not available: it has vanished
 *
 * Who asks for presence, after a restart, is told of these too.  Once the server has run for as
 * long as any session may hibernate, there is nobody left to tell.
 *
 * Space "presence-seen", version 1, at each account:
 *     resource (text) -> version, start of the process (wall ms), when it became available (wall
 *                        ms), the resource
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/presence/presence.h"

extern const struct store_space seen_space;

/* ev's session becomes available.  Nobody waits for the record. */
void vanished_note(struct mod *m, struct event *ev);
