/*
 * rand.c - random bytes from the system's generator.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/rand.h"

#include "server/base/base64.h"

#include <unistd.h>

#define ENTROPY_MAX ((size_t)256) /* of one call: getentropy(3) */

void rand_bytes(void *out, size_t n)
{
	for (size_t done = 0; done < n;) {
		size_t part = n - done < ENTROPY_MAX ? n - done : ENTROPY_MAX;

		ASSERT(getentropy((char *)out + done, part) == 0);
		done += part;
	}
}

uint64_t rand_u64(void)
{
	uint64_t value;

	rand_bytes(&value, sizeof(value));
	return value;
}

struct str rand_token(struct arena *arena, size_t n_bytes)
{
	char *bytes = arena_alloc(arena, n_bytes);

	rand_bytes(bytes, n_bytes);
	return base64_encode_url(arena, str_make(bytes, n_bytes));
}
