/*
 * chat.c - chat traffic between pairs of sessions, and what it costs.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/bench/chat.h"
#include "tests/bench/histogram.h"
#include "tests/bench/proc.h"

#include <stdio.h>
#include <stdlib.h>

#define DRAIN_SECONDS 10.0 /* what is under way must arrive within it */
#define DRAIN_STEP 0.05

/* The traffic from one session to its peer. */
struct way {
	uint32_t sent;
	uint32_t arrived;
	uint32_t released;    /* arrived since the last look: as many may leave */
	uint64_t *sent_at_ns; /* by number modulo the window */
};

struct chat {
	struct fleet *fleet;
	struct way *ways; /* by place of the sender */
	unsigned first;
	unsigned count;
	unsigned window;
	bool stopping;
	uint64_t delivered;
	struct histogram latency;
};

/* The readings at one end of the measured part. */
struct mark {
	uint64_t at_ns;
	uint64_t delivered;
	double own_cpu;
	bool watched;
	struct proc_cpu server;
};

static void send_next(struct chat *t, unsigned place, uint64_t now)
{
	struct way *w = &t->ways[place];

	w->sent_at_ns[w->sent % t->window] = now;
	client_send(&t->fleet->clients[t->first + place], w->sent++);
}

/* What C got comes from its peer, whose way it is. */
static void on_message(struct client *c, uint32_t number, void *ctx)
{
	struct chat *t = ctx;
	struct way *w = &t->ways[(c->index - t->first) ^ 1];

	if (number != w->arrived) {
		fprintf(stderr, "load: session %u: message %u came where %u was due\n",
		        c->index, number, w->arrived);
		exit(1);
	}
	histogram_add(&t->latency, uv_hrtime() - w->sent_at_ns[number % t->window]);
	w->arrived++;
	w->released++;
	t->delivered++;
}

static void on_read_done(struct client *c, void *ctx)
{
	struct chat *t = ctx;
	unsigned sender = (c->index - t->first) ^ 1;
	struct way *w = &t->ways[sender];
	uint64_t now;

	if (w->released == 0 || t->stopping) {
		w->released = 0;
		return;
	}
	now = uv_hrtime();
	for (; w->released > 0; w->released--)
		send_next(t, sender, now);
}

static const struct fleet_events fleet_events = {
	.on_message = on_message,
	.on_read_done = on_read_done,
};

static void start(struct chat *t)
{
	uint64_t now = uv_hrtime();

	for (unsigned i = 0; i < t->count; i++) {
		struct client *c = &t->fleet->clients[t->first + i];

		client_address(c, &t->fleet->clients[t->first + (i ^ 1)]);
		t->ways[i].sent_at_ns = buf_zalloc(t->window * sizeof(uint64_t));
	}
	for (unsigned i = 0; i < t->count; i++) {
		for (unsigned k = 0; k < t->window; k++)
			send_next(t, i, now);
	}
}

static void take_mark(const struct chat *t, struct mark *m)
{
	pid_t pid = t->fleet->options->pid;

	m->watched = pid > 0 && proc_read_cpu(pid, &m->server) == 0;
	m->own_cpu = proc_own_cpu();
	m->delivered = t->delivered;
	m->at_ns = uv_hrtime();
}

static uint64_t under_way(const struct chat *t)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < t->count; i++)
		sum += t->ways[i].sent - t->ways[i].arrived;
	return sum;
}

static void drain(struct chat *t)
{
	t->stopping = true;
	for (double waited = 0; under_way(t) > 0 && waited < DRAIN_SECONDS;
	     waited += DRAIN_STEP)
		fleet_wait(t->fleet, DRAIN_STEP);
	if (under_way(t) > 0) {
		fprintf(stderr, "load: %llu messages never arrived\n",
		        (unsigned long long)under_way(t));
		exit(1);
	}
}

static void conclude(const struct chat *t, const struct mark *a, const struct mark *b,
                     struct report_chat *out)
{
	bool watched = a->watched && b->watched;

	*out = (struct report_chat){
		.sessions = t->count,
		.window = t->window,
		.seconds = (double)(b->at_ns - a->at_ns) / 1e9,
		.messages = b->delivered - a->delivered,
		.server_cpu = watched ? b->server.seconds - a->server.seconds : -1,
		.busiest_cpu = watched ? proc_busiest(&a->server, &b->server) : -1,
		.own_cpu = b->own_cpu - a->own_cpu,
		.p50_ns = histogram_percentile(&t->latency, 0.5),
		.p99_ns = histogram_percentile(&t->latency, 0.99),
	};
}

void chat_run(struct fleet *f, unsigned first, unsigned count, unsigned window,
              struct report_chat *out)
{
	struct chat *t = buf_zalloc(sizeof(*t));
	struct mark a, b;

	t->fleet = f;
	t->first = first;
	t->count = count;
	t->window = window;
	t->ways = buf_zalloc(count * sizeof(*t->ways));
	f->events = &fleet_events;
	f->events_ctx = t;
	start(t);
	fleet_wait(f, f->options->warm_seconds);
	t->latency = (struct histogram){ 0 };
	take_mark(t, &a);
	fleet_wait(f, f->options->seconds);
	take_mark(t, &b);
	conclude(t, &a, &b, out);
	drain(t);
	f->events = NULL;
	for (unsigned i = 0; i < count; i++)
		free(t->ways[i].sent_at_ns);
	free(t->ways);
	free(t);
}
