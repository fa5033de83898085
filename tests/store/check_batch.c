/*
 * check_batch.c - committing: order, empty batches, failures, and what waits.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"
#include "server/base/mem.h"
#include "tests/lib/check_main.h"
#include "tests/store/fixture.h"

#include <stdio.h>

#define ME OWNER(1)
#define TOO_LARGE ((size_t)MIB(2)) /* for a map of one */

/* Batches that note in which order they were done. */
struct order {
	unsigned next;
	unsigned failures;
};

struct numbered {
	struct batch_done done;
	struct order *order;
	unsigned number;
	int want;
};

static void on_numbered(struct shard *here, struct batch_done *done, int err)
{
	struct numbered *n = CONTAINER_OF(done, struct numbered, done);

	ck_assert_uint_eq(n->number, n->order->next++);
	ck_assert_int_eq(err, n->want);
	n->order->failures += err < 0;
}

static void commit_numbered(struct batch **b, struct numbered *n, struct order *order,
                            unsigned number, int want)
{
	*n = (struct numbered){
		.done.on_done = on_numbered, .order = order, .number = number, .want = want
	};
	batch_commit(b, &n->done);
}

START_TEST(batches_are_done_in_order_empty_ones_too)
{
	struct numbered all[300];
	struct order order = { 0 };
	struct waiter last;
	struct fixture f;
	struct batch *b;

	fixture_open(&f);
	for (unsigned i = 0; i < ARRAY_LEN(all); i++) {
		b = batch_new(f.view);
		if (i % 3 != 1)
			batch_put(b, &space_a, ME, STR("k"), str_make((char *)&i, sizeof(i)));
		ck_assert(batch_is_empty(b) == (i % 3 == 1));
		commit_numbered(&b, &all[i], &order, i, 0);
	}
	ck_assert_uint_eq(order.next, 0);
	b = batch_new(f.view);
	batch_commit(&b, waiter_init(&last));
	ck_assert_int_eq(waiter_wait(&f, &last), 0);
	ck_assert_uint_eq(order.next, ARRAY_LEN(all));
	fixture_close(&f);
}
END_TEST

START_TEST(an_empty_batch_alone_is_done_later_and_writes_nothing)
{
	struct fixture f;
	struct batch *b;
	struct waiter w;

	fixture_open(&f);
	b = batch_new(f.view);
	batch_commit(&b, waiter_init(&w));
	ck_assert(!w.came);
	ck_assert_int_eq(waiter_wait(&f, &w), 0);
	ck_assert_uint_eq(store_figures(f.store).commits, 0);
	fixture_close(&f);
}
END_TEST

/*
 * on_done that commits an empty batch with the same on_done: must not go round within one turn.
 */
struct chain {
	struct batch_done done;
	struct fixture *f;
	unsigned depth;
	unsigned nested;
	bool over;
};

static void on_chain(struct shard *here, struct batch_done *done, int err)
{
	struct chain *c = CONTAINER_OF(done, struct chain, done);
	struct batch *b = batch_new(c->f->view);

	ck_assert_uint_eq(c->nested++, 0);
	if (++c->depth == 100) {
		batch_drop(&b);
		c->over = true;
	} else {
		batch_commit(&b, done);
	}
	c->nested--;
}

START_TEST(a_result_may_commit_the_next_batch)
{
	struct fixture f;
	struct chain c = { .done.on_done = on_chain, .f = &f };
	struct batch *b;

	fixture_open(&f);
	b = batch_new(f.view);
	batch_commit(&b, &c.done);
	ck_assert(shard_wait_here(f.here, &c.over, SECONDS(20)));
	ck_assert_uint_eq(c.depth, 100);
	fixture_close(&f);
}
END_TEST

START_TEST(a_batch_that_does_not_fit_fails_alone)
{
	char *large = mem_alloc(TOO_LARGE);
	struct numbered all[30];
	struct order order = { 0 };
	struct waiter last;
	struct fixture f;
	struct batch *b;
	char key[8];

	fixture_init(&f);
	f.config.map_bytes = (size_t)MIB(1);
	f.config.gather_ms = 20; /* so that they are one group */
	fixture_start(&f);
	for (unsigned i = 0; i < ARRAY_LEN(all); i++) {
		bool fails = i % 7 == 3;

		b = batch_new(f.view);
		snprintf(key, sizeof(key), "k%02u", i);
		batch_put(b, &space_a, ME, str_of(key), STR("small"));
		if (fails)
			batch_put(b, &space_a, ME, STR("large"),
			          fixture_bytes(large, TOO_LARGE, i));
		if (i % 14 == 3) { /* frees as much as it takes: tried in earnest */
			batch_delete(b, &space_a, ME, STR("x"));
			batch_delete(b, &space_a, ME, STR("y"));
		}
		commit_numbered(&b, &all[i], &order, i, fails ? ERR_FULL : 0);
	}
	ck_assert_uint_eq(fixture_find(&f, &space_a, ME, STR("large")).n, TOO_LARGE);
	b = batch_new(f.view);
	batch_commit(&b, waiter_init(&last));
	ck_assert_int_eq(waiter_wait(&f, &last), 0);
	ck_assert_uint_eq(order.failures, 4);
	for (unsigned i = 0; i < ARRAY_LEN(all); i++) {
		snprintf(key, sizeof(key), "k%02u", i);
		ck_assert(str_is(fixture_find(&f, &space_a, ME, str_of(key)),
		                 i % 7 == 3 ? "(none)" : "small"));
	}
	ck_assert_str_is(fixture_find(&f, &space_a, ME, STR("large")), "(none)");
	ck_assert_uint_eq(store_figures(f.store).failed_batches, 4);
	fixture_close(&f);
	free(large);
}
END_TEST

