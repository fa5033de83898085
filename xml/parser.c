/*
 * parser.c - one peer's XML stream.
 *
 * Positions: expat counts bytes since its creation, of whatever streams it served; a parser
 * knows how many it was fed, so "behind the tag" in expat's count becomes an offset in the
 * bytes at hand.
 *
 * Reparse deferral: expat puts off looking at a token that was incomplete last time until there
 * is much more of it, which is right for a large token that trickles in and would hold back a
 * finished stanza until the next byte.  So it stays on, and is lifted once whenever the part
 * that expat holds back has a '>' in what just came.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "xml/parser.h"

#include "server/base/mem.h"
#include "xml/stream_private.h"
#include "xml/utf8.h"

#include <stdlib.h>
#include <string.h>

#define SLICE_BYTES ((size_t)KIB(2)) /* given to expat at once: its buffer grows with it */
#define HEADER_BYTES KIB(16)         /* XML declaration, white space, stream header */

const struct xml_limits xml_limits_default = {
	.element_bytes = (size_t)KIB(256),
	.depth = 64,
	.attributes = 64,
	.name_bytes = 1024,
	.elements = 16384,
};

/* --- feeding ------------------------------------------------------------------------------ */

/* An invalid token is a wrong encoding when the bytes there are no UTF-8 (RFC 6120 §4.9.3.22). */
static bool is_bad_utf8(XML_Parser expat)
{
	int offset, size;
	const char *p = XML_GetInputContext(expat, &offset, &size);
	uint32_t cp;

	return p != NULL && offset < size &&
	       utf8_step(p + offset, (size_t)(size - offset), &cp) == 0;
}

static enum xml_result result_of_error(struct parser *p)
{
	switch (XML_GetErrorCode(p->expat)) {
	case XML_ERROR_ABORTED:
		return p->result;
	case XML_ERROR_UNBOUND_PREFIX:
		return XML_READ_BAD_PREFIX;
	case XML_ERROR_UNDEFINED_ENTITY:
	case XML_ERROR_PARAM_ENTITY_REF:
	case XML_ERROR_AMPLIFICATION_LIMIT_BREACH:
		return XML_READ_RESTRICTED;
	case XML_ERROR_UNKNOWN_ENCODING:
	case XML_ERROR_INCORRECT_ENCODING:
	case XML_ERROR_PARTIAL_CHAR:
		return XML_READ_ENCODING;
	case XML_ERROR_INVALID_TOKEN:
		return is_bad_utf8(p->expat) ? XML_READ_ENCODING : XML_READ_NOT_WELL_FORMED;
	case XML_ERROR_NO_MEMORY: /* PARSER_MAX_BYTES */
		return XML_READ_LIMIT;
	default:
		return XML_READ_NOT_WELL_FORMED;
	}
}

/* Bytes that expat was fed and has not made anything of. */
static size_t held_back(const struct parser *p)
{
	return (size_t)(p->fed - p->done);
}

/* An expat from before reparse deferral looks at everything at once. */
static enum XML_Status parse_deferred(struct parser *p)
{
#ifdef HAVE_XML_SETREPARSEDEFERRALENABLED
	enum XML_Status status;

	XML_SetReparseDeferralEnabled(p->expat, XML_FALSE);
	status = parser_parse(p, "", 0);
	XML_SetReparseDeferralEnabled(p->expat, XML_TRUE);
	return status;
#else
	return XML_STATUS_OK;
#endif
}

static enum XML_Status parse_slice(struct parser *p, struct str slice)
{
	enum XML_Status status;
	size_t held;

	p->fed += (XML_Index)slice.n;
	status = parser_parse(p, slice.p, slice.n);
	if (status != XML_STATUS_OK)
		return status;
	held = held_back(p);
	if (held > slice.n)
		held = slice.n;
	if (held == 0 || memchr(slice.p + slice.n - held, '>', held) == NULL)
		return status;
	return parse_deferred(p);
}

/* What a slice leaves must be within the limits too, or a peer could make it grow without end. */
static enum xml_result check_limits(const struct parser *p)
{
	if (held_back(p) > TOKEN_BYTES)
		return XML_READ_LIMIT;
	if (p->tree.depth == 0 && p->fed > HEADER_BYTES)
		return XML_READ_LIMIT;
	if (p->tree.depth > 1 &&
	    (size_t)(p->fed - p->element_start) > p->stream->limits->element_bytes)
		return XML_READ_LIMIT;
	return XML_READ_OK;
}

/*
 * Expat takes a byte order mark, or a NUL beside the first "<", for UTF-16 whatever encoding it
 * was told; no UTF-8 header holds such bytes (RFC 6120 §11.6).
 */
static bool looks_like_utf16(const struct parser *p, struct str slice)
{
	unsigned char first = (unsigned char)slice.p[0];

	if (p->kind != KIND_HEADER || p->fed > 1)
		return false;
	if (p->fed == 0 && (first == 0xFE || first == 0xFF))
		return true;
	return first == '\0' || (p->fed == 0 && slice.n > 1 && slice.p[1] == '\0');
}

static enum xml_result feed_slice(struct parser *p, struct str slice, size_t *used_out)
{
	XML_Index before = p->fed;

	*used_out = slice.n;
	if (looks_like_utf16(p, slice))
		return XML_READ_ENCODING;
	switch (parse_slice(p, slice)) {
	case XML_STATUS_OK:
		return check_limits(p);
	case XML_STATUS_SUSPENDED:
		*used_out = (size_t)(p->stop_at - before);
		return p->result;
	default:
		return result_of_error(p);
	}
}

