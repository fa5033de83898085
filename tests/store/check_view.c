/*
 * check_view.c - reading: the snapshot and the writes that are under way.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/buf.h"
#include "server/base/err.h"
#include "server/store/key.h"
#include "tests/lib/check_main.h"
#include "tests/store/fixture.h"

#include <string.h>

#define ME OWNER(1)
#define YOU OWNER(2)

static void put(struct batch *b, const char *key, const char *value)
{
	batch_put(b, &space_a, ME, str_of(key), str_of(value));
}

static void delete (struct batch *b, const char *key)
{
	batch_delete(b, &space_a, ME, str_of(key));
}

static struct str find(struct fixture *f, const char *key)
{
	return fixture_find(f, &space_a, ME, str_of(key));
}

START_TEST(a_write_is_read_at_once_and_after_it_is_on_disk)
{
	struct fixture f;
	struct batch *b;

	fixture_open(&f);
	b = batch_new(f.view);
	put(b, "k", "1");
	ck_assert_str_is(find(&f, "k"), "1");
	put(b, "k", "2");
	ck_assert_str_is(find(&f, "k"), "2");
	ck_assert_int_eq(fixture_commit(&f, &b), 0);
	ck_assert_str_is(find(&f, "k"), "2");
	fixture_turn(&f);
	fixture_turn(&f);
	ck_assert_str_is(find(&f, "k"), "2");
	ck_assert_str_is(find(&f, "other"), "(none)");
	fixture_stop(&f);
	fixture_start(&f);
	ck_assert_str_is(find(&f, "k"), "2");
	fixture_close(&f);
}
END_TEST

START_TEST(owners_and_spaces_do_not_meet)
{
	struct fixture f;
	struct batch *b;

	fixture_open(&f);
	b = batch_new(f.view);
	batch_put(b, &space_a, ME, STR("k"), STR("a me"));
	batch_put(b, &space_b, ME, STR("k"), STR("b me"));
	batch_put(b, &space_a, YOU, STR("k"), STR("a you"));
	batch_put(b, &space_a, STORE_OWNER_STORE, STR("k"), STR("a store"));
	for (int on_disk = 0; on_disk < 2; on_disk++) {
		ck_assert_str_is(fixture_find(&f, &space_a, ME, STR("k")), "a me");
		ck_assert_str_is(fixture_find(&f, &space_b, ME, STR("k")), "b me");
		ck_assert_str_is(fixture_find(&f, &space_a, YOU, STR("k")), "a you");
		ck_assert_str_is(fixture_find(&f, &space_b, YOU, STR("k")), "(none)");
		ck_assert_str_is(fixture_dump(&f, &space_a, ME), "k=a me ");
		ck_assert_str_is(fixture_dump(&f, &space_a, STORE_OWNER_STORE), "k=a store ");
		if (b != NULL)
			ck_assert_int_eq(fixture_commit(&f, &b), 0);
		fixture_turn(&f);
	}
	fixture_close(&f);
}
END_TEST

START_TEST(a_dropped_batch_was_never_there)
{
	struct fixture f;
	struct batch *b;

	fixture_open(&f);
	ck_assert_int_eq(fixture_put(&f, ME, STR("k"), STR("old")), 0);
	b = batch_new(f.view);
	put(b, "k", "new");
	put(b, "other", "new");
	batch_erase_owner(b, YOU);
	ck_assert_str_is(find(&f, "k"), "new");
	batch_drop(&b);
	ck_assert_ptr_null(b);
	batch_drop(&b);
	ck_assert_str_is(fixture_dump(&f, &space_a, ME), "k=old ");
	b = batch_new(f.view);
	batch_drop(&b);
	fixture_close(&f);
}
END_TEST

START_TEST(a_scan_merges_what_is_on_disk_and_what_is_not)
{
	struct fixture f;
	struct batch *b;

	fixture_open(&f);
	b = batch_new(f.view);
	put(b, "b", "disk");
	put(b, "d", "disk");
	put(b, "f", "disk");
	put(b, "h", "disk");
	ck_assert_int_eq(fixture_commit(&f, &b), 0);
	fixture_turn(&f);
	b = batch_new(f.view);
	put(b, "a", "new");
	put(b, "d", "new");
	delete (b, "f");
	delete (b, "g");
	put(b, "i", "new");
	ck_assert_str_is(fixture_dump(&f, &space_a, ME), "a=new b=disk d=new h=disk i=new ");
	delete (b, "h");
	put(b, "f", "again");
	ck_assert_str_is(fixture_dump(&f, &space_a, ME), "a=new b=disk d=new f=again i=new ");
	batch_drop(&b);
	ck_assert_str_is(fixture_dump(&f, &space_a, ME), "b=disk d=disk f=disk h=disk ");
	fixture_close(&f);
}
END_TEST

struct walk {
	struct fixture *f;
	struct buf seen;
	int stop_at;
	int count;
};

static int note(void *arg, struct str key, struct str value)
{
	struct walk *w = arg;

	buf_append(&w->seen, key);
	buf_append_byte(&w->seen, ' ');
	/* reading within a walk */
	ck_assert(str_eq(fixture_find(w->f, &space_a, ME, key), value));
	return ++w->count == w->stop_at ? 77 : 0;
}

