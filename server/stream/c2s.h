/*
 * c2s.h - the stream of a client: from the accepted socket to a bound session (RFC 6120 §4 to
 * §7).
 *
 *     accept ─▶ header ─▶ STARTTLS ─▶ header ─▶ SASL ═▶ header ─▶ bind ─▶ stanzas
 *               any shard                         ║     the account's shard
 *                                                 ╚═ c2s_pack here, c2s_unpack there; the new owner says <success/>
 *
 * The account, the throttle and the session are the upper layer's: it gives a table of
 * functions (c2s_ops), and answers what it was asked with c2s_supply, c2s_bound and so
 * on.  What it answers from elsewhere it addresses by the stream's number (c2s_find), since the
 * stream may be gone by then.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/shard/timer.h"
#include "server/stream/auth.h"
#include "server/stream/stream.h"
#include "xml/stanza.h"

struct c2s;
struct c2s_env;

/*
 * What streams need of a served host; immutable, lives as long as any stream that was given it.
 */
struct c2s_host {
	struct str name;
	/*
	 * bits of enum auth_mechanism; EXTERNAL is taken away from clients without certificate
	 */
	unsigned mechanisms;
	/* where its passwords are known; absent: here.  Longer than that is not waited. */
	struct str saslauthd;
	int64_t saslauthd_ms;
};

struct c2s_ops {
	/* The host that serves DOMAIN (prepared), or NULL. */
	const struct c2s_host *(*find_host)(struct c2s_env *env, struct str domain);
	/* XML to offer at c2s_host_of(c): EARLY, beside SASL under TLS; else beside binding. */
	struct str (*features)(struct c2s *c, bool early);
	/*
	 * Find the account LOCAL (prepared) of c2s_host_of(c): answer with c2s_supply, from
	 * here or later.
	 */
	void (*lookup)(struct c2s *c, struct str local);
	/*
	 * LOCAL (prepared) has no account, and whoever knows the host's passwords vouches for
	 * it: make one, and answer with c2s_supply when it is on disk.
	 */
	void (*newcomer)(struct c2s *c, struct str local);
	/* A secret was wrong. */
	void (*guessed)(struct c2s *c, struct str local);
	/* C is who it says: move it to the account's shard.  LOCAL is absent for ANONYMOUS. */
	void (*authenticated)(struct c2s *c, struct str local);
	/* An iq before authentication: true when it was taken (with ARENA). */
	bool (*early)(struct c2s *c, struct arena *arena, struct xml_node *element);
	/*
	 * Bind RESOURCE (prepared; absent: make one): answer with c2s_bound or c2s_refuse_bind.
	 */
	void (*bind)(struct c2s *c, struct str resource);
	/*
	 * <resume/> in place of binding (XEP-0198 §5): answer with c2s_resumed or
	 * c2s_refuse_resume.
	 */
	void (*resume)(struct c2s *c, const struct xml_node *element);
	/* Something from a bound session; ARENA is the callee's. */
	void (*element)(struct c2s *c, struct arena *arena, struct xml_node *element);
	/*
	 * The client of a bound session has said its last: c2s_close when all that it is owed
	 * has been sent.
	 */
	void (*closing)(struct c2s *c);
	/* Does the session of C outlast its connection (XEP-0198 §5)? */
	bool (*outlasts)(const struct c2s *c);
	/* The stream is over; C is freed when this returns. */
	void (*gone)(struct c2s *c);
};

TAILQ_HEAD(c2s_list, c2s);

/* One for each shard. */
struct c2s_env {
	struct shard *shard;
	struct stream_env *streams;
	const struct c2s_ops *ops;
	const struct stream_limits *limits; /* borrowed */
	struct tls_server *tls;             /* borrowed; for connections to come */
	void *owner;                        /* the upper layer's */
	struct c2s *by_number;
	struct c2s_list all;
	struct count_table *addresses; /* unauthenticated connections */
	struct rate_table *guesses;    /* wrong secrets by address */
	uint64_t next_number;
	size_t n_all;
	uint64_t accepted;
};
void c2s_env_init(struct c2s_env *env, struct shard *shard, struct stream_env *streams,
                  const struct c2s_ops *ops, void *owner);
void c2s_env_deinit(struct c2s_env *env);
/* End every stream with CONDITION, but those that can be resumed: they lose their connection. */
void c2s_env_shutdown(struct c2s_env *env, enum stream_error condition);

