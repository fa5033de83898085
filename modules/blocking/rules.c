/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/blocking/rules.h"

#include <stdlib.h>

#define RULES_VERSION 1
#define ARENA_BYTES 1024

const struct store_space rules_space = { .name = "privacy", .version = RULES_VERSION };
const struct store_space rules_default_space = { .name = "privacy-default",
	                                         .version = RULES_VERSION };

/* ---- one rule ---- */

bool rule_is_block(const struct rule *r)
{
	return r->kind == RULE_JID && r->deny && r->parts == PART_ALL;
}

bool rule_jid_matches(struct jid rule, struct jid jid)
{
	if (!jid_is_bare(rule))
		return jid_eq(rule, jid);
	if (!jid_is_domain(rule))
		return jid_bare_eq(rule, jid);
	return str_eq(jid_domain(rule), jid_domain(jid));
}

static int by_text(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static bool has_text(const struct rule_list *list, struct str text)
{
	return bsearch(&text, list->blocks, list->n_blocks, sizeof(text), by_text) != NULL;
}

bool rules_begin_with(const struct rule_list *list, struct jid jid)
{
	if (list->n_blocks == 0)
		return false;
	return has_text(list, jid_bare_str(jid)) || has_text(list, jid_domain(jid)) ||
	       (!jid_is_bare(jid) && has_text(list, jid_full_str(jid)));
}

bool rules_block(const struct rule_list *list, struct jid jid)
{
	if (list == NULL)
		return false;
	if (list->n_blocks > 0 && has_text(list, jid_full_str(jid)))
		return true;
	for (size_t i = list->n_blocks; i < list->n; i++)
		if (rule_is_block(&list->rules[i]) && jid_eq(list->rules[i].jid, jid))
			return true;
	return false;
}

/* So that a long blocklist costs no more than a short one, for each stanza. */
static void sort_blocks(struct arena *arena, struct rule_list *list)
{
	struct str *blocks;

	while (list->n_blocks < list->n && rule_is_block(&list->rules[list->n_blocks]))
		list->n_blocks++;
	if (list->n_blocks == 0)
		return;
	blocks = ARENA_ARRAY(arena, struct str, list->n_blocks);
	for (size_t i = 0; i < list->n_blocks; i++)
		blocks[i] = list->rules[i].value;
	qsort(blocks, list->n_blocks, sizeof(*blocks), by_text);
	list->blocks = blocks;
}

/* ---- as stored ---- */

static struct str key_of(struct arena *arena, uint64_t number)
{
	struct store_key k;

	key_init(&k);
	key_u64(&k, number);
	return arena_copy(arena, key_str(&k));
}

static struct str encode(struct arena *arena, const struct rule_list *list)
{
	struct record_writer w;

	record_begin(&w, RULES_VERSION);
	record_put_str(&w, list->name);
	for (size_t i = 0; i < list->n; i++) {
		const struct rule *r = &list->rules[i];

		record_put_u64(&w, r->kind);
		record_put_u64(&w, r->deny);
		record_put_u64(&w, r->parts);
		record_put_u64(&w, r->order);
		record_put_str(&w, r->value);
	}
	return record_finish(&w, arena);
}

static int decode_rule(struct arena *arena, struct record_reader *in, struct rule *r)
{
	uint64_t kind = record_u64(in), deny = record_u64(in), parts = record_u64(in),
		 order = record_u64(in);

	r->value = record_str(in);
	if (in->err < 0 || kind > RULE_SUBSCRIPTION || deny > 1 || parts > PART_ALL ||
	    order > UINT32_MAX)
		return ERR_CORRUPT;
	r->kind = (enum rule_kind)kind;
	r->deny = deny == 1;
	r->parts = (unsigned)parts;
	r->order = (uint32_t)order;
	return r->kind == RULE_JID && jid_parse(arena, r->value, &r->jid) < 0 ? ERR_CORRUPT : 0;
}

static size_t count_rules(struct record_reader in)
{
	size_t n = 0;

	for (; in.err == 0 && record_more(&in); n++) {
		for (int i = 0; i < 4; i++)
			record_u64(&in);
		record_str(&in);
	}
	return n;
}

/* VALUE lives as long as ARENA. */
static int decode(struct arena *arena, uint64_t number, struct str value,
                  struct rule_list **list_out)
{
	struct rule_list *list = ARENA_NEW(arena, struct rule_list);
	struct record_reader in;
	int err = 0;

	if (record_open(&in, value) != RULES_VERSION)
		return ERR_CORRUPT;
	list->number = number;
	list->name = record_str(&in);
	list->n = count_rules(in);
	list->rules = ARENA_ARRAY(arena, struct rule, list->n);
	for (size_t i = 0; i < list->n && err == 0; i++)
		err = decode_rule(arena, &in, &list->rules[i]);
	if (err == 0)
		err = record_end(&in);
	if (err == 0)
		sort_blocks(arena, list);
	*list_out = list;
	return err;
}

static int read_list(struct event *ev, struct arena *arena, uint64_t number,
                     struct rule_list **list_out)
{
	struct str value;
	int err = event_find(ev, &rules_space, key_of(ev->arena, number), &value);

	return err < 0 ? err : decode(arena, number, arena_copy(arena, value), list_out);
}

/* 0 in *number_out: there is none. */
static int read_standard(struct event *ev, uint64_t *number_out)
{
	struct record_reader in;
	struct str value;
	int err = event_find(ev, &rules_default_space, STR(""), &value);

	*number_out = 0;
	if (err < 0)
		return err == ERR_NOENT ? 0 : err;
	if (record_open(&in, value) != RULES_VERSION)
		return ERR_CORRUPT;
	*number_out = record_u64(&in);
	return record_end(&in);
}

/* ---- what applies ---- */

static const struct rule_list *find(const struct rules *rules, uint64_t number)
{
	const struct rule_list *list = rules->lists;

	while (list != NULL && list->number != number)
		list = list->next;
	return list;
}

/* A list that is gone applies no more. */
static int add(struct event *ev, struct rules *rules, uint64_t number)
{
	struct rule_list *list;
	int err;

	if (number == 0 || find(rules, number) != NULL)
		return 0;
	if (rules->arena == NULL)
		rules->arena = arena_new(ARENA_BYTES);
	err = read_list(ev, rules->arena, number, &list);
	if (err < 0)
		return err == ERR_NOENT ? 0 : err;
	list->next = rules->lists;
	rules->lists = list;
	return 0;
}

static int load(struct mod *m, struct event *ev, struct rules *rules)
{
	struct session *s = NULL;
	int err = read_standard(ev, &rules->standard);

	if (err == 0)
		err = add(ev, rules, rules->standard);
	while (err == 0 && (s = entity_next_session(ev->entity, s)) != NULL)
		err = add(ev, rules, ((struct rules_session *)mod_session_state(m, s))->active);
	return err;
}

int rules_load(struct mod *m, struct event *ev, const struct rules **rules_out)
{
	struct rules *rules = mod_entity_state(m, ev->entity);
	int err = 0;

	*rules_out = rules;
	if (rules->loaded)
		return 0;
	if (ev->owner != 0) /* else nothing is kept for it */
		err = load(m, ev, rules);
	if (err < 0) {
		rules_forget(m, ev);
		return err;
	}
	rules->loaded = true;
	rules->none = rules->lists == NULL;
	return 0;
}

void rules_end(struct mod *m, void *state)
{
	struct rules *rules = state;

	arena_free(&rules->arena);
}

void rules_forget(struct mod *m, struct event *ev)
{
	struct rules *rules = mod_entity_state(m, ev->entity);

	rules_end(m, rules);
	*rules = (struct rules){ .loaded = false };
}

int rules_snapshot(struct mod *m, struct event *ev, struct rules *rules_out)
{
	*rules_out = (struct rules){ .arena = ev->arena };
	return ev->owner == 0 ? 0 : load(m, ev, rules_out);
}

const struct rule_list *rules_active(const struct rules *rules, uint64_t active)
{
	const struct rule_list *list = active == 0 ? NULL : find(rules, active);

	if (list != NULL || rules->standard == 0)
		return list;
	return find(rules, rules->standard);
}

const struct rule_list *rules_for(struct mod *m, const struct rules *rules,
                                  struct session *session)
{
	const struct rules_session *state =
		session == NULL ? NULL : mod_session_state(m, session);

	return rules_active(rules, state == NULL ? 0 : state->active);
}

/* ---- sessions ---- */

void rules_session_save(struct mod *m, struct session *s, struct record_writer *w)
{
	const struct rules_session *state = mod_session_state(m, s);

	if (!state->wants_blocklist && state->active == 0)
		return;
	record_put_u64(w, state->wants_blocklist);
	record_put_u64(w, state->active);
}

int rules_session_load(struct mod *m, struct session *s, struct record_reader *r)
{
	struct rules_session *state = mod_session_state(m, s);

	state->wants_blocklist = record_u64(r) == 1;
	state->active = record_u64(r);
	return record_end(r);
}

/* ---- the stored lists ---- */

int rules_read_default(struct event *ev, struct rule_list **list_out)
{
	uint64_t number = 0;
	int err = ev->owner == 0 ? 0 : read_standard(ev, &number);

	if (err < 0)
		return err;
	return number == 0 ? ERR_NOENT : read_list(ev, ev->arena, number, list_out);
}

struct names {
	struct event *ev;
	const struct rule_list *first, **end;
};

static int on_list(void *arg, struct str key, struct str value)
{
	struct names *names = arg;
	struct rule_list *list = ARENA_NEW(names->ev->arena, struct rule_list);
	struct record_reader in;
	size_t pos = 0;

	if (record_open(&in, value) != RULES_VERSION ||
	    key_read_u64(key, &pos, &list->number) < 0)
		return ERR_CORRUPT;
	list->name = arena_copy(names->ev->arena, record_str(&in));
	if (in.err < 0)
		return ERR_CORRUPT;
	*names->end = list;
	names->end = &list->next;
	return 0;
}

int rules_read_names(struct event *ev, const struct rule_list **first_out)
{
	struct names names = { .ev = ev, .end = &names.first };
	int err = ev->owner == 0
	                  ? 0
	                  : event_scan(ev, &rules_space, STR(""), STR_NONE, 0, on_list, &names);

	*first_out = names.first;
	return err;
}

int rules_read_named(struct event *ev, struct str name, struct rule_list **list_out)
{
	const struct rule_list *list;
	int err = rules_read_names(ev, &list);

	if (err < 0)
		return err;
	while (list != NULL && !str_eq(list->name, name))
		list = list->next;
	return list == NULL ? ERR_NOENT : read_list(ev, ev->arena, list->number, list_out);
}

/* Numbers ascend, so the new one's is beyond the last. */
static int give_number(struct mod *m, struct event *ev, struct rule_list *list)
{
	const struct blocking_conf *conf = mod_conf(m);
	const struct rule_list *other;
	int64_t n = 0;
	int err = rules_read_names(ev, &other);

	list->number = 1;
	for (; err == 0 && other != NULL; other = other->next, n++)
		list->number = other->number + 1;
	return err == 0 && n >= conf->lists ? ERR_TOO_BIG : err;
}

static void put(struct mod *m, struct event *ev, const struct rule_list *list, struct str value)
{
	event_put(ev, &rules_space, key_of(ev->arena, list->number), value);
	session_charge(ev->session, (int64_t)value.n); /* however little was said of it */
	rules_forget(m, ev);
}

int rules_write(struct mod *m, struct event *ev, struct rule_list *list)
{
	const struct blocking_conf *conf = mod_conf(m);
	struct str value = encode(ev->arena, list);
	int err = 0;

	if (list->n > (size_t)conf->items || value.n > (size_t)conf->list_size)
		return ERR_TOO_BIG;
	if (list->number == 0)
		err = give_number(m, ev, list);
	if (err == 0)
		put(m, ev, list, value);
	return err;
}

void rules_shrink(struct mod *m, struct event *ev, const struct rule_list *list)
{
	put(m, ev, list, encode(ev->arena, list));
}

void rules_remove(struct mod *m, struct event *ev, const struct rule_list *list)
{
	event_delete(ev, &rules_space, key_of(ev->arena, list->number));
	rules_forget(m, ev);
}

void rules_set_default(struct mod *m, struct event *ev, uint64_t number)
{
	struct record_writer w;

	rules_forget(m, ev);
	if (number == 0) {
		event_delete(ev, &rules_default_space, STR(""));
		return;
	}
	record_begin(&w, RULES_VERSION);
	record_put_u64(&w, number);
	event_put(ev, &rules_default_space, STR(""), record_finish(&w, ev->arena));
}
