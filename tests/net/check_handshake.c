/*
 * check_handshake.c - how TLS begins: STARTTLS, handshakes and their cap, tickets, what fails.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/lib/check_main.h"
#include "tests/net/world.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TLS12 "NORMAL:-VERS-ALL:+VERS-TLS1.2"
#define TLS13 "NORMAL:-VERS-ALL:+VERS-TLS1.3"

static void done(struct world **w, struct party **p, struct client **c)
{
	party_close(p);
	client_close(c);
	world_close(w);
}

START_TEST(older_versions_are_refused_with_an_alert)
{
	struct world *w = world_open();
	const struct client_tls how = { .priorities = "NORMAL:-VERS-ALL:+VERS-TLS1.1:%COMPAT" };
	struct party *p;
	struct client *c;

	tcp_pair_open(w, &p, &c);
	transport_start_tls(p->t, w->tls, STR_NONE);
	client_start_tls(c, &how);
	turn_until(w, p->ends == 1);
	ck_assert_int_eq(p->err, ERR_TLS);
	ck_assert_int_eq(c->alert, GNUTLS_A_PROTOCOL_VERSION);
	done(&w, &p, &c);
}
END_TEST

START_TEST(what_is_no_tls_gets_an_alert_and_an_end)
{
	struct world *w = world_open();
	struct party *p;
	struct client *c;

	tcp_pair_open(w, &p, &c);
	transport_start_tls(p->t, w->tls, STR_NONE);
	client_say(c, "GET / HTTP/1.1\r\nHost: one.example\r\n\r\n");
	turn_until(w, p->ends == 1);
	ck_assert_int_eq(p->err, ERR_TLS);
	party_say(p, "this must never leave in clear");
	world_turn(w);
	party_close(&p);
	ck_assert(client_wait_end(c));
	ck_assert_uint_eq(c->got.n, 7); /* one alert record */
	ck_assert_int_eq(c->got.p[0], 21);
	client_close(&c);
	world_close(&w);
}
END_TEST

static void start_on_request(struct party *p, struct str bytes)
{
	buf_append(&p->got, bytes);
	if (str_starts_with(buf_str(&p->got), STR("<starttls/>")) && p->secures == 0) {
		party_say(p, "<proceed/>");
		transport_start_tls(p->t, p->world->tls, STR("two.example"));
		p->on_data = NULL;
		buf_clear(&p->got);
	}
}

START_TEST(starttls_answers_in_clear_and_goes_on_encrypted)
{
	struct world *w = world_open();
	const struct client_tls how = { 0 };
	struct party *p;
	struct client *c;

	tcp_pair_open(w, &p, &c);
	p->on_data = start_on_request;
	client_say(c, "<starttls/>");
	client_expect(c, "<proceed/>");
	ck_assert_int_eq(client_start_tls(c, &how), 0);
	client_say(c, "secret");
	turn_until(w, p->got.n == 6);
	ck_assert_str_is(buf_str(&p->got), "secret");
	done(&w, &p, &c);
}
END_TEST

START_TEST(clear_text_behind_starttls_is_never_delivered)
{
	struct world *w = world_open();
	const struct client_tls how = { 0 };
	struct party *p;
	struct client *c;

	tcp_pair_open(w, &p, &c);
	p->on_data = start_on_request;
	client_say(c, "<starttls/><iq id='injected'/>");
	client_expect(c, "<proceed/>");
	ck_assert_int_eq(client_start_tls(c, &how), 0);
	client_say(c, "secret");
	turn_until(w, p->got.n >= 6);
	ck_assert_str_is(buf_str(&p->got), "secret");
	done(&w, &p, &c);
}
END_TEST

/* Puts all back when it sees <starttls/>, as an owner does that has to wait for something first. */
static void start_after_unread(struct party *p, struct str bytes)
{
	transport_unread(p->t, bytes);
	party_say(p, "<proceed/>");
	transport_start_tls(p->t, p->world->tls, STR_NONE);
	transport_resume(p->t);
	p->on_data = NULL;
}

START_TEST(clear_text_that_was_put_back_is_discarded_too)
{
	struct world *w = world_open();
	const struct client_tls how = { 0 };
	struct party *p;
	struct client *c;

	tcp_pair_open(w, &p, &c);
	p->on_data = start_after_unread;
	client_say(c, "<starttls/><iq id='injected'/>");
	client_expect(c, "<proceed/>");
	ck_assert_int_eq(client_start_tls(c, &how), 0);
	client_say(c, "secret");
	turn_until(w, p->got.n >= 6);
	ck_assert_str_is(buf_str(&p->got), "secret");
	done(&w, &p, &c);
}
END_TEST

