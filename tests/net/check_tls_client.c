/*
 * check_tls_client.c - TLS as a client, as a server speaks it to another one.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/lib/check_main.h"
#include "tests/net/federation.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TLS12 "NORMAL:-VERS-ALL:+VERS-TLS1.2"
#define TLS13 "NORMAL:-VERS-ALL:+VERS-TLS1.3"

static const char *const versions[] = { TLS12, TLS13 };

/* A world with an authority, and one.example and two.example that federate. */
struct scene {
	struct world *w;
	struct authority *a;
	struct tls_server *tls;
	struct party *server, *client;
};

static struct scene scene_open(const char *priorities)
{
	struct scene s = { .w = world_open() };
	const struct federation_config config = {
		.hosts = { { "one.example", "one" }, { "two.example", "two" } },
		.priorities = priorities,
	};

	s.a = authority_new(s.w);
	s.tls = federation_tls(s.w, &config);
	federation_pair(s.w, &s.server, &s.client);
	return s;
}

static void again(struct scene *s)
{
	party_close(&s->server);
	party_close(&s->client);
	federation_pair(s->w, &s->server, &s->client);
}

static void scene_close(struct scene *s)
{
	if (s->server != NULL)
		party_close(&s->server);
	if (s->client != NULL)
		party_close(&s->client);
	tls_server_unref(&s->tls);
	authority_free(&s->a);
	world_close(&s->w);
}

static struct federation_call call_of(const struct scene *s)
{
	return (struct federation_call){ s->tls, s->tls, "one.example", "two.example", false };
}

/* Both ends are secure, and what is said arrives. */
static void converse(struct scene *s)
{
	ck_assert_int_eq(s->client->secures, 1);
	ck_assert_int_eq(s->server->secures, 1);
	party_say(s->client, "hello");
	party_say(s->server, "welcome");
	turn_until(s->w, s->client->got.n == 7 && s->server->got.n == 5);
	ck_assert_str_is(buf_str(&s->client->got), "welcome");
	ck_assert_str_is(buf_str(&s->server->got), "hello");
}

/* Was P shown the certificate NAME.crt? */
static bool was_shown(struct scene *s, struct party *p, const char *name)
{
	struct str got = transport_peer_fingerprint(p->t, s->w->arena);
	gnutls_x509_crt_t crt = authority_read(s->a, name, 0);
	unsigned char hash[32];
	size_t size = sizeof(hash);
	char text[65];

	ck_assert_int_eq(gnutls_x509_crt_get_fingerprint(crt, GNUTLS_DIG_SHA256, hash, &size),
	                 0);
	gnutls_x509_crt_deinit(crt);
	for (size_t i = 0; i < size; i++)
		snprintf(text + 2 * i, 3, "%02x", hash[i]);
	ck_assert_uint_eq(got.n, 64);
	return str_is(got, text);
}

START_TEST(two_servers_shake_hands_and_talk)
{
	for (size_t v = 0; v < ARRAY_LEN(versions); v++) {
		struct scene s = scene_open(versions[v]);
		const struct federation_call call = call_of(&s);

		ck_assert(str_is_absent(transport_peer_fingerprint(s.client->t, s.w->arena)));
		federation_start(&call, s.server, s.client);
		federation_finish(s.server, s.client);
		converse(&s);
		ck_assert(transport_is_secure(s.client->t));
		ck_assert_int_eq(s.client->ends, 0);
		/* Each has shown its certificate, though it signs itself. */
		ck_assert(was_shown(&s, s.client, "two"));
		ck_assert(was_shown(&s, s.server, "one"));
		/* That of the server is not ours. */
		ck_assert(!transport_has_binding(s.client->t, CB_TLS_SERVER_END_POINT));
		ck_assert(transport_has_binding(s.server->t, CB_TLS_SERVER_END_POINT));
		scene_close(&s);
	}
}
END_TEST

