/*
 * arena.h - memory that is freed all at once.
 *
 * An arena is a chain of chunks; allocation bumps a pointer, arena_free returns everything.  A
 * stanza, its reply and all temporaries live in the event's arena; what outlives the event is
 * copied out.  Allocation never returns NULL (out of memory ends the process), so sizes that a
 * peer controls are checked against a limit before.  One thread at a time uses an arena; it
 * moves between threads with the message that holds it.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/str.h"

#include <stdarg.h>

struct arena;

/* A new arena with room for at least FIRST_BYTES before it asks the heap again. */
struct arena *arena_new(size_t first_bytes);
/* Free everything; sets *arena to NULL.  Accepts a pointer to NULL. */
void arena_free(struct arena **arena);
/* Forget all allocations and keep the first chunk. */
void arena_reset(struct arena *arena);

/* N bytes, not cleared, aligned for any type. */
void *arena_alloc(struct arena *arena, size_t n);
void *arena_zalloc(struct arena *arena, size_t n);
void *arena_zalloc_array(struct arena *arena, size_t size, size_t count);
#define ARENA_NEW(arena, type) ((type *)arena_zalloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, count) \
	((type *)arena_zalloc_array((arena), sizeof(type), (count)))

/* A copy that also ends in a NUL, not counted in n.  An absent str stays absent. */
struct str arena_copy(struct arena *arena, struct str s);
const char *arena_cstr(struct arena *arena, struct str s);
struct str arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);
struct str arena_concat(struct arena *arena, struct str a, struct str b);

/* Bytes taken from the heap, for limits and figures. */
size_t arena_size(const struct arena *arena);
