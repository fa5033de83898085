/*
 * push.h - the roster as sessions see it: items, and pushes of what changed (RFC 6121 §2.1.6).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/roster/item.h"

struct roster_conf {
	int64_t items, requests;
	int64_t groups, text; /* groups of a contact; bytes of a group or a name */
	struct conf_list shared;
};

/* At each session. */
struct roster_session {
	bool interested; /* it asked for the roster (§2.2) */
};

/* session_save and session_load of the descriptor. */
void roster_session_save(struct mod *m, struct session *s, struct record_writer *w);
int roster_session_load(struct mod *m, struct session *s, struct record_reader *r);

struct str roster_version(struct event *ev, uint64_t version);
/* <item/> added to QUERY; REMOVED: as one that is there no more. */
void roster_show_item(struct event *ev, struct xml_node *query, const struct roster_item *item,
                      bool removed);
/*
 * ITEM, with what shared groups make of it, to one session, or (NULL) to all that asked for the
 * roster.
 */
MUST_CHECK int roster_push(struct mod *m, struct event *ev, struct session *to,
                           const struct roster_item *item, bool removed);
