/*
 * private.h - what the files of server/shard know of each other.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/shard/mailbox.h"
#include "server/shard/shard.h"
#include "server/shard/timer.h"

#include <pthread.h>
#include <uv.h>

#define CACHE_LINE 64

TAILQ_HEAD(timer_list, timer);
TAILQ_HEAD(errand_list, errand);

/* timer.c explains it. */
#define WHEEL_SLOTS 1024
struct wheel {
	struct timer_list slots[WHEEL_SLOTS];
	struct timer_list firing;
	uv_timer_t clock;
	int64_t tick;  /* the last one that was dealt with */
	int64_t armed; /* the tick for which CLOCK is set; 0: stopped */
	size_t running;
	bool turning;
};

struct shard {
	/* Other threads write here, and only here. */
	_Alignas(CACHE_LINE) struct mailbox inbox;

	/* Set before there are threads, and read by all of them. */
	_Alignas(CACHE_LINE) struct shard_group *group;
	unsigned index;
	int wake_fd;
	_Atomic(const void *) owner; /* names the thread: see me() in shard.c */

	/* The owner's. */
	bool stopping;
	bool again;          /* the next turn may not sleep: shard_turn_again */
	const bool *awaited; /* by shard_wait_here, or NULL */
	bool expired;        /* of shard_run_here: its time is over */
	uv_loop_t loop;
	uv_poll_t wake; /* on wake_fd; keeps the loop alive while the thread serves */
	uv_prepare_t before_sleep;
	uv_idle_t awake;     /* active: something waits for the next turn, so do not sleep */
	uv_timer_t deadline; /* of shard_run_here */
	struct shard_turn *turns;
	struct mail_batch own;  /* posted to itself */
	struct mail_batch *out; /* one for each shard of the group */
	unsigned *waiting;      /* which of them hold messages */
	unsigned n_waiting;
	struct wheel wheel;
	unsigned offloaded;
	struct errand_list errands;        /* out, and waited for */
	struct errand_count *errand_count; /* errand.c */
	unsigned holds;                    /* of shard_hold */
	void *slots[SHARD_SLOTS];
	struct shard_figures figures;

	pthread_t thread;
};

struct shard_group {
	unsigned count;
	enum {
		GROUP_OPEN, /* no threads: the loops may run on the caller's */
		GROUP_SERVING,
		GROUP_STOPPED,
	} state; /* main's */

	/* Of one call of start or stop, for the threads. */
	void (*call)(struct shard *here, void *arg);
	void *arg;

	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	enum {
		GATE_SHUT,
		GATE_OPEN,
		GATE_ABANDONED, /* a thread could not be had: those that exist end */
	} gate;
	unsigned ready; /* shards whose init has run */
	unsigned quiet; /* stopping shards with nothing to do but wait for messages */
	bool ended;     /* all are quiet, and no message is on its way */

	struct shard *shards[];
};

MUST_CHECK int shard_open(struct shard_group *group, unsigned index, struct shard **shard_out);
void shard_close(struct shard **s);
/* The calling thread owns S from now on. */
void shard_adopt(struct shard *s);
/* Make the loop's poll return.  Thread: any. */
void shard_wake(struct shard *s);
void shard_forget_wakes(struct shard *s);
/* Run what is in the inbox. */
void shard_receive(struct shard *s);
/* What happens before the loop sleeps: own messages, turn hooks, posts to others. */
void shard_turn(struct shard *s);
/* Turn until no handle is active.  While the wake handle is referenced that is never. */
void shard_run(struct shard *s);
/* Nothing active, nothing posted to it or by it. */
bool shard_is_quiet(struct shard *s);

void wheel_init(struct shard *s);
void wheel_close(struct shard *s);

void errands_open(struct shard *s);
/* The shard stops: none is waited for any more. */
void errands_stop(struct shard *s);
void errands_close(struct shard *s);
