/*
 * check_errand.c - calls that may never return.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/shard/errand.h"

#include "server/base/err.h"
#include "server/base/mem.h"
#include "tests/lib/check_main.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

/* What an errand waits for: a byte that the test writes, and until then it hangs. */
struct trip {
	int hangs_on; /* -1: does not hang */
	int result;
	int err; /* what back was told; 1 before */
	bool is_elsewhere;
	pthread_t thread;
	atomic_int *freed;
};

static void run(void *what)
{
	struct trip *t = what;
	char byte;

	t->thread = pthread_self();
	if (t->hangs_on >= 0)
		ck_assert_int_eq(read(t->hangs_on, &byte, 1), 1);
	t->result = 42;
}

static void back(struct shard *here, void *what, int err)
{
	struct trip *t = what;

	ck_assert(shard_is_here(here));
	t->err = err;
	if (err == 0)
		t->is_elsewhere = !pthread_equal(t->thread, pthread_self());
}

static void on_free(void *what)
{
	struct trip *t = what;

	atomic_fetch_add(t->freed, 1);
}

static const struct errand_ops ops = { .run = run, .back = back, .free = on_free };

static struct shard_group *group;
static struct shard *s;
static atomic_int freed;
static int hang[2]; /* descriptors 0 and 1 lend themselves: an errand has no others */

static void begin(void)
{
	ck_assert_int_eq(shard_group_open(1, &group), 0);
	s = shard_group_at(group, 0);
	atomic_store(&freed, 0);
	ck_assert_int_eq(pipe(hang), 0);
	ck_assert_int_eq(dup2(hang[0], STDIN_FILENO), STDIN_FILENO);
}

static struct trip trip(bool hangs)
{
	return (struct trip){
		.hangs_on = hangs ? STDIN_FILENO : -1,
		.err = 1,
		.freed = &freed,
	};
}

static void await_freed(unsigned n)
{
	while (atomic_load(&freed) < (int)n)
		usleep(1000);
}

/* Every thread that hangs goes on, and is awaited. */
static void let_go(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		ck_assert_int_eq(write(hang[1], "", 1), 1);
	await_freed(n);
}

static void end(void)
{
	if (group != NULL)
		shard_group_close(&group);
	close(hang[0]);
	close(hang[1]);
}

START_TEST(an_errand_runs_on_a_thread_of_its_own_and_comes_home)
{
	struct trip t = trip(false);

	begin();
	ck_assert_int_eq(errand_send(s, &ops, &t, SECONDS(60)), 0);
	shard_wait_here(s, &t.is_elsewhere, SECONDS(60));
	ck_assert_int_eq(t.err, 0);
	ck_assert_int_eq(t.result, 42);
	ck_assert(t.is_elsewhere);
	await_freed(1);
	ck_assert_uint_eq(errands_out(s), 0);
	end();
}
END_TEST

START_TEST(one_that_hangs_is_given_up_and_freed_when_it_returns)
{
	struct trip t = trip(true);

	begin();
	ck_assert_int_eq(errand_send(s, &ops, &t, 50), 0);
	shard_run_here(s, SECONDS(60));
	ck_assert_int_eq(t.err, ERR_TIMEOUT);
	ck_assert_int_eq(atomic_load(&freed), 0);
	ck_assert_uint_eq(errands_out(s), 1);
	let_go(1);
	ck_assert_int_eq(t.err, ERR_TIMEOUT);
	ck_assert_uint_eq(errands_out(s), 0);
	end();
}
END_TEST

START_TEST(while_all_hang_another_is_refused_at_once)
{
	struct trip all[ERRANDS_MAX], more = trip(false);

	begin();
	for (unsigned i = 0; i < ERRANDS_MAX; i++) {
		all[i] = trip(true);
		ck_assert_int_eq(errand_send(s, &ops, &all[i], 50), 0);
	}
	ck_assert_int_eq(errand_send(s, &ops, &more, 50), ERR_BUSY);
	shard_run_here(s, SECONDS(60));
	for (unsigned i = 0; i < ERRANDS_MAX; i++)
		ck_assert_int_eq(all[i].err, ERR_TIMEOUT);
	/* given up, but not gone */
	ck_assert_int_eq(errand_send(s, &ops, &more, 50), ERR_BUSY);
	ck_assert_int_eq(more.err, 1);
	let_go(ERRANDS_MAX);
	ck_assert_int_eq(errand_send(s, &ops, &more, SECONDS(60)), 0);
	shard_wait_here(s, &more.is_elsewhere, SECONDS(60));
	ck_assert_int_eq(more.err, 0);
	await_freed(ERRANDS_MAX + 1);
	end();
}
END_TEST

START_TEST(a_shard_that_stops_waits_for_no_errand)
{
	struct trip t = trip(true);

	begin();
	ck_assert_int_eq(errand_send(s, &ops, &t, HOURS(1)), 0);
	shard_group_stop(group, NULL, NULL);
	ck_assert_int_eq(t.err, ERR_CLOSED);
	ck_assert_uint_eq(errands_out(s), 1);
	shard_group_close(&group);
	let_go(1); /* after its shard */
	end();
}
END_TEST

static int n_descriptors(void)
{
	DIR *folder = opendir("/proc/thread-self/fd");
	int n = -3; /* ".", ".." and the folder itself */

	ck_assert_ptr_nonnull(folder);
	while (readdir(folder) != NULL)
		n++;
	closedir(folder);
	return n;
}

static void forget_descriptors(void *what)
{
	struct trip *t = what;

	t->thread = pthread_self();
	t->result = n_descriptors();
	for (int i = 0; i < 10; i++)
		ck_assert_int_ge(open("/dev/null", O_RDONLY), 0);
}

START_TEST(what_it_opens_goes_with_it_and_ours_are_not_there)
{
	static const struct errand_ops careless = { .run = forget_descriptors,
		                                    .back = back,
		                                    .free = on_free };
	struct trip t = trip(false);
	int before;

	if (ERRANDS_SHARE_DESCRIPTORS)
		return;
	begin();
	before = n_descriptors();
	ck_assert_int_eq(errand_send(s, &careless, &t, SECONDS(60)), 0);
	shard_wait_here(s, &t.is_elsewhere, SECONDS(60));
	ck_assert_int_eq(n_descriptors(), before);
	/* the usual three, and the one that wakes the shard */
	ck_assert_int_eq(t.result, 4);
	await_freed(1);
	end();
}
END_TEST

CHECK_MAIN("errand", an_errand_runs_on_a_thread_of_its_own_and_comes_home,
           one_that_hangs_is_given_up_and_freed_when_it_returns,
           while_all_hang_another_is_refused_at_once, a_shard_that_stops_waits_for_no_errand,
           what_it_opens_goes_with_it_and_ours_are_not_there)
