/*
 * check_job.c - reads off the loop.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"
#include "server/base/mem.h"
#include "tests/lib/check_main.h"
#include "tests/store/fixture.h"

#include <pthread.h>
#include <string.h>

#define ME OWNER(1)

struct job {
	struct store_job job;
	pthread_t thread; /* that worked */
	char found[64];
	int err;
	unsigned count, count_down;
	bool came;
};

static int count(void *arg, struct str key, struct str value)
{
	unsigned *n = arg;

	++*n;
	return 0;
}

static void work(struct store_job *store_job, struct store_reader *reader)
{
	struct job *job = CONTAINER_OF(store_job, struct job, job);
	struct str value = STR_NONE;

	job->thread = pthread_self();
	store_prefetch(reader, ME);
	job->err = store_reader_find(reader, &space_a, ME, STR("k"), &value);
	if (job->err == 0)
		memcpy(job->found, value.p, value.n);
	if (store_reader_scan(reader, &space_a, ME, STR_NONE, STR_NONE, 0, count, &job->count) <
	    0)
		job->err = ERR_STORE;
	if (store_reader_scan_down(reader, &space_a, ME, STR_NONE, STR_NONE, 0, count,
	                           &job->count_down) < 0)
		job->err = ERR_STORE;
}

static void done(struct shard *here, struct store_job *store_job)
{
	struct job *job = CONTAINER_OF(store_job, struct job, job);

	ck_assert_ptr_eq(here, store_job->home);
	ck_assert(pthread_equal(pthread_self(), job->thread) == 0);
	job->came = true;
}

static void submit(struct fixture *f, struct job *job)
{
	*job = (struct job){ .job = { .work = work, .done = done } };
	ck_assert_int_eq(store_submit(f->view, &job->job), 0);
}

START_TEST(a_job_sees_what_is_on_disk_and_nothing_else)
{
	struct fixture f;
	struct batch *b;
	struct job job;

	fixture_open(&f);
	submit(&f, &job);
	ck_assert(shard_wait_here(f.here, &job.came, SECONDS(20)));
	ck_assert_int_eq(job.err, ERR_NOENT);
	ck_assert_int_eq(fixture_put(&f, ME, STR("k"), STR("on disk")), 0);
	b = batch_new(f.view);
	batch_put(b, &space_a, ME, STR("k"), STR("not yet"));
	batch_put(b, &space_a, ME, STR("k2"), STR("not yet"));
	submit(&f, &job);
	ck_assert(shard_wait_here(f.here, &job.came, SECONDS(20)));
	ck_assert_int_eq(job.err, 0);
	ck_assert_str_eq(job.found, "on disk");
	ck_assert_uint_eq(job.count, 1);
	ck_assert_uint_eq(job.count_down, 1);
	batch_drop(&b);
	fixture_close(&f);
}
END_TEST

START_TEST(prefetch_reads_all_kinds_of_records)
{
	static char large[100000];
	struct fixture f;
	struct batch *b;
	struct job job;

	fixture_open(&f);
	b = batch_new(f.view);
	for (uint32_t i = 0; i < 3000; i++) {
		batch_put(b, &space_a, ME, str_make((char *)&i, sizeof(i)),
		          fixture_bytes(large, i % 100, i));
		batch_put(b, &space_b, ME, str_make((char *)&i, sizeof(i)), STR("v"));
	}
	batch_put(b, &space_a, ME, STR("large"), fixture_bytes(large, sizeof(large), 1));
	ck_assert_int_eq(fixture_commit(&f, &b), 0);
	submit(&f, &job);
	ck_assert(shard_wait_here(f.here, &job.came, SECONDS(20)));
	ck_assert_uint_eq(job.count, 3001);
	ck_assert_uint_eq(job.count_down, 3001);
	fixture_close(&f);
}
END_TEST

struct gate {
	pthread_mutex_t lock;
};

struct held {
	struct store_job job;
	struct gate *gate;
	unsigned *done;
};

static void work_behind_gate(struct store_job *store_job, struct store_reader *reader)
{
	struct held *held = CONTAINER_OF(store_job, struct held, job);

	pthread_mutex_lock(&held->gate->lock);
	pthread_mutex_unlock(&held->gate->lock);
}

static void count_done(struct shard *here, struct store_job *store_job)
{
	++*CONTAINER_OF(store_job, struct held, job)->done;
}

START_TEST(so_many_jobs_wait_and_closing_runs_them)
{
	struct gate gate = { PTHREAD_MUTEX_INITIALIZER };
	struct held *all = mem_zalloc((STORE_JOBS_MAX + 1) * sizeof(*all));
	unsigned n_done = 0;
	struct fixture f;

	fixture_open(&f);
	pthread_mutex_lock(&gate.lock);
	for (size_t i = 0; i <= STORE_JOBS_MAX; i++) {
		all[i] = (struct held){ .job = { .work = work_behind_gate, .done = count_done },
			                .gate = &gate,
			                .done = &n_done };
		ck_assert_int_eq(store_submit(f.view, &all[i].job),
		                 i < STORE_JOBS_MAX ? 0 : ERR_BUSY);
	}
	pthread_mutex_unlock(&gate.lock);
	fixture_close(&f);
	ck_assert_uint_eq(n_done, STORE_JOBS_MAX);
	free(all);
}
END_TEST

CHECK_MAIN("job", a_job_sees_what_is_on_disk_and_nothing_else,
           prefetch_reads_all_kinds_of_records, so_many_jobs_wait_and_closing_runs_them)
