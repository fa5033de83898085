/*
 * search.c - the directory of a host's accounts (XEP-0055): whoever is logged in may search it.
 *
 * Those are in it whose vCard says so (<CLASS><PUBLIC/></CLASS>), or all that have a vCard, as the
 * operator wishes.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/search/private.h"

#define INSTRUCTIONS \
	"Fill in what you know. All of it must be found; a word may end in * for any other " \
	"end."

static const char *const listed[] = { [SEARCH_PUBLIC] = "public", [SEARCH_ALL] = "all", NULL };
static const struct conf_option options[] = {
	CONF_OPT_INT("results", struct search_conf, results, 50, 1, 1000,
	             "accounts in one answer at most"),
	CONF_OPT_INT("per-minute", struct search_conf, per_minute, 30, 1, 1000000,
	             "searches of one account in a minute"),
	CONF_OPT_CHOICE(
		"listed", struct search_conf, listed, SEARCH_PUBLIC, listed,
		"whose accounts are found: those whose vCard is of the class public, or "
		"all that have one"),
	{ 0 },
};

#define BURST 10 /* searches at once */

struct search_state {
	struct mod_rates *rates; /* by bare JID */
};

/* At each entity: its entry was compared with its vCard. */
struct search_entity {
	bool is_current;
};

/* ---- what may be asked for ---- */

static bool is_of_host(struct event *ev)
{
	struct jid from = ev->stanza->from;

	return from.local_n > 0 && str_eq(jid_domain(from), host_name(ev->host));
}

/* XEP-0055 §2.1, §3. */
static int on_get(struct mod *m, struct event *ev)
{
	struct xml_node *query = xml_new(ev->arena, NS_SEARCH, "query"), *x;

	if (!is_of_host(ev))
		return event_error(ev, STANZA_FORBIDDEN);
	xml_add_leaf(ev->arena, query, "instructions", STR(INSTRUCTIONS));
	x = form_new(ev->arena, "form", NS_SEARCH);
	form_title(ev->arena, x, "Search for people", INSTRUCTIONS);
	for (size_t i = 0; i < SEARCH_FIELDS; i++) {
		const struct search_field *f = &search_fields[i];

		if (f->plain)
			xml_add(ev->arena, query, NULL, f->var);
		form_field(ev->arena, x, FIELD_TEXT_SINGLE, f->var, f->label, STR_NONE);
	}
	xml_append(query, x);
	return event_result(ev, query);
}

/* ---- the answer ---- */

struct search {
	struct search_query query;
	bool by_form;
};

/* XEP-0055 §2.1: four fields, be they empty. */
static void add_item(struct arena *arena, struct xml_node *query, const struct search_entry *e)
{
	struct xml_node *item = xml_add(arena, query, NULL, "item");

	xml_set(arena, item, "jid", e->jid);
	for (size_t i = 0; i < SEARCH_FIELDS; i++)
		if (search_fields[i].plain)
			xml_add_leaf(arena, item, search_fields[i].var, e->values[i]);
}

static void add_row(struct arena *arena, struct xml_node *x, const struct search_entry *e)
{
	struct xml_node *item = form_item(arena, x);

	form_cell(arena, item, "jid", e->jid);
	for (size_t i = 0; i < SEARCH_FIELDS; i++)
		form_cell(arena, item, search_fields[i].var, e->values[i]);
}

static struct xml_node *table(struct arena *arena)
{
	struct xml_node *x = form_new(arena, "result", NS_SEARCH);

	form_reported(arena, x, "jid", "Address");
	for (size_t i = 0; i < SEARCH_FIELDS; i++)
		form_reported(arena, x, search_fields[i].var, search_fields[i].label);
	return x;
}

static int on_found(struct event *ev, void *arg)
{
	const struct search *s = arg;
	struct xml_node *query = xml_new(ev->arena, NS_SEARCH, "query");
	struct xml_node *x = s->by_form ? table(ev->arena) : NULL;

	if (s->query.err < 0)
		return s->query.err;
	for (size_t i = 0; i < s->query.n_found; i++) {
		if (x != NULL)
			add_row(ev->arena, x, &s->query.found[i]);
		else
			add_item(ev->arena, query, &s->query.found[i]);
	}
	if (x != NULL)
		xml_append(query, x);
	return event_result(ev, query);
}

/* ---- the question ---- */

