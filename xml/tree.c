/*
 * tree.c - from expat's events to a tree of nodes in an arena.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "xml/tree.h"

#include "xml/ns.h"

#include <string.h>

/* The usual ones first: found by length, then by bytes. */
static const struct str well_known[] = {
	STR_INIT(NS_CLIENT),       STR_INIT(NS_SERVER),     STR_INIT(NS_XML),
	STR_INIT(NS_SASL),         STR_INIT(NS_BIND),       STR_INIT(NS_SESSION),
	STR_INIT(NS_STANZA_ERROR), STR_INIT(NS_TLS),        STR_INIT(NS_STREAM),
	STR_INIT(NS_STREAM_ERROR), STR_INIT(NS_DISCO_INFO), STR_INIT(NS_DISCO_ITEMS),
	STR_INIT(NS_PING),         STR_INIT(NS_DELAY),      STR_INIT(NS_DATA_FORM),
	STR_INIT(NS_COMMANDS),     STR_INIT(NS_VERSION),    STR_INIT(NS_TIME),
	STR_INIT(NS_LAST),         STR_INIT(NS_REGISTER),
};

struct str tree_intern_ns(struct arena *arena, struct str ns, struct str parent_ns)
{
	if (ns.n == 0)
		return STR_NONE;
	if (ns.n == parent_ns.n && memcmp(ns.p, parent_ns.p, ns.n) == 0)
		return parent_ns;
	for (size_t i = 0; i < ARRAY_LEN(well_known); i++)
		if (ns.n == well_known[i].n && memcmp(ns.p, well_known[i].p, ns.n) == 0)
			return well_known[i];
	return arena_copy(arena, ns);
}

/* "namespace\nname" or "name", cut in two. */
static struct str cut_name(const char *full, struct str *ns_out)
{
	size_t n = strlen(full);
	const char *sep = memchr(full, TREE_SEPARATOR, n);

	if (sep == NULL) {
		*ns_out = STR_NONE;
		return str_make(full, n);
	}
	*ns_out = str_make(full, (size_t)(sep - full));
	return str_make(sep + 1, n - ns_out->n - 1);
}

static struct str put(char **at, struct str s)
{
	struct str copy = str_make(*at, s.n);

	memcpy(*at, s.p, s.n);
	*at += s.n;
	return copy;
}

/* What a start tag takes beside the node; false when a limit is broken. */
static bool measure(const struct xml_limits *limits, const char **atts, size_t *count_out,
                    size_t *bytes_out)
{
	size_t count = 0;
	size_t bytes = 0;

	for (; atts[2 * count] != NULL; count++) {
		struct str ns;
		struct str name = cut_name(atts[2 * count], &ns);

		if (count >= limits->attributes || name.n > limits->name_bytes ||
		    ns.n > limits->name_bytes)
			return false;
		bytes += sizeof(struct xml_attr) + name.n + strlen(atts[2 * count + 1]);
	}
	*count_out = count;
	*bytes_out = bytes;
	return true;
}

static void fill_attrs(struct arena *arena, struct xml_node *node, const char **atts,
                       size_t count, char *at)
{
	for (size_t i = 0; i < count; i++) {
		struct xml_attr *attr = &node->attrs[i];
		struct str ns;
		struct str name = cut_name(atts[2 * i], &ns);

		attr->next = i + 1 < count ? attr + 1 : NULL;
		attr->ns = tree_intern_ns(arena, ns, node->ns);
		attr->name = put(&at, name);
		attr->value = put(&at, str_of(atts[2 * i + 1]));
	}
}

/* Put what character data there is into one text node. */
static void flush_text(struct tree *t)
{
	struct xml_node *node;
	char *p;

	if (t->text.n == 0)
		return;
	node = arena_alloc(t->arena, sizeof(*node) + t->text.n);
	p = (char *)(node + 1);
	memcpy(p, t->text.p, t->text.n);
	*node = (struct xml_node){ .text = { p, t->text.n } };
	xml_append(t->open, node);
	buf_clear(&t->text);
}

enum xml_result tree_start(struct tree *t, const struct xml_limits *limits, const char *full,
                           const char **atts)
{
	struct xml_node *parent = t->open;
	struct xml_node *node;
	struct str ns;
	struct str name = cut_name(full, &ns);
	size_t count, bytes;
	char *at;

	if (name.n > limits->name_bytes || ns.n > limits->name_bytes ||
	    t->elements >= limits->elements || !measure(limits, atts, &count, &bytes))
		return XML_READ_LIMIT;
	if (parent != NULL)
		flush_text(t);
	node = arena_alloc(t->arena, sizeof(*node) + bytes + name.n);
	*node = (struct xml_node){ .attrs = count > 0 ? (struct xml_attr *)(node + 1) : NULL };
	at = (char *)(node + 1) + count * sizeof(struct xml_attr);
	node->name = put(&at, name);
	node->ns = tree_intern_ns(t->arena, ns, parent == NULL ? STR_NONE : parent->ns);
	fill_attrs(t->arena, node, atts, count, at);
	if (parent != NULL)
		xml_append(parent, node);
	node->next = parent;
	t->open = node;
	t->depth++;
	t->elements++;
	return XML_READ_OK;
}

struct xml_node *tree_end(struct tree *t)
{
	struct xml_node *node = t->open;

	flush_text(t);
	t->open = node->next;
	node->next = NULL;
	t->depth--;
	return t->open == NULL ? node : NULL;
}

void tree_text(struct tree *t, const char *p, size_t n)
{
	buf_append(&t->text, str_make(p, n));
}
