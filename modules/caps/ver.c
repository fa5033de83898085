/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/caps/ver.h"

#include <stdlib.h>

/* ---- what stands in the answer ---- */

struct identity {
	struct str category, type, lang, name;
};

struct field {
	struct str var;
	struct str *values; /* sorted */
	size_t n_values;
};

struct form {
	struct str form_type;
	struct field *fields; /* all but FORM_TYPE, sorted */
	size_t n_fields;
	bool covered; /* FORM_TYPE is hidden */
};

struct reading {
	struct arena *arena;
	struct identity *identities;
	struct str *features;
	struct form *forms;
	size_t n_identities, n_features, n_forms;
};

static size_t count(const struct xml_node *parent, const char *ns, const char *name)
{
	size_t n = 0;

	for (const struct xml_node *c = NULL; (c = xml_next_child(parent, c)) != NULL;)
		n += xml_is(c, ns, name);
	return n;
}

/* ---- order: i;octet (RFC 4790 §9.3) ---- */

static int by_text(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* By part, as "/" sorts in the middle of what parts may hold. */
static int by_identity(const void *a, const void *b)
{
	const struct identity *x = a, *y = b;
	int order = str_cmp(x->category, y->category);

	if (order == 0)
		order = str_cmp(x->type, y->type);
	if (order == 0)
		order = str_cmp(x->lang, y->lang);
	return order == 0 ? str_cmp(x->name, y->name) : order;
}

static int by_var(const void *a, const void *b)
{
	return str_cmp(((const struct field *)a)->var, ((const struct field *)b)->var);
}

static int by_form_type(const void *a, const void *b)
{
	return str_cmp(((const struct form *)a)->form_type,
	               ((const struct form *)b)->form_type);
}

/* Sort N elements; ERR_INVALID when two of them are the same. */
static int sort_unique(void *all, size_t n, size_t size,
                       int (*order)(const void *, const void *))
{
	const char *at = all;

	if (n > 1)
		qsort(all, n, size, order);
	for (size_t i = 1; i < n; i++)
		if (order(at + (i - 1) * size, at + i * size) == 0)
			return ERR_INVALID;
	return 0;
}

/* ---- reading ---- */

static int read_identities(struct reading *r, const struct xml_node *query)
{
	size_t n = count(query, NS_DISCO_INFO, "identity");

	if (n == 0)
		return ERR_INVALID;
	r->identities = ARENA_ARRAY(r->arena, struct identity, n);
	for (const struct xml_node *c = NULL; (c = xml_next_child(query, c)) != NULL;) {
		struct identity *id = &r->identities[r->n_identities];

		if (!xml_is(c, NS_DISCO_INFO, "identity"))
			continue;
		id->category = xml_attr(c, "category");
		id->type = xml_attr(c, "type");
		id->lang = xml_attr_ns(c, NS_XML, "lang");
		id->name = xml_attr(c, "name");
		if (str_is_empty(id->category) || str_is_empty(id->type))
			return ERR_INVALID;
		r->n_identities++;
	}
	return sort_unique(r->identities, n, sizeof(*r->identities), by_identity);
}

static int read_features(struct reading *r, const struct xml_node *query)
{
	r->features = ARENA_ARRAY(r->arena, struct str, count(query, NS_DISCO_INFO, "feature"));
	for (const struct xml_node *c = NULL; (c = xml_next_child(query, c)) != NULL;) {
		struct str var = xml_attr(c, "var");

		if (!xml_is(c, NS_DISCO_INFO, "feature"))
			continue;
		if (str_is_empty(var))
			return ERR_INVALID;
		r->features[r->n_features++] = var;
	}
	return sort_unique(r->features, r->n_features, sizeof(*r->features), by_text);
}

static void read_values(struct arena *arena, const struct xml_node *node, struct field *field)
{
	field->values = ARENA_ARRAY(arena, struct str, count(node, NS_DATA_FORM, "value"));
	for (const struct xml_node *c = NULL; (c = xml_next_child(node, c)) != NULL;)
		if (xml_is(c, NS_DATA_FORM, "value"))
			field->values[field->n_values++] = xml_text(arena, c);
	if (field->n_values > 1)
		qsort(field->values, field->n_values, sizeof(*field->values), by_text);
}

/* §5.4, 3.5 and 3.6; without a value it is none. */
static int read_form_type(struct form *form, const struct xml_node *node,
                          const struct field *field)
{
	if (field->n_values == 0)
		return 0;
	if (!str_eq(field->values[0], field->values[field->n_values - 1]))
		return ERR_INVALID;
	form->form_type = field->values[0];
	form->covered = str_is(xml_attr(node, "type"), "hidden");
	return 0;
}

static int read_field(struct arena *arena, const struct xml_node *node, struct form *form)
{
	struct field *field = &form->fields[form->n_fields];

	*field = (struct field){ .var = xml_attr(node, "var") };
	read_values(arena, node, field);
	if (str_is(field->var, "FORM_TYPE"))
		return str_is_absent(form->form_type) ? read_form_type(form, node, field)
		                                      : ERR_INVALID;
	form->n_fields++;
	return 0;
}

/* What is wrong with its other fields matters only if they are covered. */
static int read_form(struct arena *arena, const struct xml_node *x, struct form *form)
{
	int err = 0;

	form->fields = ARENA_ARRAY(arena, struct field, count(x, NS_DATA_FORM, "field"));
	for (const struct xml_node *c = NULL; err == 0 && (c = xml_next_child(x, c)) != NULL;)
		if (xml_is(c, NS_DATA_FORM, "field"))
			err = read_field(arena, c, form);
	if (err < 0 || !form->covered)
		return err;
	err = sort_unique(form->fields, form->n_fields, sizeof(*form->fields), by_var);
	return form->n_fields > 0 && str_is_empty(form->fields[0].var) ? ERR_INVALID : err;
}

/*
 * The text does not tell a feature from the FORM_TYPE or a field behind it, so that whoever
 * answers may say that the last features are a form, and hide them (§9.3).  There is one kind
 * of form in use, and its fields are not named as features are (XEP-0232).
 */
static bool is_ambiguous(const struct form *form)
{
	if (!str_is(form->form_type, "urn:xmpp:dataforms:softwareinfo"))
		return true;
	for (size_t i = 0; i < form->n_fields; i++)
		if (str_find(form->fields[i].var, ':', 0) < form->fields[i].var.n)
			return true;
	return false;
}

/* Forms without a FORM_TYPE are not covered, and no two forms are alike that have one. */
static int read_forms(struct reading *r, const struct xml_node *query)
{
	int err = 0;

	r->forms = ARENA_ARRAY(r->arena, struct form, count(query, NS_DATA_FORM, "x"));
	for (const struct xml_node *c = NULL;
	     err == 0 && (c = xml_next_child(query, c)) != NULL;) {
		struct form *form = &r->forms[r->n_forms];

		if (!xml_is(c, NS_DATA_FORM, "x"))
			continue;
		*form = (struct form){ 0 };
		err = read_form(r->arena, c, form);
		if (!str_is_absent(form->form_type))
			r->n_forms++;
	}
	return err < 0 ? err
	               : sort_unique(r->forms, r->n_forms, sizeof(*r->forms), by_form_type);
}

/* ---- what is hashed ---- */

static void put(struct buf *out, struct str part)
{
	while (part.n > 0) {
		size_t at = str_find(part, '<', 0);

		buf_append(out, str_slice(part, 0, at));
		if (at < part.n)
			buf_append(out, STR("&lt;"));
		part = str_slice(part, at + 1, part.n);
	}
}

static void put_part(struct buf *out, struct str part)
{
	put(out, part);
	buf_append_byte(out, '<');
}

static void put_identity(struct buf *out, const struct identity *id)
{
	const struct str parts[] = { id->category, id->type, id->lang };

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		put(out, parts[i]);
		buf_append_byte(out, '/');
	}
	put_part(out, id->name);
}

