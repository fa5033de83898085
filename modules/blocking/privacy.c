/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/blocking/privacy.h"

#include "modules/blocking/blocklist.h"
#include "modules/blocking/visibility.h"

#define NAME_MAX_BYTES 256 /* of a list */
#define PUSH_ID_BYTES 9    /* of randomness */

/* ---- what is asked for (§2.3) ---- */

static void show_name(struct event *ev, struct xml_node *query, const char *element,
                      const struct rule_list *list)
{
	xml_set(ev->arena, xml_add(ev->arena, query, NULL, element), "name", list->name);
}

static int get_names(struct mod *m, struct event *ev)
{
	const struct rules_session *state = mod_session_state(m, ev->session);
	struct xml_node *query = xml_new(ev->arena, NS_PRIVACY, "query");
	const struct rule_list *lists;
	const struct rules *rules;
	int err = rules_load(m, ev, &rules);

	if (err == 0)
		err = rules_read_names(ev, &lists);
	if (err < 0)
		return err;
	for (const struct rule_list *l = lists; l != NULL; l = l->next)
		if (l->number == state->active)
			show_name(ev, query, "active", l);
	for (const struct rule_list *l = lists; l != NULL; l = l->next)
		if (l->number == rules->standard)
			show_name(ev, query, "default", l);
	for (const struct rule_list *l = lists; l != NULL; l = l->next)
		show_name(ev, query, "list", l);
	return event_result(ev, query);
}

int privacy_get(struct mod *m, struct event *ev)
{
	const struct xml_node *child = xml_only_child(ev->payload);
	struct xml_node *query;
	struct rule_list *list;
	int err;

	if (xml_next_child(ev->payload, NULL) == NULL)
		return get_names(m, ev);
	if (!xml_is(child, NS_PRIVACY, "list") || str_is_absent(xml_attr(child, "name")))
		return event_error(ev, STANZA_BAD_REQUEST);
	err = rules_read_named(ev, xml_attr(child, "name"), &list);
	if (err < 0)
		return err == ERR_NOENT ? event_error(ev, STANZA_ITEM_NOT_FOUND) : err;
	query = xml_new(ev->arena, NS_PRIVACY, "query");
	privacy_show_list(ev, query, list);
	return event_result(ev, query);
}

/* ---- what is in use ---- */

/*
 * Does LIST apply to a session other than the sender's?  §2.2: then it can be neither removed nor
 * replaced as the default one.
 */
static bool others_use(struct mod *m, struct event *ev, const struct rules *rules,
                       uint64_t number)
{
	struct session *s = NULL;

	while ((s = entity_next_session(ev->entity, s)) != NULL) {
		const struct rule_list *list = rules_for(m, rules, s);

		if (s != ev->session && list != NULL && list->number == number)
			return true;
	}
	return false;
}

void privacy_remove(struct mod *m, struct event *ev, const struct rule_list *list)
{
	struct rules *rules = mod_entity_state(m, ev->entity);
	struct session *s = NULL;

	while ((s = entity_next_session(ev->entity, s)) != NULL) {
		struct rules_session *state = mod_session_state(m, s);

		if (state->active != list->number)
			continue;
		state->active = 0;
		session_changed(s);
	}
	if (rules->standard == list->number)
		rules_set_default(m, ev, 0);
	rules_remove(m, ev, list);
}

/* ---- changes ---- */

/* A change of the lists: what it began from. */
struct change {
	struct visibility visible;
	struct rule_list *standard; /* NULL: none */
	const struct rules *rules;
};

static int change_begin(struct mod *m, struct event *ev, struct change *c)
{
	int err = rules_read_default(ev, &c->standard);

	if (err == ERR_NOENT) {
		c->standard = NULL;
		err = 0;
	}
	if (err == 0)
		err = visibility_note(m, ev, &c->visible);
	if (err == 0)
		err = rules_load(m, ev, &c->rules);
	return err;
}

/* §2.2: only its name, to all. */
static void push(struct event *ev, struct str name)
{
	struct stanza *iq = stanza_new(ev->arena, STANZA_IQ, TYPE_SET);
	struct xml_node *query = xml_add(ev->arena, stanza_node(iq), NS_PRIVACY, "query");
	const struct stanza *shared;
	struct session *s = NULL;

	iq->id = rand_token(ev->arena, PUSH_ID_BYTES);
	xml_set(ev->arena, xml_add(ev->arena, query, NULL, "list"), "name", name);
	shared = event_share(ev, iq);
	while ((s = entity_next_session(ev->entity, s)) != NULL)
		event_offer(ev, s, shared);
}

/* The answer, and whoever else has to know; CHANGED: the list that is another now, if any. */
static int change_end(struct mod *m, struct event *ev, const struct change *c,
                      struct str changed)
{
	struct rule_list *standard = NULL;
	int err = rules_read_default(ev, &standard);

