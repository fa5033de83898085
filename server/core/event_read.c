/*
 * event_read.c - an event that waits for a reader thread.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/event.h"

struct reading {
	struct store_job job;
	struct event *ev;
	event_read_fn *work;
	event_read_done_fn *done;
	void *arg;
};

static void on_reader(struct store_job *job, struct store_reader *reader)
{
	struct reading *r = CONTAINER_OF(job, struct reading, job);

	r->work(reader, r->arg);
}

static void on_read(struct shard *here, struct store_job *job)
{
	struct reading *r = CONTAINER_OF(job, struct reading, job);
	struct event *ev = r->ev; /* whose arena R is in */

	event_finish(ev, r->done(ev, r->arg));
}

int event_read(struct event *ev, event_read_fn *work, event_read_done_fn *done, void *arg)
{
	struct reading *r = ARENA_NEW(ev->arena, struct reading);
	int err;

	*r = (struct reading){
		.job = { .work = on_reader, .done = on_read },
		.ev = ev,
		.work = work,
		.done = done,
		.arg = arg,
	};
	err = store_submit(ev->read, &r->job);
	return err < 0 ? err : MOD_LATER;
}
