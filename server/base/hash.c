/*
 * hash.c - keyed hashing (SipHash-2-4).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/hash.h"

#include "server/base/rand.h"

#include <endian.h>
#include <sodium.h>
#include <string.h>

_Static_assert(sizeof(struct hash_key) == crypto_shorthash_siphash24_KEYBYTES, "key size");
_Static_assert(sizeof(uint64_t) == crypto_shorthash_siphash24_BYTES, "hash size");

/* Written once, before there are threads. */
static struct {
	bool drawn;
	struct hash_key key;
} process;

void hash_init(void)
{
	if (process.drawn)
		return;
	ASSERT(sodium_init() >= 0);
	rand_bytes(&process.key, sizeof(process.key));
	process.drawn = true;
}

uint64_t hash_str(const struct hash_key *key, struct str s)
{
	unsigned char out[crypto_shorthash_siphash24_BYTES];
	uint64_t value;

	crypto_shorthash_siphash24(out, (const unsigned char *)s.p, s.n, key->bytes);
	memcpy(&value, out, sizeof(value));
	return le64toh(value); /* partitions are stored: the same on every machine */
}

uint64_t hash_mem(const void *p, size_t n)
{
	ASSERT(process.drawn); /* with a known key peers could aim for collisions */
	return hash_str(&process.key, str_make(p, n));
}
