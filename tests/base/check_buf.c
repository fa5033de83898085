/*
 * check_buf.c - a growable run of bytes.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/buf.h"
#include "tests/lib/check_main.h"

#include <string.h>

START_TEST(bytes_go_in_at_the_end_and_out_at_the_front)
{
	struct buf b = { 0 };
	unsigned char next_in = 0;
	unsigned char next_out = 0;

	for (size_t round = 0; round < 2000; round++) {
		size_t out;

		for (size_t i = 0; i < round % 37; i++)
			buf_append_byte(&b, (char)next_in++);
		out = b.n / 2;
		for (size_t i = 0; i < out; i++)
			ck_assert_int_eq((unsigned char)b.p[i], next_out++);
		buf_consume(&b, out);
	}
	buf_consume(&b, b.n);
	ck_assert_uint_eq(b.n, 0);
	buf_deinit(&b);
	ck_assert_ptr_null(b.p);
}
END_TEST

START_TEST(an_empty_buffer_holds_no_memory_once_shrunk)
{
	struct buf b = { 0 };

	buf_shrink(&b);
	buf_append(&b, STR_NONE);
	ck_assert_ptr_null(b.p);
	buf_consume(&b, 0);
	buf_append(&b, STR("abc"));
	buf_shrink(&b);
	ck_assert_str_is(buf_str(&b), "abc");
	buf_clear(&b);
	ck_assert_uint_gt(b.cap, 0);
	buf_shrink(&b);
	ck_assert_ptr_null(b.p);
	ck_assert_uint_eq(b.cap, 0);
}
END_TEST

START_TEST(reserved_room_can_be_written)
{
	struct buf b = { 0 };

	for (size_t n = 0; n < 3000; n += 111) {
		memset(buf_reserve(&b, n), 'x', n);
		b.n += n;
		ck_assert_uint_le(b.n, b.cap);
	}
	buf_deinit(&b);
}
END_TEST

START_TEST(printing_grows_the_buffer)
{
	struct buf b = { 0 };

	buf_printf(&b, "%s", "");
	ck_assert_uint_eq(b.n, 0);
	buf_printf(&b, "%d", 1);
	buf_printf(&b, "%0300d", 2);
	buf_printf(&b, "%s", "end");
	ck_assert_uint_eq(b.n, 304);
	ck_assert(str_ends_with(buf_str(&b), STR("02end")));
	buf_deinit(&b);
}
END_TEST

START_TEST(printing_fits_to_the_last_byte)
{
	/* The NUL of printf needs room that the text itself does not. */
	for (int n = 250; n < 262; n++) {
		struct buf b = { 0 };

		buf_append_byte(&b, 'a');
		buf_printf(&b, "%0*d", n, 7);
		ck_assert_uint_eq(b.n, (size_t)n + 1);
		ck_assert_int_eq(b.p[n], '7');
		buf_deinit(&b);
	}
}
END_TEST

CHECK_MAIN("buf", bytes_go_in_at_the_end_and_out_at_the_front,
           an_empty_buffer_holds_no_memory_once_shrunk, reserved_room_can_be_written,
           printing_grows_the_buffer, printing_fits_to_the_last_byte)
