/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/strset.h"

#include "server/base/map.h"
#include "server/base/mem.h"

#include <stdlib.h>

struct strset_item {
	UT_hash_handle hh;
	size_t n;
	char text[];
};

static struct strset_item *find(const struct strset *set, struct str text)
{
	struct strset_item *item;

	HASH_FIND(hh, set->items, text.p, text.n, item);
	return item;
}

void strset_add(struct strset *set, struct str text)
{
	struct strset_item *item;

	if (find(set, text) != NULL)
		return;
	item = mem_alloc(sizeof(*item) + text.n);
	item->n = text.n;
	memcpy(item->text, text.p, text.n);
	HASH_ADD_KEYPTR(hh, set->items, item->text, item->n, item);
}

void strset_remove(struct strset *set, struct str text)
{
	struct strset_item *item = find(set, text);

	if (item == NULL)
		return;
	HASH_DEL(set->items, item);
	free(item);
}

bool strset_has(const struct strset *set, struct str text)
{
	return find(set, text) != NULL;
}

size_t strset_count(const struct strset *set)
{
	return HASH_COUNT(set->items);
}

const struct strset_item *strset_next(const struct strset *set, const struct strset_item *prev)
{
	return prev == NULL ? set->items : prev->hh.next;
}

struct str strset_text(const struct strset_item *item)
{
	return str_make(item->text, item->n);
}

void strset_clear(struct strset *set)
{
	struct strset_item *item, *next;

	HASH_ITER(hh, set->items, item, next)
	{
		HASH_DEL(set->items, item);
		free(item);
	}
}
