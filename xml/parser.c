/*
 * parser.c - one peer's XML stream.
 *
 * Positions: expat counts bytes since its creation, of whatever streams it served; a parser knows how many it was fed, so
 * "behind the tag" in expat's count becomes an offset in the bytes at hand.
 *
 * Reparse deferral: expat puts off looking at a token that was incomplete last time until there is much more
 * of it, which is right for a large token that trickles in and would hold back a finished stanza until the next byte.  So
 * it stays on, and is lifted once whenever the part that expat holds back has a '>' in what just came.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "xml/parser.h"

#include "server/base/mem.h"
#include "xml/ns.h"
#include "xml/parser_pool.h"
#include "xml/utf8.h"
#include "xml/writer.h"

#include <stdlib.h>
#include <string.h>

#define SLICE_BYTES ((size_t)KIB(2)) /* given to expat at once: its buffer grows to a multiple of that and stays */
#define TOKEN_BYTES KIB(16) /* one tag; text is no token.  Three full JIDs and then some. */
#define HEADER_BYTES KIB(16) /* XML declaration, white space, stream header */
#define ELEMENT_ARENA_BYTES 1968 /* with the arena's own fields a 2 KiB block: a chat message, its reply, temporaries */

const struct xml_limits xml_limits_default = {
	.element_bytes = (size_t)KIB(256),
	.depth = 64,
	.attributes = 64,
	.name_bytes = 1024,
	.elements = 16384,
};

enum stream_state {
	EXPECT_HEADER,
	OPEN,
	CLOSED, /* the end tag was seen */
	FAILED,
};

struct xml_stream {
	struct xml_pool *pool;
	const struct xml_stream_ops *ops;
	void *owner;
	const struct xml_limits *limits;
	struct parser *parser; /* NULL while quiet */
	struct buf prologue; /* KIND_PRIVATE only */
	enum parser_kind kind;
	enum stream_state state;
	enum xml_result error; /* FAILED: which */
	bool feeding;
	bool pause;
	bool restart; /* wanted by a callback */
};

/* --- expat's events ---------------------------------------------------------------------------------------- */

static void stop(struct parser *p, enum xml_result why)
{
	if (p->result != XML_READ_OK)
		return;
	p->result = why;
	if (why == XML_READ_PAUSED || why == XML_READ_CLOSED) {
		p->stop_at = XML_GetCurrentByteIndex(p->expat) + XML_GetCurrentByteCount(p->expat);
		XML_StopParser(p->expat, XML_TRUE);
	} else {
		XML_StopParser(p->expat, XML_FALSE);
	}
}

/* After each callback of the owner. */
static void stop_if_paused(struct parser *p)
{
	if (p->stream->pause)
		stop(p, XML_READ_PAUSED);
}

static void need_arena(struct parser *p)
{
	if (p->tree.arena == NULL)
		p->tree.arena = arena_new(ELEMENT_ARENA_BYTES);
}

/* The usual declarations of a stream header, a bit each; and which sets of them have a pool. */
enum {
	DECL_STREAM = 1 << 0,
	DECL_CLIENT = 1 << 1,
	DECL_SERVER = 1 << 2,
	DECL_COMPONENT = 1 << 3,
	DECL_DIALBACK = 1 << 4,
	DECL_OTHER = 1 << 5,
};
static const unsigned kind_decls[KIND_COUNT] = {
	[KIND_CLIENT] = DECL_STREAM | DECL_CLIENT,
	[KIND_SERVER] = DECL_STREAM | DECL_SERVER,
	[KIND_SERVER_DIALBACK] = DECL_STREAM | DECL_SERVER | DECL_DIALBACK,
	[KIND_COMPONENT] = DECL_STREAM | DECL_COMPONENT,
};
static const struct {
	const char *prefix, *ns;
	unsigned decl;
} usual_decls[] = {
	{ "stream", NS_STREAM, DECL_STREAM },
	{ "", "jabber:client", DECL_CLIENT },
	{ "", "jabber:server", DECL_SERVER },
	{ "", "jabber:component:accept", DECL_COMPONENT },
	{ "db", "jabber:server:dialback", DECL_DIALBACK },
	{ "xml", NS_XML, 0 }, /* changes nothing */
};

static unsigned decl_of(const char *prefix, const char *ns)
{
	for (size_t i = 0; i < ARRAY_LEN(usual_decls); i++)
		if (strcmp(prefix, usual_decls[i].prefix) == 0 && strcmp(ns, usual_decls[i].ns) == 0)
			return usual_decls[i].decl;
	return DECL_OTHER;
}

