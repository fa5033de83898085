/*
 * privacy.h - privacy lists as clients see and change them (XEP-0016).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/blocking/rules.h"

/* Handlers of <query xmlns='jabber:iq:privacy'/>. */
int privacy_get(struct mod *m, struct event *ev);
int privacy_set(struct mod *m, struct event *ev);

/* LIST is gone: it is no longer the default one, nor any session's active one. */
void privacy_remove(struct mod *m, struct event *ev, const struct rule_list *list);

/* ---- items ---- */

/* LIST with its items, added to QUERY. */
void privacy_show_list(struct event *ev, struct xml_node *query, const struct rule_list *list);
/*
 * The rules of <list/> by order; 0, or the condition to answer with in *condition_out.
 * @limit  rules of a list
 */
MUST_CHECK int privacy_read_items(struct event *ev, const struct xml_node *node, size_t limit,
                                  struct rule_list *list, enum stanza_error *condition_out);
