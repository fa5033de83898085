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

/* Send from the front of out as far as the socket takes it, up to LIMIT; 0, or why it stopped. */
static int send_front(struct transport *t, size_t limit, bool encrypted, size_t *sent)
{
	while (*sent < limit) {
		struct iovec iov = { .iov_base = t->out.p + *sent, .iov_len = limit - *sent };
		ssize_t n = encrypted ? tls_session_send(t, iov.iov_base, iov.iov_len)
		                      : socket_send(t, &iov, 1);

		if (n < 0)
			return (int)n;
		*sent += (size_t)n;
	}
	return 0;
}

/* What may leave in this state: first the bytes that leave as they are, then the others. */
static int send_out(struct transport *t)
{
	const bool encrypted =
		t->state == SECURE || (t->state == FAREWELL && t->session != NULL);
	const bool waits = t->state >= TLS_ASKED && t->state <= HANDSHAKE;
	size_t sent = 0;
	int err = 0;

	if (t->clear > 0) {
		err = send_front(t, t->clear, false, &sent);
		t->clear -= (uint32_t)sent;
	}
	if (err == 0 && !waits)
		err = send_front(t, t->out.n, encrypted, &sent);
	buf_consume(&t->out, sent);
	return err;
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
	int err = 0;

	if (t->broken != 0 || t->state == BROKEN) {
		buf_clear(&t->out);
		t->clear = 0;
	} else {
		err = send_out(t);
	}
	t->blocked = err == -EAGAIN;
	if (t->out.n == 0)
		net_stock_put(t->net, &t->out);
	if (err < 0 && err != -EAGAIN)
		on_write_error(t, err);
}

/*
 * GnuTLS pushes a flight in several pieces, but one write is cheaper for both ends.  It
 * believes all of it sent; what was not goes to the front of out.
 */
void flush_flight(struct transport *t)
{
	struct buf *flight = &t->net->flight;
	struct iovec iov = { .iov_base = flight->p, .iov_len = flight->n };
	ssize_t n = flight->n > 0 ? socket_send(t, &iov, 1) : 0;

	if (n >= 0)
		buf_consume(flight, (size_t)n);
	if (flight->n > 0 && (n >= 0 || n == -EAGAIN)) {
		t->clear = (uint32_t)flight->n;
		t->blocked = true;
		buf_append(flight, buf_str(&t->out));
		buf_clear(&t->out);
		buf_append(&t->out, buf_str(flight));
	}
	buf_clear(flight);
	if (n < 0 && n != -EAGAIN)
		on_write_error(t, (int)n);
}

/* After a flush: keep account of what waits, tell the owner when it has gone. */
static void settle(struct transport *t)
{
	bool drained;

	handshake_begin_if_due(t);
	drained = t->waited && t->out.n == 0;
	t->waited = t->out.n > 0;
	if (t->state < BROKEN) {
		/* Nothing was read while bytes had to leave in clear. */
		if (t->held != NULL && transport_wants(t))
			deliver_later(t);
		socket_watch(t);
		if (drained && t->broken == 0)
			t->ops->on_drain(t->owner);
	}
}

void flush_go_on(struct transport *t)
{
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
