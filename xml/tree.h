/*
 * tree.h - from expat's events to a tree of nodes in an arena.
 *
 * Private to this layer: the stream parser and xml_read feed it.  Names come as expat gives
 * them, "namespace\nname" (a line feed cannot stand in a namespace name).  A start tag is one
 * allocation: node, attributes and strings.  Namespace names are shared: with the parent when
 * equal, with static text when well known; so most comparisons end at the pointer.
 *
 * An element that is still open has its parent in `next`: it is the last child, so that place
 * is free until its end tag.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/buf.h"
#include "xml/parser.h"

#define TREE_SEPARATOR '\n'

struct tree {
	struct arena *arena;
	struct xml_node *open; /* the innermost element without its end tag; NULL: outside */
	struct buf text; /* character data not yet put in a node, so that adjacent pieces become
	                    one */
	size_t depth;    /* of open elements, this tree's root being 1 */
	size_t elements;
};

/* XML_READ_OK, or XML_READ_LIMIT.  ATTS as expat gives them: name, value, …, NULL. */
enum xml_result tree_start(struct tree *t, const struct xml_limits *limits, const char *name,
                           const char **atts);
/* The end of the innermost element.  Returns the root when that was it, else NULL. */
struct xml_node *tree_end(struct tree *t);
void tree_text(struct tree *t, const char *p, size_t n);

/*
 * NS as static text when it is well known, as PARENT_NS when it equals that, else copied to
 * ARENA.
 */
struct str tree_intern_ns(struct arena *arena, struct str ns, struct str parent_ns);
