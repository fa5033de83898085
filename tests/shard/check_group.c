/*
 * check_group.c - shards on threads: order, millions of messages, starting and stopping
 * together.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/shard/shard.h"
#include "server/shard/timer.h"
#include "tests/lib/check_main.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>
#include <uv.h>

#define SHARDS 4
#define WINDOW 64 /* messages under way from each to each */
#ifdef __SANITIZE_THREAD__
#define ROUNDS 500
#else
#define ROUNDS 4000
#endif

/*
 * From each shard to each: WINDOW numbered messages go out, come back as they are, and go out
 * again.
 */
struct ping {
	struct shard_msg msg;
	struct shard *from;
	unsigned number;
	unsigned rounds;
};

/* What one shard knows; a slot holds it. */
struct player {
	unsigned next_from[SHARDS];
	unsigned next_back[SHARDS];
	unsigned disorder;
	uint64_t finished;
};

static struct player players[SHARDS];
static atomic_uint finished;

static struct player *player_of(struct shard *here)
{
	return shard_get(here, SHARD_SLOT_TEST);
}

static void send_ping(struct shard *here, struct shard *to, struct ping *ping);

static void on_pong(struct shard *here, struct shard_msg *msg)
{
	struct ping *ping = (struct ping *)msg;
	struct shard *other = ping->from;
	struct player *me = player_of(here);

	if (ping->number % WINDOW != me->next_back[shard_index(other)]++ % WINDOW)
		me->disorder++;
	if (--ping->rounds == 0) {
		free(ping);
		me->finished++;
		atomic_fetch_add(&finished, 1);
		return;
	}
	send_ping(here, other, ping);
}

static void on_ping(struct shard *here, struct shard_msg *msg)
{
	struct ping *ping = (struct ping *)msg;
	struct shard *from = ping->from;
	struct player *me = player_of(here);

	if (ping->number % WINDOW != me->next_from[shard_index(from)]++ % WINDOW)
		me->disorder++;
	ping->from = here;
	ping->msg.run = on_pong;
	shard_post(here, from, msg);
}

static void send_ping(struct shard *here, struct shard *to, struct ping *ping)
{
	ping->from = here;
	ping->msg.run = on_ping;
	shard_post(here, to, &ping->msg);
}

static void start_pings(struct shard *here, void *arg)
{
	struct shard_group *group = shard_group_of(here);

	players[shard_index(here)] = (struct player){ 0 };
	shard_set(here, SHARD_SLOT_TEST, &players[shard_index(here)]);
	for (unsigned i = 0; i < shard_group_count(group); i++) {
		for (unsigned n = 0; n < WINDOW; n++) {
			struct ping *ping = malloc(sizeof(*ping));

			*ping = (struct ping){ .number = n, .rounds = ROUNDS };
			send_ping(here, shard_group_at(group, i), ping);
		}
	}
}

static struct shard_figures figures_of[SHARDS];

static void keep_figures(struct shard *here, void *arg)
{
	ck_assert(shard_is_stopping(here));
	figures_of[shard_index(here)] = shard_figures(here);
}

START_TEST(millions_of_messages_between_all_shards_arrive_in_order)
{
	struct shard_group *group;
	uint64_t messages = 0;
	uint64_t wakeups = 0;

	atomic_store(&finished, 0);
	ck_assert_int_eq(shard_group_open(SHARDS, &group), 0);
	ck_assert_int_eq(shard_group_start(group, start_pings, NULL), 0);
	while (atomic_load(&finished) < SHARDS * SHARDS * WINDOW)
		usleep(1000);
	shard_group_stop(group, keep_figures, NULL);
	for (unsigned i = 0; i < SHARDS; i++) {
		ck_assert_uint_eq(players[i].disorder, 0);
		ck_assert_uint_eq(players[i].finished, SHARDS * WINDOW);
		messages += figures_of[i].messages;
		wakeups += figures_of[i].wakeups;
	}
	/* Each ping is two messages; those that ask to stop are counted too. */
	ck_assert_uint_eq(messages, (uint64_t)2 * SHARDS * SHARDS * WINDOW * ROUNDS + SHARDS);
	ck_assert_uint_lt(wakeups, messages / 4);
	shard_group_close(&group);
}
END_TEST

