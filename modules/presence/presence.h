/*
 * presence.h - what other modules may ask of the presence of sessions (RFC 6121 §4).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/module.h"

/*
 * Each address that the session has sent directed presence to (§4.6); where FN says true, it has
 * been told that the session is gone, and is forgotten.
 */
typedef bool presence_fn(void *arg, struct session *s, struct jid to);
void presence_each_directed(struct event *ev, struct session *s, presence_fn *fn, void *arg);

/* Has the session shown itself to that address, full or bare as it was written to? */
bool presence_is_directed(struct session *s, struct jid to);
/* Is it in that room, as far as its account knows? */
bool presence_is_in_room(struct session *s, struct jid room);

/*
 * Each session of the account, by its full JID, that an earlier process of the server has seen
 * available, and that is not there any more: who knew it then may not have heard of its end.
 */
typedef void presence_vanished_fn(void *arg, struct jid full);
void presence_each_vanished(struct event *ev, presence_vanished_fn *fn, void *arg);
