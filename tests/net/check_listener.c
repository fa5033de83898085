/*
 * check_listener.c - listening on addresses and paths, and why not.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/net/listener.h"
#include "tests/lib/check_main.h"
#include "tests/net/world.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Counts connections, over all shards, and closes them at once. */
static void on_accept(struct shard *here, void *arg, int fd)
{
	__atomic_add_fetch((int *)arg, 1, __ATOMIC_RELAXED);
	close(fd);
}

/* Counts them and keeps them. */
static void on_accept_keep(struct shard *here, void *arg, int fd)
{
	++*(int *)arg;
}

static struct listener_config config_of(const char *address, uint16_t port, int *count)
{
	return (struct listener_config){
		.address = str_of(address),
		.port = port,
		.backlog = 64,
		.on_accept = on_accept,
		.arg = count,
	};
}

static int try_open(struct world *w, const char *address, uint16_t port,
                    struct listener **l_out, struct str *problem_out)
{
	static int nobody; /* the listeners of these tests accept nothing */
	const struct listener_config config = config_of(address, port, &nobody);

	*problem_out = STR_NONE;
	return listener_open(w->group, &config, w->arena, l_out, problem_out);
}

static int connect_to(int family, uint16_t port)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int ret;

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	in6.sin6_addr = in6addr_loopback;
	ret = family == AF_INET ? connect(fd, (struct sockaddr *)&in, sizeof(in))
	                        : connect(fd, (struct sockaddr *)&in6, sizeof(in6));
	if (ret == 0)
		return fd;
	close(fd);
	return -1;
}

START_TEST(connections_arrive_and_stop_arriving)
{
	struct world *w = world_open();
	int count = 0;
	const struct listener_config config = config_of("127.0.0.1", 0, &count);
	struct listener *l;
	struct str problem;
	int fds[5];

	ck_assert_int_eq(listener_open(w->group, &config, w->arena, &l, &problem), 0);
	ck_assert_uint_ne(listener_port(l), 0);
	ck_assert_int_eq(listener_start(l, w->shard), 0);
	for (int i = 0; i < 5; i++)
		fds[i] = connect_to(AF_INET, listener_port(l));
	turn_until(w, count == 5);
	listener_stop(l, w->shard);
	world_turn(w);
	ck_assert_int_lt(connect_to(AF_INET, listener_port(l)), 0);
	for (int i = 0; i < 5; i++)
		close(fds[i]);
	listener_close(&l);
	ck_assert_ptr_null(l);
	world_close(&w);
}
END_TEST

START_TEST(a_port_in_use_is_refused_with_a_sentence)
{
	struct world *w = world_open();
	struct listener *first;
	struct listener *second;
	struct str problem;
	char text[128];

	ck_assert_int_eq(try_open(w, "127.0.0.1", 0, &first, &problem), 0);
	ck_assert_int_eq(try_open(w, "127.0.0.1", listener_port(first), &second, &problem),
	                 -EADDRINUSE);
	snprintf(text, sizeof(text),
	         "address 127.0.0.1 port %u is in use by another process; stop it or choose "
	         "another port",
	         listener_port(first));
	ck_assert_msg(str_is(problem, text), STR_FMT, STR_ARG(problem));
	ck_assert_int_eq(try_open(w, "*", listener_port(first), &second, &problem),
	                 -EADDRINUSE);
	listener_close(&first);
	world_close(&w);
}
END_TEST

START_TEST(a_star_is_both_families)
{
	struct world *w = world_open();
	int count = 0;
	int want = 1;
	const struct listener_config config = config_of("*", 0, &count);
	struct listener *l;
	struct str problem;
	int v4;
	int v6;

	ck_assert_int_eq(listener_open(w->group, &config, w->arena, &l, &problem), 0);
	ck_assert_int_eq(listener_start(l, w->shard), 0);
	v4 = connect_to(AF_INET, listener_port(l));
	ck_assert_int_ge(v4, 0);
	v6 = connect_to(AF_INET6, listener_port(l));
	if (v6 >= 0) /* a machine may have none */
		want++;
	turn_until(w, count == want);
	close(v4);
	if (v6 >= 0)
		close(v6);
	listener_stop(l, w->shard);
	listener_close(&l);
	world_close(&w);
}
END_TEST

START_TEST(addresses_that_cannot_be_are_explained)
{
	struct world *w = world_open();
	struct listener *l;
	struct str problem;

	ck_assert_int_eq(try_open(w, "localhost", 0, &l, &problem), -EINVAL);
	ck_assert_str_is(
		problem,
		"\"localhost\" is no address to listen on; write an IPv4 or IPv6 address in "
		"digits, or * for all");
	ck_assert_int_eq(try_open(w, "192.0.2.1", 5222, &l, &problem), -EADDRNOTAVAIL);
	ck_assert_str_is(
		problem,
		"address 192.0.2.1 port 5222 cannot be used: this machine does not have the "
		"address");
	world_close(&w);
}
END_TEST

