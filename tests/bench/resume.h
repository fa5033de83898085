/*
 * resume.h - everybody comes back after a restart of the server, to the stream that they had.
 *
 * The sessions are there and all that they sent is acknowledged.  Then
 *
 *	load: "waiting"  ->  whoever started it kills the server and starts it again
 *	      "go PID START_NS READY_NS" on the standard input, by the monotonic clock  <-
 *	load: all sessions resume, or log in anew where that fails; then each writes to its peer
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/bench/fleet.h"
#include "tests/bench/report.h"

/* With the COUNT sessions from FIRST on, session 2k and 2k + 1 being peers. */
void resume_run(struct fleet *f, unsigned first, unsigned count, struct report_resume *out);
