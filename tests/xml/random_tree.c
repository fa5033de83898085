/*
 * random_tree.c - trees of any shape for property tests.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/xml/random_tree.h"

#include "xml/ns.h"

struct maker {
	struct arena *arena;
	uint64_t state;
	int left; /* elements */
};

static unsigned pick(struct maker *m, unsigned below)
{
	m->state = m->state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(m->state >> 33) % below;
}

static const char *const namespaces[] = {
	"",     NS_CLIENT, NS_SERVER, NS_STREAM,
	NS_XML, "urn:a",   "urn:b",   "it's <\"odd\"> & \xC3\xA9",
	"ns0",  NS_SASL,
};
static const char *const names[] = { "a",        "b",      "message", "x-y.z", "_",
	                             "\xC3\xA9", "xmlfoo", "ns0",     "stream" };
static const char *const pieces[] = {
	"",
	"x",
	" ",
	"\t",
	"\n",
	"\r",
	"<",
	">",
	"&",
	"'",
	"\"",
	"]]>",
	"&amp;",
	"\xC3\xA9",
	"\xF0\x9F\x90\xA6",
	"\xEF\xBF\xBD",
	"\x7F",
	"a longer piece of plain text",
	"\r\n",
	"<![CDATA[",
};

static struct str random_text(struct maker *m)
{
	struct str text = STR("");

	for (unsigned n = pick(m, 5); n > 0; n--)
		text = arena_concat(m->arena, text, str_of(pieces[pick(m, ARRAY_LEN(pieces))]));
	return text;
}

static struct xml_node *random_element(struct maker *m)
{
	const char *ns = namespaces[pick(m, ARRAY_LEN(namespaces))];
	struct xml_node *n = xml_new(m->arena, ns, names[pick(m, ARRAY_LEN(names))]);
	bool text_before = false;

	for (unsigned k = pick(m, 5); k > 0; k--) {
		const char *attr_ns =
			pick(m, 2) ? NULL : namespaces[1 + pick(m, ARRAY_LEN(namespaces) - 1)];

		xml_set_ns(m->arena, n, attr_ns, names[pick(m, ARRAY_LEN(names))],
		           random_text(m));
	}
	for (unsigned k = pick(m, 6); k > 0 && m->left > 0; k--) {
		if (pick(m, 2) == 0) {
			struct str text = text_before ? STR("") : random_text(m);

			xml_add_text(m->arena, n, text);
			text_before = text_before || text.n > 0;
		} else {
			m->left--;
			xml_append(n, random_element(m));
			text_before = false;
		}
	}
	return n;
}

struct xml_node *random_tree(struct arena *arena, unsigned seed)
{
	struct maker m = { .arena = arena, .state = seed * 7919u, .left = 20 };

	return random_element(&m);
}

static bool same_attrs(const struct xml_attr *a, const struct xml_attr *b)
{
	for (; a != NULL && b != NULL; a = a->next, b = b->next)
		if (!str_eq(a->ns, b->ns) || !str_eq(a->name, b->name) ||
		    !str_eq(a->value, b->value))
			return false;
	return a == b;
}

bool same_tree(const struct xml_node *a, const struct xml_node *b)
{
	const struct xml_node *x = a->first;
	const struct xml_node *y = b->first;

	if (!str_eq(a->ns, b->ns) || !str_eq(a->name, b->name) || !str_eq(a->text, b->text) ||
	    !same_attrs(a->attrs, b->attrs))
		return false;
	for (; x != NULL && y != NULL; x = x->next, y = y->next)
		if (!same_tree(x, y))
			return false;
	return x == y;
}