START_TEST(local_sockets_are_private_and_stale_ones_are_replaced)
{
	struct world *w = world_open();
	const char *path = world_file(w, "other.key");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int count = 0;
	const struct listener_config config = config_of(path, 0, &count);
	struct listener *l;
	struct listener *second;
	struct str problem;
	struct stat st;
	int fd;

	memcpy(to.sun_path, path, strlen(path));
	/* What a server that was killed leaves behind. */
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	close(fd);
	ck_assert_int_eq(listener_open(w->group, &config, w->arena, &l, &problem), 0);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(try_open(w, path, 0, &second, &problem), -EADDRINUSE);
	ck_assert(str_ends_with(
		problem, STR("is in use by another process; stop it or choose another path")));
	ck_assert_int_eq(listener_start(l, w->shard), 0);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	turn_until(w, count == 2); /* the second listener looked whether anyone was there */
	close(fd);
	listener_stop(l, w->shard);
	listener_close(&l);
	ck_assert_int_lt(stat(path, &st), 0);
	world_close(&w);
}
END_TEST

START_TEST(what_is_no_socket_is_left_alone)
{
	struct world *w = world_open();
	const char *path = world_file(w, "one.key");
	struct listener *l;
	struct str problem;
	char longer[200];

	ck_assert_int_eq(try_open(w, path, 0, &l, &problem), -ENOTSOCK);
	ck_assert(str_ends_with(
		problem,
		STR("is there and is no socket; move it away or choose another path")));
	ck_assert_int_eq(access(path, F_OK), 0);
	memset(longer, '/', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	ck_assert_int_eq(try_open(w, longer, 0, &l, &problem), -ENAMETOOLONG);
	world_close(&w);
}
END_TEST

START_TEST(accepting_pauses_when_descriptors_run_out)
{
	struct world *w = world_open();
	int count = 0;
	struct listener_config config = config_of("127.0.0.1", 0, &count);
	struct listener *l;
	struct str problem;
	struct rlimit before;
	struct rlimit tight;
	int fds[3];
	int first_free;

	config.on_accept = on_accept_keep;
	ck_assert_int_eq(listener_open(w->group, &config, w->arena, &l, &problem), 0);
	ck_assert_int_eq(listener_start(l, w->shard), 0);
	for (int i = 0; i < 3; i++)
		fds[i] = connect_to(AF_INET, listener_port(l));
	first_free = dup(0);
	close(first_free);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	tight = before;
	tight.rlim_cur = (rlim_t)first_free + 1;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &tight), 0);
	for (int i = 0; i < 20; i++)
		world_turn(w);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
	ck_assert_int_eq(count, 1);
	for (int i = 0; i < 60 && count < 3; i++)
		shard_run_here(w->shard, 100);
	ck_assert_int_eq(count, 3);
	for (int i = 0; i < 3; i++) {
		close(fds[i]);
		close(first_free + i);
	}
	listener_stop(l, w->shard);
	listener_close(&l);
	world_close(&w);
}
END_TEST

struct serving {
	struct listener *l;
	int count;
};

static void on_start(struct shard *here, void *arg)
{
	struct serving *s = arg;

	ck_assert_int_eq(listener_start(s->l, here), 0);
}

static void on_stop(struct shard *here, void *arg)
{
	struct serving *s = arg;

	listener_stop(s->l, here);
}

START_TEST(each_shard_accepts_its_share)
{
	struct serving s = { 0 };
	const struct listener_config config = config_of("127.0.0.1", 0, &s.count);
	struct arena *arena = arena_new(256);
	struct shard_group *group;
	struct str problem;

	ck_assert_int_eq(shard_group_open(3, &group), 0);
	ck_assert_int_eq(listener_open(group, &config, arena, &s.l, &problem), 0);
	ck_assert_int_eq(shard_group_start(group, on_start, &s), 0);
	for (int i = 0; i < 100; i++) {
		int fd = connect_to(AF_INET, listener_port(s.l));
		char byte;

		ck_assert_int_ge(fd, 0);
		ck_assert_int_eq(recv(fd, &byte, 1, 0), 0); /* accepted, and closed */
		close(fd);
	}
	shard_group_stop(group, on_stop, &s);
	ck_assert_int_eq(s.count, 100);
	listener_close(&s.l);
	shard_group_close(&group);
	arena_free(&arena);
}
END_TEST

CHECK_MAIN("listener", connections_arrive_and_stop_arriving,
           a_port_in_use_is_refused_with_a_sentence, a_star_is_both_families,
           addresses_that_cannot_be_are_explained,
           local_sockets_are_private_and_stale_ones_are_replaced,
           what_is_no_socket_is_left_alone, accepting_pauses_when_descriptors_run_out,
           each_shard_accepts_its_share)
