/*
 * fuzz_caps.c - disco#info of hostile clients, and its verification string (XEP-0115 §5).
 *
 *  - The hashed text ends each part with "<", and has as many of them as there are parts.
 *  - What would be kept of an answer has the same text when it is read again, and so has the
 *    answer with its elements in another order.
 *  - Features are sorted, and none stands there twice.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/caps/ver.h"

#include "server/base/err.h"
#include "tests/fuzz/fuzz.h"
#include "xml/ns.h"
#include "xml/writer.h"

static void check_features(const struct caps_info *info)
{
	for (size_t i = 1; i < info->n_features; i++)
		ASSERT(str_cmp(info->features[i - 1], info->features[i]) < 0);
}

static size_t count_parts(const struct xml_node *rest)
{
	size_t n = 0;

	for (const struct xml_node *c = NULL; (c = xml_next_child(rest, c)) != NULL;) {
		n += xml_is(c, NS_DISCO_INFO, "identity");
		for (const struct xml_node *f = NULL; (f = xml_next_child(c, f)) != NULL;) {
			/* a field's name; of FORM_TYPE the value alone is hashed */
			n += !str_is(xml_attr(f, "var"), "FORM_TYPE");
			for (const struct xml_node *v = NULL;
			     (v = xml_next_child(f, v)) != NULL;)
				n++;
		}
	}
	return n;
}

static void check_text(const struct caps_info *info)
{
	size_t parts = info->n_features + count_parts(info->rest), n = 0;

	ASSERT(str_ends_with(info->text, STR("<")));
	for (size_t i = 0; i < info->text.n; i++)
		n += info->text.p[i] == '<';
	ASSERT(n == parts);
}

static void check_same(struct arena *arena, const struct xml_node *query,
                       const struct caps_info *info)
{
	struct caps_info again;

	ASSERT(caps_read(arena, query, &again) == 0);
	ASSERT(str_eq(again.text, info->text) && again.ambiguous == info->ambiguous);
	ASSERT(str_eq(caps_ver(arena, DIGEST_SHA256, &again),
	              caps_ver(arena, DIGEST_SHA256, info)));
}

/* As it would come out of the cache: through text. */
static void check_kept(struct arena *arena, const struct caps_info *info)
{
	struct xml_node *query;
	const struct xml_node *rest;

	ASSERT(xml_read(arena, xml_print(arena, info->rest), &rest) == 0);
	query = xml_copy(arena, rest);
	for (size_t i = info->n_features; i-- > 0;)
		xml_set(arena, xml_add(arena, query, NULL, "feature"), "var",
		        info->features[i]);
	check_same(arena, query, info);
}

static void check_reversed(struct arena *arena, const struct xml_node *query,
                           const struct caps_info *info)
{
	struct xml_node *other = xml_new(arena, NS_DISCO_INFO, "query"), *child;

	for (const struct xml_node *c = NULL; (c = xml_next_child(query, c)) != NULL;) {
		child = xml_copy(arena, c);
		child->next = other->first;
		other->first = child;
	}
	check_same(arena, other, info);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(8192);
	const struct xml_node *query;
	struct caps_info info;

	if (xml_read(arena, fuzz_str(data, size), &query) == 0 &&
	    caps_read(arena, query, &info) == 0) {
		check_features(&info);
		check_text(&info);
		check_kept(arena, &info);
		check_reversed(arena, query, &info);
	}
	arena_free(&arena);
	return 0;
}