START_TEST(an_end_within_the_handshake_is_an_error)
{
	struct world *w = world_open();
	struct party *p;
	struct client *c;

	tcp_pair_open(w, &p, &c);
	transport_start_tls(p->t, w->tls, STR_NONE);
	client_write(c, str_make("\x16\x03\x01\x00\x80\x01", 6));
	world_turn(w);
	shutdown(c->fd, SHUT_WR);
	turn_until(w, p->ends == 1);
	ck_assert_int_eq(p->err, ERR_CLOSED);
	done(&w, &p, &c);
}
END_TEST

START_TEST(a_session_is_resumed_from_its_ticket)
{
	static const char *const versions[] = { TLS12, TLS13 };

	for (size_t v = 0; v < ARRAY_LEN(versions); v++) {
		struct world *w = world_open();
		gnutls_datum_t ticket = { 0 };
		struct client_tls how = { .priorities = versions[v],
			                  .server_name = "one.example" };
		struct party *p;
		struct client *c;

		for (int round = 0; round < 2; round++) {
			tcp_pair_open(w, &p, &c);
			transport_start_tls(p->t, w->tls, STR_NONE);
			ck_assert_int_eq(client_start_tls(c, &how), 0);
			party_say(p, "hello");
			client_expect(c, "hello"); /* the ticket comes before */
			ck_assert_int_eq(gnutls_session_is_resumed(c->tls), round);
			if (round == 0)
				ck_assert_int_eq(gnutls_session_get_data2(c->tls, &ticket), 0);
			how.ticket = &ticket;
			party_close(&p);
			client_close(&c);
		}
		gnutls_free(ticket.data);
		world_close(&w);
	}
}
END_TEST

/* A storm: all begin at once, so many are served, the others wait and are served then. */
START_TEST(handshakes_over_the_cap_wait_their_turn)
{
	enum { STORM = TLS_HANDSHAKES_MAX + 20 };
	struct world *w = world_open();
	const struct client_tls how = { 0 };
	struct party *p[STORM];
	struct client *c[STORM];
	int secures = 0;

	for (int i = 0; i < STORM; i++) {
		pair_open(w, &p[i], &c[i]);
		transport_start_tls(p[i]->t, w->tls, STR_NONE);
		client_write(c[i], str_make("\x16", 1)); /* the first byte of a ClientHello */
	}
	for (int i = 0; i < 5; i++)
		world_turn(w);
	/* The first give up, all others shake hands. */
	for (int i = 0; i < TLS_HANDSHAKES_MAX; i++)
		party_close(&p[i]);
	for (int i = 0; i < STORM; i++) {
		if (p[i] == NULL)
			continue;
		turn_until(w, recv(c[i]->fd, &(char){ 0 }, 1, MSG_DONTWAIT | MSG_PEEK) < 0);
		shutdown(c[i]->fd, SHUT_WR);
		turn_until(w, p[i]->ends == 1);
		secures += p[i]->err == ERR_CLOSED;
	}
	ck_assert_int_eq(secures, STORM - TLS_HANDSHAKES_MAX);
	for (int i = 0; i < STORM; i++) {
		if (p[i] != NULL)
			party_close(&p[i]);
		client_close(&c[i]);
	}
	pair_open(w, &p[0], &c[0]);
	transport_start_tls(p[0]->t, w->tls, STR_NONE);
	ck_assert_int_eq(client_start_tls(c[0], &how), 0);
	done(&w, &p[0], &c[0]);
}
END_TEST

START_TEST(those_that_stall_do_not_keep_others_out)
{
	struct world *w = world_open();
	const struct client_tls how = { 0 };
	struct party *p[TLS_HANDSHAKES_MAX + 1];
	struct client *c[TLS_HANDSHAKES_MAX + 1];
	const int last = TLS_HANDSHAKES_MAX;

	for (int i = 0; i < last; i++) {
		pair_open(w, &p[i], &c[i]);
		transport_start_tls(p[i]->t, w->tls, STR_NONE);
		client_write(c[i], str_make("\x16", 1));
	}
	for (int i = 0; i < 5; i++)
		world_turn(w);
	pair_open(w, &p[last], &c[last]);
	transport_start_tls(p[last]->t, w->tls, STR_NONE);
	shard_run_here(w->shard, 10);
	/* Nothing for a while (less on a slow machine), and then it goes well. */
	ck_assert(client_start_tls(c[last], &how) >= GNUTLS_E_AGAIN);
	for (int i = 0; i < 100 && p[last]->secures == 0; i++) {
		shard_run_here(w->shard, 50);
		client_step_tls(c[last]);
	}
	ck_assert_int_eq(p[last]->secures, 1);
	for (int i = 0; i <= last; i++) {
		party_close(&p[i]);
		client_close(&c[i]);
	}
	world_close(&w);
}
END_TEST

