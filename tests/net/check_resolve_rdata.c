/*
 * check_resolve_rdata.c - what records say, and addresses in text.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"
#include "server/net/resolve_impl.h"
#include "tests/lib/check_main.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#define PORT_5269 "\x14\x95"

static void expect_no_srv(struct str rdata)
{
	struct arena *arena = arena_new(256);
	struct srv srv;

	/* In memory of its own, where a sanitizer sees what is read behind its end. */
	ck_assert_int_eq(srv_read(arena, arena_copy(arena, rdata), &srv), ERR_INVALID);
	arena_free(&arena);
}

START_TEST(an_srv_record_names_a_server)
{
	struct arena *arena = arena_new(256);
	struct srv srv;

	ck_assert_int_eq(srv_read(arena,
	                          STR("\x00\x0a\x01\x02" PORT_5269 "\x04XMPP\x07"
	                              "example\x03net\x00"),
	                          &srv),
	                 0);
	ck_assert_uint_eq(srv.priority, 10);
	ck_assert_uint_eq(srv.weight, 0x102);
	ck_assert_uint_eq(srv.port, 5269);
	ck_assert_str_is(srv.target, "xmpp.example.net");
	arena_free(&arena);
}
END_TEST

START_TEST(a_dot_alone_is_an_empty_target)
{
	struct arena *arena = arena_new(256);
	struct srv srv;

	ck_assert_int_eq(srv_read(arena, STR("\0\0\0\0\0\0\0"), &srv), 0);
	ck_assert_uint_eq(srv.target.n, 0);
	arena_free(&arena);
}
END_TEST

START_TEST(records_cut_short_or_too_long_are_none)
{
	const struct str whole = STR("\0\1\0\1" PORT_5269 "\1a\7example\0");

	for (size_t n = 0; n < whole.n; n++)
		expect_no_srv(str_make(whole.p, n));
	expect_no_srv(STR("\0\1\0\1" PORT_5269 "\1a\7example\0\0"));
	expect_no_srv(STR("\0\1\0\1" PORT_5269 "\xc0\x0c"));
	expect_no_srv(STR("\0\1\0\1" PORT_5269 "\0\1a\0"));
}
END_TEST

START_TEST(a_target_has_a_port_and_is_a_name_of_a_host)
{
	expect_no_srv(STR("\0\1\0\1\0\0\1a\0"));
	expect_no_srv(STR("\0\1\0\1" PORT_5269 "\3a.b\0"));
	expect_no_srv(STR("\0\1\0\1" PORT_5269 "\3a\0b\0"));
	expect_no_srv(STR("\0\1\0\1" PORT_5269 "\2a\n\0"));
	expect_no_srv(STR("\0\1\0\1" PORT_5269 "\2\xc3\xa4\0"));
}
END_TEST

START_TEST(a_target_is_no_longer_than_names_are)
{
	char rdata[6 + 5 * 51 + 1] = "\0\1\0\1" PORT_5269;

	for (size_t i = 0; i < 5; i++) {
		memset(rdata + 6 + i * 51, 'x', 51);
		rdata[6 + i * 51] = 50;
	}
	expect_no_srv(str_make(rdata, sizeof(rdata)));
}
END_TEST

START_TEST(addresses_have_4_or_16_bytes)
{
	struct sockaddr_storage address;
	const struct sockaddr_in *in = (const struct sockaddr_in *)&address;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&address;

	ck_assert_int_eq(address_read(STR("\x7f\0\0\1"), 5269, &address), 0);
	ck_assert_int_eq(in->sin_family, AF_INET);
	ck_assert_uint_eq(ntohl(in->sin_addr.s_addr), INADDR_LOOPBACK);
	ck_assert_uint_eq(ntohs(in->sin_port), 5269);
	ck_assert_int_eq(address_read(STR("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1"), 5270, &address),
	                 0);
	ck_assert_int_eq(in6->sin6_family, AF_INET6);
	ck_assert(IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr));
	ck_assert_uint_eq(ntohs(in6->sin6_port), 5270);
	ck_assert_int_eq(address_read(STR(""), 1, &address), ERR_INVALID);
	ck_assert_int_eq(address_read(STR("\x7f\0\0"), 1, &address), ERR_INVALID);
	ck_assert_int_eq(address_read(STR("\x7f\0\0\1\0"), 1, &address), ERR_INVALID);
}
END_TEST

START_TEST(a_tlsa_record_has_three_bytes_and_data)
{
	ck_assert(is_tlsa(STR("\3\1\1\xab\xcd")));
	ck_assert(!is_tlsa(STR("\3\1\1")));
	ck_assert(!is_tlsa(STR("")));
}
END_TEST

START_TEST(addresses_are_written_as_in_a_jid)
{
	struct sockaddr_storage address;

	ck_assert_int_eq(address_parse(STR("192.0.2.1"), 5269, &address), 0);
	ck_assert_int_eq(address.ss_family, AF_INET);
	ck_assert_int_eq(address_parse(STR("[2001:db8::1]"), 5269, &address), 0);
	ck_assert_int_eq(address.ss_family, AF_INET6);
	ck_assert_int_eq(address_parse(STR("2001:db8::1"), 1, &address), ERR_INVALID);
	ck_assert_int_eq(address_parse(STR("[192.0.2.1]"), 1, &address), ERR_INVALID);
	ck_assert_int_eq(address_parse(STR("[fe80::1%lo]"), 1, &address), ERR_INVALID);
	ck_assert_int_eq(address_parse(STR("192.0.2.1\0"), 1, &address), ERR_INVALID);
	ck_assert_int_eq(address_parse(STR("["), 1, &address), ERR_INVALID);
	ck_assert_int_eq(address_parse(STR(""), 1, &address), ERR_INVALID);
	ck_assert_int_eq(address_parse(STR("a.example"), 1, &address), ERR_INVALID);
}
END_TEST

START_TEST(only_names_of_hosts_are_asked_for)
{
	char longest[254];

	memset(longest, 'x', sizeof(longest));
	for (size_t i = 63; i < sizeof(longest); i += 64)
		longest[i] = '.';
	ck_assert(is_domain(STR("a.example")));
	ck_assert(is_domain(STR("localhost")));
	ck_assert(is_domain(STR("xn--4ca.example")));
	ck_assert(is_domain(str_make(longest, 253)));
	ck_assert(!is_domain(str_make(longest, 254)));
	ck_assert(!is_domain(STR("")));
	ck_assert(!is_domain(STR(".")));
	ck_assert(!is_domain(STR("a..example")));
	ck_assert(!is_domain(STR("a b.example")));
	ck_assert(!is_domain(STR("a\\.example")));
	ck_assert(!is_domain(STR("a\0.example")));
}
END_TEST

CHECK_MAIN("resolve_rdata", an_srv_record_names_a_server, a_dot_alone_is_an_empty_target,
           records_cut_short_or_too_long_are_none, a_target_has_a_port_and_is_a_name_of_a_host,
           a_target_is_no_longer_than_names_are, addresses_have_4_or_16_bytes,
           a_tlsa_record_has_three_bytes_and_data, addresses_are_written_as_in_a_jid,
           only_names_of_hosts_are_asked_for)
