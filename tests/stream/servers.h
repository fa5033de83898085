/*
 * servers.h - two servers that meet over a pair of sockets, and a puppet that says what a test wants, for tests of
 * s2s.h.
 *
 * All shards run on the caller's thread, by turns.  What a server's upper layer hears is kept as text, one line each:
 *
 *     "authenticated b.example a.example certificate"    local, remote
 *     "ready"   "element <message xmlns='jabber:client'/>"   "answered valid"   "claims a.example"   "verify key"
 *     "gone offers no TLS"
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/buf.h"
#include "server/base/clock.h"
#include "server/stream/s2s.h"

#define SERVERS_SHARDS 3

struct servers {
	struct shard_group *group;
	struct shard *shards[SERVERS_SHARDS];
	struct stream_env streams[SERVERS_SHARDS];
	struct arena *arena;
	struct server *all;
	char dir[64];
};

struct servers *servers_open(void);
/* Every stream ends first. */
void servers_close(struct servers **w);
/* One turn of each shard. */
void servers_turn(struct servers *w);

/* How a server answers ops->verify. */
enum server_verify {
	VERIFY_REALLY, /* by a stream to the other server */
	VERIFY_VALID,
	VERIFY_INVALID,
	VERIFY_UNREACHABLE,
	VERIFY_NEVER,
};

struct server {
	struct servers *world;
	struct server *next;
	struct server *other; /* whom VERIFY_REALLY asks */
	const char *name;     /* the domain that it serves */
	struct tls_server *tls;
	struct stream_limits limits;
	struct s2s_policy policy;
	struct s2s_env envs[SERVERS_SHARDS]; /* from FIRST on, N of them */
	unsigned first, n;
	bool moves; /* streams go from its first shard to its second for their proof */
	enum server_verify verify;
	uint64_t waiting; /* the stream that waits for VERIFY_REALLY */
	struct buf told;
	unsigned n_gone;
};

/* On N shards from FIRST on; TRUSTS: it takes the others' certificates for good. */
struct server *server_new(struct servers *w, const char *name, unsigned first, unsigned n,
                          bool trusts);
/* A stream from A to B. */
struct s2s *server_connect(struct server *a, struct server *b, bool direct);
/* The stream that B has accepted last, on any of its shards; NULL: none is left. */
struct s2s *server_incoming(struct server *b);
/* Was this line told, up to its end or to END ("element <message" finds the rest)? */
bool server_told(const struct server *server, const char *line);

/* A peer that does as it is told. */
struct puppet {
	struct servers *world;
	struct stream *stream;
	struct tls_server *tls;
	/* headers as "<stream from='' to=''>", elements as XML, "</stream>", "<secure/>" */
	struct buf got;
	size_t n_bytes; /* that came */
	bool accepts;   /* else it has connected */
	bool over;
};

/* That connects to B, with the certificate of NAME. */
struct puppet *puppet_connect(struct server *b, const char *name);
/* That A connects to. */
struct puppet *puppet_accept(struct server *a, const char *name, struct s2s **s_out);
void puppet_free(struct puppet **p);
void puppet_say(struct puppet *p, const char *xml);
/* Its header, and all up to the peer's features under TLS; FROM may be NULL. */
void puppet_header(struct puppet *p, const char *from, const char *to);
void puppet_tls(struct puppet *p, const char *from, const char *to);
bool puppet_got(const struct puppet *p, const char *text);

#define SERVERS_PATIENCE_MS SECONDS(30)
/* Turn until COND holds, at most some seconds. */
#define servers_until(w, cond) \
	do { \
		int64_t until_ms = clock_mono_ms() + SERVERS_PATIENCE_MS; \
\
		while (!(cond) && clock_mono_ms() < until_ms) \
			servers_turn(w); \
		ck_assert_msg((cond), "never came true: %s", #cond); \
	} while (0)
