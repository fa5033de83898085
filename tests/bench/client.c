/*
 * client.c - one client: its connection, its login, and the messages that it sends and gets.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/bench/client.h"
#include "tests/bench/caps.h"
#include "tests/bench/login.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REASON_MAX 512
#define EXCERPT 300 /* bytes of a surprising stanza that the reason shows */
#define STATUS "up on the chimney, looking for shiny things"
#define FILLER "Everybody in the house was asleep when the jackdaws began to talk. "

static struct client *client_of(struct link *l)
{
	return (struct client *)l;
}

void client_fail(struct client *c, const char *fmt, ...)
{
	char why[REASON_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	c->events->on_failed(c, why);
	link_close(&c->link);
}

static void write_number(char *p, uint32_t number)
{
	for (int i = CLIENT_NUMBER_SIZE - 1; i >= 0; i--) {
		p[i] = (char)('0' + number % 10);
		number /= 10;
	}
}

/* Returns false when these are not all digits. */
static bool read_number(const char *p, uint32_t *out)
{
	uint32_t v = 0;

	for (int i = 0; i < CLIENT_NUMBER_SIZE; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		v = v * 10 + (uint32_t)(p[i] - '0');
	}
	*out = v;
	return true;
}

static void refuse(struct client *c, const char *what, struct piece got)
{
	client_fail(c, "%s: %.*s", what, (int)(got.n < EXCERPT ? got.n : EXCERPT), got.p);
}

void client_queue_stanza(struct client *c, const char *p, size_t n)
{
	c->sm.sent++;
	link_queue(&c->link, p, n);
}

static void take_bodiless(struct client *c, struct piece got)
{
	if (piece_has(got, "<subject"))
		c->events->on_subject(c);
}

static void take_message(struct client *c, struct piece got)
{
	struct piece body = piece_text_of(got, "<body");
	uint32_t number;

	if (piece_has(got, "<error"))
		refuse(c, "a message came back", got);
	else if (!piece_has(got, "<body"))
		take_bodiless(c, got);
	else if (body.n < CLIENT_NUMBER_SIZE || !read_number(body.p, &number))
		refuse(c, "a message without a number", got);
	else
		c->events->on_message(c, number);
}

static void take_request(struct client *c, struct piece got)
{
	struct buf b = { 0 };

	caps_answer(got, &b);
	if (b.n > 0)
		client_queue_stanza(c, b.p, b.n);
	buf_deinit(&b);
}

static void answer_ask(struct client *c)
{
	struct buf b = { 0 };

	sm_answer(&c->sm, &b);
	link_queue(&c->link, b.p, b.n);
	buf_deinit(&b);
}

/* Returns true when GOT is not a stanza and is done with. */
static bool take_sm(struct client *c, struct piece got)
{
	switch (sm_take(&c->sm, got)) {
	case SM_ASKED:
		answer_ask(c);
		return true;
	case SM_ACKED:
		c->events->on_ack(c);
		return true;
	case SM_BAD_ACK:
		refuse(c, "a count that cannot be", got);
		return true;
	case SM_STANZA:
	case SM_OTHER:
		break;
	}
	return false;
}

static void on_stanza(void *ctx, const char *stanza, size_t n)
{
	struct piece got = { stanza, n };
	struct client *c = ctx;

	if (c->link.state == LINK_CLOSED)
		return;
	if (stanza == NULL) {
		client_fail(c, "the server closed the stream");
		return;
	}
	if (c->sm.is_on && take_sm(c, got))
		return;
	if (c->step == CLIENT_READY && piece_starts(got, "<message")) {
		take_message(c, got);
		return;
	}
	if (piece_starts(got, "<presence"))
		c->events->on_presence(c, got);
	else if (piece_starts(got, "<iq"))
		take_request(c, got);
	if (c->step < CLIENT_READY || piece_starts(got, "<stream:error"))
		login_take(c, got);
}

static void take_frame(struct client *c, const char *p)
{
	uint32_t number;

	if (read_number(p, &number))
		c->events->on_message(c, number);
	else
		client_fail(c, "a frame without a number");
}

/* The relay keeps no borders between frames; they are all as long as our own. */
static void take_frames(struct client *c, const char *p, size_t n)
{
	size_t size = c->message.n;

	if (c->frame.n > 0) {
		size_t missing = size - c->frame.n;
		size_t part = n < missing ? n : missing;

		buf_add(&c->frame, p, part);
		p += part;
		n -= part;
		if (c->frame.n < size)
			return;
		c->frame.n = 0;
		take_frame(c, c->frame.p);
	}
	for (; n >= size; n -= size, p += size)
		take_frame(c, p);
	buf_add(&c->frame, p, n);
}

static void on_data(struct link *l, const char *p, size_t n)
{
	struct client *c = client_of(l);

	if (c->options->protocol == PROTOCOL_RAW)
		take_frames(c, p, n);
	else if (scan_feed(&c->scan, p, n, on_stanza, c) < 0)
		client_fail(c, "the server sent something that is not XMPP");
	c->events->on_read_done(c);
}

static void on_open(struct link *l)
{
	struct client *c = client_of(l);

	if (c->options->direct_tls)
		link_start_tls(l);
	else
		login_open_stream(c);
}

/* The relay puts those together that greet it with the same number. */
static void greet_relay(struct client *c)
{
	bool rooms = c->options->mode == MODE_ROOMS;
	char hello[CLIENT_NUMBER_SIZE];

	write_number(hello, rooms ? options_room_of(c->options, c->index) : c->index / 2);
	link_queue(&c->link, hello, sizeof(hello));
	c->step = CLIENT_READY;
	c->events->on_ready(c);
}

static void on_secure(struct link *l)
{
	struct client *c = client_of(l);

	if (c->options->protocol == PROTOCOL_RAW) {
		greet_relay(c);
	} else if (c->options->until == UNTIL_SECURE && c->purpose == CLIENT_LOG_IN) {
		c->step = CLIENT_READY;
		c->events->on_ready(c);
	} else {
		login_open_stream(c);
	}
}

static void on_lost(struct link *l, const char *why)
{
	struct client *c = client_of(l);

	c->events->on_failed(c, why != NULL ? why : "the server closed the connection");
}

static const struct link_events link_events = {
	.on_open = on_open,
	.on_secure = on_secure,
	.on_data = on_data,
	.on_lost = on_lost,
};

int client_start(struct client *c, struct net *net, const struct sockaddr *to,
                 const struct sockaddr *from)
{
	c->step = CLIENT_CONNECTING;
	return link_connect(&c->link, net, &link_events, to, from);
}

void client_stop(struct client *c)
{
	static const char end[] = "</stream:stream>";

	if (c->options->protocol == PROTOCOL_XMPP && c->options->until != UNTIL_SECURE &&
	    c->link.state == LINK_SECURE)
		link_queue(&c->link, end, sizeof(end) - 1);
	link_close(&c->link);
}

void client_deinit(struct client *c)
{
	scan_deinit(&c->scan);
	scram_free(c->scram);
	free(c->jid);
	sm_deinit(&c->sm);
	buf_deinit(&c->message);
	buf_deinit(&c->frame);
}

/* A body of so many bytes, led by the place for the number. */
static void add_body(struct buf *b, size_t n)
{
	size_t end = b->n + n;

	buf_add_text(b, "00000000");
	while (b->n < end)
		buf_add_text(b, FILLER);
	b->n = end;
}

static void address(struct client *c, const char *type, const char *jid)
{
	struct buf *m = &c->message;

	m->n = 0;
	buf_addf(m, "<message type='%s' id='", type);
	c->id_at = m->n;
	buf_addf(m, "00000000' to='%s'><body>", jid);
	c->number_at = m->n;
	add_body(m, c->options->body);
	buf_add_text(m, "</body></message>");
	if (c->options->protocol == PROTOCOL_RAW)
		c->number_at = c->id_at = 0; /* the number leads it; the length is the same */
	/* Messages are equally long: a record for each, as when a client sends one by one. */
	if (!c->options->join)
		c->link.record_size = m->n;
	/* A client that always asks does it in the same breath. */
	if (!c->options->join && c->options->sm && c->options->ack_every == 1)
		c->link.record_size += sizeof(SM_REQUEST) - 1;
}

void client_address(struct client *c, const struct client *peer)
{
	client_address_jid(c,
	                   peer->jid != NULL ? peer->jid : "u1000@localhost/" CLIENT_RESOURCE);
}

void client_address_jid(struct client *c, const char *jid)
{
	address(c, "chat", jid);
}

void client_address_room(struct client *c, const char *jid)
{
	address(c, "groupchat", jid);
}

void client_send(struct client *c, uint32_t number)
{
	write_number(c->message.p + c->id_at, number);
	write_number(c->message.p + c->number_at, number);
	client_queue_stanza(c, c->message.p, c->message.n);
}

void client_ask(struct client *c)
{
	link_queue(&c->link, SM_REQUEST, sizeof(SM_REQUEST) - 1);
}

void client_send_presence(struct client *c, uint32_t number)
{
	char digits[CLIENT_NUMBER_SIZE];
	struct buf b = { 0 };

	write_number(digits, number);
	buf_addf(&b, "<presence>%s<status>%.*s %s</status>" CAPS_ELEMENT "</presence>",
	         number % 2 != 0 ? "<show>away</show>" : "", CLIENT_NUMBER_SIZE, digits,
	         STATUS);
	client_queue_stanza(c, b.p, b.n);
	buf_deinit(&b);
}

bool client_presence_number(struct piece presence, uint32_t *out)
{
	struct piece status = piece_text_of(presence, "<status");

	return status.n >= CLIENT_NUMBER_SIZE && read_number(status.p, out);
}
