/*
 * parser.h - one peer's XML stream, as it comes: the stream header, then one tree for each
 * element below it.
 *
 * Restricted as RFC 6120 §11.1 asks: no DTD, comment, processing instruction, or entity beyond
 * the five; UTF-8 only; XML declaration 1.0 only, at the very start.  Every dimension is
 * bounded (struct xml_limits).
 *
 * An expat parser weighs as much as a TLS session, so a quiet stream has none: each shard keeps
 * a pool of parsers that have seen a plain stream header, and a stream borrows one while an
 * element is incomplete.
 *
 *     feed ─▶ expat ─▶ on_open(header) ─▶ on_element(arena, tree) … ─▶ on_close()
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "xml/node.h"

/* Each shard has one.  Not thread-safe. */
struct xml_pool;
struct xml_pool *xml_pool_new(void);
void xml_pool_free(struct xml_pool **pool);

struct xml_limits {
	size_t element_bytes; /* one stanza */
	size_t depth;         /* of elements, the stream header being 1 */
	size_t attributes;    /* of one element */
	size_t name_bytes;    /* of one name or namespace */
	size_t elements;      /* in one stanza */
};
extern const struct xml_limits xml_limits_default; /* 256 KiB, 64, 64, 1024, 16384 */

/* Why reading stopped; the first three are not errors. */
enum xml_result {
	XML_READ_OK,     /* all bytes were taken */
	XML_READ_PAUSED, /* xml_stream_pause was called: the bytes behind the element are left */
	XML_READ_CLOSED, /* the end tag of the stream came; the bytes behind it are left */
	XML_READ_NOT_WELL_FORMED,
	XML_READ_RESTRICTED, /* RFC 6120 §4.9.3.18 */
	XML_READ_ENCODING,   /* §4.9.3.22 */
	XML_READ_BAD_PREFIX, /* an undeclared namespace prefix, §4.9.3.2 */
	XML_READ_LIMIT,      /* §4.9.3.14 */
	XML_READ_BAD_FORMAT, /* text between elements, where only white space may stand (§11.7):
	                        bad-format, §4.9.3.1 */
};

/*
 * Called from xml_stream_feed.  They may call xml_stream_pause and xml_stream_restart (which
 * pauses, and takes effect when feed returns), and xml_stream_free or xml_stream_move only
 * after feed has returned.
 */
struct xml_stream_ops {
	/*
	 * The start tag of the stream.  HEADER has attributes and no children, and is freed
	 * after the call.  DEFAULT_NS is the default namespace declared there: absent when
	 * there is none, so that invalid-namespace (§4.9.3.10) and bad-namespace-prefix can be
	 * told (NS_STREAM: the header has no prefix).
	 */
	void (*on_open)(void *owner, const struct xml_node *header, struct str default_ns);
	/*
	 * A whole element at depth 2.  ARENA holds it and belongs to the callee from here on
	 * (arena_free).
	 */
	void (*on_element)(void *owner, struct arena *arena, struct xml_node *element);
};

struct xml_stream;

/* A new stream, before its header; small (under 200 bytes) while quiet. */
struct xml_stream *xml_stream_new(struct xml_pool *pool, const struct xml_stream_ops *ops,
                                  void *owner);
void xml_stream_free(struct xml_stream **s);
/* Expect a new header: after STARTTLS and SASL (RFC 6120 §4.3.3). */
void xml_stream_restart(struct xml_stream *s);
void xml_stream_set_limits(struct xml_stream *s,
                           const struct xml_limits *limits); /* borrowed */
/* Between elements only: leave one shard's pool, and go on with another's. */
void xml_stream_move(struct xml_stream *s, struct xml_pool *pool, void *owner);

/*
 * Parse BYTES.  *used_out is how many were taken: all of them unless the result is PAUSED or
 * CLOSED, when it points right behind the element (or end tag) in whose callback pause was
 * called.  Any error is final.
 */
enum xml_result xml_stream_feed(struct xml_stream *s, struct str bytes, size_t *used_out);
/* Stop after the element being reported.  The next feed goes on. */
void xml_stream_pause(struct xml_stream *s);
/* Is part of an element (more than white space) held? */
bool xml_stream_in_element(const struct xml_stream *s);
bool xml_stream_is_open(const struct xml_stream *s); /* has the header been seen */
