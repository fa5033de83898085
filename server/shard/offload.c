/*
 * offload.c - slow pure work, on libuv's pool.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/shard/offload.h"

#include "server/base/err.h"
#include "server/base/mem.h"
#include "server/shard/private.h"

#include <stdlib.h>

struct task {
	uv_work_t req;
	struct offload_job *job;
};

static void on_work(uv_work_t *req)
{
	struct offload_job *job = CONTAINER_OF(req, struct task, req)->job;

	job->work(job);
}

static void on_done(uv_work_t *req, int status)
{
	struct task *task = CONTAINER_OF(req, struct task, req);
	struct offload_job *job = task->job;

	free(task);
	job->home->offloaded--;
	job->done(job->home, job);
}

int offload_submit(struct shard *here, struct offload_job *job)
{
	struct task *task;

	ASSERT_HERE(here);
	if (here->offloaded >= OFFLOAD_MAX)
		return ERR_BUSY;
	task = MEM_NEW(struct task);
	task->job = job;
	job->home = here;
	here->offloaded++;
	ASSERT(uv_queue_work(&here->loop, &task->req, on_work, on_done) == 0);
	return 0;
}
