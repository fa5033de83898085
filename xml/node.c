/*
 * node.c - XML elements and text as a tree in an arena.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "xml/node.h"

#include "xml/tree.h"

#include <string.h>

/* --- building ----------------------------------------------------------------------------- */

struct xml_node *xml_new_str(struct arena *arena, struct str ns, struct str name)
{
	struct xml_node *node = ARENA_NEW(arena, struct xml_node);

	ASSERT(name.p != NULL && name.n > 0);
	node->ns = ns;
	node->name = name;
	return node;
}

struct xml_node *xml_new(struct arena *arena, const char *ns, const char *name)
{
	return xml_new_str(arena, str_of(ns), str_of(name));
}

void xml_append(struct xml_node *parent, struct xml_node *child)
{
	ASSERT(child->next == NULL);
	if (parent->last == NULL)
		parent->first = child;
	else
		parent->last->next = child;
	parent->last = child;
}

struct xml_node *xml_add(struct arena *arena, struct xml_node *parent, const char *ns,
                         const char *name)
{
	struct xml_node *child =
		xml_new_str(arena, ns == NULL ? parent->ns : str_of(ns), str_of(name));

	xml_append(parent, child);
	return child;
}

void xml_add_text(struct arena *arena, struct xml_node *parent, struct str text)
{
	struct xml_node *child;

	if (text.n == 0)
		return;
	child = ARENA_NEW(arena, struct xml_node);
	child->text = text;
	xml_append(parent, child);
}

struct xml_node *xml_add_leaf(struct arena *arena, struct xml_node *parent, const char *name,
                              struct str text)
{
	struct xml_node *child = xml_add(arena, parent, NULL, name);

	xml_add_text(arena, child, text);
	return child;
}

static void set_attr(struct arena *arena, struct xml_node *node, struct str ns, struct str name,
                     struct str value)
{
	const struct xml_attr *attr;
	struct xml_attr *prev = NULL;

	/* The list is const to its readers; this node is still ours. */
	for (attr = node->attrs; attr != NULL; attr = attr->next) {
		if (str_eq(attr->name, name) && str_eq(attr->ns, ns))
			break;
		prev = (struct xml_attr *)(uintptr_t)attr;
	}
	if (attr != NULL && !str_is_absent(value)) {
		((struct xml_attr *)(uintptr_t)attr)->value = value;
	} else if (attr != NULL) {
		if (prev == NULL)
			node->attrs = (struct xml_attr *)(uintptr_t)attr->next;
		else
			prev->next = attr->next;
	} else if (!str_is_absent(value)) {
		struct xml_attr *added = ARENA_NEW(arena, struct xml_attr);

		*added = (struct xml_attr){ .ns = ns, .name = name, .value = value };
		if (prev == NULL)
			node->attrs = added;
		else
			prev->next = added;
	}
}

void xml_set(struct arena *arena, struct xml_node *node, const char *name, struct str value)
{
	set_attr(arena, node, STR_NONE, str_of(name), value);
}

void xml_set_ns(struct arena *arena, struct xml_node *node, const char *ns, const char *name,
                struct str value)
{
	set_attr(arena, node, str_of(ns), str_of(name), value);
}

/* --- reading ------------------------------------------------------------------------------ */

bool xml_in_ns(const struct xml_node *node, const char *ns)
{
	return xml_is_element(node) && str_is(node->ns, ns);
}

bool xml_is(const struct xml_node *node, const char *ns, const char *name)
{
	return xml_is_element(node) && str_is(node->name, name) && str_is(node->ns, ns);
}

struct str xml_attr(const struct xml_node *node, const char *name)
{
	struct str wanted = str_of(name);

	for (const struct xml_attr *attr = node->attrs; attr != NULL; attr = attr->next)
		if (attr->ns.n == 0 && str_eq(attr->name, wanted))
			return attr->value;
	return STR_NONE;
}

struct str xml_attr_ns(const struct xml_node *node, const char *ns, const char *name)
{
	struct str wanted = str_of(name);

	for (const struct xml_attr *attr = node->attrs; attr != NULL; attr = attr->next)
		if (str_eq(attr->name, wanted) && str_is(attr->ns, ns))
			return attr->value;
	return STR_NONE;
}

