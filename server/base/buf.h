/*
 * buf.h - a growable run of bytes: what is read, or waits to be written.
 *
 * Starts as { 0 } without memory, and gives its memory back when empty if the owner asks
 * (buf_shrink), so that a quiet stream holds none.  Growth never fails (out of memory ends the
 * process): callers bound what peers can make it hold.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/str.h"

struct buf {
	char *p;
	size_t n; /* bytes in use */
	size_t cap;
};

void buf_deinit(struct buf *b); /* frees and zeroes */
/* Room for at least N more bytes; returns where they go.  Follow with b->n += written. */
char *buf_reserve(struct buf *b, size_t n);
void buf_append(struct buf *b, struct str bytes);
void buf_append_byte(struct buf *b, char c);
void buf_printf(struct buf *b, const char *format, ...) PRINTF_LIKE(2, 3);
/* Drop the first N bytes, moving the rest to the front. */
void buf_consume(struct buf *b, size_t n);
static inline void buf_clear(struct buf *b)
{
	b->n = 0;
}
/* Free the memory when empty. */
void buf_shrink(struct buf *b);
static inline struct str buf_str(const struct buf *b)
{
	return str_make(b->p, b->n);
}
