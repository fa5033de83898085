/*
 * chat.h - chat traffic between pairs of sessions, and what it costs.
 *
 * Session 2k and session 2k + 1 are a pair.  Each keeps WINDOW messages on their way to the
 * other: when one has arrived, the next leaves, in one write with whatever else the same read
 * set free.  Each is a TLS record of its own, as clients send them, unless the options ask to
 * join them.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/bench/fleet.h"
#include "tests/bench/report.h"

/*
 * Run the traffic over the COUNT sessions from FIRST on.  A lost, doubled or overtaken message
 * ends the program.
 */
void chat_run(struct fleet *f, unsigned first, unsigned count, unsigned window,
              struct report_chat *out);
