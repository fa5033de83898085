/*
 * check_writer.c - nodes, and XML out and in again.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"
#include "tests/lib/check_main.h"
#include "tests/xml/random_tree.h"
#include "xml/ns.h"
#include "xml/writer.h"

static struct arena *arena;

static void setup(void)
{
	arena = arena_new(4096);
}

static const struct xml_node *read_xml(const char *text)
{
	const struct xml_node *node = NULL;

	ck_assert_msg(xml_read(arena, str_of(text), &node) == 0, "%s", text);
	return node;
}

START_TEST(a_tree_is_built_and_written)
{
	struct xml_node *iq;

	setup();
	iq = xml_new(arena, NS_CLIENT, "iq");
	xml_set(arena, iq, "type", STR("result"));
	xml_set(arena, iq, "id", STR("a'b"));
	xml_set_ns(arena, iq, NS_XML, "lang", STR("en"));
	xml_add_text(arena, xml_add(arena, iq, NS_VERSION, "query"), STR("<&>\"'\t\r\n"));
	xml_add_leaf(arena, iq, "body", STR("x"));
	ck_assert_str_is(
		xml_print(arena, iq),
		"<iq xmlns='jabber:client' type='result' id='a&apos;b' xml:lang='en'>"
		"<query xmlns='jabber:iq:version'>&lt;&amp;&gt;&quot;&apos;\t&#13;\n</query>"
		"<body>x</body></iq>");
	arena_free(&arena);
}
END_TEST

START_TEST(attributes_are_set_replaced_and_removed)
{
	struct xml_node *n;

	setup();
	n = xml_new(arena, NULL, "n");
	xml_set(arena, n, "a", STR("1"));
	xml_set(arena, n, "b", STR("2"));
	xml_set_ns(arena, n, "urn:x", "a", STR("3"));
	xml_set(arena, n, "a", STR("4\t\n\r"));
	xml_set(arena, n, "b", STR_NONE);
	xml_set(arena, n, "c", STR_NONE);
	ck_assert_str_is(xml_attr(n, "a"), "4\t\n\r");
	ck_assert(str_is_absent(xml_attr(n, "b")));
	ck_assert_str_is(xml_attr_ns(n, "urn:x", "a"), "3");
	ck_assert_str_is(xml_print(arena, n),
	                 "<n a='4&#9;&#10;&#13;' xmlns:ns1='urn:x' ns1:a='3'/>");
	xml_set(arena, n, "a", STR_NONE);
	xml_set_ns(arena, n, "urn:x", "a", STR_NONE);
	xml_set(arena, n, "d", STR(""));
	ck_assert_str_is(xml_print(arena, n), "<n d=''/>");
	arena_free(&arena);
}
END_TEST

START_TEST(namespaces_are_declared_where_they_change)
{
	struct xml_node *a, *b;

	setup();
	a = xml_new(arena, "urn:a", "a");
	b = xml_add(arena, a, "urn:b", "b");
	xml_add(arena, b, NULL, "c");
	xml_add(arena, b, "urn:a", "d");
	xml_add(arena, b, "", "e");
	xml_add(arena, a, NULL, "f");
	ck_assert_str_is(
		xml_print(arena, a),
		"<a xmlns='urn:a'><b xmlns='urn:b'><c/><d xmlns='urn:a'/><e xmlns=''/></b>"
		"<f/></a>");
	/* namespaced attributes: one prefix for each namespace, shared by attributes of the same */
	xml_set_ns(arena, b, "urn:'x", "p", STR("1"));
	xml_set_ns(arena, b, "urn:y", "p", STR("2"));
	xml_set_ns(arena, b, "urn:'x", "q", STR("3"));
	b->first = b->last = NULL;
	ck_assert_str_is(xml_print(arena, b),
	                 "<b xmlns='urn:b' xmlns:ns0='urn:&apos;x' ns0:p='1' xmlns:ns1='urn:y' "
	                 "ns1:p='2' ns0:q='3'/>");
	arena_free(&arena);
}
END_TEST

/* RFC 6120 §4.8.5, §4.9.1.1 */
START_TEST(elements_of_the_stream_have_the_usual_prefix)
{
	struct xml_node *error;
	struct buf out = { 0 };

	setup();
	error = xml_new(arena, NS_STREAM, "error");
	xml_add(arena, error, NS_STREAM_ERROR, "not-well-formed");
	xml_write(&out, error, STR(NS_CLIENT));
	ck_assert_str_is(buf_str(&out),
	                 "<stream:error xmlns:stream='" NS_STREAM
	                 "'><not-well-formed xmlns='" NS_STREAM_ERROR "'/></stream:error>");
	ck_assert(xml_is(read_xml("<xml:a><b/></xml:a>"), NS_XML, "a"));
	ck_assert_str_is(xml_print(arena, read_xml("<xml:a><b xml:c=''/></xml:a>")),
	                 "<xml:a><b xml:c=''/></xml:a>");
	buf_deinit(&out);
	arena_free(&arena);
}
END_TEST

START_TEST(what_xml_cannot_carry_is_replaced)
{
	struct buf out = { 0 };

	xml_write_text(&out, STR("a\0b\x01\x1F\x7F\xFF\xC3\xA9\xED\xA0\x80\xEF\xBF\xBF\xEF\xBF"
	                         "\xBD\xF0\x9F\x90\xA6\xF0\x9F"));
#define R "\xEF\xBF\xBD"
	ck_assert_str_is(buf_str(&out),
	                 "a" R "b" R R "\x7F" R "\xC3\xA9" R R R R R "\xF0\x9F\x90\xA6" R R);
	buf_deinit(&out);
}
END_TEST

