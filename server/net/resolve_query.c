/*
 * resolve_query.c - one domain: from SRV over addresses to TLSA.
 *
 *   SRV         _xmpps-server._tcp.DOMAIN   _xmpp-server._tcp.DOMAIN
 *                  │ in order; without any: DOMAIN itself
 *   ADDRESSES   A TARGET  AAAA TARGET       for each
 *                  │ those that have none, or forged ones, are dropped
 *   TLSA        _PORT._tcp.TARGET           for each that DNSSEC has vouched for up to here
 *                  │ those whose certificates cannot be known are dropped (RFC 7673 §3)
 *   answer
 *
 * All questions of a step go out together.  A step that has not all its answers after a third of
 * the time goes on with those that it has.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/net/resolve_impl.h"

#include "server/base/err.h"
#include "server/base/rand.h"

#include <stdlib.h>
#include <string.h>

#define STEPS 3 /* with questions */

static const struct dns_answer unanswered = { .status = DNS_FAILED };

static void finish(struct resolve_query *q, enum resolve_result result)
{
	for (size_t i = 0; i < q->n_inquiries; i++)
		dns_cancel(q->resolver->dns, &q->inquiries[i].question);
	q->n_open = 0;
	timer_stop(q->resolver->here, &q->timer);
	q->answer.result = result;
	resolver_take(q);
}

/* ---- questions ---- */

static void take(struct resolve_query *q, size_t index, const struct dns_answer *answer);
static void step_end(struct resolve_query *q);

static void on_answer(void *arg, const struct dns_answer *answer)
{
	struct inquiry *inquiry = arg;
	struct resolve_query *q = inquiry->query;

	q->n_open--;
	take(q, inquiry->index, answer);
	if (q->step != RESOLVE_OVER && q->n_open == 0)
		step_end(q);
}

/* The questions of a step will be N. */
static void step_begin(struct resolve_query *q, enum resolve_step step, size_t n)
{
	struct resolver *r = q->resolver;
	int64_t left_ms = q->deadline - shard_now(r->here);
	int64_t share_ms = r->timeout_ms / STEPS;

	q->step = step;
	q->inquiries = ARENA_ARRAY(q->arena, struct inquiry, n);
	q->n_inquiries = n;
	timer_start(r->here, &q->timer, left_ms < share_ms ? left_ms : share_ms);
}

static void ask(struct resolve_query *q, size_t index, struct str name, enum dns_type type)
{
	struct inquiry *inquiry = &q->inquiries[index];

	inquiry->query = q;
	inquiry->index = index;
	inquiry->question.on_answer = on_answer;
	inquiry->question.arg = inquiry;
	if (dns_ask(q->resolver->dns, &inquiry->question, arena_cstr(q->arena, name), type) ==
	    0)
		q->n_open++;
	else
		take(q, index, &unanswered);
}

/* All are out; if none had to be, or none could be, this was it. */
static void step_wait(struct resolve_query *q)
{
	if (q->n_open == 0)
		step_end(q);
}

/* ---- SRV ---- */

static void begin_srv(struct resolve_query *q)
{
	q->srvs = ARENA_ARRAY(q->arena, struct srv, 2 * RESOLVE_SRV_MAX);
	step_begin(q, RESOLVE_SRV, 2);
	ask(q, 0, arena_concat(q->arena, STR("_xmpps-server._tcp."), q->domain), DNS_SRV);
	ask(q, 1, arena_concat(q->arena, STR("_xmpp-server._tcp."), q->domain), DNS_SRV);
	step_wait(q);
}

static void add_srvs(struct resolve_query *q, bool direct_tls, const struct dns_answer *a)
{
	size_t before = q->n_srvs;

	for (size_t i = 0; i < a->n && i < RESOLVE_SRV_MAX; i++) {
		struct srv *srv = &q->srvs[q->n_srvs];

		/* "." among others is not what RFC 2782 means by it, and leads nowhere either. */
		if (srv_read(q->arena, dns_record(a, i), srv) < 0 || srv->target.n == 0)
			continue;
		srv->direct_tls = direct_tls;
		srv->secure = a->secure;
		q->n_srvs++;
	}
	if (q->n_srvs == before)
		q->nowhere = true;
}

static void take_srv(struct resolve_query *q, size_t index, const struct dns_answer *a)
{
	if (a->status == DNS_DATA)
		add_srvs(q, index == 0, a);
	else if (a->status == DNS_FAILED)
		q->unknown = true;
	else if (a->status == DNS_FORGED)
		finish(q, RESOLVE_FAILED);
}

static uint64_t draw(void *arg)
{
	return rand_u64();
}

