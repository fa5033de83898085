/*
 * hash.h - keyed hashing of text for tables and partitions (SipHash-2-4 by libsodium).
 *
 * Peers choose the strings that we hash, so every table is keyed: the process key for tables in
 * memory, and the store's own key (kept in the store, equal for its life) for partitions.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/str.h"

struct hash_key {
	uint8_t bytes[16];
};

uint64_t hash_str(const struct hash_key *key, struct str s);
/* The same with the key drawn when the process started.  Thread: any, after hash_init. */
uint64_t hash_mem(const void *p, size_t n);
/* Draw the process key.  Once, first thing in main and in each test program. */
void hash_init(void);
