/*
 * directed.h - to whom a session has sent directed presence (RFC 6121 §4.6): they are told when
 * it goes, in whatever way.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/module.h"

struct presence_conf {
	int64_t directed; /* addresses at a time */
};

/* At each session. */
struct presence_state {
	struct strset directed; /* full text of the addresses */
	struct strset rooms; /* bare JIDs of those that were entered that way (XEP-0045 §7.2) */
};

/* The session sent presence to an address; as a handler of HOOK_SENT. */
int directed_note(struct mod *m, struct event *ev);
/* session_save and session_load of the descriptor. */
void directed_save(struct mod *m, struct session *s, struct record_writer *w);
int directed_load(struct mod *m, struct session *s, struct record_reader *r);
/* ev->stanza, which is unavailable, goes to all of them that do not get it anyway. */
void directed_end(struct mod *m, struct event *ev);
/*
 * What presence of rooms was on its way to ev's session when the server ended is lost, so it asks
 * each for all of it; a room of which it is no occupant any more says so.
 */
void directed_ask_rooms(struct mod *m, struct event *ev);
