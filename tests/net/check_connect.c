/*
 * check_connect.c - a connection to one of several addresses.
 *
 * An address that is silent is one whose queue of connections is full: the kernel drops what comes
 * then, without a word.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/clock.h"
#include "server/net/connect.h"
#include "tests/lib/check_main.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_MS SECONDS(60) /* a hang */
#define FILLERS 3               /* a backlog of 0 takes one, and another may slip in */

struct place {
	int fd;
	struct sockaddr_storage address;
	int fillers[FILLERS];
};

static struct {
	struct shard_group *group;
	struct shard *shard;
} w;

static void open_world(void)
{
	ck_assert_int_eq(shard_group_open(1, &w.group), 0);
	w.shard = shard_group_at(w.group, 0);
	shard_run_here(w.shard, 0);
}

static void close_world(void)
{
	shard_group_stop(w.group, NULL, NULL);
	shard_group_close(&w.group);
}

static socklen_t size_of(const struct sockaddr_storage *address)
{
	return address->ss_family == AF_INET ? sizeof(struct sockaddr_in)
	                                     : sizeof(struct sockaddr_in6);
}

/* A port of loopback that nobody listens on, and nobody else can take; -1 without that family. */
static struct place place_open(sa_family_t family)
{
	struct place p = { .address.ss_family = family, .fillers = { -1, -1, -1 } };
	struct sockaddr_in *in = (struct sockaddr_in *)&p.address;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&p.address;
	socklen_t size = size_of(&p.address);

	if (family == AF_INET)
		in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		in6->sin6_addr = in6addr_loopback;
	p.fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (p.fd >= 0 && bind(p.fd, (struct sockaddr *)&p.address, size) < 0) {
		close(p.fd);
		p.fd = -1;
	}
	if (p.fd >= 0)
		ck_assert_int_eq(getsockname(p.fd, (struct sockaddr *)&p.address, &size), 0);
	return p;
}

static struct place refusing(void)
{
	return place_open(AF_INET);
}

static struct place listening(sa_family_t family)
{
	struct place p = place_open(family);

	if (p.fd >= 0)
		ck_assert_int_eq(listen(p.fd, 64), 0);
	return p;
}

static struct place silent(void)
{
	struct place p = place_open(AF_INET);

	ck_assert_int_eq(listen(p.fd, 0), 0);
	for (int i = 0; i < FILLERS; i++) {
		p.fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		(void)connect(p.fillers[i], (struct sockaddr *)&p.address, size_of(&p.address));
	}
	return p;
}

static void place_close(struct place *p)
{
	for (int i = 0; i < FILLERS; i++)
		if (p->fillers[i] >= 0)
			close(p->fillers[i]);
	if (p->fd >= 0)
		close(p->fd);
}

/* ---- what comes of it ---- */

struct result {
	struct connecting *connecting;
	bool done;
	int fd;
};

static void on_done(void *arg, int fd)
{
	struct result *r = arg;

	ck_assert(!r->done);
	r->done = true;
	r->fd = fd;
	/* As a caller may who clears up after itself. */
	connect_cancel(&r->connecting);
}

static int try_places(const struct place *const *places, size_t n, int64_t timeout_ms)
{
	struct sockaddr_storage addresses[8];
	struct result r = { 0 };

	for (size_t i = 0; i < n; i++)
		addresses[i] = places[i]->address;
	r.connecting = connect_start(w.shard, addresses, n, timeout_ms, on_done, &r);
	memset(addresses, 0, sizeof(addresses)); /* they were copied */
	ck_assert(!r.done);
	ck_assert(shard_wait_here(w.shard, &r.done, PATIENCE_MS));
	return r.fd;
}
#define TRY(timeout_ms, ...) \
	try_places((const struct place *const[]){ __VA_ARGS__ }, \
	           ARRAY_LEN(((const struct place *const[]){ __VA_ARGS__ })), (timeout_ms))

