/*
 * managed.h - what clients that manage their stream (XEP-0198) count, for the tests of the core.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/lib/client.h"

#define RESULT(id) "<iq id='" id "' type='result'/>"
#define MESSAGE(id, to) "<message id='" id "' type='chat' to='" to "'><body>x</body></message>"

/* As client_resume, where the server must have handled H stanzas. */
struct client *managed_resume(struct world *w, const char *full, const char *id, unsigned has,
                              unsigned h);
/* The next stanza has that id. */
void managed_expect(struct client *c, const char *id);
/* The server says that it has handled so many. */
void managed_expect_handled(struct client *c, unsigned h);
/* The server has sent so many: that many may be acknowledged, and no more.  Ends the stream. */
void managed_expect_sent(struct client *c, unsigned n);
/* More than a file that may not grow has free pages for. */
const char *managed_big_text(struct world *w);
/* C sends a message with that for its body. */
void managed_send_big(struct client *c, const char *id, const char *to);
/*
 * The disk is full, but for some pages that the account of juliet@a.example, in a court, has freed:
 * what is small has room.
 */
void managed_fill_disk(struct world *w);
