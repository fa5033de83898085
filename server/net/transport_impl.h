/*
 * transport_impl.h - what the files of this folder share behind transport.h.
 *
 * A transport is one block: the poll handle, a few pointers, the peer's address as text.
 * Buffers are not part of it: bytes are read into the shard's buffer and decrypted into another
 * one of the shard, and what is written is gathered in memory lent from the shard's stock.  So
 * a quiet connection holds this block, its TLS session and nothing else.
 *
 *     open ─▶ CLEAR ─▶ TLS_ASKED ─▶ [TLS_QUEUED] ─▶ HANDSHAKE ─▶ SECURE         the owner's
 *               │           │            │             │            │
 *               └───────────┴────────────┴──────┬──────┴────────────┤
 *                                               ▼                   ▼
 *                                            BROKEN ─▶ GONE ◀─ FAREWELL         closed: last bytes leave
 *
 * The block stays until libuv's close callback, which runs at the end of the loop turn: code
 * that calls back into the owner may look at t->state afterwards even if the owner closed or
 * packed the transport meanwhile.
 *
 *   transport.c  public calls          socket.c    poll handle, reading, writing
 *   flush.c      end of the turn       farewell.c  closing in the background
 *   deliver.c    bytes to the owner    tls_session.c  the records of a TLS session
 *   handover.c   to another shard      handshake.c handshakes, and their cap
 *   net.c        the shard's part      peer.c      what another server's certificate is worth
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/err.h"
#include "server/net/tls_impl.h"
#include "server/net/transport.h"
#include "server/shard/timer.h"

#include <gnutls/gnutls.h>
#include <sys/queue.h>
#include <sys/uio.h>
#include <uv.h>

#define READ_MAX ((size_t)KIB(32))    /* one recv: two full TLS records, or many small ones */
#define DELIVER_MAX ((size_t)KIB(16)) /* bytes given to on_data at a time: one TLS record's */
/* Output buffers kept for the next writers of this shard: as many as a room's occupants take. */
#define STOCK_MAX 1024
#define STOCK_BYTES ((size_t)KIB(512))  /* of all of them */
#define STOCK_CAP_MAX ((size_t)KIB(16)) /* a larger one is freed */
#define SLOT_MS \
	1000 /* a handshake older than this stalls, and no longer keeps others waiting */
#define DRAIN_MAX ((size_t)KIB(256)) /* what a peer may still send after we closed */

enum transport_state {
	CLEAR,
	/*
	 * Clear bytes leave.  Then a server awaits the peer's first byte, having no session yet;
	 * a client, whose session holds the names that it will say, begins at the turn's end.
	 */
	TLS_ASKED,
	TLS_QUEUED, /* either may begin; unread until a handshake ends */
	HANDSHAKE,
	SECURE,
	BROKEN,   /* neither direction works, the owner knows */
	FAREWELL, /* the owner is gone */
	GONE,     /* only memory, until libuv's close callback */
};

/* Bytes that were read and could not be given to the owner yet. */
struct held {
	struct buf plain; /* put back by the owner: in clear, older than raw */
	struct buf raw;   /* as they came from the socket */
};

/* A visit to a transport that has something to deliver though its socket may be silent. */
struct visit {
	struct shard_msg msg;
	struct transport *t; /* NULL: it went meanwhile */
};

TAILQ_HEAD(transport_list, transport);

struct transport {
	uv_poll_t poll;
	struct net *net;
	const struct transport_ops *ops;
	void *owner;
	gnutls_session_t session;
	struct tls_server *tls;
	struct held *held; /* NULL while there is nothing */
	struct visit *visit;
	struct buf out;
	TAILQ_ENTRY(transport) dirty_link;
	TAILQ_ENTRY(transport) link; /* queued, handshakes or farewells */
	int64_t since;    /* of a handshake: when it began; of a farewell: when it ends */
	uint32_t clear;   /* bytes at the front of out that leave as they are */
	uint32_t drained; /* bytes thrown away during the farewell */
	int fd;
	int broken;    /* the error that the socket gave to a write; 0 */
	uint16_t site; /* index: chosen by the owner, as a server then by the client's SNI */
	uint8_t state;
	uint8_t watching; /* UV_READABLE | UV_WRITABLE, as told to libuv */
	bool dirty : 1;
	bool client : 1; /* of TLS */
	bool slot : 1;   /* counts as a handshake in flight, and stands in that list */
	bool paused : 1;
	bool ended : 1;     /* on_end was called */
	bool end_due : 1;   /* came in a parcel whose peer had ended: tell the new owner */
	bool blocked : 1;   /* the socket took less than it was given: wait for it */
	bool waited : 1;    /* something was pending: on_drain is due */
	bool half_sent : 1; /* GnuTLS holds an encrypted record that the socket did not take */
	bool shut : 1;      /* the farewell: our direction is shut down */
	char address[];     /* ends in NUL */
};

