/*
 * s2s_private.h - what the files of a stream between servers share.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/log.h"
#include "server/base/map.h"
#include "server/base/mem.h"
#include "server/stream/dialback.h"
#include "server/stream/s2s.h"

#define S2S_REFUSALS 5  /* of SASL on one stream (RFC 6120 §6.4.5: 2 to 5) */
#define S2S_WHY_MAX 256 /* bytes of a peer's own words in our log */

/* In the order in which they come; each side has some of them alone. */
enum s2s_stage {
	STAGE_CLEAR,    /* before TLS */
	STAGE_STARTTLS, /* outgoing: asked for */
	STAGE_HANDSHAKE,
	STAGE_SECURE,  /* TLS; nothing is proven */
	STAGE_SASL,    /* outgoing: <auth/> is under way */
	STAGE_ASKED,   /* outgoing: <db:result/> is under way */
	STAGE_RESTART, /* SASL is through, and the new header awaited */
	STAGE_OPEN,    /* a pair is authenticated */
};

struct s2s_pair {
	struct s2s_pair *next;
	struct str local, remote;
	enum s2s_proof proof;
	bool proven; /* else it is being asked for */
	char text[];
};

/* What an incoming stream wants to prove, or a component has proven, while it may be moving. */
struct s2s_claim {
	bool is_sasl; /* EXTERNAL; else <db:result/>, but for components */
	struct str local, remote;
	struct str key; /* of dialback */
	char text[];
};

/* Of dialback, to the peer (s2s_ask). */
struct s2s_question {
	struct s2s_question *next;
	struct str local, remote, id, key;
	bool sent;
	char text[];
};

/* How a peer's certificate is judged beside its domain; until TLS is there. */
struct s2s_dane {
	struct arena *arena;
	struct str secure_name;
	struct resolve_tlsa tlsa;
};

struct s2s {
	TAILQ_ENTRY(s2s) link;
	UT_hash_handle hh; /* in env->by_number */
	struct s2s_env *env;
	struct stream *stream;
	struct log_ctx log;
	uint64_t number;
	void *owner;
	char *local, *remote; /* owned: what the header says, the target's; NULL: unknown */
	char *id; /* owned: of the stream, by which dialback's keys go; the accepting side's */
	char *address; /* owned: the block that limits by address go by */
	char *why;     /* owned: why it failed */
	struct s2s_pair *pairs;
	struct s2s_claim *claim;
	struct s2s_question *questions;
	struct s2s_dane *dane; /* outgoing */
	struct timer timer;    /* stage, then idleness */
	struct timer pace;     /* goes on reading when the allowance is back */
	struct rate bytes;
	struct rate_limit allowance; /* of its domain; burst 0: the limits' */
	struct rate claims;          /* proofs by dialback that it asked for */
	int64_t deadline;            /* of the login */
	int64_t heard;               /* when the peer last sent anything */
	int64_t used;                /* when an element last passed either way */
	uint8_t stage;               /* enum s2s_stage */
	uint8_t refusals;
	uint8_t n_pairs, n_questions;
	bool outgoing : 1;
	bool component : 1;
	bool counted : 1;   /* in env->addresses */
	bool certified : 1; /* the peer's certificate is one of its domain */
	bool settled : 1;   /* ops->claims was asked */
	bool bidi : 1;
	bool sm : 1; /* the peer offers it */
	bool lasting : 1;
	bool closed : 1;  /* in peace */
	bool refused : 1; /* a proof was */
};

/* s2s.c */
void s2s_stage(struct s2s *s); /* the next stage of the negotiation begins */
void s2s_begin(struct s2s *s); /* stanzas may pass from now on */
void s2s_join(struct s2s *s, struct s2s_env *env);
void s2s_leave(struct s2s *s);
void s2s_free_parts(struct s2s *s); /* all that it owns but the stream */
void s2s_forget_address(struct s2s *s);
void s2s_admit(struct s2s *s); /* count its address, and refuse it when there are too many */
void s2s_set_remote(struct s2s *s, struct str remote);
/* Why it failed, when nothing was said before: for logs, cut at S2S_WHY_MAX. */
void s2s_blame(struct s2s *s, const char *format, ...) PRINTF_LIKE(2, 3);
/* As transport_verify_peer. */
MUST_CHECK int s2s_check_certificate(struct s2s *s, struct arena *arena, struct str remote,
                                     struct str *problem_out);
/* End it when more waits than may: it does not read. */
void s2s_check_pending(struct s2s *s);
bool s2s_is_stanza(const struct s2s *s, const struct xml_node *element);
/* Hand ELEMENT to the upper layer, its stanzas in jabber:client. */
void s2s_pass(struct s2s *s, struct arena *arena, struct xml_node *element);
/* Append S to the text at *AT. */
struct str s2s_put(char **at, struct str s);

/* s2s_in.c */
void s2s_in_header(struct s2s *s, struct arena *arena, const struct stream_header *h);
void s2s_in_element(struct s2s *s, struct arena *arena, struct xml_node *element);

/* s2s_component.c */
void s2s_component_header(struct s2s *s, struct arena *arena, const struct stream_header *h);
void s2s_component_element(struct s2s *s, struct arena *arena, struct xml_node *element);
/* It is on the shard of its domain. */
void s2s_component_welcome(struct s2s *s);

/* s2s_out.c */
void s2s_out_begin(struct s2s *s, const struct s2s_target *target);
void s2s_out_header(struct s2s *s, const struct stream_header *h);
void s2s_out_element(struct s2s *s, struct arena *arena, struct xml_node *element);
void s2s_out_secure(struct s2s *s);
void s2s_dane_free(struct s2s_dane **dane);

/* s2s_pairs.c */
struct s2s_pair *s2s_add_pair(struct s2s *s, struct str local, struct str remote);
/* A proof begins, by dialback's KEY or (absent) by SASL: maybe on another shard, s2s_pursue there. */
void s2s_begin_claim(struct s2s *s, struct str local, struct str remote, struct str key);
void s2s_pursue(struct s2s *s);
/* A question of dialback. */
void s2s_on_question(struct s2s *s, const struct dialback *d);
