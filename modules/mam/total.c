/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/mam/total.h"

#define PARTS 4 /* classes to a power of two */

/* The one that BYTES are in: 0 to 3 for these, then four for each power of two from 4 on. */
static unsigned class_of(uint64_t bytes)
{
	unsigned power = 0;

	if (bytes < PARTS)
		return (unsigned)bytes;
	while (bytes >> power >= 2 * PARTS)
		power++;
	return PARTS * power + (unsigned)(bytes >> power);
}

/* The least that is in class C. */
static uint64_t least_of(unsigned c)
{
	unsigned power = c < PARTS ? 0 : c / PARTS - 1;

	return c < PARTS ? c : (uint64_t)(PARTS + c % PARTS) << power;
}

void total_add(struct total *total, uint64_t bytes)
{
	struct total_class *c = &total->classes[class_of(bytes)];

	c->n++;
	c->bytes += bytes;
}

/*
 * From the largest down: with the level in class C, those of smaller classes stay as they are, and
 * those of it and of larger ones share what is left.
 */
uint64_t total_level(const struct total *total, uint64_t max)
{
	uint64_t below = 0, n = 0;

	for (unsigned c = 0; c < TOTAL_CLASSES; c++)
		below += total->classes[c].bytes;
	if (below <= max)
		return UINT64_MAX;
	for (unsigned c = TOTAL_CLASSES; c-- > 0;) {
		below -= total->classes[c].bytes;
		n += total->classes[c].n;
		if (n > 0 && below <= max && (max - below) / n >= least_of(c))
			return (max - below) / n;
	}
	return 0;
}
