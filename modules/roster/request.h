/*
 * request.h - requests to see the account's presence that wait for its user (RFC 6121 §3.1.3):
 * kept until they are answered, shown at each login.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/roster/item.h"

/* The event's stanza, from CONTACT. */
void request_keep(struct event *ev, struct jid contact);
void request_forget(struct event *ev, struct jid contact);
/* How many wait, counted up to MAX; or an error. */
MUST_CHECK int request_count(struct event *ev, int64_t max);
/* All of them to the session that became available. */
MUST_CHECK int requests_show(struct event *ev);
/* All are refused: the account is being removed. */
MUST_CHECK int requests_refuse(struct event *ev);
