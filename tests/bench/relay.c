/*
 * relay.c - the yardstick: a server that decrypts, copies and encrypts, and does nothing else.
 *
 * It accepts TLS connections, each of which names its pair in the first eight bytes, and from
 * then on copies plaintext between the two of a pair.  One read from one becomes one record to
 * the other, as a good server under load would do.  With --rooms those of one number are not two
 * but any number, and each read becomes a record to all of them, the sender included.  No XML, no
 * routing, no storage: what an XMPP server costs above this is its own.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/bench/link.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HELLO_SIZE 8      /* the number of the pair in decimal digits */
#define PAIRS_MAX 1000000 /* more than a machine has ports */
#define BACKLOG 1024

struct conn {
	struct link link; /* first, so that a link is its connection */
	struct relay *relay;
	struct conn *peer; /* in a room: the next one of its ring */
	size_t pair;
	bool greeted;
};

struct relay {
	struct net net;
	uv_tcp_t listener;
	uv_signal_t terminate;
	bool rooms;
	struct conn **waiting; /* by pair: the one that came first; by room: anyone in it */
};

static struct conn *conn_of(struct link *l)
{
	return (struct conn *)l;
}

static void enter_room(struct conn *c, struct conn **slot)
{
	c->peer = *slot != NULL ? (*slot)->peer : c;
	if (*slot != NULL)
		(*slot)->peer = c;
	*slot = c;
}

static void leave_room(struct conn *c, struct conn **slot)
{
	struct conn *before = c;

	while (before->peer != c)
		before = before->peer;
	before->peer = c->peer;
	if (*slot == c)
		*slot = before != c ? before : NULL;
}

static void part(struct conn *c)
{
	if (c->relay->rooms && c->greeted) {
		leave_room(c, &c->relay->waiting[c->pair]);
		return;
	}
	if (c->peer != NULL)
		c->peer->peer = NULL;
	c->peer = NULL;
	if (c->greeted && c->relay->waiting[c->pair] == c)
		c->relay->waiting[c->pair] = NULL;
}

/* Take the greeting.  Returns false when it is none. */
static bool greet(struct conn *c, const char *p, size_t n)
{
	char digits[HELLO_SIZE + 1] = { 0 };
	struct conn **slot;

	if (n < HELLO_SIZE)
		return false;
	memcpy(digits, p, HELLO_SIZE);
	c->pair = strtoul(digits, NULL, 10);
	if (c->pair >= PAIRS_MAX)
		return false;
	c->greeted = true;
	slot = &c->relay->waiting[c->pair];
	if (c->relay->rooms) {
		enter_room(c, slot);
		return true;
	}
	if (*slot == NULL) {
		*slot = c;
		return true;
	}
	c->peer = *slot;
	c->peer->peer = c;
	*slot = NULL;
	return true;
}

static void pass_on(struct conn *c, const char *p, size_t n)
{
	struct conn *to = c->peer;

	if (!c->relay->rooms) {
		if (to != NULL)
			link_send(&to->link, p, n);
		return;
	}
	for (struct conn *last = NULL; last != c; to = to->peer) {
		link_send(&to->link, p, n);
		last = to;
	}
}

static void on_data(struct link *l, const char *p, size_t n)
{
	struct conn *c = conn_of(l);

	if (!c->greeted) {
		if (!greet(c, p, n)) {
			link_close(l);
			return;
		}
		p += HELLO_SIZE;
		n -= HELLO_SIZE;
	}
	if (n > 0)
		pass_on(c, p, n);
}

static void on_nothing(struct link *l)
{
	(void)l;
}

static void on_lost(struct link *l, const char *why)
{
	(void)l;
	(void)why;
}

static void on_closed(struct link *l)
{
	part(conn_of(l));
	free(l);
}

static const struct link_events events = {
	.on_open = on_nothing,
	.on_secure = on_nothing,
	.on_data = on_data,
	.on_lost = on_lost,
	.on_closed = on_closed,
};

static void on_connection(uv_stream_t *server, int status)
{
	struct relay *r = server->data;
	struct conn *c;

	if (status < 0)
		return;
	c = buf_zalloc(sizeof(*c));
	c->relay = r;
	if (link_accept(&c->link, &r->net, &events, server) == 0)
		link_start_tls(&c->link);
}

static void on_terminate(uv_signal_t *handle, int signum)
{
	(void)signum;
	uv_stop(handle->loop);
}

static int serve(struct relay *r, const char *host, int port)
{
	struct sockaddr_in addr;
	int ret = uv_ip4_addr(host, port, &addr);

	r->waiting = buf_zalloc(PAIRS_MAX * sizeof(*r->waiting));
	r->listener.data = r;
	if (ret == 0)
		ret = uv_tcp_init(r->net.loop, &r->listener);
	if (ret == 0)
		ret = uv_tcp_bind(&r->listener, (struct sockaddr *)&addr, 0);
	if (ret == 0)
		ret = uv_listen((uv_stream_t *)&r->listener, BACKLOG, on_connection);
	if (ret < 0)
		return ret;
	uv_signal_init(r->net.loop, &r->terminate);
	uv_signal_start(&r->terminate, on_terminate, SIGTERM);
	puts("ready");
	fflush(stdout);
	uv_run(r->net.loop, UV_RUN_DEFAULT);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "host", required_argument, NULL, 'h' },
		{ "port", required_argument, NULL, 'p' },
		{ "cert", required_argument, NULL, 'c' },
		{ "key", required_argument, NULL, 'k' },
		{ "rooms", no_argument, NULL, 'r' },
		{ 0 },
	};
	const char *host = "127.0.0.1", *cert = NULL, *key = NULL;
	struct relay relay = { 0 };
	long port = 0;
	int c, ret;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'h')
			host = optarg;
		else if (c == 'p')
			port = strtol(optarg, NULL, 10);
		else if (c == 'c')
			cert = optarg;
		else if (c == 'k')
			key = optarg;
		else if (c == 'r')
			relay.rooms = true;
	}
	if (cert == NULL || key == NULL || port <= 0 || port > 65535) {
		fputs("usage: relay [--rooms] [--host ADDRESS] --port PORT --cert FILE --key "
		      "FILE\n",
		      stderr);
		return 64;
	}
	signal(SIGPIPE, SIG_IGN);
	ret = net_init(&relay.net, uv_default_loop(), cert, key);
	if (ret < 0) {
		fprintf(stderr, "relay: %s\n", gnutls_strerror(ret));
		return 1;
	}
	ret = serve(&relay, host, (int)port);
	if (ret < 0)
		fprintf(stderr, "relay: %s\n", uv_strerror(ret));
	net_deinit(&relay.net);
	free(relay.waiting);
	return ret < 0;
}
