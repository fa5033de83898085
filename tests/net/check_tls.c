/*
 * check_tls.c - records of TLS sessions: in every fragmentation, their ends and bounds.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/lib/check_main.h"
#include "tests/net/world.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TLS12 "NORMAL:-VERS-ALL:+VERS-TLS1.2"
#define TLS13 "NORMAL:-VERS-ALL:+VERS-TLS1.3"

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
	struct str text = world_text(w);
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
	struct str text = world_text(w);
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
	struct str text = str_slice(world_text(w), 0, 200000);
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
	client_write(c, str_slice(world_text(w), 0, 50000));
	ck_assert(client_wait_end(c));
	ck_assert_int_eq(p->calls, 1);
	ck_assert_int_eq(p->ends, 0);
	ck_assert_str_is(buf_str(&c->got), "no more");
	ck_assert_int_eq(c->error, 0);
	done(&w, &p, &c);
}
END_TEST

CHECK_MAIN("tls", bytes_go_both_ways_under_tls_1_3, bytes_go_both_ways_under_tls_1_2,
           a_whole_session_survives_byte_by_byte, every_split_of_a_record_is_the_same,
           small_records_are_delivered_together, empty_records_are_no_end,
           who_writes_on_each_drain_does_not_stop_the_loop, a_lot_goes_both_ways,
           what_waits_for_a_peer_that_does_not_read_stays_countable,
           pausing_holds_encrypted_bytes_back,
           close_notify_ends_once_and_the_answer_still_arrives,
           an_end_of_file_without_close_notify_is_an_end_too,
           a_record_that_was_tampered_with_ends_the_session, renegotiation_is_refused,
           a_key_update_goes_unnoticed, closing_inside_on_data_under_tls_is_the_last_call)
