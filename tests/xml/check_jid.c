/*
 * check_jid.c - addresses (RFC 7622): what is one, and its one form.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/buf.h"
#include "server/base/err.h"
#include "tests/lib/check_main.h"
#include "xml/jid.h"

#include <string.h>

static struct arena *arena;

static void expect(const char *text, const char *prepared)
{
	struct jid jid = JID_NONE;
	struct jid again = JID_NONE;
	int err;

	arena = arena_new(4096);
	err = jid_parse(arena, str_of(text), &jid);
	if (prepared == NULL) {
		ck_assert_msg(err == ERR_INVALID && jid_is_none(jid), "%s is " STR_FMT, text,
		              STR_ARG(jid_full_str(jid)));
	} else {
		ck_assert_msg(err == 0, "%s is refused", text);
		ck_assert_msg(str_is(jid_full_str(jid), prepared), "%s is " STR_FMT ", not %s",
		              text, STR_ARG(jid_full_str(jid)), prepared);
		/* What is prepared stays, and is not copied. */
		ck_assert_int_eq(jid_parse(arena, jid_full_str(jid), &again), 0);
		ck_assert(jid_eq(jid, again));
		ck_assert_uint_eq(jid.local_n, again.local_n);
		ck_assert_uint_eq(jid.resource_n, again.resource_n);
	}
	arena_free(&arena);
}

/* RFC 7622 §3.5, tables 1 and 2 */
START_TEST(the_examples_of_the_rfc_are_addresses)
{
	expect("juliet@example.com", "juliet@example.com");
	expect("juliet@example.com/foo", "juliet@example.com/foo");
	expect("juliet@example.com/foo bar", "juliet@example.com/foo bar");
	expect("juliet@example.com/foo@bar", "juliet@example.com/foo@bar");
	expect("foo\\20bar@example.com", "foo\\20bar@example.com");
	expect("fussball@example.com", "fussball@example.com");
	expect("\xCF\x80@example.com", "\xCF\x80@example.com");
	expect("\xCF\x80@example.com/\xE2\x99\x9A", "\xCF\x80@example.com/\xE2\x99\x9A");
	expect("king@example.com/\xE2\x99\x9A", "king@example.com/\xE2\x99\x9A");
	expect("example.com", "example.com");
	expect("example.com/foobar", "example.com/foobar");
	expect("a.example.com/b@example.net", "a.example.com/b@example.net");
}
END_TEST

START_TEST(the_other_examples_are_not)
{
	expect("\"juliet\"@example.com", NULL);
	expect("foo bar@example.com", NULL);
	expect("juliet@example.com/", NULL);
	expect("@example.com/", NULL);
	expect("@example.com", NULL);
	expect("player@", NULL);
	expect("", NULL);
	expect("/x", NULL);
	expect("a@/x", NULL);
	expect("a@b@c", NULL);
	expect("a@b c", NULL);
	expect("a@b_c", NULL);
	expect("a\x7F@b", NULL);
	expect("a@b/c\x07", NULL);
	expect("a@b/\x7F", NULL);
}
END_TEST

START_TEST(the_first_slash_ends_the_rest)
{
	struct jid jid;

	arena = arena_new(1024);
	ck_assert_int_eq(jid_parse(arena, STR("a@b/c/d@e"), &jid), 0);
	ck_assert_str_is(jid_local(jid), "a");
	ck_assert_str_is(jid_domain(jid), "b");
	ck_assert_str_is(jid_resource(jid), "c/d@e");
	ck_assert_int_eq(jid_parse(arena, STR("b/a@c"), &jid), 0);
	ck_assert(str_is_absent(jid_local(jid)));
	ck_assert_str_is(jid_resource(jid), "a@c");
	arena_free(&arena);
}
END_TEST

START_TEST(capitals_become_small_but_in_the_resource)
{
	expect("Romeo@Example.ORG/Orchard", "romeo@example.org/Orchard");
	expect("\xC3\x84@\xC3\x84.example/\xC3\x84", "\xC3\xA4@\xC3\xA4.example/\xC3\x84");
	/* full width, sharp s, and a ligature */
	expect("\xEF\xBC\xA1@b", "a@b");
	expect("stra\xC3\x9F"
	       "e@b",
	       "strasse@b");
	expect("\xEF\xAC\x81@b/\xEF\xAC\x81", "fi@b/fi");
}
END_TEST

