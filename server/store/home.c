/*
 * home.c - the way home: what writer and readers have finished, on to the shard that asked for
 * it.
 *
 * One bell (a shard message that is part of the view) is on its way at most, however much
 * comes: a commit of hundreds of batches costs each shard one message.  A view that is being
 * closed takes no bell; it waits here for what is left.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/store/store_private.h"

void inbox_init(struct inbox *in)
{
	pthread_mutex_init(&in->lock, NULL);
	pthread_cond_init(&in->came, NULL);
	STAILQ_INIT(&in->batches);
	in->jobs = NULL;
	in->jobs_end = &in->jobs;
	in->rung = false;
	in->closing = false;
}

void inbox_deinit(struct inbox *in)
{
	pthread_cond_destroy(&in->came);
	pthread_mutex_destroy(&in->lock);
}

/*
 * With the lock held, so that a view cannot be closed, and its shard be gone, between the look
 * and the ring.  FROM is the calling shard, or NULL.
 */
static void ring(struct store_view *view, struct shard *from)
{
	struct inbox *in = &view->inbox;

	if (in->closing) {
		pthread_cond_signal(&in->came);
	} else if (!in->rung) {
		in->rung = true;
		shard_post(from, view->here, &view->bell);
	}
}

void home_batches(struct store_view *view)
{
	pthread_mutex_lock(&view->inbox.lock);
	STAILQ_CONCAT(&view->inbox.batches, &view->staged);
	ring(view, NULL);
	pthread_mutex_unlock(&view->inbox.lock);
}

void home_job(struct store_view *view, struct store_job *job)
{
	struct inbox *in = &view->inbox;

	job->next = NULL;
	pthread_mutex_lock(&in->lock);
	*in->jobs_end = job;
	in->jobs_end = &job->next;
	ring(view, NULL);
	pthread_mutex_unlock(&in->lock);
}

void home_ring(struct store_view *view)
{
	pthread_mutex_lock(&view->inbox.lock);
	ring(view, view->here);
	pthread_mutex_unlock(&view->inbox.lock);
}

void inbox_take(struct inbox *in, struct batch_queue *batches_out, struct store_job **jobs_out)
{
	STAILQ_INIT(batches_out);
	pthread_mutex_lock(&in->lock);
	STAILQ_CONCAT(batches_out, &in->batches);
	*jobs_out = in->jobs;
	in->jobs = NULL;
	in->jobs_end = &in->jobs;
	in->rung = false;
	pthread_mutex_unlock(&in->lock);
}

void inbox_close(struct inbox *in)
{
	pthread_mutex_lock(&in->lock);
	in->closing = true;
	pthread_mutex_unlock(&in->lock);
}

void inbox_wait(struct inbox *in)
{
	pthread_mutex_lock(&in->lock);
	while (STAILQ_EMPTY(&in->batches) && in->jobs == NULL)
		pthread_cond_wait(&in->came, &in->lock);
	pthread_mutex_unlock(&in->lock);
}
