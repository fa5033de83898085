/*
 * check_full.c - a full map, a full disk: nothing of a batch that does not fit, and a way out.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"
#include "server/base/log.h"
#include "server/base/mem.h"
#include "tests/lib/check_main.h"
#include "tests/store/fixture.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#define HALVES 2 /* each batch puts one key under each of two owners: both or none */
#define VALUE_BYTES 3000

static struct str key_of(char *buffer, size_t n, unsigned i)
{
	snprintf(buffer, n, "%08u", i);
	return str_of(buffer);
}

static struct batch *batch_number(struct fixture *f, unsigned i)
{
	struct batch *b = batch_new(f->view);
	char key[16], value[VALUE_BYTES];

	for (unsigned half = 0; half < HALVES; half++)
		batch_put(b, &space_a, OWNER(half), key_of(key, sizeof(key), i),
		          fixture_bytes(value, sizeof(value), i));
	return b;
}

static void expect_batch(struct fixture *f, unsigned i, bool present)
{
	char key[16], value[VALUE_BYTES];
	struct str want = fixture_bytes(value, sizeof(value), i);

	for (unsigned half = 0; half < HALVES; half++) {
		struct str found =
			fixture_find(f, &space_a, OWNER(half), key_of(key, sizeof(key), i));

		ck_assert(present ? str_eq(found, want) : str_is(found, "(none)"));
	}
}

/* Commit batches until one fails; it must be for want of room.  Returns how many are there. */
static unsigned fill(struct fixture *f, unsigned at_most)
{
	for (unsigned i = 0; i < at_most; i++) {
		struct batch *b = batch_number(f, i);
		int err = fixture_commit(f, &b);

		if (err == 0)
			continue;
		ck_assert_int_eq(err, ERR_FULL);
		expect_batch(f, i, false);
		return i;
	}
	ck_abort_msg("%u batches did not fill the store", at_most);
}

static int erase(struct fixture *f)
{
	struct batch *b = batch_new(f->view);

	for (unsigned half = 0; half < HALVES; half++)
		batch_erase_owner(b, OWNER(half));
	return fixture_commit(f, &b);
}

static int delete_one(struct fixture *f, unsigned i)
{
	struct batch *b = batch_new(f->view);
	char key[16];

	for (unsigned half = 0; half < HALVES; half++)
		batch_delete(b, &space_a, OWNER(half), key_of(key, sizeof(key), i));
	return fixture_commit(f, &b);
}

/* Fill, look, delete one by one, erase, and fill again. */
static void fill_and_empty(struct fixture *f, unsigned at_most)
{
	unsigned n = fill(f, at_most), again;

	ck_assert_uint_gt(n, 10);
	for (unsigned i = 0; i < n; i++)
		expect_batch(f, i, true);
	fixture_stop(f);
	fixture_start(f);
	for (unsigned i = 0; i < n; i++)
		expect_batch(f, i, true);
	expect_batch(f, n, false);
	for (unsigned i = 0; i < 5; i++)
		ck_assert_int_eq(delete_one(f, i), 0);
	expect_batch(f, 4, false);
	expect_batch(f, 5, true);
	ck_assert_int_eq(erase(f), 0);
	ck_assert_str_is(fixture_dump(f, &space_a, OWNER(0)), "");
	again = fill(f, at_most);
	ck_assert_uint_gt(again, n / 2);
	ck_assert_int_eq(erase(f), 0);
}

START_TEST(a_full_map_refuses_and_can_be_emptied)
{
	struct fixture f;

	log_set_level(LOG_ERROR);
	fixture_init(&f);
	f.config.map_bytes = (size_t)MIB(1);
	fixture_start(&f);
	for (int round = 0; round < 5; round++)
		fill_and_empty(&f, 1000);
	fixture_close(&f);
}
END_TEST

START_TEST(many_batches_at_once_fill_a_map_and_all_learn_it)
{
	struct waiter *all = mem_alloc(500 * sizeof(*all));
	unsigned stored = 0, refused = 0;
	struct fixture f;

	log_set_level(LOG_ERROR);
	fixture_init(&f);
	f.config.map_bytes = (size_t)MIB(1);
	f.config.gather_ms = 5;
	fixture_start(&f);
	for (unsigned i = 0; i < 500; i++) {
		struct batch *b = batch_number(&f, i);

		batch_commit(&b, waiter_init(&all[i]));
	}
	for (unsigned i = 0; i < 500; i++) {
		int err = waiter_wait(&f, &all[i]);

		ck_assert(err == 0 || err == ERR_FULL);
		stored += err == 0;
		refused += err < 0;
		expect_batch(&f, i, err == 0);
	}
	ck_assert_uint_gt(stored, 20);
	ck_assert_uint_gt(refused, 0);
	ck_assert_int_eq(erase(&f), 0);
	fixture_close(&f);
	free(all);
}
END_TEST

