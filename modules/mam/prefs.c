/*
 * prefs.c - what an account wants to be archived (XEP-0441).
 *
 * Space "archive-prefs", version 1, one record for an account that has set any:
 *     (empty key) -> version, default (number: 0 always, 1 never, 2 those in the roster),
 *                    how many addresses to archive always, these, then those never to archive
 *
 * An address with a resource says more than one without, and of two that say as much the one that
 * archives less counts.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/mam/private.h"
#include "modules/roster/roster.h"

const struct store_space prefs_space = { .name = "archive-prefs", .version = 1 };
const char *const prefs_defaults[] = {
	[PREFS_ALWAYS] = "always", [PREFS_NEVER] = "never", [PREFS_ROSTER] = "roster", NULL
};

struct jid_list {
	struct str *jids; /* prepared */
	size_t n;
};
struct prefs {
	uint64_t def;
	struct jid_list always, never;
};

/* ---- the record ---- */

static struct str encode(struct arena *arena, const struct prefs *prefs)
{
	struct record_writer w;

	record_begin(&w, 1);
	record_put_u64(&w, prefs->def);
	record_put_u64(&w, prefs->always.n);
	for (size_t i = 0; i < prefs->always.n; i++)
		record_put_str(&w, prefs->always.jids[i]);
	for (size_t i = 0; i < prefs->never.n; i++)
		record_put_str(&w, prefs->never.jids[i]);
	return record_finish(&w, arena);
}

/* How many addresses follow. */
static size_t count(struct record_reader r)
{
	size_t n = 0;

	while (record_more(&r)) {
		record_str(&r);
		n++;
	}
	return n;
}

static void read_jids(struct arena *arena, struct record_reader *r, size_t n,
                      struct jid_list *list_out)
{
	list_out->n = n;
	list_out->jids = ARENA_ARRAY(arena, struct str, n);
	for (size_t i = 0; i < n; i++)
		list_out->jids[i] = record_str(r);
}

static int decode(struct arena *arena, struct str value, struct prefs *prefs_out)
{
	struct record_reader r;
	uint64_t n_always;
	size_t n;

	if (record_open(&r, value) != 1)
		return ERR_CORRUPT;
	prefs_out->def = record_u64(&r);
	n_always = record_u64(&r);
	n = count(r);
	if (r.err < 0 || n_always > n || prefs_out->def > PREFS_ROSTER)
		return ERR_CORRUPT;
	read_jids(arena, &r, n_always, &prefs_out->always);
	read_jids(arena, &r, n - n_always, &prefs_out->never);
	return record_end(&r);
}

/* The account's, or the host's default. */
static int find(struct mod *m, struct event *ev, struct prefs *prefs_out)
{
	const struct mam_conf *conf = mod_conf(m);
	struct mam_entity *state = mod_entity_state(m, ev->entity);
	struct str value;
	int err = ERR_NOENT;

	*prefs_out = (struct prefs){ .def = (uint64_t)conf->def };
	if (ev->owner != 0 && (!state->knows_prefs || state->has_prefs))
		err = event_find(ev, &prefs_space, STR(""), &value);
	if (err < 0 && err != ERR_NOENT)
		return err;
	state->knows_prefs = true;
	state->has_prefs = err == 0;
	return err == 0 ? decode(ev->arena, value, prefs_out) : 0;
}

/* ---- which messages ---- */

/* §2.3: 2 when the list has the address itself, 1 when it has the bare JID, else 0. */
static int match(const struct jid_list *list, struct jid with)
{
	int found = 0;

	for (size_t i = 0; i < list->n; i++) {
		if (!jid_is_bare(with) && str_eq(list->jids[i], jid_full_str(with)))
			return 2;
		if (str_eq(list->jids[i], jid_bare_str(with)))
			found = 1;
	}
	return found;
}

static int is_in_roster(struct event *ev, struct jid who)
{
	struct roster_item item;
	int err = roster_find(ev, jid_bare(who), &item);

	return err == ERR_NOENT ? 0 : err < 0 ? err : 1;
}

