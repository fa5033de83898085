/*
 * transport.c - the calls of an owner, and how its transport ends.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/net/transport_impl.h"

#include "server/base/mem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOCAL "local" /* the address of what is no IP socket */

/* The peer's address as text; what came to an IPv6 socket from IPv4 is IPv4. */
static void format_peer(int fd, char text[INET6_ADDRSTRLEN])
{
	struct sockaddr_storage peer = { 0 };
	socklen_t size = sizeof(peer);
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&peer;

	memcpy(text, LOCAL, sizeof(LOCAL));
	if (getpeername(fd, (struct sockaddr *)&peer, &size) < 0)
		return;
	if (peer.ss_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)&peer)->sin_addr, text,
		          INET6_ADDRSTRLEN);
	else if (peer.ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
		inet_ntop(AF_INET, &in6->sin6_addr.s6_addr[12], text, INET6_ADDRSTRLEN);
	else if (peer.ss_family == AF_INET6)
		inet_ntop(AF_INET6, &in6->sin6_addr, text, INET6_ADDRSTRLEN);
}

struct transport *transport_new(struct net *net, int fd, const char *address)
{
	size_t n = strlen(address) + 1;
	struct transport *t = mem_zalloc(sizeof(*t) + n);

	t->net = net;
	t->fd = fd;
	memcpy(t->address, address, n);
	return t;
}

int transport_open(struct shard *here, int fd, const struct transport_ops *ops, void *owner,
                   struct transport **t_out)
{
	char address[INET6_ADDRSTRLEN];
	struct transport *t;
	int err;

	ASSERT_HERE(here);
	format_peer(fd, address);
	t = transport_new(net_of(here), fd, address);
	t->ops = ops;
	t->owner = owner;
	err = socket_attach(t);
	if (err < 0) {
		close(fd);
		free(t);
		return err;
	}
	socket_watch(t);
	*t_out = t;
	return 0;
}

static void ask_for_tls(struct transport *t, struct tls_server *tls, struct str host)
{
	const struct tls_site *site = tls_find_site(tls, host);

	ASSERT(t->state == CLEAR);
	/* What a man in the middle put behind <starttls/>, or <proceed/>, must not be taken for words under TLS. */
	deliver_drop_held(t);
	t->tls = tls_server_ref(tls);
	t->site = site != NULL ? (uint16_t)(site - tls->sites) : 0;
	t->clear = (uint32_t)t->out.n;
	t->state = TLS_ASKED;
	socket_watch(t);
}

void transport_start_tls(struct transport *t, struct tls_server *tls, struct str host)
{
	ASSERT_HERE(t->net->shard);
	if (t->state != BROKEN)
		ask_for_tls(t, tls, host);
}

void transport_start_tls_client(struct transport *t, struct tls_server *tls, struct str host,
                                struct str name, bool direct)
{
	ASSERT_HERE(t->net->shard);
	ASSERT(tls->trust != NULL);
	if (t->state == BROKEN)
		return;
	ask_for_tls(t, tls, host);
	t->client = true;
	tls_session_new_client(t, name, direct);
	flush_later(t);
}

struct buf *transport_out(struct transport *t)
{
	struct net *net = t->net;

	if (!t->dirty) {
		ASSERT_HERE(net->shard);
		flush_later(t);
		if (t->out.p == NULL)
			t->out = net_stock_take(net);
	}
	return &t->out;
}

size_t transport_pending(const struct transport *t)
{
	return t->out.n;
}

void transport_pause(struct transport *t)
{
	t->paused = true;
	/* Who pauses because much is written waits for on_drain, even if all leaves in this turn. */
	if (t->out.n > 0)
		t->waited = true;
	socket_watch(t);
}

void transport_resume(struct transport *t)
{
	t->paused = false;
	if (t->state <= SECURE && deliver_has_bytes(t))
		deliver_later(t);
	socket_watch(t);
}

void transport_unread(struct transport *t, struct str bytes)
{
	if (t->state > SECURE)
		return;
	deliver_put_back(t, bytes);
	transport_pause(t);
}

void transport_drop_session(struct transport *t)
{
	if (t->session != NULL)
		gnutls_deinit(t->session);
	t->session = NULL;
	tls_server_unref(&t->tls);
}

void transport_discard(struct transport *t)
{
	handshake_leave(t);
	flush_forget(t);
	deliver_forget(t);
	deliver_drop_held(t);
	transport_drop_session(t);
	net_stock_put(t->net, &t->out);
	if (t->state == FAREWELL)
		TAILQ_REMOVE(&t->net->farewells, t, link);
	t->state = GONE;
	socket_detach(t, true);
}

void transport_tell_end(struct transport *t, int err)
{
	if (t->ended)
		return;
	t->ended = true;
	socket_watch(t);
	t->ops->on_end(t->owner, err);
}

void transport_fail(struct transport *t, int err)
{
	if (t->state >= BROKEN)
		return;
	handshake_leave(t);
	flush_forget(t);
	deliver_forget(t);
	deliver_drop_held(t);
	net_stock_put(t->net, &t->out);
	t->clear = 0;
	t->state = BROKEN;
	socket_watch(t);
	transport_tell_end(t, err);
}

void transport_close(struct transport **t, int64_t linger_ms)
{
	struct transport *gone = *t;

	if (gone == NULL)
		return;
	ASSERT_HERE(gone->net->shard);
	*t = NULL;
	farewell_begin(gone, linger_ms);
}

struct str transport_address(const struct transport *t)
{
	return str_of(t->address);
}

struct str transport_address_block(const struct transport *t, struct arena *arena)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr in6;

	if (inet_pton(AF_INET6, t->address, &in6) != 1)
		return arena_copy(arena, transport_address(t));
	memset(&in6.s6_addr[8], 0, 8);
	inet_ntop(AF_INET6, &in6, text, sizeof(text));
	return arena_printf(arena, "%s/64", text);
}
