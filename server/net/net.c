/*
 * net.c - what one shard keeps for all its transports: lists, buffers, the timer.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/net/transport_impl.h"

#include "server/base/mem.h"

#include <stdlib.h>

#define TICK_MS 100 /* how exactly SLOT_MS and lingering are kept */

static void on_tick(struct shard *here, struct timer *timer)
{
	struct net *net = CONTAINER_OF(timer, struct net, timer);

	handshake_tick(net, shard_now(here));
	farewell_tick(net, shard_now(here));
	net_timer_start(net);
}

void net_timer_start(struct net *net)
{
	if (timer_is_running(&net->timer))
		return;
	if (!TAILQ_EMPTY(&net->queued) || !TAILQ_EMPTY(&net->farewells))
		timer_start(net->shard, &net->timer, TICK_MS);
}

/* No transport is left: their handles would have kept the loop. */
static void on_free(struct shard_turn *turn)
{
	struct net *net = CONTAINER_OF(turn, struct net, turn);

	for (size_t i = 0; i < net->n_stock; i++)
		buf_deinit(&net->stock[i]);
	buf_deinit(&net->flight);
	free(net);
}

struct net *net_of(struct shard *here)
{
	struct net *net = shard_get(here, SHARD_SLOT_NET);

	if (net != NULL)
		return net;
	net = mem_alloc(sizeof(*net)); /* its large buffers need no clearing */
	net->shard = here;
	net->slots = 0;
	net->reading = NULL;
	net->raw = STR_NONE;
	net->n_stock = net->stock_bytes = 0;
	net->n_dirty = 0;
	net->flight = (struct buf){ 0 };
	TAILQ_INIT(&net->dirty);
	TAILQ_INIT(&net->queued);
	TAILQ_INIT(&net->handshakes);
	TAILQ_INIT(&net->farewells);
	timer_init(&net->timer, on_tick);
	net->turn = (struct shard_turn){ .on_turn = flush_turn, .on_free = on_free };
	shard_set(here, SHARD_SLOT_NET, net);
	shard_turn_add(here, &net->turn);
	return net;
}

/* Take B's memory into the stock, where the next writer finds it warm. */
void net_stock_put(struct net *net, struct buf *b)
{
	if (b->p == NULL)
		return;
	if (net->n_stock == STOCK_MAX || b->cap > STOCK_CAP_MAX ||
	    b->cap > STOCK_BYTES - net->stock_bytes) {
		buf_deinit(b);
		return;
	}
	buf_clear(b);
	net->stock[net->n_stock++] = *b;
	net->stock_bytes += b->cap;
	*b = (struct buf){ 0 };
}

struct buf net_stock_take(struct net *net)
{
	struct buf b = { 0 };

	if (net->n_stock > 0)
		b = net->stock[--net->n_stock];
	net->stock_bytes -= b.cap;
	return b;
}
