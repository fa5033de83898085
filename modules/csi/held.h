/*
 * held.h - presence that waits for a session: of each address the last, in the order in which
 * it came.
 *
 *     session ─▶ item ─▶ item ─▶ item     each in an arena of its own; content is shared with
 *                                         other sessions that are told the same
 *
 * A list is one pointer, NULL while it is empty.  It is walked when something is added: it is
 * short, by the bounds that the caller gives.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/module.h"

struct held;

/*
 * Keep a copy of S as the last of LIST, and no longer what was kept of the same sender.  False:
 * it would be more than COUNT, or than BYTES of memory, and only what is outdated was removed.
 */
bool held_add(struct held **list, const struct stanza *s, int64_t count, int64_t bytes);
/* Write all to SESSION, and forget it. */
void held_write(struct held **list, struct event *ev, struct session *session);
void held_clear(struct held **list);
