/*
 * chat.c - chat traffic between pairs of sessions, and what it costs.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/bench/chat.h"
#include "tests/bench/asks.h"
#include "tests/bench/histogram.h"
#include "tests/bench/proc.h"

#include <stdio.h>
#include <stdlib.h>

#define DRAIN_SECONDS 10.0 /* nothing arrived for so long: what is under way is lost */
#define DRAIN_STEP 0.05
#define PACED_WINDOW 64  /* messages under way of a session that is paced */
#define PACED_STEP 0.001 /* seconds between two looks at what is due */

/* The traffic from one session to its peer. */
struct way {
	uint32_t sent;
	uint32_t arrived;
	uint32_t released;    /* arrived since the last look: as many may leave */
	uint64_t *sent_at_ns; /* by number modulo the window */
	struct asks asks;     /* of its sender */
};

/* Where traffic at a rate stands. */
struct pace {
	uint64_t start_ns;
	uint64_t done; /* messages that were sent, or given up */
	unsigned next; /* place */
};

struct chat {
	struct fleet *fleet;
	struct way *ways; /* by place of the sender */
	unsigned first;
	unsigned count;
	unsigned window;
	unsigned rate; /* 0: the next message leaves when one has arrived */
	bool stopping;
	uint64_t delivered;
	struct pace pace;
	struct histogram latency;
	struct histogram ack_latency;
};

/* The readings at one end of the measured part. */
struct mark {
	uint64_t at_ns;
	uint64_t delivered;
	double own_cpu;
	bool watched;
	struct proc_cpu server;
	double other; /* seconds of the other one of two */
};

static void send_next(struct chat *t, unsigned place, uint64_t now)
{
	struct way *w = &t->ways[place];
	struct client *c = &t->fleet->clients[t->first + place];

	w->sent_at_ns[w->sent % t->window] = now;
	client_send(c, w->sent++);
	if (c->sm.is_on)
		asks_sent(&w->asks, c, c->options->ack_every, now);
}

static void send_released(struct chat *t, unsigned place)
{
	struct way *w = &t->ways[place];
	uint64_t now = uv_hrtime();

	for (; w->released > 0 && asks_has_room(&w->asks); w->released--)
		send_next(t, place, now);
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

	if (t->stopping || t->rate > 0)
		w->released = 0;
	else if (w->released > 0)
		send_released(t, sender);
}

static void on_ack(struct client *c, void *ctx)
{
	struct chat *t = ctx;
	unsigned place = c->index - t->first;

	if (place >= t->count)
		return;
	asks_answered(&t->ways[place].asks, c, &t->ack_latency);
	if (!t->stopping && t->ways[place].released > 0)
		send_released(t, place);
}

static const struct fleet_events fleet_events = {
	.on_message = on_message,
	.on_read_done = on_read_done,
	.on_ack = on_ack,
};

static void start(struct chat *t)
{
	uint64_t now = uv_hrtime();

	for (unsigned i = 0; i < t->count; i++) {
		struct client *c = &t->fleet->clients[t->first + i];

		client_address(c, &t->fleet->clients[t->first + (i ^ 1)]);
		t->ways[i].sent_at_ns = buf_zalloc(t->window * sizeof(uint64_t));
	}
	t->pace.start_ns = now;
	for (unsigned i = 0; i < t->count && t->rate == 0; i++) {
		for (unsigned k = 0; k < t->window; k++)
			send_next(t, i, now);
	}
}

static bool may_send(const struct way *w, unsigned window)
{
	return w->sent - w->arrived < window && asks_has_room(&w->asks);
}

/* The next session in turn that may send; the number of sessions when none may. */
static unsigned next_place(struct chat *t)
{
	for (unsigned i = 0; i < t->count; i++) {
		unsigned place = t->pace.next++ % t->count;

		if (may_send(&t->ways[place], t->window))
			return place;
	}
	return t->count;
}

static void send_due(struct chat *t)
{
	uint64_t now = uv_hrtime();
	uint64_t due = (uint64_t)((double)(now - t->pace.start_ns) / 1e9 * t->rate);

	while (t->pace.done < due) {
		unsigned place = next_place(t);

		if (place == t->count) {
			t->pace.done = due;
			break;
		}
		send_next(t, place, now);
		t->pace.done++;
	}
	net_flush(&t->fleet->net);
}