static void expect_walk(struct fixture *f, struct str prefix, struct str from, size_t limit,
                        int stop_at, int ret, const char *want)
{
	struct walk w = { .f = f, .stop_at = stop_at };

	ck_assert_int_eq(store_scan(f->view, &space_a, ME, prefix, from, limit, note, &w), ret);
	ck_assert_msg(str_is(buf_str(&w.seen), want), "saw " STR_FMT ", not %s",
	              STR_ARG(buf_str(&w.seen)), want);
	buf_deinit(&w.seen);
}

START_TEST(a_scan_keeps_to_prefix_start_and_limit)
{
	static const char *const keys[] = { "a", "ab", "ac", "acd", "b", "ba" };
	struct fixture f;
	struct batch *b;

	fixture_open(&f);
	b = batch_new(f.view);
	for (size_t i = 0; i < ARRAY_LEN(keys); i += 2)
		put(b, keys[i], "v");
	ck_assert_int_eq(fixture_commit(&f, &b), 0);
	fixture_turn(&f);
	b = batch_new(f.view);
	for (size_t i = 1; i < ARRAY_LEN(keys); i += 2)
		put(b, keys[i], "v");
	expect_walk(&f, STR_NONE, STR_NONE, 0, 0, 0, "a ab ac acd b ba ");
	expect_walk(&f, STR("a"), STR_NONE, 0, 0, 0, "a ab ac acd ");
	expect_walk(&f, STR("a"), STR("ab"), 0, 0, 0, "ab ac acd ");
	expect_walk(&f, STR("a"), STR("aba"), 2, 0, 0, "ac acd ");
	expect_walk(&f, STR("b"), STR("a"), 0, 0, 0, "b ba ");
	expect_walk(&f, STR("a"), STR("b"), 0, 0, 0, "");
	expect_walk(&f, STR_NONE, STR("ac"), 3, 0, 0, "ac acd b ");
	expect_walk(&f, STR_NONE, STR_NONE, 0, 2, 77, "a ab ");
	expect_walk(&f, STR_NONE, STR_NONE, 2, 2, 77, "a ab ");
	expect_walk(&f, STR("c"), STR_NONE, 0, 0, 0, "");
	batch_drop(&b);
	fixture_close(&f);
}
END_TEST

static void expect_walk_down(struct fixture *f, struct str prefix, struct str from,
                             size_t limit, int stop_at, int ret, const char *want)
{
	struct walk w = { .f = f, .stop_at = stop_at };

	ck_assert_int_eq(store_scan_down(f->view, &space_a, ME, prefix, from, limit, note, &w),
	                 ret);
	ck_assert_msg(str_is(buf_str(&w.seen), want), "saw " STR_FMT ", not %s",
	              STR_ARG(buf_str(&w.seen)), want);
	buf_deinit(&w.seen);
}