/* End every stream that was marked with ACCOUNT (c2s_set_account). */
void c2s_env_end(struct c2s_env *env, const void *account, enum stream_error condition,
                 const char *text);

/* Take over an accepted socket; DIRECT: TLS from the first byte. */
void c2s_accept(struct c2s_env *env, int fd, bool direct);
/* The stream of that number, NULL when it is gone or on another shard. */
struct c2s *c2s_find(struct c2s_env *env, uint64_t number);

/* Answers. */
void c2s_supply(struct c2s *c, const struct auth_account *account);
void c2s_refuse_lookup(struct c2s *c); /* the store cannot tell now, or too many ask */
void c2s_bound(struct c2s *c, struct jid full, void *session);
void c2s_refuse_bind(struct c2s *c, enum stanza_error condition);
/* ANSWER is written first: <resumed/>. */
void c2s_resumed(struct c2s *c, struct jid full, void *session, struct str answer);
void c2s_refuse_resume(struct c2s *c, struct str answer); /* <failed/>; it may bind yet */
/* The session is no more, though the stream may last a moment longer. */
void c2s_unbind(struct c2s *c);
/* An answer to an early iq. */
void c2s_early_reply(struct c2s *c, const struct stanza *reply);

/*
 * Moving: the two halves, each on its shard.  Between them C belongs to the message that
 * carries it.
 */
struct transport_parcel *c2s_pack(struct c2s *c);
/*
 * Go on here, saying <success/>; false when the connection broke on the way (C is freed then,
 * without gone).
 */
bool c2s_unpack(struct c2s *c, struct c2s_env *env, struct transport_parcel **parcel,
                struct jid account);
/* Instead of it: the account is gone meanwhile. */
void c2s_parcel_drop(struct c2s *c, struct transport_parcel **parcel);

/*
 * Send a stanza to the client of a bound session.  Over out_bytes the stream is ended
 * (policy-violation).
 */
void c2s_send(struct c2s *c, const struct stanza *s);
/*
 * The same of what is written already, or is no stanza.  Over out_bytes and queue_bytes together
 * the stream is ended: a queue that comes all at once is within its bound.
 */
void c2s_write(struct c2s *c, struct str xml);
/* Count N more bytes against what the client may send: for work that costs more than its bytes. */
void c2s_charge(struct c2s *c, int64_t n);
void c2s_close(struct c2s *c);
void c2s_fail(struct c2s *c, enum stream_error condition, const char *text);
/* The same with an application's condition: stream_fail_with. */
void c2s_fail_with(struct c2s *c, enum stream_error condition, const char *text,
                   struct str app);
/* End it without a word: its client is gone, or has to begin anew. */
void c2s_drop(struct c2s *c);
/* Stop and go on reading from it, while an answer to it is awaited: as stream_hold. */
void c2s_hold(struct c2s *c);
void c2s_go(struct c2s *c);
/* Stop reading from it until c2s_env_go: the store is behind. */
void c2s_wait(struct c2s *c);
void c2s_env_go(struct c2s_env *env);
bool c2s_is_over(const struct c2s *c);
bool c2s_is_closed(const struct c2s *c); /* the client has said </stream:stream> */

struct c2s_env *c2s_env_of(const struct c2s *c);
const struct c2s_host *c2s_host_of(const struct c2s *c);
uint64_t c2s_number(const struct c2s *c);
void *c2s_session(const struct c2s *c); /* what c2s_bound gave; NULL before */
/* the stream's default language; absent when the client gave none */
struct str c2s_lang(const struct c2s *c);
struct str c2s_address(const struct c2s *c); /* the block that limits by address go by */
const struct log_ctx *c2s_log(const struct c2s *c);
int64_t c2s_idle_ms(const struct c2s *c); /* since the client last sent anything */
/*
 * How the client came: "TLS1.3 AES-256-GCM", "SCRAM-SHA-256-PLUS", its address; for lists of
 * sessions.
 */
struct str c2s_describe(const struct c2s *c, struct arena *arena);
/* the upper layer's mark between unpack and gone */
void c2s_set_account(struct c2s *c, void *account);
void *c2s_account(const struct c2s *c);
/* the id of the account that the last c2s_supply gave; 0: none */
uint64_t c2s_account_id(const struct c2s *c);
