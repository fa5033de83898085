/*
 * check_tls.c - transports under TLS: the handshake, records in every fragmentation, ends,
 * bounds.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/lib/check_main.h"
#include "tests/net/world.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BIG ((size_t)1000000)
#define TLS12 "NORMAL:-VERS-ALL:+VERS-TLS1.2"
#define TLS13 "NORMAL:-VERS-ALL:+VERS-TLS1.3"

static struct str big_text(struct world *w)
{
	char *p = arena_alloc(w->arena, BIG);

	for (size_t i = 0; i < BIG; i++)
		p[i] = (char)('a' + i * 7 % 26);
	return str_make(p, BIG);
}

/* A connection with its handshake done. */
static void secure_pair(struct world *w, const char *priorities, struct party **p_out,
                        struct client **c_out)
{
	const struct client_tls how = { .priorities = priorities };

	pair_open(w, p_out, c_out);
	transport_start_tls((*p_out)->t, w->tls, STR_NONE);
	ck_assert_int_eq(client_start_tls(*c_out, &how), 0);
	turn_until(w, (*p_out)->secures == 1);
}

static void done(struct world **w, struct party **p, struct client **c)
{
	party_close(p);
	client_close(c);
	world_close(w);
}

static void talk(const char *priorities)
{
	struct world *w = world_open();
	struct party *p;
	struct client *c;

	secure_pair(w, priorities, &p, &c);
	ck_assert(transport_is_secure(p->t));
	client_say(c, "hello");
	turn_until(w, p->got.n == 5);
	ck_assert_str_is(buf_str(&p->got), "hello");
	party_say(p, "wel");
	party_say(p, "come");
	client_expect(c, "welcome");
	party_say(p, "bye");
	transport_close(&p->t, SECONDS(5));
	ck_assert(client_wait_end(c));
	ck_assert_str_is(buf_str(&c->got), "bye");
	ck_assert_int_eq(c->error, 0); /* close_notify came before the end of file */
	done(&w, &p, &c);
}

START_TEST(bytes_go_both_ways_under_tls_1_3)
{
	talk(TLS13);
}
END_TEST

START_TEST(bytes_go_both_ways_under_tls_1_2)
{
	talk(TLS12);
}
END_TEST

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

START_TEST(a_whole_session_survives_byte_by_byte)
{
	static const char *const versions[] = { TLS12, TLS13 };

	for (size_t v = 0; v < ARRAY_LEN(versions); v++) {
		struct world *w = world_open();
		const struct client_tls how = { .priorities = versions[v],
			                        .server_name = "two.example" };
		struct party *p;
		struct client *c;

		tcp_pair_open(w, &p, &c);
		transport_start_tls(p->t, w->tls, STR_NONE);
		c->piece = 1;
		ck_assert_int_eq(client_start_tls(c, &how), 0);
		client_say(c, "one");
		client_say(c, "two");
		turn_until(w, p->got.n == 6);
		ck_assert_str_is(buf_str(&p->got), "onetwo");
		gnutls_bye(c->tls, GNUTLS_SHUT_WR);
		client_write(c, STR_NONE);
		client_say(c, "");
		c->piece = 0;
		send(c->fd, c->wire.p, c->wire.n, MSG_NOSIGNAL);
		turn_until(w, p->ends == 1);
		ck_assert_int_eq(p->err, 0);
		done(&w, &p, &c);
	}
}
END_TEST

START_TEST(every_split_of_a_record_is_the_same)
{
	struct world *w = world_open();
	struct party *p;
	struct client *c;

	secure_pair(w, TLS13, &p, &c);
	for (size_t cut = 1; cut < 60; cut++) {
		char text[64];

		memset(text, (int)('A' + cut % 26), sizeof(text));
		c->piece = cut;
		buf_clear(&p->got);
		client_write(c, str_make(text, 40));
		client_write(c, str_make(text, 1));
		turn_until(w, p->got.n == 41);
		ck_assert(str_eq(buf_str(&p->got), str_make(text, 41)));
	}
	done(&w, &p, &c);
}
END_TEST

/* Many records in one write of the client arrive as one piece. */
START_TEST(small_records_are_delivered_together)
{
	struct world *w = world_open();
	struct party *p;
	struct client *c;

	secure_pair(w, TLS13, &p, &c);
	for (int i = 0; i < 20; i++)
		ck_assert_int_eq(gnutls_record_send(c->tls, "0123456789", 10), 10);
	ck_assert_int_eq(send(c->fd, c->wire.p, c->wire.n, 0), (ssize_t)c->wire.n);
	buf_clear(&c->wire);
	turn_until(w, p->got.n == 200);
	ck_assert_int_eq(p->calls, 1);
	done(&w, &p, &c);
}
END_TEST

