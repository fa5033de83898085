/*
 * report_rooms.h - the figures of rooms.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/bench/options.h"

#include <stdint.h>

/* Joins number FIRST to LAST, counted from 1 over all rooms. */
struct report_joins {
	unsigned first;
	unsigned last;
	uint64_t presences; /* that came of them, to whoever */
	double seconds;
	double server_cpu; /* negative when the server was not watched */
	double own_cpu;
};

struct report_talk {
	unsigned window; /* messages under way in each room; 0: there was a rate */
	unsigned rate;   /* messages wanted per second, of all rooms; 0: no rate */
	double seconds;
	uint64_t messages;   /* that the last occupant got within the measured part */
	uint64_t deliveries; /* one for each occupant who got one */
	double server_cpu;
	double busiest_cpu; /* of the server's busiest thread */
	double own_cpu;
	double p50_ns; /* of deliveries */
	double p99_ns;
	double last_p50_ns; /* of messages, until the last occupant has them */
	double last_p99_ns;
};

struct report_rooms {
	unsigned rooms;     /* 0: none were measured */
	unsigned occupants; /* of each */
	double pss; /* bytes of growth for each occupant when all had joined; 0: not watched */
	double anon;
	double talked_anon; /* the same when they had talked */
	struct report_joins all;
	struct report_joins first; /* the first of them, as many as the options say */
	struct report_joins last;  /* the last */
	struct report_talk talks[WINDOWS_MAX + RATES_MAX];
	unsigned ntalks;
};

/* A member of a JSON object with a comma before it, or lines of text; nothing without rooms. */
void report_json_rooms(const struct report_rooms *r);
void report_text_rooms(const struct report_rooms *r);
