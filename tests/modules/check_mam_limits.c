/*
 * check_mam_limits.c - limits of single accounts, and of all archives of a host together.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/mam/limits.h"
#include "modules/mam/total.h"
#include "server/core/visit.h"
#include "tests/lib/at_account.h"
#include "tests/lib/capture.h"
#include "tests/modules/ask.h"

#include <string.h>
#include <unistd.h>

#define ROMEO "romeo@a.example"
#define JULIET "juliet@a.example"
#define DAY HOURS(24)
#define MESSAGE_BYTES 1000 /* about */

static struct world *w;

static void begin(const char *options, unsigned shards)
{
	w = world_new(&(struct world_options){
		.modules = modules_builtin, .host = options, .shards = shards });
	world_account(w, ROMEO, "x");
	world_account(w, JULIET, "x");
}

/* ---- an archive ---- */

struct archived {
	size_t n;
	int64_t age_ms, step_ms;
	struct usage usage;
};

static struct mam_entity *entity_of(struct event *ev)
{
	return mod_entity_state(host_module(ev->host, &mod_mam), ev->entity);
}

static int put_all(struct event *ev, void *arg)
{
	const struct archived *a = arg;
	char text[MESSAGE_BYTES];
	int err = 0;

	memset(text, 'x', sizeof(text));
	for (size_t i = 0; i < a->n && err == 0; i++) {
		struct stanza *s = stanza_new(ev->arena, STANZA_MESSAGE, TYPE_CHAT);
		int64_t at = core_wall_ms(ev->core) - a->age_ms + (int64_t)i * a->step_ms;
		uint64_t id;

		s->from = jid_copy(ev->arena, world_jid(w, "mercutio@b.example/x"));
		s->to = entity_jid(ev->entity);
		xml_add_leaf(ev->arena, stanza_node(s), "body", str_make(text, sizeof(text)));
		err = archive_put_at(ev, &entity_of(ev)->archive, s, 0, archive_ms_id(at), &id);
	}
	return err;
}

/* N messages, one a day, the last three days old. */
static void fill(const char *account, size_t n)
{
	struct archived a = { .n = n, .age_ms = (int64_t)(n + 2) * DAY, .step_ms = DAY };

	ck_assert_int_eq(at_account(w, account, put_all, &a), 0);
}

static int note_usage(struct event *ev, void *arg)
{
	int err = archive_open(ev, &entity_of(ev)->archive);

	((struct archived *)arg)->usage = entity_of(ev)->archive.usage;
	return err;
}

static struct usage usage_of(const char *account)
{
	struct archived a = { 0 };

	ck_assert_int_eq(at_account(w, account, note_usage, &a), 0);
	return a.usage;
}

static size_t count(const char *account)
{
	struct usage usage = usage_of(account);

	return usage_messages(&usage);
}

static void do_care(struct core *core, struct world_call *call)
{
	care_now(core->care);
	world_answer(call, 0);
}

static void care(unsigned shards)
{
	for (unsigned i = 0; i < shards; i++)
		ck_assert_int_eq(world_ask(w, i, do_care, NULL), 0);
}

static void leaves(const char *account, size_t n)
{
	for (int i = 0; i < 500 && count(account) > n; i++)
		usleep(10000);
	usleep(30000);
	ck_assert_uint_eq(count(account), n);
}

/* ---- single accounts ---- */

START_TEST(an_account_may_have_limits_of_its_own)
{
	begin("mam {\n"
	      "max-messages = 100\n"
	      "accounts = { \"Romeo@a.example: max-messages 150,keep  80 days\" }\n"
	      "}",
	      1);
	fill(ROMEO, 200);
	fill(JULIET, 200);
	care(1);
	leaves(JULIET, 100);
	leaves(ROMEO, 77);
	world_free(&w);
}
END_TEST

START_TEST(an_account_may_have_no_limit)
{
	begin("mam {\n"
	      "max-messages = 100\n"
	      "accounts = { \"romeo@a.example: max-messages 0\" }\n"
	      "}",
	      1);
	fill(ROMEO, 200);
	fill(JULIET, 200);
	care(1);
	leaves(JULIET, 100);
	leaves(ROMEO, 200);
	world_free(&w);
}
END_TEST

