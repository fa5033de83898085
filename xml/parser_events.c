/*
 * parser_events.c - what expat's events mean to a stream: the header, then one tree after
 * another.
 *
 * Handlers stop expat when something is wrong or the owner pauses, and expat may still call a
 * few after that; so each looks at p->result first.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "xml/ns.h"
#include "xml/stream_private.h"
#include "xml/writer.h"

#include <string.h>

#define ELEMENT_ARENA_BYTES 1968 /* a 2 KiB block: a chat message, its reply, temporaries */

static void stop(struct parser *p, enum xml_result why)
{
	if (p->result != XML_READ_OK)
		return;
	p->result = why;
	if (why == XML_READ_PAUSED || why == XML_READ_CLOSED) {
		p->stop_at =
			XML_GetCurrentByteIndex(p->expat) + XML_GetCurrentByteCount(p->expat);
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
		if (strcmp(prefix, usual_decls[i].prefix) == 0 &&
		    strcmp(ns, usual_decls[i].ns) == 0)
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

/*
 * The name of the tag at hand as the peer wrote it, prefix and all: its end tag will have the
 * same.
 */
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
	/*
	 * RFC 6120 §11.7: white space may stand between elements, other text has no meaning
	 * there.
	 */
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

static void on_doctype(void *data, const char *name, const char *sysid, const char *pubid,
                       int has_subset)
{
	stop(data, XML_READ_RESTRICTED);
}

/* RFC 6120 §11.5 and §11.6.  Only while reading a header. */
static void on_declaration(void *data, const char *version, const char *encoding,
                           int standalone)
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
