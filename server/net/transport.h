/*
 * transport.h - a stream of bytes to one peer: a socket, with or without TLS.
 *
 *     socket ─▶ shard's read buffer ─▶ [GnuTLS] ─▶ on_data(bytes)            nothing is kept while the peer is quiet
 *     transport_out() ─▶ gathered until the loop turn ends ─▶ [GnuTLS, one record of up to 16 KiB] ─▶ one write
 *
 * All that is written in a loop turn leaves in one go.  What the socket does not take waits in
 * the transport and is bounded by its owner (transport_pending, on_drain).  A transport belongs
 * to one shard and can move to another one as a parcel.
 *
 * Works on any stream socket (TCP, local sockets, socketpair in tests).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/arena.h"
#include "server/base/buf.h"
#include "server/net/tls.h"
#include "server/shard/shard.h"

#include <sys/socket.h>

struct transport;
struct resolve_tlsa; /* server/net/resolve.h */

/*
 * Callbacks into the owner, on the shard's thread.  Inside any of them the owner may write,
 * pause, pack or close the transport; after transport_close and transport_pack none is called
 * again.
 */
struct transport_ops {
	/* Bytes from the peer, decrypted; borrowed for the call.  At most 16 KiB at a time. */
	void (*on_data)(void *owner, struct str bytes);
	/* The TLS handshake is complete. */
	void (*on_secure)(void *owner);
	/*
	 * What waited has been taken by the socket: called once after transport_pending had
	 * been over zero at a turn's end, or when transport_pause was called.
	 */
	void (*on_drain)(void *owner);
	/*
	 * The peer ended its direction (err 0: end of file or close_notify) or the connection
	 * broke (ERR_CLOSED, ERR_TLS, -errno).  No more data will come; the owner now calls
	 * transport_close, at once or after its last words. Called once, also while paused:
	 * then all data that came before was given to on_data, or is lost with a reset.
	 */
	void (*on_end)(void *owner, int err);
};

/* Take over the connected, non-blocking socket FD.  0, or -errno with FD closed. */
MUST_CHECK int transport_open(struct shard *here, int fd, const struct transport_ops *ops,
                              void *owner, struct transport **t_out);
/*
 * Speak TLS as the server from here on (STARTTLS after its <proceed/> was written, or at once
 * for direct TLS).  Bytes that came in the clear and were not yet given to on_data are
 * discarded.  TLS is referenced.  HOST, or the nearest domain above it that has one, picks the
 * certificate when the client sends no SNI (absent: the first host's).  Handshakes in flight are
 * capped for each shard (TLS_HANDSHAKES_MAX); the ones over it wait their turn unread.
 */
void transport_start_tls(struct transport *t, struct tls_server *tls, struct str host);

/*
 * The same as the client: HOST (A-labels; a service's: its host's) is whose certificate is shown when the peer asks for
 * one, NAME (A-labels; no address is said) what the server name indication says; DIRECT: offer TLS's ALPN (XEP-0368).
 * TLS must be one that federates.  The handshake begins when all that was written before has left, paused or not.
 */
void transport_start_tls_client(struct transport *t, struct tls_server *tls, struct str host,
                                struct str name, bool direct);

/*
 * The buffer whose contents leave at the end of this turn.  The pointer stays the same for the
 * transport's life, but what is appended leaves only in a turn in which it was asked for: call
 * this for each write, it costs nothing.
 */
struct buf *transport_out(struct transport *t);
/* Bytes written by the owner that the socket has not taken yet, in full records under TLS. */
size_t transport_pending(const struct transport *t);

/*
 * Stop and go on reading from the peer: back-pressure.  The kernel's window does the rest.  A
 * paused peer's end is noticed only when something is written to it, so whoever pauses for long
 * has a timeout of its own.
 */
void transport_pause(struct transport *t);
void transport_resume(struct transport *t);

