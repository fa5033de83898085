/*
 * offline.h - messages to people who are away: what it costs to store them.
 *
 * Each session writes so many messages to an account of its own, which is not logged in, and
 * keeps a window of them unacknowledged.  An acknowledged message should be stored, but some
 * servers acknowledge first; so the processor time is that until the server has become quiet, and
 * in the end the receivers log in and count what they get.
 *
 *	sessions: warm ... | writers ... | receivers, away ... |
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/bench/fleet.h"
#include "tests/bench/report.h"

/* The COUNT sessions from FIRST on write to as many behind them. */
void offline_run(struct fleet *f, unsigned first, unsigned count, struct report_offline *out);