START_TEST(an_end_is_told_to_both)
{
	struct scene s = scene_open(NULL);
	const struct federation_call call = call_of(&s);

	federation_start(&call, s.server, s.client);
	federation_finish(s.server, s.client);
	party_close(&s.server);
	turn_until(s.w, s.client->ends == 1);
	ck_assert_int_eq(s.client->err, 0);
	scene_close(&s);
}
END_TEST

static void proceed(struct party *p, struct str bytes)
{
	ck_assert_str_is(bytes, "<starttls/>");
	party_say(p, "<proceed/>");
	p->on_data = NULL;
	transport_start_tls(p->t, p->arg, STR_NONE);
}

static void on_proceed(struct party *p, struct str bytes)
{
	ck_assert(str_starts_with(bytes, STR("<proceed/>")));
	p->on_data = NULL;
	transport_start_tls_client(p->t, p->arg, STR("one.example"), STR("two.example"), false);
	party_say(p, "secret");
}

START_TEST(starttls_goes_on_encrypted)
{
	struct scene s = scene_open(NULL);

	s.server->on_data = proceed;
	s.client->on_data = on_proceed;
	s.server->arg = s.client->arg = s.tls;
	party_say(s.client, "<starttls/>");
	turn_until(s.w, s.server->got.n == 6);
	ck_assert_str_is(buf_str(&s.server->got), "secret");
	ck_assert_int_eq(s.client->secures, 1);
	ck_assert(was_shown(&s, s.client, "two"));
	scene_close(&s);
}
END_TEST

/* Bytes behind <proceed/> are not delivered, neither before the handshake nor after it. */
START_TEST(clear_text_behind_proceed_is_never_delivered)
{
	struct scene s = scene_open(NULL);
	struct party *server = NULL;
	struct client *c = NULL;

	pair_open(s.w, &server, &c); /* the party as the one that connects */
	server->on_data = on_proceed;
	server->arg = s.tls;
	client_say(c, "<proceed/><iq id='injected'/>");
	world_turn(s.w);
	world_turn(s.w);
	ck_assert_uint_eq(server->got.n, 0);
	client_read(c);
	ck_assert_uint_gt(c->got.n, 100);
	ck_assert_int_eq(c->got.p[0], 22); /* a record of a handshake, whole */
	party_close(&server);
	client_close(&c);
	scene_close(&s);
}
END_TEST

START_TEST(the_handshake_begins_even_while_the_owner_pauses)
{
	struct scene s = scene_open(NULL);
	const struct federation_call call = call_of(&s);

	transport_pause(s.client->t);
	federation_start(&call, s.server, s.client);
	for (int i = 0; i < 10; i++)
		world_turn(s.w);
	ck_assert_int_eq(s.client->secures, 0);
	transport_resume(s.client->t);
	federation_finish(s.server, s.client);
	converse(&s);
	scene_close(&s);
}
END_TEST