static void candidates_from_srv(struct resolve_query *q)
{
	srv_order(q->srvs, q->n_srvs, draw, NULL);
	q->n_candidates = q->n_srvs < RESOLVE_TARGETS_MAX ? q->n_srvs : RESOLVE_TARGETS_MAX;
	q->candidates = ARENA_ARRAY(q->arena, struct candidate, q->n_candidates);
	for (size_t i = 0; i < q->n_candidates; i++) {
		q->candidates[i].srv = q->srvs[i];
		q->candidates[i].insecure = !q->srvs[i].secure;
	}
}

/*
 * RFC 6120 §3.2.2.  That there is no SRV record need not be proved: the name to be found in the
 * certificate is the domain's in any case.
 */
static void candidate_from_domain(struct resolve_query *q)
{
	q->candidates = ARENA_NEW(q->arena, struct candidate);
	q->candidates[0].srv.target = q->domain;
	q->candidates[0].srv.port = RESOLVE_PORT;
	q->n_candidates = 1;
}

/* ---- addresses ---- */

static void begin_addresses(struct resolve_query *q)
{
	step_begin(q, RESOLVE_ADDRESSES, 2 * q->n_candidates);
	for (size_t i = 0; i < q->n_candidates; i++) {
		ask(q, 2 * i, q->candidates[i].srv.target, DNS_AAAA);
		ask(q, 2 * i + 1, q->candidates[i].srv.target, DNS_A);
	}
	step_wait(q);
}

static void end_srv(struct resolve_query *q)
{
	if (q->n_srvs == 0 && q->nowhere) {
		finish(q, q->unknown ? RESOLVE_FAILED : RESOLVE_NONE);
		return;
	}
	q->unknown = false; /* RFC 6120 §3.2.1 item 9: no answer is as good as no record */
	if (q->n_srvs > 0)
		candidates_from_srv(q);
	else
		candidate_from_domain(q);
	begin_addresses(q);
}

static void drop(struct resolve_query *q, struct candidate *c)
{
	c->dropped = true;
	q->unknown = true;
}

static void take_addresses(struct resolve_query *q, size_t index, const struct dns_answer *a)
{
	struct candidate *c = &q->candidates[index / 2];
	size_t n = a->n < RESOLVE_ADDRESSES_MAX ? a->n : RESOLVE_ADDRESSES_MAX;
	struct sockaddr_storage *addresses;
	size_t used = 0;

	if (a->status == DNS_FAILED)
		q->unknown = true;
	if (a->status == DNS_FORGED)
		drop(q, c);
	if (a->status != DNS_DATA)
		return;
	addresses = ARENA_ARRAY(q->arena, struct sockaddr_storage, n);
	for (size_t i = 0; i < n; i++)
		if (address_read(dns_record(a, i), c->srv.port, &addresses[used]) == 0)
			used++;
	c->addresses[index % 2] = addresses;
	c->n_addresses[index % 2] = used;
	c->insecure = c->insecure || !a->secure;
}

static size_t drop_unreachable(struct resolve_query *q)
{
	size_t left = 0;

	for (size_t i = 0; i < q->n_candidates; i++) {
		struct candidate *c = &q->candidates[i];

		if (c->n_addresses[0] + c->n_addresses[1] == 0)
			c->dropped = true;
		left += !c->dropped;
	}
	return left;
}

/* ---- TLSA ---- */

static void begin_tlsa(struct resolve_query *q)
{
	step_begin(q, RESOLVE_TLSA, q->n_candidates);
	for (size_t i = 0; i < q->n_candidates; i++) {
		const struct candidate *c = &q->candidates[i];

		if (c->dropped || c->insecure)
			continue;
		ask(q, i,
		    arena_printf(q->arena, "_%u._tcp." STR_FMT, c->srv.port,
		                 STR_ARG(c->srv.target)),
		    DNS_TLSA);
	}
	step_wait(q);
}

static void take_tlsa(struct resolve_query *q, size_t index, const struct dns_answer *a)
{
	struct candidate *c = &q->candidates[index];
	size_t n = a->n < RESOLVE_TLSA_MAX ? a->n : RESOLVE_TLSA_MAX;

	/* Who keeps the answer from us may be who has the wrong certificate. */
	if (a->status == DNS_FAILED || a->status == DNS_FORGED)
		drop(q, c);
	if (a->status != DNS_DATA || !a->secure)
		return;
	c->tlsa = ARENA_ARRAY(q->arena, struct str, n);
	for (size_t i = 0; i < n; i++)
		if (is_tlsa(dns_record(a, i)))
			c->tlsa[c->n_tlsa++] = arena_copy(q->arena, dns_record(a, i));
}