START_TEST(a_scan_down_gives_the_same_keys_backwards)
{
	static const char *const keys[] = { "a", "ab", "ac", "acd", "b", "ba" };
	struct fixture f;
	struct batch *b;

	fixture_open(&f);
	b = batch_new(f.view);
	for (size_t i = 0; i < ARRAY_LEN(keys); i += 2)
		put(b, keys[i], "v");
	/* the neighbours' first keys are no keys of this space */
	batch_put(b, &space_b, ME, STR(""), STR("b me"));
	batch_put(b, &space_a, OWNER(2), STR(""), STR("a you"));
	ck_assert_int_eq(fixture_commit(&f, &b), 0);
	fixture_turn(&f);
	b = batch_new(f.view);
	for (size_t i = 1; i < ARRAY_LEN(keys); i += 2)
		put(b, keys[i], "v");
	expect_walk_down(&f, STR_NONE, STR_NONE, 0, 0, 0, "ba b acd ac ab a ");
	expect_walk_down(&f, STR("a"), STR_NONE, 0, 0, 0, "acd ac ab a ");
	expect_walk_down(&f, STR("a"), STR("ac"), 0, 0, 0, "ac ab a ");
	expect_walk_down(&f, STR("a"), STR("acb"), 2, 0, 0, "ac ab ");
	expect_walk_down(&f, STR("a"), STR("b"), 0, 0, 0, "acd ac ab a ");
	expect_walk_down(&f, STR("b"), STR("a"), 0, 0, 0, "");
	expect_walk_down(&f, STR_NONE, STR("z"), 3, 0, 0, "ba b acd ");
	expect_walk_down(&f, STR_NONE, STR_NONE, 0, 2, 77, "ba b ");
	expect_walk_down(&f, STR("c"), STR_NONE, 0, 0, 0, "");
	delete (b, "b");
	batch_delete(b, &space_b, ME, STR(""));
	expect_walk_down(&f, STR_NONE, STR_NONE, 3, 0, 0, "ba acd ac ");
	batch_drop(&b);
	fixture_close(&f);
}
END_TEST

START_TEST(an_erased_owner_is_gone_and_can_begin_anew)
{
	struct fixture f;
	struct batch *b;

	fixture_open(&f);
	ck_assert_int_eq(fixture_put(&f, ME, STR("k"), STR("old")), 0);
	ck_assert_int_eq(fixture_put(&f, YOU, STR("k"), STR("yours")), 0);
	fixture_turn(&f);
	b = batch_new(f.view);
	put(b, "gone too", "new");
	batch_erase_owner(b, ME);
	ck_assert_str_is(find(&f, "k"), "(none)");
	ck_assert_str_is(fixture_dump(&f, &space_a, ME), "");
	put(b, "k2", "after");
	delete (b, "never was");
	for (int on_disk = 0; on_disk < 3; on_disk++) {
		ck_assert_str_is(fixture_dump(&f, &space_a, ME), "k2=after ");
		ck_assert_str_is(find(&f, "k"), "(none)");
		ck_assert_str_is(find(&f, "k2"), "after");
		ck_assert_str_is(fixture_find(&f, &space_a, YOU, STR("k")), "yours");
		if (b != NULL)
			ck_assert_int_eq(fixture_commit(&f, &b), 0);
		else
			fixture_turn(&f);
	}
	fixture_close(&f);
}
END_TEST

START_TEST(open_batches_count_in_the_order_in_which_they_will_commit)
{
	struct fixture f;
	struct batch *first, *second;
	struct waiter one, two;

	fixture_open(&f);
	first = batch_new(f.view);
	second = batch_new(f.view);
	put(second, "k", "second");
	put(first, "k", "first");
	batch_erase_owner(first, ME);
	put(first, "k", "first again");
	ck_assert_str_is(find(&f, "k"), "second");
	/* What is committed now comes before what is still open. */
	batch_commit(&second, waiter_init(&two));
	ck_assert_str_is(find(&f, "k"), "first again");
	batch_commit(&first, waiter_init(&one));
	ck_assert_str_is(find(&f, "k"), "first again");
	ck_assert_int_eq(waiter_wait(&f, &two), 0);
	ck_assert_int_eq(waiter_wait(&f, &one), 0);
	fixture_turn(&f);
	ck_assert_str_is(find(&f, "k"), "first again");
	fixture_close(&f);
}
END_TEST