START_TEST(text_that_prepares_to_nothing_is_no_address)
{
	expect("\xE2\x80\x8B@b", NULL);
	expect("a@b/\xE2\x80\x8B", NULL);
	expect("\xC2\xAD@b", NULL);
	expect("a@\xC2\xAD", NULL);
	expect("\xE2\x80\x8B"
	       "a@b",
	       "a@b");
}
END_TEST

/* NFKC makes ASCII out of much else. */
START_TEST(forbidden_characters_cannot_come_in_disguise)
{
	expect("a\xEF\xBC\xA0"
	       "b@c",
	       NULL); /* full width @ */
	expect("a\xEF\xBC\x8F"
	       "b@c",
	       NULL);
	expect("a@b\xEF\xBC\x8F"
	       "c",
	       NULL);
	expect("a@b\xEF\xBC\xA0"
	       "c.d",
	       NULL);
	expect("a@b\xEF\xBC\xBF"
	       "c.d",
	       NULL); /* full width _ */
	expect("a@b_\xC3\xBC.d", NULL);
	expect("a\xC2\xA0"
	       "b@c",
	       NULL); /* no-break space: a space after NFKC */
	expect("a\xD7\x90"
	       "b@c",
	       NULL); /* letters of both directions */
	expect("a\xC0\xAF@b", NULL);
	expect("a\xED\xA0\x80@b", NULL);
	expect("a\xFF@b", NULL);
	expect("a@b/\xE2\x82", NULL);
}
END_TEST

START_TEST(domains_are_names_or_addresses)
{
	expect("a@127.0.0.1", "a@127.0.0.1");
	expect("[::1]", "[::1]");
	expect("a@[2001:DB8:0:0:0:0:0:1]/x", "a@[2001:db8::1]/x");
	expect("[::ffff:1.2.3.4]", "[::ffff:1.2.3.4]");
	expect("[::1", NULL);
	expect("[]", NULL);
	expect("[::1%lo]", NULL);
	expect("[::1]x", NULL);
	expect("[127.0.0.1]", NULL);
	expect("[v1.x]", NULL);
	expect("::1", NULL);
	expect("a-b.c--d.e", "a-b.c--d.e");
	expect("-a.b", NULL);
	expect("a-.b", NULL);
	expect("a..b", NULL);
	expect(".a", NULL);
	expect("a\xE3\x80\x82"
	       "b",
	       "a.b"); /* the ideographic full stop */
	expect("a\xE3\x80\x82\xE3\x80\x82"
	       "b",
	       NULL);
}
END_TEST

/* RFC 7622 §3.2 */
START_TEST(one_final_dot_is_removed)
{
	expect("a@example.org.", "a@example.org");
	expect("a@Example.org./x", "a@example.org/x");
	expect("example.org..", NULL);
	expect(".", NULL);
	expect("a@.", NULL);
	expect("\xC3\xA4.", "\xC3\xA4");
	expect("\xC3\xA4\xE3\x80\x82", "\xC3\xA4");
	expect("\xC3\xA4.\xE3\x80\x82", NULL);
	expect("xn--4ca.", "\xC3\xA4");
}
END_TEST

START_TEST(a_labels_become_u_labels)
{
	expect("a@xn--bcher-kva.example/x", "a@b\xC3\xBC"
	                                    "cher.example/x");
	expect("XN--BCHER-KVA.example", "b\xC3\xBC"
	                                "cher.example");
	expect("B\xC3\x9C"
	       "cher.example",
	       "b\xC3\xBC"
	       "cher.example");
	expect("bu\xCC\x88"
	       "cher.example",
	       "b\xC3\xBC"
	       "cher.example"); /* not composed */
	expect("fa\xC3\x9F.de", "fa\xC3\x9F.de");
	expect("xn--a", NULL);
	expect("xn--", NULL);
	expect("xn--abc-.x", NULL);
	expect("\xE2\x98\x83.net", NULL); /* a snowman is no letter */
}
END_TEST

