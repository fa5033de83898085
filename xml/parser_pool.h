/*
 * parser_pool.h - expat parsers that have seen a stream header, lent to streams.  Private to
 * this layer.
 *
 * With the header read, depth 1 and no byte held back, two parsers with the same namespace
 * declarations are interchangeable, so a stream needs one only while an element is incomplete.
 * There are as many kinds as there are usual sets of declarations; a stream with other ones has
 * a parser of its own, and its PROLOGUE (a header with those declarations) to make that parser
 * again.
 *
 * Memory: expat interns every name it meets and never shrinks a buffer, so each parser counts
 * its bytes.  Past PARSER_KEEP_BYTES it is freed at the next quiet point; past PARSER_MAX_BYTES
 * it gets no more and the element is refused.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "xml/tree.h"

#include <expat.h>

#define PARSER_KEEP_BYTES ((size_t)KIB(64))
#define PARSER_MAX_BYTES ((size_t)MIB(1))
#define TEXT_KEEP_BYTES ((size_t)KIB(4)) /* of the buffer for character data, while quiet */
#define POOL_KEEP_PARSERS 32           /* idle ones in one pool */

/* Sets of namespace declarations on a stream header; each has its pool. */
enum parser_kind {
	KIND_CLIENT, /* xmlns='jabber:client' xmlns:stream='…' */
	KIND_SERVER,
	KIND_SERVER_DIALBACK, /* and xmlns:db='jabber:server:dialback' (XEP-0220) */
	KIND_COMPONENT,       /* xmlns='jabber:component:accept' (XEP-0114) */
	KIND_COUNT,
	KIND_PRIVATE = KIND_COUNT, /* anything else */
	KIND_HEADER,               /* no header seen yet */
};

struct parser {
	struct parser *next; /* in the pool */
	XML_Parser expat;
	size_t heap_bytes; /* what expat holds */
	XML_Index fed;           /* bytes given to expat, the priming header included */
	XML_Index done;          /* of these, the bytes that expat has made something of */
	XML_Index element_start; /* where the element under way begins */
	enum parser_kind kind;

	/* The rest is the stream's that has it. */
	struct xml_stream *stream;
	struct tree tree;
	enum xml_result result; /* why a handler stopped expat; XML_READ_OK: it did not */
	XML_Index stop_at;      /* PAUSED and CLOSED: just behind the tag at which */
	struct buf prologue;    /* while reading a header: its namespace declarations, as XML */
	struct str default_ns;  /* while reading a header; in the tree's arena */
	unsigned decls; /* which of the usual declarations the header has, one bit for each */
};

struct parser *pool_borrow(struct xml_pool *pool, enum parser_kind kind, struct str prologue);
/*
 * P is at a quiet point, between elements with nothing held back: keep it for others, or free
 * it when it is too big or too many.
 */
void pool_give_back(struct xml_pool *pool, struct parser **p);
void parser_free(struct parser **p);
/* Forget all input and read the header of its kind anew.  PROLOGUE: for KIND_PRIVATE. */
void parser_rewind(struct xml_pool *pool, struct parser *p, struct str prologue);
/* XML_Parse and XML_ResumeParser with P's memory counted and P->done kept. */
enum XML_Status parser_parse(struct parser *p, const char *bytes, size_t n);
enum XML_Status parser_resume(struct parser *p);
/* Set our handlers; in parser_events.c. */
void parser_set_handlers(struct parser *p);