static void close_on_secure(struct party *p)
{
	transport_close(&p->t, 0);
}

START_TEST(closing_inside_on_secure_is_fine)
{
	struct world *w = world_open();
	const struct client_tls how = { 0 };
	struct party *p;
	struct client *c;

	tcp_pair_open(w, &p, &c);
	p->on_secure = close_on_secure;
	transport_start_tls(p->t, w->tls, STR_NONE);
	client_start_tls(c, &how);
	ck_assert(client_wait_end(c));
	ck_assert_int_eq(p->secures, 1);
	done(&w, &p, &c);
}
END_TEST

/* The server's flight meets a full socket: it waits, whole and in order, and so does what follows. */
START_TEST(a_flight_that_the_socket_does_not_take_leaves_later)
{
	static const char *const versions[] = { TLS12, TLS13 };

	for (size_t v = 0; v < ARRAY_LEN(versions); v++) {
		struct world *w = world_open();
		const struct client_tls how = { .priorities = versions[v] };
		struct party *p;
		struct client *c;
		size_t sent = 0;
		char bytes[5000] = { 0 };
		ssize_t n;
		int ret = GNUTLS_E_AGAIN;

		pair_open(w, &p, &c);
		/* Behind the transport's back. */
		while ((n = send(p->fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
			sent += (size_t)n;
		while (send(p->fd, bytes, 1, MSG_DONTWAIT) > 0)
			sent++;
		transport_start_tls(p->t, w->tls, STR_NONE);
		client_prepare_tls(c, &how);
		c->deaf = true;
		ck_assert_int_eq(client_step_tls(c), GNUTLS_E_AGAIN);
		for (int i = 0; i < 5; i++)
			world_turn(w);
		ck_assert_uint_gt(transport_pending(p->t), 0);
		while (sent > 0) {
			n = recv(c->fd, bytes, sent < sizeof(bytes) ? sent : sizeof(bytes),
			         MSG_DONTWAIT);

			ck_assert_int_gt(n, 0);
			sent -= (size_t)n;
		}
		c->deaf = false;
		for (int i = 0; i < 1000 && ret == GNUTLS_E_AGAIN; i++) {
			world_turn(w);
			ret = client_step_tls(c);
		}
		ck_assert_int_eq(ret, 0);
		client_say(c, "hello");
		turn_until(w, p->got.n == 5);
		party_say(p, "welcome");
		client_expect(c, "welcome");
		done(&w, &p, &c);
	}
}
END_TEST

START_TEST(closing_before_the_handshake_sends_only_what_was_meant_in_clear)
{
	struct world *w = world_open();
	struct party *p;
	struct client *c;

	tcp_pair_open(w, &p, &c);
	party_say(p, "<proceed/>");
	transport_start_tls(p->t, w->tls, STR_NONE);
	party_say(p, "secret");
	transport_close(&p->t, SECONDS(5));
	ck_assert(client_wait_end(c));
	ck_assert_str_is(buf_str(&c->got), "<proceed/>");
	done(&w, &p, &c);
}
END_TEST

CHECK_MAIN("handshake", older_versions_are_refused_with_an_alert,
           what_is_no_tls_gets_an_alert_and_an_end,
           starttls_answers_in_clear_and_goes_on_encrypted,
           clear_text_behind_starttls_is_never_delivered,
           clear_text_that_was_put_back_is_discarded_too,
           an_end_within_the_handshake_is_an_error, a_session_is_resumed_from_its_ticket,
           handshakes_over_the_cap_wait_their_turn, those_that_stall_do_not_keep_others_out,
           a_flight_that_the_socket_does_not_take_leaves_later,
           closing_inside_on_secure_is_fine,
           closing_before_the_handshake_sends_only_what_was_meant_in_clear)
