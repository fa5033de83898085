/*
 * check_start.c - a start that must not be: what is said, and that the database stays as it was.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/digest.h"
#include "server/base/err.h"
#include "tests/core/court.h"
#include "tests/lib/capture.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct content {
	uint8_t hash[DIGEST_MAX];
};

static struct content content_of(struct world *w, const char *name)
{
	struct content c = { 0 };
	struct buf bytes = { 0 };
	FILE *file = fopen(world_file(w, name), "r");
	size_t n;

	ck_assert_ptr_nonnull(file);
	while ((n = fread(buf_reserve(&bytes, 65536), 1, 65536, file)) > 0)
		bytes.n += n;
	fclose(file);
	digest_hash(DIGEST_SHA256, buf_str(&bytes), c.hash);
	buf_deinit(&bytes);
	return c;
}

/* The start fails with ERR, says PART, and leaves the database as it is. */
static void expect_refused(struct world *w, int err, const char *part)
{
	struct content before = content_of(w, "data/jackdaw.mdb"), after;
	struct capture log;

	capture_begin(&log);
	ck_assert_int_eq(world_start(w), err);
	ck_assert_says(capture_end(&log, w->arena), part);
	ck_assert_ptr_null(w->server);
	after = content_of(w, "data/jackdaw.mdb");
	ck_assert_mem_eq(before.hash, after.hash, sizeof(before.hash));
}

/* The data folder as a server leaves it whose account records are of version 2. */
static void make_newer_store(struct world *w)
{
	static const struct store_space newer = { .name = "account", .version = 2 };
	static const struct store_space *const spaces[] = { &newer, NULL };
	struct store_config config = { .folder = world_file(w, "data"), .spaces = spaces };
	struct store *store;

	ck_assert_int_eq(store_open(&config, &store), 0);
	store_close(&store);
}

START_TEST(a_store_of_a_newer_version_is_refused_and_left_alone)
{
	struct world *w = world_prepare(&(struct world_options){ .modules = court });

	make_newer_store(w);
	expect_refused(w, ERR_VERSION, "account");
	world_free(&w);
}
END_TEST

START_TEST(a_store_that_another_process_holds_is_refused_and_left_alone)
{
	struct world *first = court_world(1), *second;
	struct client *c;

	world_account(first, "romeo@a.example", "x");
	second = world_prepare(&(struct world_options){ .modules = court });
	ck_assert_int_eq(symlink(world_file(first, "data"), world_file(second, "data")), 0);
	expect_refused(second, ERR_BUSY, "data");
	world_free(&second);
	c = client_login(first, "romeo@a.example");
	client_settle(c);
	client_drop(&c);
	world_free(&first);
}
END_TEST

START_TEST(a_data_folder_that_cannot_be_made_is_told)
{
	struct world *w = world_prepare(&(struct world_options){ .modules = court });
	struct capture log;

	world_write(w, "data", "a file in its place\n");
	capture_begin(&log);
	ck_assert_int_eq(world_start(w), -ENOTDIR);
	ck_assert_says(capture_end(&log, w->arena), world_file(w, "data"));
	world_free(&w);
}
END_TEST

START_TEST(a_configuration_with_a_mistake_makes_no_data_folder)
{
	struct world *w = world_prepare(
		&(struct world_options){ .modules = court, .global = "shards = many" });
	struct capture log;

	capture_begin(&log);
	ck_assert_int_eq(world_start(w), ERR_CONFIG);
	ck_assert_says(capture_end(&log, w->arena), "jackdaw.conf:7: shards = \"many\"");
	ck_assert_int_lt(access(world_file(w, "data"), F_OK), 0);
	world_free(&w);
}
END_TEST

START_TEST(a_server_that_could_not_start_can_be_started_when_the_cause_is_gone)
{
	struct world *w = world_prepare(
		&(struct world_options){ .modules = court, .global = "shards = many" });
	struct capture log;

	capture_begin(&log);
	ck_assert_int_eq(world_start(w), ERR_CONFIG);
	capture_end(&log, w->arena);
	world_configure(w, &(struct world_options){ .modules = court });
	ck_assert_int_eq(world_start(w), 0);
	world_free(&w);
}
END_TEST

CHECK_MAIN("start", a_store_of_a_newer_version_is_refused_and_left_alone,
           a_store_that_another_process_holds_is_refused_and_left_alone,
           a_data_folder_that_cannot_be_made_is_told,
           a_configuration_with_a_mistake_makes_no_data_folder,
           a_server_that_could_not_start_can_be_started_when_the_cause_is_gone)
