/*
 * rooms_talk.c - what is said in rooms, and what that costs.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/bench/proc.h"
#include "tests/bench/rooms.h"

#include <stdio.h>
#include <stdlib.h>

#define DRAIN_SECONDS 20.0 /* nothing arrived for so long: what is under way is lost */
#define DRAIN_STEP 0.02
#define LONGER_SECONDS 60.0 /* that the measured part may take for the sake of slow servers */
#define LONGER_STEP 0.1

/* The readings at one end of the measured part. */
struct mark {
	uint64_t at_ns;
	uint64_t messages;
	uint64_t deliveries;
	double own_cpu;
	bool watched;
	struct proc_cpu server;
};

static void send_next(struct rooms *rs, struct room *r)
{
	struct client *c = rooms_occupant(rs, r, r->sent % r->size);

	client_send(c, room_send(r, uv_hrtime()));
}

void rooms_on_message(struct client *c, uint32_t number, void *ctx)
{
	struct rooms *rs = ctx;
	struct rooms_talk *t = &rs->talk;
	uint64_t sent_at_ns, took_ns;
	enum room_heard heard;
	struct room *r;
	unsigned who;

	r = rooms_of(rs, c, &who);
	heard = room_hear(r, who, number, &sent_at_ns);
	if (heard == ROOM_WRONG) {
		fprintf(stderr, "load: session %u: message %u was lost, doubled or overtaken\n",
		        c->index, number);
		exit(1);
	}
	took_ns = uv_hrtime() - sent_at_ns;
	histogram_add(&t->latency, took_ns);
	t->deliveries++;
	if (heard != ROOM_HEARD_BY_ALL)
		return;
	histogram_add(&t->last_latency, took_ns);
	t->messages++;
	if (t->plan.rate == 0 && !t->stopping)
		send_next(rs, r);
}

static void fill_windows(struct rooms *rs, struct room *r)
{
	while (room_has_space(r, rs->talk.plan.window))
		send_next(rs, r);
}

/* The next room in turn where something may be said; NULL when there is none. */
static struct room *next_room(struct rooms *rs)
{
	for (unsigned i = 1; i < rs->count; i++) {
		struct room *r = &rs->rooms[1 + rs->talk.next++ % (rs->count - 1)];

		if (room_has_space(r, ROOM_WINDOW_MAX))
			return r;
	}
	return NULL;
}

static void send_due(struct rooms *rs)
{
	struct rooms_talk *t = &rs->talk;
	uint64_t due = (uint64_t)((double)(uv_hrtime() - t->start_ns) / 1e9 * t->plan.rate);

	while (t->done < due) {
		struct room *r = next_room(rs);

		if (r == NULL) {
			t->done = due;
			break;
		}
		send_next(rs, r);
		t->done++;
	}
	net_flush(&rs->fleet->net);
}

static void flow(struct rooms *rs, double seconds)
{
	uint64_t end = uv_hrtime() + (uint64_t)(seconds * 1e9);

	if (rs->talk.plan.rate == 0) {
		fleet_wait(rs->fleet, seconds);
		return;
	}
	while (uv_hrtime() < end) {
		send_due(rs);
		fleet_wait(rs->fleet, ROOMS_STEP);
	}
}

static void take_mark(const struct rooms *rs, struct mark *m)
{
	pid_t pid = rs->fleet->options->pid;

	m->watched = pid > 0 && proc_read_cpu(pid, &m->server) == 0;
	m->own_cpu = proc_own_cpu();
	m->messages = rs->talk.messages;
	m->deliveries = rs->talk.deliveries;
	m->at_ns = uv_hrtime();
}

static bool is_quiet(const struct rooms *rs)
{
	for (unsigned i = 0; i < rs->count; i++) {
		if (rs->rooms[i].sent != rs->rooms[i].arrived)
			return false;
	}
	return true;
}

static void drain(struct rooms *rs)
{
	uint64_t before = rs->talk.deliveries;

	rs->talk.stopping = true;
	for (double waited = 0; !is_quiet(rs); waited += DRAIN_STEP) {
		if (waited > DRAIN_SECONDS) {
			fprintf(stderr, "load: messages to rooms never arrived everywhere\n");
			exit(1);
		}
		fleet_wait(rs->fleet, DRAIN_STEP);
		if (rs->talk.deliveries != before)
			waited = 0;
		before = rs->talk.deliveries;
	}
}

/* A server that works off much at a time may not have delivered anything yet. */
static void flow_on(struct rooms *rs, const struct mark *since)
{
	unsigned rooms = rs->count - 1;

	for (double longer = 0;
	     rs->talk.messages - since->messages < rooms && longer < LONGER_SECONDS;
	     longer += LONGER_STEP)
		flow(rs, LONGER_STEP);
}

static void conclude(const struct rooms *rs, const struct mark *a, const struct mark *b,
                     struct report_talk *out)
{
	const struct rooms_talk *t = &rs->talk;
	bool watched = a->watched && b->watched;

	*out = (struct report_talk){
		.window = t->plan.window,
		.rate = t->plan.rate,
		.seconds = (double)(b->at_ns - a->at_ns) / 1e9,
		.messages = b->messages - a->messages,
		.deliveries = b->deliveries - a->deliveries,
		.server_cpu = watched ? b->server.seconds - a->server.seconds : -1,
		.busiest_cpu = watched ? proc_busiest(&a->server, &b->server) : -1,
		.own_cpu = b->own_cpu - a->own_cpu,
		.p50_ns = histogram_percentile(&t->latency, 0.5),
		.p99_ns = histogram_percentile(&t->latency, 0.99),
		.last_p50_ns = histogram_percentile(&t->last_latency, 0.5),
		.last_p99_ns = histogram_percentile(&t->last_latency, 0.99),
	};
}

static void start(struct rooms *rs, struct rooms_plan plan, unsigned first, unsigned end)
{
	rs->talk = (struct rooms_talk){ .plan = plan, .start_ns = uv_hrtime() };
	for (unsigned i = first; i < end && plan.rate == 0; i++)
		fill_windows(rs, &rs->rooms[i]);
}

void rooms_warm_up(struct rooms *rs)
{
	start(rs, (struct rooms_plan){ .window = 1 }, 0, rs->rooms[0].size > 0 ? 1 : 0);
	fleet_wait(rs->fleet, rs->fleet->options->warm_seconds);
	drain(rs);
}

void rooms_talk(struct rooms *rs, struct rooms_plan plan, struct report_talk *out)
{
	struct mark a, b;

	start(rs, plan, 1, rs->count);
	flow(rs, rs->fleet->options->warm_seconds);
	rs->talk.latency = rs->talk.last_latency = (struct histogram){ 0 };
	take_mark(rs, &a);
	flow(rs, rs->fleet->options->seconds);
	flow_on(rs, &a);
	take_mark(rs, &b);
	conclude(rs, &a, &b, out);
	drain(rs);
}
