/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/mam/limits.h"

#include "modules/mam/total.h"

#include <stdlib.h>

struct account_limits {
	struct str account; /* bare JID */
	struct limits limits;
};

/* ---- the option "accounts" ---- */

static const struct conf_option options[] = {
	CONF_OPT_TIME("keep", struct limits, keep, 0, 0, KEEP_MAX, ""),
	CONF_OPT_INT("max-messages", struct limits, max_messages, 0, 0, MESSAGES_MAX, ""),
	CONF_OPT_BYTES("max-size", struct limits, max_size, 0, 0, SIZE_MAX_BYTES, ""),
	{ 0 },
};

/* "max-size 1 GiB", into LIMITS; false: *EXPECTED says what it might have been. */
static bool read_limit(struct arena *arena, struct str text, struct limits *limits,
                       struct str *expected)
{
	struct str name = str_cut(&text, ' ');

	*expected = STR("keep, max-messages or max-size, each with a value");
	for (const struct conf_option *o = options; o->name != NULL; o++)
		if (str_is(name, o->name))
			return conf_value(arena, o, arena_cstr(arena, str_trim(text)),
			                  (char *)limits + o->offset, expected) == 0;
	return false;
}

/* "juliet@example.org: keep 30 days, max-size 1 GiB" */
static bool read_item(struct arena *arena, struct str text, struct account_limits *item,
                      struct str *expected)
{
	struct str rest = text, name = str_trim(str_cut(&rest, ':'));
	struct jid jid;

	*expected = STR("an address, a colon, and limits separated by commas");
	if (jid_parse(arena, arena_copy(arena, name), &jid) < 0 || !jid_is_bare(jid) ||
	    jid_is_domain(jid) || str_is_empty(str_trim(rest)))
		return false;
	item->account = jid_bare_str(jid);
	while (!str_is_empty(rest))
		if (!read_limit(arena, str_trim(str_cut(&rest, ',')), &item->limits, expected))
			return false;
	return true;
}

static int compare(const void *a, const void *b)
{
	return str_cmp(((const struct account_limits *)a)->account,
	               ((const struct account_limits *)b)->account);
}

int limits_start(struct mod *m)
{
	const struct mam_conf *conf = mod_conf(m);
	struct mam_state *state = mod_state(m);
	struct str expected;

	state->arena = arena_new(1024);
	state->accounts = ARENA_ARRAY(state->arena, struct account_limits, conf->accounts.n);
	for (size_t i = 0; i < conf->accounts.n; i++) {
		state->accounts[i].limits =
			(struct limits){ conf->keep, conf->max_messages, conf->max_size };
		if (!read_item(state->arena, conf->accounts.items[i], &state->accounts[i],
		               &expected)) {
			log_error(NULL, "mam: accounts: \"" STR_FMT "\": expected " STR_FMT,
			          STR_ARG(conf->accounts.items[i]), STR_ARG(expected));
			return ERR_CONFIG;
		}
	}
	state->n_accounts = conf->accounts.n;
	if (state->n_accounts > 0)
		qsort(state->accounts, state->n_accounts, sizeof(state->accounts[0]), compare);
	return 0;
}

void limits_stop(struct mod *m)
{
	struct mam_state *state = mod_state(m);

	arena_free(&state->arena);
}

/* ---- together ---- */

void limits_count(const struct mod *m, void *count, struct store_reader *reader, uint64_t owner)
{
	const struct mam_conf *conf = mod_conf(m);
	struct usage usage;

	if (conf->max_total > 0 && usage_read(reader, owner, &usage) == 0)
		total_add(count, usage_bytes(&usage));
}

static void bring_down(const struct mod *m, struct limits *limits)
{
	const struct mam_conf *conf = mod_conf(m);
	const struct total *total = mod_counted(m);
	uint64_t level;

	if (conf->max_total == 0 || total == NULL)
		return;
	level = total_level(total, (uint64_t)conf->max_total);
	if (level == 0)
		level = 1;
	if (level <= INT64_MAX && (limits->max_size == 0 || limits->max_size > (int64_t)level))
		limits->max_size = (int64_t)level;
}

struct limits limits_of(const struct mod *m, struct jid account)
{
	const struct mam_conf *conf = mod_conf(m);
	const struct mam_state *state = mod_state(m);
	const struct account_limits wanted = { .account = jid_bare_str(account) },
				    *found = NULL;
	struct limits limits = { conf->keep, conf->max_messages, conf->max_size };

	if (state->n_accounts > 0)
		found = bsearch(&wanted, state->accounts, state->n_accounts, sizeof(wanted),
		                compare);
	if (found != NULL)
		limits = found->limits;
	bring_down(m, &limits);
	return limits;
}
