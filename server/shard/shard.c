/*
 * shard.c - one shard: its loop, what it posts and what it receives.
 *
 * One turn of libuv's loop, and where we hang in:
 *
 *   timers ─▶ before_sleep (uv_prepare) ─▶ poll: sockets, wake_fd ─▶ closed handles ─▶ again
 *             1 messages to itself                inbox
 *             2 turn hooks
 *             3 posts to other shards leave
 *             4 sleep, unless something waits
 *
 * All that runs in a turn runs before the next before_sleep, so a single flush there lets
 * nothing wait while the loop sleeps.  What is posted after step 1 makes the idle handle
 * `awake` active, and then the poll only looks: there is another turn at once, even when the
 * loop would otherwise end.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"
#include "server/base/mem.h"
#include "server/shard/private.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/*
 * A message to the own shard often causes another (a stanza, its delivery, the answer).  So
 * many rounds run in one turn before sockets are looked at again; without a bound they could be
 * kept waiting.
 */
#define OWN_ROUNDS 4

/* An address that differs between living threads. */
static const void *me(void)
{
	static _Thread_local char here;

	return &here;
}

void shard_adopt(struct shard *s)
{
	atomic_store_explicit(&s->owner, me(), memory_order_relaxed);
}

bool shard_is_here(const struct shard *s)
{
	return atomic_load_explicit(&s->owner, memory_order_relaxed) == me();
}

/* It fails only when the counter is at its end, and then it is readable anyway. */
void shard_wake(struct shard *s)
{
	uint64_t one = 1;
	ssize_t n;

	do {
		n = write(s->wake_fd, &one, sizeof(one));
	} while (n < 0 && errno == EINTR);
}

void shard_forget_wakes(struct shard *s)
{
	uint64_t count;
	ssize_t n;

	do {
		n = read(s->wake_fd, &count, sizeof(count));
	} while (n < 0 && errno == EINTR);
}

static void run_messages(struct shard *s, struct shard_msg *msg)
{
	while (msg != NULL) {
		struct shard_msg *next = msg->next;

		s->figures.messages++;
		msg->run(s, msg);
		msg = next;
	}
}

void shard_receive(struct shard *s)
{
	run_messages(s, mailbox_take(&s->inbox));
}

/*
 * First read, then take: a message pushed in between wakes once too often, and never once too
 * few.
 */
static void on_wake(uv_poll_t *handle, int status, int events)
{
	struct shard *s = handle->data;

	shard_forget_wakes(s);
	shard_receive(s);
}

static void on_awake(uv_idle_t *handle)
{
}

static void stay_awake(struct shard *s)
{
	if (!uv_is_active((uv_handle_t *)&s->awake))
		uv_idle_start(&s->awake, on_awake);
}

void shard_turn_again(struct shard *s)
{
	ASSERT_HERE(s);
	s->again = true;
	stay_awake(s);
}

static void post_direct(struct shard *to, struct mail_batch *batch, uint64_t *wakeups)
{
	if (mailbox_push(&to->inbox, batch)) {
		++*wakeups;
		shard_wake(to);
	}
}

void shard_post(struct shard *from, struct shard *to, struct shard_msg *msg)
{
	struct mail_batch *batch;

	if (from == NULL) {
		struct mail_batch single = { 0 };
		uint64_t uncounted = 0;

		mail_batch_add(&single, msg);
		post_direct(to, &single, &uncounted);
		return;
	}
	ASSERT_HERE(from);
	ASSERT(from->group == to->group);
	batch = from == to ? &from->own : &from->out[to->index];
	if (batch->newest == NULL && from != to)
		from->waiting[from->n_waiting++] = to->index;
	mail_batch_add(batch, msg);
	stay_awake(from);
}

static void flush_posts(struct shard *s)
{
	for (unsigned i = 0; i < s->n_waiting; i++) {
		unsigned to = s->waiting[i];

		post_direct(s->group->shards[to], &s->out[to], &s->figures.wakeups);
	}
	s->n_waiting = 0;
}

void shard_turn(struct shard *s)
{
	s->figures.turns++;
	for (int round = 0; round < OWN_ROUNDS && s->own.newest != NULL; round++)
		run_messages(s, mail_batch_take(&s->own));
	s->again = false;
	for (struct shard_turn *turn = s->turns; turn != NULL; turn = turn->next)
		turn->on_turn(s, turn);
	flush_posts(s);
	if (s->own.newest != NULL || s->again)
		stay_awake(s);
	else
		uv_idle_stop(&s->awake);
}

static void on_before_sleep(uv_prepare_t *handle)
{
	struct shard *s = handle->data;

	shard_turn(s);
	/* It came by a timer, or by a message to itself: nobody would end the sleep. */
	if (s->awaited != NULL && *s->awaited)
		uv_stop(&s->loop);
}

bool shard_is_quiet(struct shard *s)
{
	return !uv_loop_alive(&s->loop) && mailbox_is_empty(&s->inbox);
}

/*
 * The loop may end with the callback of a closed handle, whose doings the hooks have not seen
 * yet.
 */
void shard_run(struct shard *s)
{
	do {
		uv_run(&s->loop, UV_RUN_DEFAULT);
		shard_turn(s);
	} while (uv_loop_alive(&s->loop));
}

static void on_deadline(uv_timer_t *handle)
{
	struct shard *s = handle->data;

	s->expired = true;
	uv_stop(&s->loop);
}

