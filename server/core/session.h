/*
 * session.h - a bound resource of an account (RFC 6120 §7, RFC 6121 §2).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/core/entity.h"

struct session {
	TAILQ_ENTRY(session) link;
	struct entity *entity;
	struct c2s *c2s; /* NULL: hibernating (sm.h) */
	struct sm *sm;   /* NULL: not managed */
	struct jid jid;  /* the text stands behind the struct */
	/* owned: a header over shared content, which is referenced; NULL: unavailable */
	struct arena *presence_arena;
	const struct stanza *presence;
	struct mod *filter_mod;
	session_filter_fn *filter;
	int8_t priority;
	bool renewing; /* its kept presence is being sent again */
	char *text;    /* behind the modules' states */
	_Alignas(max_align_t) char states[];
};

/*
 * Bind RESOURCE (absent: make one) for C by the host's conflict policy; 0, or the error to
 * answer with in *condition_out (returns ERR_DENIED).
 */
MUST_CHECK int session_bind(struct entity *e, struct c2s *c, struct str resource,
                            struct session **session_out, enum stanza_error *condition_out);
/* The client knows of its resource: tells the modules. */
void session_began(struct session *s);
/* The stream is over: tells the modules, then frees S. */
void session_end(struct session *s);
/* The server stops: frees S, which comes back with the next start if it can be resumed. */
void session_leave(struct session *s);
/* A session of E without a stream; neither limits nor conflicts are looked at. */
struct session *session_add(struct entity *e, struct str resource);
/* Thread: the session's shard. */
void session_write(struct session *s, const struct stanza *stanza);
