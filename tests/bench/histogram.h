/*
 * histogram.h - durations, counted in classes that are each about 3 % wide.
 *
 * Every power of two nanoseconds is cut into 32 classes, so that percentiles of millions of
 * durations cost a few kilobytes and no sorting.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdint.h>

#define HISTOGRAM_CLASSES (64 * 32)

struct histogram {
	uint64_t total;
	uint64_t counts[HISTOGRAM_CLASSES];
};

void histogram_add(struct histogram *h, uint64_t ns);

/*
 * The nanoseconds that SHARE (0 to 1) of all durations do not exceed, rounded up to the end of
 * a class; 0 when empty.
 */
double histogram_percentile(const struct histogram *h, double share);
