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
	bool asks_client;      /* has client authorities */
	int64_t expires_ms;    /* wall clock; the first of the chain to end */
	uint8_t end_point[64]; /* hash of the certificate, RFC 5929 §4.1 */
	size_t n_end_point;    /* 0: its signature names no hash */
};

struct tls_server {
	unsigned refs; /* atomic */
	gnutls_priority_t priorities;
	gnutls_datum_t ticket_key;
	struct str alpn;
	struct tls_site *sites; /* as configured: the first is the default */
	size_t n_sites;
	const struct tls_site **by_name; /* sorted */
};

/* The site called NAME in any case; NULL when there is none. */
const struct tls_site *tls_find_site(const struct tls_server *tls, struct str name);
/* Load one host's files. */
MUST_CHECK int tls_site_load(struct tls_site *site, const struct tls_host *host,
                             struct arena *arena, struct str *problem_out);
void tls_site_unload(struct tls_site *site);
