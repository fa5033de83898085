/*
 * stanza_write.c - stanzas out: a start tag from the header, then the content.
 *
 * Between a client's stream (jabber:client) and a server's (jabber:server) the stanza and its
 * children of the same namespace change theirs (RFC 6120 §4.8.3).  What stands inside an
 * element of another namespace keeps its own: a forwarded message (XEP-0297) is one of
 * jabber:client everywhere.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "xml/put.h"
#include "xml/stanza.h"
#include "xml/write_private.h"

static void put_attr(struct buf *out, struct str head, struct str value)
{
	if (str_is_absent(value))
		return;
	put_str(out, head);
	xml_write_value(out, value);
	put_literal(out, "'");
}

static bool is_header_attr(const struct xml_attr *attr)
{
	if (attr->ns.n > 0)
		return str_is(attr->name, "lang") && str_is(attr->ns, NS_XML);
	return str_eq(attr->name, STR("to")) || str_eq(attr->name, STR("from")) ||
	       str_eq(attr->name, STR("id")) || str_eq(attr->name, STR("type"));
}

/* What else the sender wrote in its start tag goes on as it is. */
static void write_other_attrs(struct buf *out, const struct xml_node *node)
{
	for (const struct xml_attr *attr = node->attrs; attr != NULL; attr = attr->next)
		if (!is_header_attr(attr))
			write_attr(out, node->attrs, attr);
}

static void write_children(struct buf *out, const struct xml_node *node, const char *ns)
{
	struct write_map map = { .to = str_of(ns) };

	for (const struct xml_node *child = node->first; child != NULL; child = child->next)
		write_node(out, child, map.to, &map);
}

void stanza_write(struct buf *out, const struct stanza *s, const char *ns)
{
	struct str name = str_of(stanza_kind_name(s->kind));
	bool empty = s->inner != NULL ? shared_str(s->inner).n == 0
	                              : s->node == NULL || s->node->first == NULL;

	put_literal(out, "<");
	put_str(out, name);
	put_attr(out, STR(" from='"), jid_full_str(s->from));
	put_attr(out, STR(" to='"), jid_full_str(s->to));
	put_attr(out, STR(" type='"), str_of(stanza_type_name(s->type)));
	put_attr(out, STR(" id='"), s->id);
	put_attr(out, STR(" xml:lang='"), s->lang);
	if (s->node != NULL)
		write_other_attrs(out, s->node);
	if (empty) {
		put_literal(out, "/>");
		return;
	}
	put_literal(out, ">");
	if (s->inner != NULL)
		put_str(out, shared_str(s->inner));
	else
		write_children(out, s->node, ns);
	put_literal(out, "</");
	put_str(out, name);
	put_literal(out, ">");
}

struct shared_buf *stanza_share(const struct stanza *s, const char *ns)
{
	struct buf out = { 0 };
	struct shared_buf *shared;

	if (s->inner != NULL)
		return shared_ref(s->inner);
	if (s->node != NULL)
		write_children(&out, s->node, ns);
	shared = shared_new(buf_str(&out));
	buf_deinit(&out);
	return shared;
}
