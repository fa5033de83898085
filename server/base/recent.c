/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/recent.h"

#include "server/base/hash.h"
#include "server/base/mem.h"

#include <stdlib.h>

struct recent_ring {
	size_t n; /* added, ever */
	uint64_t hashes[RECENT_MAX];
};

void recent_add(struct recent *r, struct str text)
{
	if (r->ring == NULL)
		r->ring = MEM_NEW(struct recent_ring);
	r->ring->hashes[r->ring->n++ % RECENT_MAX] = hash_mem(text.p, text.n);
}

bool recent_has(const struct recent *r, struct str text)
{
	uint64_t hash = hash_mem(text.p, text.n);

	for (size_t i = 0; r->ring != NULL && i < RECENT_MAX && i < r->ring->n; i++)
		if (r->ring->hashes[i] == hash)
			return true;
	return false;
}

void recent_clear(struct recent *r)
{
	free(r->ring);
	r->ring = NULL;
}
