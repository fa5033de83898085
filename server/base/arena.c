/*
 * arena.c - memory that is freed all at once.
 *
 *   struct arena [ first chunk ... ]     one block of the heap: a small event costs one malloc
 *        └─ chunks ─▶ chunk ─▶ chunk     further ones double, up to CHUNK_MAX;
 *                                        what is big gets its own
 *
 * Allocation bumps `at` in the newest chunk.  Under the address sanitizer all that is not
 * allocated is poisoned, and every allocation is followed by a gap, so that it finds overruns
 * here as it does on the heap.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/arena.h"

#include "server/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define POISON(p, n) ASAN_POISON_MEMORY_REGION((p), (n))
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
#define GAP 16
#define MIN_ALIGN 8 /* poison works in units of 8 bytes */
#else
#define POISON(p, n) ((void)0)
#define UNPOISON(p, n) ((void)0)
#define GAP 0
#define MIN_ALIGN 1
#endif

#define ALIGN_ANY _Alignof(max_align_t)
#define CHUNK_MIN ((size_t)512)
#define CHUNK_MAX ((size_t)KIB(64))

struct chunk {
	struct chunk *next;
	size_t cap;
	_Alignas(max_align_t) char bytes[];
};

struct arena {
	char *at; /* the next free byte, and the end, of the newest chunk */
	char *end;
	struct chunk *chunks; /* all but the first, newest first */
	size_t size;
	size_t next_cap;
	size_t first_cap;
	_Alignas(max_align_t) char first[];
};

static void use_first(struct arena *arena)
{
	arena->at = arena->first;
	arena->end = arena->first + arena->first_cap;
	arena->size = sizeof(*arena) + arena->first_cap;
	arena->next_cap = arena->first_cap < CHUNK_MIN ? CHUNK_MIN : arena->first_cap;
	if (arena->next_cap > CHUNK_MAX)
		arena->next_cap = CHUNK_MAX;
	POISON(arena->first, arena->first_cap);
}

struct arena *arena_new(size_t first_bytes)
{
	struct arena *arena;

	ASSERT(first_bytes <= PTRDIFF_MAX / 2);
	arena = mem_alloc(sizeof(*arena) + first_bytes);
	arena->chunks = NULL;
	arena->first_cap = first_bytes;
	use_first(arena);
	return arena;
}

static void free_chunks(struct arena *arena)
{
	while (arena->chunks != NULL) {
		struct chunk *chunk = arena->chunks;

		arena->chunks = chunk->next;
		UNPOISON(chunk->bytes, chunk->cap);
		free(chunk);
	}
}

void arena_free(struct arena **arena)
{
	if (*arena == NULL)
		return;
	free_chunks(*arena);
	UNPOISON((*arena)->first, (*arena)->first_cap);
	free(*arena);
	*arena = NULL;
}

void arena_reset(struct arena *arena)
{
	free_chunks(arena);
	use_first(arena);
}

static struct chunk *add_chunk(struct arena *arena, size_t cap)
{
	struct chunk *chunk = mem_alloc(sizeof(*chunk) + cap);

	chunk->cap = cap;
	chunk->next = arena->chunks;
	arena->chunks = chunk;
	arena->size += sizeof(*chunk) + cap;
	POISON(chunk->bytes, cap);
	return chunk;
}

/*
 * The slow path: memory for N bytes, in a chunk of their own when they would eat most of a new
 * one.
 */
static char *grow(struct arena *arena, size_t n)
{
	struct chunk *chunk;

	if (n > arena->next_cap / 2)
		return add_chunk(arena, n)->bytes;
	chunk = add_chunk(arena, arena->next_cap);
	if (arena->next_cap < CHUNK_MAX)
		arena->next_cap *= 2;
	arena->at = chunk->bytes + n;
	arena->end = chunk->bytes + chunk->cap;
	return chunk->bytes;
}

static void *take(struct arena *arena, size_t n, size_t align)
{
	size_t skip;
	size_t want;
	char *p;

	ASSERT(n <= PTRDIFF_MAX / 2);
	if (align < MIN_ALIGN)
		align = MIN_ALIGN;
	skip = -(uintptr_t)arena->at & (align - 1);
	want = n + GAP;
	if (skip + want <= (size_t)(arena->end - arena->at)) {
		p = arena->at + skip;
		arena->at = p + want;
	} else {
		p = grow(arena, want);
	}
	UNPOISON(p, n);
	return p;
}

void *arena_alloc(struct arena *arena, size_t n)
{
	return take(arena, n, ALIGN_ANY);
}

void *arena_zalloc(struct arena *arena, size_t n)
{
	return memset(arena_alloc(arena, n), 0, n);
}

void *arena_zalloc_array(struct arena *arena, size_t size, size_t count)
{
	size_t n;

	ASSERT(!__builtin_mul_overflow(size, count, &n));
	return arena_zalloc(arena, n);
}

/* Text needs no alignment, so names and values pack densely. */
static char *take_text(struct arena *arena, size_t n)
{
	char *p = take(arena, n + 1, 1);

	p[n] = '\0';
	return p;
}

static void put(char *to, struct str s)
{
	if (s.n > 0)
		memcpy(to, s.p, s.n);
}

struct str arena_concat(struct arena *arena, struct str a, struct str b)
{
	char *p = take_text(arena, a.n + b.n);

	put(p, a);
	put(p + a.n, b);
	return str_make(p, a.n + b.n);
}

struct str arena_copy(struct arena *arena, struct str s)
{
	return str_is_absent(s) ? STR_NONE : arena_concat(arena, s, STR_NONE);
}

const char *arena_cstr(struct arena *arena, struct str s)
{
	return arena_copy(arena, s).p;
}

struct str arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	char *p;
	int n;

	ASSERT(format != NULL);
	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	ASSERT(n >= 0);
	p = take_text(arena, (size_t)n);
	va_start(args, format);
	vsnprintf(p, (size_t)n + 1, format, args);
	va_end(args);
	return str_make(p, (size_t)n);
}

size_t arena_size(const struct arena *arena)
{
	return arena->size;
}
