/*
 * dataform.c - data forms (XEP-0004 2.13.2), with their FORM_TYPE (XEP-0068).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "xml/dataform.h"

#include "server/base/err.h"
#include "xml/ns.h"

#include <string.h>

#define MAX_FIELDS 256

static const char *const type_names[] = {
	[FIELD_BOOLEAN] = "boolean",
	[FIELD_FIXED] = "fixed",
	[FIELD_HIDDEN] = "hidden",
	[FIELD_JID_MULTI] = "jid-multi",
	[FIELD_JID_SINGLE] = "jid-single",
	[FIELD_LIST_MULTI] = "list-multi",
	[FIELD_LIST_SINGLE] = "list-single",
	[FIELD_TEXT_MULTI] = "text-multi",
	[FIELD_TEXT_PRIVATE] = "text-private",
	[FIELD_TEXT_SINGLE] = "text-single",
};

/* --- building ----------------------------------------------------------------------------- */

struct xml_node *form_new(struct arena *arena, const char *type, const char *form_type)
{
	struct xml_node *x = xml_new(arena, NS_DATA_FORM, "x");

	xml_set(arena, x, "type", str_of(type));
	if (form_type != NULL)
		form_field(arena, x, FIELD_HIDDEN, "FORM_TYPE", NULL, str_of(form_type));
	return x;
}

/* Put CHILD, last so far, before all others. */
static void move_to_front(struct xml_node *x, struct xml_node *child)
{
	struct xml_node *before = x->first;

	if (before == child)
		return;
	while (before->next != child)
		before = before->next;
	before->next = NULL;
	x->last = before;
	child->next = x->first;
	x->first = child;
}

void form_title(struct arena *arena, struct xml_node *x, const char *title,
                const char *instructions)
{
	/* They stand before the fields, the first of which form_new has made. */
	if (instructions != NULL)
		move_to_front(x, xml_add_leaf(arena, x, "instructions", str_of(instructions)));
	if (title != NULL)
		move_to_front(x, xml_add_leaf(arena, x, "title", str_of(title)));
}

static struct xml_node *add_field(struct arena *arena, struct xml_node *parent, const char *var,
                                  const char *label)
{
	struct xml_node *field = xml_add(arena, parent, NULL, "field");

	xml_set(arena, field, "var", str_of(var));
	xml_set(arena, field, "label", str_of(label));
	return field;
}

struct xml_node *form_field(struct arena *arena, struct xml_node *x, enum field_type type,
                            const char *var, const char *label, struct str value)
{
	struct xml_node *field = add_field(arena, x, var, label);

	ASSERT(var != NULL || type == FIELD_FIXED);
	xml_set(arena, field, "type", str_of(type_names[type]));
	if (!str_is_absent(value))
		form_value(arena, field, value);
	return field;
}

void form_value(struct arena *arena, struct xml_node *field, struct str value)
{
	/* §3.3: each line of a text-multi is a value of its own. */
	if (!str_is(xml_attr(field, "type"), type_names[FIELD_TEXT_MULTI])) {
		xml_add_leaf(arena, field, "value", value);
		return;
	}
	do {
		struct str line = str_cut(&value, '\n');

		if (str_ends_with(line, STR("\r")))
			line.n--;
		xml_add_leaf(arena, field, "value", line);
	} while (value.n > 0);
}

void form_option(struct arena *arena, struct xml_node *field, const char *label,
                 struct str value)
{
	struct xml_node *option = xml_add(arena, field, NULL, "option");

	xml_set(arena, option, "label", str_of(label));
	xml_add_leaf(arena, option, "value", value);
}

void form_required(struct arena *arena, struct xml_node *field)
{
	xml_add(arena, field, NULL, "required");
}

void form_reported(struct arena *arena, struct xml_node *x, const char *var, const char *label)
{
	/* One and only one; made here, so the readers' const can be taken off. */
	struct xml_node *reported =
		(struct xml_node *)(uintptr_t)xml_child(x, NULL, "reported");

	if (reported == NULL)
		reported = xml_add(arena, x, NULL, "reported");
	add_field(arena, reported, var, label);
}

