/*
 * managed.h - clients that manage their stream (XEP-0198), for the tests of the core.
 *
 * What the server asks for with <r/> is left unanswered; the functions here read over it.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/lib/client.h"

#define NS_MANAGED "urn:xmpp:sm:3"

/* Enable; the name of the stream. */
const char *managed_enable(struct client *c);
/* Another connection for the session FULL, whose client has so many stanzas; the server has H. */
struct client *managed_resume(struct world *w, const char *full, const char *id, unsigned has,
                              unsigned h);
/* The next stanza, and one of that id. */
const struct xml_node *managed_next(struct client *c);
void managed_expect(struct client *c, const char *id);
/* Nothing has come for C of what it sent. */
void managed_settle(struct client *c);
/* The server says that it has handled so many. */
void managed_expect_handled(struct client *c, unsigned h);
/* The server has sent so many: that many may be acknowledged, and no more.  Ends the stream. */
void managed_expect_sent(struct client *c, unsigned n);
