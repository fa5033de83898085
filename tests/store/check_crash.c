/*
 * check_crash.c - a process that is killed while it commits: what was acknowledged is there,
 * and no half of a batch.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"
#include "server/base/mem.h"
#include "server/base/rand.h"
#include "tests/lib/check_main.h"
#include "tests/store/fixture.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define KILLS 10
#define KEYS_PER_BATCH 3
#define IN_FLIGHT 40

/* ---- the child: commits batches without end, and tells each that is on disk ---- */

struct numbered {
	struct batch_done done;
	uint64_t number;
	int pipe;
	unsigned *in_flight;
};

static void on_disk(struct shard *here, struct batch_done *done, int err)
{
	struct numbered *n = CONTAINER_OF(done, struct numbered, done);

	if (err < 0 || write(n->pipe, &n->number, sizeof(n->number)) != sizeof(n->number))
		_exit(3);
	--*n->in_flight;
	free(n);
}

/* Batch N: three keys that hold its number and fill pages of different kinds. */
static void put_batch(struct fixture *f, uint64_t number, struct numbered *n)
{
	struct batch *b = batch_new(f->view);
	char key[32], value[6000];

	for (unsigned part = 0; part < KEYS_PER_BATCH; part++) {
		snprintf(key, sizeof(key), "%u/%012llu", part, (unsigned long long)number);
		batch_put(b, &space_a, OWNER(part + 1), str_of(key),
		          fixture_bytes(value, part == 2 ? number * 97 % sizeof(value) : 60,
		                        (unsigned)number));
	}
	batch_commit(&b, &n->done);
}

static void child(struct fixture *f, uint64_t number, int pipe)
{
	unsigned in_flight = 0;

	if (store_open(&f->config, &f->store) < 0 || shard_group_open(1, &f->group) < 0)
		_exit(2);
	f->here = shard_group_at(f->group, 0);
	f->view = store_view_new(f->store, f->here);
	for (;;) {
		while (in_flight < IN_FLIGHT) {
			struct numbered *n = MEM_NEW(struct numbered);

			*n = (struct numbered){ .done.on_done = on_disk,
				                .number = ++number,
				                .pipe = pipe,
				                .in_flight = &in_flight };
			in_flight++;
			put_batch(f, number, n);
		}
		shard_run_here(f->here, 1);
	}
}

/* ---- the parent ---- */

/* The last number that the child told before it ended. */
static uint64_t read_told(int pipe, uint64_t last)
{
	uint64_t number;

	while (read(pipe, &number, sizeof(number)) == sizeof(number)) {
		ck_assert_uint_eq(number, last + 1); /* in order */
		last = number;
	}
	return last;
}

static uint64_t run_and_kill(struct fixture *f, uint64_t present)
{
	struct timespec pause = { .tv_nsec = (long)(20 + rand_u64() % 200) * 1000000 };
	int ends[2], status;
	uint64_t told;
	pid_t pid;

	ck_assert_int_eq(pipe(ends), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		close(ends[0]);
		child(f, present, ends[1]);
	}
	close(ends[1]);
	nanosleep(&pause, NULL);
	kill(pid, SIGKILL);
	told = read_told(ends[0], present);
	close(ends[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
	              "the child ended by itself: %d", status);
	return told;
}

/* Is part PART of batch NUMBER there, and whole? */
static bool has_part(struct fixture *f, uint64_t number, unsigned part)
{
	char key[32], want[6000];
	struct str value;
	int err;

	snprintf(key, sizeof(key), "%u/%012llu", part, (unsigned long long)number);
	err = store_find(f->view, &space_a, OWNER(part + 1), str_of(key), &value);
	if (err == ERR_NOENT)
		return false;
	ck_assert_int_eq(err, 0);
	ck_assert(str_eq(value, fixture_bytes(want, part == 2 ? number * 97 % sizeof(want) : 60,
	                                      (unsigned)number)));
	return true;
}

/*
 * All or none of each batch; those present are the first ones.  Returns the last that is there.
 */
static uint64_t check_batches(struct fixture *f)
{
	uint64_t number = 0;
	bool present = true;

	while (present) {
		present = has_part(f, ++number, 0);
		for (unsigned part = 1; part < KEYS_PER_BATCH; part++)
			ck_assert_int_eq(has_part(f, number, part), present);
	}
	for (uint64_t later = number; later < number + 2 * IN_FLIGHT; later++) {
		for (unsigned part = 0; part < KEYS_PER_BATCH; part++)
			ck_assert(!has_part(f, later, part));
	}
	return number - 1;
}

START_TEST(what_was_told_is_there_after_a_kill)
{
	struct fixture f;
	uint64_t present = 0;

	fixture_init(&f);
	f.config.folder = f.folder;
	f.config.map_bytes = (size_t)MIB(1024);
	for (int i = 0; i < KILLS; i++) {
		uint64_t told = run_and_kill(&f, present);

		fixture_start(&f);
		present = check_batches(&f);
		fixture_stop(&f);
		ck_assert_uint_ge(present, told);
	}
	ck_assert_uint_gt(present, 0);
	fixture_remove(&f);
}
END_TEST

CHECK_MAIN("crash", what_was_told_is_there_after_a_kill)
