/*
 * storm.h - the presence that goes around when everybody comes back and when somebody changes.
 *
 * Every session knows which presence each of its contacts, and it itself, is due to send next,
 * by number: 0 with the login, then one more with each change.
 *
 *	logins:   who comes later hears of the other by a probe, who was first by the broadcast;
 *	          where two logins cross, number 0 may come both ways (RFC 6121 §4.2.2, §4.3)
 *	changes:  each goes to all contacts and back to its sender, once and in order (§4.4.2)
 *
 * Anything else, and anything that stays away, ends the program.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/bench/fleet.h"
#include "tests/bench/report.h"

struct storm {
	struct fleet *fleet;
	uint32_t *due;    /* by session and contact: the number of the next presence */
	uint64_t arrived; /* presences that were due */
	uint64_t doubled; /* number 0 once more */
	uint64_t others;  /* of a type, such as unavailable */
	uint32_t changes; /* made so far, of all sessions */
};

/* Watch the presence of F's sessions from now on. */
void storm_init(struct storm *s, struct fleet *f);
void storm_deinit(struct storm *s);

/* After the logins: wait until everybody has heard of all contacts. */
void storm_settle(struct storm *s, struct report_storm *out);

/*
 * Let all sessions change their presence in turn, as often as the options say and RATE times a
 * second; with 0 as fast as they arrive.  No more than a bounded number is ever under way.
 */
void storm_change(struct storm *s, unsigned rate, struct report_changes *out);
