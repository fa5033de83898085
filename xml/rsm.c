/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "xml/rsm.h"

#include "server/base/err.h"
#include "xml/ns.h"

/* ---- what is asked for ---- */

/* The text of the only element NAME in SET; absent when there is none.  ERR_INVALID: there are more. */
static int find(struct arena *arena, const struct xml_node *set, const char *name,
                struct str *text_out)
{
	const struct xml_node *child = NULL;

	*text_out = STR_NONE;
	while ((child = xml_next_child(set, child)) != NULL) {
		if (!xml_is(child, NS_RSM, name))
			continue;
		if (!str_is_absent(*text_out))
			return ERR_INVALID;
		*text_out = xml_text(arena, child);
	}
	return 0;
}

static int find_number(struct arena *arena, const struct xml_node *set, const char *name,
                       bool *has_out, uint64_t *number_out)
{
	struct str text;
	int err = find(arena, set, name, &text);

	*has_out = !str_is_absent(text);
	if (err < 0 || !*has_out)
		return err;
	return str_to_u64(str_trim(text), number_out);
}

static const struct xml_node *find_set(const struct xml_node *parent)
{
	const struct xml_node *child = NULL;

	while ((child = xml_next_child(parent, child)) != NULL)
		if (xml_is(child, NS_RSM, "set"))
			return child;
	return NULL;
}

int rsm_read(struct arena *arena, const struct xml_node *parent,
             struct rsm_request *request_out)
{
	const struct xml_node *set = find_set(parent);
	struct rsm_request r = { .before = STR_NONE };

	*request_out = r;
	if (set == NULL)
		return 0;
	if (find_number(arena, set, "max", &r.has_max, &r.max) < 0 ||
	    find_number(arena, set, "index", &r.has_index, &r.index) < 0 ||
	    find(arena, set, "before", &r.before) < 0 ||
	    find(arena, set, "after", &r.after) < 0)
		return ERR_INVALID;
	r.backwards = !str_is_absent(r.before);
	if (r.backwards && !str_is_absent(r.after))
		return ERR_INVALID;
	if (str_is_empty(r.before))
		r.before = STR_NONE;
	*request_out = r;
	return 0;
}

/* ---- what is told ---- */

static struct str number(struct arena *arena, uint64_t n)
{
	return arena_printf(arena, "%llu", (unsigned long long)n);
}

void rsm_write(struct arena *arena, struct xml_node *parent, const struct rsm_page *page)
{
	struct xml_node *set = xml_add(arena, parent, NS_RSM, "set");

	if (!str_is_absent(page->first)) {
		struct xml_node *first = xml_add_leaf(arena, set, "first", page->first);

		if (page->has_index)
			xml_set(arena, first, "index", number(arena, page->index));
		xml_add_leaf(arena, set, "last", page->last);
	}
	if (page->has_count)
		xml_add_leaf(arena, set, "count", number(arena, page->count));
}
