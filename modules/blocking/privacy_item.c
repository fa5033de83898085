/*
 * privacy_item.c - the rules of a privacy list as XML (XEP-0016 §2.1).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/blocking/privacy.h"

#include "modules/roster/roster.h"

#include <stdlib.h>

#define GROUP_MAX 1023 /* bytes of a group's name */

static const char *const kinds[] = {
	[RULE_ANY] = NULL,
	[RULE_JID] = "jid",
	[RULE_GROUP] = "group",
	[RULE_SUBSCRIPTION] = "subscription",
};

static const struct part_name {
	const char *name;
	enum rule_part part;
} parts[] = {
	{ "message", PART_MESSAGE },
	{ "iq", PART_IQ },
	{ "presence-in", PART_PRESENCE_IN },
	{ "presence-out", PART_PRESENCE_OUT },
};

/* ---- to XML ---- */

static void show_item(struct event *ev, struct xml_node *list, const struct rule *r)
{
	struct xml_node *item = xml_add(ev->arena, list, NULL, "item");

	if (r->kind != RULE_ANY) {
		xml_set(ev->arena, item, "type", str_of(kinds[r->kind]));
		xml_set(ev->arena, item, "value", r->value);
	}
	xml_set(ev->arena, item, "action", r->deny ? STR("deny") : STR("allow"));
	xml_set(ev->arena, item, "order", arena_printf(ev->arena, "%u", (unsigned)r->order));
	for (size_t i = 0; r->parts != PART_ALL && i < ARRAY_LEN(parts); i++)
		if ((r->parts & parts[i].part) != 0)
			xml_add(ev->arena, item, NULL, parts[i].name);
}

void privacy_show_list(struct event *ev, struct xml_node *query, const struct rule_list *list)
{
	struct xml_node *node = xml_add(ev->arena, query, NULL, "list");

	xml_set(ev->arena, node, "name", list->name);
	for (size_t i = 0; i < list->n; i++)
		show_item(ev, node, &list->rules[i]);
}

/* ---- from XML ---- */

/* Without children a rule is about everything; with one that we do not know, about who knows what. */
static int read_parts(const struct xml_node *item, struct rule *r)
{
	const struct xml_node *child = NULL;

	r->parts = 0;
	while ((child = xml_next_child(item, child)) != NULL) {
		size_t i = 0;

		while (i < ARRAY_LEN(parts) && !xml_is(child, NS_PRIVACY, parts[i].name))
			i++;
		if (i == ARRAY_LEN(parts))
			return ERR_INVALID;
		r->parts |= parts[i].part;
	}
	if (r->parts == 0)
		r->parts = PART_ALL;
	return 0;
}

static int read_action(const struct xml_node *item, struct rule *r)
{
	struct str action = xml_attr(item, "action");
	uint64_t order;

	r->deny = str_is(action, "deny");
	if (!r->deny && !str_is(action, "allow"))
		return ERR_INVALID;
	if (str_to_u64(xml_attr(item, "order"), &order) < 0 || order > UINT32_MAX)
		return ERR_INVALID;
	r->order = (uint32_t)order;
	return 0;
}

static bool is_subscription(struct str value)
{
	return str_is(value, "both") || str_is(value, "to") || str_is(value, "from") ||
	       str_is(value, "none");
}

static int read_kind(struct str type, enum rule_kind *kind_out)
{
	*kind_out = RULE_ANY;
	if (str_is_absent(type))
		return 0;
	for (size_t i = RULE_JID; i < ARRAY_LEN(kinds); i++)
		if (str_is(type, kinds[i]))
			*kind_out = (enum rule_kind)i;
	return *kind_out == RULE_ANY ? ERR_INVALID : 0;
}

static int read_value(struct event *ev, const struct xml_node *item, struct rule *r,
                      enum stanza_error *condition_out)
{
	r->value = r->kind == RULE_ANY ? STR("") : xml_attr(item, "value");
	if (str_is_absent(r->value))
		return ERR_INVALID;
	switch (r->kind) {
	case RULE_JID:
		*condition_out = STANZA_JID_MALFORMED;
		if (jid_parse(ev->arena, r->value, &r->jid) < 0)
			return ERR_INVALID;
		r->value = jid_full_str(r->jid);
		return 0;
	case RULE_GROUP:
		return r->value.n == 0 || r->value.n > GROUP_MAX ? ERR_INVALID : 0;
	case RULE_SUBSCRIPTION:
		return is_subscription(r->value) ? 0 : ERR_INVALID;
	default:
		return 0;
	}
}

static int read_item(struct event *ev, const struct xml_node *item, struct rule *r,
                     enum stanza_error *condition_out)
{
	int err = xml_is(item, NS_PRIVACY, "item") ? 0 : ERR_INVALID;

	*condition_out = STANZA_BAD_REQUEST;
	if (err == 0)
		err = read_kind(xml_attr(item, "type"), &r->kind);
	if (err == 0)
		err = read_action(item, r);
	if (err == 0)
		err = read_parts(item, r);
	if (err == 0)
		err = read_value(ev, item, r, condition_out);
	return err;
}

static int note_groups(void *arg, const struct roster_item *item)
{
	for (size_t i = 0; i < item->n_groups; i++)
		strset_add(arg, item->groups[i]);
	return 0;
}

/* §2.1: a group is one of the roster. */
static int check_groups(struct event *ev, const struct rule_list *list)
{
	struct strset groups = { NULL };
	bool asked = false;
	int err = 0;

	for (size_t i = 0; i < list->n && err == 0; i++) {
		if (list->rules[i].kind != RULE_GROUP)
			continue;
		if (!asked)
			err = roster_each(ev, note_groups, &groups);
		asked = true;
		if (err == 0 && !strset_has(&groups, list->rules[i].value))
			err = ERR_NOENT;
	}
	strset_clear(&groups);
	return err;
}

static int by_order(const void *a, const void *b)
{
	const struct rule *x = a, *y = b;

	return x->order < y->order ? -1 : x->order > y->order;
}

int privacy_read_items(struct event *ev, const struct xml_node *node, size_t limit,
                       struct rule_list *list, enum stanza_error *condition_out)
{
	const struct xml_node *item = NULL;
	int err = 0;

	list->n = 0;
	while ((item = xml_next_child(node, item)) != NULL)
		list->n++;
	*condition_out = STANZA_RESOURCE_CONSTRAINT;
	if (list->n > limit)
		return ERR_TOO_BIG;
	list->rules = ARENA_ARRAY(ev->arena, struct rule, list->n);
	for (size_t i = 0; err == 0 && (item = xml_next_child(node, item)) != NULL; i++)
		err = read_item(ev, item, &list->rules[i], condition_out);
	if (err < 0)
		return err;
	*condition_out = STANZA_BAD_REQUEST;
	qsort(list->rules, list->n, sizeof(*list->rules), by_order);
	for (size_t i = 1; i < list->n; i++)
		if (list->rules[i].order == list->rules[i - 1].order)
			return ERR_INVALID;
	err = check_groups(ev, list);
	*condition_out =
		err == ERR_NOENT ? STANZA_ITEM_NOT_FOUND : STANZA_INTERNAL_SERVER_ERROR;
	return err;
}
