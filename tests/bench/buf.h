/*
 * buf.h - a growable run of bytes.
 *
 * Running out of memory ends the program: a load generator has nothing better to do.  A buffer
 * that is all zeros is empty and ready to use.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include <stddef.h>

struct buf {
	char *p;
	size_t n;
	size_t cap;
};

void buf_deinit(struct buf *b);

/* Make room for N more bytes, without changing the length. */
void buf_reserve(struct buf *b, size_t n);

void buf_add(struct buf *b, const void *p, size_t n);

void buf_add_text(struct buf *b, const char *text);

/* Append formatted text.  The terminating zero is not counted in the length. */
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Allocate N zeroed bytes; never NULL. */
void *buf_zalloc(size_t n);

/* A copy of the N bytes at P with a zero behind them, to be freed by the caller; never NULL. */
char *buf_strndup(const char *p, size_t n);