/* RFC 8446 §5.4: nothing but padding is a legal record. */
START_TEST(empty_records_are_no_end)
{
	struct world *w = world_open();
	struct party *p;
	struct client *c;

	secure_pair(w, TLS13, &p, &c);
	for (int i = 0; i < 3; i++)
		ck_assert_int_ge(gnutls_record_send2(c->tls, "", 0, 100, 0), 0);
	client_say(c, "hello");
	turn_until(w, p->got.n == 5 || p->ends > 0);
	ck_assert_str_is(buf_str(&p->got), "hello");
	ck_assert_int_eq(p->ends, 0);
	done(&w, &p, &c);
}
END_TEST

/* Says a thousand things, each when the one before has left. */
static void say_on(struct party *p)
{
	if (p->drains > 1000)
		return;
	party_say(p, "x");
	transport_pause(p->t);
}

START_TEST(who_writes_on_each_drain_does_not_stop_the_loop)
{
	struct world *w = world_open();
	struct party *p;
	struct client *c;
	int turns = 0;

	secure_pair(w, TLS13, &p, &c);
	p->on_drain = say_on;
	say_on(p);
	for (; p->drains <= 1000 && turns < 100000; turns++) {
		world_turn(w);
		client_read(c);
	}
	ck_assert_int_gt(turns, 100);
	ck_assert_uint_eq(c->got.n, 1001);
	done(&w, &p, &c);
}
END_TEST

START_TEST(a_lot_goes_both_ways)
{
	struct world *w = world_open();
	struct str text = big_text(w);
	struct party *p;
	struct client *c;

	secure_pair(w, TLS13, &p, &c);
	client_write(c, text);
	turn_until(w, p->got.n == text.n);
	ck_assert(str_eq(buf_str(&p->got), text));
	ck_assert_uint_le(p->largest, (size_t)KIB(16));
	buf_append(transport_out(p->t), text);
	for (int i = 0; i < 50000 && c->got.n < text.n; i++) {
		world_turn(w);
		client_read(c);
	}
	ck_assert(str_eq(buf_str(&c->got), text));
	turn_until(w, p->drains == 1);
	done(&w, &p, &c);
}
END_TEST

START_TEST(what_waits_for_a_peer_that_does_not_read_stays_countable)
{
	struct world *w = world_open();
	struct str text = big_text(w);
	struct party *p;
	struct client *c;
	size_t before;

	secure_pair(w, TLS13, &p, &c);
	for (int i = 0; i < 8; i++) {
		buf_append(transport_out(p->t), text);
		world_turn(w);
	}
	before = transport_pending(p->t);
	ck_assert_uint_gt(before, text.n);
	party_say(p, "more");
	world_turn(w);
	ck_assert_uint_eq(transport_pending(p->t), before + 4);
	for (int i = 0; i < 200000 && c->got.n < 8 * text.n + 4; i++) {
		world_turn(w);
		client_read(c);
	}
	ck_assert_uint_eq(c->got.n, 8 * text.n + 4);
	ck_assert_str_is(str_make(c->got.p + 8 * text.n, 4), "more");
	turn_until(w, p->drains == 1);
	done(&w, &p, &c);
}
END_TEST

static void pause_after_each(struct party *p, struct str bytes)
{
	buf_append(&p->got, bytes);
	transport_pause(p->t);
}

START_TEST(pausing_holds_encrypted_bytes_back)
{
	struct world *w = world_open();
	struct str text = str_slice(big_text(w), 0, 200000);
	struct party *p;
	struct client *c;

	secure_pair(w, TLS13, &p, &c);
	p->on_data = pause_after_each;
	client_write(c, text);
	while (p->got.n < text.n) {
		int calls = p->calls;

		for (int i = 0; i < 5; i++)
			world_turn(w);
		ck_assert_int_le(p->calls, calls + 1);
		transport_resume(p->t);
	}
	ck_assert(str_eq(buf_str(&p->got), text));
	done(&w, &p, &c);
}
END_TEST

START_TEST(close_notify_ends_once_and_the_answer_still_arrives)
{
	struct world *w = world_open();
	struct party *p;
	struct client *c;

	secure_pair(w, TLS13, &p, &c);
	client_say(c, "last words");
	gnutls_bye(c->tls, GNUTLS_SHUT_WR);
	ck_assert_int_gt(send(c->fd, c->wire.p, c->wire.n, 0), 0);
	turn_until(w, p->ends == 1);
	ck_assert_int_eq(p->err, 0);
	ck_assert_str_is(buf_str(&p->got), "last words");
	party_say(p, "good bye");
	client_expect(c, "good bye");
	shutdown(c->fd, SHUT_WR);
	for (int i = 0; i < 5; i++)
		world_turn(w);
	ck_assert_int_eq(p->ends, 1);
	transport_close(&p->t, SECONDS(1));
	ck_assert(client_wait_end(c));
	ck_assert_int_eq(c->error, 0);
	done(&w, &p, &c);
}
END_TEST

