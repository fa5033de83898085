/*
 * node.h - XML elements and text as a tree in an arena.
 *
 * Built by the parser or by hand, immutable from the moment its stanza is routed.  Names carry
 * their namespace, never a prefix; the writer makes prefixes.  Strings borrow from the arena,
 * or are static.
 *
 *     struct xml_node *query = xml_new(arena, NS_LAST, "query");
 *     xml_set(arena, query, "seconds", text);
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/arena.h"

struct xml_attr {
	const struct xml_attr *next;
	struct str ns; /* absent for plain attributes */
	struct str name;
	struct str value;
};

struct xml_node {
	struct xml_node *next;         /* sibling */
	struct xml_node *first, *last; /* children */
	struct xml_attr *attrs;
	struct str ns, name; /* an element; name is absent for text */
	struct str text;     /* a text node's */
};

/*
 * Building.  NS and NAME are static or live as long as the arena; values are borrowed too
 * (arena_copy what does not last).
 */
struct xml_node *xml_new(struct arena *arena, const char *ns, const char *name);
struct xml_node *xml_new_str(struct arena *arena, struct str ns, struct str name);
void xml_append(struct xml_node *parent, struct xml_node *child);
/* An element added to PARENT, in the namespace NS (NULL: the parent's). */
struct xml_node *xml_add(struct arena *arena, struct xml_node *parent, const char *ns,
                         const char *name);
void xml_add_text(struct arena *arena, struct xml_node *parent, struct str text);
/* <name>text</name> in the parent's namespace. */
struct xml_node *xml_add_leaf(struct arena *arena, struct xml_node *parent, const char *name,
                              struct str text);
/* Set, replace or (absent value) remove an attribute. */
void xml_set(struct arena *arena, struct xml_node *node, const char *name, struct str value);
void xml_set_ns(struct arena *arena, struct xml_node *node, const char *ns, const char *name,
                struct str value);

/* Reading. */
static inline bool xml_is_element(const struct xml_node *n)
{
	return n != NULL && n->name.p != NULL;
}
bool xml_is(const struct xml_node *node, const char *ns, const char *name); /* false for NULL */
bool xml_in_ns(const struct xml_node *node, const char *ns);
struct str xml_attr(const struct xml_node *node,
                    const char *name); /* absent when there is none */
struct str xml_attr_ns(const struct xml_node *node, const char *ns, const char *name);
/* Element children in order: begin with PREV NULL. */
const struct xml_node *xml_next_child(const struct xml_node *node, const struct xml_node *prev);
/* The first child element of that name; NS NULL: the parent's namespace. */
const struct xml_node *xml_child(const struct xml_node *node, const char *ns, const char *name);
/* The child element, when there is exactly one element child; else NULL. */
const struct xml_node *xml_only_child(const struct xml_node *node);
/* All text directly in NODE, joined; empty (not absent) when there is none. */
struct str xml_text(struct arena *arena, const struct xml_node *node);
/*
 * Text of the first child of that name in the parent's namespace; absent when there is no such
 * child.
 */
struct str xml_child_text(struct arena *arena, const struct xml_node *node, const char *name);
/* Bytes of all names, values and texts in NODE: a little less than it takes when written. */
size_t xml_size(const struct xml_node *node);
/*
 * NODE without those of its children for which KEEP says no: a copy of the element, which shares
 * the children that stay, and whatever is in them.
 */
typedef bool xml_keep_fn(void *arg, const struct xml_node *child);
struct xml_node *xml_filter(struct arena *arena, const struct xml_node *node, xml_keep_fn *keep,
                            void *arg);
/* A deep copy, strings included. */
struct xml_node *xml_copy(struct arena *arena, const struct xml_node *node);
