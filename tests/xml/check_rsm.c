/*
 * check_rsm.c - pages of a result set (XEP-0059).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"
#include "tests/lib/check_main.h"
#include "xml/ns.h"
#include "xml/rsm.h"
#include "xml/writer.h"

static struct arena *arena;

static int read_set(const char *inner, struct rsm_request *request_out)
{
	const struct xml_node *parent;
	struct str text = arena_printf(arena, "<query xmlns='urn:q'>%s</query>", inner);

	ck_assert_int_eq(xml_read(arena, text, &parent), 0);
	return rsm_read(arena, parent, request_out);
}

#define SET(inner) "<set xmlns='" NS_RSM "'>" inner "</set>"

START_TEST(without_a_set_nothing_is_asked_for)
{
	static const char *const nothing[] = { "", SET(""),
		                               "<set xmlns='urn:other'><max>1</max></set>" };
	struct rsm_request r;

	arena = arena_new(4096);
	for (size_t i = 0; i < ARRAY_LEN(nothing); i++) {
		ck_assert_int_eq(read_set(nothing[i], &r), 0);
		ck_assert(!r.has_max && !r.has_index && !r.backwards);
		ck_assert(str_is_absent(r.before) && str_is_absent(r.after));
	}
	arena_free(&arena);
}
END_TEST

START_TEST(a_request_is_read)
{
	struct rsm_request r;

	arena = arena_new(4096);
	ck_assert_int_eq(read_set("<x/>" SET("<max> 10 </max><after>uid</after>"), &r), 0);
	ck_assert(r.has_max && r.max == 10 && !r.backwards);
	ck_assert_str_is(r.after, "uid");
	ck_assert_int_eq(read_set(SET("<before/><max>0</max>"), &r), 0);
	ck_assert(r.has_max && r.max == 0 && r.backwards && str_is_absent(r.before));
	ck_assert_int_eq(read_set(SET("<before>b</before>"), &r), 0);
	ck_assert(!r.has_max && r.backwards);
	ck_assert_str_is(r.before, "b");
	ck_assert_int_eq(read_set(SET("<index>371</index>"), &r), 0);
	ck_assert(r.has_index && r.index == 371);
	arena_free(&arena);
}
END_TEST

START_TEST(what_means_nothing_is_refused)
{
	static const char *const bad[] = {
		SET("<max/>"),
		SET("<max>-1</max>"),
		SET("<max>ten</max>"),
		SET("<max>99999999999999999999</max>"),
		SET("<max>1</max><max>2</max>"),
		SET("<index>one</index>"),
		SET("<after>a</after><after>b</after>"),
		SET("<before/><before/>"),
		SET("<before>b</before><after>a</after>"),
		SET("<before/><after/>"),
	};
	struct rsm_request r;

	arena = arena_new(4096);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_int_eq(read_set(bad[i], &r), ERR_INVALID);
	arena_free(&arena);
}
END_TEST

static void expect_written(const struct rsm_page *page, const char *want)
{
	struct xml_node *parent = xml_new(arena, "urn:q", "query");

	rsm_write(arena, parent, page);
	ck_assert(str_is(xml_print(arena, parent->first), want));
}

START_TEST(a_page_is_told)
{
	arena = arena_new(4096);
	expect_written(&(struct rsm_page){ .first = STR("a"),
	                                   .last = STR("b"),
	                                   .has_index = true,
	                                   .index = 3,
	                                   .has_count = true,
	                                   .count = 800 },
	               SET("<first index='3'>a</first><last>b</last><count>800</count>"));
	expect_written(&(struct rsm_page){ .first = STR("a"), .last = STR("a") },
	               SET("<first>a</first><last>a</last>"));
	expect_written(&(struct rsm_page){ .has_count = true }, SET("<count>0</count>"));
	expect_written(&(struct rsm_page){ .has_index = true }, "<set xmlns='" NS_RSM "'/>");
	arena_free(&arena);
}
END_TEST

CHECK_MAIN("rsm", without_a_set_nothing_is_asked_for, a_request_is_read,
           what_means_nothing_is_refused, a_page_is_told)
