/*
 * offline.c - messages to people who are away: what it costs to store them.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/bench/offline.h"
#include "tests/bench/asks.h"
#include "tests/bench/proc.h"

#include <stdio.h>
#include <stdlib.h>

#define STALL_SECONDS 20.0 /* nothing was acknowledged, or came, for so long */
#define STEP 0.01
#define QUIET_STEP 0.2   /* seconds in which a server that is done uses */
#define QUIET_SHARE 0.05 /* less than this of a core */
#define QUIET_MAX 120.0  /* seconds */

struct writer {
	uint32_t sent;
	struct asks asks;
};

struct offline {
	struct fleet *fleet;
	unsigned first;
	unsigned count;
	struct writer *writers;
	unsigned done;    /* writers whose messages are all acknowledged */
	uint64_t answers; /* to asks, by any writer */
	uint32_t *due;    /* by receiver: the number of the next message */
	uint64_t fetched;
	uint64_t strays;
	struct histogram ack_latency;
};

static bool is_asking(const struct asks *a)
{
	return a->asked != a->answered;
}

/* Send what the window has room for.  Who may not send and has not asked would wait for ever. */
static void write_on(struct offline *t, unsigned place)
{
	struct client *c = &t->fleet->clients[t->first + place];
	const struct options *o = c->options;
	struct writer *w = &t->writers[place];
	uint64_t now = uv_hrtime();

	while (w->sent < o->messages && c->sm.sent - c->sm.acked < o->windows[0]) {
		client_send(c, w->sent++);
		asks_sent(&w->asks, c, o->ack_every, now);
	}
	if (is_asking(&w->asks))
		return;
	if (w->asks.silent > 0 || w->sent < o->messages)
		asks_now(&w->asks, c, now);
	else
		t->done++;
}

static void on_ack(struct client *c, void *ctx)
{
	struct offline *t = ctx;
	unsigned place = c->index - t->first;
	struct asks *asks;

	if (place >= t->count)
		return;
	asks = &t->writers[place].asks;
	if (!is_asking(asks)) /* an <a/> that nobody asked for */
		return;
	asks_answered(asks, c, &t->ack_latency);
	t->answers++;
	write_on(t, place);
}

static const struct fleet_events writing = { .on_ack = on_ack };

/* Run the loop until IS_OVER; returns false when PROGRESS stood still for too long before. */
static bool wait_for(struct fleet *f, const uint64_t *progress, bool (*is_over)(void *),
                     void *ctx)
{
	uint64_t seen = *progress;
	double waited = 0;

	while (!is_over(ctx) && waited < STALL_SECONDS) {
		fleet_wait(f, STEP);
		waited = *progress != seen ? 0 : waited + STEP;
		seen = *progress;
	}
	return is_over(ctx);
}

static bool is_acknowledged(void *ctx)
{
	const struct offline *t = ctx;

	return t->done == t->count;
}

static void write_all(struct offline *t)
{
	const struct options *o = t->fleet->options;

	for (unsigned i = 0; i < t->count; i++) {
		struct client *c = &t->fleet->clients[t->first + i];
		struct buf jid = { 0 };

		buf_addf(&jid, "%s%u@%s", o->users_prefix, c->index + t->count, o->domain);
		buf_add(&jid, "", 1);
		client_address_jid(c, jid.p);
		buf_deinit(&jid);
		write_on(t, i);
	}
	net_flush(&t->fleet->net);
	if (!wait_for(t->fleet, &t->answers, is_acknowledged, t)) {
		fprintf(stderr, "load: %u writers wait for acknowledgements\n",
		        t->count - t->done);
		exit(1);
	}
}

/* Returns the seconds until the server does nothing any more; -1 when that is not seen. */
static double wait_quiet(struct fleet *f)
{
	pid_t pid = f->options->pid;
	uint64_t start = uv_hrtime();
	double before = proc_cpu_of(pid);

	for (double seconds = 0; pid != 0 && seconds < QUIET_MAX;) {
		double now;

		fleet_wait(f, QUIET_STEP);
		now = proc_cpu_of(pid);
		if (now - before < QUIET_STEP * QUIET_SHARE)
			return seconds;
		before = now;
		seconds = (double)(uv_hrtime() - start) / 1e9;
	}
	return -1;
}

/* A number that is left out is lost, one that was due before is a stray. */
static void on_message(struct client *c, uint32_t number, void *ctx)
{
	struct offline *t = ctx;
	unsigned place = c->index - t->first - t->count;

	if (c->index < t->first + t->count || place >= t->count || number < t->due[place]) {
		t->strays++;
		return;
	}
	t->due[place] = number + 1;
	t->fetched++;
}

static const struct fleet_events fetching = { .on_message = on_message };

static bool is_fetched(void *ctx)
{
	const struct offline *t = ctx;

	return t->fetched >= (uint64_t)t->count * t->fleet->options->messages;
}

static void fetch(struct offline *t)
{
	t->due = buf_zalloc(t->count * sizeof(*t->due));
	t->fleet->events = &fetching;
	fleet_bring(t->fleet, CLIENT_LOG_IN, t->first + t->count, t->count);
	wait_for(t->fleet, &t->fetched, is_fetched, t);
	fleet_wait(t->fleet, QUIET_STEP); /* what comes twice */
	free(t->due);
}

void offline_run(struct fleet *f, unsigned first, unsigned count, struct report_offline *out)
{
	const struct options *o = f->options;
	struct offline *t = buf_zalloc(sizeof(*t));
	double cpu = proc_cpu_of(o->pid), own = proc_own_cpu();
	uint64_t start = uv_hrtime();

	*t = (struct offline){ .fleet = f, .first = first, .count = count };
	t->writers = buf_zalloc(count * sizeof(*t->writers));
	f->events = &writing;
	f->events_ctx = t;
	write_all(t);
	*out = (struct report_offline){
		.receivers = count,
		.ack_every = o->ack_every,
		.messages = (uint64_t)count * o->messages,
		.seconds = (double)(uv_hrtime() - start) / 1e9,
		.own_cpu = proc_own_cpu() - own,
		.ack_p50_ns = histogram_percentile(&t->ack_latency, 0.5),
		.ack_p99_ns = histogram_percentile(&t->ack_latency, 0.99),
	};
	out->quiet_seconds = wait_quiet(f);
	out->server_cpu = o->pid != 0 ? proc_cpu_of(o->pid) - cpu : -1;
	fetch(t);
	out->fetched = t->fetched;
	out->strays = t->strays;
	f->events = NULL;
	for (unsigned i = 0; i < count; i++)
		asks_deinit(&t->writers[i].asks);
	free(t->writers);
	free(t);
}
