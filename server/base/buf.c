/*
 * buf.c - a growable run of bytes.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/buf.h"

#include "server/base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CAP_MIN ((size_t)256)

void buf_deinit(struct buf *b)
{
	free(b->p);
	*b = (struct buf){ 0 };
}

char *buf_reserve(struct buf *b, size_t n)
{
	size_t cap = b->cap < CAP_MIN ? CAP_MIN : b->cap;

	ASSERT(n <= PTRDIFF_MAX / 4 && b->n <= PTRDIFF_MAX / 4);
	if (b->p != NULL && n <= b->cap - b->n)
		return b->p + b->n;
	while (cap - b->n < n)
		cap *= 2;
	b->p = mem_resize(b->p, cap);
	b->cap = cap;
	return b->p + b->n;
}

void buf_append(struct buf *b, struct str bytes)
{
	if (bytes.n == 0)
		return;
	memcpy(buf_reserve(b, bytes.n), bytes.p, bytes.n);
	b->n += bytes.n;
}

void buf_append_byte(struct buf *b, char c)
{
	*buf_reserve(b, 1) = c;
	b->n++;
}

void buf_printf(struct buf *b, const char *format, ...)
{
	size_t room = b->cap - b->n;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(room > 0 ? b->p + b->n : NULL, room, format, args);
	va_end(args);
	ASSERT(n >= 0);
	if ((size_t)n >= room) {
		char *p = buf_reserve(b, (size_t)n + 1);

		va_start(args, format);
		vsnprintf(p, (size_t)n + 1, format, args);
		va_end(args);
	}
	b->n += (size_t)n;
}

void buf_consume(struct buf *b, size_t n)
{
	ASSERT(n <= b->n);
	b->n -= n;
	if (n > 0 && b->n > 0)
		memmove(b->p, b->p + n, b->n);
}

void buf_shrink(struct buf *b)
{
	if (b->n == 0)
		buf_deinit(b);
}
