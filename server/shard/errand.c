/*
 * errand.c - calls that may never return.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* close_range, pthread_setname_np */
#endif

#include "server/shard/errand.h"

#include "server/base/err.h"
#include "server/base/mem.h"
#include "server/shard/private.h"

#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define STACK_BYTES KIB(512) /* libsasl2 wants 16 KiB of it, and a sanitizer more */

/* Outlives the shard, for threads that come back after it. */
struct errand_count {
	atomic_uint holders; /* the shard, and each thread that is out */
};

struct errand {
	struct shard_msg msg;
	struct timer timer;
	TAILQ_ENTRY(errand) link; /* in home->errands while it is waited for */
	struct shard *home;       /* the thread may use it only if it is the first to decide */
	int wake_fd;
	struct errand_count *count;
	const struct errand_ops *ops;
	void *what;
	atomic_bool decided; /* it came back in time, or was given up: who sets it, says so */
	atomic_uint holders; /* the shard and the thread */
};

static void count_leave(struct errand_count *count)
{
	if (atomic_fetch_sub_explicit(&count->holders, 1, memory_order_acq_rel) == 1)
		free(count);
}

static void errand_leave(struct errand *e)
{
	if (atomic_fetch_sub_explicit(&e->holders, 1, memory_order_acq_rel) > 1)
		return;
	e->ops->free(e->what);
	free(e);
}

/* Is the caller the first to decide what became of it? */
static bool decide(struct errand *e)
{
	return !atomic_exchange_explicit(&e->decided, true, memory_order_acq_rel);
}

/* ---- the shard ---- */

static void no_longer_awaited(struct errand *e)
{
	timer_stop(e->home, &e->timer);
	TAILQ_REMOVE(&e->home->errands, e, link);
}

static void on_back(struct shard *here, struct shard_msg *msg)
{
	struct errand *e = CONTAINER_OF(msg, struct errand, msg);

	no_longer_awaited(e);
	shard_release(here);
	e->ops->back(here, e->what, 0);
	errand_leave(e);
}

static void give_up(struct errand *e, int err)
{
	struct shard *here = e->home;

	if (!decide(e))
		return; /* its message is on the way */
	no_longer_awaited(e);
	shard_release(here);
	e->ops->back(here, e->what, err);
	errand_leave(e);
}

static void on_timeout(struct shard *here, struct timer *t)
{
	give_up(CONTAINER_OF(t, struct errand, timer), ERR_TIMEOUT);
}

void errands_stop(struct shard *s)
{
	struct errand *e = TAILQ_FIRST(&s->errands);

	while (e != NULL) {
		struct errand *next = TAILQ_NEXT(e, link);

		give_up(e, ERR_CLOSED);
		e = next;
	}
}

void errands_open(struct shard *s)
{
	TAILQ_INIT(&s->errands);
	s->errand_count = MEM_NEW(struct errand_count);
	atomic_init(&s->errand_count->holders, 1);
}

void errands_close(struct shard *s)
{
	count_leave(s->errand_count);
}

unsigned errands_out(const struct shard *s)
{
	return atomic_load_explicit(&s->errand_count->holders, memory_order_acquire) - 1;
}

/* ---- the thread ---- */

/*
 * Where the kernel does not know how, the table stays the process's; and under the thread
 * sanitizer, which takes one number for one file in all threads.
 */
static void part_with_descriptors(int wake_fd)
{
	unsigned wake = (unsigned)wake_fd;

	if (ERRANDS_SHARE_DESCRIPTORS)
		return;
	if (close_range(wake + 1, UINT_MAX, CLOSE_RANGE_UNSHARE) == 0 && wake > 3)
		(void)close_range(3, wake - 1, 0);
}

static void *run(void *arg)
{
	struct errand *e = arg;
	struct errand_count *count = e->count;

	part_with_descriptors(e->wake_fd);
	e->ops->run(e->what);
	/* Before the message: who gets it finds room for another. */
	count_leave(count);
	if (decide(e))
		shard_post(NULL, e->home, &e->msg);
	errand_leave(e);
	return NULL;
}

/* Signals are main's affair, but for those that tell a thread of its own fault. */
static int start_thread(struct errand *e)
{
	static const int own[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS };
	sigset_t blocked, before;
	pthread_attr_t attr;
	pthread_t thread;
	int rc;

	sigfillset(&blocked);
	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		sigdelset(&blocked, own[i]);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_sigmask(SIG_BLOCK, &blocked, &before);
	rc = pthread_create(&thread, &attr, run, e);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return -rc;
}

/* ---- both ---- */

static struct errand *errand_new(struct shard *here, const struct errand_ops *ops, void *what)
{
	struct errand *e = MEM_NEW(struct errand);

	e->msg.run = on_back;
	timer_init(&e->timer, on_timeout);
	e->home = here;
	e->wake_fd = here->wake_fd;
	e->count = here->errand_count;
	e->ops = ops;
	e->what = what;
	atomic_init(&e->decided, false);
	atomic_init(&e->holders, 2);
	return e;
}

int errand_send(struct shard *here, const struct errand_ops *ops, void *what, int64_t wait_ms)
{
	struct errand *e;

	ASSERT_HERE(here);
	if (here->stopping)
		return ERR_CLOSED;
	if (errands_out(here) >= ERRANDS_MAX)
		return ERR_BUSY;
	e = errand_new(here, ops, what);
	atomic_fetch_add_explicit(&e->count->holders, 1, memory_order_relaxed);
	if (start_thread(e) < 0) {
		count_leave(e->count);
		free(e);
		return ERR_BUSY;
	}
	/* Its message cannot run before this has returned. */
	TAILQ_INSERT_TAIL(&here->errands, e, link);
	timer_start(here, &e->timer, wait_ms);
	shard_hold(here);
	return 0;
}
