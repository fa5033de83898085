/*
 * connect.c - a connection to one of several addresses.
 *
 *   0 ms     [2001:db8::1]:5269  ────────────────────────✗
 *   250 ms   192.0.2.1:5269      ──────────▶ connected, taken; the others are closed
 *   500 ms   [2001:db8::2]:5269      ──────✗
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/net/connect.h"

#include "server/base/mem.h"
#include "server/net/tcp_options.h"
#include "server/shard/timer.h"

#include <uv.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

#define STAGGER_MS 250 /* RFC 8305 §5: "Connection Attempt Delay" */

/* One socket on the loop; frees itself when libuv has let go of it. */
struct attempt {
	uv_poll_t poll;
	TAILQ_ENTRY(attempt) link;
	struct connecting *connecting;
	int fd;
};

struct connecting {
	struct shard *here;
	struct timer stagger; /* until the next address is tried */
	struct timer timeout; /* until all is given up */
	TAILQ_HEAD(, attempt) attempts;
	int err; /* the last -errno */
	bool telling;
	connect_done_fn *done;
	void *arg;
	size_t next, n;
	struct sockaddr_storage addresses[]; /* families by turns */
};

static socklen_t size_of(const struct sockaddr_storage *address)
{
	return address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
	                                      : sizeof(struct sockaddr_in);
}

/* The first of FROM from index I on that is of FAMILY, or is not, as WANTED says; N if none is. */
static size_t find(const struct sockaddr_storage *from, size_t n, size_t i, sa_family_t family,
                   bool wanted)
{
	while (i < n && (from[i].ss_family == family) != wanted)
		i++;
	return i;
}

/* RFC 8305 §4: the first address's family and the other one by turns, each in its order. */
static void interleave(struct sockaddr_storage *to, const struct sockaddr_storage *from,
                       size_t n)
{
	sa_family_t family = from[0].ss_family;
	size_t same = find(from, n, 0, family, true);
	size_t other = find(from, n, 0, family, false);

	for (size_t i = 0; i < n;) {
		if (same < n) {
			to[i++] = from[same];
			same = find(from, n, same + 1, family, true);
		}
		if (other < n) {
			to[i++] = from[other];
			other = find(from, n, other + 1, family, false);
		}
	}
}

static void on_closed(uv_handle_t *handle)
{
	free(CONTAINER_OF((uv_poll_t *)handle, struct attempt, poll));
}

/* Its descriptor, which nobody watches any more. */
static int attempt_end(struct attempt *a)
{
	int fd = a->fd;

	TAILQ_REMOVE(&a->connecting->attempts, a, link);
	uv_close((uv_handle_t *)&a->poll, on_closed);
	return fd;
}

static void end_all(struct connecting *c)
{
	struct attempt *a;

	timer_stop(c->here, &c->stagger);
	timer_stop(c->here, &c->timeout);
	while ((a = TAILQ_FIRST(&c->attempts)) != NULL)
		close(attempt_end(a));
}

static void tell(struct connecting *c, int fd)
{
	end_all(c);
	c->telling = true;
	c->done(c->arg, fd);
	free(c);
}

/* What became of an attempt that libuv has something to say about: 0, or -errno. */
static int outcome(int fd, int status)
{
	int err = 0;
	socklen_t size = sizeof(err);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &size) < 0)
		return -errno;
	return err == 0 && status < 0 ? -ECONNABORTED : -err;
}

static void go_on(struct connecting *c);

static void on_event(uv_poll_t *poll, int status, int events)
{
	struct attempt *a = CONTAINER_OF(poll, struct attempt, poll);
	struct connecting *c = a->connecting;
	int err = outcome(a->fd, status);
	int fd = attempt_end(a);

	if (err == 0) {
		tell(c, fd);
		return;
	}
	close(fd);
	c->err = err;
	go_on(c);
}

static int attempt_watch(struct connecting *c, int fd)
{
	struct attempt *a = MEM_NEW(struct attempt);
	int err = uv_poll_init(shard_loop(c->here), &a->poll, fd);

	if (err < 0) {
		free(a);
		return err;
	}
	a->connecting = c;
	a->fd = fd;
	TAILQ_INSERT_TAIL(&c->attempts, a, link);
	ASSERT(uv_poll_start(&a->poll, UV_WRITABLE, on_event) == 0);
	return 0;
}

/* 0 when it is under way, or -errno. */
static int attempt_start(struct connecting *c, const struct sockaddr_storage *address)
{
	int fd = socket(address->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int err = 0;

	if (fd < 0)
		return -errno;
	tcp_options_set(fd);
	if (connect(fd, (const struct sockaddr *)address, size_of(address)) < 0 &&
	    errno != EINPROGRESS)
		err = -errno;
	if (err == 0)
		err = attempt_watch(c, fd);
	if (err < 0)
		close(fd);
	return err;
}

/* Try addresses until an attempt is under way; false when there was none left. */
static bool try_next(struct connecting *c)
{
	while (c->next < c->n) {
		int err = attempt_start(c, &c->addresses[c->next++]);

		if (err == 0) {
			timer_start(c->here, &c->stagger, STAGGER_MS);
			return true;
		}
		c->err = err;
	}
	return false;
}

static void go_on(struct connecting *c)
{
	if (!try_next(c) && TAILQ_EMPTY(&c->attempts))
		tell(c, c->err);
}

static void on_stagger(struct shard *here, struct timer *timer)
{
	go_on(CONTAINER_OF(timer, struct connecting, stagger));
}

static void on_timeout(struct shard *here, struct timer *timer)
{
	tell(CONTAINER_OF(timer, struct connecting, timeout), -ETIMEDOUT);
}

struct connecting *connect_start(struct shard *here, const struct sockaddr_storage *addresses,
                                 size_t n, int64_t timeout_ms, connect_done_fn *done, void *arg)
{
	struct connecting *c = mem_zalloc(sizeof(*c) + n * sizeof(c->addresses[0]));

	ASSERT_HERE(here);
	ASSERT(n > 0);
	c->here = here;
	timer_init(&c->stagger, on_stagger);
	timer_init(&c->timeout, on_timeout);
	TAILQ_INIT(&c->attempts);
	c->done = done;
	c->arg = arg;
	c->n = n;
	interleave(c->addresses, addresses, n);
	timer_start(here, &c->timeout, timeout_ms);
	if (!try_next(c))
		timer_start(here, &c->stagger, 0); /* which tells it */
	return c;
}

void connect_cancel(struct connecting **c)
{
	struct connecting *gone = *c;

	*c = NULL;
	if (gone == NULL || gone->telling)
		return;
	end_all(gone);
	free(gone);
}