static void flow(struct chat *t, double seconds)
{
	uint64_t end = uv_hrtime() + (uint64_t)(seconds * 1e9);

	if (t->rate == 0) {
		fleet_wait(t->fleet, seconds);
		return;
	}
	while (uv_hrtime() < end) {
		send_due(t);
		fleet_wait(t->fleet, PACED_STEP);
	}
}

static void take_mark(const struct chat *t, struct mark *m)
{
	pid_t pid = t->fleet->options->pid;

	m->other = proc_cpu_of(t->fleet->options->other_pid);
	m->watched = pid > 0 && proc_read_cpu(pid, &m->server) == 0;
	m->own_cpu = proc_own_cpu();
	m->delivered = t->delivered;
	m->at_ns = uv_hrtime();
}

static uint64_t under_way(const struct chat *t)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < t->count; i++) {
		const struct way *w = &t->ways[i];

		sum += w->sent - w->arrived + w->asks.asked - w->asks.answered;
	}
	return sum;
}

/* The messages behind the last ask. */
static void ask_for_the_rest(struct chat *t)
{
	for (unsigned i = 0; i < t->count; i++) {
		struct client *c = &t->fleet->clients[t->first + i];

		if (c->sm.is_on && t->ways[i].asks.silent > 0)
			asks_now(&t->ways[i].asks, c, uv_hrtime());
	}
	net_flush(&t->fleet->net);
}

static void drain(struct chat *t)
{
	uint64_t left, before = 0;

	t->stopping = true;
	ask_for_the_rest(t);
	left = under_way(t);
	for (double waited = 0; left > 0 && waited < DRAIN_SECONDS; waited += DRAIN_STEP) {
		if (left != before)
			waited = 0;
		before = left;
		fleet_wait(t->fleet, DRAIN_STEP);
		left = under_way(t);
	}
	if (left > 0) {
		fprintf(stderr, "load: %llu messages or acknowledgements never arrived\n",
		        (unsigned long long)left);
		exit(1);
	}
}

static void conclude(const struct chat *t, const struct mark *a, const struct mark *b,
                     struct report_chat *out)
{
	bool watched = a->watched && b->watched;

	*out = (struct report_chat){
		.sessions = t->count,
		.window = t->rate == 0 ? t->window : 0,
		.rate = t->rate,
		.ack_every = t->fleet->options->sm ? t->fleet->options->ack_every : 0,
		.seconds = (double)(b->at_ns - a->at_ns) / 1e9,
		.messages = b->delivered - a->delivered,
		.server_cpu =
			watched ? b->server.seconds - a->server.seconds + b->other - a->other
				: -1,
		.busiest_cpu = watched ? proc_busiest(&a->server, &b->server) : -1,
		.own_cpu = b->own_cpu - a->own_cpu,
		.p50_ns = histogram_percentile(&t->latency, 0.5),
		.p99_ns = histogram_percentile(&t->latency, 0.99),
		.acks = t->ack_latency.total,
		.ack_p50_ns = histogram_percentile(&t->ack_latency, 0.5),
		.ack_p99_ns = histogram_percentile(&t->ack_latency, 0.99),
	};
}

void chat_run(struct fleet *f, unsigned first, unsigned count, struct chat_plan plan,
              struct report_chat *out)
{
	struct chat *t = buf_zalloc(sizeof(*t));
	struct mark a, b;

	t->fleet = f;
	t->first = first;
	t->count = count;
	t->window = plan.rate > 0 ? PACED_WINDOW : plan.window;
	t->rate = plan.rate;
	t->ways = buf_zalloc(count * sizeof(*t->ways));
	f->events = &fleet_events;
	f->events_ctx = t;
	start(t);
	flow(t, f->options->warm_seconds);
	t->latency = t->ack_latency = (struct histogram){ 0 };
	take_mark(t, &a);
	flow(t, f->options->seconds);
	take_mark(t, &b);
	conclude(t, &a, &b, out);
	drain(t);
	f->events = NULL;
	for (unsigned i = 0; i < count; i++) {
		free(t->ways[i].sent_at_ns);
		asks_deinit(&t->ways[i].asks);
	}
	free(t->ways);
	free(t);
}
