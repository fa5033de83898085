/*
 * rate.c - token buckets and counts.
 *
 * A bucket is two numbers: AT, when it will be full again, and LEVEL, the part of a token that
 * rounding AT up to a whole millisecond added (in thousandths).  So what is used now is (at -
 * now) * per_second - level, whether a bucket is full can be told without its limit, and slow
 * limits (a token each hour) lose nothing by frequent looks.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/net/rate.h"

#include "server/base/map.h"
#include "server/base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define USED_MAX \
	((int64_t)1000000 * 1000 * 1000 * \
	 1000) /* thousandths: 10^12 tokens, far from any overflow */

static int64_t speed_of(const struct rate_limit *limit)
{
	return limit->per_second > 0 ? limit->per_second : 1;
}

/* Thousandths of tokens that are gone at NOW. */
static int64_t used_at(const struct rate *r, int64_t speed, int64_t now)
{
	int64_t used;

	if (r->at <= now)
		return 0;
	if (r->at - now > USED_MAX / speed * 1000)
		return USED_MAX;
	/* Split, so that the product stays small. */
	used = (r->at - now) / 1000 * speed + (r->at - now) % 1000 * speed / 1000 - r->level;
	return used > 0 ? used : 0;
}

static void set_used(struct rate *r, int64_t speed, int64_t now, int64_t used)
{
	int64_t ms = used / speed * 1000 + (used % speed * 1000 + speed - 1) / speed;

	r->at = now + ms;
	r->level = ms / 1000 * speed + ms % 1000 * speed / 1000 - used;
	if (r->level < 0)
		r->level = 0;
}

static int64_t thousandths(int64_t n)
{
	return n < USED_MAX / 1000 ? n * 1000 : USED_MAX;
}

bool rate_take(struct rate *r, const struct rate_limit *limit, int64_t now, int64_t n)
{
	int64_t speed = speed_of(limit);
	int64_t used = used_at(r, speed, now);

	if (thousandths(n) > thousandths(limit->burst) - used)
		return false;
	set_used(r, speed, now, used + thousandths(n));
	return true;
}

int64_t rate_charge(struct rate *r, const struct rate_limit *limit, int64_t now, int64_t n)
{
	int64_t speed = speed_of(limit);
	int64_t used = used_at(r, speed, now) + thousandths(n);
	int64_t over;

	if (used > USED_MAX)
		used = USED_MAX;
	set_used(r, speed, now, used);
	over = used - thousandths(limit->burst);
	return over > 0 ? over / speed * 1000 + (over % speed * 1000 + speed - 1) / speed : 0;
}

struct rate_entry {
	struct rate rate;
	UT_hash_handle hh;
	TAILQ_ENTRY(rate_entry) link;
	size_t n;
	char key[];
};

TAILQ_HEAD(rate_list, rate_entry);

struct rate_table {
	struct rate_entry *entries;
	struct rate_list by_use; /* the one that was not asked for for longest is first */
	size_t max;
};

struct rate_table *rate_table_new(size_t max)
{
	struct rate_table *table = MEM_NEW(struct rate_table);

	ASSERT(max > 0);
	table->max = max;
	TAILQ_INIT(&table->by_use);
	return table;
}

static void forget(struct rate_table *table, struct rate_entry *e)
{
	HASH_DEL(table->entries, e);
	TAILQ_REMOVE(&table->by_use, e, link);
	free(e);
}

void rate_table_free(struct rate_table **table)
{
	struct rate_entry *e;

	if (*table == NULL)
		return;
	while ((e = TAILQ_FIRST(&(*table)->by_use)) != NULL)
		forget(*table, e);
	free(*table);
	*table = NULL;
}

/*
 * Two full buckets go for each new one, so that memory returns at the pace at which it was
 * taken.  The list is in the order of use, in which buckets become full again, nearly.
 */
static void make_room(struct rate_table *table, int64_t now)
{
	for (int i = 0; i < 2; i++) {
		struct rate_entry *e = TAILQ_FIRST(&table->by_use);

		if (e != NULL && e->rate.at <= now)
			forget(table, e);
	}
	while (HASH_COUNT(table->entries) >= table->max)
		forget(table, TAILQ_FIRST(&table->by_use));
}

static struct rate_entry *add_entry(struct rate_table *table, struct str key)
{
	struct rate_entry *e = mem_zalloc(sizeof(*e) + key.n);

	e->n = key.n;
	if (key.n > 0)
		memcpy(e->key, key.p, key.n);
	HASH_ADD_KEYPTR(hh, table->entries, e->key, e->n, e);
	return e;
}

struct rate *rate_table_at(struct rate_table *table, struct str key, int64_t now)
{
	struct rate_entry *e = NULL;

	HASH_FIND(hh, table->entries, key.p, key.n, e);
	if (e != NULL) {
		TAILQ_REMOVE(&table->by_use, e, link);
	} else {
		make_room(table, now);
		e = add_entry(table, key);
	}
	TAILQ_INSERT_TAIL(&table->by_use, e, link);
	return &e->rate;
}

struct count_entry {
	size_t count;
	UT_hash_handle hh;
	size_t n;
	char key[];
};

struct count_table {
	struct count_entry *entries;
};

struct count_table *count_table_new(void)
{
	return MEM_NEW(struct count_table);
}

void count_table_free(struct count_table **table)
{
	struct count_entry *e;
	struct count_entry *next;

	if (*table == NULL)
		return;
	HASH_ITER(hh, (*table)->entries, e, next)
	{
		HASH_DEL((*table)->entries, e);
		free(e);
	}
	free(*table);
	*table = NULL;
}

static struct count_entry *find_count(struct count_table *table, struct str key)
{
	struct count_entry *e = NULL;

	HASH_FIND(hh, table->entries, key.p, key.n, e);
	return e;
}

size_t count_table_up(struct count_table *table, struct str key)
{
	struct count_entry *e = find_count(table, key);

	if (e == NULL) {
		e = mem_zalloc(sizeof(*e) + key.n);
		e->n = key.n;
		if (key.n > 0)
			memcpy(e->key, key.p, key.n);
		HASH_ADD_KEYPTR(hh, table->entries, e->key, e->n, e);
	}
	return ++e->count;
}

void count_table_down(struct count_table *table, struct str key)
{
	struct count_entry *e = find_count(table, key);

	ASSERT(e != NULL);
	if (--e->count > 0)
		return;
	HASH_DEL(table->entries, e);
	free(e);
}
