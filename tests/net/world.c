/*
 * world.c - both ends of a connection for the tests of this folder.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/net/world.h"

#include "server/base/mem.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

const char *world_file(struct world *w, const char *name)
{
	return arena_cstr(w->arena, arena_printf(w->arena, "%s/%s", w->dir, name));
}

struct tls_server *world_tls(struct world *w, const char *client_ca, const char *alpn)
{
	const struct tls_host hosts[] = {
		{ STR("one.example"), world_file(w, "one.crt"), world_file(w, "one.key"),
		  client_ca },
		{ STR("two.example"), world_file(w, "two.crt"), world_file(w, "two.key"),
		  NULL },
	};
	const struct tls_config config = {
		.hosts = hosts,
		.n_hosts = ARRAY_LEN(hosts),
		.alpn = str_of(alpn),
	};
	struct tls_server *tls = NULL;
	struct str problem = STR_NONE;
	int err = tls_server_new(&config, w->arena, &tls, &problem);

	ck_assert_msg(err == 0, "no TLS server: " STR_FMT, STR_ARG(problem));
	return tls;
}

struct world *world_open(void)
{
	const struct str one = STR("one.example");
	const struct str two = STR("two.example");
	struct world *w = MEM_NEW(struct world);

	w->arena = arena_new(4096);
	memcpy(w->dir, "/tmp/jackdaw-net-XXXXXX", sizeof("/tmp/jackdaw-net-XXXXXX"));
	ck_assert_ptr_nonnull(mkdtemp(w->dir));
	ck_assert_int_eq(tls_make_self_signed(&one, 1, world_file(w, "one.crt"),
	                                      world_file(w, "one.key")),
	                 0);
	ck_assert_int_eq(tls_make_self_signed(&two, 1, world_file(w, "two.crt"),
	                                      world_file(w, "two.key")),
	                 0);
	w->tls = world_tls(w, NULL, "xmpp-client");
	ck_assert_int_eq(shard_group_open(1, &w->group), 0);
	w->shard = shard_group_at(w->group, 0);
	shard_run_here(w->shard, 0);
	return w;
}

struct str world_text(struct world *w)
{
	char *p = arena_alloc(w->arena, WORLD_TEXT_SIZE);

	for (size_t i = 0; i < WORLD_TEXT_SIZE; i++)
		p[i] = (char)('a' + (i * 7 + i / 1000) % 26);
	return str_make(p, WORLD_TEXT_SIZE);
}

void world_remove(const char *dir)
{
	static const char *const names[] = { "one.crt",    "one.key",    "two.crt",
		                             "two.key",    "ca.crt",     "ca.key",
		                             "client.crt", "client.key", "other.crt",
		                             "other.key",  "peer.crt",   "peer.key" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char path[128];

		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	rmdir(dir);
}

void world_close(struct world **world)
{
	struct world *w = *world;

	*world = NULL;
	shard_group_stop(w->group, NULL, NULL);
	shard_group_close(&w->group);
	tls_server_unref(&w->tls);
	world_remove(w->dir);
	arena_free(&w->arena);
	free(w);
}

void world_turn(struct world *w)
{
	shard_run_here(w->shard, 0);
}

static void on_data(void *owner, struct str bytes)
{
	struct party *p = owner;

	p->calls++;
	if (bytes.n > p->largest)
		p->largest = bytes.n;
	if (p->on_data != NULL)
		p->on_data(p, bytes);
	else
		buf_append(&p->got, bytes);
}

static void on_secure(void *owner)
{
	struct party *p = owner;

	p->secures++;
	if (p->on_secure != NULL)
		p->on_secure(p);
}

static void on_drain(void *owner)
{
	struct party *p = owner;

	p->drains++;
	if (p->on_drain != NULL)
		p->on_drain(p);
}

static void on_end(void *owner, int err)
{
	struct party *p = owner;

	p->ends++;
	p->err = err;
	if (p->on_end != NULL)
		p->on_end(p);
}

const struct transport_ops party_ops = {
	.on_data = on_data,
	.on_secure = on_secure,
	.on_drain = on_drain,
	.on_end = on_end,
};

struct party *party_open(struct world *w, int fd)
{
	struct party *p = MEM_NEW(struct party);

	p->world = w;
	p->fd = fd;
	ck_assert_int_eq(transport_open(w->shard, fd, &party_ops, p, &p->t), 0);
	return p;
}

void party_say(struct party *p, const char *text)
{
	buf_append(transport_out(p->t), str_of(text));
}

void party_close(struct party **party)
{
	struct party *p = *party;

	*party = NULL;
	transport_close(&p->t, 0);
	buf_deinit(&p->got);
	free(p);
}

static struct client *client_open(struct world *w, int fd)
{
	struct client *c = MEM_NEW(struct client);

	c->world = w;
	c->fd = fd;
	c->alert = -1;
	ck_assert_int_eq(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return c;
}

void pair_open(struct world *w, struct party **p_out, struct client **c_out)
{
	int fds[2];

	ck_assert_int_eq(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
	*p_out = party_open(w, fds[0]);
	*c_out = client_open(w, fds[1]);
}

void tcp_pair_open(struct world *w, struct party **p_out, struct client **c_out)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		                  .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t size = sizeof(to);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1;
	int server;

	ck_assert_int_eq(bind(listener, (struct sockaddr *)&to, size), 0);
	ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&to, &size), 0);
	ck_assert_int_eq(listen(listener, 1), 0);
	ck_assert_int_eq(connect(client, (struct sockaddr *)&to, size), 0);
	server = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	ck_assert_int_ge(server, 0);
	close(listener);
	setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	*p_out = party_open(w, server);
	*c_out = client_open(w, client);
}

/* The file descriptor may have been closed by the test already. */
void client_close(struct client **client)
{
	struct client *c = *client;

	*client = NULL;
	if (c->tls != NULL)
		gnutls_deinit(c->tls);
	if (c->credentials != NULL)
		gnutls_certificate_free_credentials(c->credentials);
	if (c->fd >= 0)
		close(c->fd);
	buf_deinit(&c->wire);
	buf_deinit(&c->got);
	free(c);
}