/* Only while reading a header. */
static void on_declare(void *data, const char *prefix, const char *ns)
{
	struct parser *p = data;

	if (p->result != XML_READ_OK)
		return;
	prefix = prefix == NULL ? "" : prefix;
	ns = ns == NULL ? "" : ns; /* xmlns='' */
	if (strlen(ns) > p->stream->limits->name_bytes) {
		stop(p, XML_READ_LIMIT);
		return;
	}
	need_arena(p);
	if (prefix[0] == '\0')
		p->default_ns = arena_copy(p->tree.arena, str_of(ns));
	p->decls |= decl_of(prefix, ns);
	buf_append(&p->prologue, prefix[0] == '\0' ? STR(" xmlns") : STR(" xmlns:"));
	buf_append(&p->prologue, str_of(prefix));
	buf_append(&p->prologue, STR("='"));
	xml_write_value(&p->prologue, str_of(ns));
	buf_append(&p->prologue, STR("'"));
}

/* The name of the tag at hand as the peer wrote it, prefix and all: its end tag will have the same. */
static struct str raw_name(XML_Parser expat)
{
	int offset, size;
	const char *p = XML_GetInputContext(expat, &offset, &size);
	size_t n = 0;

	ASSERT(p != NULL && offset < size && p[offset] == '<');
	p += offset + 1;
	while (n < (size_t)(size - offset - 1) && strchr(" \t\r\n/>", p[n]) == NULL)
		n++;
	return str_make(p, n);
}

static void choose_kind(struct parser *p, const struct xml_node *header)
{
	struct xml_stream *s = p->stream;

	s->kind = KIND_PRIVATE;
	for (size_t kind = 0; kind < KIND_COUNT; kind++)
		if (p->decls == kind_decls[kind] && xml_is(header, NS_STREAM, "stream"))
			s->kind = (enum parser_kind)kind;
	p->kind = s->kind;
	if (s->kind != KIND_PRIVATE)
		return;
	buf_append(&s->prologue, STR("<"));
	buf_append(&s->prologue, raw_name(p->expat));
	buf_append(&s->prologue, buf_str(&p->prologue));
	buf_append(&s->prologue, STR(">"));
}

static void on_header(struct parser *p, const char *name, const char **atts)
{
	struct xml_stream *s = p->stream;
	enum xml_result result;
	struct xml_node *header;

	need_arena(p);
	result = tree_start(&p->tree, s->limits, name, atts);
	if (result != XML_READ_OK) {
		stop(p, result);
		return;
	}
	header = p->tree.open;
	choose_kind(p, header);
	s->state = OPEN;
	XML_SetNamespaceDeclHandler(p->expat, NULL, NULL);
	XML_SetXmlDeclHandler(p->expat, NULL);
	p->tree.open = NULL;
	p->tree.elements = 0;
	s->ops->on_open(s->owner, header, p->default_ns);
	arena_free(&p->tree.arena);
	buf_deinit(&p->prologue);
	p->default_ns = STR_NONE;
	stop_if_paused(p);
}

static void on_start(void *data, const char *name, const char **atts)
{
	struct parser *p = data;
	const struct xml_limits *limits = p->stream->limits;
	enum xml_result result;

	if (p->result != XML_READ_OK)
		return;
	if (p->tree.depth >= limits->depth || XML_GetCurrentByteCount(p->expat) > TOKEN_BYTES) {
		stop(p, XML_READ_LIMIT);
		return;
	}
	if (p->tree.depth == 0) {
		on_header(p, name, atts);
		return;
	}
	if (p->tree.depth == 1) {
		p->element_start = XML_GetCurrentByteIndex(p->expat);
		need_arena(p);
	}
	result = tree_start(&p->tree, limits, name, atts);
	if (result != XML_READ_OK)
		stop(p, result);
}

static void finish_element(struct parser *p, struct xml_node *element)
{
	struct xml_stream *s = p->stream;
	struct arena *arena = p->tree.arena;
	XML_Index end = XML_GetCurrentByteIndex(p->expat) + XML_GetCurrentByteCount(p->expat);

	if ((size_t)(end - p->element_start) > s->limits->element_bytes) {
		stop(p, XML_READ_LIMIT);
		return;
	}
	p->tree.arena = NULL;
	p->tree.elements = 0;
	s->ops->on_element(s->owner, arena, element);
	stop_if_paused(p);
}

static void on_end(void *data, const char *name)
{
	struct parser *p = data;
	struct xml_node *element;

	/* Paused in on_open by a header that ends itself: the end is told by the next feed. */
	if (p->result == XML_READ_PAUSED && p->tree.depth == 1)
		p->stream->state = CLOSED;
	if (p->result != XML_READ_OK)
		return;
	if (p->tree.depth == 1) {
		p->stream->state = CLOSED;
		stop(p, XML_READ_CLOSED);
		return;
	}
	element = tree_end(&p->tree);
	if (element != NULL)
		finish_element(p, element);
}

