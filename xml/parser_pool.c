/*
 * parser_pool.c - expat parsers that have seen a stream header.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "xml/parser_pool.h"

#include "server/base/mem.h"
#include "server/base/rand.h"
#include "xml/ns.h"

#include <malloc.h>
#include <stdlib.h>

struct xml_pool {
	struct parser *idle[KIND_COUNT];
	size_t idle_count;
	unsigned long salt; /* against chosen collisions in expat's tables; one for all saves a
	                       system call for each parser */
};

#define HEADER(more) "<stream:stream xmlns:stream='" NS_STREAM "' xmlns='" more "'>"
static const struct str headers[KIND_COUNT] = {
	[KIND_CLIENT] = STR_INIT(HEADER("jabber:client")),
	[KIND_SERVER] = STR_INIT(HEADER("jabber:server")),
	[KIND_SERVER_DIALBACK] =
		STR_INIT(HEADER("jabber:server' xmlns:db='jabber:server:dialback")),
	[KIND_COMPONENT] = STR_INIT(HEADER("jabber:component:accept")),
};

/* --- memory ------------------------------------------------------------------------------- */

/*
 * Expat's allocation functions get no context, so this says whose memory they speak of.  It is
 * set around each call into expat and put back after it (a handler may feed another stream).
 */
static _Thread_local struct parser *counted;

static void *counted_realloc(void *old, size_t n)
{
	size_t had = old == NULL ? 0 : malloc_usable_size(old);
	void *p;

	if (counted->heap_bytes - had + n > PARSER_MAX_BYTES)
		return NULL; /* expat reports XML_ERROR_NO_MEMORY */
	p = mem_resize(old, n);
	counted->heap_bytes += malloc_usable_size(p) - had;
	return p;
}

static void *counted_malloc(size_t n)
{
	return counted_realloc(NULL, n);
}

static void counted_free(void *p)
{
	if (p == NULL)
		return;
	counted->heap_bytes -= malloc_usable_size(p);
	free(p);
}

/*
 * Expat does not know where it is when it has moved its buffer and put off parsing: then it is
 * where it was.
 */
static void note_done(struct parser *p)
{
	XML_Index at = XML_GetCurrentByteIndex(p->expat);

	if (at >= 0)
		p->done = at;
}

enum XML_Status parser_parse(struct parser *p, const char *bytes, size_t n)
{
	struct parser *outer = counted;
	enum XML_Status status;

	counted = p;
	status = XML_Parse(p->expat, bytes, (int)n, XML_FALSE);
	counted = outer;
	note_done(p);
	return status;
}

enum XML_Status parser_resume(struct parser *p)
{
	struct parser *outer = counted;
	enum XML_Status status;

	counted = p;
	status = XML_ResumeParser(p->expat);
	counted = outer;
	note_done(p);
	return status;
}

/* --- one parser --------------------------------------------------------------------------- */

static void prime(struct xml_pool *pool, struct parser *p, struct str prologue)
{
	struct str header = p->kind < KIND_COUNT ? headers[p->kind] : prologue;

	XML_SetHashSalt(p->expat, pool->salt);
	p->fed = 0;
	p->done = 0;
	if (p->kind != KIND_HEADER) {
		ASSERT(parser_parse(p, header.p, header.n) == XML_STATUS_OK);
		p->fed = (XML_Index)header.n;
		ASSERT(p->done == p->fed);
	}
	p->tree.depth = p->kind == KIND_HEADER ? 0 : 1;
	p->element_start = p->fed;
	p->result = XML_READ_OK;
	parser_set_handlers(p);
}

static struct parser *parser_new(struct xml_pool *pool, enum parser_kind kind,
                                 struct str prologue)
{
	static const XML_Memory_Handling_Suite memory = {
		.malloc_fcn = counted_malloc,
		.realloc_fcn = counted_realloc,
		.free_fcn = counted_free,
	};
	struct parser *p = MEM_NEW(struct parser);
	struct parser *outer = counted;

	counted = p;
	/* Naming the encoding here overrules what an XML declaration says (RFC 6120 §11.6). */
	p->expat = XML_ParserCreate_MM("UTF-8", &memory,
	                               (const XML_Char[]){ TREE_SEPARATOR, '\0' });
	counted = outer;
	ASSERT(p->expat != NULL);
	p->kind = kind;
	prime(pool, p, prologue);
	return p;
}

static void forget_element(struct parser *p)
{
	arena_free(&p->tree.arena);
	p->tree.open = NULL;
	p->tree.elements = 0;
	buf_clear(&p->tree.text);
	if (p->tree.text.cap > TEXT_KEEP_BYTES)
		buf_deinit(&p->tree.text);
}

void parser_free(struct parser **p)
{
	struct parser *gone = *p;
	struct parser *outer = counted;

	*p = NULL;
	if (gone == NULL)
		return;
	forget_element(gone);
	buf_deinit(&gone->tree.text);
	buf_deinit(&gone->prologue);
	counted = gone;
	XML_ParserFree(gone->expat);
	counted = outer;
	free(gone);
}

void parser_rewind(struct xml_pool *pool, struct parser *p, struct str prologue)
{
	struct parser *outer = counted;

	forget_element(p);
	counted = p;
	XML_ParserReset(p->expat, "UTF-8");
	counted = outer;
	prime(pool, p, prologue);
}

/* --- the pool ----------------------------------------------------------------------------- */

struct xml_pool *xml_pool_new(void)
{
	struct xml_pool *pool = MEM_NEW(struct xml_pool);

	pool->salt = (unsigned long)rand_u64() | 1; /* 0 would mean "choose one" */
	return pool;
}

void xml_pool_free(struct xml_pool **pool)
{
	if (*pool == NULL)
		return;
	for (size_t kind = 0; kind < KIND_COUNT; kind++) {
		while ((*pool)->idle[kind] != NULL) {
			struct parser *p = (*pool)->idle[kind];

			(*pool)->idle[kind] = p->next;
			parser_free(&p);
		}
	}
	free(*pool);
	*pool = NULL;
}

struct parser *pool_borrow(struct xml_pool *pool, enum parser_kind kind, struct str prologue)
{
	struct parser *p = kind < KIND_COUNT ? pool->idle[kind] : NULL;

	if (p == NULL)
		return parser_new(pool, kind, prologue);
	pool->idle[kind] = p->next;
	p->next = NULL;
	pool->idle_count--;
	return p;
}

void pool_give_back(struct xml_pool *pool, struct parser **p)
{
	struct parser *back = *p;

	ASSERT(back->tree.open == NULL && back->tree.depth == 1);
	if (back->heap_bytes > PARSER_KEEP_BYTES || back->kind >= KIND_COUNT ||
	    pool->idle_count >= POOL_KEEP_PARSERS) {
		parser_free(p);
		return;
	}
	forget_element(back);
	buf_deinit(&back->prologue);
	back->stream = NULL;
	back->next = pool->idle[back->kind];
	pool->idle[back->kind] = back;
	pool->idle_count++;
	*p = NULL;
}
