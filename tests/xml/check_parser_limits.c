/*
 * check_parser_limits.c - streams: every dimension has a bound.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/xml/peer.h"

#include <stdio.h>

static void repeat(struct buf *out, const char *text, size_t times)
{
	while (times-- > 0)
		buf_append(out, str_of(text));
}

/* COUNT times MIDDLE between HEAD and TAIL: the result, in pieces of SIZE bytes. */
static enum xml_result feed_repeated(struct peer *peer, const char *head, const char *middle,
                                     size_t count, const char *tail, size_t size)
{
	enum xml_result result = feed_all(peer, STR(HEADER));
	struct buf bytes = { 0 };

	buf_append(&bytes, str_of(head));
	repeat(&bytes, middle, count);
	buf_append(&bytes, str_of(tail));
	for (size_t at = 0; at < bytes.n && result == XML_READ_OK; at += size)
		result = feed_all(peer, str_slice(buf_str(&bytes), at, at + size));
	buf_deinit(&bytes);
	peer_renew(peer);
	return result;
}

static const struct {
	const char *name, *head, *middle, *tail;
	size_t most; /* of the middle */
} limit_cases[] = {
	{ "element bytes", "<a>", "12345678", "1</a>", (256 * 1024 - 8) / 8 },
	{ "depth", "", "<a>", "", 63 },
	{ "name", "<", "n", "/>", 1024 },
	{ "namespace", "<a xmlns='", "n", "'/>", 1024 },
	{ "attribute name", "<a ", "n", "=''/>", 1024 },
	{ "elements", "<a>", "<b/>", "</a>", 16383 },
	{ "token", "<a b='", "1234567", "12'/>", (16 * 1024 - 11) / 7 },
	{ "token with brackets", "<a b='", ">>>>>>>", "12'/>", (16 * 1024 - 11) / 7 },
};

START_TEST(every_dimension_has_a_limit_and_it_is_exact)
{
	struct peer *peer = peer_new();

	for (size_t i = 0; i < ARRAY_LEN(limit_cases); i++) {
		static const size_t sizes[] = { SIZE_MAX / 2, 7, 1000 };

		for (size_t k = 0; k < ARRAY_LEN(sizes); k++) {
			int at = (int)feed_repeated(peer, limit_cases[i].head,
			                            limit_cases[i].middle, limit_cases[i].most,
			                            limit_cases[i].tail, sizes[k]);
			int over = (int)feed_repeated(
				peer, limit_cases[i].head, limit_cases[i].middle,
				limit_cases[i].most + 1, limit_cases[i].tail, sizes[k]);

			ck_assert_msg(at == XML_READ_OK, "%s: %d in pieces of %zu",
			              limit_cases[i].name, at, sizes[k]);
			ck_assert_msg(over == XML_READ_LIMIT, "%s and one: %d",
			              limit_cases[i].name, over);
		}
	}
	peer_free(peer);
}
END_TEST

START_TEST(attributes_are_limited)
{
	struct peer *peer = peer_new();

	for (size_t count = 63; count <= 66; count++) {
		struct buf bytes = { 0 };

		buf_append(&bytes, STR(HEADER "<a"));
		for (size_t i = 0; i < count; i++)
			buf_printf(&bytes, " a%zu=''", i);
		buf_append(&bytes, STR("/>"));
		ck_assert_int_eq(feed_all(peer, buf_str(&bytes)),
		                 count <= 64 ? XML_READ_OK : XML_READ_LIMIT);
		buf_deinit(&bytes);
		peer_renew(peer);
	}
	peer_free(peer);
}
END_TEST

START_TEST(an_element_that_never_ends_is_cut_off)
{
	static const char *const endless[] = {
		"<a>", "<a b='", "<a ", "<", "<a><![CDATA[", "<!--", "<?x ", "<!DOCTYPE x "
	};
	static const char *const more[] = { "x", " ", ">" };

	for (size_t i = 0; i < ARRAY_LEN(endless); i++) {
		for (size_t k = 0; k < ARRAY_LEN(more); k++) {
			struct peer *peer = peer_new();
			enum xml_result result = feed_all(peer, STR(HEADER));
			struct buf bytes = { 0 };
			size_t rounds = 0;

			repeat(&bytes, more[k], 300);
			result = feed_all(peer, str_of(endless[i]));
			while (result == XML_READ_OK && rounds++ < 2000)
				result = feed_all(peer, buf_str(&bytes));
			ck_assert_msg(result > XML_READ_CLOSED, "%s %s", endless[i], more[k]);
			buf_deinit(&bytes);
			peer_free(peer);
		}
	}
}
END_TEST

START_TEST(a_header_that_never_ends_is_cut_off)
{
	static const char *const endless[] = { "<?xml version='1.0'?> ", "<a",
		                               "<stream:stream x='", "<a xmlns:a='" };

	for (size_t i = 0; i < ARRAY_LEN(endless); i++) {
		struct peer *peer = peer_new();
		enum xml_result result = feed_all(peer, str_of(endless[i]));
		size_t rounds = 0;

		while (result == XML_READ_OK && rounds++ < 20 * 1024)
			result = feed_all(peer, STR(" "));
		ck_assert_int_eq(result, XML_READ_LIMIT);
		peer_free(peer);
	}
}
END_TEST

START_TEST(own_limits_replace_the_usual_ones)
{
	struct xml_limits limits = xml_limits_default;
	struct peer *peer = peer_new();

	limits.element_bytes = 20;
	xml_stream_set_limits(peer->stream, &limits);
	ck_assert_int_eq(feed_all(peer, STR(HEADER "<a>345678901234</a>")), XML_READ_OK);
	ck_assert_int_eq(feed_all(peer, STR("  <a>34567890123456</a>")), XML_READ_LIMIT);
	peer_free(peer);
}
END_TEST

/* 400,000 names once made expat hold 81 MB. */
START_TEST(fresh_names_do_not_add_up)
{
	struct peer *peer = peer_new();

	ck_assert_int_eq(feed_all(peer, STR(HEADER)), XML_READ_OK);
	for (unsigned i = 0; i < 20000; i++) {
		char text[64];
		int n = snprintf(text, sizeof(text), "<n%u a%u=''/>", i, i);

		ck_assert_int_eq(feed_all(peer, str_make(text, (size_t)n)), XML_READ_OK);
		buf_clear(&peer->log);
	}
	ck_assert_uint_eq(peer->elements, 20000);
	peer_free(peer);
}
END_TEST

START_TEST(one_element_cannot_make_expat_swell)
{
	struct peer *peer = peer_new();
	struct buf bytes = { 0 };
	enum xml_result result;

	buf_append(&bytes, STR(HEADER "<a>"));
	for (unsigned i = 0; i < 9000; i++)
		buf_printf(&bytes, "<b%x a%x='' b%x='' c%x=''/>", i, i, i, i);
	result = feed_all(peer, buf_str(&bytes));
	ck_assert_int_eq(result, XML_READ_LIMIT);
	buf_deinit(&bytes);
	peer_free(peer);
}
END_TEST

CHECK_MAIN("parser limits", every_dimension_has_a_limit_and_it_is_exact, attributes_are_limited,
           an_element_that_never_ends_is_cut_off, a_header_that_never_ends_is_cut_off,
           own_limits_replace_the_usual_ones, fresh_names_do_not_add_up,
           one_element_cannot_make_expat_swell)