/* --- lending ------------------------------------------------------------------------------ */

static void take_parser(struct xml_stream *s)
{
	if (s->parser != NULL)
		return;
	s->parser = pool_borrow(s->pool, s->kind, buf_str(&s->prologue));
	s->parser->stream = s;
}

/* Between elements and with nothing held back, the parser can serve another stream. */
static void release_if_quiet(struct xml_stream *s)
{
	struct parser *p = s->parser;

	if (p->tree.depth != 1 || held_back(p) > 0)
		return;
	if (s->kind == KIND_PRIVATE && p->heap_bytes <= PARSER_KEEP_BYTES)
		return;
	pool_give_back(s->pool, &s->parser);
}

/* The bytes behind the tag are not ours yet, so expat has to forget that it saw them. */
static void release_paused(struct xml_stream *s)
{
	struct parser *p = s->parser;

	if (p->fed == p->stop_at) {
		p->result = XML_READ_OK;
		ASSERT(parser_resume(p) == XML_STATUS_OK);
	} else {
		parser_rewind(s->pool, p, buf_str(&s->prologue));
	}
	release_if_quiet(s);
}

static void do_restart(struct xml_stream *s)
{
	parser_free(&s->parser);
	buf_deinit(&s->prologue);
	s->kind = KIND_HEADER;
	s->state = EXPECT_HEADER;
	s->restart = false;
}

/* What is done with the parser once feed returns. */
static void settle(struct xml_stream *s, enum xml_result result)
{
	if (s->restart) {
		do_restart(s);
		return;
	}
	switch (result) {
	case XML_READ_OK:
		if (s->parser != NULL)
			release_if_quiet(s);
		break;
	case XML_READ_PAUSED:
		if (s->state == CLOSED)
			parser_free(&s->parser);
		else
			release_paused(s);
		break;
	case XML_READ_CLOSED:
		parser_free(&s->parser);
		break;
	default:
		parser_free(&s->parser);
		s->state = FAILED;
		s->error = result;
	}
}

/*
 * White space where no parser is lent: keepalives between elements (RFC 6120 §4.6.1), and what
 * a peer sent between its last element and the header of a restarted stream.
 */
static size_t skip_white(const struct xml_stream *s, struct str bytes)
{
	size_t n = 0;

	if (s->parser != NULL)
		return 0;
	while (n < bytes.n && (bytes.p[n] == ' ' || bytes.p[n] == '\n' || bytes.p[n] == '\r' ||
	                       bytes.p[n] == '\t'))
		n++;
	return n;
}

enum xml_result xml_stream_feed(struct xml_stream *s, struct str bytes, size_t *used_out)
{
	enum xml_result result = XML_READ_OK;
	size_t at;

	ASSERT(!s->feeding);
	*used_out = 0;
	if (s->state == CLOSED)
		return XML_READ_CLOSED;
	if (s->state == FAILED)
		return s->error;
	s->feeding = true;
	s->pause = false;
	at = skip_white(s, bytes);
	while (result == XML_READ_OK && at < bytes.n) {
		size_t used;

		take_parser(s);
		result = feed_slice(s->parser, str_slice(bytes, at, at + SLICE_BYTES), &used);
		at += used;
	}
	s->feeding = false;
	settle(s, result);
	*used_out = result == XML_READ_PAUSED || result == XML_READ_CLOSED ? at : bytes.n;
	return result;
}

/* --- the rest ----------------------------------------------------------------------------- */

struct xml_stream *xml_stream_new(struct xml_pool *pool, const struct xml_stream_ops *ops,
                                  void *owner)
{
	struct xml_stream *s = MEM_NEW(struct xml_stream);

	s->pool = pool;
	s->ops = ops;
	s->owner = owner;
	s->limits = &xml_limits_default;
	s->kind = KIND_HEADER;
	return s;
}

void xml_stream_free(struct xml_stream **s)
{
	if (*s == NULL)
		return;
	ASSERT(!(*s)->feeding);
	parser_free(&(*s)->parser);
	buf_deinit(&(*s)->prologue);
	free(*s);
	*s = NULL;
}

void xml_stream_restart(struct xml_stream *s)
{
	if (s->feeding) {
		s->restart = true;
		s->pause = true;
	} else {
		do_restart(s);
	}
}

void xml_stream_set_limits(struct xml_stream *s, const struct xml_limits *limits)
{
	s->limits = limits;
}

void xml_stream_move(struct xml_stream *s, struct xml_pool *pool, void *owner)
{
	ASSERT(!s->feeding && !xml_stream_in_element(s));
	/* A private parser moves along: its memory is its own. */
	if (s->kind != KIND_PRIVATE)
		parser_free(&s->parser);
	s->pool = pool;
	s->owner = owner;
}

void xml_stream_pause(struct xml_stream *s)
{
	s->pause = true;
}

bool xml_stream_in_element(const struct xml_stream *s)
{
	const struct parser *p = s->parser;
	struct str rest;
	int offset, size;

	if (p == NULL || (p->tree.depth == 1 && held_back(p) == 0))
		return false;
	if (p->tree.depth != 1)
		return true;
	/* A carriage return is held back until expat knows whether a line feed follows. */
	rest.p = XML_GetInputContext(p->expat, &offset, &size);
	if (rest.p == NULL)
		return true;
	rest = str_make(rest.p + offset, (size_t)(size - offset));
	return str_trim(rest).n > 0;
}

bool xml_stream_is_open(const struct xml_stream *s)
{
	return s->state == OPEN;
}
