/*
 * handshake.c - TLS handshakes of one shard, of which only so many are in flight at a time.
 *
 * Thousands of handshakes at once leave the heap full of holes that never close (17 KB a
 * session instead of 10), and a reconnect storm is answered sooner in order than all at once.
 * So a session is made when the peer's first byte has come and a slot is free; others wait in
 * order, unread.  A peer that stalls gives its slot up after SLOT_MS, though it may go on: what
 * ends it is its owner's timeout.
 *
 * As a client we wait for a slot in the same queue, with the session made beforehand: it keeps the names to be said,
 * and lives on anyway, so it is not what leaves holes.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/net/transport_impl.h"

#include "server/base/log.h"

static void take_slot(struct transport *t)
{
	t->slot = true;
	t->since = shard_now(t->net->shard);
	t->net->slots++;
	TAILQ_INSERT_TAIL(&t->net->handshakes, t, link);
}

static void drop_slot(struct transport *t)
{
	t->slot = false;
	t->net->slots--;
	TAILQ_REMOVE(&t->net->handshakes, t, link);
}

/* The first in the queue may read now: the loop will find its bytes in the socket.  A client speaks first. */
static void promote(struct net *net)
{
	struct transport *t;

	while (net->slots < TLS_HANDSHAKES_MAX && (t = TAILQ_FIRST(&net->queued)) != NULL) {
		TAILQ_REMOVE(&net->queued, t, link);
		t->state = TLS_ASKED;
		take_slot(t);
		socket_watch(t);
		if (t->client)
			flush_later(t);
	}
}

static void enqueue(struct transport *t)
{
	t->state = TLS_QUEUED;
	TAILQ_INSERT_TAIL(&t->net->queued, t, link);
	socket_watch_exactly(t);
	net_timer_start(t->net);
}

bool handshake_admit(struct transport *t)
{
	if (!t->slot && t->net->slots >= TLS_HANDSHAKES_MAX) {
		enqueue(t);
		return false;
	}
	if (!t->slot)
		take_slot(t);
	t->state = HANDSHAKE;
	if (t->client ? t->session == NULL : tls_session_new(t) < 0) {
		transport_fail(t, ERR_TLS);
		return false;
	}
	return true;
}

void handshake_join(struct transport *t)
{
	take_slot(t);
}

void handshake_leave(struct transport *t)
{
	if (t->state == TLS_QUEUED)
		TAILQ_REMOVE(&t->net->queued, t, link);
	if (!t->slot)
		return;
	drop_slot(t);
	promote(t->net);
}

void handshake_tick(struct net *net, int64_t now)
{
	struct transport *t;

	while ((t = TAILQ_FIRST(&net->handshakes)) != NULL && t->since + SLOT_MS <= now)
		drop_slot(t);
	promote(net);
}

static void on_failed(struct transport *t, int error)
{
	log_peer_debug(NULL, "TLS handshake with %s failed: %s", t->address,
	               gnutls_strerror(error));
	if (error != GNUTLS_E_FATAL_ALERT_RECEIVED && t->broken == 0)
		gnutls_alert_send_appropriate(t->session, error);
	flush_flight(t);
	transport_fail(t, t->broken != 0 ? t->broken : ERR_TLS);
}

void handshake_step(struct transport *t)
{
	int ret;

	do
		ret = gnutls_handshake(t->session);
	while (ret < 0 && !gnutls_error_is_fatal(ret) && t->net->raw.n > 0);
	if (ret < 0 && gnutls_error_is_fatal(ret))
		on_failed(t, ret);
	else
		flush_flight(t);
	if (ret < 0 || t->state != HANDSHAKE)
		return;
	handshake_leave(t);
	t->state = SECURE;
	if (t->out.n > 0)
		flush_later(t);
	t->ops->on_secure(t->owner);
}

void handshake_begin_if_due(struct transport *t)
{
	if (!t->client || t->state != TLS_ASKED || t->clear > 0 || t->ended)
		return;
	if (handshake_admit(t))
		handshake_step(t);
}