static bool is_connected_to(int fd, const struct place *p)
{
	struct sockaddr_storage peer = { 0 };
	socklen_t size = sizeof(peer);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(getpeername(fd, (struct sockaddr *)&peer, &size), 0);
	return memcmp(&peer, &p->address, size) == 0;
}

static int option_of(int fd, int level, int name)
{
	int value = -1;
	socklen_t size = sizeof(value);

	ck_assert_int_eq(getsockopt(fd, level, name, &value, &size), 0);
	return value;
}

START_TEST(a_connection_is_handed_over_ready_for_use)
{
	struct place good = listening(AF_INET);
	char byte = 'x';
	int fd, peer;

	open_world();
	fd = TRY(PATIENCE_MS, &good);
	ck_assert(is_connected_to(fd, &good));
	ck_assert_int_ne(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
	ck_assert_int_ne(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
	ck_assert_int_eq(option_of(fd, IPPROTO_TCP, TCP_NODELAY), 1);
	ck_assert_int_eq(option_of(fd, SOL_SOCKET, SO_KEEPALIVE), 1);
	ck_assert_int_eq(option_of(fd, IPPROTO_TCP, TCP_KEEPIDLE), 60);
	peer = accept(good.fd, NULL, NULL);
	ck_assert_int_eq(send(peer, "y", 1, 0), 1);
	ck_assert_int_eq(fcntl(fd, F_SETFL, 0), 0);
	ck_assert_int_eq(recv(fd, &byte, 1, 0), 1);
	ck_assert_int_eq(byte, 'y');
	close(peer);
	close(fd);
	place_close(&good);
	close_world();
}
END_TEST

START_TEST(after_a_refusal_the_next_is_tried_at_once)
{
	struct place first = refusing();
	struct place second = refusing();
	struct place good = listening(AF_INET);
	struct place after = listening(AF_INET);
	int fd;

	open_world();
	fd = TRY(PATIENCE_MS, &first, &second, &good, &after);
	ck_assert(is_connected_to(fd, &good));
	close(fd);
	place_close(&first);
	place_close(&second);
	place_close(&good);
	place_close(&after);
	close_world();
}
END_TEST

START_TEST(a_silent_one_does_not_hold_up_the_next)
{
	struct place mute = silent();
	struct place good = listening(AF_INET);
	int64_t began = clock_mono_ms();
	int fd;

	open_world();
	fd = TRY(PATIENCE_MS, &mute, &good);
	ck_assert(is_connected_to(fd, &good));
	ck_assert_int_ge(clock_mono_ms() - began, 250);
	close(fd);
	place_close(&mute);
	place_close(&good);
	close_world();
}
END_TEST

START_TEST(a_silent_one_may_still_answer_after_others_have_failed)
{
	struct place mute = silent();
	struct place bad = refusing();
	struct result r = { 0 };
	struct sockaddr_storage addresses[] = { mute.address, bad.address };

	open_world();
	r.connecting = connect_start(w.shard, addresses, 2, PATIENCE_MS, on_done, &r);
	shard_run_here(w.shard, 500);
	ck_assert(!r.done);
	/* Room for it; the kernel asks again by itself. */
	for (int i = 0; i < FILLERS; i++) {
		int fd;

		ck_assert_int_eq(fcntl(mute.fd, F_SETFL, O_NONBLOCK), 0);
		while ((fd = accept(mute.fd, NULL, NULL)) >= 0)
			close(fd);
	}
	ck_assert(shard_wait_here(w.shard, &r.done, PATIENCE_MS));
	ck_assert(is_connected_to(r.fd, &mute));
	close(r.fd);
	place_close(&mute);
	place_close(&bad);
	close_world();
}
END_TEST

START_TEST(when_all_have_failed_the_last_error_is_told)
{
	struct place bad = refusing();
	struct place none = refusing();

	((struct sockaddr_in *)&none.address)->sin_addr.s_addr = INADDR_BROADCAST;
	open_world();
	ck_assert_int_eq(TRY(PATIENCE_MS, &bad), -ECONNREFUSED);
	ck_assert_int_eq(TRY(PATIENCE_MS, &none, &bad), -ECONNREFUSED);
	/* It fails before anything is under way, and is told from the loop all the same. */
	ck_assert_int_lt(TRY(PATIENCE_MS, &none), 0);
	ck_assert_int_ne(TRY(PATIENCE_MS, &bad, &none), -ECONNREFUSED);
	place_close(&bad);
	place_close(&none);
	close_world();
}
END_TEST

START_TEST(silence_is_given_up)
{
	struct place mute = silent();
	struct place other = silent();

	open_world();
	ck_assert_int_eq(TRY(100, &mute), -ETIMEDOUT);
	ck_assert_int_eq(TRY(400, &mute, &other), -ETIMEDOUT);
	place_close(&mute);
	place_close(&other);
	close_world();
}
END_TEST

START_TEST(families_are_tried_by_turns)
{
	struct place mute6 = place_open(AF_INET6);
	struct place good4 = listening(AF_INET);
	struct place late4 = listening(AF_INET);
	struct place good6 = listening(AF_INET6);
	int fd;

	open_world();
	if (mute6.fd >= 0) { /* a machine may have no IPv6 */
		/* The second of the other family comes after the first of this one. */
		fd = TRY(PATIENCE_MS, &mute6, &good6, &good4);
		ck_assert(is_connected_to(fd, &good4));
		close(fd);
		fd = TRY(PATIENCE_MS, &good6, &good4);
		ck_assert(is_connected_to(fd, &good6));
		close(fd);
		fd = TRY(PATIENCE_MS, &mute6, &good4, &late4);
		ck_assert(is_connected_to(fd, &good4));
		close(fd);
	}
	place_close(&mute6);
	place_close(&good4);
	place_close(&late4);
	place_close(&good6);
	close_world();
}
END_TEST

static void never(void *arg, int fd)
{
	ck_abort_msg("told of what was cancelled");
}

static int lowest_free_fd(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

START_TEST(what_is_cancelled_leaves_nothing_open)
{
	struct place mute = silent();
	struct place good = listening(AF_INET);
	struct place none = refusing();
	struct sockaddr_storage addresses[] = { mute.address, good.address };
	struct connecting *c;
	struct connecting *nothing = NULL;
	int before;

	((struct sockaddr_in *)&none.address)->sin_addr.s_addr = INADDR_BROADCAST;
	open_world();
	before = lowest_free_fd();
	c = connect_start(w.shard, addresses, 2, PATIENCE_MS, never, NULL);
	connect_cancel(&c);
	ck_assert_ptr_null(c);
	c = connect_start(w.shard, addresses, 1, PATIENCE_MS, never, NULL);
	shard_run_here(w.shard, 50);
	connect_cancel(&c);
	c = connect_start(w.shard, &none.address, 1, PATIENCE_MS, never, NULL);
	connect_cancel(&c);
	connect_cancel(&nothing);
	shard_run_here(w.shard, 100);
	ck_assert_int_eq(lowest_free_fd(), before);
	place_close(&mute);
	place_close(&good);
	place_close(&none);
	close_world();
}
END_TEST

START_TEST(those_that_were_not_taken_are_closed)
{
	struct place mute = silent();
	struct place good = listening(AF_INET);
	int before, fd;

	open_world();
	before = lowest_free_fd();
	fd = TRY(PATIENCE_MS, &mute, &good);
	close(fd);
	ck_assert_int_eq(lowest_free_fd(), before);
	place_close(&mute);
	place_close(&good);
	close_world();
}
END_TEST

CHECK_MAIN("connect", a_connection_is_handed_over_ready_for_use,
           after_a_refusal_the_next_is_tried_at_once, a_silent_one_does_not_hold_up_the_next,
           a_silent_one_may_still_answer_after_others_have_failed,
           when_all_have_failed_the_last_error_is_told, silence_is_given_up,
           families_are_tried_by_turns, what_is_cancelled_leaves_nothing_open,
           those_that_were_not_taken_are_closed)
