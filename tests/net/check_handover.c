/*
 * check_handover.c - connections that move between two running shards in the middle of their
 * traffic.
 *
 * An echo server moves each of its connections to the other shard every few reads, putting part
 * of what it has just read back first.  The clients write as fast as they are allowed to and
 * compare what comes back.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/mem.h"
#include "tests/lib/check_main.h"
#include "tests/net/world.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TOTAL ((size_t)MIB(2))     /* bytes of one connection each way */
#define IN_FLIGHT ((size_t)100000) /* sent and not yet come back */
#define MOVE_EVERY 5               /* reads */

/* A connection of the echo server; moves with its transport. */
struct echo {
	struct shard_msg msg;
	struct shard *here;
	struct transport *t;
	struct transport_parcel *parcel;
	struct tls_server *tls; /* NULL: in clear */
	int fd;
	unsigned reads;
	unsigned moves;
	sem_t *over;
	unsigned *total_moves; /* of all connections */
};

static void on_arrival(struct shard *here, struct shard_msg *msg);

static void move(struct echo *e)
{
	struct shard_group *group = shard_group_of(e->here);
	struct shard *to = shard_group_at(group, 1 - shard_index(e->here));
	struct shard *from = e->here;

	e->moves++;
	e->msg.run = on_arrival;
	e->parcel = transport_pack(&e->t);
	shard_post(from, to, &e->msg);
}

static void on_data(void *owner, struct str bytes)
{
	struct echo *e = owner;
	size_t taken = bytes.n;
	bool leave = ++e->reads % MOVE_EVERY == 0;

	ASSERT(shard_is_here(e->here));
	if (leave)
		taken = bytes.n / 2;
	buf_append(transport_out(e->t), str_slice(bytes, 0, taken));
	if (leave) {
		transport_unread(e->t, str_slice(bytes, taken, bytes.n));
		move(e);
	} else if (transport_pending(e->t) > IN_FLIGHT / 4) {
		transport_pause(e->t);
	}
}

static void on_drain(void *owner)
{
	struct echo *e = owner;

	transport_resume(e->t);
}

static void on_end(void *owner, int err)
{
	struct echo *e = owner;

	ck_assert_int_eq(err, 0);
	transport_close(&e->t, SECONDS(5));
	tls_server_unref(&e->tls);
	__atomic_add_fetch(e->total_moves, e->moves, __ATOMIC_RELAXED);
	sem_post(e->over);
	free(e);
}

static void on_secure(void *owner)
{
}

static const struct transport_ops echo_ops = {
	.on_data = on_data,
	.on_secure = on_secure,
	.on_drain = on_drain,
	.on_end = on_end,
};

static void on_arrival(struct shard *here, struct shard_msg *msg)
{
	struct echo *e = CONTAINER_OF(msg, struct echo, msg);

	e->here = here;
	ck_assert_int_eq(transport_unpack(here, &e->parcel, &echo_ops, e, &e->t), 0);
	if (transport_pending(e->t) > 0)
		transport_pause(e->t); /* on_drain goes on */
}

static void on_begin(struct shard *here, struct shard_msg *msg)
{
	struct echo *e = CONTAINER_OF(msg, struct echo, msg);

	e->here = here;
	ck_assert_int_eq(transport_open(here, e->fd, &echo_ops, e, &e->t), 0);
	if (e->tls != NULL)
		transport_start_tls(e->t, e->tls, STR_NONE);
}

/* The other end, on a thread of its own. */
struct visitor {
	int fd;
	bool tls;
	unsigned seed;
	size_t sent, received;
	bool ok;
	pthread_t thread;
};

static char byte_at(const struct visitor *v, size_t i)
{
	return (char)((i * 31 + (i >> 8) * 7 + v->seed) & 0xff);
}

