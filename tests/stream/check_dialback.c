/*
 * check_dialback.c - keys of dialback as the specifications have them, and its elements.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"
#include "server/stream/dialback.h"
#include "tests/lib/check_main.h"
#include "xml/writer.h"

#define DB " xmlns:db='jabber:server:dialback' xmlns='jabber:server'"

static struct arena *arena;

static int read_text(const char *xml, struct dialback *d_out)
{
	const struct xml_node *node;

	ck_assert_int_eq(xml_read(arena, str_of(xml), &node), 0);
	ck_assert(dialback_is(node));
	return dialback_read(arena, node, d_out);
}

static struct str written(const struct dialback *d)
{
	struct buf out = { 0 };
	struct str text;

	dialback_write(&out, d);
	text = arena_copy(arena, buf_str(&out));
	buf_deinit(&out);
	return text;
}

/* XEP-0185 §3; XEP-0220 examples 1 and 14 */
START_TEST(keys_are_those_of_the_specifications)
{
	arena = arena_new(1024);
	ck_assert_str_is(dialback_key(arena, "s3cr3tf0rd14lb4ck", STR("xmpp.example.com"),
	                              STR("example.org"), STR("D60000229F")),
	                 "37c69b1cf07a3f67c04a5ef5902fa5114f2c76fe4a2686482ba5b89323075643");
	ck_assert_str_is(dialback_key(arena, "s3cr3tf0rd14lb4ck", STR("montague.example"),
	                              STR("capulet.example"), STR("D60000229F")),
	                 "b4835385f37fe2895af6c196b59097b16862406db80559900d96bf6fa7d23df3");
	ck_assert_str_is(dialback_key(arena, "d14lb4ck43v3r", STR("capulet.example"),
	                              STR("montague.example"), STR("417GAF25")),
	                 "225cc5aa6a071133249d25fef42ae516fc7a86c523aa1c6980a7f73e784c972d");
	arena_free(&arena);
}
END_TEST

START_TEST(a_key_is_right_for_its_pair_and_stream_alone)
{
	const struct str key =
		STR("225cc5aa6a071133249d25fef42ae516fc7a86c523aa1c6980a7f73e784c972d");
	const struct str capulet = STR("capulet.example"), montague = STR("montague.example");

	ck_assert(dialback_key_is_right("d14lb4ck43v3r", capulet, montague, STR("417GAF25"),
	                                key));
	ck_assert(!dialback_key_is_right("d14lb4ck43v3r", montague, capulet, STR("417GAF25"),
	                                 key));
	ck_assert(!dialback_key_is_right("d14lb4ck43v3r", capulet, montague, STR("417GAF26"),
	                                 key));
	ck_assert(!dialback_key_is_right("another", capulet, montague, STR("417GAF25"), key));
	ck_assert(!dialback_key_is_right("d14lb4ck43v3r", capulet, montague, STR("417GAF25"),
	                                 str_slice(key, 0, 63)));
}
END_TEST

START_TEST(a_question_is_read_with_its_addresses_prepared)
{
	struct dialback d;

	arena = arena_new(1024);
	ck_assert_int_eq(read_text("<db:verify" DB " from='Capulet.Example' "
	                           "to='montague.example.' id='417'>\n  abc\n</db:verify>",
	                           &d),
	                 0);
	ck_assert(d.is_verify);
	ck_assert_int_eq(d.type, DIALBACK_REQUEST);
	ck_assert_str_is(d.from, "capulet.example");
	ck_assert_str_is(d.to, "montague.example");
	ck_assert_str_is(d.id, "417");
	ck_assert_str_is(d.key, "abc");
	arena_free(&arena);
}
END_TEST

START_TEST(what_lacks_a_part_is_no_dialback)
{
	static const char *const bad[] = {
		"<db:result" DB " to='b.example'>key</db:result>",
		"<db:result" DB " from='a.example'>key</db:result>",
		"<db:result" DB " from='a.example' to='b.example'> </db:result>",
		"<db:result" DB " from='a@a.example' to='b.example'>key</db:result>",
		"<db:verify" DB " from='a.example' to='b.example'>key</db:verify>",
		"<db:verify" DB " from='a.example' to='b.example' id=''>key</db:verify>",
	};
	struct dialback d;

	arena = arena_new(1024);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_int_eq(read_text(bad[i], &d), ERR_INVALID);
	arena_free(&arena);
}
END_TEST

START_TEST(an_error_names_its_condition)
{
	struct dialback d;

	arena = arena_new(1024);
	ck_assert_int_eq(
		read_text("<db:result" DB " from='a.example' to='b.example' type='error'>"
	                  "<error type='cancel'><item-not-found "
	                  "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></db:result>",
	                  &d),
		0);
	ck_assert_int_eq(d.type, DIALBACK_ERROR);
	ck_assert_str_is(d.error, "item-not-found");
	arena_free(&arena);
}
END_TEST

START_TEST(answers_go_the_other_way)
{
	const struct dialback question = {
		.is_verify = true,
		.from = STR("a.example"),
		.to = STR("b.example"),
		.id = STR("'1"),
		.key = STR("k"),
	};
	struct dialback d;

	arena = arena_new(1024);
	ck_assert_str_is(written(&question), "<db:verify from='a.example' to='b.example' "
	                                     "id='&apos;1'>k</db:verify>");
	d = dialback_answer(&question, DIALBACK_VALID);
	ck_assert_str_is(written(&d), "<db:verify from='b.example' to='a.example' "
	                              "id='&apos;1' type='valid'></db:verify>");
	d = dialback_refusal(&question, "item-not-found");
	ck_assert_str_is(written(&d),
	                 "<db:verify from='b.example' to='a.example' id='&apos;1' type='error'>"
	                 "<error type='cancel'><item-not-found "
	                 "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></db:verify>");
	arena_free(&arena);
}
END_TEST

CHECK_MAIN("dialback", keys_are_those_of_the_specifications,
           a_key_is_right_for_its_pair_and_stream_alone,
           a_question_is_read_with_its_addresses_prepared, what_lacks_a_part_is_no_dialback,
           an_error_names_its_condition, answers_go_the_other_way)
