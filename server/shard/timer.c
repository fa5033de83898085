/*
 * timer.c - a hashed wheel of timers on one uv_timer_t.
 *
 *   slot   0   1   2   3   …  1023    a timer waits in slot (tick in which it is due) mod 1024,
 *          │   │       │              so a slot also holds those of later rounds (51 s each),
 *          t   t─t     t              which are looked at once a round and passed over
 *
 * Time counts in ticks of TIMER_TICK_MS, and a timer belongs to the first tick that is not
 * before its time.  The uv_timer_t is set for the next slot that holds any, so that a quiet
 * shard sleeps.  After a stall every tick that was missed is dealt with by itself, in order:
 * nothing is lost, and what was due first fires first.
 *
 * While a tick is dealt with, its timers are on the list `firing`: each is taken off before it
 * fires, so a callback may start, stop and free any timer, those of the same tick included.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/shard/timer.h"

#include "server/base/clock.h"
#include "server/shard/private.h"

static int64_t due_tick(const struct timer *t)
{
	return (t->due + TIMER_TICK_MS - 1) / TIMER_TICK_MS;
}

static struct timer_list *slot_of(struct wheel *w, int64_t tick)
{
	return &w->slots[(uint64_t)tick % WHEEL_SLOTS];
}

static int64_t tick_now(const struct shard *s)
{
	return shard_now(s) / TIMER_TICK_MS;
}

static void remove_timer(struct wheel *w, struct timer *t)
{
	/* A started timer is due in a tick to come, so one that is not is about to fire. */
	if (due_tick(t) <= w->tick)
		TAILQ_REMOVE(&w->firing, t, link);
	else
		TAILQ_REMOVE(slot_of(w, due_tick(t)), t, link);
	t->due = 0;
	w->running--;
}

static void collect_due(struct wheel *w, struct timer_list *slot)
{
	struct timer *t = TAILQ_FIRST(slot);

	while (t != NULL) {
		struct timer *next = TAILQ_NEXT(t, link);

		if (due_tick(t) <= w->tick) {
			TAILQ_REMOVE(slot, t, link);
			TAILQ_INSERT_TAIL(&w->firing, t, link);
		}
		t = next;
	}
}

static void fire_tick(struct shard *s)
{
	struct wheel *w = &s->wheel;
	struct timer *t;

	collect_due(w, slot_of(w, w->tick));
	while ((t = TAILQ_FIRST(&w->firing)) != NULL) {
		remove_timer(w, t);
		t->on_due(s, t);
	}
}

static void on_clock(uv_timer_t *clock);

static void arm(struct shard *s, int64_t tick)
{
	int64_t delay_ms = tick * TIMER_TICK_MS - shard_now(s);

	s->wheel.armed = tick;
	uv_timer_start(&s->wheel.clock, on_clock, delay_ms > 0 ? (uint64_t)delay_ms : 0, 0);
}

static void disarm(struct wheel *w)
{
	w->armed = 0;
	uv_timer_stop(&w->clock);
}

static void arm_next(struct shard *s)
{
	struct wheel *w = &s->wheel;
	int64_t tick = w->tick + 1;

	if (w->running == 0) {
		disarm(w);
		return;
	}
	while (TAILQ_EMPTY(slot_of(w, tick)))
		tick++;
	arm(s, tick);
}

static void on_clock(uv_timer_t *clock)
{
	struct shard *s = clock->data;
	struct wheel *w = &s->wheel;
	int64_t now = tick_now(s);

	w->turning = true;
	while (w->running > 0 && w->tick < now) {
		w->tick++;
		fire_tick(s);
	}
	w->turning = false;
	if (w->tick < now)
		w->tick = now;
	arm_next(s);
}

void timer_init(struct timer *t, void (*on_due)(struct shard *here, struct timer *t))
{
	*t = (struct timer){ .on_due = on_due };
}

void timer_stop(struct shard *here, struct timer *t)
{
	struct wheel *w = &here->wheel;

	ASSERT_HERE(here);
	if (!timer_is_running(t))
		return;
	remove_timer(w, t);
	if (w->running == 0 && !w->turning)
		disarm(w);
}

void timer_start(struct shard *here, struct timer *t, int64_t delay_ms)
{
	struct wheel *w = &here->wheel;

	timer_stop(here, t);
	if (w->running == 0)
		w->tick = tick_now(here); /* it stood still meanwhile */
	/*
	 * The clock itself, since the turn may have begun long ago; and one more for the part
	 * of a millisecond that has passed already.
	 */
	t->due = clock_mono_ms() + 1 + (delay_ms > 0 ? delay_ms : 0);
	TAILQ_INSERT_TAIL(slot_of(w, due_tick(t)), t, link);
	w->running++;
	if (!w->turning && (w->armed == 0 || due_tick(t) < w->armed))
		arm(here, due_tick(t));
}

void wheel_init(struct shard *s)
{
	struct wheel *w = &s->wheel;

	for (size_t i = 0; i < WHEEL_SLOTS; i++)
		TAILQ_INIT(&w->slots[i]);
	TAILQ_INIT(&w->firing);
	uv_timer_init(&s->loop, &w->clock);
	w->clock.data = s;
}

void wheel_close(struct shard *s)
{
	uv_close((uv_handle_t *)&s->wheel.clock, NULL);
}
