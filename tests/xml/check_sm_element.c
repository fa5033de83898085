/*
 * check_sm_element.c - the elements of stream management (XEP-0198).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"
#include "tests/lib/check_main.h"
#include "xml/ns.h"
#include "xml/sm_element.h"
#include "xml/writer.h"

static const struct xml_node *read_element(struct arena *arena, const char *xml)
{
	const struct xml_node *node;

	ck_assert_int_eq(xml_read(arena, str_of(xml), &node), 0);
	return node;
}

START_TEST(counts_are_read_to_the_last)
{
	struct arena *arena = arena_new(1024);
	uint32_t h = 7;

	ck_assert_int_eq(sm_read_h(read_element(arena, "<a h='0'/>"), &h), 0);
	ck_assert_uint_eq(h, 0);
	ck_assert_int_eq(sm_read_h(read_element(arena, "<a h='4294967295'/>"), &h), 0);
	ck_assert_uint_eq(h, UINT32_MAX);
	arena_free(&arena);
}
END_TEST

START_TEST(what_is_no_count_is_none)
{
	static const char *const bad[] = { "<a/>", "<a h=''/>", "<a h='-1'/>",
		                           "<a h='4294967296'/>", "<a h='1x'/>" };
	struct arena *arena = arena_new(1024);
	uint32_t h = 7;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_int_eq(sm_read_h(read_element(arena, bad[i]), &h), ERR_INVALID);
	ck_assert_uint_eq(h, 7);
	arena_free(&arena);
}
END_TEST

START_TEST(a_stream_is_resumable_where_that_is_said)
{
	struct arena *arena = arena_new(1024);

	ck_assert(sm_is_resumable(read_element(arena, "<enable resume='true'/>")));
	ck_assert(sm_is_resumable(read_element(arena, "<enable resume='1'/>")));
	ck_assert(!sm_is_resumable(read_element(arena, "<enable resume='false'/>")));
	ck_assert(!sm_is_resumable(read_element(arena, "<enable resume='yes'/>")));
	ck_assert(!sm_is_resumable(read_element(arena, "<enable/>")));
	arena_free(&arena);
}
END_TEST

START_TEST(counts_wrap_on_the_wire)
{
	const uint64_t over = UINT64_C(0x100000003);
	struct buf out = { 0 };

	sm_write_a(&out, over);
	sm_write_resume(&out, STR("a'b"), over);
	sm_write_resumed(&out, STR("k"), 0);
	ck_assert_str_is(buf_str(&out), "<a xmlns='" NS_SM "' h='3'/>"
	                                "<resume xmlns='" NS_SM "' previd='a&apos;b' h='3'/>"
	                                "<resumed xmlns='" NS_SM "' previd='k' h='0'/>");
	buf_deinit(&out);
}
END_TEST

START_TEST(failures_say_what_is_known)
{
	const uint64_t handled = UINT64_C(0x200000005);
	struct buf out = { 0 };

	sm_write_failed(&out, "item-not-found", NULL);
	sm_write_failed(&out, "item-not-found", &handled);
	sm_write_too_high(&out, UINT32_MAX, handled);
	ck_assert_str_is(buf_str(&out),
	                 "<failed xmlns='" NS_SM "'><item-not-found xmlns='" NS_STANZA_ERROR
	                 "'/></failed>"
	                 "<failed xmlns='" NS_SM
	                 "' h='5'><item-not-found xmlns='" NS_STANZA_ERROR "'/></failed>"
	                 "<handled-count-too-high xmlns='" NS_SM
	                 "' h='4294967295' send-count='5'/>");
	buf_deinit(&out);
}
END_TEST

CHECK_MAIN("sm_element", counts_are_read_to_the_last, what_is_no_count_is_none,
           a_stream_is_resumable_where_that_is_said, counts_wrap_on_the_wire,
           failures_say_what_is_known)
