/*
 * mailbox.h - where messages for one shard wait, pushed by many threads and taken by one.
 *
 *   head ─▶ newest ─▶ … ─▶ oldest     push: compare-exchange of the head
 *                                     take: exchange with NULL, then reverse
 *
 * No lock, and no allocation: the messages themselves are the list.  A push that finds the box
 * empty is the one that has to wake the receiver; until the receiver has taken what is there,
 * all others need not.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/shard/shard.h"

#include <stdatomic.h>

struct mailbox {
	_Atomic(struct shard_msg *) head;
};

/*
 * Messages that leave together, linked from the newest to the oldest, as the mailbox keeps
 * them.
 */
struct mail_batch {
	struct shard_msg *newest;
	struct shard_msg *oldest;
};

void mailbox_init(struct mailbox *box);
void mail_batch_add(struct mail_batch *batch, struct shard_msg *msg);
/*
 * Hand over all of BATCH, which is empty afterwards.  True when the box was empty.  Thread:
 * any.
 */
bool mailbox_push(struct mailbox *box, struct mail_batch *batch);
/*
 * All that waits, oldest first, linked by next; NULL when nothing does.  Thread: the
 * receiver's.
 */
struct shard_msg *mailbox_take(struct mailbox *box);
/* Thread: any; true only of the moment, unless the caller knows that nobody pushes. */
bool mailbox_is_empty(struct mailbox *box);
/* The messages of a batch, oldest first, linked by next; the batch is empty afterwards. */
struct shard_msg *mail_batch_take(struct mail_batch *batch);
