/*
 * recent.h - was this text among the last RECENT_MAX?  A ring of keyed hashes on the heap, and
 * nothing at all before the first.
 *
 * Zeroed memory is an empty ring.  Of two texts one may be taken for the other, but by chance
 * alone, as the hash is keyed: for hints, not for decisions that matter.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/str.h"

#define RECENT_MAX 64

struct recent_ring;

struct recent {
	struct recent_ring *ring;
};

void recent_add(struct recent *r, struct str text); /* forgets the oldest when it is full */
bool recent_has(const struct recent *r, struct str text);
void recent_clear(struct recent *r);
