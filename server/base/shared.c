/*
 * shared.c - immutable bytes with a reference count.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/shared.h"

#include "server/base/mem.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct shared_buf {
	atomic_size_t refs;
	size_t n;
	char bytes[];
};

struct shared_buf *shared_new(struct str bytes)
{
	struct shared_buf *s;

	ASSERT(bytes.n <= PTRDIFF_MAX / 2);
	s = mem_alloc(sizeof(*s) + bytes.n);
	atomic_init(&s->refs, 1);
	s->n = bytes.n;
	if (bytes.n > 0)
		memcpy(s->bytes, bytes.p, bytes.n);
	return s;
}

/* Whoever adds a reference holds one, so the count orders nothing here. */
struct shared_buf *shared_ref(struct shared_buf *s)
{
	atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
	return s;
}

/* The last one frees after all that the others did with the bytes. */
void shared_unref(struct shared_buf **s)
{
	struct shared_buf *gone = *s;

	*s = NULL;
	if (gone != NULL &&
	    atomic_fetch_sub_explicit(&gone->refs, 1, memory_order_acq_rel) == 1)
		free(gone);
}

struct str shared_str(const struct shared_buf *s)
{
	return str_make(s->bytes, s->n);
}
