/*
 * resolve.h - DNS: where the servers of a domain are (RFC 6120 §3.2, XEP-0368), and which certificates they are
 * to have (RFC 6698).
 *
 * One resolver for each shard, over libunbound, which validates DNSSEC itself.  An answer is found in this order:
 *
 *     an IP address as the domain            that, port 5269
 *     SRV _xmpps-server and _xmpp-server     all of them together, by priority and weight (RFC 2782)
 *     none of those, or no answer to them    the domain's own addresses, port 5269, with STARTTLS
 *
 * No answer is silence, or a server that cannot tell (SERVFAIL): RFC 6120 §3.2.1 item 9 has us go on as if there were
 * no record, which is no risk, since the certificate has to name the domain all the same.  With an answer to one
 * of the two, that one counts.  A forged answer (DNSSEC is broken) ends it: nothing is tried in its place.
 *
 * A target is left out when it has no address, when its address is forged, or when DNSSEC vouches for it but its TLSA
 * records cannot be had (RFC 7673 §3).
 *
 * Everything is bounded: targets and addresses, queries at a time (256; more wait), and the time.  A third of that is
 * for each of SRV, addresses and TLSA.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/arena.h"
#include "server/shard/shard.h"

#include <sys/socket.h>

#define RESOLVE_PORT 5269
#define RESOLVE_TIMEOUT_MS SECONDS(20)
#define RESOLVE_TARGETS_MAX 16
#define RESOLVE_ADDRESSES_MAX 16 /* of one target */
#define RESOLVE_TLSA_MAX 16      /* of one target */

struct resolver;

/* Copied. */
struct resolver_config {
	/* "192.0.2.1", "::1@5353": where to ask; none: as /etc/resolv.conf says */
	const struct str *servers;
	size_t n_servers;
	/*
	 * Trust anchors of DNSSEC; NULL: the root's, where the system has it; "": none, and
	 * nothing is secure, which is for DNS servers that do not pass DNSSEC on.
	 */
	const char *anchor_file;
	int64_t timeout_ms; /* for a query, from its start; 0: RESOLVE_TIMEOUT_MS */
};

/* RDATA of TLSA records, as it is on the wire: usage, selector, matching type, data. */
struct resolve_tlsa {
	const struct str *records;
	size_t n;
};

struct resolve_tlsa resolve_tlsa_copy(struct arena *arena, const struct resolve_tlsa *tlsa);

/* One server to try. */
struct resolve_target {
	struct str name; /* A-labels, without the dot at the end; or the address asked for */
	bool direct_tls; /* XEP-0368: TLS from the first byte */
	/* DNSSEC vouches for all that leads to it: its name may stand in the certificate. */
	bool secure;
	/* With their port; at least one, IPv6 first. */
	const struct sockaddr_storage *addresses;
	size_t n_addresses;
	struct resolve_tlsa tlsa; /* of secure ones; none: the authorities decide */
};

enum resolve_result {
	RESOLVE_FOUND,
	/* There is no such domain, or it says that it has no server (a target of "."). */
	RESOLVE_NONE,
	/* Nobody answers, or an answer is forged: it may be another one later. */
	RESOLVE_FAILED,
};

/* Borrowed for the call. */
struct resolve_answer {
	enum resolve_result result;
	const struct resolve_target *targets; /* in the order in which to try them */
	size_t n_targets;
};

/*
 * Can CONFIG be used?  0, ERR_INVALID (a server's address, logged), or ERR_NOENT (the anchor file, logged).  Sets
 * libunbound up, which cannot do so on several threads at once.  Thread: main, before there is any resolver.
 */
MUST_CHECK int resolver_check(const struct resolver_config *config);
/* CONFIG has passed resolver_check.  Nothing is asked, and no thread started, before the first query. */
struct resolver *resolver_new(struct shard *here, const struct resolver_config *config);
/*
 * Queries that are under way are forgotten: their done is not called.  Before the shard's loop
 * ends; from inside a done, too.
 */
void resolver_free(struct resolver **resolver);

struct resolve_query;
typedef void resolve_done_fn(void *arg, const struct resolve_answer *answer);
/*
 * Ask for DOMAIN (A-labels, or an address as in a JID: "192.0.2.1", "[::1]").  DONE is called once, from the loop
 * and never from inside this call, unless it is cancelled; then the query is gone.
 */
struct resolve_query *resolve_start(struct resolver *r, struct str domain,
                                    resolve_done_fn *done, void *arg);
/* Sets it to NULL; accepts a pointer to NULL, and from inside its done the query that is told. */
void resolve_cancel(struct resolve_query **query);
