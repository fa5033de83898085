/*
 * event_read.c - an event that waits for a reader thread.
 *
 * A reader sees what is on disk.  What earlier events of the entity wrote may be on its way there;
 * then the job is submitted by an empty batch, which is done behind those before it.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/event.h"

struct reading {
	struct store_job job;
	struct batch_done written;
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
	int result = r->done(ev, r->arg);

	if (result != MOD_LATER) /* it reads on */
		event_finish(ev, result);
}

/* Whatever became of that: the reader sees what there is. */
static void on_written(struct shard *here, struct batch_done *done, int err)
{
	struct reading *r = CONTAINER_OF(done, struct reading, written);

	err = store_submit(r->ev->read, &r->job);
	if (err < 0)
		event_finish(r->ev, err);
}

static void wait_for_writes(struct reading *r)
{
	struct batch *none = batch_new(r->ev->read);

	r->written.on_done = on_written;
	batch_commit(&none, &r->written);
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
	if (!STAILQ_EMPTY(&ev->entity->held)) {
		wait_for_writes(r);
		return MOD_LATER;
	}
	err = store_submit(ev->read, &r->job);
	return err < 0 ? err : MOD_LATER;
}