static void put_form(struct buf *out, const struct form *form)
{
	put_part(out, form->form_type);
	for (size_t i = 0; i < form->n_fields; i++) {
		put_part(out, form->fields[i].var);
		for (size_t v = 0; v < form->fields[i].n_values; v++)
			put_part(out, form->fields[i].values[v]);
	}
}

/* §5.1. */
static struct str make_text(const struct reading *r)
{
	struct buf out = { 0 };
	struct str text;

	for (size_t i = 0; i < r->n_identities; i++)
		put_identity(&out, &r->identities[i]);
	for (size_t i = 0; i < r->n_features; i++)
		put_part(&out, r->features[i]);
	for (size_t i = 0; i < r->n_forms; i++)
		if (r->forms[i].covered)
			put_form(&out, &r->forms[i]);
	text = arena_copy(r->arena, buf_str(&out));
	buf_deinit(&out);
	return text;
}

/* ---- what is kept ---- */

static void keep_identity(struct arena *arena, struct xml_node *rest, const struct identity *id)
{
	struct xml_node *node = xml_add(arena, rest, NULL, "identity");

	xml_set(arena, node, "category", id->category);
	xml_set(arena, node, "type", id->type);
	xml_set_ns(arena, node, NS_XML, "lang", id->lang);
	xml_set(arena, node, "name", id->name);
}

