/*
 * question.h - asking clients what they can do, and judging what they say (XEP-0115 §5.4).
 *
 *     presence with <c/> ─▶ known on this shard?  ─▶ done
 *                               │ no
 *                               ▼
 *     is another session asked?  ── yes ─▶ this one looks again with each stanza that it sends
 *                               │ no
 *                               ▼
 *     iq get to the session ─▶ its answer, in HOOK_SENT ─▶ verified: cached for all
 *                                                       └▶ not: forgotten, and another is asked
 *
 * What is cached is verified: its hash is the string that it is kept under, and no other
 * reading of it is possible (ver.h).  A client that fails is not asked again about that string.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/module.h"

#define CAPS_KEY_MAX 52 /* "sha-256 " and 44 of base64 */

struct caps_conf {
	int64_t entries, bytes;
};

/* For each host and shard. */
struct caps_state {
	struct lru *known;       /* "sha-1 VER" to what was verified: caps_known */
	struct lru *asked;       /* the same to when a session was asked */
	struct mod_rates *rates; /* questions by account */
	uint32_t n_questions;
	uint8_t ver_n; /* the host's own, once it was computed */
	char ver[28];
};

/* At each session; zero announces nothing. */
struct caps_session {
	uint64_t node;     /* hash of "NODE#VER", by which the account asks for it */
	uint64_t seen;     /* evictions of the cache when it was found there last */
	uint32_t question; /* the number of the one that waits for its answer; 0: none */
	bool known, refused;
	uint8_t key_n;
	char key[CAPS_KEY_MAX];
};

static inline struct str caps_key(const struct caps_session *cs)
{
	return str_make(cs->key, cs->key_n);
}

/* What was verified under KEY: features, each between two NULs; an XML text of the rest. */
bool caps_known(struct caps_state *state, struct str key, struct str *features_out,
                struct str *rest_out);

/* Handlers of HOOK_SENT, HOOK_RESUMED and HOOK_ENDED. */
int caps_on_resumed(struct mod *m, struct event *ev);
int caps_on_sent(struct mod *m, struct event *ev);
int caps_on_ended(struct mod *m, struct event *ev);
