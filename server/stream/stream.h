/*
 * stream.h - one XML stream over one transport (RFC 6120 §4): framing, headers, errors, the
 * closing handshake.
 *
 *     transport bytes ─▶ xml_stream ─▶ on_header / on_element      stream_out ─▶ transport
 *
 * What the elements mean (TLS, SASL, binding, stanzas) is the owner's affair: c2s.h.  A stream
 * never frees itself: when it is over the owner hears on_over exactly once, from the loop and
 * never from inside one of its own calls, and then frees it.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/net/rate.h"
#include "server/net/transport.h"
#include "server/stream/stream_error.h"
#include "xml/jid.h"
#include "xml/parser.h"

#define STREAM_ID_BYTES 15 /* of randomness in a stream's id (§4.7.3: hard to guess) */

struct stream;

/* Bounds, from the configuration; replaced as a whole by a reload. */
struct stream_limits {
	struct xml_limits before, after; /* authentication */
	int64_t stage_ms;                /* for each stage of the negotiation */
	int64_t login_ms;                /* for all of them */
	int64_t idle_ms;                 /* silence before a white-space ping; 0: none */
	size_t out_bytes;                /* what may wait for a peer that does not read */
	size_t queue_bytes; /* beside it, of a queue that was kept for it and comes all at once */
	size_t per_address;      /* unauthenticated connections of one address on this shard */
	struct rate_limit bytes; /* what a peer may bring */
};

/* The peer's header, checked for namespaces and version; borrowed for the call. */
struct stream_header {
	struct str to, from, id, lang; /* as they came; absent when not given */
	bool has_version;              /* version 1.0 or later (§4.7.5) */
};

struct stream_ops {
	/* A header came: answer with stream_open, or stream_fail. */
	void (*on_header)(void *owner, const struct stream_header *header);
	/* The host that the owner speaks for, absent while unknown; NULL: for none. */
	struct str (*host)(void *owner);
	/* An element of the stream; ARENA is the callee's from here on. */
	void (*on_element)(void *owner, struct arena *arena, struct xml_node *element);
	/* TLS is established. */
	void (*on_secure)(void *owner);
	/* The peer has said </stream:stream> (§4.4): say what is owed, then stream_close. */
	void (*on_close)(void *owner);
	/* N new bytes arrived, before they are parsed: for limits and idleness. */
	void (*on_bytes)(void *owner, size_t n);
	/* Over: closed by either side, failed, or broken.  The owner frees the stream now. */
	void (*on_over)(void *owner);
};

/* Each shard has one: what its streams share. */
struct stream_env {
	struct shard *shard;
	struct xml_pool *pool;
	struct stream *over; /* to be told in this turn */
	struct shard_turn turn;
};
void stream_env_init(struct stream_env *env, struct shard *shard);
void stream_env_deinit(struct stream_env *env);

/*
 * A stream on the connected socket FD, whose content namespace is NS (static).  0, or -errno
 * with FD closed. Bytes are read as soon as the loop turns.
 */
MUST_CHECK int stream_accept(struct stream_env *env, int fd, const char *ns,
                             const struct stream_ops *ops, void *owner, struct stream **s_out);
void stream_free(struct stream **s); /* drops the connection at once if it is still there */

/*
 * Our header: attributes FROM, TO, ID, LANG as given (absent: left out).  Between servers it declares the prefix db
 * as well (XEP-0220 §2.4.1), which is how some find out whether dialback is known.  To components it names no
 * version, of which they do not know (XEP-0114 §3).
 */
void stream_open(struct stream *s, struct str from, struct str to, struct str id,
                 struct str lang);
/* Expect a new header from the peer, over the same connection (§4.3.3). */
void stream_restart(struct stream *s);
void stream_start_tls(struct stream *s, struct tls_server *tls, struct str host);
/* As the one who has connected: see transport_start_tls_client. */
void stream_start_tls_client(struct stream *s, struct tls_server *tls, struct str host,
                             struct str name, bool direct);
void stream_set_limits(struct stream *s, const struct xml_limits *limits);

/*
 * Where to write; what is written leaves at the end of the turn.  Bytes for a stream that is
 * over go nowhere.
 */
struct buf *stream_out(struct stream *s);

/*
 * Stop parsing (bytes are kept) until stream_go: while an answer is awaited from elsewhere.
 * In on_element it takes effect right behind that element.  Who holds for reasons of his own
 * ends what he began: the stream goes on when each stream_hold had its stream_go.
 */
void stream_hold(struct stream *s);
void stream_go(struct stream *s);
/* Stop and go on taking bytes from the peer, which may send only so fast. */
void stream_slow(struct stream *s, bool slow);
/* Drop what came behind the element being reported (bytes in the clear behind <starttls/>). */
void stream_discard(struct stream *s);

/*
 * End with an error (§4.9): our header first if none was sent, then </stream:stream>; then
 * over.  TEXT may be NULL.
 */
void stream_fail(struct stream *s, enum stream_error condition, const char *text);
/* The same with an application's condition (§4.9.4), as XML; absent: none. */
void stream_fail_with(struct stream *s, enum stream_error condition, const char *text,
                      struct str app);
/*
 * End the connection and not the stream, which can be resumed (XEP-0198 §5): what was written
 * arrives first.
 */
void stream_leave(struct stream *s);
/* End without a word: a peer that does not read would not hear it. */
void stream_drop(struct stream *s);
/*
 * End in peace (§4.4): say </stream:stream>, wait for the peer's for a short while, then over.
 */
void stream_close(struct stream *s);
bool stream_is_over(const struct stream *s); /* no more is read or written */

/*
 * To another shard, between elements: see transport_pack.  The stream's memory moves along;
 * both calls on their own shard.
 */
struct transport_parcel *stream_pack(struct stream *s);
MUST_CHECK int stream_unpack(struct stream *s, struct stream_env *env,
                             struct transport_parcel **parcel, void *owner);

/* A packed stream that no shard will unpack: its memory alone. */
void stream_abandon(struct stream **s);

struct transport *stream_transport(struct stream *s); /* NULL once it is over */
