/*
 * reader.c - a whole piece of XML at once: what the store gives back, and tests.
 *
 * The text was written by xml_print; it is read under the rules of a stream all the same (RFC
 * 6120 §11.1), because old versions, other tools and damaged disks write too.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"
#include "xml/tree.h"
#include "xml/writer.h"

#include <expat.h>
#include <limits.h>

/* Wider than a stream's: a stored element may be wrapped, and was counted when it came in. */
static const struct xml_limits read_limits = {
	.element_bytes = INT_MAX,
	.depth = 256,
	.attributes = 256,
	.name_bytes = 4096,
	.elements = SIZE_MAX,
};

struct reader {
	XML_Parser expat;
	struct tree tree;
	struct xml_node *root;
};

static void refuse(struct reader *r)
{
	XML_StopParser(r->expat, XML_FALSE);
}

static void on_start(void *data, const char *name, const char **atts)
{
	struct reader *r = data;

	if (r->tree.depth >= read_limits.depth ||
	    tree_start(&r->tree, &read_limits, name, atts) != XML_READ_OK)
		refuse(r);
}

static void on_end(void *data, const char *name)
{
	struct reader *r = data;
	XML_ParsingStatus status;

	XML_GetParsingStatus(r->expat, &status);
	if (status.parsing == XML_FINISHED) /* refused in the start of an empty element */
		return;
	r->root = tree_end(&r->tree);
}

static void on_text(void *data, const char *p, int n)
{
	struct reader *r = data;

	tree_text(&r->tree, p, (size_t)n);
}

static void on_comment(void *data, const char *text)
{
	refuse(data);
}

static void on_instruction(void *data, const char *target, const char *text)
{
	refuse(data);
}

static void on_doctype(void *data, const char *name, const char *sysid, const char *pubid,
                       int has_subset)
{
	refuse(data);
}

int xml_read(struct arena *arena, struct str text, const struct xml_node **node_out)
{
	struct reader r = { .tree = { .arena = arena } };
	enum XML_Status status;

	if (text.n == 0 || text.n > INT_MAX / 2)
		return ERR_INVALID;
	r.expat = XML_ParserCreateNS("UTF-8", TREE_SEPARATOR);
	ASSERT(r.expat != NULL);
	XML_SetUserData(r.expat, &r);
	XML_SetElementHandler(r.expat, on_start, on_end);
	XML_SetCharacterDataHandler(r.expat, on_text);
	XML_SetCommentHandler(r.expat, on_comment);
	XML_SetProcessingInstructionHandler(r.expat, on_instruction);
	XML_SetStartDoctypeDeclHandler(r.expat, on_doctype);
	status = XML_Parse(r.expat, text.p, (int)text.n, XML_TRUE);
	XML_ParserFree(r.expat);
	buf_deinit(&r.tree.text);
	if (status != XML_STATUS_OK || r.root == NULL)
		return ERR_INVALID;
	*node_out = r.root;
	return 0;
}
