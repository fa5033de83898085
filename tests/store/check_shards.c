/*
 * check_shards.c - several shards on threads, writing, reading and running jobs at once, and
 * stopped in the middle.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"
#include "tests/lib/check_main.h"
#include "tests/store/fixture.h"

#include <string.h>
#include <time.h>

#define SHARDS 3
#define CHAINS 20 /* on each shard: each commits its next batch when the last is on disk */
#define BATCHES 40 /* of a chain; fewer when the shard stops */

struct side;

struct chain {
	struct batch_done done;
	struct store_job job;
	struct side *side;
	uint64_t owner;
	unsigned number; /* last one committed */
	unsigned on_disk; /* last one known to be on disk */
	unsigned seen_by_job;
	int job_err;
	bool job_runs;
};

struct side {
	struct store_view *view;
	struct chain chains[CHAINS];
};

/* each its shard's, and main's when the shards have stopped */
static struct side sides[SHARDS];
static struct store *store;

static void next(struct chain *c);

static struct str number_str(const unsigned *number)
{
	return str_make((const char *)number, sizeof(*number));
}

/* A job sees at least what was on disk when it was submitted, as a whole. */
static void work(struct store_job *job, struct store_reader *reader)
{
	struct chain *c = CONTAINER_OF(job, struct chain, job);
	struct str a, b;

	store_prefetch(reader, c->owner);
	c->job_err = store_reader_find(reader, &space_a, c->owner, STR("n"), &a);
	if (c->job_err == 0)
		c->job_err = store_reader_find(reader, &space_b, c->owner, STR("n"), &b);
	if (c->job_err == 0 && !str_eq(a, b))
		c->job_err = ERR_CORRUPT;
	if (c->job_err == 0)
		memcpy(&c->seen_by_job, a.p, sizeof(c->seen_by_job));
}

static void job_done(struct shard *here, struct store_job *job)
{
	struct chain *c = CONTAINER_OF(job, struct chain, job);

	ck_assert(shard_is_here(here));
	c->job_runs = false;
	ck_assert_int_eq(c->job_err, 0);
	ck_assert_uint_ge(c->seen_by_job, 1);
}

static void on_disk(struct shard *here, struct batch_done *done, int err)
{
	struct chain *c = CONTAINER_OF(done, struct chain, done);
	struct str value;

	ck_assert(shard_is_here(here));
	ck_assert_int_eq(err, 0);
	c->on_disk = c->number;
	ck_assert_int_eq(store_find(c->side->view, &space_a, c->owner, STR("n"), &value), 0);
	ck_assert(str_eq(value, number_str(&c->number)));
	if (shard_is_stopping(here))
		return;
	if (!c->job_runs) {
		c->job_runs = true;
		c->job = (struct store_job){ .work = work, .done = job_done };
		ck_assert_int_eq(store_submit(c->side->view, &c->job), 0);
	}
	if (c->number < BATCHES)
		next(c);
}

static void next(struct chain *c)
{
	struct batch *b = batch_new(c->side->view);
	char value[200];

	c->number++;
	batch_put(b, &space_a, c->owner, STR("n"), number_str(&c->number));
	batch_put(b, &space_a, c->owner, number_str(&c->number),
	          fixture_bytes(value, sizeof(value), c->number));
	batch_put(b, &space_b, c->owner, STR("n"), number_str(&c->number));
	batch_commit(&b, &c->done);
}

static void init(struct shard *here, void *arg)
{
	struct side *side = &sides[shard_index(here)];

	side->view = store_view_new(store, here);
	for (unsigned i = 0; i < CHAINS; i++) {
		struct chain *c = &side->chains[i];
		unsigned partition = shard_index(here) * STORE_PARTITIONS / SHARDS + 1 + i;

		*c = (struct chain){ .done.on_done = on_disk,
			             .side = side,
			             .owner = store_owner_new(partition) };
		next(c);
	}
}

static void fini(struct shard *here, void *arg)
{
	store_view_free(&sides[shard_index(here)].view);
}

static void run(struct fixture *f, long ms)
{
	struct timespec pause = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
	struct shard_group *group;

	ck_assert_int_eq(store_open(&f->config, &store), 0);
	ck_assert_int_eq(shard_group_open(SHARDS, &group), 0);
	ck_assert_int_eq(shard_group_start(group, init, NULL), 0);
	nanosleep(&pause, NULL);
	shard_group_stop(group, fini, NULL);
	shard_group_close(&group);
	ck_assert_uint_eq(store_figures(store).waiting_batches, 0);
	store_close(&store);
}

static void check_disk(struct fixture *f)
{
	fixture_start(f); /* one shard: reading is free to all */
	for (unsigned s = 0; s < SHARDS; s++) {
		for (unsigned i = 0; i < CHAINS; i++) {
			const struct chain *c = &sides[s].chains[i];
			char want[200];

			ck_assert_uint_eq(c->number, c->on_disk);
			ck_assert(!c->job_runs);
			ck_assert(str_eq(fixture_find(f, &space_a, c->owner, STR("n")),
			                 number_str(&c->number)));
			for (unsigned n = 1; n <= c->number; n++)
				ck_assert(str_eq(
					fixture_find(f, &space_a, c->owner, number_str(&n)),
					fixture_bytes(want, sizeof(want), n)));
		}
	}
	fixture_stop(f);
}

START_TEST(shards_stopped_at_any_time_have_stored_all_that_they_committed)
{
	static const long pauses_ms[] = { 0, 3, 20, 100, 400 };
	struct fixture f;

	for (size_t i = 0; i < ARRAY_LEN(pauses_ms); i++) {
		fixture_init(&f);
		f.config.folder = f.folder;
		f.config.gather_ms = i % 2 == 0 ? 0 : 2;
		run(&f, pauses_ms[i]);
		check_disk(&f);
		fixture_remove(&f);
	}
}
END_TEST

CHECK_MAIN("shards", shards_stopped_at_any_time_have_stored_all_that_they_committed)
