/*
 * errand.h - a call that may never return, on a thread of its own; its result, if it comes in
 * time, back on the shard.
 *
 *     errand_send ─▶ run(), on its thread ──────────────────▶ back(0)             in time
 *                      ╎ still at work ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ▶ back(ERR_TIMEOUT)   given up
 *
 * For libraries that ask another program and wait without a bound of their own: a password that
 * a directory knows.  Such a call must not run on the pool (offload.h), whose few threads all
 * shards share.  Whoever gives up leaves the thread to itself; it ends when its call does, and
 * costs a stack until then.  ERRANDS_MAX of one shard are out at most, those given up included,
 * so while the other side hangs one more is refused at once.
 *
 * The thread has a table of descriptors of its own, with nothing in it but standard input,
 * output and error: what the library opens and forgets to close goes with the thread, and what
 * it hands on to a program that it starts is nothing of ours.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/shard/shard.h"

#define ERRANDS_MAX 64
#ifdef __SANITIZE_THREAD__
#define ERRANDS_SHARE_DESCRIPTORS 1
#else
#define ERRANDS_SHARE_DESCRIPTORS 0
#endif

struct errand_ops {
	/* On a thread of its own. */
	void (*run)(void *what);
	/*
	 * Once, on the shard that sent it: 0 when run has returned; ERR_TIMEOUT, or ERR_CLOSED
	 * when the shard stops: then run may be writing still, and only what it leaves alone
	 * may be read.
	 */
	void (*back)(struct shard *here, void *what, int err);
	/* After both, on either's thread. */
	void (*free)(void *what);
};

/*
 * 0: WHAT is the errand's until ops->free; or ERR_BUSY (too many are out, or no thread can be
 * had), ERR_CLOSED (the shard stops): it is the caller's still.  OPS is static.  Thread: the
 * shard's.
 */
MUST_CHECK int errand_send(struct shard *here, const struct errand_ops *ops, void *what,
                           int64_t wait_ms);
/* How many threads of this shard are out.  Thread: the shard's, or main when it has ended. */
unsigned errands_out(const struct shard *s);
