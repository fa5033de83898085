/*
 * check_names.c - the index of entities.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/buf.h"
#include "server/base/err.h"
#include "server/store/names.h"
#include "tests/lib/check_main.h"
#include "tests/store/fixture.h"

#include <stdio.h>
#include <string.h>

#define HOST STR("a.example")

static uint64_t add(struct batch *b, const char *local)
{
	char bare[128];

	snprintf(bare, sizeof(bare), "%s@a.example", local);
	return names_add(b, HOST, str_of(local), str_of(bare));
}

struct list {
	struct buf text;
	uint64_t last;
};

static int note(void *arg, struct str bare, uint64_t owner)
{
	struct list *list = arg;

	buf_append(&list->text, bare);
	buf_append_byte(&list->text, ' ');
	list->last = owner;
	return 0;
}

static void expect_list(struct fixture *f, struct str domain, struct str after, size_t limit,
                        const char *want)
{
	struct list list = { 0 };

	ck_assert_int_eq(names_scan(f->view, domain, after, limit, note, &list), 0);
	ck_assert_msg(str_is(buf_str(&list.text), want), "saw " STR_FMT,
	              STR_ARG(buf_str(&list.text)));
	buf_deinit(&list.text);
}

START_TEST(an_entity_is_found_by_its_name)
{
	struct fixture f;
	struct batch *b;
	uint64_t romeo, host, found = 0;

	fixture_open(&f);
	ck_assert_int_eq(names_find(f.view, HOST, STR("romeo"), &found), ERR_NOENT);
	b = batch_new(f.view);
	romeo = add(b, "romeo");
	host = names_add(b, HOST, STR_NONE, HOST);
	ck_assert_uint_ne(romeo, host);
	ck_assert_uint_eq(store_owner_partition(romeo),
	                  store_partition_of(f.store, STR("romeo@a.example")));
	for (int on_disk = 0; on_disk < 2; on_disk++) {
		ck_assert_int_eq(names_find(f.view, HOST, STR("romeo"), &found), 0);
		ck_assert_uint_eq(found, romeo);
		ck_assert_int_eq(names_find(f.view, HOST, STR_NONE, &found), 0);
		ck_assert_uint_eq(found, host);
		ck_assert_int_eq(names_find(f.view, STR("b.example"), STR("romeo"), &found),
		                 ERR_NOENT);
		if (b != NULL)
			ck_assert_int_eq(fixture_commit(&f, &b), 0);
		fixture_turn(&f);
	}
	b = batch_new(f.view);
	names_remove(b, HOST, STR("romeo"));
	ck_assert_int_eq(names_find(f.view, HOST, STR("romeo"), &found), ERR_NOENT);
	ck_assert_int_eq(fixture_commit(&f, &b), 0);
	ck_assert_int_eq(names_find(f.view, HOST, STR("romeo"), &found), ERR_NOENT);
	fixture_close(&f);
}
END_TEST

START_TEST(a_host_lists_its_entities_by_pages)
{
	struct fixture f;
	struct batch *b;

	fixture_open(&f);
	b = batch_new(f.view);
	add(b, "benvolio");
	add(b, "a");
	add(b, "ab");
	names_add(b, HOST, STR_NONE, HOST);
	names_add(b, STR("b.example"), STR("other"), STR("other@b.example"));
	ck_assert_int_eq(fixture_commit(&f, &b), 0);
	expect_list(&f, HOST, STR_NONE, 0, "a@a.example ab@a.example benvolio@a.example ");
	expect_list(&f, HOST, STR_NONE, 1, "a@a.example ");
	expect_list(&f, HOST, STR("a"), 1, "ab@a.example ");
	expect_list(&f, HOST, STR("aa"), 0, "ab@a.example benvolio@a.example ");
	expect_list(&f, HOST, STR("benvolio"), 0, "");
	expect_list(&f, STR("b.example"), STR_NONE, 0, "other@b.example ");
	expect_list(&f, STR("c.example"), STR_NONE, 0, "");
	fixture_close(&f);
}
END_TEST

START_TEST(long_names_are_kept_apart)
{
	char one[1024], two[1024];
	struct fixture f;
	struct batch *b;
	uint64_t owner, found;

	fixture_open(&f);
	memset(one, 'x', sizeof(one));
	memset(two, 'x', sizeof(two));
	two[1000] = 'y';
	b = batch_new(f.view);
	owner = names_add(b, HOST, str_make(one, 1023), STR("any bare jid"));
	ck_assert_int_eq(names_find(f.view, HOST, str_make(two, 1023), &found), ERR_NOENT);
	ck_assert_int_eq(names_find(f.view, HOST, str_make(one, 1022), &found), ERR_NOENT);
	ck_assert_int_eq(names_find(f.view, HOST, str_make(one, 1023), &found), 0);
	ck_assert_uint_eq(found, owner);
	batch_drop(&b);
	fixture_close(&f);
}
END_TEST

START_TEST(partitions_spread_over_all_shards)
{
	unsigned counts[7] = { 0 };

	for (unsigned p = 0; p < STORE_PARTITIONS; p++) {
		unsigned shard = store_partition_shard(p, ARRAY_LEN(counts));

		ck_assert_uint_lt(shard, ARRAY_LEN(counts));
		counts[shard]++;
		ck_assert_uint_eq(store_owner_partition(store_owner_new(p)), p);
		ck_assert_uint_eq(store_partition_shard(p, 1), 0);
		ck_assert_uint_eq(store_partition_shard(p, STORE_PARTITIONS), p);
	}
	for (size_t i = 0; i < ARRAY_LEN(counts); i++)
		ck_assert(counts[i] == 585 || counts[i] == 586);
}
END_TEST

CHECK_MAIN("names", an_entity_is_found_by_its_name, a_host_lists_its_entities_by_pages,
           long_names_are_kept_apart, partitions_spread_over_all_shards)