int prefs_want(struct mod *m, struct event *ev, struct jid with)
{
	struct prefs prefs;
	int always, never, err = find(m, ev, &prefs);

	if (err < 0)
		return err;
	always = match(&prefs.always, with);
	never = match(&prefs.never, with);
	if (always != never)
		return always > never;
	if (never > 0 || prefs.def == PREFS_NEVER)
		return 0;
	return prefs.def == PREFS_ALWAYS ? 1 : is_in_roster(ev, with);
}

/* ---- asked and set by the client ---- */

static void add_list(struct arena *arena, struct xml_node *parent, const char *name,
                     const struct jid_list *list)
{
	struct xml_node *node = xml_add(arena, parent, NULL, name);

	for (size_t i = 0; i < list->n; i++)
		xml_add_leaf(arena, node, "jid", list->jids[i]);
}

/* §2.1: both lists, even if they are empty. */
static int answer(struct event *ev, const struct prefs *prefs)
{
	struct xml_node *node = xml_new(ev->arena, NS_MAM, "prefs");

	xml_set(ev->arena, node, "default", str_of(prefs_defaults[prefs->def]));
	add_list(ev->arena, node, "always", &prefs->always);
	add_list(ev->arena, node, "never", &prefs->never);
	return event_result(ev, node);
}

int prefs_on_get(struct mod *m, struct event *ev)
{
	struct prefs prefs;
	int err = find(m, ev, &prefs);

	return err < 0 ? err : answer(ev, &prefs);
}

static bool read_default(const struct xml_node *node, uint64_t *def_out)
{
	struct str name = xml_attr(node, "default");

	for (uint64_t i = 0; prefs_defaults[i] != NULL; i++) {
		if (str_is(name, prefs_defaults[i])) {
			*def_out = i;
			return true;
		}
	}
	return false;
}

/* NODE may be NULL.  ERR_INVALID: something in it is no address; ERR_FULL: there are more than MAX. */
static int read_list(struct arena *arena, const struct xml_node *node, size_t max,
                     struct jid_list *list_out)
{
	const struct xml_node *child = NULL;
	struct jid jid;

	list_out->jids = ARENA_ARRAY(arena, struct str, max);
	if (node == NULL) /* §2.1.2, §2.1.3: as an empty one */
		return 0;
	while ((child = xml_next_child(node, child)) != NULL) {
		if (!xml_is(child, NS_MAM, "jid"))
			continue;
		if (jid_parse(arena, str_trim(xml_text(arena, child)), &jid) < 0)
			return ERR_INVALID;
		if (list_out->n == max)
			return ERR_FULL;
		list_out->jids[list_out->n++] = jid_full_str(jid);
	}
	return 0;
}

int prefs_on_set(struct mod *m, struct event *ev)
{
	const struct mam_conf *conf = mod_conf(m);
	struct mam_entity *state = mod_entity_state(m, ev->entity);
	size_t max = (size_t)conf->max_prefs;
	struct prefs prefs = { .def = 0 };
	int err;

	if (ev->owner == 0)
		return event_error(ev, STANZA_NOT_ALLOWED);
	if (!read_default(ev->payload, &prefs.def))
		return event_error(ev, STANZA_BAD_REQUEST);
	err = read_list(ev->arena, xml_child(ev->payload, NULL, "always"), max, &prefs.always);
	if (err == 0)
		err = read_list(ev->arena, xml_child(ev->payload, NULL, "never"),
		                max - prefs.always.n, &prefs.never);
	if (err < 0)
		return err == ERR_INVALID ? event_error(ev, STANZA_JID_MALFORMED)
		                          : event_error_text(ev, STANZA_RESOURCE_CONSTRAINT,
		                                             "too many addresses");
	event_put(ev, &prefs_space, STR(""), encode(ev->arena, &prefs));
	state->knows_prefs = state->has_prefs = true;
	return answer(ev, &prefs);
}
