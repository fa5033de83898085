/*
 * strset.h - a set of texts, on the heap: small, and nothing at all while it is empty.
 *
 * Zeroed memory is an empty set.  The caller bounds how many there are.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/str.h"

struct strset_item;
struct strset_items;

struct strset {
	struct strset_items *items;
};

void strset_add(struct strset *set, struct str text); /* a copy; nothing if it is there */
void strset_remove(struct strset *set, struct str text);
bool strset_has(const struct strset *set, struct str text);
size_t strset_count(const struct strset *set);
/* Begin with NULL; in the order of str_cmp.  The set must not change meanwhile. */
const struct strset_item *strset_next(const struct strset *set, const struct strset_item *prev);
struct str strset_text(const struct strset_item *item);
void strset_clear(struct strset *set);