/* One shard's part. */
struct net {
	struct shard *shard;
	struct shard_turn turn;
	struct timer timer; /* runs while a list below it has to be looked at */
	struct transport_list dirty;
	size_t n_dirty;
	struct transport_list queued;
	struct transport_list handshakes;
	struct transport_list farewells;
	unsigned slots;            /* handshakes in flight that count */
	struct transport *reading; /* whose bytes RAW is */
	struct str raw;            /* read from the socket, not yet consumed */
	struct buf flight; /* what one step of a handshake says, on its way to the socket */
	struct buf stock[STOCK_MAX];
	size_t n_stock, stock_bytes;
	char in[READ_MAX];
	char plain[DELIVER_MAX];
};

/* net.c */
struct net *net_of(struct shard *here);
void net_timer_start(struct net *net);
void net_stock_put(struct net *net, struct buf *b);
struct buf net_stock_take(struct net *net); /* without memory, if there is none */

/* transport.c */
/* A block in no state yet; ADDRESS is copied. */
struct transport *transport_new(struct net *net, int fd, const char *address);
/* The connection broke: nothing works any more; tell the owner. */
void transport_fail(struct transport *t, int err);
/* Tell the owner of the end, unless it knows. */
void transport_tell_end(struct transport *t, int err);
/* Let everything go but the block itself, which goes with the poll handle. */
void transport_discard(struct transport *t);
/* The TLS session and its server, if any. */
void transport_drop_session(struct transport *t);
/* May bytes of the peer be given to the owner, or to the handshake, now? */
static inline bool transport_wants(const struct transport *t)
{
	return t->state <= SECURE && t->state != TLS_QUEUED && t->clear == 0 && !t->paused &&
	       !t->ended;
}

/* socket.c */
MUST_CHECK int socket_attach(struct transport *t);
/* Watch for what the state asks for; what is paused may be watched until something comes. */
void socket_watch(struct transport *t);
void socket_watch_exactly(struct transport *t);
/* One recv into the shard's buffer: bytes, 0 at the end of file, -EAGAIN, or another -errno. */
MUST_CHECK ssize_t socket_recv(struct transport *t);
/* Write what the socket takes: bytes, -EAGAIN for none, or another -errno. */
MUST_CHECK ssize_t socket_send(struct transport *t, const struct iovec *iov, size_t count);
/* Leave the loop for good.  The descriptor stays open for a parcel. */
void socket_detach(struct transport *t, bool close_fd);

/* deliver.c */
/* RAW, just read or held, to the owner, or to the handshake. */
void deliver(struct transport *t, struct str raw);
/* Inside deliver: keep what is left of raw for later. */
void deliver_hold_rest(struct transport *t);
void deliver_put_back(struct transport *t, struct str bytes);
/* Forget all that was read and not given to the owner. */
void deliver_drop_held(struct transport *t);
/* Is there something to give though the socket may be silent? */
bool deliver_has_bytes(const struct transport *t);
/* Give what there is; false when reading may not go on. */
bool deliver_visit(struct transport *t);
/* Visit T by a message to this shard. */
void deliver_later(struct transport *t);
void deliver_forget(struct transport *t);

/* flush.c */
void flush_later(struct transport *t);
void flush_forget(struct transport *t);
/* Write what is gathered as far as the socket takes it. */
void flush_now(struct transport *t);
/* The socket is writable again. */
void flush_go_on(struct transport *t);
/* Send what GnuTLS said in one step of the handshake. */
void flush_flight(struct transport *t);
/* The turn hook. */
void flush_turn(struct shard *here, struct shard_turn *turn);

/* handshake.c */
/* The peer's first bytes are there: begin, or queue.  True when the handshake may read. */
MUST_CHECK bool handshake_admit(struct transport *t);
/* As a client, once all that leaves in clear has left: begin, or queue. */
void handshake_begin_if_due(struct transport *t);
void handshake_step(struct transport *t);
/* T comes in a parcel with a handshake under way. */
void handshake_join(struct transport *t);
/* T no longer shakes hands nor waits to: the next one's turn. */
void handshake_leave(struct transport *t);
void handshake_tick(struct net *net, int64_t now);

/* tls_session.c */
MUST_CHECK int tls_session_new(struct transport *t);
/*
 * A client's, to say NAME (unless it is an address), and the protocol if DIRECT.  Where none can be made, the handshake
 * fails in its turn: an owner does not expect to be called from within its own call.
 */
void tls_session_new_client(struct transport *t, struct str name, bool direct);
/* Pull from and push to this block from here on. */
void tls_session_bind(struct transport *t);
void tls_session_read(struct transport *t);
/* Encrypt and send up to N bytes: what was taken, -EAGAIN, or a fatal error. */
MUST_CHECK ssize_t tls_session_send(struct transport *t, const char *p, size_t n);

/* farewell.c */
void farewell_begin(struct transport *t, int64_t linger_ms);
void farewell_on_event(struct transport *t, bool failed, int events);
void farewell_tick(struct net *net, int64_t now);