static atomic_uint inits;

static void count_init(struct shard *here, void *arg)
{
	ck_assert(shard_is_here(here));
	ck_assert_str_eq(arg, "arg");
	atomic_fetch_add(&inits, 1);
}

static void count_down(struct shard *here, void *arg)
{
	ck_assert(shard_is_here(here));
	atomic_fetch_sub(&inits, 1);
}

START_TEST(start_and_stop_run_on_every_shard_and_wait_for_it)
{
	char arg[] = "arg";
	struct shard_group *group;

	atomic_store(&inits, 0);
	ck_assert_int_eq(shard_group_open(SHARDS, &group), 0);
	ck_assert(shard_is_here(shard_group_at(group, 0)));
	ck_assert_int_eq(shard_group_start(group, count_init, arg), 0);
	ck_assert_uint_eq(atomic_load(&inits), SHARDS);
	ck_assert(!shard_is_here(shard_group_at(group, 0)));
	shard_group_stop(group, count_down, NULL);
	ck_assert_uint_eq(atomic_load(&inits), 0);
	ck_assert(shard_is_here(shard_group_at(group, 0)));
	shard_group_close(&group);
}
END_TEST

/* A message that wanders from shard to shard until its hops are used up, stopping or not. */
struct wanderer {
	struct shard_msg msg;
	unsigned hops;
	unsigned step;
};

static atomic_uint alive;

static void on_wander(struct shard *here, struct shard_msg *msg)
{
	struct wanderer *w = (struct wanderer *)msg;
	struct shard_group *group = shard_group_of(here);

	if (w->hops-- == 0) {
		free(w);
		atomic_fetch_sub(&alive, 1);
		return;
	}
	shard_post(here, shard_group_at(group, (shard_index(here) + w->step) % SHARDS), msg);
}

static void start_wanderers(struct shard *here, void *arg)
{
	for (unsigned i = 0; i < 100; i++) {
		struct wanderer *w = malloc(sizeof(*w));

		*w = (struct wanderer){ .msg.run = on_wander, .hops = 100 * i, .step = i };
		atomic_fetch_add(&alive, 1);
		shard_post(here, here, &w->msg);
	}
}

START_TEST(messages_in_flight_between_stopping_shards_all_arrive)
{
	for (int round = 0; round < 20; round++) {
		struct shard_group *group;

		atomic_store(&alive, 0);
		ck_assert_int_eq(shard_group_open(SHARDS, &group), 0);
		ck_assert_int_eq(shard_group_start(group, start_wanderers, NULL), 0);
		/* Now, and once more from fini. */
		shard_group_stop(group, start_wanderers, NULL);
		ck_assert_uint_eq(atomic_load(&alive), 0);
		shard_group_close(&group);
	}
}
END_TEST

/* Long after the others are quiet, this shard's timer sends one more message around. */
static void on_late(struct shard *here, struct timer *t)
{
	struct wanderer *w = malloc(sizeof(*w));

	*w = (struct wanderer){ .msg.run = on_wander, .hops = 1001, .step = 1 };
	shard_post(here, here, &w->msg);
}

static struct timer late;

static void start_late(struct shard *here, void *arg)
{
	if (shard_index(here) != 2)
		return;
	atomic_fetch_add(&alive, 1);
	timer_init(&late, on_late);
	timer_start(here, &late, 100);
}

START_TEST(a_quiet_shard_still_serves_those_that_have_work)
{
	struct shard_group *group;

	atomic_store(&alive, 0);
	ck_assert_int_eq(shard_group_open(SHARDS, &group), 0);
	ck_assert_int_eq(shard_group_start(group, NULL, NULL), 0);
	shard_group_stop(group, start_late, NULL);
	ck_assert_uint_eq(atomic_load(&alive), 0);
	shard_group_close(&group);
}
END_TEST

/* A thread that is no shard, as the store's writer is. */
struct outsider {
	struct shard_group *group;
	atomic_bool enough;
	unsigned posted;
	pthread_t thread;
};

static atomic_uint heard;

static void on_heard(struct shard *here, struct shard_msg *msg)
{
	free(msg);
	atomic_fetch_add(&heard, 1);
}