/* The socket is full: first what is to leave in clear leaves, then the handshake begins. */
START_TEST(what_leaves_in_clear_leaves_before_the_handshake)
{
	struct scene s = scene_open(NULL);
	struct party *p;
	struct client *c;
	char bytes[5000];
	size_t filled = 0;
	ssize_t n;

	memset(bytes, 'x', sizeof(bytes));
	pair_open(s.w, &p, &c);
	while ((n = send(p->fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
		filled += (size_t)n;
	while (send(p->fd, bytes, 1, MSG_DONTWAIT) > 0)
		filled++;
	party_say(p, "<starttls/>");
	transport_start_tls_client(p->t, s.tls, STR_NONE, STR("two.example"), false);
	for (int i = 0; i < 5; i++)
		world_turn(s.w);
	ck_assert_uint_eq(transport_pending(p->t), 11);
	turn_until(s.w, (client_read(c), c->got.n > filled + 11 + 100));
	ck_assert_str_is(str_slice(buf_str(&c->got), filled, filled + 11), "<starttls/>");
	ck_assert_int_eq(c->got.p[filled + 11], 22);
	party_close(&p);
	client_close(&c);
	scene_close(&s);
}
END_TEST

START_TEST(the_name_that_is_called_picks_the_certificate)
{
	static const struct {
		const char *name, *shown;
	} cases[] = {
		{ "one.example", "one" },
		{ "two.example", "two" },
		{ "conference.two.example", "two" }, /* a service of it */
		{ "a.b.TWO.example", "two" },
		{ "example", "one" },
		{ "unknown.example", "one" },
		{ "192.0.2.1", "one" },
		{ "[2001:db8::1]", "one" },
		{ "", "one" },
	};
	struct scene s = scene_open(NULL);

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct federation_call call = call_of(&s);

		call.name = cases[i].name;
		federation_start(&call, s.server, s.client);
		federation_finish(s.server, s.client);
		converse(&s);
		ck_assert_msg(was_shown(&s, s.client, cases[i].shown), "case %zu", i);
		again(&s);
	}
	scene_close(&s);
}
END_TEST

static int on_extension(void *ctx, unsigned id, const unsigned char *p, unsigned n)
{
	bool *has = ctx;

	if (id < 32)
		has[id] = true;
	return 0;
}

/* What the ClientHello of a call to NAME has. */
static void say_hello(struct scene *s, const char *name, bool direct, bool has[32])
{
	struct party *p;
	struct client *c;
	gnutls_datum_t message;

	memset(has, 0, 32 * sizeof(has[0]));
	pair_open(s->w, &p, &c);
	transport_start_tls_client(p->t, s->tls, STR_NONE, str_of(name), direct);
	turn_until(s->w, (client_read(c), c->got.n > 9));
	message = (gnutls_datum_t){ (unsigned char *)c->got.p + 9, (unsigned)c->got.n - 9 };
	ck_assert_int_eq(gnutls_ext_raw_parse(has, on_extension, &message,
	                                      GNUTLS_EXT_RAW_FLAG_TLS_CLIENT_HELLO),
	                 0);
	party_close(&p);
	client_close(&c);
}

START_TEST(a_hello_names_the_server_but_no_address)
{
	enum { SERVER_NAME = 0, ALPN = 16 };
	struct scene s = scene_open(NULL);
	bool has[32];

	say_hello(&s, "two.example", false, has);
	ck_assert(has[SERVER_NAME] && !has[ALPN]);
	say_hello(&s, "two.example", true, has);
	ck_assert(has[SERVER_NAME] && has[ALPN]);
	say_hello(&s, "192.0.2.1", false, has);
	ck_assert(!has[SERVER_NAME]);
	say_hello(&s, "[2001:db8::1]", true, has);
	ck_assert(!has[SERVER_NAME] && has[ALPN]);
	scene_close(&s);
}
END_TEST

START_TEST(the_host_that_calls_shows_its_certificate)
{
	static const struct {
		const char *host, *shown;
	} cases[] = {
		{ "one.example", "one" },
		{ "two.example", "two" },
		{ "pubsub.two.example", "two" },
		{ "unknown.example", "one" },
		{ NULL, "one" },
	};
	struct scene s = scene_open(NULL);

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct federation_call call = call_of(&s);

		call.host = cases[i].host;
		federation_start(&call, s.server, s.client);
		federation_finish(s.server, s.client);
		ck_assert_msg(was_shown(&s, s.server, cases[i].shown), "case %zu", i);
		again(&s);
	}
	scene_close(&s);
}
END_TEST

START_TEST(the_protocol_is_offered_to_direct_tls_only)
{
	static const struct {
		const char *served;
		bool direct, works;
	} cases[] = {
		{ "xmpp-server", true, true },
		{ "xmpp-server", false, true },
		{ "xmpp-client", false, true },
		{ "xmpp-client", true, false },
	};
	struct scene s = scene_open(NULL);

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct federation_config config = { .hosts = { { "two.example", "two" } },
			                                  .alpn = cases[i].served };
		struct tls_server *to = federation_tls(s.w, &config);
		struct federation_call call = call_of(&s);

		call.to = to;
		call.direct = cases[i].direct;
		federation_start(&call, s.server, s.client);
		federation_finish(s.server, s.client);
		ck_assert_msg(s.client->secures == cases[i].works, "case %zu", i);
		if (!cases[i].works) {
			turn_until(s.w, s.client->ends == 1);
			ck_assert_int_eq(s.client->err, ERR_TLS);
			ck_assert_int_eq(s.server->err, ERR_TLS);
		}
		again(&s);
		tls_server_unref(&to);
	}
	scene_close(&s);
}
END_TEST

