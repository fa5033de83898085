/*
 * timer.h - timeouts by the ten thousand: one wheel for each shard.
 *
 * A timer is a member of what it times (32 bytes), costs nothing while stopped, and start,
 * restart and stop are O(1).  Resolution is TIMER_TICK_MS: a timer fires not before its time,
 * and at most one tick late on a loop that is not held up.  Timers fire in the order of the
 * ticks in which they are due, also after a stall.  A running timer keeps the loop alive.  Stop
 * a timer before its memory goes; its callback may free it, and stop or start any other.
 * Thread: the shard's.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/shard/shard.h"

#include <sys/queue.h>

#define TIMER_TICK_MS 50

struct timer {
	TAILQ_ENTRY(timer) link;
	int64_t due; /* 0 while stopped */
	void (*on_due)(struct shard *here, struct timer *t);
};

/* Set T up, stopped. */
void timer_init(struct timer *t, void (*on_due)(struct shard *here, struct timer *t));
/* Fire once, DELAY_MS from now; a running timer is moved. */
void timer_start(struct shard *here, struct timer *t, int64_t delay_ms);
void timer_stop(struct shard *here, struct timer *t);
static inline bool timer_is_running(const struct timer *t)
{
	return t->due != 0;
}
