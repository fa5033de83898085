/*
 * fuzz_xml.c - xml_read: what is read, written and read again is the same tree.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/fuzz/fuzz.h"
#include "tests/xml/random_tree.h"
#include "xml/dataform.h"
#include "xml/writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(8192);
	const struct xml_node *node, *back;

	if (xml_read(arena, fuzz_str(data, size), &node) == 0) {
		bool value;

		ASSERT(xml_read(arena, xml_print(arena, node), &back) == 0);
		ASSERT(same_tree(node, back));
		ASSERT(same_tree(node, xml_copy(arena, node)));
		if (form_read(node, NULL) == 0)
			ASSERT(form_get_bool(arena, node, "FORM_TYPE", &value) <= 0);
	}
	arena_free(&arena);
	return 0;
}
