/*
 * c2s_private.h - what the files of a client's stream share.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/log.h"
#include "server/base/map.h"
#include "server/shard/offload.h"
#include "server/stream/c2s.h"

#define C2S_GUESSES 5   /* wrong secrets on one stream (RFC 6120 §6.4.5: 2 to 5) */
#define C2S_REFUSALS 10 /* all refusals: some clients go through every mechanism they know */
#define C2S_FORMS 3     /* answers before login that a person may take login-timeout to read */
#define C2S_CERT_JIDS 8

enum c2s_state {
	C2S_CLEAR, /* before TLS */
	C2S_HANDSHAKE,
	C2S_SECURE,        /* TLS, not authenticated */
	C2S_AUTHENTICATED, /* not bound */
	C2S_BOUND,
};

/* All of it gone once the client is authenticated. */
struct c2s_sasl {
	struct offload_job job; /* while a password is hashed */
	struct c2s_env *env;
	uint64_t number; /* of the stream, which may go meanwhile */
	struct arena *arena;
	struct auth_facts facts;
	const char *binding_types[4];
	struct str certificate_jids[C2S_CERT_JIDS];
	struct auth *auth; /* NULL between attempts */
};

struct c2s {
	TAILQ_ENTRY(c2s) link;
	UT_hash_handle hh; /* in env->by_number */
	struct c2s_env *env;
	struct stream *stream;
	const struct c2s_host *host; /* NULL before the first header */
	struct c2s_sasl *sasl;       /* while negotiating; NULL while it is on the pool */
	struct log_ctx log;
	uint64_t number;
	void *session;
	void *account;
	uint64_t account_id; /* of the account that SASL looked up */
	const char *mechanism;
	/* owned: xml:lang of the client's header (RFC 6120 §4.7.4); NULL: none */
	char *lang;
	char *address; /* owned: the block that limits by address go by */
	/*
	 * owned: the name and success data on the way to the account's shard, then the id of
	 * the bind iq
	 */
	char *text;
	struct str success; /* data for <success/>, on the way to its shard */
	struct jid jid;     /* bare before binding, then full */
	struct timer timer; /* stage, then idleness */
	/* goes on reading when the allowance is back, or a guess has waited */
	struct timer pace;
	struct rate bytes;
	int64_t deadline; /* of the login */
	int64_t heard;    /* when the client last sent anything */
	uint8_t state;    /* enum c2s_state */
	uint8_t guesses, refusals;
	uint8_t forms;     /* C2S_FORMS */
	bool counted : 1;  /* in env->addresses */
	bool asked : 1;    /* an answer of the upper layer is awaited: lookup, bind */
	bool delaying : 1; /* pace delays a lookup */
	bool waiting : 1;  /* by c2s_wait */
	bool secure : 1;
	bool closed : 1; /* the client has said its last */
};

/* features.c */
void c2s_send_features(struct c2s *c);

/* c2s_sasl.c */
void c2s_sasl_element(struct c2s *c, const struct xml_node *element);
void c2s_sasl_offer(struct c2s *c, struct buf *out);
void c2s_sasl_delayed(struct c2s *c); /* the wait before a lookup is over */
void c2s_sasl_free(struct c2s_sasl **sasl);
void c2s_sasl_refuse(struct c2s *c, enum auth_condition condition);

/* c2s_bind.c: an element of a client that has authenticated, and has no session yet */
void c2s_bind_element(struct c2s *c, struct arena *arena, const struct xml_node *element);

/* c2s.c */
void c2s_stage(struct c2s *c); /* the next one of the negotiation begins */
void c2s_join(struct c2s *c, struct c2s_env *env);
void c2s_leave(struct c2s *c);
void c2s_forget_address(struct c2s *c);   /* count it down, once */
