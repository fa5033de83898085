/*
 * check_space.c - numbers, versions and upgrades of spaces.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"
#include "server/base/log.h"
#include "server/base/mem.h"
#include "tests/lib/check_main.h"
#include "tests/store/fixture.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/*
 * Version 1 is text; version 2 puts "2:" before it, version 3 "3:" before the text of version
 * 1.
 */
static int upgrade_to_3(struct arena *arena, unsigned from, struct str key, struct str value,
                        struct str *value_out)
{
	if (str_is(value, "bad"))
		return ERR_CORRUPT;
	ck_assert(from == 1 || from == 2);
	ck_assert(str_starts_with(key, STR("k")));
	*value_out = arena_concat(arena, STR("3:"),
	                          from == 2 ? str_slice(value, 2, value.n) : value);
	return 0;
}

static const struct store_space mine_1 = { .name = "mine", .version = 1 };
static const struct store_space mine_3 = { .name = "mine",
	                                   .version = 3,
	                                   .upgrade = upgrade_to_3 };
static const struct store_space mine_3_alone = { .name = "mine", .version = 3 };
static const struct store_space other = { .name = "other", .version = 1 };

static const struct store_space *const at_first[] = { &other, &mine_1, NULL };
static const struct store_space *const first_turned[] = { &space_a, &mine_1, &other, NULL };
static const struct store_space *const without_mine[] = { &other, NULL };
static const struct store_space *const later[] = { &other, &mine_3, NULL };
static const struct store_space *const later_alone[] = { &mine_3_alone, &other, NULL };
static const struct store_space *const twice[] = { &mine_1, &other, &mine_3, NULL };

#define RECORDS 3000

/* Records of MINE and OTHER under several owners, so that the upgrade has to find its way. */
static void make_first(struct fixture *f)
{
	struct batch *b;

	fixture_init(f);
	f->config.spaces = at_first;
	fixture_start(f);
	b = batch_new(f->view);
	for (unsigned i = 0; i < RECORDS; i++) {
		char key[16], value[40];

		snprintf(key, sizeof(key), "k%05u", i);
		snprintf(value, sizeof(value), "value %u", i);
		if (i % 7 != 3)
			batch_put(b, &mine_1, OWNER(i % 7), str_of(key), str_of(value));
		batch_put(b, &other, OWNER(i % 7), str_of(key), str_of(value));
	}
	batch_put(b, &mine_1, UINT64_C(0xffffffffffffffff), STR("k last"), STR("last"));
	batch_put(b, &mine_1, STORE_OWNER_STORE, STR("k first"), STR("first"));
	ck_assert_int_eq(fixture_commit(f, &b), 0);
	fixture_turn(f);
}

static char *read_file(struct fixture *f, size_t *n_out)
{
	char path[FIXTURE_PATH_MAX + 16];
	struct stat st;
	char *bytes;
	FILE *file;

	snprintf(path, sizeof(path), "%s/jackdaw.mdb", f->folder);
	file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fstat(fileno(file), &st), 0);
	bytes = mem_alloc((size_t)st.st_size);
	*n_out = fread(bytes, 1, (size_t)st.st_size, file);
	fclose(file);
	return bytes;
}

static void expect_no_open(struct fixture *f, const struct store_space *const *spaces, int err)
{
	size_t before_n, after_n;
	char *before = read_file(f, &before_n), *after;

	f->config.spaces = spaces;
	ck_assert_int_eq(store_open(&f->config, &f->store), err);
	ck_assert_ptr_null(f->store);
	after = read_file(f, &after_n);
	ck_assert_uint_eq(before_n, after_n);
	ck_assert_mem_eq(before, after, before_n);
	free(before);
	free(after);
}

