/*
 * shared.h - immutable bytes with a reference count: the only data that several threads hold at
 * once.
 *
 * A fan-out serialises its payload once into a shared_buf, and every receiver's shard keeps a
 * reference while it writes.  The count is atomic; the bytes never change after shared_new
 * returned.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/str.h"

struct shared_buf;

/* A copy of BYTES, with one reference that the caller owns. */
struct shared_buf *shared_new(struct str bytes);
struct shared_buf *shared_ref(struct shared_buf *s); /* returns s */
void shared_unref(struct shared_buf **s); /* sets *s to NULL; accepts a pointer to NULL */
/* Valid while the caller holds a reference. */
struct str shared_str(const struct shared_buf *s);