/* Bytes into the socket, by pieces; a full socket waits for the server to read. */
static void to_socket(struct client *c, struct str bytes)
{
	int patience = 100000;

	while (bytes.n > 0) {
		size_t n = c->piece > 0 && c->piece < bytes.n ? c->piece : bytes.n;
		ssize_t sent = send(c->fd, bytes.p, n, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent < 0 && errno != EAGAIN)
			return; /* what comes of it is seen by reading */
		if (sent > 0)
			bytes = str_slice(bytes, (size_t)sent, bytes.n);
		ck_assert_int_gt(--patience, 0);
		if (c->piece > 0 || sent < 0)
			world_turn(c->world);
	}
}

static void flush_wire(struct client *c)
{
	to_socket(c, buf_str(&c->wire));
	buf_clear(&c->wire);
}

static ssize_t push(gnutls_transport_ptr_t ptr, const void *p, size_t n)
{
	struct client *c = ptr;

	buf_append(&c->wire, str_make(p, n));
	return (ssize_t)n;
}

static ssize_t pull(gnutls_transport_ptr_t ptr, void *p, size_t n)
{
	struct client *c = ptr;

	if (c->deaf) {
		errno = EAGAIN;
		return -1;
	}
	return recv(c->fd, p, n, MSG_DONTWAIT);
}

static int pull_timeout(gnutls_transport_ptr_t ptr, unsigned ms)
{
	return 1;
}

void client_write(struct client *c, struct str bytes)
{
	if (c->tls == NULL) {
		to_socket(c, bytes);
		return;
	}
	while (bytes.n > 0) {
		ssize_t n = gnutls_record_send(c->tls, bytes.p, bytes.n);

		ck_assert_int_gt(n, 0);
		bytes = str_slice(bytes, (size_t)n, bytes.n);
		flush_wire(c);
	}
}

void client_say(struct client *c, const char *text)
{
	client_write(c, str_of(text));
}