START_TEST(numbers_stay_whatever_is_registered)
{
	struct fixture f;
	uint16_t mine_number, other_number;

	make_first(&f);
	mine_number = store_space_number(f.store, &mine_1);
	other_number = store_space_number(f.store, &other);
	ck_assert_uint_ne(mine_number, other_number);
	fixture_stop(&f);
	f.config.spaces = without_mine;
	fixture_start(&f);
	ck_assert_uint_eq(store_space_number(f.store, &other), other_number);
	fixture_stop(&f);
	f.config.spaces = first_turned;
	fixture_start(&f);
	ck_assert_uint_eq(store_space_number(f.store, &mine_1), mine_number);
	ck_assert_uint_eq(store_space_number(f.store, &other), other_number);
	ck_assert_uint_gt(store_space_number(f.store, &space_a), other_number);
	ck_assert_str_is(fixture_find(&f, &mine_1, OWNER(1), STR("k00001")), "value 1");
	fixture_close(&f);
}
END_TEST

START_TEST(older_values_are_upgraded_and_nothing_else)
{
	struct fixture f;

	make_first(&f);
	fixture_stop(&f);
	f.config.spaces = later;
	for (int round = 0; round < 2; round++) { /* the second time there is nothing to do */
		fixture_start(&f);
		for (unsigned i = 0; i < RECORDS; i++) {
			char key[16], want[40];

			snprintf(key, sizeof(key), "k%05u", i);
			snprintf(want, sizeof(want), "3:value %u", i);
			ck_assert(str_is(fixture_find(&f, &mine_3, OWNER(i % 7), str_of(key)),
			                 i % 7 == 3 ? "(none)" : want));
			ck_assert(str_is(fixture_find(&f, &other, OWNER(i % 7), str_of(key)),
			                 want + 2));
		}
		ck_assert_str_is(fixture_find(&f, &mine_3, UINT64_MAX, STR("k last")),
		                 "3:last");
		ck_assert_str_is(fixture_find(&f, &mine_3, STORE_OWNER_STORE, STR("k first")),
		                 "3:first");
		fixture_stop(&f);
	}
	fixture_remove(&f);
}
END_TEST

START_TEST(a_newer_space_is_refused_and_not_touched)
{
	struct fixture f;

	log_set_level(LOG_ERROR);
	make_first(&f);
	fixture_stop(&f);
	f.config.spaces = later;
	fixture_start(&f);
	fixture_stop(&f);
	expect_no_open(&f, at_first, ERR_VERSION);
	expect_no_open(&f, first_turned, ERR_VERSION); /* nor is the new space entered */
	fixture_remove(&f);
}
END_TEST

START_TEST(an_older_space_without_an_upgrade_is_refused_and_not_touched)
{
	struct fixture f;

	log_set_level(LOG_ERROR);
	make_first(&f);
	fixture_stop(&f);
	expect_no_open(&f, later_alone, ERR_VERSION);
	fixture_remove(&f);
}
END_TEST

START_TEST(an_upgrade_that_fails_changes_nothing)
{
	struct fixture f;
	struct batch *b;

	log_set_level(LOG_ERROR);
	make_first(&f);
	b = batch_new(f.view);
	batch_put(b, &mine_1, OWNER(6), STR("kz"), STR("bad"));
	ck_assert_int_eq(fixture_commit(&f, &b), 0);
	fixture_stop(&f);
	expect_no_open(&f, later, ERR_CORRUPT);
	f.config.spaces = at_first;
	fixture_start(&f);
	ck_assert_str_is(fixture_find(&f, &mine_1, OWNER(1), STR("k00001")), "value 1");
	fixture_close(&f);
}
END_TEST

START_TEST(two_spaces_of_one_name_are_refused)
{
	struct fixture f;

	log_set_level(LOG_ERROR);
	make_first(&f);
	fixture_stop(&f);
	expect_no_open(&f, twice, ERR_EXISTS);
	fixture_remove(&f);
}
END_TEST

CHECK_MAIN("space", numbers_stay_whatever_is_registered,
           older_values_are_upgraded_and_nothing_else, a_newer_space_is_refused_and_not_touched,
           an_older_space_without_an_upgrade_is_refused_and_not_touched,
           an_upgrade_that_fails_changes_nothing, two_spaces_of_one_name_are_refused)
