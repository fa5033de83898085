/*
 * filter.h - what is let in and out by the rules of an account (XEP-0016, XEP-0191).
 *
 * Before all else: what is blocked reaches no session, no store and no copy.  What the account
 * and its own domain say to each other always passes.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/blocking/rules.h"
#include "modules/roster/roster.h"

/* Does LIST (NULL: none) deny that part of what is from or for WHO?  1, 0, or an error. */
MUST_CHECK int filter_denies(struct event *ev, const struct rule_list *list, struct jid who,
                             enum rule_part part);

/* The same for a contact. */
MUST_CHECK int filter_denies_contact(struct event *ev, const struct rule_list *list,
                                     const struct roster_item *item, enum rule_part part);

/* Handlers of HOOK_SENT and HOOK_RECEIVED, and may_send of the descriptor. */
int filter_sent(struct mod *m, struct event *ev);
int filter_received(struct mod *m, struct event *ev);
bool filter_may_send(struct mod *m, struct event *ev, const struct stanza *s);
