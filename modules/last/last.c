/*
 * last.c - how long the server has been up, or an account offline (XEP-0012).
 *
 * An account tells those who may see its presence; all others hear the same, forbidden, as if
 * there were no account (§3, §4).  While a session is available that is 0 seconds.  A session
 * that is connected and shows no presence counts for the own user alone, since to contacts it
 * would tell more than presence does.
 *
 * Space "last", version 1, one record for an account:
 *     (empty key) -> version, when presence was last seen to change (wall ms), status text
 * It is written when the last available session goes.  When the first one comes, too: if the
 * server is killed meanwhile, the answer is too old by that session only.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/roster/roster.h"

#define STATUS_MAX 1024 /* bytes; a longer text is not kept */

static const struct store_space space = { .name = "last", .version = 1 };

/* ---- the record ---- */

static bool is_available(struct event *ev, const struct session *but)
{
	struct session *s = NULL;

	while ((s = entity_next_session(ev->entity, s)) != NULL)
		if (s != but && session_is_available(s))
			return true;
	return false;
}

static void note(struct event *ev, struct str status)
{
	struct record_writer w;

	record_begin(&w, 1);
	record_put_i64(&w, core_wall_ms(ev->core));
	record_put_str(&w, status.n > STATUS_MAX ? STR("") : status);
	event_note(ev, &space, STR(""), record_finish(&w, ev->arena));
}

static int on_available(struct mod *m, struct event *ev)
{
	if (!is_available(ev, ev->session))
		note(ev, STR(""));
	return MOD_PASS;
}

static int on_unavailable(struct mod *m, struct event *ev)
{
	const struct stanza *gone = stanza_unshare(ev->arena, ev->stanza);

	if (!is_available(ev, ev->session))
		note(ev,
		     gone == NULL ? STR("") : xml_child_text(ev->arena, gone->node, "status"));
	return MOD_PASS;
}

/* 0; ERR_NOENT: never online; ERR_CORRUPT. */
static int find(struct event *ev, int64_t *at_out, struct str *status_out)
{
	struct record_reader r;
	struct str value;
	int err = event_find(ev, &space, STR(""), &value);

	if (err < 0)
		return err;
	if (record_open(&r, value) != 1)
		return ERR_CORRUPT;
	*at_out = record_i64(&r);
	*status_out = record_str(&r);
	return record_end(&r);
}

/* ---- answers ---- */

/* A clock that was set back must not show. */
static int answer(struct event *ev, int64_t ms, struct str text)
{
	struct xml_node *query = xml_new(ev->arena, NS_LAST, "query");

	xml_set(ev->arena, query, "seconds",
	        arena_printf(ev->arena, "%lld", ms < 0 ? 0 : (long long)(ms / 1000)));
	if (!str_is_empty(text))
		xml_add_text(ev->arena, query, text);
	return event_result(ev, query);
}

static int on_host(struct mod *m, struct event *ev)
{
	return answer(ev, core_wall_ms(ev->core) - core_started_ms(ev->core), STR(""));
}

static int on_self(struct mod *m, struct event *ev)
{
	return answer(ev, 0, STR(""));
}

/* §3.  Of who was never online there is nothing to tell. */
static int on_other(struct mod *m, struct event *ev)
{
	int may = roster_may_see(ev, ev->stanza->from), err;
	struct str status;
	int64_t at;

	if (may <= 0)
		return may < 0 ? may : event_error(ev, STANZA_FORBIDDEN);
	if (is_available(ev, NULL))
		return answer(ev, 0, STR(""));
	err = find(ev, &at, &status);
	if (err == ERR_NOENT)
		return event_error(ev, STANZA_SERVICE_UNAVAILABLE);
	return err < 0 ? err : answer(ev, core_wall_ms(ev->core) - at, status);
}

/* §4: a client is not even asked by those who may not see it. */
static int on_received(struct mod *m, struct event *ev)
{
	const struct stanza *s = ev->stanza;
	int may;

	if (s->kind != STANZA_IQ || s->type != TYPE_GET || jid_is_bare(s->to) ||
	    !xml_is(ev->payload, NS_LAST, "query"))
		return MOD_PASS;
	may = roster_may_see(ev, s->from);
	if (may < 0)
		return may;
	return may > 0 ? MOD_PASS : event_error(ev, STANZA_FORBIDDEN);
}

static const struct mod_iq iqs[] = {
	{ NS_LAST, "query", IQ_GET | TO_HOST, on_host },
	{ NS_LAST, "query", IQ_GET | TO_SELF, on_self },
	{ NS_LAST, "query", IQ_GET | TO_OTHER, on_other },
	{ NS_LAST, "query", IQ_GET | TO_NOBODY, iq_forbidden },
	{ 0 },
};

static const struct mod_hook hooks[] = {
	{ HOOK_RECEIVED, PHASE_GUARD, on_received },
	{ HOOK_AVAILABLE, PHASE_FILTER, on_available },
	{ HOOK_UNAVAILABLE, PHASE_FILTER, on_unavailable },
	{ 0 },
};

const struct mod_def mod_last = {
	.abi = MOD_ABI,
	.name = "last",
	.summary = "tells how long the server has been up, or an account offline",
	.xep = "XEP-0012 2.0",
	.iqs = iqs,
	.hooks = hooks,
	.spaces = MOD_SPACES(&space),
	.features = MOD_FEATURES(NS_LAST),
	.account_features = MOD_FEATURES(NS_LAST),
};