static void deadline_start(struct shard *s, int64_t ms)
{
	ASSERT(s->group->state != GROUP_SERVING);
	shard_adopt(s);
	s->expired = false;
	uv_update_time(&s->loop);
	uv_timer_start(&s->deadline, on_deadline, ms > 0 ? (uint64_t)ms : 0, 0);
}

void shard_run_here(struct shard *s, int64_t ms)
{
	deadline_start(s, ms);
	do {
		shard_receive(s);
		uv_run(&s->loop, ms > 0 ? UV_RUN_DEFAULT : UV_RUN_NOWAIT);
		shard_turn(s);
	} while (!s->expired && !shard_is_quiet(s));
	uv_timer_stop(&s->deadline);
}

bool shard_wait_here(struct shard *s, const bool *done, int64_t ms)
{
	deadline_start(s, ms);
	uv_ref((uv_handle_t *)&s->wake);
	s->awaited = done;
	while (!*done && !s->expired)
		uv_run(&s->loop, UV_RUN_ONCE);
	s->awaited = NULL;
	uv_unref((uv_handle_t *)&s->wake);
	uv_timer_stop(&s->deadline);
	shard_turn(s);
	return *done;
}

static void init_handles(struct shard *s)
{
	uv_prepare_init(&s->loop, &s->before_sleep);
	uv_idle_init(&s->loop, &s->awake);
	uv_timer_init(&s->loop, &s->deadline);
	s->before_sleep.data = s;
	s->deadline.data = s;
	uv_prepare_start(&s->before_sleep, on_before_sleep);
	uv_unref((uv_handle_t *)&s->before_sleep);
	uv_unref((uv_handle_t *)&s->deadline);
	wheel_init(s);
}

static int init_wake(struct shard *s)
{
	int err;

	s->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->wake_fd < 0)
		return -errno;
	err = uv_poll_init(&s->loop, &s->wake, s->wake_fd);
	if (err < 0) {
		close(s->wake_fd);
		return err;
	}
	s->wake.data = s;
	uv_poll_start(&s->wake, UV_READABLE, on_wake);
	uv_unref((uv_handle_t *)&s->wake);
	return 0;
}

static struct shard *new_shard(struct shard_group *group, unsigned index)
{
	struct shard *s = aligned_alloc(_Alignof(struct shard), sizeof(*s));

	ASSERT(s != NULL);
	*s = (struct shard){ .group = group, .index = index };
	mailbox_init(&s->inbox);
	errands_open(s);
	s->out = mem_zalloc(group->count * sizeof(*s->out));
	s->waiting = mem_zalloc(group->count * sizeof(*s->waiting));
	shard_adopt(s);
	return s;
}

static void free_shard(struct shard *s)
{
	struct shard_turn *next;

	for (struct shard_turn *turn = s->turns; turn != NULL; turn = next) {
		next = turn->next;
		if (turn->on_free != NULL)
			turn->on_free(turn);
	}
	errands_close(s);
	free(s->out);
	free(s->waiting);
	free(s);
}

int shard_open(struct shard_group *group, unsigned index, struct shard **shard_out)
{
	struct shard *s = new_shard(group, index);
	int err = uv_loop_init(&s->loop);

	if (err < 0) {
		free_shard(s);
		return err;
	}
	err = init_wake(s);
	if (err < 0) {
		ASSERT(uv_loop_close(&s->loop) == 0);
		free_shard(s);
		return err;
	}
	init_handles(s);
	*shard_out = s;
	return 0;
}

void shard_close(struct shard **shard)
{
	struct shard *s = *shard;

	*shard = NULL;
	uv_close((uv_handle_t *)&s->wake, NULL);
	uv_close((uv_handle_t *)&s->before_sleep, NULL);
	uv_close((uv_handle_t *)&s->awake, NULL);
	uv_close((uv_handle_t *)&s->deadline, NULL);
	wheel_close(s);
	uv_run(&s->loop, UV_RUN_NOWAIT);
	/* Whoever opened another handle, or submitted work, has to end it before. */
	ASSERT(uv_loop_close(&s->loop) == 0);
	close(s->wake_fd);
	free_shard(s);
}

unsigned shard_index(const struct shard *s)
{
	return s->index;
}

struct shard_group *shard_group_of(const struct shard *s)
{
	return s->group;
}

bool shard_is_stopping(const struct shard *s)
{
	ASSERT_HERE(s);
	return s->stopping;
}

struct uv_loop_s *shard_loop(struct shard *s)
{
	return &s->loop;
}

int64_t shard_now(const struct shard *s)
{
	return (int64_t)uv_now(&s->loop);
}

void shard_hold(struct shard *s)
{
	ASSERT_HERE(s);
	s->holds++;
}

void shard_release(struct shard *s)
{
	ASSERT_HERE(s);
	ASSERT(s->holds > 0);
	s->holds--;
}

void shard_set(struct shard *s, enum shard_slot slot, void *value)
{
	ASSERT_HERE(s);
	s->slots[slot] = value;
}

void *shard_get(const struct shard *s, enum shard_slot slot)
{
	ASSERT_HERE(s);
	return s->slots[slot];
}

void shard_turn_add(struct shard *s, struct shard_turn *turn)
{
	struct shard_turn **end = &s->turns;

	ASSERT_HERE(s);
	while (*end != NULL)
		end = &(*end)->next;
	turn->next = NULL;
	*end = turn;
}

struct shard_figures shard_figures(const struct shard *s)
{
	ASSERT_HERE(s);
	return s->figures;
}
