/*
 * tls_impl.h - the inside of a TLS server's generation, for the sessions made from it.
 *
 * All of it is written before the first session and only read afterwards, by any shard.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/net/tls.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

struct tls_site {
	struct str name; /* lower case */
	gnutls_certificate_credentials_t credentials;
	bool asks_client;      /* has client authorities, or federates */
	int64_t expires_ms;    /* wall clock; the first of the chain to end */
	uint8_t end_point[64]; /* hash of the certificate, RFC 5929 §4.1 */
	size_t n_end_point;    /* 0: its signature names no hash */
};

struct tls_server {
	unsigned refs; /* atomic */
	gnutls_priority_t priorities;
	gnutls_datum_t ticket_key;
	struct str alpn;
	gnutls_x509_trust_list_t trust; /* of other servers; NULL: this one does not federate */
	struct tls_site *sites;         /* as configured: the first is the default */
	size_t n_sites;
	const struct tls_site **by_name; /* sorted */
};

/*
 * The site called NAME in any case, or that of the nearest domain above it: services of a host have none of their own.
 * NULL when there is none.
 */
const struct tls_site *tls_find_site(const struct tls_server *tls, struct str name);
/* Is NAME no domain but an IP address, as in a JID ("192.0.2.1", "[::1]") or bare? */
bool tls_is_address(struct str name);

/* site.c */
/* Load one host's files. */
MUST_CHECK int tls_site_load(struct tls_site *site, const struct tls_host *host, bool federates,
                             struct arena *arena, struct str *problem_out);
void tls_site_unload(struct tls_site *site);

/* trust.c */
/* A whole file into ARENA: 0 or -errno. */
MUST_CHECK int tls_read_file(struct arena *arena, const char *file, gnutls_datum_t *data_out);
/* Load the authorities of other servers: those in FILE, or the system's for NULL. */
MUST_CHECK int tls_trust_load(struct tls_server *tls, const char *file, struct arena *arena,
                              struct str *problem_out);
