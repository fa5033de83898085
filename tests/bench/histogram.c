/*
 * histogram.c - durations, counted in classes that are each about 3 % wide.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/bench/histogram.h"

#define SUB_BITS 5
#define SUB (1u << SUB_BITS)

static unsigned class_of(uint64_t ns)
{
	unsigned top, shift;

	if (ns < SUB)
		return (unsigned)ns;
	top = 63u - (unsigned)__builtin_clzll(ns);
	shift = top - SUB_BITS;
	return (shift + 1) * SUB + (unsigned)((ns >> shift) & (SUB - 1));
}

static double upper_bound(unsigned class)
{
	unsigned shift;

	if (class < SUB)
		return class;
	shift = class / SUB - 1;
	return (double)(SUB + class % SUB + 1) * (double)(1ull << shift);
}

void histogram_add(struct histogram *h, uint64_t ns)
{
	h->counts[class_of(ns)]++;
	h->total++;
}

double histogram_percentile(const struct histogram *h, double share)
{
	uint64_t wanted = (uint64_t)(share * (double)h->total);
	uint64_t sum = 0;

	if (h->total == 0)
		return 0;
	for (unsigned i = 0; i < HISTOGRAM_CLASSES; i++) {
		sum += h->counts[i];
		if (sum > wanted || sum == h->total)
			return upper_bound(i);
	}
	return 0;
}