const struct xml_node *xml_next_child(const struct xml_node *node, const struct xml_node *prev)
{
	const struct xml_node *child = prev == NULL ? node->first : prev->next;

	while (child != NULL && !xml_is_element(child))
		child = child->next;
	return child;
}

const struct xml_node *xml_child(const struct xml_node *node, const char *ns, const char *name)
{
	struct str wanted_ns = ns == NULL ? node->ns : str_of(ns);
	struct str wanted = str_of(name);
	const struct xml_node *child = NULL;

	while ((child = xml_next_child(node, child)) != NULL)
		if (str_eq(child->name, wanted) && str_eq(child->ns, wanted_ns))
			return child;
	return NULL;
}

const struct xml_node *xml_only_child(const struct xml_node *node)
{
	const struct xml_node *child = xml_next_child(node, NULL);

	return child != NULL && xml_next_child(node, child) == NULL ? child : NULL;
}

struct str xml_text(struct arena *arena, const struct xml_node *node)
{
	const struct xml_node *only = NULL;
	size_t n = 0;
	size_t count = 0;
	char *p;

	for (const struct xml_node *child = node->first; child != NULL; child = child->next) {
		if (xml_is_element(child))
			continue;
		only = child;
		n += child->text.n;
		count++;
	}
	if (n == 0)
		return STR("");
	if (count == 1)
		return only->text;
	p = arena_alloc(arena, n);
	n = 0;
	for (const struct xml_node *child = node->first; child != NULL; child = child->next) {
		if (xml_is_element(child) || child->text.n == 0)
			continue;
		memcpy(p + n, child->text.p, child->text.n);
		n += child->text.n;
	}
	return str_make(p, n);
}

struct str xml_child_text(struct arena *arena, const struct xml_node *node, const char *name)
{
	const struct xml_node *child = xml_child(node, NULL, name);

	return child == NULL ? STR_NONE : xml_text(arena, child);
}

/* --- copying ------------------------------------------------------------------------------ */

static void copy_attrs(struct arena *arena, struct xml_node *copy, const struct xml_node *node)
{
	struct xml_attr *last = NULL;

	for (const struct xml_attr *attr = node->attrs; attr != NULL; attr = attr->next) {
		struct xml_attr *added = ARENA_NEW(arena, struct xml_attr);

		added->ns = tree_intern_ns(arena, attr->ns, copy->ns);
		added->name = arena_copy(arena, attr->name);
		added->value = arena_copy(arena, attr->value);
		if (last == NULL)
			copy->attrs = added;
		else
			last->next = added;
		last = added;
	}
}

static struct xml_node *copy_below(struct arena *arena, const struct xml_node *node,
                                   struct str parent_ns)
{
	struct xml_node *copy = ARENA_NEW(arena, struct xml_node);

	if (!xml_is_element(node)) {
		copy->text = arena_copy(arena, node->text);
		return copy;
	}
	copy->ns = tree_intern_ns(arena, node->ns, parent_ns);
	copy->name = arena_copy(arena, node->name);
	copy_attrs(arena, copy, node);
	for (const struct xml_node *child = node->first; child != NULL; child = child->next)
		xml_append(copy, copy_below(arena, child, copy->ns));
	return copy;
}

size_t xml_size(const struct xml_node *node)
{
	size_t n = node->name.n + node->text.n;

	for (const struct xml_attr *attr = node->attrs; attr != NULL; attr = attr->next)
		n += attr->name.n + attr->value.n;
	for (const struct xml_node *child = node->first; child != NULL; child = child->next)
		n += xml_size(child);
	return n;
}

struct xml_node *xml_filter(struct arena *arena, const struct xml_node *node, xml_keep_fn *keep,
                            void *arg)
{
	struct xml_node *filtered = ARENA_NEW(arena, struct xml_node);

	*filtered = *node;
	filtered->next = filtered->first = filtered->last = NULL;
	for (const struct xml_node *child = node->first; child != NULL; child = child->next) {
		struct xml_node *same;

		if (!keep(arg, child))
			continue;
		same = ARENA_NEW(arena, struct xml_node);
		*same = *child;
		same->next = NULL;
		xml_append(filtered, same);
	}
	return filtered;
}

struct xml_node *xml_copy(struct arena *arena, const struct xml_node *node)
{
	return copy_below(arena, node, STR_NONE);
}
