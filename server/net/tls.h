/*
 * tls.h - what a TLS server is set up with: certificates by host name, protocol versions, ALPN.
 *
 * One generation, immutable, reference counted, shared by all shards: a reload makes a new one,
 * connections keep theirs. TLS 1.2 and 1.3, one priority cache, session tickets with keys drawn
 * at start.
 *
 * Between servers (struct tls_config, federates) the same generation serves both roles: who accepts asks for the
 * other's certificate, who connects shows its own, and either may be judged when the handshake is over
 * (transport_verify_peer).  No handshake fails for the peer's certificate: what it is worth is the owner's affair.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/arena.h"

/* Handshakes in flight for each shard: more leave holes of 7 KB a session in the heap. */
#define TLS_HANDSHAKES_MAX 64

struct tls_server;

struct tls_host {
	struct str name; /* served host, as A-labels; matches SNI and the stream's to */
	const char *certificate_file; /* PEM, chain in order */
	const char *key_file;
	const char *client_ca_file; /* NULL: no client certificate is asked for */
};

struct tls_config {
	const struct tls_host *hosts;
	size_t n_hosts;
	const char *priorities; /* GnuTLS priority string; NULL: ours */
	struct str alpn; /* "xmpp-client"; absent: none.  Who offers others only is refused */
	bool federates;  /* for connections between servers: client_ca_file is not looked at */
	const char *trust_file; /* PEM: authorities of other servers; NULL: the system's */
};

/*
 * Load all files.  On failure *problem_out (in ARENA) is a sentence that names the file and the
 * remedy, and ERR_TLS or -errno is returned.  Thread: main.
 */
MUST_CHECK int tls_server_new(const struct tls_config *config, struct arena *arena,
                              struct tls_server **tls_out, struct str *problem_out);
struct tls_server *tls_server_ref(struct tls_server *tls);
void tls_server_unref(struct tls_server **tls);
/* Milliseconds until the first certificate expires; negative when it has.  For warnings. */
int64_t tls_server_expires_ms(const struct tls_server *tls, struct str *host_out);

/* Write a self-signed ECDSA P-256 certificate for NAMES, valid ten years, key mode 0600.  For --demo and tests. */
MUST_CHECK int tls_make_self_signed(const struct str *names, size_t n_names,
                                    const char *certificate_file, const char *key_file);
