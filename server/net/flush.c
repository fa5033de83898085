/*
 * flush.c - what was written in a loop turn leaves when the turn ends: in one piece, by one
 * system call.
 *
 * Plain text is encrypted only when the socket takes it, record by record: of a transport whose
 * peer does not read, at most one record waits encrypted (inside GnuTLS), and the rest stays
 * countable in t->out.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/net/transport_impl.h"

#include <errno.h>

void flush_later(struct transport *t)
{
	if (t->dirty)
		return;
	t->dirty = true;
	t->net->n_dirty++;
	TAILQ_INSERT_TAIL(&t->net->dirty, t, dirty_link);
}

void flush_forget(struct transport *t)
{
	if (!t->dirty)
		return;
	t->dirty = false;
	t->net->n_dirty--;
	TAILQ_REMOVE(&t->net->dirty, t, dirty_link);
}

static bool is_encrypted(const struct transport *t)
{
	return t->state == SECURE || (t->state == FAREWELL && t->session != NULL);
}

/* How much of out may leave in this state. */
static size_t may_leave(const struct transport *t)
{
	return t->state >= TLS_ASKED && t->state <= HANDSHAKE ? t->clear : t->out.n;
}

/* Bytes that the socket took of the first LIMIT; *err_out is why it stopped. */
static size_t send_out(struct transport *t, size_t limit, ssize_t *err_out)
{
	const bool encrypted = is_encrypted(t);
	size_t sent = 0;
	ssize_t n = 0;

	while (sent < limit && n >= 0) {
		struct iovec iov = { .iov_base = t->out.p + sent, .iov_len = limit - sent };

		n = encrypted ? tls_session_send(t, iov.iov_base, iov.iov_len)
		              : socket_send(t, &iov, 1);
		if (n > 0)
			sent += (size_t)n;
	}
	*err_out = n < 0 ? n : 0;
	return sent;
}

/*
 * A write failed.  After a reset there may be last bytes of the peer to read, and reading then
 * finds the same end: the owner is told by that if it reads.
 */
static void on_write_error(struct transport *t, int err)
{
	t->broken = err;
	buf_clear(&t->out);
	t->clear = 0;
	if (t->state == FAREWELL ||
	    (transport_wants(t) && (err == -EPIPE || err == -ECONNRESET)))
		return;
	transport_fail(t, err);
}

void flush_now(struct transport *t)
{
	ssize_t err = 0;
	size_t sent;

	if (t->broken != 0 || t->state == BROKEN) {
		buf_clear(&t->out);
		t->clear = 0;
		t->blocked = false;
	} else {
		sent = send_out(t, may_leave(t), &err);
		buf_consume(&t->out, sent);
		if (!is_encrypted(t) && t->clear > 0)
			t->clear -= (uint32_t)sent;
		t->blocked = err == -EAGAIN;
	}
	if (t->out.n == 0)
		net_stock_put(t->net, &t->out);
	if (err < 0 && err != -EAGAIN)
		on_write_error(t, (int)err);
}

/* After a flush: keep account of what waits, tell the owner when it has gone. */
static void settle(struct transport *t)
{
	bool drained = t->waited && t->out.n == 0;

	t->waited = t->out.n > 0;
	if (t->state < BROKEN) {
		socket_watch(t);
		if (drained && t->broken == 0)
			t->ops->on_drain(t->owner);
	}
}

void flush_go_on(struct transport *t)
{
	t->blocked = false;
	if (t->state == HANDSHAKE)
		deliver_go_on(t);
	if (t->state > SECURE)
		return;
	flush_forget(t);
	flush_now(t);
	settle(t);
}

void flush_turn(struct shard *here, struct shard_turn *turn)
{
	struct net *net = CONTAINER_OF(turn, struct net, turn);
	struct transport *t;
	size_t n = net->n_dirty;

	/*
	 * Each that was dirty, once: an owner that writes again when it is told of a drain must
	 * not keep the loop here.
	 */
	while (n-- > 0 && (t = TAILQ_FIRST(&net->dirty)) != NULL) {
		flush_forget(t);
		if (!t->blocked || t->broken != 0)
			flush_now(t);
		settle(t);
	}
	if (net->n_dirty > 0)
		shard_turn_again(here);
}
