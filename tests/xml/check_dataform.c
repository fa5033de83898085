/*
 * check_dataform.c - data forms (XEP-0004).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"
#include "tests/lib/check_main.h"
#include "xml/dataform.h"
#include "xml/ns.h"
#include "xml/writer.h"

static struct arena *arena;

static const struct xml_node *submitted(const char *fields)
{
	const struct xml_node *x = NULL;

	ck_assert_int_eq(
		xml_read(arena,
	                 arena_printf(arena, "<x xmlns='jabber:x:data' type='submit'>%s</x>",
	                              fields),
	                 &x),
		0);
	return x;
}

START_TEST(a_form_is_built)
{
	struct xml_node *x, *field;

	arena = arena_new(4096);
	x = form_new(arena, "form", "urn:form");
	field = form_field(arena, x, FIELD_LIST_SINGLE, "l", "List", STR("b"));
	form_option(arena, field, "A", STR("a"));
	form_option(arena, field, NULL, STR("b"));
	form_required(arena, field);
	form_field(arena, x, FIELD_TEXT_MULTI, "t", NULL, STR("one\r\ntwo\n\nthree"));
	form_field(arena, x, FIELD_FIXED, NULL, NULL, STR("note"));
	form_field(arena, x, FIELD_BOOLEAN, "e", NULL, STR_NONE);
	form_title(arena, x, "Title", "Do this");
	ck_assert_str_is(xml_print(arena, x),
	                 "<x xmlns='jabber:x:data' "
	                 "type='form'><title>Title</title><instructions>Do this</instructions>"
	                 "<field var='FORM_TYPE' type='hidden'><value>urn:form</value></field>"
	                 "<field var='l' label='List' type='list-single'><value>b</value>"
	                 "<option "
	                 "label='A'><value>a</value></option><option><value>b</value></"
	                 "option><required/></field>"
	                 "<field var='t' "
	                 "type='text-multi'><value>one</value><value>two</value><value/"
	                 "><value>three</value>"
	                 "</field><field type='fixed'><value>note</value></field><field "
	                 "var='e' type='boolean'/></x>");
	x = form_new(arena, "result", NULL);
	form_title(arena, x, "T", NULL);
	ck_assert_str_is(xml_print(arena, x),
	                 "<x xmlns='jabber:x:data' type='result'><title>T</title></x>");
	arena_free(&arena);
}
END_TEST

START_TEST(a_table_has_columns_and_rows)
{
	struct xml_node *x, *item;

	arena = arena_new(4096);
	x = form_new(arena, "result", NULL);
	form_reported(arena, x, "a", "A");
	form_reported(arena, x, "b", NULL);
	item = form_item(arena, x);
	form_cell(arena, item, "a", STR("1"));
	form_cell(arena, item, "b", STR(""));
	ck_assert_str_is(xml_print(arena, x),
	                 "<x xmlns='jabber:x:data' type='result'><reported><field var='a' "
	                 "label='A'/><field var='b'/>"
	                 "</reported><item><field var='a'><value>1</value></field><field "
	                 "var='b'><value/></field></item></x>");
	arena_free(&arena);
}
END_TEST

START_TEST(a_submitted_form_is_read)
{
	const struct xml_node *x;
	struct str values[4];
	bool value = false;

	arena = arena_new(4096);
	x = submitted(
		"<field var='FORM_TYPE'><value>urn:f</value></field><field "
		"var='a'><value>1</value></field>"
		"<field var='m'><value>x</value><value/><value>z</value></field><field "
		"var='n'/>"
		"<field var='b'><value> true </value></field><other xmlns='urn:o' var='a'/>"
		"<field var='w'><value>yes</value></field>");
	ck_assert_int_eq(form_read(x, "urn:f"), 0);
	ck_assert_int_eq(form_read(x, NULL), 0);
	ck_assert_int_eq(form_read(x, "urn:g"), ERR_INVALID);
	ck_assert_int_eq(form_read(x, "urn:ff"), ERR_INVALID);
	ck_assert_str_is(form_get(arena, x, "a"), "1");
	ck_assert(str_is_absent(form_get(arena, x, "n")) &&
	          str_is_absent(form_get(arena, x, "none")));
	ck_assert(form_has(x, "n") && !form_has(x, "none"));
	ck_assert_uint_eq(form_get_all(arena, x, "m", values, 4), 3);
	ck_assert_str_is(values[1], "");
	ck_assert(!str_is_absent(values[1]));
	ck_assert_uint_eq(form_get_all(arena, x, "m", values, 2), 2);
	ck_assert_uint_eq(form_get_all(arena, x, "none", values, 2), 0);
	ck_assert_int_eq(form_get_bool(arena, x, "a", &value), 0);
	ck_assert(value);
	ck_assert_int_eq(form_get_bool(arena, x, "b", &value), 0);
	ck_assert_int_eq(form_get_bool(arena, x, "w", &value), ERR_INVALID);
	ck_assert_int_eq(form_get_bool(arena, x, "none", &value), ERR_NOENT);
	arena_free(&arena);
}
END_TEST

START_TEST(a_bad_form_is_refused)
{
	const struct xml_node *x = NULL;
	struct str fields = STR("");

	arena = arena_new(4096);
	ck_assert_int_eq(form_read(submitted("<field var='a'/><field var='a'/>"), NULL),
	                 ERR_INVALID);
	ck_assert_int_eq(form_read(submitted("<field/>"), NULL), ERR_INVALID);
	ck_assert_int_eq(
		form_read(submitted("<field type='fixed'/><field type='fixed'/>"), NULL), 0);
	ck_assert_int_eq(form_read(submitted(""), NULL), 0);
	ck_assert_int_eq(form_read(submitted(""), "urn:f"), ERR_INVALID);
	ck_assert_int_eq(xml_read(arena, STR("<x xmlns='jabber:x:data' type='form'/>"), &x), 0);
	ck_assert_int_eq(form_read(x, NULL), ERR_INVALID);
	ck_assert_int_eq(form_read(NULL, NULL), ERR_INVALID);
	for (int i = 0; i < 256; i++)
		fields = arena_printf(arena, STR_FMT "<field var='%d'/>", STR_ARG(fields), i);
	ck_assert_int_eq(form_read(submitted(fields.p), NULL), 0);
	ck_assert_int_eq(form_read(submitted(arena_printf(arena, STR_FMT "<field var='x'/>",
	                                                  STR_ARG(fields))
	                                             .p),
	                           NULL),
	                 ERR_INVALID);
	arena_free(&arena);
}
END_TEST

CHECK_MAIN("dataform", a_form_is_built, a_table_has_columns_and_rows, a_submitted_form_is_read,
           a_bad_form_is_refused)