static ssize_t io_send(const struct visitor *v, gnutls_session_t tls, const char *p, size_t n)
{
	ssize_t sent = v->tls ? gnutls_record_send(tls, p, n)
	                      : send(v->fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (v->tls)
		return sent == GNUTLS_E_AGAIN || sent == GNUTLS_E_INTERRUPTED ? 0 : sent;
	return sent < 0 && errno == EAGAIN ? 0 : sent;
}

static ssize_t io_recv(const struct visitor *v, gnutls_session_t tls, char *p, size_t n)
{
	ssize_t got = v->tls ? gnutls_record_recv(tls, p, n) : recv(v->fd, p, n, MSG_DONTWAIT);

	if (v->tls)
		return got == GNUTLS_E_AGAIN || got == GNUTLS_E_INTERRUPTED ? 0
		       : got == 0                                           ? -1
		                                                            : got;
	return got < 0 && errno == EAGAIN ? 0 : got == 0 ? -1 : got;
}

static bool may_send(const struct visitor *v)
{
	return v->sent < TOTAL && v->sent - v->received <= IN_FLIGHT;
}

/* GnuTLS wants the same bytes again after GNUTLS_E_AGAIN: they are made from their place in the stream. */
static bool send_more(struct visitor *v, gnutls_session_t tls)
{
	static const size_t sizes[] = { 1, 100, 1400, 3000, 16000 };
	char bytes[16384];
	size_t n = sizes[(v->sent + v->seed) % ARRAY_LEN(sizes)];
	ssize_t sent;

	if (!may_send(v))
		return true;
	if (n > TOTAL - v->sent)
		n = TOTAL - v->sent;
	for (size_t i = 0; i < n; i++)
		bytes[i] = byte_at(v, v->sent + i);
	sent = n > 0 ? io_send(v, tls, bytes, n) : 0;
	if (sent > 0)
		v->sent += (size_t)sent;
	return sent >= 0;
}

static bool receive_more(struct visitor *v, gnutls_session_t tls)
{
	char bytes[8192];
	ssize_t n;

	while ((n = io_recv(v, tls, bytes, sizeof(bytes))) > 0) {
		for (ssize_t i = 0; i < n; i++) {
			if (bytes[i] != byte_at(v, v->received + (size_t)i))
				return false;
		}
		v->received += (size_t)n;
	}
	return n == 0;
}

static bool converse(struct visitor *v, gnutls_session_t tls)
{
	struct pollfd poll_fd = { .fd = v->fd };

	while (v->received < TOTAL) {
		if (!send_more(v, tls) || !receive_more(v, tls))
			return false;
		poll_fd.events = may_send(v) ? POLLIN | POLLOUT : POLLIN;
		if (v->received < TOTAL && poll(&poll_fd, 1, 20000) <= 0)
			return false;
	}
	return true;
}

static bool shake_hands(struct visitor *v, gnutls_session_t tls)
{
	struct pollfd poll_fd = { .fd = v->fd, .events = POLLIN };
	int ret;

	while ((ret = gnutls_handshake(tls)) < 0 && !gnutls_error_is_fatal(ret))
		poll(&poll_fd, 1, 1000);
	return ret == 0;
}

static void *visit(void *arg)
{
	struct visitor *v = arg;
	gnutls_certificate_credentials_t credentials;
	gnutls_session_t tls;

	if (!v->tls) {
		v->ok = converse(v, NULL);
		shutdown(v->fd, SHUT_WR);
		return NULL;
	}
	gnutls_certificate_allocate_credentials(&credentials);
	gnutls_init(&tls, GNUTLS_CLIENT | GNUTLS_NONBLOCK);
	gnutls_priority_set_direct(tls, "NORMAL", NULL);
	gnutls_credentials_set(tls, GNUTLS_CRD_CERTIFICATE, credentials);
	gnutls_transport_set_int(tls, v->fd);
	v->ok = shake_hands(v, tls) && converse(v, tls);
	gnutls_bye(tls, GNUTLS_SHUT_WR);
	gnutls_deinit(tls);
	gnutls_certificate_free_credentials(credentials);
	return NULL;
}

enum { VISITORS = 4 };

static void visit_all(bool over_tls)
{
	struct world *w = world_open();
	struct visitor visitors[VISITORS] = { 0 };
	struct shard_group *group;
	unsigned moves = 0;
	sem_t over;

	sem_init(&over, 0, 0);
	ck_assert_int_eq(shard_group_open(2, &group), 0);
	ck_assert_int_eq(shard_group_start(group, NULL, NULL), 0);
	for (unsigned i = 0; i < VISITORS; i++) {
		struct echo *e = MEM_NEW(struct echo);
		int fds[2];

		ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
		e->fd = fds[0];
		e->tls = over_tls ? tls_server_ref(w->tls) : NULL;
		e->over = &over;
		e->total_moves = &moves;
		e->msg.run = on_begin;
		visitors[i].fd = fds[1];
		visitors[i].tls = over_tls;
		visitors[i].seed = i;
		shard_post(NULL, shard_group_at(group, 0), &e->msg);
		ck_assert_int_eq(pthread_create(&visitors[i].thread, NULL, visit, &visitors[i]),
		                 0);
	}
	for (unsigned i = 0; i < VISITORS; i++) {
		pthread_join(visitors[i].thread, NULL);
		sem_wait(&over);
	}
	for (unsigned i = 0; i < VISITORS; i++) {
		close(visitors[i].fd);
		ck_assert_uint_eq(visitors[i].received, TOTAL);
		ck_assert(visitors[i].ok);
	}
	ck_assert_uint_gt(moves, 20);
	shard_group_stop(group, NULL, NULL);
	shard_group_close(&group);
	sem_destroy(&over);
	world_close(&w);
}

START_TEST(a_clear_connection_moves_in_mid_stream)
{
	visit_all(false);
}
END_TEST

START_TEST(a_tls_connection_moves_in_mid_stream)
{
	visit_all(true);
}
END_TEST

/* The rest runs step by step on one thread, between the two shards of one group. */

START_TEST(a_parcel_takes_all_that_was_not_yet_delivered_or_sent)
{
	struct world *w = world_open();
	struct transport_parcel *parcel;
	struct party *p;
	struct client *c;

	pair_open(w, &p, &c);
	client_say(c, "world");
	transport_unread(p->t, STR("hello "));
	party_say(p, "written before the move");
	parcel = transport_pack(&p->t);
	world_turn(w);
	ck_assert_int_eq(p->calls, 0);
	ck_assert_int_eq(transport_unpack(w->shard, &parcel, &party_ops, p, &p->t), 0);
	ck_assert_ptr_null(parcel);
	ck_assert_str_is(transport_address(p->t), "local");
	client_expect(c, "written before the move");
	turn_until(w, p->got.n == 11);
	ck_assert_str_is(buf_str(&p->got), "hello world");
	party_close(&p);
	client_close(&c);
	world_close(&w);
}
END_TEST

START_TEST(a_parcel_that_is_freed_closes_the_connection)
{
	struct world *w = world_open();
	const struct client_tls how = { 0 };
	struct transport_parcel *parcel;
	struct party *p;
	struct client *c;

	pair_open(w, &p, &c);
	transport_start_tls(p->t, w->tls, STR_NONE);
	ck_assert_int_eq(client_start_tls(c, &how), 0);
	party_say(p, "never sent");
	transport_unread(p->t, STR("never read"));
	parcel = transport_pack(&p->t);
	transport_parcel_free(&parcel);
	transport_parcel_free(&parcel);
	ck_assert(client_wait_end(c));
	party_close(&p);
	client_close(&c);
	world_close(&w);
}
END_TEST

START_TEST(a_peer_that_ended_before_the_move_is_told_of_after_it)
{
	struct world *w = world_open();
	struct transport_parcel *parcel;
	struct party *p;
	struct client *c;

	pair_open(w, &p, &c);
	shutdown(c->fd, SHUT_WR);
	turn_until(w, p->ends == 1);
	parcel = transport_pack(&p->t);
	ck_assert_int_eq(transport_unpack(w->shard, &parcel, &party_ops, p, &p->t), 0);
	turn_until(w, p->ends == 2);
	ck_assert_int_eq(p->err, 0);
	party_say(p, "good bye");
	client_expect(c, "good bye");
	party_close(&p);
	client_close(&c);
	world_close(&w);
}
END_TEST

START_TEST(a_handshake_goes_on_after_a_move)
{
	struct world *w = world_open();
	const struct client_tls how = { 0 };
	struct transport_parcel *parcel;
	struct party *p;
	struct client *c;
	int ret = GNUTLS_E_AGAIN;

	pair_open(w, &p, &c);
	transport_start_tls(p->t, w->tls, STR_NONE);
	client_prepare_tls(c, &how);
	c->piece = 100; /* several reads for each message */
	for (int i = 0; i < 1000 && ret == GNUTLS_E_AGAIN; i++) {
		ret = client_step_tls(c);
		parcel = transport_pack(&p->t);
		ck_assert_int_eq(transport_unpack(w->shard, &parcel, &party_ops, p, &p->t), 0);
		world_turn(w);
	}
	ck_assert_int_eq(ret, 0);
	turn_until(w, p->secures == 1);
	party_close(&p);
	client_close(&c);
	world_close(&w);
}
END_TEST

CHECK_MAIN("handover", a_clear_connection_moves_in_mid_stream,
           a_tls_connection_moves_in_mid_stream,
           a_parcel_takes_all_that_was_not_yet_delivered_or_sent,
           a_parcel_that_is_freed_closes_the_connection,
           a_peer_that_ended_before_the_move_is_told_of_after_it,
           a_handshake_goes_on_after_a_move)