START_TEST(dns_knows_domains_by_a_labels)
{
	struct str out;

	arena = arena_new(1024);
	ck_assert_int_eq(jid_domain_ascii(arena,
	                                  STR("b\xC3\xBC"
	                                      "cher.example"),
	                                  &out),
	                 0);
	ck_assert_str_is(out, "xn--bcher-kva.example");
	ck_assert_int_eq(jid_domain_ascii(arena, STR("a.example"), &out), 0);
	ck_assert_str_is(out, "a.example");
	ck_assert_int_eq(jid_domain_ascii(arena, STR("[::1]"), &out), 0);
	ck_assert_str_is(out, "[::1]");
	arena_free(&arena);
}
END_TEST

/* HEAD and COUNT times PIECE: is that an address? */
static bool is_address(const char *head, const char *piece, size_t count, const char *tail)
{
	struct buf text = { 0 };
	struct jid jid;
	bool good;

	arena = arena_new(4096);
	buf_append(&text, str_of(head));
	while (count-- > 0)
		buf_append(&text, str_of(piece));
	buf_append(&text, str_of(tail));
	good = jid_parse(arena, buf_str(&text), &jid) == 0;
	if (good)
		ck_assert(jid.local_n <= JID_PART_MAX && jid.domain_n <= JID_PART_MAX &&
		          jid.resource_n <= JID_PART_MAX);
	buf_deinit(&text);
	arena_free(&arena);
	return good;
}

START_TEST(parts_are_limited_before_and_after_preparation)
{
	ck_assert(is_address("", "a", 1023, "@b"));
	ck_assert(!is_address("", "a", 1024, "@b"));
	ck_assert(is_address("a@b/", "c", 1023, ""));
	ck_assert(!is_address("a@b/", "c", 1024, ""));
	ck_assert(is_address("a@", "b", 63, ""));
	ck_assert(!is_address("a@", "b", 64, ""));
	ck_assert(is_address("a@", "b.", 511, "c"));
	ck_assert(!is_address("a@", "b.", 512, "c"));
	/* U+FDFA is 3 bytes and becomes 33. */
	ck_assert(is_address("a@b/", "\xEF\xB7\xBA", 30, ""));
	ck_assert(!is_address("a@b/", "\xEF\xB7\xBA", 32, ""));
	ck_assert(!is_address("a@b/", "\xEF\xB7\xBA", 341, ""));
	ck_assert(!is_address("", "\xEF\xB7\xBA", 341, "@b"));
	/* an A-label of more than 63 bytes */
	ck_assert(!is_address("", "\xC3\xA4", 63, ".b"));
	ck_assert(!is_address("", "\xC3\xA4.", 300, "b"));
}
END_TEST

START_TEST(prepared_text_is_borrowed)
{
	struct str text = STR("romeo@montague.example/orchard");
	struct jid jid;

	arena = arena_new(1024);
	ck_assert_int_eq(jid_parse(arena, text, &jid), 0);
	ck_assert_ptr_eq(jid.p, text.p);
	ck_assert_str_is(jid_bare_str(jid), "romeo@montague.example");
	ck_assert_str_is(jid_full_str(jid_bare(jid)), "romeo@montague.example");
	ck_assert(jid_is_bare(jid_bare(jid)) && !jid_is_bare(jid));
	ck_assert(!jid_is_domain(jid_bare(jid)));
	arena_free(&arena);
}
END_TEST

START_TEST(an_address_is_made_of_parts)
{
	struct jid jid, other;

	arena = arena_new(1024);
	ck_assert_int_eq(jid_make(arena, STR("Romeo"), STR("A.example"), STR("X y"), &jid), 0);
	ck_assert_str_is(jid_full_str(jid), "romeo@a.example/X y");
	ck_assert_int_eq(jid_make(arena, STR_NONE, STR("a.example"), STR(""), &other), 0);
	ck_assert(jid_is_domain(other));
	ck_assert_str_is(jid_full_str(other), "a.example");
	ck_assert(str_is_absent(jid_local(other)) && str_is_absent(jid_resource(other)));
	ck_assert_int_eq(jid_make(arena, STR("a"), STR(""), STR_NONE, &other), ERR_INVALID);
	ck_assert_int_eq(jid_make(arena, STR("a/b"), STR("c"), STR_NONE, &other), ERR_INVALID);
	ck_assert_int_eq(jid_make(arena, STR("a\0b"), STR("c"), STR_NONE, &other), ERR_INVALID);
	ck_assert_int_eq(jid_make(arena, STR("\xC3\xA4\0b"), STR("c"), STR_NONE, &other),
	                 ERR_INVALID);
	ck_assert_int_eq(jid_make(arena, STR("a"), STR("\xC3\xA4\0b"), STR_NONE, &other),
	                 ERR_INVALID);
	ck_assert_int_eq(jid_make(arena, STR("a"), STR("b/c"), STR_NONE, &other), ERR_INVALID);
	ck_assert_str_is(jid_full_str(jid_with_resource(arena, jid, STR("z"))),
	                 "romeo@a.example/z");
	ck_assert_str_is(jid_full_str(jid_copy(arena, jid)), "romeo@a.example/X y");
	ck_assert(jid_is_none(jid_copy(arena, JID_NONE)));
	arena_free(&arena);
}
END_TEST

