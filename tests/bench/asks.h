/*
 * asks.h - the requests for an <a/> of one session that are not answered yet, and how long each takes.
 *
 * A session asks behind every so many messages, in the same write.  The time of an ask is that of
 * the message before it, so what is measured is the way from sending a message to knowing that the
 * server has it.  Messages that no <r/> follows are not measured: they wait for others.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/bench/client.h"
#include "tests/bench/histogram.h"

#define ASKS_MAX 1024 /* unanswered; a session with so many waits */

struct ask {
	uint32_t sent; /* stanzas of the session when it asked */
	uint64_t at_ns;
};

/* All zeros is ready to use. */
struct asks {
	struct ask *ring;
	uint32_t asked;
	uint32_t answered;
	uint32_t silent; /* messages since the last ask */
};

void asks_deinit(struct asks *a);

/* Whether the session may send another message. */
bool asks_has_room(const struct asks *a);

/* C has sent a message at NOW; ask if it is the EVERY-th since the last ask. */
void asks_sent(struct asks *a, struct client *c, unsigned every, uint64_t now);

/* Ask for what is not acknowledged. */
void asks_now(struct asks *a, struct client *c, uint64_t now);

/* C got an <a/>: add the times of what it answers to OUT. */
void asks_answered(struct asks *a, const struct client *c, struct histogram *out);
