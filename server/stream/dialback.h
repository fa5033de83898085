/*
 * dialback.h - server dialback: its keys (XEP-0185) and its elements (XEP-0220).
 *
 *     initiating ── <db:result>key ──────────▶ receiving ── <db:verify>key ──────────▶ authoritative
 *                ◀── <db:result type='valid'/>           ◀── <db:verify type='valid'/>
 *
 * Keys need no memory: whoever is asked makes the key again and compares.  Who may ask what, and what an answer is
 * worth, is s2s's affair.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/buf.h"
#include "xml/node.h"
#include "xml/stanza.h"

#define DIALBACK_TEXT_MAX 1024 /* bytes of an id or a key; others' keys may be of any kind */

/*
 * The key by which ORIGINATING proves itself to RECEIVING on the stream that RECEIVING has given ID
 * (XEP-0185 §2): 64 hex digits in ARENA.
 */
struct str dialback_key(struct arena *arena, const char *secret, struct str receiving,
                        struct str originating, struct str id);
/* Is KEY that one? */
bool dialback_key_is_right(const char *secret, struct str receiving, struct str originating,
                           struct str id, struct str key);

enum dialback_type {
	DIALBACK_REQUEST, /* no type: a question */
	DIALBACK_VALID,
	DIALBACK_INVALID,
	DIALBACK_ERROR,
	DIALBACK_UNKNOWN, /* another type */
};

struct dialback {
	bool is_verify; /* <db:verify/>; else <db:result/> */
	enum dialback_type type;
	struct str from, to; /* prepared */
	struct str id;       /* of <db:verify/> */
	struct str key;      /* of a question */
	struct str error;    /* the condition's name; absent: none was given */
};

/* Is it an element that dialback_read knows? */
bool dialback_is(const struct xml_node *element);
/* ERR_INVALID: an address, a key or an id is missing, or not one. */
MUST_CHECK int dialback_read(struct arena *arena, const struct xml_node *element,
                             struct dialback *d_out);
/* Write D, a question or an answer; the prefix db is the stream's (stream_open). */
void dialback_write(struct buf *out, const struct dialback *d);
/* The answer to the question D: from and to exchanged. */
struct dialback dialback_answer(const struct dialback *d, enum dialback_type type);
/* The same, of type error (XEP-0220 §2.5), whose CONDITION is the name of a stanza error. */
struct dialback dialback_refusal(const struct dialback *d, const char *condition);
