/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/mam/uid.h"

#include <string.h>

#define ROUNDS 4
#define DIGITS 16

static uint32_t mix(const struct hash_key *secret, uint8_t round, uint32_t half)
{
	char bytes[1 + sizeof(half)];

	bytes[0] = (char)round;
	memcpy(bytes + 1, &half, sizeof(half));
	return (uint32_t)hash_str(secret, str_make(bytes, sizeof(bytes)));
}

static uint64_t encipher(const struct hash_key *secret, uint64_t id)
{
	uint32_t left = (uint32_t)(id >> 32), right = (uint32_t)id;

	for (uint8_t round = 0; round < ROUNDS; round++) {
		uint32_t next = left ^ mix(secret, round, right);

		left = right;
		right = next;
	}
	return (uint64_t)left << 32 | right;
}

static uint64_t decipher(const struct hash_key *secret, uint64_t uid)
{
	uint32_t left = (uint32_t)(uid >> 32), right = (uint32_t)uid;

	for (uint8_t round = ROUNDS; round-- > 0;) {
		uint32_t previous = right ^ mix(secret, round, left);

		right = left;
		left = previous;
	}
	return (uint64_t)left << 32 | right;
}

struct str uid_format(struct arena *arena, const struct hash_key *secret, uint64_t id)
{
	return arena_printf(arena, "%016llx", (unsigned long long)encipher(secret, id));
}

int uid_parse(const struct hash_key *secret, struct str uid, uint64_t *id_out)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t bits = 0;

	if (uid.n != DIGITS)
		return ERR_NOENT;
	for (size_t i = 0; i < DIGITS; i++) {
		const char *digit = memchr(digits, uid.p[i], DIGITS);

		if (digit == NULL)
			return ERR_NOENT;
		bits = bits << 4 | (uint64_t)(digit - digits);
	}
	*id_out = decipher(secret, bits);
	return 0;
}
