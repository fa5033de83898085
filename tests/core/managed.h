/*
 * managed.h - what clients that manage their stream (XEP-0198) count, for the tests of the core.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/lib/client.h"

/* As client_resume, where the server must have handled H stanzas. */
struct client *managed_resume(struct world *w, const char *full, const char *id, unsigned has,
                              unsigned h);
/* The next stanza has that id. */
void managed_expect(struct client *c, const char *id);
/* The server says that it has handled so many. */
void managed_expect_handled(struct client *c, unsigned h);
/* The server has sent so many: that many may be acknowledged, and no more.  Ends the stream. */
void managed_expect_sent(struct client *c, unsigned n);