/* ---- the answer ---- */

/* All if they fit; else neither family crowds the other out. */
static void put_addresses(struct resolve_query *q, const struct candidate *c,
                          struct resolve_target *target)
{
	size_t half = RESOLVE_ADDRESSES_MAX / 2;
	size_t n4 = c->n_addresses[1];
	size_t room6 = RESOLVE_ADDRESSES_MAX - (n4 < half ? n4 : half);
	size_t n6 = c->n_addresses[0] < room6 ? c->n_addresses[0] : room6;
	struct sockaddr_storage *all;

	if (n4 > RESOLVE_ADDRESSES_MAX - n6)
		n4 = RESOLVE_ADDRESSES_MAX - n6;
	all = ARENA_ARRAY(q->arena, struct sockaddr_storage, n6 + n4);
	for (size_t i = 0; i < n6 + n4; i++)
		all[i] = i < n6 ? c->addresses[0][i] : c->addresses[1][i - n6];
	target->addresses = all;
	target->n_addresses = n6 + n4;
}

static void put_target(struct resolve_query *q, const struct candidate *c,
                       struct resolve_target *target)
{
	target->name = c->srv.target;
	target->direct_tls = c->srv.direct_tls;
	target->secure = !c->insecure;
	target->tlsa.records = c->tlsa;
	target->tlsa.n = c->n_tlsa;
	put_addresses(q, c, target);
}

static void finish_with_candidates(struct resolve_query *q)
{
	struct resolve_target *targets =
		ARENA_ARRAY(q->arena, struct resolve_target, q->n_candidates);
	size_t n = 0;

	for (size_t i = 0; i < q->n_candidates; i++)
		if (!q->candidates[i].dropped)
			put_target(q, &q->candidates[i], &targets[n++]);
	q->answer.targets = targets;
	q->answer.n_targets = n;
	if (n > 0)
		finish(q, RESOLVE_FOUND);
	else
		finish(q, q->unknown ? RESOLVE_FAILED : RESOLVE_NONE);
}

static void end_addresses(struct resolve_query *q)
{
	if (drop_unreachable(q) > 0)
		begin_tlsa(q);
	else
		finish_with_candidates(q);
}

/* ---- steps ---- */

static void take(struct resolve_query *q, size_t index, const struct dns_answer *answer)
{
	if (q->step == RESOLVE_SRV)
		take_srv(q, index, answer);
	else if (q->step == RESOLVE_ADDRESSES)
		take_addresses(q, index, answer);
	else if (q->step == RESOLVE_TLSA)
		take_tlsa(q, index, answer);
}

static void step_end(struct resolve_query *q)
{
	if (q->step == RESOLVE_SRV)
		end_srv(q);
	else if (q->step == RESOLVE_ADDRESSES)
		end_addresses(q);
	else
		finish_with_candidates(q);
}

static void finish_with_address(struct resolve_query *q, const struct sockaddr_storage *address)
{
	struct candidate *c;

	candidate_from_domain(q);
	c = &q->candidates[0];
	c->insecure = true; /* nobody vouches for anything */
	c->addresses[address->ss_family == AF_INET] =
		ARENA_NEW(q->arena, struct sockaddr_storage);
	*c->addresses[address->ss_family == AF_INET] = *address;
	c->n_addresses[address->ss_family == AF_INET] = 1;
	finish_with_candidates(q);
}

void resolve_query_begin(struct resolve_query *q)
{
	struct sockaddr_storage address;

	if (address_parse(q->domain, RESOLVE_PORT, &address) == 0)
		finish_with_address(q, &address);
	else if (is_domain(q->domain))
		begin_srv(q);
	else
		finish(q, RESOLVE_NONE);
}

void resolve_query_hurry(struct resolve_query *q)
{
	if (q->step == RESOLVE_WAITING || shard_now(q->resolver->here) >= q->deadline) {
		finish(q, RESOLVE_FAILED);
		return;
	}
	for (size_t i = 0; i < q->n_inquiries; i++) {
		if (!q->inquiries[i].question.open)
			continue;
		dns_cancel(q->resolver->dns, &q->inquiries[i].question);
		take(q, i, &unanswered);
	}
	q->n_open = 0;
	step_end(q);
}

void resolve_query_free(struct resolve_query *q)
{
	for (size_t i = 0; i < q->n_inquiries; i++)
		dns_cancel(q->resolver->dns, &q->inquiries[i].question);
	timer_stop(q->resolver->here, &q->timer);
	arena_free(&q->arena);
	free(q);
}
