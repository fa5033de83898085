/*
 * farewell.c - after the owner closed: the last bytes, close_notify, and the peer's own end, in
 * the background.
 *
 * A socket that is closed while bytes of the peer are unread answers with a reset, and that may
 * destroy our last words (a stream error, say) on their way.  So after them only our direction
 * is shut down, and what the peer still sends is thrown away until it ends too: for a limited
 * time, up to a limited size.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/net/transport_impl.h"

#include <errno.h>
#include <sys/socket.h>

/* Say close_notify; true when it is said or no longer matters. */
static bool say_bye(struct transport *t)
{
	int ret;

	if (t->session == NULL)
		return true;
	ret = gnutls_bye(t->session, GNUTLS_SHUT_WR);
	if (ret == GNUTLS_E_AGAIN || ret == GNUTLS_E_INTERRUPTED) {
		t->blocked = true;
		return false;
	}
	transport_drop_session(t);
	return true;
}

static void go_on(struct transport *t)
{
	t->blocked = false;
	flush_now(t);
	if (t->broken != 0) {
		transport_discard(t);
		return;
	}
	if (t->out.n > 0 || !say_bye(t))
		return;
	if (t->ended || shutdown(t->fd, SHUT_WR) < 0) {
		transport_discard(t);
		return;
	}
	t->shut = true;
}

void farewell_begin(struct transport *t, int64_t linger_ms)
{
	struct net *net = t->net;
	bool secure = t->state == SECURE;

	ASSERT(t->state <= BROKEN);
	handshake_leave(t);
	flush_forget(t);
	deliver_forget(t);
	deliver_drop_held(t);
	if (t->state == BROKEN || t->broken != 0) {
		transport_discard(t);
		return;
	}
	if (!secure)
		transport_drop_session(t);
	if (t->state != CLEAR &&
	    !secure) /* what was meant to be encrypted must not leave in clear */
		t->out.n = t->clear;
	t->ops = NULL;
	t->state = FAREWELL;
	t->since = shard_now(net->shard) + linger_ms;
	TAILQ_INSERT_TAIL(&net->farewells, t, link);
	go_on(t);
	if (t->state == FAREWELL && linger_ms <= 0)
		transport_discard(t);
	if (t->state != FAREWELL)
		return;
	socket_watch_exactly(t);
	net_timer_start(net);
}

/* What the peer still says, unheard. */
static void drain(struct transport *t)
{
	ssize_t n = socket_recv(t);

	if (n == -EAGAIN)
		return;
	if (n > 0)
		t->drained += (uint32_t)n;
	else
		t->ended = true;
	if (n < 0 || t->drained > DRAIN_MAX || (n == 0 && t->shut))
		transport_discard(t);
}

void farewell_on_event(struct transport *t, bool failed, int events)
{
	if (failed) {
		transport_discard(t);
		return;
	}
	if (events & UV_WRITABLE)
		go_on(t);
	if (t->state == FAREWELL && (events & UV_READABLE))
		drain(t);
	if (t->state == FAREWELL)
		socket_watch_exactly(t);
}

void farewell_tick(struct net *net, int64_t now)
{
	struct transport *t = TAILQ_FIRST(&net->farewells);

	while (t != NULL) {
		struct transport *next = TAILQ_NEXT(t, link);

		if (t->since <= now)
			transport_discard(t);
		t = next;
	}
}