	if (err < 0 && err != ERR_NOENT)
		return err;
	event_result(ev, NULL);
	if (!str_is_absent(changed))
		push(ev, changed);
	blocklist_push_change(m, ev, c->standard, err == 0 ? standard : NULL);
	err = visibility_change(m, ev, &c->visible);
	return err < 0 ? err : MOD_HANDLED;
}

/* The list that NODE names, or number 0 where it names none: <active/>, <default/>. */
static int find_named(struct event *ev, const struct xml_node *node, uint64_t *number_out)
{
	struct str name = xml_attr(node, "name");
	struct rule_list *list;
	int err;

	*number_out = 0;
	if (str_is_empty(name)) /* some clients decline with an empty name */
		return 0;
	err = rules_read_named(ev, name, &list);
	if (err == 0)
		*number_out = list->number;
	return err;
}

/* §2.4. */
static int set_active(struct mod *m, struct event *ev, const struct xml_node *node)
{
	struct rules_session *state = mod_session_state(m, ev->session);
	struct change c;
	uint64_t number;
	int err = find_named(ev, node, &number);

	if (err == ERR_NOENT)
		return event_error(ev, STANZA_ITEM_NOT_FOUND);
	if (err == 0)
		err = change_begin(m, ev, &c);
	if (err < 0)
		return err;
	state->active = number;
	session_changed(ev->session);
	rules_forget(m, ev); /* it may be one that nobody used so far */
	return change_end(m, ev, &c, STR_NONE);
}

/* §2.5. */
static int set_default(struct mod *m, struct event *ev, const struct xml_node *node)
{
	struct change c;
	uint64_t number;
	int err = find_named(ev, node, &number);

	if (err == ERR_NOENT)
		return event_error(ev, STANZA_ITEM_NOT_FOUND);
	if (err == 0)
		err = change_begin(m, ev, &c);
	if (err < 0)
		return err;
	if (number == c.rules->standard)
		return event_result(ev, NULL);
	if (c.standard != NULL && others_use(m, ev, c.rules, c.standard->number))
		return event_error(ev, STANZA_CONFLICT);
	rules_set_default(m, ev, number);
	return change_end(m, ev, &c, STR_NONE);
}

/* §2.8. */
static int remove_list(struct mod *m, struct event *ev, struct str name)
{
	struct rule_list *list;
	struct change c;
	int err = rules_read_named(ev, name, &list);

	if (err == ERR_NOENT)
		return event_error(ev, STANZA_ITEM_NOT_FOUND);
	if (err == 0)
		err = change_begin(m, ev, &c);
	if (err < 0)
		return err;
	if (others_use(m, ev, c.rules, list->number))
		return event_error(ev, STANZA_CONFLICT);
	privacy_remove(m, ev, list);
	return change_end(m, ev, &c, name);
}

/* All of LIST is as NODE has it. */
static int write_list(struct mod *m, struct event *ev, const struct xml_node *node,
                      struct rule_list *list)
{
	const struct blocking_conf *conf = mod_conf(m);
	enum stanza_error condition;
	struct change c;
	int err;

	if (privacy_read_items(ev, node, (size_t)conf->items, list, &condition) < 0)
		return event_error(ev, condition);
	err = change_begin(m, ev, &c);
	if (err == 0)
		err = rules_write(m, ev, list);
	if (err == ERR_TOO_BIG)
		return event_error_text(ev, STANZA_RESOURCE_CONSTRAINT,
		                        "the list is too large, or there are too many");
	return err < 0 ? err : change_end(m, ev, &c, list->name);
}

/* §2.6, §2.7; without items §2.8. */
static int set_list(struct mod *m, struct event *ev, const struct xml_node *node)
{
	struct str name = xml_attr(node, "name");
	struct rule_list *list;
	int err;

	if (str_is_empty(name) || name.n > NAME_MAX_BYTES)
		return event_error(ev, STANZA_BAD_REQUEST);
	if (xml_next_child(node, NULL) == NULL)
		return remove_list(m, ev, name);
	err = rules_read_named(ev, name, &list);
	if (err == ERR_NOENT) {
		list = ARENA_NEW(ev->arena, struct rule_list);
		list->name = name;
		err = 0;
	}
	return err < 0 ? err : write_list(m, ev, node, list);
}

int privacy_set(struct mod *m, struct event *ev)
{
	const struct xml_node *child = xml_only_child(ev->payload);

	if (xml_is(child, NS_PRIVACY, "active"))
		return set_active(m, ev, child);
	if (xml_is(child, NS_PRIVACY, "default"))
		return set_default(m, ev, child);
	if (xml_is(child, NS_PRIVACY, "list"))
		return set_list(m, ev, child);
	return event_error(ev, STANZA_BAD_REQUEST); /* none, several, or unknown (§2.1) */
}
