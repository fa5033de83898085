/*
 * offload.h - slow pure work (password hashes, directory look-ups) on the pool, its result back
 * on the shard.
 *
 * work() runs on a pool thread and may touch only the job; done() runs on the shard that
 * submitted it and owns the job's memory again.  At most OFFLOAD_MAX jobs of one shard wait or
 * run; one more is refused with ERR_BUSY, so that guesses at passwords cannot queue up without
 * bound.  Jobs under way when the shard stops are waited for; done() runs for each.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/shard/shard.h"

#define OFFLOAD_MAX 256

struct offload_job {
	void (*work)(struct offload_job *job);
	void (*done)(struct shard *here, struct offload_job *job);
	struct shard *home; /* set by offload_submit */
};

/*
 * Embed offload_job in your own struct, with work and done set.  0, or ERR_BUSY: then neither
 * function runs.  Thread: the shard's.
 */
MUST_CHECK int offload_submit(struct shard *here, struct offload_job *job);