/* The request names authorities, of which none has signed what we have: it is sent all the same. */
START_TEST(a_certificate_is_sent_whoever_is_asked_for)
{
	for (size_t v = 0; v < ARRAY_LEN(versions); v++) {
		struct scene s = scene_open(versions[v]);
		struct tls_server *to = world_tls(s.w, authority_file(s.a), NULL);
		struct federation_call call = call_of(&s);
		struct str jids[2];

		call.to = to;
		call.name = "one.example"; /* which asks */
		federation_start(&call, s.server, s.client);
		federation_finish(s.server, s.client);
		converse(&s);
		ck_assert(was_shown(&s, s.server, "one"));
		ck_assert_int_eq(transport_client_jids(s.server->t, s.w->arena, jids, 2),
		                 ERR_DENIED); /* it came, and is not trusted */
		scene_close(&s);
		tls_server_unref(&to);
	}
}
END_TEST

START_TEST(a_peer_without_a_certificate_is_let_in)
{
	for (size_t v = 0; v < ARRAY_LEN(versions); v++) {
		struct scene s = scene_open(versions[v]);
		const struct client_tls how = { .priorities = versions[v] };
		struct str problem = STR_NONE;
		struct party *p;
		struct client *c;

		pair_open(s.w, &p, &c);
		transport_start_tls(p->t, s.tls, STR_NONE);
		ck_assert_int_eq(client_start_tls(c, &how), 0);
		turn_until(s.w, p->secures == 1);
		ck_assert_int_eq(transport_verify_peer(p->t, STR("one.example"), NULL, STR_NONE,
		                                       s.w->arena, &problem),
		                 ERR_NOENT);
		ck_assert(str_is_absent(transport_peer_fingerprint(p->t, s.w->arena)));
		party_close(&p);
		client_close(&c);
		scene_close(&s);
	}
}
END_TEST

/* One byte at a time, from one socket to another. */
static void relay(int from, int to)
{
	char byte;

	if (recv(from, &byte, 1, MSG_DONTWAIT) == 1)
		ck_assert_int_eq(send(to, &byte, 1, MSG_NOSIGNAL), 1);
}

START_TEST(bytes_may_come_one_by_one)
{
	for (size_t v = 0; v < ARRAY_LEN(versions); v++) {
		struct scene s = scene_open(versions[v]);
		const struct federation_call call = call_of(&s);
		struct party *server, *client;
		struct client *at_server, *at_client;

		pair_open(s.w, &server, &at_server);
		pair_open(s.w, &client, &at_client);
		federation_start(&call, server, client);
		for (int i = 0; i < 50000 && server->got.n + client->got.n < 10; i++) {
			relay(at_server->fd, at_client->fd);
			relay(at_client->fd, at_server->fd);
			world_turn(s.w);
			if (client->secures == 1 && client->arg == NULL) {
				client->arg = &s;
				party_say(client, "hello");
			}
			if (server->secures == 1 && server->arg == NULL) {
				server->arg = &s;
				party_say(server, "hello");
			}
		}
		ck_assert_uint_eq(server->got.n, 5);
		ck_assert_uint_eq(client->got.n, 5);
		party_close(&server);
		party_close(&client);
		client_close(&at_server);
		client_close(&at_client);
		scene_close(&s);
	}
}
END_TEST

