/*
 * check_timer.c - the wheel of timers.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/clock.h"
#include "server/shard/timer.h"
#include "tests/lib/check_main.h"

#include <unistd.h>

#define MANY 3000

struct watch {
	struct timer timer;
	int64_t not_before;
	int64_t fired_at;
	unsigned fired;
	unsigned place; /* the how-manieth to fire */
};

static struct shard_group *group;
static struct shard *here_shard;
static unsigned fired_in_all;

static struct shard *open_shard(void)
{
	ck_assert_int_eq(shard_group_open(1, &group), 0);
	fired_in_all = 0;
	here_shard = shard_group_at(group, 0);
	return here_shard;
}

static void on_watch(struct shard *here, struct timer *t)
{
	struct watch *w = CONTAINER_OF(t, struct watch, timer);

	ck_assert(here == here_shard);
	ck_assert(!timer_is_running(t));
	w->fired_at = clock_mono_ms();
	w->fired++;
	w->place = fired_in_all++;
}

static void watch_start(struct watch *w, int64_t delay_ms)
{
	w->not_before = clock_mono_ms() + delay_ms;
	timer_start(here_shard, &w->timer, delay_ms);
}

START_TEST(a_timer_fires_once_and_never_early)
{
	static const int64_t delays[] = { 0, 1, 49, 50, 51, 99, 100, 101, 333 };
	struct watch watches[ARRAY_LEN(delays)] = { 0 };
	struct shard *s = open_shard();

	for (size_t i = 0; i < ARRAY_LEN(delays); i++) {
		timer_init(&watches[i].timer, on_watch);
		ck_assert(!timer_is_running(&watches[i].timer));
		watch_start(&watches[i], delays[i]);
		ck_assert(timer_is_running(&watches[i].timer));
		usleep(3000);
	}
	shard_run_here(s, SECONDS(60));
	for (size_t i = 0; i < ARRAY_LEN(delays); i++) {
		ck_assert_uint_eq(watches[i].fired, 1);
		ck_assert_int_ge(watches[i].fired_at, watches[i].not_before);
	}
	shard_group_close(&group);
}
END_TEST

START_TEST(a_long_turn_before_the_start_does_not_make_it_early)
{
	struct watch w = { 0 };
	struct shard *s = open_shard();

	timer_init(&w.timer, on_watch);
	shard_run_here(s, 0);
	usleep(200000); /* shard_now is as old as that */
	watch_start(&w, 60);
	shard_run_here(s, SECONDS(60));
	ck_assert_int_ge(w.fired_at, w.not_before);
	shard_group_close(&group);
}
END_TEST

START_TEST(a_stopped_timer_does_not_fire_and_the_loop_may_end)
{
	struct watch w = { 0 };
	struct shard *s = open_shard();

	timer_init(&w.timer, on_watch);
	timer_stop(s, &w.timer);
	watch_start(&w, HOURS(10));
	timer_stop(s, &w.timer);
	ck_assert(!timer_is_running(&w.timer));
	shard_run_here(s, HOURS(1)); /* returns, since nothing runs */
	ck_assert_uint_eq(w.fired, 0);
	shard_group_close(&group);
}
END_TEST

START_TEST(starting_a_running_timer_moves_it)
{
	struct watch later = { 0 };
	struct watch sooner = { 0 };
	struct shard *s = open_shard();

	timer_init(&later.timer, on_watch);
	timer_init(&sooner.timer, on_watch);
	watch_start(&later, 10);
	watch_start(&later, 250);
	watch_start(&sooner, HOURS(10));
	watch_start(&sooner, 10);
	shard_run_here(s, SECONDS(60));
	ck_assert_uint_eq(later.fired, 1);
	ck_assert_uint_eq(sooner.fired, 1);
	ck_assert_int_ge(later.fired_at, later.not_before);
	ck_assert_uint_lt(sooner.place, later.place);
	shard_group_close(&group);
}
END_TEST