static void keep_field(struct arena *arena, struct xml_node *x, struct str var,
                       const char *type, const struct str *values, size_t n)
{
	struct xml_node *node = xml_add(arena, x, NULL, "field");

	xml_set(arena, node, "var", var);
	xml_set(arena, node, "type", str_of(type));
	for (size_t i = 0; i < n; i++)
		xml_add_leaf(arena, node, "value", values[i]);
}

static void keep_form(struct arena *arena, struct xml_node *rest, const struct form *form)
{
	struct xml_node *x = xml_add(arena, rest, NS_DATA_FORM, "x");

	xml_set(arena, x, "type", STR("result"));
	keep_field(arena, x, STR("FORM_TYPE"), "hidden", &form->form_type, 1);
	for (size_t i = 0; i < form->n_fields; i++)
		keep_field(arena, x, form->fields[i].var, NULL, form->fields[i].values,
		           form->fields[i].n_values);
}

static const struct xml_node *make_rest(const struct reading *r)
{
	struct xml_node *rest = xml_new(r->arena, NS_DISCO_INFO, "query");

	for (size_t i = 0; i < r->n_identities; i++)
		keep_identity(r->arena, rest, &r->identities[i]);
	for (size_t i = 0; i < r->n_forms; i++)
		if (r->forms[i].covered)
			keep_form(r->arena, rest, &r->forms[i]);
	return rest;
}

int caps_read(struct arena *arena, const struct xml_node *query, struct caps_info *info_out)
{
	struct reading r = { .arena = arena };
	int err = xml_is(query, NS_DISCO_INFO, "query") ? 0 : ERR_INVALID;

	if (err == 0)
		err = read_identities(&r, query);
	if (err == 0)
		err = read_features(&r, query);
	if (err == 0)
		err = read_forms(&r, query);
	if (err < 0)
		return err;
	*info_out = (struct caps_info){
		.text = make_text(&r),
		.features = r.features,
		.n_features = r.n_features,
		.rest = make_rest(&r),
	};
	for (size_t i = 0; i < r.n_forms; i++)
		info_out->ambiguous |= r.forms[i].covered && is_ambiguous(&r.forms[i]);
	return 0;
}

struct str caps_ver(struct arena *arena, enum digest_kind hash, const struct caps_info *info)
{
	uint8_t bytes[DIGEST_MAX];

	digest_hash(hash, info->text, bytes);
	return base64_encode(arena, str_make((const char *)bytes, digest_size(hash)));
}

int caps_hash(struct str name, enum digest_kind *hash_out)
{
	if (str_is(name, "sha-1"))
		*hash_out = DIGEST_SHA1;
	else if (str_is(name, "sha-256"))
		*hash_out = DIGEST_SHA256;
	else
		return ERR_NOENT;
	return 0;
}
