/*
 * shard.h - a thread with one event loop, and everything that it owns.
 *
 *   other shards ──┐                  ┌─ timers (timer.h)
 *   store writer ──┼─ mailbox ─▶ loop ┼─ sockets (server/net)
 *   pool ──────────┘                  └─ turn hooks: what the turn produced goes out together
 *
 * All mutable data of the server belongs to exactly one shard and is touched on its thread
 * alone.  Other threads reach a shard in one way, shard_post: a message moves, with its memory,
 * to the receiver, and messages from one sender arrive in the order in which they were posted.
 * A post is cheap, also to the own shard (where the message runs later in the same way, never
 * nested): posts of one loop turn to another shard are handed over together with at most one
 * wake-up.
 *
 * Upper layers hang their per-shard state on slots (shard_set / shard_get).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/defs.h"

struct shard;
struct uv_loop_s;

/* Embed as the first member of a message; run() owns the message from then on and frees it. */
struct shard_msg {
	struct shard_msg *next;
	void (*run)(struct shard *here, struct shard_msg *msg);
};

/*
 * Called once per loop turn, before the loop sleeps: flush what has gathered.
 *
 * All that runs on the shard (messages, timers, I/O, closed handles, results of offload) is
 * followed by a call of every hook before the loop sleeps or ends.  What a hook posts leaves as
 * well, after the last hook.  What a hook produces for a hook before it, or for itself, has to
 * wait for the next turn: shard_turn_again makes that one come at once.
 */
struct shard_turn {
	struct shard_turn *next;
	void (*on_turn)(struct shard *here, struct shard_turn *turn);
	/*
	 * Or NULL.  The shard is being freed, nothing runs on it any more: free what hangs on
	 * it.  Thread: main.
	 */
	void (*on_free)(struct shard_turn *turn);
};

/* Which upper layer a slot belongs to. */
enum shard_slot {
	SHARD_SLOT_NET,
	SHARD_SLOT_STREAM,
	SHARD_SLOT_CORE,
	SHARD_SLOT_TEST,
	SHARD_SLOTS,
};

struct shard_group; /* all shards of the process */

/*
 * COUNT shards, not yet running.  With COUNT == 0 as many as cores.  Returns 0, or a negative
 * error when a loop or descriptor cannot be had.  Thread: main.
 */
MUST_CHECK int shard_group_open(unsigned count, struct shard_group **group_out);
/*
 * Start one thread for each shard.  INIT (or NULL) runs first on each shard's own thread;
 * returns when it has run on all of them.  With an error no INIT has run and no thread is left.
 * The threads take no signals.  Thread: main.
 */
MUST_CHECK int shard_group_start(struct shard_group *group,
                                 void (*init)(struct shard *here, void *arg), void *arg);
/*
 * Ask each shard to stop: FINI runs on its thread, then the loop turns until no handle is left,
 * then the thread ends.  Waits for all of them.  Messages that were still posted run (run()
 * must cope with a shard that is stopping, shard_is_stopping), and no shard ends before all
 * have nothing left to do and no message is on its way between them.  FINI may be NULL.  A
 * group that was never started stops in the same way on the caller's thread.  Thread: main.
 */
void shard_group_stop(struct shard_group *group, void (*fini)(struct shard *here, void *arg),
                      void *arg);
/*
 * Free a group that does not serve (stopped, or never started); sets *group to NULL.  Messages
 * that came after the end run now, on the caller's thread.  Every other handle and job of the
 * loops must have ended.  Thread: main.
 */
void shard_group_close(struct shard_group **group);
unsigned shard_group_count(const struct shard_group *group);
struct shard *shard_group_at(const struct shard_group *group, unsigned index);

/*
 * Hand MSG to shard TO.  FROM is the calling shard, or NULL when the caller is no shard (main,
 * the store's writer).  Thread: FROM's, or any for NULL.
 */
void shard_post(struct shard *from, struct shard *to, struct shard_msg *msg);

unsigned shard_index(const struct shard *s);
struct shard_group *shard_group_of(const struct shard *s);
bool shard_is_here(const struct shard *s); /* is the caller on this shard's thread */
bool shard_is_stopping(const struct shard *s);
struct uv_loop_s *shard_loop(struct shard *s); /* for server/net and offload only */
int64_t shard_now(const struct shard *s); /* monotonic milliseconds, as of this loop turn */

/*
 * Something of this shard is under way on a thread that is no shard (the store's), and will come
 * back as a message: while any is, a stopping shard waits for it.
 */
void shard_hold(struct shard *s);
void shard_release(struct shard *s);

void shard_set(struct shard *s, enum shard_slot slot, void *value);
void *shard_get(const struct shard *s, enum shard_slot slot);
/* For the shard's life, in order of adding. */
void shard_turn_add(struct shard *s, struct shard_turn *turn);
void shard_turn_again(struct shard *s); /* do not sleep before all hooks have run once more */

/* Figures since start. */
struct shard_figures {
	uint64_t messages; /* received, own ones included */
	uint64_t wakeups;  /* written to other shards */
	uint64_t turns;
};
/* Thread: the shard's own. */
struct shard_figures shard_figures(const struct shard *s);

/*
 * For tests: run the loop of a shard that has no thread, on the caller's, until it has nothing
 * to do or MS passed.  It does not wait for messages that other threads may still post: that is
 * shard_wait_here.
 */
void shard_run_here(struct shard *s, int64_t ms);
/* The same until *DONE, which a callback sets, or until MS passed.  Returns *DONE. */
bool shard_wait_here(struct shard *s, const bool *done, int64_t ms);

#ifdef NDEBUG
#define ASSERT_HERE(s) ((void)0)
#else
#define ASSERT_HERE(s) ASSERT(shard_is_here(s))
#endif
