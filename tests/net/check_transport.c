/*
 * check_transport.c - transports without TLS: order, bounds, ends, and what owners do inside
 * callbacks.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/lib/check_main.h"
#include "tests/net/world.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

START_TEST(bytes_go_both_ways)
{
	struct world *w = world_open();
	struct party *p;
	struct client *c;

	pair_open(w, &p, &c);
	client_say(c, "hello");
	turn_until(w, p->got.n == 5);
	ck_assert_str_is(buf_str(&p->got), "hello");
	party_say(p, "wel");
	party_say(p, "come");
	ck_assert_uint_eq(transport_pending(p->t), 7);
	client_expect(c, "welcome");
	ck_assert_uint_eq(transport_pending(p->t), 0);
	ck_assert_int_eq(p->drains, 0);
	ck_assert_str_is(transport_address(p->t), "local");
	ck_assert(!transport_is_secure(p->t));
	party_close(&p);
	ck_assert(client_wait_end(c));
	client_close(&c);
	world_close(&w);
}
END_TEST

START_TEST(a_tcp_peer_has_an_address)
{
	struct world *w = world_open();
	struct party *p;
	struct client *c;

	tcp_pair_open(w, &p, &c);
	ck_assert_str_is(transport_address(p->t), "127.0.0.1");
	ck_assert_str_is(transport_address_block(p->t, w->arena), "127.0.0.1");
	party_close(&p);
	client_close(&c);
	world_close(&w);
}
END_TEST

START_TEST(data_comes_in_pieces_of_at_most_16_kib)
{
	struct world *w = world_open();
	struct str text = world_text(w);
	struct party *p;
	struct client *c;

	pair_open(w, &p, &c);
	client_write(c, text);
	turn_until(w, p->got.n == text.n);
	ck_assert(str_eq(buf_str(&p->got), text));
	ck_assert_uint_le(p->largest, (size_t)KIB(16));
	party_close(&p);
	client_close(&c);
	world_close(&w);
}
END_TEST

START_TEST(a_slow_reader_gets_all_and_then_the_owner_is_told)
{
	struct world *w = world_open();
	struct str text = world_text(w);
	struct party *p;
	struct client *c;

	pair_open(w, &p, &c);
	buf_append(transport_out(p->t), text);
	for (int i = 0; i < 10; i++)
		world_turn(w);
	ck_assert_uint_gt(transport_pending(p->t), 0);
	ck_assert_int_eq(p->drains, 0);
	for (int i = 0; i < 50000 && c->got.n < text.n; i++) {
		world_turn(w);
		client_read(c);
	}
	ck_assert(str_eq(buf_str(&c->got), text));
	turn_until(w, p->drains == 1);
	ck_assert_uint_eq(transport_pending(p->t), 0);
	world_turn(w);
	ck_assert_int_eq(p->drains, 1);
	party_close(&p);
	client_close(&c);
	world_close(&w);
}
END_TEST

START_TEST(a_paused_transport_reads_nothing_and_holds_little)
{
	struct world *w = world_open();
	struct party *p;
	struct client *c;
	char bytes[4096];
	size_t sent = 0;
	ssize_t n;

	memset(bytes, 'x', sizeof(bytes));
	pair_open(w, &p, &c);
	transport_pause(p->t);
	for (int i = 0; i < 1000; i++) {
		n = send(c->fd, bytes, sizeof(bytes), MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0)
			sent += (size_t)n;
		world_turn(w);
	}
	ck_assert_uint_lt(sent, (size_t)KIB(1024)); /* the socket's buffers, not ours */
	ck_assert_int_eq(p->calls, 0);
	transport_resume(p->t);
	turn_until(w, p->got.n == sent);
	party_close(&p);
	client_close(&c);
	world_close(&w);
}
END_TEST

static void pause_after_each(struct party *p, struct str bytes)
{
	buf_append(&p->got, bytes);
	transport_pause(p->t);
}

