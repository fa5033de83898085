/*
 * writer.c - XML out: elements with their namespaces.
 *
 * The default namespace carries all elements but two kinds: those of the stream's own namespace
 * are written with the prefix that everyone expects (<stream:features/>, RFC 6120 §4.8.5),
 * declared on the spot so that the text stands alone; and those of the xml namespace, which may
 * not be declared, with the prefix xml.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "xml/writer.h"

#include "xml/ns.h"
#include "xml/put.h"
#include "xml/write_private.h"

static bool same_ns(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || a.p == b.p || memcmp(a.p, b.p, a.n) == 0);
}

void xml_write_attr(struct buf *out, const char *name, struct str value)
{
	if (str_is_absent(value))
		return;
	put_literal(out, " ");
	put_str(out, str_of(name));
	put_literal(out, "='");
	xml_write_value(out, value);
	put_literal(out, "'");
}

/*
 * "ns" and the place of the first attribute in this one's namespace: unique on the element,
 * shared by its like.
 */
static void put_prefix(struct buf *out, size_t number)
{
	char text[24];
	size_t at = sizeof(text);

	do {
		text[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	put_literal(out, "ns");
	put_bytes(out, text + at, sizeof(text) - at);
}

static void write_ns_attr(struct buf *out, const struct xml_attr *attrs,
                          const struct xml_attr *attr)
{
	const struct xml_attr *first = attrs;
	size_t number = 0;

	if (str_is(attr->ns, NS_XML)) {
		put_literal(out, " xml:");
	} else {
		for (; !same_ns(first->ns, attr->ns); first = first->next)
			number++;
		if (first == attr) {
			put_literal(out, " xmlns:");
			put_prefix(out, number);
			put_literal(out, "='");
			xml_write_value(out, attr->ns);
			put_literal(out, "'");
		}
		put_literal(out, " ");
		put_prefix(out, number);
		put_literal(out, ":");
	}
}

void write_attr(struct buf *out, const struct xml_attr *attrs, const struct xml_attr *attr)
{
	if (attr->ns.n > 0)
		write_ns_attr(out, attrs, attr);
	else
		put_literal(out, " ");
	put_str(out, attr->name);
	put_literal(out, "='");
	xml_write_value(out, attr->value);
	put_literal(out, "'");
}

static struct str prefix_of(struct str ns)
{
	if (same_ns(ns, STR(NS_STREAM)))
		return STR("stream:");
	if (same_ns(ns, STR(NS_XML)))
		return STR("xml:");
	return STR("");
}

/* Returns the default namespace in force inside the element. */
static struct str write_ns(struct buf *out, struct str ns, struct str prefix, struct str in_ns)
{
	if (prefix.n > 0) {
		if (prefix.n == sizeof("stream:") - 1)
			put_literal(out, " xmlns:stream='" NS_STREAM "'");
		return in_ns;
	}
	if (!same_ns(ns, in_ns)) {
		put_literal(out, " xmlns='");
		xml_write_value(out, ns);
		put_literal(out, "'");
	}
	return ns;
}

void write_node(struct buf *out, const struct xml_node *node, struct str in_ns,
                const struct write_map *map)
{
	struct str ns = node->ns;
	struct str prefix;

	if (!xml_is_element(node)) {
		xml_write_text(out, node->text);
		return;
	}
	if (map != NULL && write_is_stanza_ns(ns))
		ns = map->to;
	else
		map = NULL; /* what is inside another's element is not ours to change */
	prefix = same_ns(ns, in_ns) ? STR("") : prefix_of(ns);
	put_literal(out, "<");
	put_str(out, prefix);
	put_str(out, node->name);
	in_ns = write_ns(out, ns, prefix, in_ns);
	for (const struct xml_attr *attr = node->attrs; attr != NULL; attr = attr->next)
		write_attr(out, node->attrs, attr);
	if (node->first == NULL) {
		put_literal(out, "/>");
		return;
	}
	put_literal(out, ">");
	for (const struct xml_node *child = node->first; child != NULL; child = child->next)
		write_node(out, child, in_ns, map);
	put_literal(out, "</");
	put_str(out, prefix);
	put_str(out, node->name);
	put_literal(out, ">");
}

void xml_write(struct buf *out, const struct xml_node *node, struct str in_ns)
{
	write_node(out, node, in_ns, NULL);
}

void xml_write_children(struct buf *out, const struct xml_node *node, struct str in_ns)
{
	for (const struct xml_node *child = node->first; child != NULL; child = child->next)
		write_node(out, child, in_ns, NULL);
}

struct str xml_print(struct arena *arena, const struct xml_node *node)
{
	struct buf out = { 0 };
	struct str text;

	xml_write(&out, node, STR_NONE);
	text = arena_copy(arena, buf_str(&out));
	buf_deinit(&out);
	return text;
}
