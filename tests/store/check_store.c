/*
 * check_store.c - opening and closing: folder, lock, files, what stays.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"
#include "server/base/log.h"
#include "tests/lib/check_main.h"
#include "tests/store/fixture.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *path_in(struct fixture *f, const char *name)
{
	static char path[FIXTURE_PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/%s", f->folder, name);
	return path;
}

static unsigned mode_of(const char *path)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	return st.st_mode & 0777;
}

START_TEST(folder_and_files_are_for_the_owner_alone)
{
	static const char *const names[] = { "lock", "jackdaw.mdb", "jackdaw.mdb-lock" };
	struct fixture f;

	fixture_init(&f);
	ck_assert_int_eq(rmdir(f.folder), 0);
	umask(0);
	fixture_start(&f);
	ck_assert_uint_eq(mode_of(f.folder), 0700);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		ck_assert_uint_eq(mode_of(path_in(&f, names[i])), 0600);
	fixture_close(&f);
}
END_TEST

START_TEST(a_second_opener_finds_it_busy)
{
	struct store *second = NULL;
	struct fixture f;
	int status;
	pid_t pid;

	log_set_level(LOG_ERROR);
	fixture_open(&f);
	ck_assert_int_eq(store_open(&f.config, &second), ERR_BUSY);
	ck_assert_ptr_null(second);
	pid = fork();
	if (pid == 0)
		_exit(store_open(&f.config, &second) == ERR_BUSY ? 0 : 1);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	/* The first one is as it was. */
	ck_assert_int_eq(fixture_put(&f, OWNER(1), STR("k"), STR("v")), 0);
	fixture_stop(&f);
	fixture_start(&f);
	ck_assert_str_is(fixture_find(&f, &space_a, OWNER(1), STR("k")), "v");
	fixture_close(&f);
}
END_TEST

START_TEST(the_partition_key_is_drawn_once)
{
	struct hash_key key;
	struct fixture f, g;
	unsigned partition;

	fixture_open(&f);
	fixture_open(&g);
	key = *store_partition_key(f.store);
	partition = store_partition_of(f.store, STR("romeo@a.example"));
	ck_assert_uint_lt(partition, STORE_PARTITIONS);
	ck_assert_mem_ne(&key, store_partition_key(g.store), sizeof(key));
	fixture_stop(&f);
	fixture_start(&f);
	ck_assert_mem_eq(&key, store_partition_key(f.store), sizeof(key));
	ck_assert_uint_eq(store_partition_of(f.store, STR("romeo@a.example")), partition);
	fixture_close(&f);
	fixture_close(&g);
}
END_TEST

static void write_file(const char *path, const char *bytes, size_t n)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(bytes, 1, n, file), n);
	ck_assert_int_eq(fclose(file), 0);
}

START_TEST(what_is_no_database_is_refused)
{
	char junk[10000];
	struct fixture f;

	log_set_level(LOG_ERROR);
	fixture_init(&f);
	f.config.folder = f.folder;
	memset(junk, 'x', sizeof(junk));
	write_file(path_in(&f, "jackdaw.mdb"), junk, sizeof(junk));
	ck_assert_int_eq(store_open(&f.config, &f.store), ERR_CORRUPT);
	ck_assert_ptr_null(f.store);
	/* An empty file is what a crash in the first moment leaves. */
	write_file(path_in(&f, "jackdaw.mdb"), "", 0);
	fixture_start(&f);
	ck_assert_int_eq(fixture_put(&f, OWNER(1), STR("k"), STR("v")), 0);
	fixture_close(&f);
}
END_TEST

START_TEST(a_folder_that_cannot_be_is_an_error)
{
	struct store *store = NULL;
	struct store_config config = { .folder = "/dev/null/folder" };
	struct fixture f;

	log_set_level(LOG_ERROR);
	ck_assert_int_eq(store_open(&config, &store), -ENOTDIR);
	fixture_init(&f);
	config.folder = path_in(&f, "a/b");
	ck_assert_int_eq(store_open(&config, &store), -ENOENT);
	ck_assert_ptr_null(store);
	fixture_remove(&f);
}
END_TEST

START_TEST(the_default_map_takes_no_disk)
{
	struct fixture f;
	struct stat st;

	fixture_init(&f);
	f.config.map_bytes = 0;
	fixture_start(&f);
	ck_assert_int_eq(fixture_put(&f, OWNER(1), STR("k"), STR("v")), 0);
	ck_assert_int_eq(stat(path_in(&f, "jackdaw.mdb"), &st), 0);
	ck_assert_int_lt(st.st_size, MIB(1));
	fixture_close(&f);
}
END_TEST

START_TEST(a_store_without_shards_opens_and_closes)
{
	struct fixture f;

	fixture_init(&f);
	f.config.folder = f.folder;
	f.config.spaces = NULL;
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(store_open(&f.config, &f.store), 0);
		store_close(&f.store);
		store_close(&f.store);
	}
	fixture_remove(&f);
}
END_TEST

CHECK_MAIN("store", folder_and_files_are_for_the_owner_alone, a_second_opener_finds_it_busy,
           the_partition_key_is_drawn_once, what_is_no_database_is_refused,
           a_folder_that_cannot_be_is_an_error, the_default_map_takes_no_disk,
           a_store_without_shards_opens_and_closes)