START_TEST(pausing_inside_on_data_holds_the_rest_back)
{
	struct world *w = world_open();
	struct str text = str_slice(world_text(w), 0, 100000);
	struct party *p;
	struct client *c;

	pair_open(w, &p, &c);
	p->on_data = pause_after_each;
	client_write(c, text);
	while (p->got.n < text.n) {
		int calls = p->calls;

		for (int i = 0; i < 5; i++)
			world_turn(w);
		ck_assert_int_le(p->calls, calls + 1);
		transport_resume(p->t);
		transport_pause(p->t);
		transport_resume(p->t);
	}
	ck_assert(str_eq(buf_str(&p->got), text));
	party_close(&p);
	client_close(&c);
	world_close(&w);
}
END_TEST

/* Takes one byte, puts the rest back. */
static void nibble(struct party *p, struct str bytes)
{
	buf_append(&p->got, str_slice(bytes, 0, 1));
	transport_unread(p->t, str_slice(bytes, 1, bytes.n));
}

START_TEST(what_is_put_back_comes_again_before_anything_newer)
{
	struct world *w = world_open();
	struct party *p;
	struct client *c;

	pair_open(w, &p, &c);
	p->on_data = nibble;
	client_say(c, "abcdef");
	turn_until(w, p->calls == 1);
	client_say(c, "ghij");
	for (int i = 0; i < 5; i++)
		world_turn(w);
	ck_assert_int_eq(p->calls, 1);
	for (int i = 0; i < 50 && p->got.n < 10; i++) {
		transport_resume(p->t);
		world_turn(w);
	}
	ck_assert_str_is(buf_str(&p->got), "abcdefghij");
	party_close(&p);
	client_close(&c);
	world_close(&w);
}
END_TEST

START_TEST(a_peer_that_ends_its_direction_still_hears_the_answer)
{
	struct world *w = world_open();
	struct party *p;
	struct client *c;

	tcp_pair_open(w, &p, &c);
	client_say(c, "bye");
	shutdown(c->fd, SHUT_WR);
	turn_until(w, p->ends == 1);
	ck_assert_int_eq(p->err, 0);
	ck_assert_str_is(buf_str(&p->got), "bye");
	party_say(p, "good bye");
	client_expect(c, "good bye");
	transport_close(&p->t, SECONDS(1));
	ck_assert(client_wait_end(c));
	ck_assert_int_eq(p->ends, 1);
	party_close(&p);
	client_close(&c);
	world_close(&w);
}
END_TEST

START_TEST(a_reset_ends_once_and_after_the_last_bytes)
{
	const struct linger hard = { .l_onoff = 1, .l_linger = 0 };
	struct world *w = world_open();
	struct party *p;
	struct client *c;

	tcp_pair_open(w, &p, &c);
	client_say(c, "last words");
	ck_assert_int_eq(setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)), 0);
	close(c->fd);
	c->fd = -1;
	party_say(p, "nobody hears this");
	turn_until(w, p->ends == 1);
	ck_assert_int_eq(p->err, -ECONNRESET);
	ck_assert_str_is(buf_str(&p->got), "last words");
	party_say(p, "nor this");
	for (int i = 0; i < 5; i++)
		world_turn(w);
	ck_assert_uint_eq(transport_pending(p->t), 0);
	ck_assert_int_eq(p->ends, 1);
	party_close(&p);
	client_close(&c);
	world_close(&w);
}
END_TEST

START_TEST(a_reset_is_noticed_while_writing_to_a_paused_peer)
{
	const struct linger hard = { .l_onoff = 1, .l_linger = 0 };
	struct world *w = world_open();
	struct party *p;
	struct client *c;

	tcp_pair_open(w, &p, &c);
	world_turn(w);
	transport_pause(p->t);
	buf_append(transport_out(p->t), world_text(w));
	for (int i = 0; i < 5; i++) {
		buf_append(transport_out(p->t), world_text(w));
		world_turn(w);
	}
	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(c->fd);
	c->fd = -1;
	turn_until(w, p->ends == 1);
	ck_assert_int_lt(p->err, 0);
	party_close(&p);
	client_close(&c);
	world_close(&w);
}
END_TEST

static void close_at_once(struct party *p, struct str bytes)
{
	transport_close(&p->t, 0);
}

