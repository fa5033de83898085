/*
 * report.h - the figures of a run, and how they are printed.
 *
 * Times of the server are negative when it was not watched (no --pid).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/bench/options.h"
#include "tests/bench/report_rooms.h"

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
	unsigned window;    /* messages under way for each session; 0: there was a rate */
	unsigned rate;      /* messages wanted per second, of all sessions; 0: no rate */
	unsigned ack_every; /* messages of a session; 0: no stream management */
	double seconds;
	uint64_t messages; /* delivered within the measured part */
	double server_cpu;
	double busiest_cpu; /* of the server's busiest thread */
	double own_cpu;
	double p50_ns;
	double p99_ns;
	uint64_t acks; /* that were asked for and came within the measured part */
	double ack_p50_ns;
	double ack_p99_ns;
};

struct report_offline {
	unsigned receivers;
	unsigned ack_every;
	uint64_t messages;    /* sent and acknowledged */
	double seconds;       /* until the last was acknowledged */
	double quiet_seconds; /* from then on until the server was done; -1: not seen */
	double server_cpu;    /* until it was done */
	double own_cpu;
	double ack_p50_ns;
	double ack_p99_ns;
	uint64_t fetched; /* of them when the receivers came; each counted once */
	uint64_t strays;  /* that came twice or out of order */
};

struct report_resume {
	unsigned sessions;
	unsigned resumed;
	unsigned bound;       /* could not resume, and logged in anew */
	double ready_seconds; /* from the server's start until it was ready */
	double seconds;       /* from the server's start until the last session was back */
	double server_cpu;    /* from the server's start until then; -1: not watched */
	double own_cpu;       /* while they came back */
	uint64_t lost; /* of one message of each session to its peer, once they are back */
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
	struct report_offline offline;
	struct report_resume resume;
	struct report_rooms rooms;
	struct report_chat chats[WINDOWS_MAX];
	unsigned nchats;
	unsigned archives; /* of how many sessions there is a message in the archive after chat */
};

void report_print(const struct report *r, bool json);
