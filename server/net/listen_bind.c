/*
 * listen_bind.c - from an address in the configuration to listening sockets, or to a sentence
 * that says why not.
 *
 * SO_REUSEPORT, by which each shard gets a socket of its own, would also let a second server of
 * the same user take half of the connections.  So the address is first bound without it: that
 * fails if anyone listens there.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/net/listener_impl.h"

#include "server/base/mem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define ANY_PORT_TRIES 16 /* a free port of one family may be taken in the other */

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
};

static socklen_t size_of(const union address *a)
{
	switch (a->any.sa_family) {
	case AF_INET:
		return sizeof(a->in);
	case AF_INET6:
		return sizeof(a->in6);
	default:
		return sizeof(a->un);
	}
}

static void set_port(union address *a, uint16_t port)
{
	if (a->any.sa_family == AF_INET)
		a->in.sin_port = htons(port);
	else
		a->in6.sin6_port = htons(port);
}

static bool set_option(int fd, int level, int name)
{
	int on = 1;

	return setsockopt(fd, level, name, &on, sizeof(on)) == 0;
}

/* A bound socket, or -errno. */
static int bind_one(const union address *a, bool shared)
{
	int fd = socket(a->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int err;

	if (fd < 0)
		return -errno;
	if ((a->any.sa_family != AF_INET6 || set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY)) &&
	    set_option(fd, SOL_SOCKET, SO_REUSEADDR) &&
	    (!shared || set_option(fd, SOL_SOCKET, SO_REUSEPORT)) &&
	    bind(fd, &a->any, size_of(a)) == 0)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* Would a server that does not share get this address? */
static int probe(const union address *a)
{
	int fd = bind_one(a, false);
	int err = fd;

	if (fd < 0)
		return err;
	/* Two that did not listen yet can be bound to one address. */
	err = listen(fd, 1) < 0 ? -errno : 0;
	close(fd);
	return err;
}

static uint16_t port_of(int fd)
{
	union address a = { 0 };
	socklen_t size = sizeof(a);

	if (getsockname(fd, &a.any, &size) < 0)
		return 0;
	return ntohs(a.any.sa_family == AF_INET ? a.in.sin_port : a.in6.sin6_port);
}

/* One socket for each shard on one address; the port is settled by the first. */
static int bind_family(struct listen_sockets *s, unsigned family, union address *a, int backlog)
{
	int err = 0;

	set_port(a, s->port);
	if (s->port != 0)
		err = probe(a);
	for (unsigned i = 0; i < s->n_shards && err == 0; i++) {
		int fd = bind_one(a, true);

		if (fd < 0)
			return fd;
		s->fds[i * s->n_families + family] = fd;
		if (listen(fd, backlog) < 0)
			return -errno;
		if (s->port == 0) {
			s->port = port_of(fd);
			set_port(a, s->port);
		}
	}
	return err;
}

/* Both families; a machine may lack one of them. */
static int bind_all(struct listen_sockets *s, int backlog)
{
	union address v6 = { .in6 = { .sin6_family = AF_INET6,
		                      .sin6_addr = IN6ADDR_ANY_INIT } };
	union address v4 = { .in = { .sin_family = AF_INET } };
	int err6 = bind_family(s, 0, &v6, backlog);
	int err4;

	if (err6 < 0 && err6 != -EAFNOSUPPORT && err6 != -EADDRNOTAVAIL)
		return err6;
	err4 = bind_family(s, 1, &v4, backlog);
	if (err6 == 0 && (err4 == -EAFNOSUPPORT || err4 == -EADDRNOTAVAIL))
		return 0;
	return err4;
}

static void close_all(struct listen_sockets *s)
{
	for (unsigned i = 0; s->fds != NULL && i < s->n_shards * s->n_families; i++) {
		if (s->fds[i] >= 0)
			close(s->fds[i]);
		s->fds[i] = -1;
	}
}

static void make_room(struct listen_sockets *s, unsigned n_families)
{
	s->n_families = n_families;
	s->fds = mem_alloc(sizeof(*s->fds) * s->n_shards * n_families);
	for (unsigned i = 0; i < s->n_shards * n_families; i++)
		s->fds[i] = -1;
}

static int bind_any(struct listen_sockets *s, int backlog)
{
	const uint16_t wanted = s->port;
	int err;

	make_room(s, 2);
	err = bind_all(s, backlog);
	for (int i = 1; err == -EADDRINUSE && wanted == 0 && i < ANY_PORT_TRIES; i++) {
		close_all(s);
		s->port = 0;
		err = bind_all(s, backlog);
	}
	return err;
}

static struct str why_not(int err, struct str where, struct arena *arena)
{
	switch (err) {
	case -EADDRINUSE:
		return arena_printf(
			arena,
			STR_FMT " is in use by another process; stop it or choose another port",
			STR_ARG(where));
	case -EADDRNOTAVAIL:
		return arena_printf(arena,
		                    STR_FMT
		                    " cannot be used: this machine does not have the address",
		                    STR_ARG(where));
	case -EACCES:
	case -EPERM:
		return arena_printf(
			arena,
			STR_FMT
			" may not be used by this user; choose a port above 1023 or grant "
			"CAP_NET_BIND_SERVICE",
			STR_ARG(where));
	default:
		return arena_printf(arena, STR_FMT " cannot be listened on: %s", STR_ARG(where),
		                    strerror(-err));
	}
}

static int bind_ip(struct listen_sockets *s, const struct listener_config *config,
                   struct arena *arena, struct str *problem_out)
{
	union address a = { 0 };
	const char *text = arena_cstr(arena, config->address);
	struct str where = arena_printf(arena, "address %s port %u", text, config->port);
	int err;

	s->port = config->port;
	if (str_is(config->address, "*")) {
		err = bind_any(s, config->backlog);
	} else if (inet_pton(AF_INET, text, &a.in.sin_addr) == 1) {
		a.any.sa_family = AF_INET;
		make_room(s, 1);
		err = bind_family(s, 0, &a, config->backlog);
	} else if (inet_pton(AF_INET6, text, &a.in6.sin6_addr) == 1) {
		a.any.sa_family = AF_INET6;
		make_room(s, 1);
		err = bind_family(s, 0, &a, config->backlog);
	} else {
		*problem_out = arena_printf(arena,
		                            "\"%s\" is no address to listen on; write an IPv4 "
		                            "or IPv6 address in digits, "
		                            "or * for all",
		                            text);
		return -EINVAL;
	}
	if (err < 0)
		*problem_out = why_not(err, where, arena);
	return err;
}

/* What stands at the path of a local socket: 0 when it may be bound, the rest of a dead server having been removed. */
static int clear_path(const union address *a)
{
	struct stat st;
	int fd;
	int err = 0;

	if (lstat(a->un.sun_path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -ENOTSOCK;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, &a->any, sizeof(a->un)) == 0 || errno == EAGAIN)
		err = -EADDRINUSE;
	else if (errno != ECONNREFUSED)
		err = -errno;
	close(fd);
	if (err == 0 && unlink(a->un.sun_path) < 0)
		err = -errno;
	return err;
}

static int bind_path(const union address *a, int backlog)
{
	int err = clear_path(a);
	int fd;

	if (err < 0)
		return err;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* The mode before the name: at no time may others connect. */
	if (fchmod(fd, 0600) == 0 && bind(fd, &a->any, sizeof(a->un)) == 0 &&
	    listen(fd, backlog) == 0)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static struct str why_not_path(int err, const char *path, struct arena *arena)
{
	switch (err) {
	case -EADDRINUSE:
		return arena_printf(arena,
		                    "local socket %s is in use by another process; stop it or "
		                    "choose another path",
		                    path);
	case -ENOTSOCK:
		return arena_printf(
			arena,
			"%s is there and is no socket; move it away or choose another path",
			path);
	case -ENAMETOOLONG:
		return arena_printf(arena,
		                    "the path of local socket %s is longer than the system "
		                    "allows (%zu bytes)",
		                    path, sizeof(((struct sockaddr_un *)0)->sun_path) - 1);
	default:
		return arena_printf(arena, "local socket %s cannot be made: %s", path,
		                    strerror(-err));
	}
}

static int bind_local(struct listen_sockets *s, const struct listener_config *config,
                      struct arena *arena, struct str *problem_out)
{
	union address a = { .un = { .sun_family = AF_UNIX } };
	const char *path = arena_cstr(arena, config->address);
	int fd = -ENAMETOOLONG;

	s->n_shards = 1;
	make_room(s, 1);
	if (config->address.n < sizeof(a.un.sun_path)) {
		memcpy(a.un.sun_path, path, config->address.n);
		fd = bind_path(&a, config->backlog);
	}
	if (fd < 0) {
		*problem_out = why_not_path(fd, path, arena);
		return fd;
	}
	s->fds[0] = fd;
	s->path = path;
	return 0;
}

int listen_bind(struct listen_sockets *s, const struct listener_config *config,
                struct arena *arena, struct str *problem_out)
{
	bool local = str_find(config->address, '/', 0) < config->address.n;
	int err = local ? bind_local(s, config, arena, problem_out)
	                : bind_ip(s, config, arena, problem_out);

	if (err < 0)
		listen_unbind(s);
	return err;
}

void listen_unbind(struct listen_sockets *s)
{
	close_all(s);
	free(s->fds);
	s->fds = NULL;
	if (s->path != NULL)
		unlink(s->path);
	s->path = NULL;
}
