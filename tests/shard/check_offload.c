/*
 * check_offload.c - slow pure work on the pool.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"
#include "server/shard/offload.h"
#include "tests/lib/check_main.h"

#include <pthread.h>
#include <unistd.h>

struct square {
	struct offload_job job;
	unsigned number;
	unsigned result;
	bool elsewhere; /* work ran on another thread than done */
	bool finished;
	pthread_t worker;
};

static void square_work(struct offload_job *job)
{
	struct square *q = (struct square *)job;

	usleep(1000);
	q->result = q->number * q->number;
	q->worker = pthread_self();
}

static void square_done(struct shard *here, struct offload_job *job)
{
	struct square *q = (struct square *)job;

	ck_assert(shard_is_here(here));
	ck_assert_ptr_eq(job->home, here);
	q->elsewhere = !pthread_equal(q->worker, pthread_self());
	q->finished = true;
}

static struct square square_of(unsigned number)
{
	return (struct square){ .job = { .work = square_work, .done = square_done },
		                .number = number };
}

START_TEST(work_runs_elsewhere_and_its_result_comes_home)
{
	struct shard_group *group;
	struct square q = square_of(12);

	ck_assert_int_eq(shard_group_open(1, &group), 0);
	ck_assert_int_eq(offload_submit(shard_group_at(group, 0), &q.job), 0);
	shard_run_here(shard_group_at(group, 0), SECONDS(60));
	ck_assert(q.finished && q.elsewhere);
	ck_assert_uint_eq(q.result, 144);
	shard_group_close(&group);
}
END_TEST

START_TEST(one_job_too_many_is_refused_until_others_are_done)
{
	static struct square all[OFFLOAD_MAX + 1];
	struct shard_group *group;
	struct shard *s;

	ck_assert_int_eq(shard_group_open(1, &group), 0);
	s = shard_group_at(group, 0);
	for (unsigned i = 0; i < OFFLOAD_MAX; i++) {
		all[i] = square_of(i);
		ck_assert_int_eq(offload_submit(s, &all[i].job), 0);
	}
	all[OFFLOAD_MAX] = square_of(OFFLOAD_MAX);
	ck_assert_int_eq(offload_submit(s, &all[OFFLOAD_MAX].job), ERR_BUSY);
	shard_run_here(s, SECONDS(60));
	ck_assert(!all[OFFLOAD_MAX].finished);
	ck_assert_int_eq(offload_submit(s, &all[OFFLOAD_MAX].job), 0);
	shard_run_here(s, SECONDS(60));
	for (unsigned i = 0; i <= OFFLOAD_MAX; i++)
		ck_assert(all[i].finished && all[i].result == i * i);
	shard_group_close(&group);
}
END_TEST

#define SHARDS 2
#define EACH 50

static struct square jobs[SHARDS][EACH];

static void submit_all(struct shard *here, void *arg)
{
	for (unsigned i = 0; i < EACH; i++) {
		jobs[shard_index(here)][i] = square_of(i);
		ck_assert_int_eq(offload_submit(here, &jobs[shard_index(here)][i].job), 0);
	}
}

START_TEST(jobs_under_way_are_waited_for_when_shards_stop)
{
	struct shard_group *group;

	ck_assert_int_eq(shard_group_open(SHARDS, &group), 0);
	ck_assert_int_eq(shard_group_start(group, submit_all, NULL), 0);
	shard_group_stop(group, NULL, NULL);
	for (unsigned i = 0; i < SHARDS; i++) {
		for (unsigned k = 0; k < EACH; k++)
			ck_assert(jobs[i][k].finished && jobs[i][k].elsewhere);
	}
	shard_group_close(&group);
}
END_TEST

CHECK_MAIN("offload", work_runs_elsewhere_and_its_result_comes_home,
           one_job_too_many_is_refused_until_others_are_done,
           jobs_under_way_are_waited_for_when_shards_stop)
