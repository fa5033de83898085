/*
 * check_mailbox.c - the list that many threads push to and one takes.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/shard/mailbox.h"
#include "tests/lib/check_main.h"

#include <pthread.h>
#include <sched.h>

#define SENDERS 3
#define EACH 200000
#define BATCH 7

struct numbered {
	struct shard_msg msg;
	unsigned sender;
	unsigned number;
};

START_TEST(messages_come_out_in_the_order_they_went_in)
{
	struct mailbox box;
	struct shard_msg a, b, c;
	struct mail_batch batch = { 0 };

	mailbox_init(&box);
	ck_assert(mailbox_is_empty(&box));
	ck_assert_ptr_null(mailbox_take(&box));
	mail_batch_add(&batch, &a);
	mail_batch_add(&batch, &b);
	ck_assert(mailbox_push(&box, &batch));
	ck_assert_ptr_null(batch.newest);
	mail_batch_add(&batch, &c);
	ck_assert(!mailbox_push(&box, &batch));
	ck_assert(!mailbox_is_empty(&box));
	ck_assert_ptr_eq(mailbox_take(&box), &a);
	ck_assert_ptr_eq(a.next, &b);
	ck_assert_ptr_eq(b.next, &c);
	ck_assert_ptr_null(c.next);
	ck_assert(mailbox_is_empty(&box));
}
END_TEST

START_TEST(a_batch_can_be_taken_by_its_owner)
{
	struct shard_msg a, b;
	struct mail_batch batch = { 0 };

	ck_assert_ptr_null(mail_batch_take(&batch));
	mail_batch_add(&batch, &a);
	mail_batch_add(&batch, &b);
	ck_assert_ptr_eq(mail_batch_take(&batch), &a);
	ck_assert_ptr_eq(a.next, &b);
	ck_assert_ptr_null(b.next);
	ck_assert_ptr_null(batch.newest);
	ck_assert_ptr_null(batch.oldest);
}
END_TEST

struct sender {
	struct mailbox *box;
	struct numbered *messages;
	unsigned index;
	unsigned found_empty;
	pthread_t thread;
};

static void *push_all(void *arg)
{
	struct sender *sender = arg;
	struct mail_batch batch = { 0 };

	for (unsigned i = 0; i < EACH; i++) {
		sender->messages[i].sender = sender->index;
		sender->messages[i].number = i;
		mail_batch_add(&batch, &sender->messages[i].msg);
		if (i % BATCH == 0 || i == EACH - 1)
			sender->found_empty += mailbox_push(sender->box, &batch);
	}
	return NULL;
}

START_TEST(nothing_is_lost_between_threads_and_each_ones_order_stays)
{
	struct mailbox box;
	struct sender senders[SENDERS] = { 0 };
	unsigned next[SENDERS] = { 0 };
	unsigned left = SENDERS * EACH;
	unsigned found_empty = 0;
	unsigned takes = 0;

	mailbox_init(&box);
	for (unsigned i = 0; i < SENDERS; i++) {
		senders[i] = (struct sender){ .box = &box, .index = i };
		senders[i].messages = calloc(EACH, sizeof(struct numbered));
		ck_assert_int_eq(
			pthread_create(&senders[i].thread, NULL, push_all, &senders[i]), 0);
	}
	while (left > 0) {
		struct shard_msg *msg = mailbox_take(&box);

		takes += msg != NULL;
		if (msg == NULL)
			sched_yield();
		for (; msg != NULL; msg = msg->next) {
			struct numbered *n = (struct numbered *)msg;

			if (n->number != next[n->sender]++)
				ck_abort_msg("out of order");
			left--;
		}
	}
	for (unsigned i = 0; i < SENDERS; i++) {
		pthread_join(senders[i].thread, NULL);
		found_empty += senders[i].found_empty;
		free(senders[i].messages);
	}
	/* One wake-up for each time that something was taken: neither lost nor repeated. */
	ck_assert_uint_eq(found_empty, takes);
}
END_TEST

CHECK_MAIN("mailbox", messages_come_out_in_the_order_they_went_in,
           a_batch_can_be_taken_by_its_owner,
           nothing_is_lost_between_threads_and_each_ones_order_stays)
