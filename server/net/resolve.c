/*
 * resolve.c - where the servers of a domain are: who is asked for, who waits, who is told.
 *
 *   resolve_start ──▶ waiting ──▶ going, QUERIES_MAX at most ──▶ over ──▶ told, freed
 *                                 resolve_query.c
 *
 * Queries begin, and callers are told, in on_soon alone, in the next turn of the loop: nothing that
 * a caller does is nested in anything of ours.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/net/resolve_impl.h"

#include "server/base/mem.h"

#include <stdlib.h>

#define QUERIES_MAX \
	256 /* each asks up to two questions for each of RESOLVE_TARGETS_MAX at once */

static void on_soon(uv_timer_t *soon);

static void wake_soon(struct resolver *r)
{
	if (!uv_is_active((uv_handle_t *)&r->soon))
		uv_timer_start(&r->soon, on_soon, 0, 0);
}

static void begin_next(struct resolver *r)
{
	struct resolve_query *q = TAILQ_FIRST(&r->waiting);

	TAILQ_REMOVE(&r->waiting, q, link);
	TAILQ_INSERT_TAIL(&r->going, q, link);
	r->n_going++;
	q->step = RESOLVE_SRV;
	resolve_query_begin(q);
}

/* The callee may cancel any, and free the resolver. */
static void tell_next(struct resolver *r)
{
	struct resolve_query *q = TAILQ_FIRST(&r->over);

	TAILQ_REMOVE(&r->over, q, link);
	q->step = RESOLVE_TOLD;
	q->done(q->arg, &q->answer);
	arena_free(&q->arena);
	free(q);
}

static void on_soon(uv_timer_t *soon)
{
	struct resolver *r = CONTAINER_OF(soon, struct resolver, soon);

	while (r->n_going < QUERIES_MAX && !TAILQ_EMPTY(&r->waiting))
		begin_next(r);
	while (!r->freed && !TAILQ_EMPTY(&r->over))
		tell_next(r);
}

static void leave_list(struct resolve_query *q)
{
	struct resolver *r = q->resolver;

	if (q->step == RESOLVE_WAITING) {
		TAILQ_REMOVE(&r->waiting, q, link);
	} else if (q->step == RESOLVE_OVER) {
		TAILQ_REMOVE(&r->over, q, link);
	} else {
		TAILQ_REMOVE(&r->going, q, link);
		r->n_going--;
		if (!TAILQ_EMPTY(&r->waiting))
			wake_soon(r);
	}
}

void resolver_take(struct resolve_query *q)
{
	leave_list(q);
	q->step = RESOLVE_OVER;
	TAILQ_INSERT_TAIL(&q->resolver->over, q, link);
	wake_soon(q->resolver);
}

static void on_due(struct shard *here, struct timer *timer)
{
	resolve_query_hurry(CONTAINER_OF(timer, struct resolve_query, timer));
}

static struct str without_last_dot(struct str domain)
{
	return str_ends_with(domain, STR(".")) ? str_slice(domain, 0, domain.n - 1) : domain;
}

struct resolve_query *resolve_start(struct resolver *r, struct str domain,
                                    resolve_done_fn *done, void *arg)
{
	struct resolve_query *q = MEM_NEW(struct resolve_query);

	ASSERT_HERE(r->here);
	q->resolver = r;
	q->arena = arena_new(1024);
	q->done = done;
	q->arg = arg;
	q->domain = arena_copy(q->arena, without_last_dot(domain));
	q->step = RESOLVE_WAITING;
	q->deadline = shard_now(r->here) + r->timeout_ms;
	timer_init(&q->timer, on_due);
	timer_start(r->here, &q->timer, r->timeout_ms);
	TAILQ_INSERT_TAIL(&r->waiting, q, link);
	wake_soon(r);
	return q;
}

void resolve_cancel(struct resolve_query **query)
{
	struct resolve_query *q = *query;

	*query = NULL;
	if (q == NULL || q->step == RESOLVE_TOLD)
		return;
	leave_list(q);
	resolve_query_free(q);
}

int resolver_check(const struct resolver_config *config)
{
	return dns_check(config);
}

struct resolver *resolver_new(struct shard *here, const struct resolver_config *config)
{
	struct resolver *r = MEM_NEW(struct resolver);

	r->here = here;
	r->dns = dns_new(here, config);
	r->timeout_ms = config->timeout_ms > 0 ? config->timeout_ms : RESOLVE_TIMEOUT_MS;
	TAILQ_INIT(&r->waiting);
	TAILQ_INIT(&r->going);
	TAILQ_INIT(&r->over);
	ASSERT(uv_timer_init(shard_loop(here), &r->soon) == 0);
	return r;
}

static void forget(struct resolve_list *list)
{
	struct resolve_query *q;

	while ((q = TAILQ_FIRST(list)) != NULL) {
		TAILQ_REMOVE(list, q, link);
		resolve_query_free(q);
	}
}

static void on_closed(uv_handle_t *handle)
{
	free(CONTAINER_OF((uv_timer_t *)handle, struct resolver, soon));
}

void resolver_free(struct resolver **resolver)
{
	struct resolver *r = *resolver;

	*resolver = NULL;
	if (r == NULL)
		return;
	ASSERT_HERE(r->here);
	forget(&r->waiting);
	forget(&r->going);
	forget(&r->over);
	dns_free(&r->dns);
	r->freed = true;
	uv_close((uv_handle_t *)&r->soon, on_closed);
}

/* ---- answers ---- */

struct resolve_tlsa resolve_tlsa_copy(struct arena *arena, const struct resolve_tlsa *tlsa)
{
	struct str *records = ARENA_ARRAY(arena, struct str, tlsa->n);

	for (size_t i = 0; i < tlsa->n; i++)
		records[i] = arena_copy(arena, tlsa->records[i]);
	return (struct resolve_tlsa){ .records = records, .n = tlsa->n };
}
