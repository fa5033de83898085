/*
 * dataform.h - data forms (XEP-0004).
 *
 * Building: a form is an <x/> to which fields are added in order.  Reading: form_read checks a
 * submitted form and gives fields by name.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "xml/node.h"

enum field_type {
	FIELD_BOOLEAN,
	FIELD_FIXED,
	FIELD_HIDDEN,
	FIELD_JID_MULTI,
	FIELD_JID_SINGLE,
	FIELD_LIST_MULTI,
	FIELD_LIST_SINGLE,
	FIELD_TEXT_MULTI,
	FIELD_TEXT_PRIVATE,
	FIELD_TEXT_SINGLE,
};

/*
 * TYPE: "form", "result", "submit", "cancel".  FORM_TYPE NULL: no hidden FORM_TYPE field
 * (XEP-0068).
 */
struct xml_node *form_new(struct arena *arena, const char *type, const char *form_type);
void form_title(struct arena *arena, struct xml_node *x, const char *title,
                const char *instructions);
/*
 * LABEL may be NULL; VALUE may be absent.  Returns the field, to add further values or options
 * to.
 */
struct xml_node *form_field(struct arena *arena, struct xml_node *x, enum field_type type,
                            const char *var, const char *label, struct str value);
void form_value(struct arena *arena, struct xml_node *field, struct str value);
void form_option(struct arena *arena, struct xml_node *field, const char *label,
                 struct str value);
void form_required(struct arena *arena, struct xml_node *field);
/* Tables (§3.4): columns once, then one item for each row, in order of columns. */
void form_reported(struct arena *arena, struct xml_node *x, const char *var, const char *label);
struct xml_node *form_item(struct arena *arena, struct xml_node *x);
void form_cell(struct arena *arena, struct xml_node *item, const char *var, struct str value);

/*
 * X is a submitted form: type "submit", FORM_TYPE as given (NULL: any or none), no field twice,
 * at most 256 fields. ERR_INVALID otherwise.
 */
MUST_CHECK int form_read(const struct xml_node *x, const char *form_type);
/* First value of a field, absent when there is no such field or value. */
struct str form_get(struct arena *arena, const struct xml_node *x, const char *var);
/* Is there such a field, with a value or without? */
bool form_has(const struct xml_node *x, const char *var);
/* All values; returns the count, at most MAX. */
size_t form_get_all(struct arena *arena, const struct xml_node *x, const char *var,
                    struct str *values_out, size_t max);
/* XEP-0004 §3.3 booleans: "1" "true" "0" "false". ERR_NOENT when absent, ERR_INVALID. */
MUST_CHECK int form_get_bool(struct arena *arena, const struct xml_node *x, const char *var,
                             bool *value_out);