static void *post_until_enough(void *arg)
{
	struct outsider *o = arg;

	while (!atomic_load(&o->enough)) {
		struct shard_msg *msg = malloc(sizeof(*msg));

		msg->run = on_heard;
		shard_post(NULL, shard_group_at(o->group, o->posted++ % SHARDS), msg);
		if (o->posted % 64 == 0)
			usleep(100);
	}
	return NULL;
}

START_TEST(posts_of_another_thread_arrive_while_serving_stopping_and_closing)
{
	struct outsider o = { 0 };

	atomic_store(&heard, 0);
	ck_assert_int_eq(shard_group_open(SHARDS, &o.group), 0);
	ck_assert_int_eq(pthread_create(&o.thread, NULL, post_until_enough, &o), 0);
	ck_assert_int_eq(shard_group_start(o.group, NULL, NULL), 0);
	while (atomic_load(&heard) < 1000)
		usleep(1000);
	shard_group_stop(o.group, NULL, NULL);
	atomic_store(&o.enough, true);
	pthread_join(o.thread, NULL);
	shard_group_close(&o.group);
	ck_assert_uint_eq(atomic_load(&heard), o.posted);
}
END_TEST

/* A handle that its shard closes only when another one says so. */
static void on_handle_closed(uv_handle_t *handle)
{
	free(handle);
	atomic_fetch_sub(&alive, 1);
}

static void open_handle(struct shard *here, void *arg)
{
	uv_timer_t *handle = malloc(sizeof(*handle));

	uv_timer_init(shard_loop(here), handle);
	handle->data = here;
	uv_timer_start(handle, NULL, 1000000, 0);
	shard_set(here, SHARD_SLOT_TEST, handle);
	atomic_fetch_add(&alive, 1);
}

static void on_close_now(struct shard *here, struct shard_msg *msg)
{
	free(msg);
	uv_close(shard_get(here, SHARD_SLOT_TEST), on_handle_closed);
}

static void close_of_the_next(struct shard *here, void *arg)
{
	struct shard_msg *msg = malloc(sizeof(*msg));

	msg->run = on_close_now;
	shard_post(here, shard_group_at(shard_group_of(here), (shard_index(here) + 1) % SHARDS),
	           msg);
}

START_TEST(a_shard_ends_when_its_last_handle_is_closed)
{
	struct shard_group *group;

	atomic_store(&alive, 0);
	ck_assert_int_eq(shard_group_open(SHARDS, &group), 0);
	ck_assert_int_eq(shard_group_start(group, open_handle, NULL), 0);
	ck_assert_uint_eq(atomic_load(&alive), SHARDS);
	shard_group_stop(group, close_of_the_next, NULL);
	ck_assert_uint_eq(atomic_load(&alive), 0);
	shard_group_close(&group);
}
END_TEST

static void look_at_signals(struct shard *here, void *arg)
{
	sigset_t set;

	pthread_sigmask(SIG_SETMASK, NULL, &set);
	ck_assert_int_eq(sigismember(&set, SIGTERM), 1);
	ck_assert_int_eq(sigismember(&set, SIGHUP), 1);
	ck_assert_int_eq(sigismember(&set, SIGSEGV), 0);
}

START_TEST(signals_are_left_to_main)
{
	struct shard_group *group;
	sigset_t set;

	ck_assert_int_eq(shard_group_open(2, &group), 0);
	ck_assert_int_eq(shard_group_start(group, look_at_signals, NULL), 0);
	pthread_sigmask(SIG_SETMASK, NULL, &set);
	ck_assert_int_eq(sigismember(&set, SIGTERM), 0);
	shard_group_stop(group, NULL, NULL);
	shard_group_close(&group);
}
END_TEST

CHECK_MAIN("group", millions_of_messages_between_all_shards_arrive_in_order,
           start_and_stop_run_on_every_shard_and_wait_for_it,
           messages_in_flight_between_stopping_shards_all_arrive,
           a_quiet_shard_still_serves_those_that_have_work,
           posts_of_another_thread_arrive_while_serving_stopping_and_closing,
           a_shard_ends_when_its_last_handle_is_closed, signals_are_left_to_main)