struct xml_node *form_item(struct arena *arena, struct xml_node *x)
{
	return xml_add(arena, x, NULL, "item");
}

void form_cell(struct arena *arena, struct xml_node *item, const char *var, struct str value)
{
	xml_add_leaf(arena, add_field(arena, item, var, NULL), "value", value);
}

/* --- reading ------------------------------------------------------------------------------ */

static const struct xml_node *next_field(const struct xml_node *x, const struct xml_node *prev)
{
	const struct xml_node *field = prev;

	do {
		field = xml_next_child(x, field);
	} while (field != NULL && !xml_is(field, NS_DATA_FORM, "field"));
	return field;
}

static const struct xml_node *find_field(const struct xml_node *x, struct str var)
{
	const struct xml_node *field = NULL;

	while ((field = next_field(x, field)) != NULL)
		if (str_eq(xml_attr(field, "var"), var))
			return field;
	return NULL;
}

/* §3.2: every field has a name, each another, but fixed ones need none. */
static bool fields_are_good(const struct xml_node *x)
{
	const struct xml_node *field = NULL;
	size_t count = 0;

	while ((field = next_field(x, field)) != NULL) {
		struct str var = xml_attr(field, "var");

		if (++count > MAX_FIELDS)
			return false;
		if (str_is_absent(var)) {
			if (!str_is(xml_attr(field, "type"), type_names[FIELD_FIXED]))
				return false;
		} else if (find_field(x, var) != field) {
			return false;
		}
	}
	return true;
}

/* Text of the only text node, or of several; compared without an arena. */
static bool value_is(const struct xml_node *value, const char *wanted)
{
	struct str rest = str_of(wanted);

	for (const struct xml_node *n = value->first; n != NULL; n = n->next) {
		if (xml_is_element(n))
			continue;
		if (!str_starts_with(rest, n->text))
			return false;
		rest = str_slice(rest, n->text.n, rest.n);
	}
	return rest.n == 0;
}

int form_read(const struct xml_node *x, const char *form_type)
{
	const struct xml_node *field, *value;

	if (!xml_is(x, NS_DATA_FORM, "x") || !str_is(xml_attr(x, "type"), "submit") ||
	    !fields_are_good(x))
		return ERR_INVALID;
	if (form_type == NULL)
		return 0;
	/* XEP-0068 §3.4: in a submitted form it counts without type='hidden' too. */
	field = find_field(x, STR("FORM_TYPE"));
	value = field == NULL ? NULL : xml_child(field, NULL, "value");
	return value != NULL && value_is(value, form_type) ? 0 : ERR_INVALID;
}

struct str form_get(struct arena *arena, const struct xml_node *x, const char *var)
{
	const struct xml_node *field = find_field(x, str_of(var));

	return field == NULL ? STR_NONE : xml_child_text(arena, field, "value");
}

bool form_has(const struct xml_node *x, const char *var)
{
	return find_field(x, str_of(var)) != NULL;
}

size_t form_get_all(struct arena *arena, const struct xml_node *x, const char *var,
                    struct str *values_out, size_t max)
{
	const struct xml_node *field = find_field(x, str_of(var));
	const struct xml_node *child = NULL;
	size_t count = 0;

	if (field == NULL)
		return 0;
	while (count < max && (child = xml_next_child(field, child)) != NULL)
		if (xml_is(child, NS_DATA_FORM, "value"))
			values_out[count++] = xml_text(arena, child);
	return count;
}

int form_get_bool(struct arena *arena, const struct xml_node *x, const char *var,
                  bool *value_out)
{
	struct str value = form_get(arena, x, var);

	if (str_is_absent(value))
		return ERR_NOENT;
	value = str_trim(value);
	if (str_is(value, "1") || str_is(value, "true"))
		*value_out = true;
	else if (str_is(value, "0") || str_is(value, "false"))
		*value_out = false;
	else
		return ERR_INVALID;
	return 0;
}
