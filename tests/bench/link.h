/*
 * link.h - one TCP connection, in clear or under TLS, over libuv and GnuTLS.
 *
 * Both the load generator (as client) and the relay (as server) stand on it.  Decrypting goes
 * from the one read buffer of the process into its one plaintext buffer, so a quiet link holds
 * its TLS session and its socket and nothing else.
 *
 *	socket -> net.in -> GnuTLS -> net.plain -> on_data()      one call for each read
 *	link_queue() -> link.out -> GnuTLS -> net.wire -> socket  one write for each flush
 *
 * What was queued leaves at the end of the read that caused it, else before the loop sleeps, so
 * that the answers to what came in one read go out together.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/bench/buf.h"

#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <uv.h>

struct link;

struct link_events {
	void (*on_open)(struct link *l);   /* connected, in clear */
	void (*on_secure)(struct link *l); /* the TLS handshake is done */
	/* P is borrowed for the call. */
	void (*on_data)(struct link *l, const char *p, size_t n);
	/* Not called after link_close().  WHY is NULL when the peer closed in order. */
	void (*on_lost)(struct link *l, const char *why);
	void (*on_closed)(struct link *l); /* the memory may go; may be NULL */
};

/* What all links of the process share. */
struct net {
	uv_loop_t *loop;
	uv_prepare_t flusher;
	gnutls_certificate_credentials_t credentials;
	gnutls_priority_t priority;
	const char *verify; /* the name that a server's certificate must bear; NULL: any */
	const char *alpn;   /* NULL for none */
	bool server;        /* the side that this process takes in handshakes */
	struct link *dirty; /* links with bytes queued */
	char *in;
	char *plain;
	struct buf wire;
};

enum link_state {
	LINK_OPENING,
	LINK_PLAIN,
	LINK_HANDSHAKE,
	LINK_SECURE,
	LINK_CLOSED,
};

struct link {
	uv_tcp_t tcp;
	struct net *net;
	const struct link_events *events;
	gnutls_session_t tls;
	const char *in; /* ciphertext of the read under way */
	size_t in_size;
	struct buf out;
	size_t record_size; /* plaintext bytes of one TLS record at most */
	struct link *next_dirty;
	enum link_state state;
	bool is_dirty;
};

/*
 * CERTIFICATE and KEY are PEM files for a server, NULL for a client.  A client with VERIFY set
 * trusts CA, a PEM file, or with NULL the system's store.  Returns 0 or a GnuTLS error.
 */
int net_init(struct net *net, uv_loop_t *loop, const char *certificate, const char *key);
int net_trust(struct net *net, const char *ca, const char *verify);
void net_deinit(struct net *net);

/* Send what every link has queued. */
void net_flush(struct net *net);

/* Connect to TO; from the address FROM unless it is NULL.  Returns 0 or a libuv error. */
int link_connect(struct link *l, struct net *net, const struct link_events *events,
                 const struct sockaddr *to, const struct sockaddr *from);

/* Take a connection of SERVER.  Returns 0 or a libuv error, which on_closed follows. */
int link_accept(struct link *l, struct net *net, const struct link_events *events,
                uv_stream_t *server);

/* Begin the TLS handshake; on_secure or on_lost follows. */
void link_start_tls(struct link *l);

/* Send N bytes with the next flush. */
void link_queue(struct link *l, const void *p, size_t n);

/* Send N bytes at once, as few TLS records as they fit into, without a copy in the link. */
void link_send(struct link *l, const void *p, size_t n);

/* Flush, say good-bye and close.  Harmless when already closed. */
void link_close(struct link *l);