/* False: a form that is none of ours. */
static bool read_question(struct event *ev, struct search *s)
{
	const struct xml_node *x = xml_child(ev->payload, NS_DATA_FORM, "x");

	s->by_form = x != NULL;
	if (x != NULL && form_read(x, NS_SEARCH) < 0)
		return false;
	for (size_t i = 0; i < SEARCH_FIELDS; i++) {
		const struct search_field *f = &search_fields[i];
		struct str text = STR_NONE;

		if (x != NULL)
			text = form_get(ev->arena, x, f->var);
		else if (f->plain)
			text = xml_child_text(ev->arena, ev->payload, f->var);
		if (!str_is_absent(text))
			find_add_terms(&s->query, i, text);
	}
	return true;
}

static int on_set(struct mod *m, struct event *ev)
{
	const struct search_conf *conf = mod_conf(m);
	struct search_state *state = mod_state(m);
	struct search *s = ARENA_NEW(ev->arena, struct search);

	if (!is_of_host(ev))
		return event_error(ev, STANZA_FORBIDDEN);
	if (!mod_rate_take(state->rates, jid_bare_str(ev->stanza->from)))
		return event_error_text(ev, STANZA_RESOURCE_CONSTRAINT, "too many searches");
	s->query.arena = ev->arena;
	s->query.host = host_name(ev->host);
	s->query.listed = (enum search_listed)conf->listed;
	s->query.max = (size_t)conf->results;
	if (!read_question(ev, s))
		return event_error(ev, STANZA_BAD_REQUEST);
	if (s->query.n_terms == 0)
		return event_error_text(ev, STANZA_NOT_ACCEPTABLE, "nothing is filled in");
	return event_read(ev, find_run, on_found, s);
}

/* ---- keeping the directory ---- */

static int on_vcard(struct mod *m, struct event *ev)
{
	struct search_entity *own = mod_entity_state(m, ev->entity);
	const struct xml_node *card = ev->payload;
	int err = entry_update(m, ev, xml_next_child(card, NULL) == NULL ? NULL : card);

	own->is_current = err == 0;
	return err < 0 ? err : MOD_PASS;
}

static int renew(struct mod *m, struct event *ev)
{
	const struct xml_node *card = NULL;
	int err = vcard_find(ev, &card);

	return err < 0 && err != ERR_NOENT ? err : entry_update(m, ev, card);
}

/*
 * What changed while this module was not enabled, or had other options, is put right when the
 * account comes; if that fails, the next time, and its session has nothing to do with it.
 */
static int on_come(struct mod *m, struct event *ev)
{
	struct search_entity *own = mod_entity_state(m, ev->entity);
	struct log_ctx ctx = { .kind = "search", .name = jid_bare_str(entity_jid(ev->entity)) };
	int result;

	if (ev->owner == 0 || own->is_current)
		return MOD_PASS;
	result = entry_is_current(m, ev);
	own->is_current = result == 1;
	if (result == 0)
		result = event_aside(ev, renew, m);
	if (result < 0)
		log_peer_error(&ctx, "not in the directory: %s", err_str(result));
	return MOD_PASS;
}

static int on_removed(struct mod *m, struct event *ev)
{
	int err = entry_remove(ev);

	return err < 0 ? err : MOD_PASS;
}

static int start(struct mod *m)
{
	const struct search_conf *conf = mod_conf(m);
	struct search_state *state = mod_state(m);

	state->rates = mod_rates_new(m, BURST, conf->per_minute, SECONDS(60));
	return 0;
}

static void stop(struct mod *m)
{
	struct search_state *state = mod_state(m);

	mod_rates_free(&state->rates);
}

static const struct mod_iq iqs[] = {
	{ NS_SEARCH, "query", IQ_GET | TO_HOST, on_get },
	{ NS_SEARCH, "query", IQ_SET | TO_HOST, on_set },
	{ 0 },
};
static const struct mod_hook hooks[] = {
	{ HOOK_VCARD, PHASE_ACT, on_vcard },
	{ HOOK_BOUND, PHASE_ACT, on_come },
	{ HOOK_RESUMED, PHASE_ACT, on_come },
	{ HOOK_REMOVED, PHASE_ACT, on_removed },
	{ 0 },
};

const struct mod_def mod_search = {
	.abi = MOD_ABI,
	.name = "search",
	.summary = "lets users search for each other by their vCards",
	.xep = "XEP-0055 1.3",
	.off = true,
	.needs = "vcard",
	.conf_size = sizeof(struct search_conf),
	.options = options,
	.state_size = sizeof(struct search_state),
	.start = start,
	.stop = stop,
	.entity_size = sizeof(struct search_entity),
	.iqs = iqs,
	.hooks = hooks,
	.spaces = MOD_SPACES(&search_space, &directory_space),
	.features = MOD_FEATURES(NS_SEARCH),
};