static void move(struct party *p)
{
	struct transport_parcel *parcel = transport_pack(&p->t);

	ck_assert_int_eq(transport_unpack(p->world->shard, &parcel, &party_ops, p, &p->t), 0);
}

START_TEST(a_handshake_goes_on_after_moves)
{
	for (size_t v = 0; v < ARRAY_LEN(versions); v++) {
		struct scene s = scene_open(versions[v]);
		const struct federation_call call = call_of(&s);

		federation_start(&call, s.server, s.client);
		for (int i = 0; i < 100 && s.client->secures + s.server->secures < 2; i++) {
			move(s.client);
			world_turn(s.w);
			move(s.server);
		}
		converse(&s);
		move(s.client);
		party_say(s.client, ", again");
		turn_until(s.w, s.server->got.n == 12);
		scene_close(&s);
	}
}
END_TEST

/* Hellos that were sent. */
static unsigned count_begun(struct client *const *c, size_t n)
{
	unsigned begun = 0;
	char byte;

	for (size_t i = 0; i < n; i++)
		begun += recv(c[i]->fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 1;
	return begun;
}

START_TEST(handshakes_over_the_cap_wait_their_turn)
{
	enum { STORM = TLS_HANDSHAKES_MAX + 20 };
	struct scene s = scene_open(NULL);
	const struct federation_call call = call_of(&s);
	struct party *p[STORM];
	struct client *c[STORM];

	for (int i = 0; i < STORM; i++) {
		pair_open(s.w, &p[i], &c[i]);
		transport_start_tls_client(p[i]->t, s.tls, STR_NONE, STR("two.example"), false);
	}
	for (int i = 0; i < 5; i++)
		world_turn(s.w);
	ck_assert_uint_eq(count_begun(c, STORM), TLS_HANDSHAKES_MAX);
	/* Some that wait give up, move, or are resumed; the first give up. */
	party_close(&p[STORM - 1]);
	move(p[STORM - 2]);
	transport_pause(p[STORM - 3]->t);
	transport_resume(p[STORM - 3]->t);
	for (int i = 0; i < 5; i++)
		world_turn(s.w);
	ck_assert_uint_eq(count_begun(c, STORM), TLS_HANDSHAKES_MAX);
	for (int i = 0; i < TLS_HANDSHAKES_MAX; i++)
		party_close(&p[i]);
	turn_until(s.w, count_begun(c, STORM) == STORM - 1);
	for (int i = 0; i < STORM; i++) {
		if (p[i] != NULL)
			party_close(&p[i]);
		client_close(&c[i]);
	}
	federation_start(&call, s.server, s.client);
	federation_finish(s.server, s.client);
	converse(&s);
	scene_close(&s);
}
END_TEST

START_TEST(those_that_stall_do_not_keep_others_out)
{
	struct scene s = scene_open(NULL);
	const struct federation_call call = call_of(&s);
	struct party *p[TLS_HANDSHAKES_MAX];
	struct client *c[TLS_HANDSHAKES_MAX];

	for (int i = 0; i < TLS_HANDSHAKES_MAX; i++) {
		pair_open(s.w, &p[i], &c[i]);
		transport_start_tls_client(p[i]->t, s.tls, STR_NONE, STR("two.example"), false);
	}
	world_turn(s.w);
	federation_start(&call, s.server, s.client);
	for (int i = 0; i < 100 && s.client->secures == 0; i++)
		shard_run_here(s.w->shard, 50);
	federation_finish(s.server, s.client);
	converse(&s);
	for (int i = 0; i < TLS_HANDSHAKES_MAX; i++) {
		party_close(&p[i]);
		client_close(&c[i]);
	}
	scene_close(&s);
}
END_TEST

START_TEST(what_is_no_tls_or_ends_early_is_an_error)
{
	struct scene s = scene_open(NULL);
	struct party *p;
	struct client *c;

	pair_open(s.w, &p, &c);
	transport_start_tls_client(p->t, s.tls, STR_NONE, STR("two.example"), false);
	client_say(c, "HTTP/1.1 400 Bad Request\r\n\r\n");
	turn_until(s.w, p->ends == 1);
	ck_assert_int_eq(p->err, ERR_TLS);
	party_close(&p);
	client_close(&c);

	pair_open(s.w, &p, &c);
	transport_start_tls_client(p->t, s.tls, STR_NONE, STR("two.example"), false);
	world_turn(s.w);
	shutdown(c->fd, SHUT_WR);
	turn_until(s.w, p->ends == 1);
	ck_assert_int_eq(p->err, ERR_CLOSED);
	party_close(&p);
	client_close(&c);

	/* It had gone before. */
	pair_open(s.w, &p, &c);
	close(c->fd);
	c->fd = -1;
	transport_start_tls_client(p->t, s.tls, STR_NONE, STR("two.example"), false);
	turn_until(s.w, p->ends == 1);
	ck_assert_int_ne(p->err, 0);
	party_close(&p);
	client_close(&c);
	scene_close(&s);
}
END_TEST

START_TEST(closing_before_the_handshake_sends_only_what_was_meant_in_clear)
{
	struct scene s = scene_open(NULL);
	struct party *p;
	struct client *c;

	pair_open(s.w, &p, &c);
	party_say(p, "<starttls/>");
	transport_start_tls_client(p->t, s.tls, STR_NONE, STR("two.example"), false);
	party_say(p, "secret");
	transport_close(&p->t, SECONDS(5));
	ck_assert(client_wait_end(c));
	ck_assert_str_is(buf_str(&c->got), "<starttls/>");
	party_close(&p);
	client_close(&c);
	scene_close(&s);
}
END_TEST

static void close_on_secure(struct party *p)
{
	transport_close(&p->t, 0);
}

START_TEST(closing_inside_on_secure_is_fine)
{
	struct scene s = scene_open(NULL);
	const struct federation_call call = call_of(&s);

	s.client->on_secure = close_on_secure;
	federation_start(&call, s.server, s.client);
	turn_until(s.w, s.client->secures == 1 && s.server->ends == 1);
	scene_close(&s);
}
END_TEST

static void on_end_close(struct party *p)
{
	transport_close(&p->t, 0);
}

/* A name that cannot be said: the owner hears of it from the loop, never inside its own call. */
START_TEST(a_handshake_that_cannot_begin_fails_in_its_turn)
{
	struct scene s = scene_open(NULL);
	char name[2000];

	memset(name, 0xc3, sizeof(name)); /* no UTF-8, no A-labels */
	s.client->on_end = on_end_close;
	transport_start_tls_client(s.client->t, s.tls, STR_NONE, str_make(name, sizeof(name)),
	                           false);
	ck_assert_int_eq(s.client->ends, 0);
	turn_until(s.w, s.client->ends == 1);
	ck_assert_int_eq(s.client->err, ERR_TLS);
	scene_close(&s);
}
END_TEST

CHECK_MAIN("tls_client", two_servers_shake_hands_and_talk, an_end_is_told_to_both,
           starttls_goes_on_encrypted, clear_text_behind_proceed_is_never_delivered,
           the_handshake_begins_even_while_the_owner_pauses,
           what_leaves_in_clear_leaves_before_the_handshake,
           the_name_that_is_called_picks_the_certificate,
           a_hello_names_the_server_but_no_address, the_host_that_calls_shows_its_certificate,
           the_protocol_is_offered_to_direct_tls_only,
           a_certificate_is_sent_whoever_is_asked_for, a_peer_without_a_certificate_is_let_in,
           bytes_may_come_one_by_one, a_handshake_goes_on_after_moves,
           handshakes_over_the_cap_wait_their_turn, those_that_stall_do_not_keep_others_out,
           what_is_no_tls_or_ends_early_is_an_error,
           closing_before_the_handshake_sends_only_what_was_meant_in_clear,
           closing_inside_on_secure_is_fine, a_handshake_that_cannot_begin_fails_in_its_turn)
