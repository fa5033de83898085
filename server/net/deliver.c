/*
 * deliver.c - the peer's bytes on their way to the owner.
 *
 * While a transport is being read, net->raw is what is left of the bytes at hand: the
 * handshake, the TLS session and the clear path consume it, and whatever is left when the owner
 * pauses is held.  What the owner put back (in clear) is older than raw bytes and goes first.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/net/transport_impl.h"

#include "server/base/mem.h"

#include <stdlib.h>
#include <string.h>

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static struct held *held_of(struct transport *t)
{
	if (t->held == NULL)
		t->held = MEM_NEW(struct held);
	return t->held;
}

void deliver_drop_held(struct transport *t)
{
	if (t->net->reading == t)
		t->net->raw = STR_NONE;
	if (t->held == NULL)
		return;
	buf_deinit(&t->held->plain);
	buf_deinit(&t->held->raw);
	free(t->held);
	t->held = NULL;
}

static void free_empty_held(struct transport *t)
{
	if (t->held != NULL && t->held->plain.n == 0 && t->held->raw.n == 0)
		deliver_drop_held(t);
}

void deliver_hold_rest(struct transport *t)
{
	if (t->net->reading != t || t->net->raw.n == 0)
		return;
	buf_append(&held_of(t)->raw, t->net->raw);
	t->net->raw = STR_NONE;
}

void deliver_put_back(struct transport *t, struct str bytes)
{
	struct held *held;
	struct buf b = { 0 };

	if (bytes.n == 0)
		return;
	held = held_of(t);
	buf_reserve(&b, bytes.n + held->plain.n);
	buf_append(&b, bytes);
	buf_append(&b, buf_str(&held->plain));
	buf_deinit(&held->plain);
	held->plain = b;
}

bool deliver_has_bytes(const struct transport *t)
{
	if (t->end_due || t->held != NULL)
		return true;
	return t->state == SECURE && gnutls_record_check_pending(t->session) > 0;
}

static void give_clear(struct transport *t)
{
	struct net *net = t->net;

	while (t->state == CLEAR && transport_wants(t) && net->raw.n > 0) {
		struct str bytes = str_slice(net->raw, 0, DELIVER_MAX);

		net->raw = str_slice(net->raw, bytes.n, net->raw.n);
		t->ops->on_data(t->owner, bytes);
	}
}

void deliver(struct transport *t, struct str raw)
{
	struct net *net = t->net;

	ASSERT(net->reading == NULL);
	net->reading = t;
	net->raw = raw;
	if (t->state == HANDSHAKE && transport_wants(t))
		handshake_step(t);
	if (t->state == SECURE)
		tls_session_read(t);
	else
		give_clear(t);
	if (t->state <= SECURE && !t->ended)
		deliver_hold_rest(t);
	net->reading = NULL;
	net->raw = STR_NONE;
}

/* What the owner put back, again. */
static void give_put_back(struct transport *t)
{
	while (transport_wants(t) && t->held != NULL && t->held->plain.n > 0) {
		struct buf *plain = &t->held->plain;
		size_t n = least(plain->n, DELIVER_MAX);

		/* Out of the way first: the owner may put some of it back, pack or start TLS. */
		memcpy(t->net->plain, plain->p, n);
		buf_consume(plain, n);
		t->ops->on_data(t->owner, str_make(t->net->plain, n));
	}
}

/* What was held when the owner paused, or came in a parcel. */
static void give_held_raw(struct transport *t)
{
	struct buf raw = { 0 };

	if (t->held != NULL) {
		raw = t->held->raw;
		t->held->raw = (struct buf){ 0 };
		free_empty_held(t);
	}
	deliver(t, buf_str(&raw));
	buf_deinit(&raw);
}

/* The peer had ended before the move: the last bytes, then the end. */
static void give_end(struct transport *t)
{
	t->end_due = false;
	give_put_back(t);
	if (transport_wants(t) && deliver_has_bytes(t))
		give_held_raw(t);
	transport_tell_end(t, t->state == BROKEN ? ERR_CLOSED : 0);
}

bool deliver_visit(struct transport *t)
{
	deliver_forget(t);
	if (t->end_due) {
		give_end(t);
		return false;
	}
	give_put_back(t);
	if (transport_wants(t) && deliver_has_bytes(t))
		give_held_raw(t);
	if (t->state > SECURE)
		return false;
	free_empty_held(t);
	return transport_wants(t);
}

static void on_visit(struct shard *here, struct shard_msg *msg)
{
	struct visit *visit = CONTAINER_OF(msg, struct visit, msg);
	struct transport *t = visit->t;

	if (t != NULL) {
		deliver_visit(t);
		if (t->state < GONE)
			socket_watch(t);
	}
	free(visit);
}

/* A visit under way cannot be called back: let it find nothing, and free itself. */
void deliver_forget(struct transport *t)
{
	if (t->visit != NULL)
		t->visit->t = NULL;
	t->visit = NULL;
}

void deliver_later(struct transport *t)
{
	struct shard *here = t->net->shard;

	if (t->visit != NULL)
		return;
	t->visit = MEM_NEW(struct visit);
	t->visit->msg.run = on_visit;
	t->visit->t = t;
	shard_post(here, here, &t->visit->msg);
}