static ssize_t read_some(struct client *c, char *p, size_t n)
{
	ssize_t got;

	if (c->tls == NULL) {
		got = recv(c->fd, p, n, MSG_DONTWAIT);
		return got < 0 && errno == ECONNRESET ? 0 : got;
	}
	do
		got = gnutls_record_recv(c->tls, p, n);
	while (got == GNUTLS_E_AGAIN && gnutls_record_check_pending(c->tls) > 0);
	if (got < 0 && gnutls_error_is_fatal((int)got)) {
		c->error = (int)got;
		if (got == GNUTLS_E_FATAL_ALERT_RECEIVED)
			c->alert = (int)gnutls_alert_get(c->tls);
		return 0;
	}
	return got;
}

void client_read(struct client *c)
{
	char bytes[8192];
	ssize_t n = 1;

	for (int i = 0; i < 64 && n > 0; i++) {
		n = read_some(c, bytes, sizeof(bytes));
		if (n > 0)
			buf_append(&c->got, str_make(bytes, (size_t)n));
		if (n == 0)
			c->ended = true;
	}
}

void client_expect(struct client *c, const char *text)
{
	size_t n = strlen(text);

	for (int i = 0; i < 50000 && c->got.n < n && !c->ended; i++) {
		world_turn(c->world);
		client_read(c);
	}
	ck_assert_msg(str_eq(buf_str(&c->got), str_of(text)), "got \"" STR_FMT "\", not \"%s\"",
	              STR_ARG(buf_str(&c->got)), text);
	buf_clear(&c->got);
}

bool client_wait_end(struct client *c)
{
	for (int i = 0; i < 50000 && !c->ended; i++) {
		world_turn(c->world);
		client_read(c);
	}
	return c->ended;
}

int client_step_tls(struct client *c)
{
	int ret = gnutls_handshake(c->tls);

	flush_wire(c);
	if (ret == GNUTLS_E_FATAL_ALERT_RECEIVED)
		c->alert = (int)gnutls_alert_get(c->tls);
	return ret;
}

void client_prepare_tls(struct client *c, const struct client_tls *how)
{
	ck_assert_int_eq(gnutls_init(&c->tls, GNUTLS_CLIENT | GNUTLS_NONBLOCK |
	                                              GNUTLS_FORCE_CLIENT_CERT),
	                 0);
	ck_assert_int_eq(
		gnutls_priority_set_direct(
			c->tls, how->priorities != NULL ? how->priorities : "NORMAL", NULL),
		0);
	ck_assert_int_eq(gnutls_certificate_allocate_credentials(&c->credentials), 0);
	if (how->certificate_file != NULL)
		ck_assert_int_ge(gnutls_certificate_set_x509_key_file(
					 c->credentials, how->certificate_file, how->key_file,
					 GNUTLS_X509_FMT_PEM),
		                 0);
	ck_assert_int_eq(gnutls_credentials_set(c->tls, GNUTLS_CRD_CERTIFICATE, c->credentials),
	                 0);
	if (how->server_name != NULL)
		gnutls_server_name_set(c->tls, GNUTLS_NAME_DNS, how->server_name,
		                       strlen(how->server_name));
	if (how->alpn != NULL) {
		const gnutls_datum_t alpn = { (unsigned char *)(uintptr_t)how->alpn,
			                      (unsigned)strlen(how->alpn) };

		gnutls_alpn_set_protocols(c->tls, &alpn, 1, 0);
	}
	if (how->ticket != NULL)
		gnutls_session_set_data(c->tls, how->ticket->data, how->ticket->size);
	gnutls_transport_set_ptr(c->tls, c);
	gnutls_transport_set_push_function(c->tls, push);
	gnutls_transport_set_pull_function(c->tls, pull);
	gnutls_transport_set_pull_timeout_function(c->tls, pull_timeout);
}

int client_start_tls(struct client *c, const struct client_tls *how)
{
	int ret = GNUTLS_E_AGAIN;

	client_prepare_tls(c, how);
	for (int i = 0; i < 50000 && ret < 0; i++) {
		ret = client_step_tls(c);
		if (ret < 0 && gnutls_error_is_fatal(ret))
			return ret;
		world_turn(c->world);
	}
	world_turn(c->world);
	return ret;
}
