/*
 * rate.h - how often something may happen: a token bucket, and a table of them by address or
 * name.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/arena.h"

/* 16 bytes, embed where it is needed; all zero is a full bucket that was never used. */
struct rate {
	int64_t level; /* thousandths of a token by which AT is rounded up */
	int64_t at;    /* when it will be full again, monotonic ms */
};

struct rate_limit {
	int64_t burst;      /* tokens that a quiet owner has */
	int64_t per_second; /* thousandths of tokens that come back: 1000 is one a second */
};

/* Take N tokens if they are there. */
bool rate_take(struct rate *r, const struct rate_limit *limit, int64_t now, int64_t n);
/* Take N tokens in any case; returns the milliseconds until use is within the burst again. */
int64_t rate_charge(struct rate *r, const struct rate_limit *limit, int64_t now, int64_t n);

/*
 * Buckets by key (address block, account).  Forgets full buckets; holds at most MAX, then the
 * one that was not asked for for longest goes.  What rate_table_at returns is valid until the
 * next call.
 */
struct rate_table;
struct rate_table *rate_table_new(size_t max);
void rate_table_free(struct rate_table **table);
struct rate *rate_table_at(struct rate_table *table, struct str key, int64_t now);

/*
 * Counts by key, for "connections of one address": up returns the new count; down forgets a key
 * at zero.
 */
struct count_table;
struct count_table *count_table_new(void);
void count_table_free(struct count_table **table);
size_t count_table_up(struct count_table *table, struct str key);
void count_table_down(struct count_table *table, struct str key);
