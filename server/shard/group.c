/*
 * group.c - all shards of the process: their threads, and how they stop together.
 *
 * A shard that stops may still hear from others that stop, so none may leave before all are
 * done.  Each runs fini and turns until no handle of its own is active; then it is quiet, and
 * says so under the group's lock.  It stops being quiet, under the lock again, before it takes
 * a message.  So whoever finds under the lock that all are quiet, and all inboxes empty, knows
 * that no shard runs and that no message is on its way: that is the end for all.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* pthread_setname_np */
#endif

#include "server/base/err.h"
#include "server/base/mem.h"
#include "server/shard/private.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define GROUP_MAX 1024 /* shards: far above any machine, far below the number of partitions */

int shard_group_open(unsigned count, struct shard_group **group_out)
{
	struct shard_group *group;
	unsigned want = count > 0 ? count : uv_available_parallelism();

	if (want > GROUP_MAX)
		return ERR_TOO_BIG;
	group = mem_zalloc(sizeof(*group) + want * sizeof(group->shards[0]));
	group->count = want;
	pthread_mutex_init(&group->lock, NULL);
	pthread_cond_init(&group->changed, NULL);
	for (unsigned i = 0; i < want; i++) {
		int err = shard_open(group, i, &group->shards[i]);

		if (err < 0) {
			shard_group_close(&group);
			return err;
		}
	}
	*group_out = group;
	return 0;
}

unsigned shard_group_count(const struct shard_group *group)
{
	return group->count;
}

struct shard *shard_group_at(const struct shard_group *group, unsigned index)
{
	ASSERT(index < group->count);
	return group->shards[index];
}

static bool all_inboxes_empty(const struct shard_group *group)
{
	for (unsigned i = 0; i < group->count; i++) {
		if (!mailbox_is_empty(&group->shards[i]->inbox))
			return false;
	}
	return true;
}

/* With the lock. */
static bool is_end(struct shard_group *group)
{
	if (group->ended || group->quiet < group->count || !all_inboxes_empty(group))
		return group->ended;
	group->ended = true;
	for (unsigned i = 0; i < group->count; i++)
		shard_wake(group->shards[i]);
	return true;
}

/* Wait until a message comes (false), or none can come any more (true). */
static bool wait_for_end(struct shard *s)
{
	struct shard_group *group = s->group;
	struct pollfd wake = { .fd = s->wake_fd, .events = POLLIN };
	unsigned quiet = s->holds == 0;
	bool end;

	pthread_mutex_lock(&group->lock);
	group->quiet += quiet;
	while (!(end = is_end(group)) && mailbox_is_empty(&s->inbox)) {
		pthread_mutex_unlock(&group->lock);
		poll(&wake, 1, -1);
		shard_forget_wakes(s);
		uv_update_time(&s->loop);
		pthread_mutex_lock(&group->lock);
	}
	if (!end)
		group->quiet -= quiet;
	pthread_mutex_unlock(&group->lock);
	return end;
}

static bool pass_gate(struct shard_group *group)
{
	bool open;

	pthread_mutex_lock(&group->lock);
	while (group->gate == GATE_SHUT)
		pthread_cond_wait(&group->changed, &group->lock);
	open = group->gate == GATE_OPEN;
	pthread_mutex_unlock(&group->lock);
	return open;
}

static void say_ready(struct shard_group *group)
{
	pthread_mutex_lock(&group->lock);
	group->ready++;
	pthread_cond_broadcast(&group->changed);
	pthread_mutex_unlock(&group->lock);
}

static void *thread_main(void *arg)
{
	struct shard *s = arg;
	struct shard_group *group = s->group;

	if (!pass_gate(group))
		return NULL;
	shard_adopt(s);
	uv_update_time(&s->loop);
	uv_ref((uv_handle_t *)&s->wake);
	if (group->call != NULL)
		group->call(s, group->arg);
	say_ready(group);
	do {
		shard_receive(s);
		shard_run(s);
	} while (!wait_for_end(s));
	return NULL;
}

/* Signals are main's affair, but for those that tell a thread of its own fault. */
static void signals_not_for_shards(sigset_t *set)
{
	static const int own[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS };

	sigfillset(set);
	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		sigdelset(set, own[i]);
}

static int start_thread(struct shard *s)
{
	char name[16];
	int err = pthread_create(&s->thread, NULL, thread_main, s);

	if (err != 0)
		return -err;
	snprintf(name, sizeof(name), "shard %u", s->index);
	pthread_setname_np(s->thread, name);
	return 0;
}

/* As many threads as can be had; less than all with an error. */
static unsigned start_threads(struct shard_group *group, int *err_out)
{
	sigset_t blocked;
	sigset_t before;
	unsigned n = 0;

	*err_out = 0;
	signals_not_for_shards(&blocked);
	pthread_sigmask(SIG_BLOCK, &blocked, &before);
	while (n < group->count && (*err_out = start_thread(group->shards[n])) == 0)
		n++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return n;
}

