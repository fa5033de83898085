/*
 * fleet.c - all the clients of a run: they come in, some at a time, and go home.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/bench/fleet.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STALL_NS (60ull * 1000000000ull) /* no client gets on for so long: give up */
#define TICK_MS 500                      /* how often a stall is looked for */
#define PORTS_PER_ADDRESS 20000          /* sessions; a loopback address has 28,000 ports */

static void on_failed(struct client *c, const char *why)
{
	struct fleet *f = c->owner;

	if (f->events != NULL && f->events->on_lost != NULL) {
		f->events->on_lost(c, f->events_ctx);
		return;
	}
	fprintf(stderr, "load: session %s%u, step %d: %s\n", c->options->users_prefix, c->index,
	        (int)c->step, why);
	exit(1);
}

static void on_ready(struct client *c)
{
	struct fleet *f = c->owner;

	f->busy--;
	f->done++;
	f->progress_ns = uv_hrtime();
	/* Servers bound how many strangers an address may have connected. */
	if (f->purpose == CLIENT_REGISTER || f->options->until == UNTIL_SECURE)
		client_stop(c);
}

static void on_message(struct client *c, uint32_t number)
{
	struct fleet *f = c->owner;

	if (f->events != NULL && f->events->on_message != NULL)
		f->events->on_message(c, number, f->events_ctx);
}

static void on_read_done(struct client *c)
{
	struct fleet *f = c->owner;

	if (f->events != NULL && f->events->on_read_done != NULL)
		f->events->on_read_done(c, f->events_ctx);
}

static void on_presence(struct client *c, struct piece presence)
{
	struct fleet *f = c->owner;

	if (f->events != NULL && f->events->on_presence != NULL)
		f->events->on_presence(c, presence, f->events_ctx);
}

static void on_subject(struct client *c)
{
	struct fleet *f = c->owner;

	if (f->events != NULL && f->events->on_subject != NULL)
		f->events->on_subject(c, f->events_ctx);
}

static void on_ack(struct client *c)
{
	struct fleet *f = c->owner;

	if (f->events != NULL && f->events->on_ack != NULL)
		f->events->on_ack(c, f->events_ctx);
}

static const struct client_events client_events = {
	.on_ready = on_ready,
	.on_message = on_message,
	.on_presence = on_presence,
	.on_subject = on_subject,
	.on_ack = on_ack,
	.on_read_done = on_read_done,
	.on_failed = on_failed,
};

int fleet_init(struct fleet *f, uv_loop_t *loop, const struct options *o)
{
	int ret;

	*f = (struct fleet){ .options = o, .other = *o };
	f->other.port = o->other_port;
	f->other.domain = o->other_domain;
	f->clients = buf_zalloc(options_all_sessions(o) * sizeof(*f->clients));
	uv_timer_init(loop, &f->timer);
	f->timer.data = f;
	ret = net_init(&f->net, loop, NULL, NULL);
	if (ret < 0)
		return ret;
	if (o->direct_tls && o->protocol == PROTOCOL_XMPP)
		f->net.alpn = "xmpp-client"; /* XEP-0368 §2.1.4 */
	return o->verify ? net_trust(&f->net, o->ca, o->domain) : 0;
}

void fleet_deinit(struct fleet *f)
{
	unsigned n = options_all_sessions(f->options);

	for (unsigned i = 0; i < n; i++)
		client_deinit(&f->clients[i]);
	uv_close((uv_handle_t *)&f->timer, NULL);
	net_deinit(&f->net);
	uv_run(f->net.loop, UV_RUN_DEFAULT);
	free(f->clients);
}

/* Free what C was; its stream is kept in OUT where it is to be resumed. */
static void forget(struct client *c, bool resumes, struct client *out)
{
	if (resumes) {
		out->jid = c->jid;
		out->sm = c->sm;
		out->sm.is_on = false;
		out->secret = c->secret;
		c->jid = NULL;
		c->sm = (struct sm){ 0 };
	}
	client_deinit(c);
}

static void start_client(struct fleet *f, unsigned index)
{
	struct client *c = &f->clients[index];
	struct sockaddr_in to, from = { .sin_family = AF_INET };
	struct client before = { 0 };
	bool many = index >= PORTS_PER_ADDRESS;
	bool other = f->options->other_port != 0 && index % 2 == 1;
	int ret;

	forget(c, f->purpose == CLIENT_RESUME, &before);
	*c = (struct client){
		.options = other ? &f->other : f->options,
		.events = &client_events,
		.owner = f,
		.index = index,
		.purpose = f->purpose,
		.jid = before.jid,
		.sm = before.sm,
		.secret = before.secret,
	};
	from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + index / PORTS_PER_ADDRESS);
	ret = uv_ip4_addr(c->options->host, c->options->port, &to);
	if (ret == 0)
		ret = client_start(c, &f->net, (struct sockaddr *)&to,
		                   many ? (struct sockaddr *)&from : NULL);
	if (ret < 0)
		on_failed(c, uv_strerror(ret));
	f->busy++;
}

static void on_tick(uv_timer_t *timer)
{
	struct fleet *f = timer->data;

	if (uv_hrtime() - f->progress_ns > STALL_NS) {
		fprintf(stderr, "load: %u sessions got stuck on their way\n", f->busy);
		exit(1);
	}
}

void fleet_bring(struct fleet *f, enum client_purpose purpose, unsigned first, unsigned count)
{
	f->purpose = purpose;
	f->next = first;
	f->end = first + count;
	f->done = 0;
	f->progress_ns = uv_hrtime();
	uv_timer_start(&f->timer, on_tick, TICK_MS, TICK_MS);
	while (f->done < count) {
		while (f->next < f->end && f->busy < f->options->inflight)
			start_client(f, f->next++);
		net_flush(&f->net);
		uv_run(f->net.loop, UV_RUN_ONCE);
	}
	uv_timer_stop(&f->timer);
	net_flush(&f->net); /* the last presence */
}

static void on_wait_over(uv_timer_t *timer)
{
	struct fleet *f = timer->data;

	f->timer_fired = true;
}

void fleet_wait(struct fleet *f, double seconds)
{
	f->timer_fired = false;
	uv_update_time(f->net.loop);
	/* It repeats, for uv_run() looks at the timers and then sleeps until there is another event. */
	uv_timer_start(&f->timer, on_wait_over, (uint64_t)(seconds * 1000), 1);
	while (!f->timer_fired)
		uv_run(f->net.loop, UV_RUN_ONCE);
	uv_timer_stop(&f->timer);
}

void fleet_leave(struct fleet *f)
{
	unsigned n = options_all_sessions(f->options);

	for (unsigned i = 0; i < n; i++) {
		if (f->clients[i].owner != NULL)
			client_stop(&f->clients[i]);
	}
	uv_run(f->net.loop, UV_RUN_DEFAULT);
}