START_TEST(closing_inside_on_data_is_the_last_call)
{
	struct world *w = world_open();
	struct party *p;
	struct client *c;

	pair_open(w, &p, &c);
	p->on_data = close_at_once;
	client_write(c, str_slice(world_text(w), 0, 50000));
	turn_until(w, p->calls == 1);
	for (int i = 0; i < 10; i++)
		world_turn(w);
	ck_assert_int_eq(p->calls, 1);
	ck_assert_int_eq(p->ends, 0);
	client_read(c);
	ck_assert(c->ended);
	party_close(&p);
	client_close(&c);
	world_close(&w);
}
END_TEST

static void close_on_end(struct party *p)
{
	transport_close(&p->t, 0);
}

START_TEST(closing_inside_on_end_and_on_drain_is_fine)
{
	struct world *w = world_open();
	struct party *p;
	struct party *q;
	struct client *c;
	struct client *d;

	pair_open(w, &p, &c);
	pair_open(w, &q, &d);
	p->on_end = close_on_end;
	q->on_drain = close_on_end;
	client_close(&c);
	turn_until(w, p->t == NULL);
	ck_assert_int_eq(p->ends, 1);
	buf_append(transport_out(q->t), world_text(w));
	for (int i = 0; i < 50000 && q->t != NULL; i++) {
		world_turn(w);
		client_read(d);
	}
	client_read(d);
	ck_assert_uint_eq(d->got.n, WORLD_TEXT_SIZE);
	ck_assert_ptr_null(q->t);
	party_close(&p);
	party_close(&q);
	client_close(&d);
	world_close(&w);
}
END_TEST

START_TEST(a_farewell_lingers_until_all_is_read)
{
	struct world *w = world_open();
	struct str text = world_text(w);
	struct party *p;
	struct client *c;

	tcp_pair_open(w, &p, &c);
	buf_append(transport_out(p->t), text);
	transport_close(&p->t, SECONDS(20));
	client_say(c, "this goes unheard"); /* and must not reset the connection */
	ck_assert(client_wait_end(c));
	ck_assert(str_eq(buf_str(&c->got), text));
	ck_assert_int_eq(p->calls, 0);
	party_close(&p);
	client_close(&c);
	world_close(&w);
}
END_TEST

START_TEST(a_farewell_to_one_that_does_not_read_ends_in_time)
{
	struct world *w = world_open();
	struct party *p;
	struct client *c;

	pair_open(w, &p, &c);
	buf_append(transport_out(p->t), world_text(w));
	transport_close(&p->t, 200);
	/* Waits until no handle is left, which the farewell would keep for ever. */
	shard_run_here(w->shard, SECONDS(30));
	client_read(c);
	ck_assert_uint_lt(c->got.n, WORLD_TEXT_SIZE);
	ck_assert(client_wait_end(c));
	party_close(&p);
	client_close(&c);
	world_close(&w);
}
END_TEST

START_TEST(a_farewell_to_one_that_never_stops_talking_is_cut)
{
	struct world *w = world_open();
	struct party *p;
	struct client *c;
	char bytes[8192];
	ssize_t n = 0;

	memset(bytes, 'x', sizeof(bytes));
	pair_open(w, &p, &c);
	transport_close(&p->t, SECONDS(60));
	for (int i = 0; i < 10000 && (n >= 0 || errno == EAGAIN); i++) {
		n = send(c->fd, bytes, sizeof(bytes), MSG_DONTWAIT | MSG_NOSIGNAL);
		world_turn(w);
	}
	ck_assert_int_lt(n, 0);
	party_close(&p);
	client_close(&c);
	world_close(&w);
}
END_TEST

CHECK_MAIN("transport", bytes_go_both_ways, a_tcp_peer_has_an_address,
           data_comes_in_pieces_of_at_most_16_kib,
           a_slow_reader_gets_all_and_then_the_owner_is_told,
           a_paused_transport_reads_nothing_and_holds_little,
           pausing_inside_on_data_holds_the_rest_back,
           what_is_put_back_comes_again_before_anything_newer,
           a_peer_that_ends_its_direction_still_hears_the_answer,
           a_reset_ends_once_and_after_the_last_bytes,
           a_reset_is_noticed_while_writing_to_a_paused_peer,
           closing_inside_on_data_is_the_last_call, closing_inside_on_end_and_on_drain_is_fine,
           a_farewell_lingers_until_all_is_read,
           a_farewell_to_one_that_does_not_read_ends_in_time,
           a_farewell_to_one_that_never_stops_talking_is_cut)
