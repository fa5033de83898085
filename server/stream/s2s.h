/*
 * s2s.h - a stream between servers, in either direction: TLS, SASL EXTERNAL, dialback (RFC 6120, XEP-0220, XEP-0178,
 * XEP-0288), up to the point where stanzas may pass.
 *
 *     incoming   accept ─▶ header ─▶ STARTTLS ─▶ header ─▶ (moves to the shard of the domain that it claims to be)
 *                       ─▶ SASL EXTERNAL or <db:result/> ─▶ stanzas of each pair that was authenticated
 *     outgoing   s2s_open on a connected socket ─▶ header ─▶ STARTTLS ─▶ header ─▶ <db:verify/>s
 *                       ─▶ EXTERNAL or dialback ─▶ ready: stanzas of its pair
 *
 *     component  accept ─▶ header ─▶ <handshake/> (XEP-0114) ─▶ (moves likewise) ─▶ stanzas of its domain
 *
 * A pair is a served domain (local) and a peer's (remote).  Nothing passes without TLS, but for components, which
 * have no local domain: they send to all.  What is sent and what came is
 * the upper layer's, which gives a table of functions (s2s_ops), as with c2s.h; stream management is its affair too.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/net/resolve.h"
#include "server/shard/timer.h"
#include "server/stream/stream.h"
#include "xml/stanza.h"

#define S2S_PAIRS_MAX 64    /* that one stream is authenticated for */
#define S2S_VERIFIES_MAX 64 /* questions of dialback under way on one stream */

struct s2s;
struct s2s_env;

/* How a peer is met; by the configuration. */
struct s2s_policy {
	bool refused;  /* not at all: policy-violation */
	bool dialback; /* it may prove by dialback who it is; else its certificate has to */
	struct rate_limit bytes; /* what a stream of its may bring; zero: as others */
};

/* By what a pair was authenticated. */
enum s2s_proof {
	S2S_CERTIFICATE, /* SASL EXTERNAL; outgoing: the peer's certificate was verified */
	S2S_DIALBACK,
	S2S_HANDSHAKE, /* a component's, by its secret */
};

/* What is known of a component beforehand. */
struct s2s_component {
	struct str secret;
	struct rate_limit bytes; /* what it may bring */
};

struct s2s_ops {
	/* Is DOMAIN (prepared) served here, for other servers too? */
	bool (*serves)(struct s2s_env *env, struct str domain);
	struct s2s_policy (*policy)(struct s2s_env *env, struct str local, struct str remote);
	/* Is DOMAIN (prepared) a component's? */
	bool (*component)(struct s2s_env *env, struct str domain, struct s2s_component *out);
	/*
	 * An incoming stream is about to prove that it is REMOTE (prepared).  True: it stays on this shard.
	 * False: it was held and will be moved (s2s_pack, s2s_unpack), and this is not asked again.
	 */
	bool (*claims)(struct s2s *s, struct str remote);
	/* Ask REMOTE whether KEY is its own (XEP-0220 §2.2.1): answer with s2s_verified, now or later. */
	void (*verify)(struct s2s *s, struct str local, struct str remote, struct str id,
	               struct str key);
	/* REMOTE may send to LOCAL (absent: to anybody) on this stream from now on. */
	void (*authenticated)(struct s2s *s, struct str local, struct str remote,
	                      enum s2s_proof proof);
	/* Outgoing: stanzas of its pair may be sent.  Incoming, with XEP-0288 or a component's: the same. */
	void (*ready)(struct s2s *s);
	/* An answer to s2s_ask. */
	void (*answered)(struct s2s *s, struct str local, struct str remote, struct str id,
	                 bool valid);
	/*
	 * A stanza, or an element of stream management, of a stream that is authenticated for at least one pair,
	 * or that has become ready; addresses were not looked at.  ARENA is the callee's.
	 */
	void (*element)(struct s2s *s, struct arena *arena, struct xml_node *element);
	/*
	 * The stream is over; S is freed when this returns.  WHY (may be NULL) says why it failed before it was
	 * ready, for logs.
	 */
	void (*gone)(struct s2s *s, const char *why);
};

TAILQ_HEAD(s2s_list, s2s);

/* One for each shard. */
struct s2s_env {
	struct shard *shard;
	struct stream_env *streams;
	const struct s2s_ops *ops;
	const struct stream_limits *limits; /* borrowed */
	struct tls_server *tls;             /* borrowed; federates; for connections to come */
	const char *secret; /* of dialback keys (XEP-0185): one for all shards */
	bool bidi;          /* XEP-0288 is spoken */
	void *owner;        /* the upper layer's */
	struct s2s *by_number;
	struct s2s_list all;
	struct count_table *addresses; /* unauthenticated incoming connections */
	uint64_t next_number;
	size_t n_all;
};
void s2s_env_init(struct s2s_env *env, struct shard *shard, struct stream_env *streams,
                  const struct s2s_ops *ops, void *owner);
