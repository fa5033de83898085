/*
 * chat.h - chat traffic between pairs of sessions, and what it costs.
 *
 * Session 2k and session 2k + 1 are a pair.  Each keeps WINDOW messages on their way to the
 * other: when one has arrived, the next leaves, in one write with whatever else the same read
 * set free.  Each is a TLS record of its own, as clients send them, unless the options ask to
 * join them.
 *
 * With a rate instead, so many messages a second leave, of one session after the other, whether
 * earlier ones have arrived or not; but no session has more than a bounded number under way, and
 * what it may not send is not made up for.  So a server that cannot hold the rate shows by the
 * messages that it delivered.
 *
 * With stream management each session asks for an <a/> behind every so many of its messages, and
 * the time to the answer is taken; messages wait for no <a/>.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/bench/fleet.h"
#include "tests/bench/report.h"

/* Either of the two, the other one is 0. */
struct chat_plan {
	unsigned window; /* messages under way for each session */
	unsigned rate;   /* messages per second of all sessions */
};

/*
 * Run the traffic over the COUNT sessions from FIRST on.  A lost, doubled or overtaken message,
 * or one that is not acknowledged in the end, ends the program.
 */
void chat_run(struct fleet *f, unsigned first, unsigned count, struct chat_plan plan,
              struct report_chat *out);
