/*
 * subscribe.h - subscriptions at work (RFC 6121 §3): what the user asks of contacts and grants
 * them, what they ask and grant, what is kept of it.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/roster/item.h"

/* Handlers of HOOK_SENT and HOOK_RECEIVED. */
int subscribe_sent(struct mod *m, struct event *ev);
int subscribe_received(struct mod *m, struct event *ev);
/* Of HOOK_AVAILABLE: what waits for the user, or for contacts. */
int subscribe_available(struct mod *m, struct event *ev);
/* Of HOOK_UNAVAILABLE. */
int subscribe_gone(struct mod *m, struct event *ev);
/* Of HOOK_REMOVED: contacts are told. */
int subscribe_removed(struct mod *m, struct event *ev);
/* End all subscriptions with the contact ITEM, as if the user had ended each (§2.5.2). */
MUST_CHECK int subscriptions_end(struct event *ev, const struct roster_item *item);