START_TEST(limits_that_are_none_end_the_start)
{
	static const struct {
		const char *item, *says;
	} wrong[] = {
		{ "romeo@a.example", "expected an address, a colon, and limits" },
		{ "romeo@a.example:", "expected an address, a colon, and limits" },
		{ "a.example: keep 1 day", "expected an address, a colon, and limits" },
		{ "romeo@a.example/x: keep 1 day", "expected an address, a colon, and limits" },
		{ "romeo@a.example: keep", "expected a time" },
		{ "romeo@a.example: keep 1 MiB", "expected a time" },
		{ "romeo@a.example: keep 1 day, max-size 3 days", "expected a size" },
		{ "romeo@a.example: max-messages -1", "expected a" },
		{ "romeo@a.example: page 1", "expected keep, max-messages or max-size" },
		{ "romeo@a.example: keep 1 day,, max-size 1", "expected keep, max-messages" },
	};

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct arena *arena = arena_new(256);
		struct capture log;

		w = world_prepare(&(struct world_options){
			.modules = modules_builtin,
			.host = arena_printf(arena, "mam { accounts = { \"%s\" } }",
		                             wrong[i].item)
		                        .p,
		});
		capture_begin(&log);
		ck_assert_int_lt(world_start(w), 0);
		ck_assert_says(capture_end(&log, w->arena), wrong[i].says);
		world_free(&w);
		arena_free(&arena);
	}
}
END_TEST

/* ---- all together ---- */

START_TEST(the_largest_gives_when_all_take_too_much)
{
	for (unsigned shards = 1; shards <= 2; shards++) {
		uint64_t bytes;

		begin("mam { max-total = \"400 KiB\" }", shards);
		fill(ROMEO, 512);
		fill(JULIET, 128);
		bytes = usage_of(ROMEO).bytes / 512;
		care(shards);
		for (int i = 0; i < 500 && count(ROMEO) * bytes > KIB(400) - 128 * bytes; i++)
			usleep(10000);
		usleep(30000);
		ck_assert_uint_eq(count(JULIET), 128);
		ck_assert_uint_le((count(ROMEO) + 128) * bytes, KIB(400));
		ck_assert_uint_gt((count(ROMEO) + 128) * bytes, KIB(400) - 3 * bytes);
		world_free(&w);
	}
}
END_TEST

START_TEST(nobody_gives_while_all_fit)
{
	begin("mam { max-total = \"2 MiB\" }", 1);
	fill(ROMEO, 512);
	fill(JULIET, 128);
	care(1);
	usleep(1500000); /* the second time it is known what they take */
	ck_assert_uint_eq(count(ROMEO), 512);
	ck_assert_uint_eq(count(JULIET), 128);
	world_free(&w);
}
END_TEST

/* ---- the level ---- */

static uint64_t left_at(const uint64_t *bytes, size_t n, uint64_t level)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += bytes[i] < level ? bytes[i] : level;
	return sum;
}

START_TEST(the_level_is_where_all_fit_and_no_lower_than_it_must)
{
	uint64_t bytes[40];

	for (int round = 0; round < 2000; round++) {
		struct total total = { 0 };
		uint64_t sum = 0, max, level;

		for (size_t i = 0; i < ARRAY_LEN(bytes); i++) {
			bytes[i] = rand_u64() >> (rand_u64() % 30 + 30);
			sum += bytes[i];
			total_add(&total, bytes[i]);
		}
		max = rand_u64() % (sum + sum / 4 + 1);
		level = total_level(&total, max);
		if (sum <= max) {
			ck_assert_uint_eq(level, UINT64_MAX);
			continue;
		}
		ck_assert_uint_le(left_at(bytes, ARRAY_LEN(bytes), level), max);
		/* one class higher there would be too much */
		ck_assert_uint_gt(left_at(bytes, ARRAY_LEN(bytes), level + level / 4 + 4) + 40,
		                  max);
	}
}
END_TEST

START_TEST(the_smallest_and_the_largest_have_a_class)
{
	static const uint64_t some[] = {
		0, 1, 2, 3, 4, 7, 8, 15, 16, UINT32_MAX, UINT64_MAX / 2
	};

	for (size_t i = 0; i < ARRAY_LEN(some); i++) {
		struct total total = { 0 };

		total_add(&total, some[i]);
		ck_assert_uint_eq(total_level(&total, some[i]), UINT64_MAX);
		if (some[i] > 0)
			ck_assert_uint_le(total_level(&total, some[i] - 1), some[i] - 1);
	}
}
END_TEST

CHECK_MAIN("mam_limits", an_account_may_have_limits_of_its_own, an_account_may_have_no_limit,
           limits_that_are_none_end_the_start, the_largest_gives_when_all_take_too_much,
           nobody_gives_while_all_fit, the_level_is_where_all_fit_and_no_lower_than_it_must,
           the_smallest_and_the_largest_have_a_class)