/* The commit is under way, or over, when the values are looked at; their turn is not. */
START_TEST(values_stay_until_the_turn_ends)
{
	char large[20000];
	struct fixture f;
	struct batch *b;
	struct waiter w[20];
	struct str from_disk, from_batch, from_dropped;

	fixture_open(&f);
	ck_assert_int_eq(
		fixture_put(&f, ME, STR("disk"), fixture_bytes(large, sizeof(large), 1)), 0);
	fixture_turn(&f);
	from_disk = find(&f, "disk");
	b = batch_new(f.view);
	batch_put(b, &space_a, ME, STR("batch"), fixture_bytes(large, sizeof(large), 2));
	from_batch = find(&f, "batch");
	put(b, "batch", "another");
	/* enough commits for LMDB to use pages again */
	for (size_t i = 0; i < ARRAY_LEN(w); i++) {
		batch_put(b, &space_a, ME, STR("disk"),
		          fixture_bytes(large, sizeof(large), (unsigned)i + 10));
		batch_commit(&b, waiter_init(&w[i]));
		b = batch_new(f.view);
	}
	batch_put(b, &space_a, ME, STR("dropped"), fixture_bytes(large, sizeof(large), 3));
	from_dropped = find(&f, "dropped");
	batch_drop(&b);
	while (store_figures(f.store).waiting_batches > 0)
		;
	ck_assert(str_eq(from_disk, fixture_bytes(large, sizeof(large), 1)));
	ck_assert(str_eq(from_batch, fixture_bytes(large, sizeof(large), 2)));
	ck_assert(str_eq(from_dropped, fixture_bytes(large, sizeof(large), 3)));
	for (size_t i = 0; i < ARRAY_LEN(w); i++)
		ck_assert_int_eq(waiter_wait(&f, &w[i]), 0);
	ck_assert(str_eq(find(&f, "disk"),
	                 fixture_bytes(large, sizeof(large), ARRAY_LEN(w) + 9)));
	fixture_close(&f);
}
END_TEST

START_TEST(the_longest_key_and_the_empty_one_are_keys)
{
	char longest[STORE_KEY_MAX + 1];
	struct fixture f;
	struct batch *b;
	struct str value;

	fixture_open(&f);
	memset(longest, 0xff, sizeof(longest));
	b = batch_new(f.view);
	batch_put(b, &space_a, ME, str_make(longest, STORE_KEY_MAX), STR("long"));
	batch_put(b, &space_a, ME, STR_NONE, STR(""));
	for (int on_disk = 0; on_disk < 2; on_disk++) {
		ck_assert_str_is(
			fixture_find(&f, &space_a, ME, str_make(longest, STORE_KEY_MAX)),
			"long");
		ck_assert_str_is(fixture_find(&f, &space_a, ME, STR("")), "");
		ck_assert_int_eq(store_find(f.view, &space_a, ME,
		                            str_make(longest, STORE_KEY_MAX + 1), &value),
		                 ERR_NOENT);
		if (b != NULL)
			ck_assert_int_eq(fixture_commit(&f, &b), 0);
		fixture_turn(&f);
	}
	fixture_close(&f);
}
END_TEST

CHECK_MAIN("view", a_write_is_read_at_once_and_after_it_is_on_disk,
           owners_and_spaces_do_not_meet, a_dropped_batch_was_never_there,
           a_scan_merges_what_is_on_disk_and_what_is_not,
           a_scan_keeps_to_prefix_start_and_limit, a_scan_down_gives_the_same_keys_backwards,
           an_erased_owner_is_gone_and_can_begin_anew,
           open_batches_count_in_the_order_in_which_they_will_commit,
           values_stay_until_the_turn_ends, the_longest_key_and_the_empty_one_are_keys)