static void on_text(void *data, const char *text, int n)
{
	struct parser *p = data;

	if (p->result != XML_READ_OK)
		return;
	if (p->tree.depth > 1) {
		tree_text(&p->tree, text, (size_t)n);
		return;
	}
	/* RFC 6120 §11.7: white space may stand between elements, other text has no meaning there. */
	for (int i = 0; i < n; i++) {
		if (strchr(" \t\r\n", text[i]) == NULL) {
			stop(p, XML_READ_BAD_FORMAT);
			return;
		}
	}
}

/* RFC 6120 §11.1 */
static void on_comment(void *data, const char *text)
{
	stop(data, XML_READ_RESTRICTED);
}

static void on_instruction(void *data, const char *target, const char *text)
{
	stop(data, XML_READ_RESTRICTED);
}

static void on_doctype(void *data, const char *name, const char *sysid, const char *pubid, int has_subset)
{
	stop(data, XML_READ_RESTRICTED);
}

/* RFC 6120 §11.5 and §11.6.  Only while reading a header. */
static void on_declaration(void *data, const char *version, const char *encoding, int standalone)
{
	struct parser *p = data;

	if (version == NULL || strcmp(version, "1.0") != 0)
		stop(p, XML_READ_NOT_WELL_FORMED);
	else if (encoding != NULL && !str_eq_nocase(str_of(encoding), STR("UTF-8")))
		stop(p, XML_READ_ENCODING);
}

void parser_set_handlers(struct parser *p)
{
	bool header = p->kind == KIND_HEADER;

	XML_SetUserData(p->expat, p);
	XML_SetElementHandler(p->expat, on_start, on_end);
	XML_SetCharacterDataHandler(p->expat, on_text);
	XML_SetCommentHandler(p->expat, on_comment);
	XML_SetProcessingInstructionHandler(p->expat, on_instruction);
	XML_SetStartDoctypeDeclHandler(p->expat, on_doctype);
	XML_SetStartNamespaceDeclHandler(p->expat, header ? on_declare : NULL);
	XML_SetXmlDeclHandler(p->expat, header ? on_declaration : NULL);
	p->decls = 0;
}

/* --- feeding ----------------------------------------------------------------------------------------------- */

/* An invalid token is a wrong encoding when the bytes there are no UTF-8 (RFC 6120 §4.9.3.22). */
static bool is_bad_utf8(XML_Parser expat)
{
	int offset, size;
	const char *p = XML_GetInputContext(expat, &offset, &size);
	uint32_t cp;

	return p != NULL && offset < size && utf8_step(p + offset, (size_t)(size - offset), &cp) == 0;
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
	XML_SetReparseDeferralEnabled(p->expat, XML_FALSE);
	status = parser_parse(p, "", 0);
	XML_SetReparseDeferralEnabled(p->expat, XML_TRUE);
	return status;
}

/* What a slice leaves must be within the limits too, or a peer could make it grow without end. */
static enum xml_result check_limits(const struct parser *p)
{
	if (held_back(p) > TOKEN_BYTES)
		return XML_READ_LIMIT;
	if (p->tree.depth == 0 && p->fed > HEADER_BYTES)
		return XML_READ_LIMIT;
	if (p->tree.depth > 1 && (size_t)(p->fed - p->element_start) > p->stream->limits->element_bytes)
		return XML_READ_LIMIT;
	return XML_READ_OK;
}

/*
 * Expat takes a byte order mark, or a NUL beside the first "<", for UTF-16 whatever encoding it was told; no UTF-8 header
 * holds such bytes (RFC 6120 §11.6).
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

/* --- lending ----------------------------------------------------------------------------------------------- */

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
 * White space where no parser is lent: keepalives between elements (RFC 6120 §4.6.1), and what a peer sent between its last
 * element and the header of a restarted stream.
 */
static size_t skip_white(const struct xml_stream *s, struct str bytes)
{
	size_t n = 0;

	if (s->parser != NULL)
		return 0;
	while (n < bytes.n && (bytes.p[n] == ' ' || bytes.p[n] == '\n' || bytes.p[n] == '\r' || bytes.p[n] == '\t'))
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

/* --- the rest ---------------------------------------------------------------------------------------------- */

struct xml_stream *xml_stream_new(struct xml_pool *pool, const struct xml_stream_ops *ops, void *owner)
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
