/*
 * socket.c - a transport's descriptor on its shard's loop.
 *
 * A uv_poll_t is 88 bytes smaller than a uv_tcp_t, reads with one recv into whatever buffer we
 * like, works for any kind of stream socket, and leaves its loop at once when it stops, so that
 * the same descriptor may go on in another loop.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/net/transport_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

ssize_t socket_recv(struct transport *t)
{
	ssize_t n;

	do
		n = recv(t->fd, t->net->in, READ_MAX, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

ssize_t socket_send(struct transport *t, const struct iovec *iov, size_t count)
{
	const struct msghdr msg = { .msg_iov = (struct iovec *)(uintptr_t)iov,
		                    .msg_iovlen = count };
	ssize_t n;

	do
		n = count == 1 ? send(t->fd, iov->iov_base, iov->iov_len,
		                      MSG_DONTWAIT | MSG_NOSIGNAL)
		               : sendmsg(t->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/* The peer's direction has ended; a handshake cannot go on without it. */
static void on_eof(struct transport *t)
{
	if (t->state == HANDSHAKE || t->state == TLS_ASKED)
		transport_fail(t, t->broken != 0 ? t->broken : ERR_CLOSED);
	else if (t->broken != 0)
		transport_fail(t, t->broken);
	else
		transport_tell_end(t, 0);
}

/* Read once and give it on; false when there was nothing to give, or nothing more can come. */
static bool read_once(struct transport *t)
{
	ssize_t n;

	if (t->visit != NULL && !deliver_visit(t))
		return false;
	if (!transport_wants(t) || (t->state == TLS_ASKED && !handshake_admit(t)))
		return false;
	n = socket_recv(t);
	if (n > 0)
		deliver(t, str_make(t->net->in, (size_t)n));
	else if (n == 0)
		on_eof(t);
	else if (n != -EAGAIN)
		transport_fail(t, (int)n);
	return n > 0;
}

/* libuv stopped watching because of an error on the socket; what came before it is still to be read. */
static void on_error(struct transport *t)
{
	int err = 0;
	socklen_t size = sizeof(err);

	t->watching = 0;
	while (read_once(t))
		continue;
	if (t->state > SECURE)
		return;
	if (getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &err, &size) < 0 || err == 0)
		err = t->broken != 0 ? -t->broken : -ERR_CLOSED;
	transport_fail(t, -err);
}

static void on_event(uv_poll_t *poll, int status, int events)
{
	struct transport *t = CONTAINER_OF(poll, struct transport, poll);
	bool unwanted = !transport_wants(t);

	if (t->state == FAREWELL) {
		farewell_on_event(t, status < 0, events);
		return;
	}
	if (status < 0) {
		on_error(t);
		return;
	}
	if (events & UV_WRITABLE)
		flush_go_on(t);
	if (events & UV_READABLE)
		read_once(t);
	if (t->state == GONE)
		return;
	/* What paused just now may go on in a moment; what came to a pause must not come again. */
	if (unwanted)
		socket_watch_exactly(t);
	else
		socket_watch(t);
}

static void on_closed(uv_handle_t *handle)
{
	free(CONTAINER_OF((uv_poll_t *)handle, struct transport, poll));
}

int socket_attach(struct transport *t)
{
	return uv_poll_init(shard_loop(t->net->shard), &t->poll, t->fd);
}

static int wanted_events(const struct transport *t)
{
	int events = t->blocked ? UV_WRITABLE : 0;

	if (t->state <= SECURE && transport_wants(t))
		return events | UV_READABLE;
	if (t->state == FAREWELL && !t->ended)
		return events | UV_READABLE;
	return t->state < GONE && t->state != BROKEN ? events : 0;
}

static void watch(struct transport *t, int events)
{
	if (events == t->watching)
		return;
	t->watching = (uint8_t)events;
	/* Fails only for a descriptor that another handle watches. */
	ASSERT((events == 0 ? uv_poll_stop(&t->poll)
	                    : uv_poll_start(&t->poll, events, on_event)) == 0);
}

void socket_watch_exactly(struct transport *t)
{
	watch(t, wanted_events(t));
}

void socket_watch(struct transport *t)
{
	int events = wanted_events(t);

	/* A change costs two system calls: a short pause often ends before the peer says anything. */
	if (t->paused && !t->ended && t->state <= SECURE)
		events |= t->watching & UV_READABLE;
	watch(t, events);
}

void socket_detach(struct transport *t, bool close_fd)
{
	t->watching = 0;
	uv_close((uv_handle_t *)&t->poll, on_closed);
	if (close_fd)
		close(t->fd);
	t->fd = -1;
}