START_TEST(a_stall_loses_none_and_keeps_their_order)
{
	static struct watch watches[MANY];
	struct shard *s = open_shard();

	for (size_t i = 0; i < MANY; i++) {
		watches[i] = (struct watch){ 0 };
		timer_init(&watches[i].timer, on_watch);
		watch_start(&watches[i], (int64_t)(i * 7919 % MANY) / 3);
	}
	usleep(1200000); /* longer than all of them */
	shard_run_here(s, SECONDS(60));
	ck_assert_uint_eq(fired_in_all, MANY);
	for (size_t i = 0; i < MANY; i++) {
		for (size_t k = 0; k < MANY; k += 37) {
			if (watches[i].not_before + 2 * TIMER_TICK_MS < watches[k].not_before)
				ck_assert_uint_lt(watches[i].place, watches[k].place);
		}
	}
	shard_group_close(&group);
}
END_TEST

/* A timer that fires stops one of the same tick, starts itself again and frees a third. */
struct meddler {
	struct timer timer;
	struct timer *victim;
	struct timer **doomed;
	unsigned fired;
};

static void on_meddle(struct shard *here, struct timer *t)
{
	struct meddler *m = CONTAINER_OF(t, struct meddler, timer);

	timer_stop(here, m->victim);
	if (*m->doomed != NULL) {
		timer_stop(here, *m->doomed);
		free(*m->doomed);
		*m->doomed = NULL;
	}
	if (++m->fired < 3)
		timer_start(here, t, 0);
}

START_TEST(a_callback_may_stop_start_and_free_timers_of_its_own_tick)
{
	struct watch victim = { 0 };
	struct timer *doomed = malloc(sizeof(*doomed));
	struct meddler m = { .victim = &victim.timer, .doomed = &doomed };
	struct shard *s = open_shard();

	timer_init(&m.timer, on_meddle);
	timer_init(&victim.timer, on_watch);
	timer_init(doomed, on_watch);
	timer_start(s, &m.timer, 10);
	timer_start(s, &victim.timer, 10);
	timer_start(s, doomed, 10);
	usleep(100000);
	shard_run_here(s, SECONDS(60));
	ck_assert_uint_eq(m.fired, 3);
	ck_assert_uint_eq(victim.fired, 0);
	ck_assert_ptr_null(doomed);
	shard_group_close(&group);
}
END_TEST

START_TEST(timers_of_later_rounds_of_the_wheel_wait)
{
	/* 1024 ticks are a round: these two share a slot. */
	struct watch now = { 0 };
	struct watch next_round = { 0 };
	struct shard *s = open_shard();

	timer_init(&now.timer, on_watch);
	timer_init(&next_round.timer, on_watch);
	watch_start(&next_round, 100 + 1024 * TIMER_TICK_MS);
	watch_start(&now, 100);
	shard_run_here(s, 400);
	ck_assert_uint_eq(now.fired, 1);
	ck_assert_uint_eq(next_round.fired, 0);
	ck_assert(timer_is_running(&next_round.timer));
	timer_stop(s, &next_round.timer);
	shard_group_close(&group);
}
END_TEST

START_TEST(a_far_timer_does_not_make_the_loop_tick)
{
	struct watch w = { 0 };
	struct shard *s = open_shard();

	timer_init(&w.timer, on_watch);
	watch_start(&w, SECONDS(20));
	shard_run_here(s, 500);
	ck_assert_uint_lt(shard_figures(s).turns, 8);
	timer_stop(s, &w.timer);
	shard_group_close(&group);
}
END_TEST

CHECK_MAIN("timer", a_timer_fires_once_and_never_early,
           a_long_turn_before_the_start_does_not_make_it_early,
           a_stopped_timer_does_not_fire_and_the_loop_may_end,
           starting_a_running_timer_moves_it, a_stall_loses_none_and_keeps_their_order,
           a_callback_may_stop_start_and_free_timers_of_its_own_tick,
           timers_of_later_rounds_of_the_wheel_wait, a_far_timer_does_not_make_the_loop_tick)
