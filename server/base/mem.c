/*
 * mem.c - the heap, for memory that no arena fits.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* malloc(0) may return NULL, which would look like a failure. */
static size_t at_least_one(size_t n)
{
	return n > 0 ? n : 1;
}

void *mem_alloc(size_t n)
{
	void *p = malloc(at_least_one(n));

	ASSERT(p != NULL);
	return p;
}

void *mem_zalloc(size_t n)
{
	void *p = calloc(1, at_least_one(n));

	ASSERT(p != NULL);
	return p;
}

void *mem_resize(void *p, size_t n)
{
	p = realloc(p, at_least_one(n));
	ASSERT(p != NULL);
	return p;
}

void mem_keep(char **text, struct str s)
{
	char *copy = NULL;

	if (!str_is_absent(s)) {
		copy = mem_alloc(s.n + 1);
		memcpy(copy, s.p, s.n);
		copy[s.n] = '\0';
	}
	free(*text);
	*text = copy;
}
