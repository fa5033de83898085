/*
 * peer_impl.h - what the files share that judge another server's certificate.
 *
 *   peer.c  chain, time, purpose    peer_names.c  whose it is    dane.c  what the domain says about it in DNS
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/net/resolve.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#define PEER_CHAIN_MAX 16 /* certificates looked at of those that were sent */

/* What the peer has shown, its own certificate first. */
struct peer_chain {
	gnutls_x509_crt_t crts[PEER_CHAIN_MAX];
	unsigned n;
};

/*
 * Does CHAIN lead to AUTHORITIES, in time, and for use in TLS?  NULL, or a sentence's end; when it leads elsewhere
 * that is STRANGER (NULL: that it is not trusted here).
 */
const char *peer_chain_problem(const struct peer_chain *chain,
                               gnutls_x509_trust_list_t authorities, const char *stranger);

/*
 * Is CRT one of DOMAIN, or of the server SECURE_NAME (absent: none)?  An address is never vouched for.
 *
 *     SRV-ID      _xmpp-server.DOMAIN    (RFC 4985, RFC 6120 §13.7.1.2.1)
 *     XmppAddr    DOMAIN, in A-labels or U-labels
 *     DNS-ID      DOMAIN or SECURE_NAME, or with "*" for its first label (RFC 9525 §6.3)
 *
 * The common name never counts (RFC 9525 §2).
 */
bool peer_is_named(gnutls_x509_crt_t crt, struct str domain, struct str secure_name);
/* "is for other names: a.example, b.example and 3 more": harmless text, whatever the certificate has. */
struct str peer_names_problem(gnutls_x509_crt_t crt, struct arena *arena);

enum dane_verdict {
	DANE_NONE,    /* no record that we understand: the authorities decide (RFC 7671 §10) */
	DANE_REFUSED, /* there are, and none matches */
	/* Usage 3: this very certificate or key; its names and times do not count (RFC 7671 §5.1). */
	DANE_KEY,
	DANE_AUTHORITY, /* usage 2: signed as the domain says; its names count */
	DANE_AS_WELL,   /* usages 0 and 1: as the domain says, and the authorities decide too */
};
/* TRUST: our own authorities, where one that the peer did not send may be found. */
enum dane_verdict dane_judge(const struct peer_chain *chain, const struct resolve_tlsa *tlsa,
                             gnutls_x509_trust_list_t trust, const char **problem_out);
