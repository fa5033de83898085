/*
 * befriend.c - makes the accounts of the storm each other's contacts (RFC 6121 §3.1).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/bench/befriend.h"
#include "tests/bench/contacts.h"

#include <stdio.h>
#include <stdlib.h>

#define UNDER_WAY_MAX 256  /* requests */
#define STALL_SECONDS 60.0 /* no request was granted for so long: give up */
#define STEP 0.001         /* seconds between two looks */

struct befriending {
	struct fleet *fleet;
	uint64_t asked;
	uint64_t granted;
};

static void on_presence(struct client *c, struct piece presence, void *ctx)
{
	struct piece type = piece_attribute(presence, "type");
	struct piece from = piece_attribute(presence, "from");
	struct befriending *b = ctx;
	struct buf out = { 0 };

	if (piece_is(type, "subscribed")) {
		b->granted++;
	} else if (piece_is(type, "error")) {
		fprintf(stderr, "load: session %u: a subscription failed: %.*s\n", c->index,
		        (int)presence.n, presence.p);
		exit(1);
	} else if (piece_is(type, "subscribe")) {
		buf_addf(&out, "<presence type='subscribed' to='%.*s'/>", (int)from.n, from.p);
		link_queue(&c->link, out.p, out.n);
		buf_deinit(&out);
	}
}

static const struct fleet_events fleet_events = { .on_presence = on_presence };

/* Request number N of all: account by account, contact by contact. */
static void ask(struct befriending *b, uint64_t n)
{
	const struct options *o = b->fleet->options;
	unsigned index = o->warm_sessions + (unsigned)(n / o->contacts);
	unsigned contact = contacts_nth(o, index, (unsigned)(n % o->contacts));
	struct buf out = { 0 };

	buf_addf(&out, "<presence type='subscribe' to='%s%u@%s'/>", o->users_prefix, contact,
	         o->domain);
	link_queue(&b->fleet->clients[index].link, out.p, out.n);
	buf_deinit(&out);
}

static void check_stall(const struct befriending *b, uint64_t progress_ns, uint64_t all)
{
	if ((double)(uv_hrtime() - progress_ns) < STALL_SECONDS * 1e9)
		return;
	fprintf(stderr, "load: %llu subscriptions were not granted\n",
	        (unsigned long long)(all - b->granted));
	exit(1);
}

void befriend(struct fleet *f)
{
	struct befriending b = { .fleet = f };
	uint64_t all = (uint64_t)f->options->sessions * f->options->contacts;
	uint64_t progress_ns = uv_hrtime(), seen = 0;

	f->events = &fleet_events;
	f->events_ctx = &b;
	while (b.granted < all) {
		while (b.asked < all && b.asked - b.granted < UNDER_WAY_MAX)
			ask(&b, b.asked++);
		net_flush(&f->net);
		fleet_wait(f, STEP);
		if (b.granted != seen)
			progress_ns = uv_hrtime();
		seen = b.granted;
		check_stall(&b, progress_ns, all);
	}
	f->events = NULL;
}