START_TEST(children_are_found)
{
	const struct xml_node *n, *b;

	setup();
	n = read_xml("<a xmlns='u'>x<b>1</b>y<c xmlns='v'/><b>2<i/>3</b>z</a>");
	b = xml_child(n, NULL, "b");
	ck_assert_str_is(xml_text(arena, b), "1");
	ck_assert_str_is(xml_child_text(arena, n, "b"), "1");
	ck_assert(str_is_absent(xml_child_text(arena, n, "c")));
	ck_assert_ptr_nonnull(xml_child(n, "v", "c"));
	ck_assert_str_is(xml_child_text(arena, xml_child(n, "v", "c"), "x"), "");
	ck_assert_str_is(xml_text(arena, xml_child(n, "v", "c")), "");
	ck_assert(!str_is_absent(xml_text(arena, xml_child(n, "v", "c"))));
	b = xml_next_child(n, xml_next_child(n, b));
	ck_assert_str_is(xml_text(arena, b), "23");
	ck_assert_ptr_null(xml_next_child(n, b));
	ck_assert_ptr_nonnull(xml_only_child(b));
	ck_assert_ptr_null(xml_only_child(n));
	ck_assert_ptr_null(xml_only_child(xml_child(n, "v", "c")));
	ck_assert_str_is(xml_text(arena, n), "xyz");
	ck_assert(!xml_is(NULL, "u", "a") && !xml_is(n->first, "u", "a") && xml_in_ns(n, "u"));
	/* namespace names are shared with the parent */
	ck_assert_ptr_eq(b->ns.p, n->ns.p);
	arena_free(&arena);
}
END_TEST

START_TEST(text_is_one_node_whatever_it_is_made_of)
{
	const struct xml_node *n;

	setup();
	n = read_xml("<a>one&amp;two<![CDATA[<three>]]>\r\nfour&#x2014;\n</a>");
	ck_assert_ptr_eq(n->first, n->last);
	ck_assert_str_is(n->first->text, "one&two<three>\nfour\xE2\x80\x94\n");
	n = read_xml("<a><![CDATA[]]><b/></a>");
	ck_assert_ptr_eq(n->first, n->last);
	arena_free(&arena);
}
END_TEST

START_TEST(broken_text_is_not_read)
{
	static const char *const bad[] = {
		"",
		" ",
		"x",
		"<a>",
		"<a/><b/>",
		"<a></b>",
		"<a/>x",
		"<!--x--><a/>",
		"<a><!--x--></a>",
		"<?x?><a/>",
		"<!DOCTYPE a><a/>",
		"<a>&x;</a>",
		"<a b=''b=''/>",
		"<p:a/>",
		"<a>\xFF</a>",
		"<a/><?x?>",
		"<a xmlns:p='http://www.w3.org/2000/xmlns/'/>",
	};
	const struct xml_node *node = NULL;

	setup();
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(xml_read(arena, str_of(bad[i]), &node) == ERR_INVALID &&
		                      node == NULL,
		              "%s", bad[i]);
	arena_free(&arena);
}
END_TEST

START_TEST(nesting_is_bounded)
{
	struct buf text = { 0 };
	const struct xml_node *node;

	setup();
	for (int i = 0; i < 256; i++)
		buf_append(&text, STR("<a>"));
	for (int i = 0; i < 256; i++)
		buf_append(&text, STR("</a>"));
	ck_assert_int_eq(xml_read(arena, buf_str(&text), &node), 0);
	buf_clear(&text);
	for (int i = 0; i < 257; i++)
		buf_append(&text, STR("<a>"));
	for (int i = 0; i < 257; i++)
		buf_append(&text, STR("</a>"));
	ck_assert_int_eq(xml_read(arena, buf_str(&text), &node), ERR_INVALID);
	buf_deinit(&text);
	arena_free(&arena);
}
END_TEST

START_TEST(any_tree_comes_back_as_it_was)
{
	for (unsigned seed = 1; seed <= 20000; seed++) {
		struct xml_node *tree;
		const struct xml_node *back = NULL;
		struct str text;

		setup();
		tree = random_tree(arena, seed);
		text = xml_print(arena, tree);
		ck_assert_msg(xml_read(arena, text, &back) == 0, "seed %u: " STR_FMT, seed,
		              STR_ARG(text));
		ck_assert_msg(same_tree(tree, back), "seed %u: " STR_FMT, seed, STR_ARG(text));
		ck_assert(same_tree(tree, xml_copy(arena, tree)));
		ck_assert(str_eq(xml_print(arena, back), text));
		arena_free(&arena);
	}
}
END_TEST

START_TEST(a_copy_lives_on_its_own)
{
	struct arena *other = arena_new(1024);
	struct xml_node *copy;

	setup();
	copy = xml_copy(other, read_xml("<a xmlns='urn:u' x='1' p:y='2' xmlns:p='urn:p'>t<b "
	                                "xmlns='urn:v'>u</b></a>"));
	arena_free(&arena);
	ck_assert_str_is(xml_print(other, copy),
	                 "<a xmlns='urn:u' x='1' xmlns:ns1='urn:p' ns1:y='2'>t"
	                 "<b xmlns='urn:v'>u</b></a>");
	arena_free(&other);
}
END_TEST

CHECK_MAIN("writer", a_tree_is_built_and_written, attributes_are_set_replaced_and_removed,
           namespaces_are_declared_where_they_change,
           elements_of_the_stream_have_the_usual_prefix, what_xml_cannot_carry_is_replaced,
           children_are_found, text_is_one_node_whatever_it_is_made_of, broken_text_is_not_read,
           nesting_is_bounded, any_tree_comes_back_as_it_was, a_copy_lives_on_its_own)