START_TEST(an_end_of_file_without_close_notify_is_an_end_too)
{
	struct world *w = world_open();
	struct party *p;
	struct client *c;

	secure_pair(w, TLS13, &p, &c);
	shutdown(c->fd, SHUT_WR);
	turn_until(w, p->ends == 1);
	ck_assert_int_eq(p->err, 0);
	party_say(p, "still here");
	client_expect(c, "still here");
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

START_TEST(a_record_that_was_tampered_with_ends_the_session)
{
	struct world *w = world_open();
	struct party *p;
	struct client *c;

	secure_pair(w, TLS13, &p, &c);
	ck_assert_int_eq(gnutls_record_send(c->tls, "hello", 5), 5);
	c->wire.p[c->wire.n - 1] ^= 1;
	ck_assert_int_gt(send(c->fd, c->wire.p, c->wire.n, 0), 0);
	turn_until(w, p->ends == 1);
	ck_assert_int_eq(p->err, ERR_TLS);
	ck_assert_uint_eq(p->got.n, 0);
	ck_assert(client_wait_end(c));
	ck_assert_int_eq(c->alert, GNUTLS_A_BAD_RECORD_MAC);
	done(&w, &p, &c);
}
END_TEST

START_TEST(renegotiation_is_refused)
{
	struct world *w = world_open();
	struct party *p;
	struct client *c;

	secure_pair(w, TLS12, &p, &c);
	gnutls_handshake(c->tls);
	ck_assert_uint_gt(c->wire.n, 0);
	ck_assert_int_gt(send(c->fd, c->wire.p, c->wire.n, 0), 0);
	turn_until(w, p->ends == 1);
	ck_assert_int_eq(p->err, ERR_TLS);
	ck_assert_int_eq(p->secures, 1);
	done(&w, &p, &c);
}
END_TEST

START_TEST(a_key_update_goes_unnoticed)
{
	struct world *w = world_open();
	struct party *p;
	struct client *c;

	secure_pair(w, TLS13, &p, &c);
	ck_assert_int_eq(gnutls_session_key_update(c->tls, GNUTLS_KU_PEER), 0);
	client_say(c, "new key");
	turn_until(w, p->got.n == 7);
	party_say(p, "new key too");
	client_expect(c, "new key too");
	ck_assert_int_eq(p->ends, 0);
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
	/* Nothing for a while, and then it goes well. */
	ck_assert_int_eq(client_start_tls(c[last], &how), GNUTLS_E_AGAIN);
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

static void close_at_once(struct party *p, struct str bytes)
{
	party_say(p, "no more");
	transport_close(&p->t, SECONDS(5));
}

START_TEST(closing_inside_on_data_under_tls_is_the_last_call)
{
	struct world *w = world_open();
	struct party *p;
	struct client *c;

	secure_pair(w, TLS13, &p, &c);
	p->on_data = close_at_once;
	client_write(c, str_slice(big_text(w), 0, 50000));
	ck_assert(client_wait_end(c));
	ck_assert_int_eq(p->calls, 1);
	ck_assert_int_eq(p->ends, 0);
	ck_assert_str_is(buf_str(&c->got), "no more");
	ck_assert_int_eq(c->error, 0);
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

CHECK_MAIN("tls", bytes_go_both_ways_under_tls_1_3, bytes_go_both_ways_under_tls_1_2,
           older_versions_are_refused_with_an_alert, what_is_no_tls_gets_an_alert_and_an_end,
           starttls_answers_in_clear_and_goes_on_encrypted,
           clear_text_behind_starttls_is_never_delivered,
           clear_text_that_was_put_back_is_discarded_too, a_whole_session_survives_byte_by_byte,
           every_split_of_a_record_is_the_same, small_records_are_delivered_together,
           empty_records_are_no_end, who_writes_on_each_drain_does_not_stop_the_loop,
           a_lot_goes_both_ways, what_waits_for_a_peer_that_does_not_read_stays_countable,
           pausing_holds_encrypted_bytes_back,
           close_notify_ends_once_and_the_answer_still_arrives,
           an_end_of_file_without_close_notify_is_an_end_too,
           an_end_within_the_handshake_is_an_error,
           a_record_that_was_tampered_with_ends_the_session, renegotiation_is_refused,
           a_key_update_goes_unnoticed, a_session_is_resumed_from_its_ticket,
           handshakes_over_the_cap_wait_their_turn, those_that_stall_do_not_keep_others_out,
           a_flight_that_the_socket_does_not_take_leaves_later,
           closing_inside_on_secure_is_fine, closing_inside_on_data_under_tls_is_the_last_call,
           closing_before_the_handshake_sends_only_what_was_meant_in_clear)
