/*
 * strset.c - pointers to texts in one array, in the order of the texts.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/strset.h"

#include "server/base/mem.h"

#include <stdlib.h>
#include <string.h>

struct strset_item {
	size_t n;
	char text[];
};

struct strset_items {
	size_t n, cap;
	struct strset_item *at[];
};

/* Where TEXT is, or would have to be. */
static size_t find(const struct strset *set, struct str text, bool *is_there_out)
{
	size_t low = 0, high = strset_count(set);

	*is_there_out = false;
	while (low < high) {
		size_t mid = (low + high) / 2;
		int order = str_cmp(strset_text(set->items->at[mid]), text);

		if (order == 0) {
			*is_there_out = true;
			return mid;
		}
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void make_room(struct strset *set)
{
	size_t n = strset_count(set), cap = n == 0 ? 1 : 2 * n;

	if (n > 0 && n < set->items->cap)
		return;
	set->items =
		mem_resize(set->items, sizeof(*set->items) + cap * sizeof(set->items->at[0]));
	set->items->n = n;
	set->items->cap = cap;
}

void strset_add(struct strset *set, struct str text)
{
	struct strset_item *item;
	bool is_there;
	size_t at = find(set, text, &is_there);

	if (is_there)
		return;
	item = mem_alloc(sizeof(*item) + text.n);
	item->n = text.n;
	memcpy(item->text, text.p, text.n);
	make_room(set);
	memmove(&set->items->at[at + 1], &set->items->at[at],
	        (set->items->n - at) * sizeof(item));
	set->items->at[at] = item;
	set->items->n++;
}

void strset_remove(struct strset *set, struct str text)
{
	bool is_there;
	size_t at = find(set, text, &is_there);

	if (!is_there)
		return;
	if (set->items->n == 1) {
		strset_clear(set);
		return;
	}
	free(set->items->at[at]);
	set->items->n--;
	memmove(&set->items->at[at], &set->items->at[at + 1],
	        (set->items->n - at) * sizeof(set->items->at[0]));
}

bool strset_has(const struct strset *set, struct str text)
{
	bool is_there;

	find(set, text, &is_there);
	return is_there;
}

size_t strset_count(const struct strset *set)
{
	return set->items == NULL ? 0 : set->items->n;
}

const struct strset_item *strset_next(const struct strset *set, const struct strset_item *prev)
{
	bool is_there;
	size_t at = prev == NULL ? 0 : find(set, strset_text(prev), &is_there) + 1;

	return at < strset_count(set) ? set->items->at[at] : NULL;
}

struct str strset_text(const struct strset_item *item)
{
	return str_make(item->text, item->n);
}

void strset_clear(struct strset *set)
{
	for (size_t i = 0; i < strset_count(set); i++)
		free(set->items->at[i]);
	free(set->items);
	set->items = NULL;
}
