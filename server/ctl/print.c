/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/ctl/print.h"

#include "xml/ns.h"

#include <jansson.h>
#include <stdio.h>

static struct str value_of(struct arena *arena, const struct xml_node *field)
{
	struct str value = xml_child_text(arena, field, "value");

	return str_is_absent(value) ? STR("") : value;
}

/* ---- text ---- */

static void print_fields(struct arena *arena, const struct xml_node *form)
{
	for (const struct xml_node *n = NULL; (n = xml_next_child(form, n)) != NULL;) {
		struct str label = xml_attr(n, "label"), value;

		if (!xml_is(n, NS_DATA_FORM, "field") || str_is(xml_attr(n, "type"), "hidden"))
			continue;
		value = value_of(arena, n);
		if (str_is_absent(label))
			label = xml_attr(n, "var");
		printf(STR_FMT ": " STR_FMT "\n", STR_ARG(label), STR_ARG(value));
	}
}

static void print_items(struct arena *arena, const struct xml_node *form)
{
	for (const struct xml_node *n = NULL; (n = xml_next_child(form, n)) != NULL;) {
		const char *separator = "";

		if (!xml_is(n, NS_DATA_FORM, "item"))
			continue;
		for (const struct xml_node *cell = NULL;
		     (cell = xml_next_child(n, cell)) != NULL; separator = "\t") {
			struct str value = value_of(arena, cell);

			printf("%s" STR_FMT, separator, STR_ARG(value));
		}
		putchar('\n');
	}
}

/* ---- JSON ---- */

static json_t *text(struct str s)
{
	json_t *j = json_stringn(s.p, s.n);

	return j == NULL ? json_null() : j;
}

static void add_fields(struct arena *arena, json_t *object, const struct xml_node *parent)
{
	for (const struct xml_node *n = NULL; (n = xml_next_child(parent, n)) != NULL;)
		if (xml_is(n, NS_DATA_FORM, "field") && !str_is_absent(xml_attr(n, "var")))
			json_object_set_new(object, arena_cstr(arena, xml_attr(n, "var")),
			                    text(value_of(arena, n)));
}

static json_t *items(struct arena *arena, const struct xml_node *form)
{
	json_t *list = json_array();

	for (const struct xml_node *n = NULL; (n = xml_next_child(form, n)) != NULL;) {
		json_t *item;

		if (!xml_is(n, NS_DATA_FORM, "item"))
			continue;
		item = json_object();
		add_fields(arena, item, n);
		json_array_append_new(list, item);
	}
	return list;
}

static void print_json(struct arena *arena, const struct xml_node *form, struct str note)
{
	json_t *object = json_object();

	add_fields(arena, object, form);
	if (xml_child(form, NULL, "reported") != NULL)
		json_object_set_new(object, "items", items(arena, form));
	if (!str_is_absent(note))
		json_object_set_new(object, "note", text(note));
	json_dumpf(object, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(object);
}

void print_result(struct arena *arena, const struct xml_node *command, bool json)
{
	const struct xml_node *form = xml_child(command, NS_DATA_FORM, "x");
	struct str note = xml_child_text(arena, command, "note");

	if (json) {
		print_json(arena, form, note);
		return;
	}
	print_fields(arena, form);
	print_items(arena, form);
	if (!str_is_absent(note))
		printf(STR_FMT "\n", STR_ARG(note));
}
