/*
 * storm.c - the presence that goes around when everybody comes back and when somebody changes.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/bench/storm.h"
#include "tests/bench/contacts.h"
#include "tests/bench/proc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STALL_SECONDS 20.0 /* nothing came for so long: what is missing is lost */
#define STEP 0.001         /* seconds between two looks */
#define UNDER_WAY_MAX 256  /* changes that have not arrived everywhere */
#define TAIL 0.3           /* seconds in which what is too much may show */

/* A round of changes, and how things stood when it began. */
struct round {
	unsigned rate;
	uint32_t changes;
	uint64_t arrived;
	uint64_t start_ns;
};

/* Slots of one session: its contacts, and itself behind them. */
static unsigned slots(const struct options *o)
{
	return o->contacts + 1;
}

static uint64_t everybody(const struct options *o)
{
	return (uint64_t)o->sessions * slots(o);
}

static void fail(const struct client *c, const char *what, struct piece presence)
{
	fprintf(stderr, "load: session %u: %s: %.*s\n", c->index, what, (int)presence.n,
	        presence.p);
	exit(1);
}

/* The account in a JID of ours; -1 for anybody else. */
static long sender_of(const struct options *o, struct piece from)
{
	size_t at = strlen(o->users_prefix);
	long index = 0;

	if (!piece_starts(from, o->users_prefix) || at == from.n)
		return -1;
	for (; at < from.n && from.p[at] != '@'; at++) {
		if (from.p[at] < '0' || from.p[at] > '9' || index > INT32_MAX / 16)
			return -1;
		index = index * 10 + (from.p[at] - '0');
	}
	return index;
}

static void on_presence(struct client *c, struct piece presence, void *ctx)
{
	struct storm *s = ctx;
	const struct options *o = c->options;
	uint32_t number, *due;
	long sender;
	int slot;

	if (c->index < o->warm_sessions)
		return;
	if (piece_attribute(presence, "type").n > 0) {
		s->others++;
		return;
	}
	sender = sender_of(o, piece_attribute(presence, "from"));
	slot = sender < 0 ? -1 : contacts_find(o, c->index, (unsigned)sender);
	if (slot < 0 || !client_presence_number(presence, &number))
		fail(c, "a presence that nobody should have sent", presence);
	due = &s->due[(c->index - o->warm_sessions) * slots(o) + (unsigned)slot];
	if (number == *due) {
		(*due)++;
		s->arrived++;
	} else if (number == 0 && s->changes == 0) {
		s->doubled++;
	} else {
		fail(c, "a presence that is doubled or overtook another", presence);
	}
}

static const struct fleet_events fleet_events = { .on_presence = on_presence };

void storm_init(struct storm *s, struct fleet *f)
{
	*s = (struct storm){ .fleet = f };
	s->due = buf_zalloc(everybody(f->options) * sizeof(*s->due));
	f->events = &fleet_events;
	f->events_ctx = s;
}

void storm_deinit(struct storm *s)
{
	s->fleet->events = NULL;
	free(s->due);
}

static void check_stall(uint64_t progress_ns, uint64_t missing)
{
	if ((double)(uv_hrtime() - progress_ns) < STALL_SECONDS * 1e9)
		return;
	fprintf(stderr, "load: %llu presences never arrived\n", (unsigned long long)missing);
	exit(1);
}

/* Run the loop until so many have arrived. */
static void wait_for(struct storm *s, uint64_t wanted)
{
	uint64_t progress_ns = uv_hrtime(), seen = s->arrived;

	while (s->arrived < wanted) {
		fleet_wait(s->fleet, STEP);
		if (s->arrived != seen)
			progress_ns = uv_hrtime();
		seen = s->arrived;
		check_stall(progress_ns, wanted - seen);
	}
}

void storm_settle(struct storm *s, struct report_storm *out)
{
	const struct options *o = s->fleet->options;

	wait_for(s, everybody(o));
	out->contacts = o->contacts;
	out->login_presences = s->arrived + s->doubled + s->others;
}

/* Queue what should have been sent by now, up to change number END. */
static void send_due(struct storm *s, const struct round *r, uint32_t end)
{
	const struct options *o = s->fleet->options;
	double seconds = (double)(uv_hrtime() - r->start_ns) / 1e9;
	uint64_t arrived = (s->arrived - r->arrived) / slots(o);
	double may = (double)(r->changes + arrived + UNDER_WAY_MAX);

	if (r->rate > 0 && r->changes + seconds * r->rate + 1 < may)
		may = r->changes + seconds * r->rate + 1;
	while (s->changes < end && s->changes + 1 <= may) {
		unsigned place = s->changes % o->sessions;

		client_send_presence(&s->fleet->clients[o->warm_sessions + place],
		                     s->changes / o->sessions + 1);
		s->changes++;
	}
	net_flush(&s->fleet->net);
}

void storm_change(struct storm *s, unsigned rate, struct report_changes *out)
{
	const struct options *o = s->fleet->options;
	struct round r = { rate, s->changes, s->arrived, uv_hrtime() };
	uint32_t all = o->changes * o->sessions;
	double cpu = proc_cpu_of(o->pid), own = proc_own_cpu();
	uint64_t progress_ns = r.start_ns;

	while (s->changes < r.changes + all) {
		uint32_t before = s->changes;

		send_due(s, &r, r.changes + all);
		fleet_wait(s->fleet, STEP);
		progress_ns = s->changes != before ? uv_hrtime() : progress_ns;
		check_stall(progress_ns, (uint64_t)(s->changes - r.changes) * slots(o) -
		                                 (s->arrived - r.arrived));
	}
	wait_for(s, r.arrived + (uint64_t)all * slots(o));
	*out = (struct report_changes){
		.rate = rate,
		.changes = all,
		.deliveries = s->arrived - r.arrived,
		.seconds = (double)(uv_hrtime() - r.start_ns) / 1e9,
		.server_cpu = o->pid != 0 ? proc_cpu_of(o->pid) - cpu : -1,
		.own_cpu = proc_own_cpu() - own,
	};
	fleet_wait(s->fleet, TAIL);
}