/*
 * Every batch deletes as much as it puts, so none is refused beforehand: the commit itself ends
 * in the full disk.
 */
static int put_in_earnest(struct fixture *f, unsigned i)
{
	struct batch *b = batch_number(f, i);

	batch_delete(b, &space_b, OWNER(0), STR("x"));
	batch_delete(b, &space_b, OWNER(0), STR("y"));
	return fixture_commit(f, &b);
}

START_TEST(a_file_that_may_not_grow_is_a_full_disk)
{
	struct rlimit limit, before;
	struct fixture f;
	unsigned i = 0;

	log_set_level(LOG_ERROR);
	signal(SIGXFSZ, SIG_IGN);
	fixture_open(&f);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = (rlim_t)MIB(1);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	while (put_in_earnest(&f, i) == 0)
		ck_assert_uint_lt(++i, 1000);
	ck_assert_uint_gt(i, 20);
	expect_batch(&f, i, false);
	expect_batch(&f, i - 1, true);
	ck_assert_int_eq(put_in_earnest(&f, i), ERR_FULL);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
	ck_assert_int_eq(put_in_earnest(&f, i), 0);
	for (unsigned k = 0; k <= i; k++)
		expect_batch(&f, k, true);
	fixture_close(&f);
}
END_TEST

/* A small file system of our own, where that is allowed. */
static bool mount_small(const char *folder, const char *size)
{
	if (mount("tmpfs", folder, "tmpfs", 0, size) == 0)
		return true;
	fprintf(stderr, "left out: no file system can be mounted here: %s\n", strerror(errno));
	return false;
}

START_TEST(a_full_disk_refuses_and_can_be_emptied)
{
	struct fixture f;

	log_set_level(LOG_ERROR);
	fixture_init(&f);
	f.config.map_bytes = 0;
	if (mount_small(f.folder, "size=24m")) {
		fixture_start(&f);
		fill_and_empty(&f, 10000);
		fixture_stop(&f);
		ck_assert_int_eq(umount(f.folder), 0);
	}
	fixture_remove(&f);
}
END_TEST

START_TEST(a_disk_that_others_fill_is_an_error_and_no_crash)
{
	char path[FIXTURE_PATH_MAX + 16], *filler = mem_zalloc((size_t)MIB(8));
	struct fixture f;
	unsigned i = 0;
	FILE *file;

	log_set_level(LOG_ERROR);
	fixture_init(&f);
	f.config.map_bytes = 0;
	snprintf(path, sizeof(path), "%s/filler", f.folder);
	if (mount_small(f.folder, "size=6m")) {
		fixture_start(&f);
		file = fopen(path, "w");
		ck_assert_ptr_nonnull(file);
		fwrite(filler, 1, (size_t)MIB(8), file);
		fclose(file);
		while (put_in_earnest(&f, i) == 0)
			ck_assert_uint_lt(++i, 1000);
		expect_batch(&f, i, false);
		fixture_stop(&f);
		fixture_start(&f); /* it opens on a full disk */
		ck_assert_int_eq(put_in_earnest(&f, i), ERR_FULL);
		unlink(path);
		ck_assert_int_eq(put_in_earnest(&f, i), 0);
		expect_batch(&f, i, true);
		fixture_stop(&f);
		ck_assert_int_eq(umount(f.folder), 0);
	}
	fixture_remove(&f);
	free(filler);
}
END_TEST

START_TEST(a_store_is_not_made_where_there_is_no_room)
{
	struct fixture f;
	char path[FIXTURE_PATH_MAX + 16], *filler = mem_zalloc((size_t)MIB(2));
	FILE *file;

	log_set_level(LOG_ERROR);
	fixture_init(&f);
	f.config.folder = f.folder;
	snprintf(path, sizeof(path), "%s/filler", f.folder);
	if (mount_small(f.folder, "size=1m")) {
		file = fopen(path, "w");
		ck_assert_ptr_nonnull(file);
		fwrite(filler, 1, (size_t)MIB(2), file);
		fclose(file);
		ck_assert_int_eq(store_open(&f.config, &f.store), ERR_FULL);
		ck_assert_ptr_null(f.store);
		ck_assert_int_eq(umount(f.folder), 0);
	}
	fixture_remove(&f);
	free(filler);
}
END_TEST

CHECK_MAIN("full", a_full_map_refuses_and_can_be_emptied,
           many_batches_at_once_fill_a_map_and_all_learn_it,
           a_file_that_may_not_grow_is_a_full_disk, a_full_disk_refuses_and_can_be_emptied,
           a_disk_that_others_fill_is_an_error_and_no_crash,
           a_store_is_not_made_where_there_is_no_room)
