/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/roster/shared.h"

#include "modules/roster/contacts.h"

#include <string.h>

struct shared_group {
	struct str name;
	bool everyone; /* all accounts of the host */
	struct jid *members;
	size_t n_members;
};

/* ---- the configuration ---- */

static struct str take_word(struct str *rest, char end)
{
	const char *at = rest->n == 0 ? NULL : memchr(rest->p, end, rest->n);
	size_t n = at == NULL ? rest->n : (size_t)(at - rest->p);
	struct str word = str_trim(str_make(rest->p, n));

	*rest = at == NULL ? str_make(rest->p + rest->n, 0) : str_make(at + 1, rest->n - n - 1);
	return word;
}

static size_t count_words(struct str text)
{
	size_t n = 0;

	for (; text.n > 0; n++)
		take_word(&text, ',');
	return n;
}

/* Members are accounts of the host: presence goes to them unasked. */
static bool read_member(struct mod *m, struct arena *arena, struct str word, struct jid *out)
{
	return jid_parse(arena, arena_copy(arena, word), out) == 0 && jid_is_bare(*out) &&
	       !jid_is_domain(*out) && str_eq(jid_domain(*out), host_name(mod_host(m)));
}

static int read_group(struct mod *m, struct str line, struct shared_group *group)
{
	struct roster_state_of_host *state = mod_state(m);
	struct str rest = line;

	group->name = take_word(&rest, ':');
	group->everyone = str_eq(str_trim(rest), STR("*"));
	if (group->name.n == 0 || str_trim(rest).n == 0)
		return ERR_CONFIG;
	if (group->everyone)
		return 0;
	group->members = ARENA_ARRAY(state->arena, struct jid, count_words(rest));
	while (rest.n > 0)
		if (!read_member(m, state->arena, take_word(&rest, ','),
		                 &group->members[group->n_members++]))
			return ERR_CONFIG;
	return 0;
}

int shared_start(struct mod *m, const struct conf_list *lines)
{
	struct roster_state_of_host *state = mod_state(m);

	state->arena = arena_new(1024);
	state->groups = ARENA_ARRAY(state->arena, struct shared_group, lines->n);
	for (size_t i = 0; i < lines->n; i++) {
		if (read_group(m, lines->items[i], &state->groups[i]) < 0) {
			log_error(NULL,
			          "roster: shared group \"" STR_FMT
			          "\": expected a name, a colon, "
			          "and * or accounts of the host separated by commas",
			          STR_ARG(lines->items[i]));
			return ERR_CONFIG;
		}
		state->n_groups++;
	}
	return 0;
}

void shared_stop(struct mod *m)
{
	struct roster_state_of_host *state = mod_state(m);

	arena_free(&state->arena);
}

/* ---- who is in what ---- */

/* ACCOUNT is one of the host's for EVERYONE. */
static bool is_member(const struct shared_group *group, struct jid account)
{
	if (group->everyone)
		return true;
	for (size_t i = 0; i < group->n_members; i++)
		if (jid_eq(group->members[i], account))
			return true;
	return false;
}

static bool is_shared_name(const struct roster_state_of_host *state, struct str name)
{
	for (size_t i = 0; i < state->n_groups; i++)
		if (str_eq(state->groups[i].name, name))
			return true;
	return false;
}

bool shared_applies(struct mod *m, struct event *ev)
{
	const struct roster_state_of_host *state = mod_state(m);

	for (size_t i = 0; i < state->n_groups; i++)
		if (ev->owner != 0 && is_member(&state->groups[i], entity_jid(ev->entity)))
			return true;
	return false;
}

static void add_group(struct arena *arena, struct roster_item *item, struct str name)
{
	struct str *groups = ARENA_ARRAY(arena, struct str, item->n_groups + 1);

	for (size_t i = 0; i < item->n_groups; i++)
		groups[i] = item->groups[i];
	groups[item->n_groups++] = name;
	item->groups = groups;
}

/* The groups that the account and ITEM are both in, ITEM being an account of the host. */
static int overlay_account(struct mod *m, struct event *ev, struct roster_item *item)
{
	const struct roster_state_of_host *state = mod_state(m);
	int any = 0;

	for (size_t i = 0; i < state->n_groups; i++) {
		const struct shared_group *group = &state->groups[i];

		if (!is_member(group, entity_jid(ev->entity)) || !is_member(group, item->jid))
			continue;
		add_group(ev->arena, item, group->name);
		any = 1;
	}
	if (!any)
		return 0;
	item->subscription = (struct subscription){ .to = true, .from = true };
	if (str_is_absent(item->name))
		item->name = jid_local(item->jid);
	return any;
}

int shared_overlay(struct mod *m, struct event *ev, struct roster_item *item)
{
	const struct roster_state_of_host *state = mod_state(m);

	if (state->n_groups == 0 || ev->owner == 0 || !jid_is_bare(item->jid) ||
	    jid_eq(item->jid, entity_jid(ev->entity)) || !host_has_account(ev, item->jid))
		return 0;
	return overlay_account(m, ev, item);
}

void shared_strip(struct mod *m, struct roster_item *item)
{
	const struct roster_state_of_host *state = mod_state(m);
	size_t n = 0;

	for (size_t i = 0; i < item->n_groups; i++)
		if (!is_shared_name(state, item->groups[i]))
			item->groups[n++] = item->groups[i];
	item->n_groups = n;
}

/* ---- all contacts ---- */

struct walk {
	struct mod *m;
	struct event *ev;
	roster_fn *fn;
	void *arg;
};

static int on_stored(void *arg, const struct roster_item *stored)
{
	struct walk *walk = arg;
	struct roster_item item = *stored;
	int err = shared_overlay(walk->m, walk->ev, &item);

	return err < 0 ? err : walk->fn(walk->arg, &item);
}

static int on_account(void *arg, struct jid account)
{
	struct walk *walk = arg;
	struct roster_item item;
	bool listed;
	int err;

	if (jid_eq(account, entity_jid(walk->ev->entity)))
		return 0;
	err = item_load(walk->ev, account, &item, &listed);
	if (err < 0 || listed)
		return err;
	err = overlay_account(walk->m, walk->ev, &item);
	return err <= 0 ? err : walk->fn(walk->arg, &item);
}

int shared_each(struct mod *m, struct event *ev, roster_fn *fn, void *arg)
{
	struct walk walk = { .m = m, .ev = ev, .fn = fn, .arg = arg };
	int err;

	if (!shared_applies(m, ev))
		return items_each(ev, fn, arg);
	err = items_each(ev, on_stored, &walk);
	return err != 0 ? err : host_each_account(ev, on_account, &walk);
}

/* ---- introductions ---- */

static int introduce_to(void *arg, const struct roster_item *item)
{
	if (jid_is_bare(item->jid) && item->subscription.from)
		contact_tell(arg, TYPE_SUBSCRIBED, item->jid);
	return 0;
}

/* Once in an account's life: others that are online fetched their roster before it was there. */
int shared_introduce(struct mod *m, struct event *ev)
{
	struct str known;
	int err;

	if (!shared_applies(m, ev))
		return 0;
	err = event_find(ev, &roster_introduced_space, STR(""), &known);
	if (err != ERR_NOENT)
		return err;
	event_note(ev, &roster_introduced_space, STR(""), STR("\1"));
	return shared_each(m, ev, introduce_to, ev);
}
