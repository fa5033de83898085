/*
 * lru.c - a bounded cache.  The hash table keeps the order in which entries were added, and one
 * that is used is taken out and added anew: the first is the one to go.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/lru.h"

#include "server/base/map.h"
#include "server/base/mem.h"

#include <stdlib.h>

struct entry {
	UT_hash_handle hh;
	size_t key_n, value_n;
	char bytes[]; /* the key, the value */
};

struct lru {
	struct entry *entries; /* the one used least lately first */
	size_t max_count, max_bytes;
	size_t bytes;
	uint64_t evictions;
};

struct lru *lru_new(size_t max_count, size_t max_bytes)
{
	struct lru *lru = MEM_NEW(struct lru);

	lru->max_count = max_count;
	lru->max_bytes = max_bytes;
	return lru;
}

static size_t cost(size_t key_n, size_t value_n)
{
	return sizeof(struct entry) + key_n + value_n;
}

static void drop(struct lru *lru, struct entry *e)
{
	lru->bytes -= cost(e->key_n, e->value_n);
	HASH_DEL(lru->entries, e);
	free(e);
}

void lru_free(struct lru **lru)
{
	if (*lru == NULL)
		return;
	while ((*lru)->entries != NULL)
		drop(*lru, (*lru)->entries);
	free(*lru);
	*lru = NULL;
}

static struct entry *find(const struct lru *lru, struct str key)
{
	struct entry *e;

	HASH_FIND(hh, lru->entries, key.p, key.n, e);
	return e;
}

static void append(struct lru *lru, struct entry *e)
{
	HASH_ADD_KEYPTR(hh, lru->entries, e->bytes, e->key_n, e);
}

bool lru_find(struct lru *lru, struct str key, struct str *value_out)
{
	struct entry *e = find(lru, key);

	if (e == NULL)
		return false;
	if (e->hh.next != NULL) {
		HASH_DEL(lru->entries, e);
		append(lru, e);
	}
	*value_out = str_make(e->bytes + e->key_n, e->value_n);
	return true;
}

void lru_put(struct lru *lru, struct str key, struct str value)
{
	struct entry *e;

	lru_remove(lru, key);
	if (lru->max_count == 0 || cost(key.n, value.n) > lru->max_bytes)
		return;
	while (HASH_COUNT(lru->entries) >= lru->max_count ||
	       lru->bytes + cost(key.n, value.n) > lru->max_bytes) {
		drop(lru, lru->entries);
		lru->evictions++;
	}
	e = mem_alloc(cost(key.n, value.n));
	e->key_n = key.n;
	e->value_n = value.n;
	if (key.n > 0)
		memcpy(e->bytes, key.p, key.n);
	if (value.n > 0)
		memcpy(e->bytes + key.n, value.p, value.n);
	lru->bytes += cost(key.n, value.n);
	append(lru, e);
}

void lru_remove(struct lru *lru, struct str key)
{
	struct entry *e = find(lru, key);

	if (e != NULL)
		drop(lru, e);
}

size_t lru_count(const struct lru *lru)
{
	return HASH_COUNT(lru->entries);
}

size_t lru_bytes(const struct lru *lru)
{
	return lru->bytes;
}

uint64_t lru_evictions(const struct lru *lru)
{
	return lru->evictions;
}