static void join(struct shard_group *group, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		pthread_join(group->shards[i]->thread, NULL);
		shard_adopt(group->shards[i]);
	}
}

int shard_group_start(struct shard_group *group, void (*init)(struct shard *here, void *arg),
                      void *arg)
{
	unsigned n;
	int err;

	ASSERT(group->state == GROUP_OPEN);
	group->call = init;
	group->arg = arg;
	n = start_threads(group, &err);

	pthread_mutex_lock(&group->lock);
	group->gate = err == 0 ? GATE_OPEN : GATE_ABANDONED;
	pthread_cond_broadcast(&group->changed);
	while (err == 0 && group->ready < group->count)
		pthread_cond_wait(&group->changed, &group->lock);
	pthread_mutex_unlock(&group->lock);

	if (err < 0) {
		join(group, n);
		group->gate = GATE_SHUT;
		return err;
	}
	group->state = GROUP_SERVING;
	return 0;
}

/* From now on the loop is alive for its work's sake alone. */
static void stop_shard(struct shard *s)
{
	s->stopping = true;
	errands_stop(s);
	if (s->group->call != NULL)
		s->group->call(s, s->group->arg);
	uv_unref((uv_handle_t *)&s->wake);
}

static void on_stop(struct shard *here, struct shard_msg *msg)
{
	free(msg);
	stop_shard(here);
}

static void stop_threads(struct shard_group *group)
{
	for (unsigned i = 0; i < group->count; i++) {
		struct shard_msg *msg = MEM_NEW(struct shard_msg);

		msg->run = on_stop;
		shard_post(NULL, group->shards[i], msg);
	}
	join(group, group->count);
}

static void turn_all_here(struct shard_group *group)
{
	for (unsigned i = 0; i < group->count; i++) {
		struct shard *s = group->shards[i];

		/*
		 * A loop that is not alive does not poll, and its wake-up would stay readable.
		 */
		shard_forget_wakes(s);
		shard_receive(s);
		uv_run(&s->loop, UV_RUN_NOWAIT);
		shard_turn(s);
	}
}

/* Poll all loops at once; false when each is quiet. */
static bool wait_for_any_here(struct shard_group *group)
{
	struct pollfd *fds = mem_zalloc(group->count * sizeof(*fds));
	bool busy = false;
	int timeout_ms = -1;

	for (unsigned i = 0; i < group->count; i++) {
		struct shard *s = group->shards[i];
		int ms = uv_backend_timeout(&s->loop);

		fds[i] = (struct pollfd){ .fd = uv_backend_fd(&s->loop), .events = POLLIN };
		if (shard_is_quiet(s))
			continue;
		busy = true;
		if (!mailbox_is_empty(&s->inbox))
			ms = 0;
		if (ms >= 0 && (timeout_ms < 0 || ms < timeout_ms))
			timeout_ms = ms;
	}
	if (busy)
		poll(fds, group->count, timeout_ms);
	free(fds);
	return busy;
}

/* Without threads: all loops by turns, on the caller's. */
static void stop_here(struct shard_group *group)
{
	for (unsigned i = 0; i < group->count; i++) {
		shard_adopt(group->shards[i]);
		uv_update_time(&group->shards[i]->loop);
		stop_shard(group->shards[i]);
	}
	do {
		turn_all_here(group);
	} while (wait_for_any_here(group));
}

void shard_group_stop(struct shard_group *group, void (*fini)(struct shard *here, void *arg),
                      void *arg)
{
	ASSERT(group->state != GROUP_STOPPED);
	group->call = fini;
	group->arg = arg;
	if (group->state == GROUP_SERVING)
		stop_threads(group);
	else
		stop_here(group);
	group->state = GROUP_STOPPED;
}

static bool has_messages(struct shard *s)
{
	return s->own.newest != NULL || s->n_waiting > 0 || !mailbox_is_empty(&s->inbox);
}

/* What was posted when nobody was left to take it: by the store's last commit, or by a test. */
static void run_left_messages(struct shard_group *group)
{
	bool again;

	do {
		again = false;
		for (unsigned i = 0; i < group->count; i++)
			again = again || has_messages(group->shards[i]);
		turn_all_here(group);
	} while (again);
}

void shard_group_close(struct shard_group **group_ptr)
{
	struct shard_group *group = *group_ptr;

	if (group == NULL)
		return;
	*group_ptr = NULL;
	ASSERT(group->state != GROUP_SERVING);
	/* After a failed open the last ones are missing; then nobody can have posted. */
	if (group->shards[group->count - 1] != NULL)
		run_left_messages(group);
	for (unsigned i = 0; i < group->count; i++) {
		if (group->shards[i] != NULL)
			shard_close(&group->shards[i]);
	}
	pthread_cond_destroy(&group->changed);
	pthread_mutex_destroy(&group->lock);
	free(group);
}
