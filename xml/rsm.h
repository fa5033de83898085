/*
 * rsm.h - pages of a result set (XEP-0059): what a requester asks for, and what it is told.
 *
 *     <set><max>10</max><after>uid</after></set>            ─▶ struct rsm_request
 *     <set><first index='0'>uid</first><last>uid</last><count>20</count></set>   ◀─ struct rsm_page
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "xml/node.h"

struct rsm_request {
	bool has_max;
	uint64_t max; /* items; of 0 the count alone is wanted (§2.6) */
	bool backwards; /* there is a <before/>: the page ends before it, or at the end (§2.3, §2.5) */
	struct str before; /* absent: none, or an empty one */
	struct str after;  /* absent: none */
	bool has_index;    /* §2.6: which few can do */
	uint64_t index;
};

/*
 * The <set/> in PARENT; without one all is as if nothing were asked for.  Texts are in ARENA.
 * ERR_INVALID: a number that is none, two elements of a name, before and after together, which mean
 * nothing.
 */
MUST_CHECK int rsm_read(struct arena *arena, const struct xml_node *parent,
                        struct rsm_request *request_out);

struct rsm_page {
	struct str first, last; /* UIDs; absent: the page is empty */
	bool has_index;
	uint64_t index; /* of FIRST in the whole set */
	bool has_count;
	uint64_t count; /* items in the whole set */
};
/* The <set/> that tells of PAGE, added to PARENT. */
void rsm_write(struct arena *arena, struct xml_node *parent, const struct rsm_page *page);