/* Its on_done finds it gone, and the older value is back. */
struct watcher {
	struct waiter waiter;
	struct fixture *f;
};

static void on_watched(struct shard *here, struct batch_done *done, int err)
{
	struct watcher *w = CONTAINER_OF(done, struct watcher, waiter.done);

	ck_assert_str_is(fixture_dump(w->f, &space_a, ME), "k=old ");
	w->waiter.came = true;
	w->waiter.err = err;
}

START_TEST(a_failed_batch_leaves_the_view_before_it_is_done)
{
	char *large = mem_alloc(TOO_LARGE);
	struct fixture f;
	struct watcher w = { .waiter.done.on_done = on_watched, .f = &f };
	struct batch *b;
	struct str held;

	fixture_init(&f);
	f.config.map_bytes = (size_t)MIB(1);
	fixture_start(&f);
	ck_assert_int_eq(fixture_put(&f, ME, STR("k"), STR("old")), 0);
	fixture_turn(&f);
	b = batch_new(f.view);
	batch_erase_owner(b, ME);
	batch_put(b, &space_a, ME, STR("k"), fixture_bytes(large, TOO_LARGE, 1));
	batch_commit(&b, &w.waiter.done);
	held = fixture_find(&f, &space_a, ME, STR("k"));
	ck_assert(str_eq(held, str_make(large, TOO_LARGE)));
	ck_assert_int_eq(waiter_wait(&f, &w.waiter), ERR_FULL);
	ck_assert_str_is(fixture_dump(&f, &space_a, ME), "k=old ");
	fixture_close(&f);
	free(large);
}
END_TEST

START_TEST(a_shard_is_behind_when_much_waits)
{
	struct fixture f;
	struct batch *b;
	struct waiter w;
	char *large = mem_alloc((size_t)MIB(17));

	fixture_init(&f);
	f.config.gather_ms = 50;
	fixture_start(&f);
	b = batch_new(f.view);
	batch_put(b, &space_a, ME, STR("k"), fixture_bytes(large, (size_t)MIB(17), 1));
	ck_assert_uint_gt(batch_size(b), (size_t)MIB(17));
	ck_assert(!store_is_behind(f.view));
	batch_commit(&b, waiter_init(&w));
	ck_assert(store_is_behind(f.view));
	ck_assert_int_eq(waiter_wait(&f, &w), 0);
	ck_assert(!store_is_behind(f.view));
	for (int i = 0; i < 5000; i++) {
		b = batch_new(f.view);
		batch_put(b, &space_a, ME, STR("k"), STR("v"));
		batch_commit(&b, i == 4999 ? waiter_init(&w) : NULL);
	}
	ck_assert(store_is_behind(f.view));
	ck_assert_int_eq(waiter_wait(&f, &w), 0);
	ck_assert(!store_is_behind(f.view));
	ck_assert_str_is(fixture_find(&f, &space_a, ME, STR("k")), "v");
	free(large);
	fixture_close(&f);
}
END_TEST

START_TEST(many_batches_share_a_commit)
{
	struct fixture f;
	struct batch *b;
	struct waiter w;
	struct store_figures figures;

	fixture_init(&f);
	f.config.gather_ms = 50;
	fixture_start(&f);
	for (int i = 0; i < 100; i++) {
		b = batch_new(f.view);
		batch_put(b, &space_a, ME, STR("k"), STR("v"));
		batch_commit(&b, i == 99 ? waiter_init(&w) : NULL);
	}
	ck_assert_int_eq(waiter_wait(&f, &w), 0);
	figures = store_figures(f.store);
	ck_assert_uint_eq(figures.batches, 100);
	ck_assert_uint_lt(figures.commits, 50);
	ck_assert_uint_eq(figures.waiting_batches, 0);
	ck_assert_uint_gt(figures.bytes_used, 0);
	fixture_close(&f);
}
END_TEST

START_TEST(closing_a_view_waits_for_what_is_under_way)
{
	struct numbered all[50];
	struct order order = { 0 };
	struct fixture f;
	struct batch *b;

	fixture_open(&f);
	for (unsigned i = 0; i < ARRAY_LEN(all); i++) {
		b = batch_new(f.view);
		if (i % 5 != 4)
			batch_put(b, &space_a, ME, STR("k"), STR("v"));
		commit_numbered(&b, &all[i], &order, i, 0);
	}
	fixture_stop(&f);
	ck_assert_uint_eq(order.next, ARRAY_LEN(all));
	fixture_start(&f);
	ck_assert_str_is(fixture_find(&f, &space_a, ME, STR("k")), "v");
	fixture_close(&f);
}
END_TEST

CHECK_MAIN("batch", batches_are_done_in_order_empty_ones_too,
           an_empty_batch_alone_is_done_later_and_writes_nothing,
           a_result_may_commit_the_next_batch, a_batch_that_does_not_fit_fails_alone,
           a_failed_batch_leaves_the_view_before_it_is_done, a_shard_is_behind_when_much_waits,
           many_batches_share_a_commit, closing_a_view_waits_for_what_is_under_way)