START_TEST(addresses_compare_whole_and_bare)
{
	struct jid a, b, c;

	arena = arena_new(1024);
	ck_assert_int_eq(jid_parse(arena, STR("A@b/c"), &a), 0);
	ck_assert_int_eq(jid_parse(arena, STR("a@B/c"), &b), 0);
	ck_assert_int_eq(jid_parse(arena, STR("a@b/C"), &c), 0);
	ck_assert(jid_eq(a, b) && !jid_eq(a, c) && jid_bare_eq(a, c));
	ck_assert(!jid_eq(a, JID_NONE) && jid_eq(JID_NONE, JID_NONE) &&
	          !jid_bare_eq(JID_NONE, a));
	ck_assert(str_is_absent(jid_full_str(JID_NONE)) && str_is_absent(jid_domain(JID_NONE)));
	arena_free(&arena);
}
END_TEST

/* RFC 4013 §3 */
START_TEST(saslprep_maps_what_passwords_may_hold)
{
	struct str out;

	arena = arena_new(1024);
	ck_assert_int_eq(saslprep(arena, STR("I\xC2\xADX"), true, &out), 0);
	ck_assert_str_is(out, "IX");
	ck_assert_int_eq(saslprep(arena, STR("user"), true, &out), 0);
	ck_assert_str_is(out, "user");
	ck_assert_int_eq(saslprep(arena, STR("USER"), true, &out), 0);
	ck_assert_str_is(out, "USER");
	ck_assert_int_eq(saslprep(arena, STR("\xC2\xAA"), true, &out), 0);
	ck_assert_str_is(out, "a");
	ck_assert_int_eq(saslprep(arena, STR("\xE2\x85\xA8"), true, &out), 0);
	ck_assert_str_is(out, "IX");
	ck_assert_int_eq(saslprep(arena, STR("\x07"), true, &out), ERR_INVALID);
	ck_assert_int_eq(saslprep(arena,
	                          STR("\xD8\xA7"
	                              "1"),
	                          true, &out),
	                 ERR_INVALID);
	ck_assert_int_eq(saslprep(arena, STR(""), true, &out), ERR_INVALID);
	ck_assert_int_eq(saslprep(arena, STR("\xC2\xAD"), true, &out), ERR_INVALID);
	ck_assert_int_eq(saslprep(arena,
	                          STR("a\xC2\xA0"
	                              "b"),
	                          true, &out),
	                 0);
	ck_assert_str_is(out, "a b");
	/* an emoji is not in Unicode 3.2 */
	ck_assert_int_eq(saslprep(arena, STR("\xF0\x9F\x90\xA6"), true, &out), ERR_INVALID);
	ck_assert_int_eq(saslprep(arena, STR("\xF0\x9F\x90\xA6"), false, &out), 0);
	arena_free(&arena);
}
END_TEST

CHECK_MAIN("jid", the_examples_of_the_rfc_are_addresses, the_other_examples_are_not,
           the_first_slash_ends_the_rest, capitals_become_small_but_in_the_resource,
           text_that_prepares_to_nothing_is_no_address,
           forbidden_characters_cannot_come_in_disguise, domains_are_names_or_addresses,
           one_final_dot_is_removed, a_labels_become_u_labels, dns_knows_domains_by_a_labels,
           parts_are_limited_before_and_after_preparation, prepared_text_is_borrowed,
           an_address_is_made_of_parts, addresses_compare_whole_and_bare,
           saslprep_maps_what_passwords_may_hold)