void s2s_env_deinit(struct s2s_env *env);
/* End every stream: those whose owner says so (s2s_set_lasting) lose their connection alone. */
void s2s_env_shutdown(struct s2s_env *env, enum stream_error condition);

/* Take over an accepted socket; DIRECT: TLS from the first byte. */
void s2s_accept(struct s2s_env *env, int fd, bool direct);
/* The same of a component; no TLS. */
void s2s_accept_component(struct s2s_env *env, int fd);
/* Where an outgoing stream goes; copied. */
struct s2s_target {
	struct str local, remote; /* prepared */
	bool direct_tls;
	struct str secure_name;          /* as transport_verify_peer; may be absent */
	const struct resolve_tlsa *tlsa; /* may be NULL */
};
/* On the connected socket FD, which is taken.  NULL: it broke at once. */
struct s2s *s2s_open(struct s2s_env *env, int fd, const struct s2s_target *target, void *owner);
/* The stream of that number, NULL when it is gone or on another shard. */
struct s2s *s2s_find(struct s2s_env *env, uint64_t number);

/*
 * Outgoing: ask the peer whether KEY is its own (<db:verify/>), as soon as there is TLS, before the stream itself is
 * authenticated; answered, or gone.  ERR_BUSY: S2S_VERIFIES_MAX are under way.
 */
MUST_CHECK int s2s_ask(struct s2s *s, struct str local, struct str remote, struct str id,
                       struct str key);
enum s2s_verdict {
	S2S_VALID,
	S2S_INVALID,
	S2S_UNREACHABLE, /* remote-connection-failed, XEP-0220 §2.4 */
};
/* The answer to ops->verify. */
void s2s_verified(struct s2s *s, struct str local, struct str remote, enum s2s_verdict verdict);

/* As c2s_pack and so on. */
struct transport_parcel *s2s_pack(struct s2s *s);
bool s2s_unpack(struct s2s *s, struct s2s_env *env, struct transport_parcel **parcel);
void s2s_parcel_drop(struct s2s *s, struct transport_parcel **parcel);

/* May REMOTE send to LOCAL on this stream? */
bool s2s_admits(const struct s2s *s, struct str local, struct str remote);
/*
 * Write what is XML already.  Over out_bytes, where it goes with stanzas (ready) over out_bytes and queue_bytes
 * together, the stream is ended.
 */
void s2s_write(struct s2s *s, struct str xml);
/* Write a stanza as it goes between servers; the same bound. */
void s2s_send(struct s2s *s, const struct stanza *stanza);
/* Count N more bytes against what the peer may send: for work that costs more than its bytes. */
void s2s_charge(struct s2s *s, int64_t n);
void s2s_close(struct s2s *s);
void s2s_fail(struct s2s *s, enum stream_error condition, const char *text);
void s2s_fail_with(struct s2s *s, enum stream_error condition, const char *text,
                   struct str app);
void s2s_drop(struct s2s *s); /* without a word */
void s2s_hold(struct s2s *s);
void s2s_go(struct s2s *s);
bool s2s_is_over(const struct s2s *s);
bool s2s_was_closed(const struct s2s *s); /* in peace, by either side */
/* Outgoing: one of the two does not take the other's proof, and another attempt will not change that. */
bool s2s_was_refused(const struct s2s *s);
bool s2s_is_outgoing(const struct s2s *s);
bool s2s_is_component(const struct s2s *s);
bool s2s_is_ready(const struct s2s *s);
bool s2s_offers_sm(const struct s2s *s); /* outgoing: the peer's features had XEP-0198 */
bool s2s_is_bidi(const struct s2s *s);   /* both sides agreed on XEP-0288 */

struct s2s_env *s2s_env_of(const struct s2s *s);
uint64_t s2s_number(const struct s2s *s);
struct str s2s_local(const struct s2s *s); /* of the (first) pair; absent before it is known */
struct str s2s_remote(const struct s2s *s);
void *s2s_owner(const struct s2s *s);
void s2s_set_owner(struct s2s *s, void *owner);
void s2s_set_lasting(struct s2s *s, bool lasting);
const struct log_ctx *s2s_log(const struct s2s *s);
int64_t s2s_idle_ms(const struct s2s *s); /* since an element last passed, either way */
/* "TLS1.3 AES-256-GCM, certificate, from 192.0.2.1" (outgoing: to); for logs and lists. */
struct str s2s_describe(const struct s2s *s, struct arena *arena);
/* SHA-256 of the peer's certificate in hex; absent: none. */
struct str s2s_fingerprint(const struct s2s *s, struct arena *arena);
