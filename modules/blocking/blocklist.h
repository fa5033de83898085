/*
 * blocklist.h - the rules of the blocking command (XEP-0191): those of the default list that
 * deny an address everything, and nothing else (§5 there).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/blocking/rules.h"

/* Addresses of a command. */
struct blocklist_jids {
	struct jid *jids;
	size_t n;
};

/*
 * In LIST, whose rules it makes anew, the addresses are blocked: those that were not before come
 * behind the blocks that LIST begins with, and before its other rules, so that none of these
 * decides first.  True: something changed.
 */
bool blocklist_add(struct event *ev, struct rule_list *list, const struct blocklist_jids *jids);
/* They, or all (NULL), are blocked no more. */
bool blocklist_remove(struct rule_list *list, const struct blocklist_jids *jids);

/* All that LIST blocks. */
struct blocklist_jids blocklist_of(struct event *ev, const struct rule_list *list);

/* A push of <NAME/> with these addresses to each session that asked for the blocklist. */
void blocklist_push(struct mod *m, struct event *ev, const char *name,
                    const struct blocklist_jids *jids);
/* Pushes of what a privacy list's change did to the blocklist: BEFORE became AFTER (or NULL). */
void blocklist_push_change(struct mod *m, struct event *ev, const struct rule_list *before,
                           const struct rule_list *after);
