/*
 * report.h - the figures of a run, and how they are printed.
 *
 * Times of the server are negative when it was not watched (no --pid).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/bench/options.h"

#include <stdint.h>

struct report_login {
	unsigned sessions;
	double seconds;
	double server_cpu; /* seconds */
	double own_cpu;    /* seconds, of the generator */
};

struct report_idle {
	unsigned sessions;
	double base_pss; /* bytes, with the warm sessions in */
	double pss;      /* bytes of growth for each session */
	double anon;     /* the part of it that no file backs */
};

struct report_chat {
	unsigned sessions;
	unsigned window;
	double seconds;
	uint64_t messages; /* delivered within the measured part */
	double server_cpu;
	double busiest_cpu; /* of the server's busiest thread */
	double own_cpu;
	double p50_ns;
	double p99_ns;
};

struct report_changes {
	unsigned rate; /* per second; 0: as fast as they went */
	uint64_t changes;
	uint64_t deliveries; /* of these changes, the way back to the sender included */
	double seconds;
	double server_cpu;
	double own_cpu;
};

struct report_storm {
	unsigned contacts;        /* of each session */
	uint64_t login_presences; /* that all sessions got while they logged in */
	struct report_changes changes[RATES_MAX];
	unsigned nchanges;
};

struct report {
	char *tls;             /* version and cipher; from GnuTLS, to be freed by the caller;
	                          NULL when no session stays */
	const char *mechanism; /* NULL for the relay */
	size_t message_size;   /* bytes of a message as sent; 0 when none was */
	struct report_login login;
	struct report_idle idle;
	struct report_storm storm;
	struct report_chat chats[WINDOWS_MAX];
	unsigned nchats;
};

void report_print(const struct report *r, bool json);
