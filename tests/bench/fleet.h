/*
 * fleet.h - all the clients of a run: they come in, some at a time, and go home.
 *
 * Its calls run the loop until what they are for is done, so that the program above reads from
 * top to bottom.  A client that fails ends the program with its reason: a figure from a run
 * with failures would mean nothing.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/bench/client.h"

/* What the traffic hangs on; each may be NULL. */
struct fleet_events {
	void (*on_message)(struct client *c, uint32_t number, void *ctx);
	void (*on_read_done)(struct client *c, void *ctx);
	void (*on_presence)(struct client *c, struct piece presence, void *ctx);
	void (*on_subject)(struct client *c, void *ctx);
	void (*on_ack)(struct client *c, void *ctx);
	/* Without it, a connection that ends ends the program. */
	void (*on_lost)(struct client *c, void *ctx);
};

struct fleet {
	struct net net;
	const struct options *options;
	struct options other; /* the same of those at the other server */
	const struct fleet_events *events; /* NULL while there is no traffic */
	void *events_ctx;
	struct client *clients; /* by index of the account */
	enum client_purpose purpose;
	unsigned next;        /* the one to start next */
	unsigned end;         /* of the range being brought in */
	unsigned busy;        /* on their way */
	unsigned done;        /* arrived, of this range */
	uint64_t progress_ns; /* when something last went on */
	uv_timer_t timer;
	bool timer_fired;
};

/* Returns 0 or a GnuTLS error. */
int fleet_init(struct fleet *f, uv_loop_t *loop, const struct options *o);
void fleet_deinit(struct fleet *f);

/* Log in, register, or bring back the clients FIRST to FIRST + COUNT - 1. */
void fleet_bring(struct fleet *f, enum client_purpose purpose, unsigned first, unsigned count);

/* Let the loop run for so long. */
void fleet_wait(struct fleet *f, double seconds);

/* Say good-bye on all sessions and wait for the sockets to be gone. */
void fleet_leave(struct fleet *f);
