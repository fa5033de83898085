/*
 * total.h - what the archives of a host take together, and how large one may be so that all of them
 * fit into so much.
 *
 * Who takes most gives first: those that are larger than a level are brought down to it, and the
 * others lose nothing.
 *
 *     bytes │     █
 *           │ ─ ─ █ ─ ─ █ ─ ─ ─ ─ ─ level        what is left below it is no more than there may be
 *           │     █     █   ▄
 *           │ ▄   █   ▂ █   █   ▂
 *           └────────────────────── archives
 *
 * Counted by size, in classes of a quarter of a power of two, so that it takes 4 KiB for any number
 * of archives; the level is exact within a class.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdint.h>

#define TOTAL_CLASSES 256

struct total {
	struct total_class {
		uint64_t n, bytes;
	} classes[TOTAL_CLASSES];
};

/* One more archive. */
void total_add(struct total *total, uint64_t bytes);
/* The level for that many bytes in all; UINT64_MAX: they are not too large. */
uint64_t total_level(const struct total *total, uint64_t max);
