/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/blocking/blocklist.h"

#define PUSH_ID_BYTES 9 /* of randomness */

static void add_names(struct strset *set, const struct blocklist_jids *jids)
{
	for (size_t i = 0; i < jids->n; i++)
		strset_add(set, jid_full_str(jids->jids[i]));
}

static struct rule make_block(struct jid jid)
{
	return (struct rule){ .kind = RULE_JID,
		              .deny = true,
		              .parts = PART_ALL,
		              .value = jid_full_str(jid),
		              .jid = jid };
}

/* The rules that stay, in their order, from FROM on; blocks of NAMES (NULL: all) do not. */
static size_t keep(struct rule *to, const struct rule_list *list, size_t from,
                   const struct strset *names)
{
	size_t n = 0;

	for (size_t i = from; i < list->n; i++) {
		const struct rule *r = &list->rules[i];

		if (rule_is_block(r) && (names == NULL || strset_has(names, r->value)))
			continue;
		to[n++] = *r;
	}
	return n;
}

/* Places are counted from 1, as clients do. */
static void number(struct rule_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		list->rules[i].order = (uint32_t)(i + 1);
}

bool blocklist_add(struct event *ev, struct rule_list *list, const struct blocklist_jids *jids)
{
	struct rule *rules = ARENA_ARRAY(ev->arena, struct rule, list->n + jids->n);
	struct strset names = { NULL };
	size_t first = 0, n;

	add_names(&names, jids);
	for (; first < list->n && rule_is_block(&list->rules[first]); first++) {
		rules[first] = list->rules[first];
		strset_remove(&names, rules[first].value);
	}
	n = first;
	for (size_t i = 0; i < jids->n; i++)
		if (strset_has(&names, jid_full_str(jids->jids[i]))) {
			rules[n++] = make_block(jids->jids[i]);
			strset_remove(&names, jid_full_str(jids->jids[i]));
		}
	add_names(&names, jids);
	if (n > first) {
		list->n = n + keep(rules + n, list, first, &names);
		list->rules = rules;
		number(list);
	}
	strset_clear(&names);
	return n > first;
}

bool blocklist_remove(struct rule_list *list, const struct blocklist_jids *jids)
{
	struct strset names = { NULL };
	size_t before = list->n;

	if (jids != NULL)
		add_names(&names, jids);
	list->n = keep(list->rules, list, 0, jids == NULL ? NULL : &names);
	strset_clear(&names);
	return list->n != before;
}

void blocklist_push(struct mod *m, struct event *ev, const char *name,
                    const struct blocklist_jids *jids)
{
	struct stanza *iq = stanza_new(ev->arena, STANZA_IQ, TYPE_SET);
	struct xml_node *command = xml_add(ev->arena, stanza_node(iq), NS_BLOCKING, name);
	const struct stanza *push;
	struct session *s = NULL;

	iq->id = rand_token(ev->arena, PUSH_ID_BYTES);
	for (size_t i = 0; i < jids->n; i++)
		xml_set(ev->arena, xml_add(ev->arena, command, NULL, "item"), "jid",
		        jid_full_str(jids->jids[i]));
	push = event_share(ev, iq);
	while ((s = entity_next_session(ev->entity, s)) != NULL)
		if (((struct rules_session *)mod_session_state(m, s))->wants_blocklist)
			event_offer(ev, s, push);
}

/* The blocks of LIST that are not in OTHER; either may be NULL. */
static struct blocklist_jids only_in(struct event *ev, const struct rule_list *list,
                                     const struct rule_list *other)
{
	struct blocklist_jids only = { .n = 0 };
	struct strset names = { NULL };

	if (list == NULL)
		return only;
	for (size_t i = 0; other != NULL && i < other->n; i++)
		if (rule_is_block(&other->rules[i]))
			strset_add(&names, other->rules[i].value);
	only.jids = ARENA_ARRAY(ev->arena, struct jid, list->n);
	for (size_t i = 0; i < list->n; i++)
		if (rule_is_block(&list->rules[i]) && !strset_has(&names, list->rules[i].value))
			only.jids[only.n++] = list->rules[i].jid;
	strset_clear(&names);
	return only;
}

struct blocklist_jids blocklist_of(struct event *ev, const struct rule_list *list)
{
	return only_in(ev, list, NULL);
}

void blocklist_push_change(struct mod *m, struct event *ev, const struct rule_list *before,
                           const struct rule_list *after)
{
	struct blocklist_jids gone = only_in(ev, before, after),
			      come = only_in(ev, after, before);

	if (gone.n > 0)
		blocklist_push(m, ev, "unblock", &gone);
	if (come.n > 0)
		blocklist_push(m, ev, "block", &come);
}