/*
 * Flush what is written, say close_notify, close; frees T at once for the owner (sets *t to
 * NULL) while the last bytes leave in the background for at most LINGER_MS.  With LINGER_MS 0
 * what is not taken by the socket now is dropped.
 */
void transport_close(struct transport **t, int64_t linger_ms);

/*
 * Moving to another shard: pack here (sets *t to NULL), post the parcel, unpack there.  TLS
 * state, bytes read but not yet given to on_data (put back by transport_unread too) and bytes
 * not yet written travel along.  May be called inside on_data.
 */
struct transport_parcel;
struct transport_parcel *transport_pack(struct transport **t);
MUST_CHECK int transport_unpack(struct shard *here, struct transport_parcel **parcel,
                                const struct transport_ops *ops, void *owner,
                                struct transport **t_out);
void transport_parcel_free(struct transport_parcel **parcel); /* closes the connection */
/*
 * Put BYTES back, to be given to on_data again, before anything newer.  Pauses the transport:
 * they come after a resume or unpack (an unpacked transport is not paused).
 */
void transport_unread(struct transport *t, struct str bytes);

/* The peer: "192.0.2.1", "2001:db8::1" or "local".  Borrowed for the transport's life. */
struct str transport_address(const struct transport *t);
/* The key that limits by address go by: an IPv4 address, an IPv6 /64. */
struct str transport_address_block(const struct transport *t, struct arena *arena);

/* TLS facts; all valid after on_secure. */
bool transport_is_secure(const struct transport *t);
enum channel_binding {
	CB_TLS_EXPORTER,         /* RFC 9266 */
	CB_TLS_SERVER_END_POINT, /* RFC 5929 */
	CB_TLS_UNIQUE,           /* RFC 5929; TLS 1.2 with extended master secret only */
};
/* Whether this connection can provide it, and its bytes. */
bool transport_has_binding(const struct transport *t, enum channel_binding kind);
MUST_CHECK int transport_binding(struct transport *t, struct arena *arena,
                                 enum channel_binding kind, struct str *bytes_out);
/* "TLS1.3 AES-256-GCM", for logs. */
struct str transport_tls_text(const struct transport *t, struct arena *arena);
/*
 * The client's certificate, when it sent one that chains to TLS's client authorities: its
 * XmppAddr names (RFC 6120 §13.7.1.4), at most MAX, in ARENA.  Returns their count; ERR_NOENT
 * without certificate; ERR_DENIED when it is not trusted, expired or not for client use.
 */
MUST_CHECK int transport_client_jids(struct transport *t, struct arena *arena,
                                     struct str *jids_out, size_t max);
/*
 * Between servers, after on_secure: is the peer's certificate one of DOMAIN (A-labels; RFC 6120 §13.7.1.2, RFC 6125:
 * SRV-ID _xmpp-server, XmppAddr, DNS-ID with a wildcard for the first label)?
 *
 *     0            yes
 *     ERR_NOENT    it has shown none
 *     ERR_DENIED   no: *problem_out (in ARENA) is a sentence's end, as "has expired", "is signed by itself",
 *                  "is for other names: a.example, b.example"
 *     ERR_TLS      no, and whoever it is must not be spoken with: there are TLSA records, and it does not meet them
 *
 * The certificate may as well be for SECURE_NAME, the target that DNSSEC vouches for (absent: none).  TLSA (RFC 6698,
 * RFC 7673; may be NULL or empty) is what is in DNS for that target: with usage 2 it takes the authorities' place, with
 * usage 3 that of names and times too, with 0 and 1 it comes on top.  Records of no known kind are as none.
 *
 * Cost: a signature for each certificate of the chain, some 0.1 to 0.5 ms.
 */
MUST_CHECK int transport_verify_peer(struct transport *t, struct str domain,
                                     const struct resolve_tlsa *tlsa, struct str secure_name,
                                     struct arena *arena, struct str *problem_out);
/* SHA-256 of the peer's certificate in hex, for logs; absent when it has shown none. */
struct str transport_peer_fingerprint(struct transport *t, struct arena *arena);
