/*
 * lru.h - a bounded cache from text to bytes: what was used least lately goes first.
 *
 * Keys and values are copied.  Both bounds hold at all times; bytes count keys, values and what
 * an entry costs besides.  One thread at a time.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/str.h"

struct lru;

struct lru *lru_new(size_t max_count, size_t max_bytes);
void lru_free(struct lru **lru); /* sets it to NULL; accepts a pointer to NULL */
/* Is it there?  Then it is the one used last, and *value_out is borrowed until the next put or remove. */
bool lru_find(struct lru *lru, struct str key, struct str *value_out);
/*
 * Enter or replace.  Others make room; what is too large for the whole cache is not kept, and
 * an older value of that key is gone.
 */
void lru_put(struct lru *lru, struct str key, struct str value);
void lru_remove(struct lru *lru, struct str key);
size_t lru_count(const struct lru *lru);
size_t lru_bytes(const struct lru *lru);
/* How many entries have had to make room so far: while it stands still, all others are there. */
uint64_t lru_evictions(const struct lru *lru);
