/*
 * mailbox.c - where messages for one shard wait.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/shard/mailbox.h"

void mailbox_init(struct mailbox *box)
{
	atomic_init(&box->head, NULL);
}

void mail_batch_add(struct mail_batch *batch, struct shard_msg *msg)
{
	msg->next = batch->newest;
	batch->newest = msg;
	if (batch->oldest == NULL)
		batch->oldest = msg;
}

bool mailbox_push(struct mailbox *box, struct mail_batch *batch)
{
	struct shard_msg *head = atomic_load_explicit(&box->head, memory_order_relaxed);

	do {
		batch->oldest->next = head;
	} while (!atomic_compare_exchange_weak_explicit(
		&box->head, &head, batch->newest, memory_order_release, memory_order_relaxed));
	*batch = (struct mail_batch){ 0 };
	return head == NULL;
}

static struct shard_msg *reverse(struct shard_msg *newest)
{
	struct shard_msg *done = NULL;

	while (newest != NULL) {
		struct shard_msg *older = newest->next;

		newest->next = done;
		done = newest;
		newest = older;
	}
	return done;
}

struct shard_msg *mailbox_take(struct mailbox *box)
{
	return reverse(atomic_exchange_explicit(&box->head, NULL, memory_order_acquire));
}

bool mailbox_is_empty(struct mailbox *box)
{
	return atomic_load_explicit(&box->head, memory_order_acquire) == NULL;
}

struct shard_msg *mail_batch_take(struct mail_batch *batch)
{
	struct shard_msg *newest = batch->newest;

	*batch = (struct mail_batch){ 0 };
	return reverse(newest);
}
