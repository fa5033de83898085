/*
 * resolve_impl.h - between the parts of the resolver.
 *
 *   resolve.c        the resolver: who is asked for, who waits, who is told
 *   resolve_query.c  one domain: from SRV over addresses to TLSA
 *   resolve_order.c  in which order its servers are tried
 *   resolve_rdata.c  records, and addresses in text
 *   dns.c            questions and answers
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/net/dns.h"
#include "server/net/resolve.h"
#include "server/shard/timer.h"

#include <uv.h>

/* ---- records ---- */

/* One server, as an SRV record names it. */
struct srv {
	struct str target; /* as in resolve_target; empty for "." */
	uint16_t priority, weight, port;
	bool direct_tls;
	bool secure;
};

/*
 * From RDATA; the text is in ARENA.  ERR_INVALID when it is none, leads to port 0, or its target is
 * no name of a host.
 */
MUST_CHECK int srv_read(struct arena *arena, struct str rdata, struct srv *srv_out);
/* The RDATA of A or AAAA.  ERR_INVALID when it is neither. */
MUST_CHECK int address_read(struct str rdata, uint16_t port,
                            struct sockaddr_storage *address_out);
bool is_tlsa(struct str rdata); /* RFC 6698 §2.1: three bytes, and data */
/* "192.0.2.1", "[::1]".  ERR_INVALID when it is neither. */
MUST_CHECK int address_parse(struct str text, uint16_t port,
                             struct sockaddr_storage *address_out);
/* A-labels between dots, and "_"; 253 bytes at most. */
bool is_domain(struct str text);

/*
 * RFC 2782: by priority; those of the same one at random, the more often first the more weight
 * they have.  DRAW gives 64 random bits.
 */
void srv_order(struct srv *list, size_t n, uint64_t (*draw)(void *arg), void *arg);

/* ---- a query ---- */

#define RESOLVE_SRV_MAX 64 /* records of a kind that are looked at */

enum resolve_step {
	RESOLVE_WAITING, /* for other queries */
	RESOLVE_SRV,
	RESOLVE_ADDRESSES,
	RESOLVE_TLSA,
	RESOLVE_OVER, /* it has its answer */
	RESOLVE_TOLD,
};

/* A server, with what is known of it so far. */
struct candidate {
	struct srv srv;
	struct sockaddr_storage *addresses[2]; /* IPv6, IPv4 */
	size_t n_addresses[2];
	struct str *tlsa;
	size_t n_tlsa;
	bool insecure; /* what leads to it, at any step */
	bool dropped;
};

/* One of the questions of a step, which go out at the same time. */
struct inquiry {
	struct dns_question question;
	struct resolve_query *query;
	size_t index;
};

struct resolve_query {
	TAILQ_ENTRY(resolve_query) link; /* in the resolver's list for its step */
	struct resolver *resolver;
	struct arena *arena; /* all that it points to */
	resolve_done_fn *done;
	void *arg;
	struct str domain;

	enum resolve_step step;
	struct timer timer; /* of the step */
	int64_t deadline;   /* of all */
	struct inquiry *inquiries;
	size_t n_inquiries;
	size_t n_open;

	struct srv *srvs;
	size_t n_srvs;
	bool nowhere; /* there are SRV records, but no server in them */
	bool unknown; /* something was not answered */
	struct candidate *candidates;
	size_t n_candidates;
	struct resolve_answer answer;
};
TAILQ_HEAD(resolve_list, resolve_query);

struct resolver {
	struct shard *here;
	struct dns *dns;
	int64_t timeout_ms;
	/* Fires in the next turn of the loop: some are over, or may begin. */
	uv_timer_t soon;
	struct resolve_list waiting, going, over;
	unsigned n_going;
	bool freed; /* its memory goes when libuv has let go of it */
};

void resolve_query_begin(struct resolve_query *q);
/* Its time is up: that of its step, or all of it. */
void resolve_query_hurry(struct resolve_query *q);
void resolve_query_free(struct resolve_query *q);
/* Q has its answer. */
void resolver_take(struct resolve_query *q);
