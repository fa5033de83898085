/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/presence/directed.h"

#include "modules/presence/presence.h"

int directed_note(struct mod *m, struct event *ev)
{
	const struct presence_conf *conf = mod_conf(m);
	struct presence_state *state = mod_session_state(m, ev->session);
	struct str to = jid_full_str(ev->stanza->to);

	if (ev->stanza->type == TYPE_UNAVAILABLE)
		strset_remove(&state->directed, to); /* §4.6.3: told already */
	if (ev->stanza->type != TYPE_AVAILABLE || strset_has(&state->directed, to))
		return MOD_PASS;
	if (strset_count(&state->directed) >= (size_t)conf->directed)
		return event_error_text(ev, STANZA_RESOURCE_CONSTRAINT,
		                        "directed presence to too many addresses at a time");
	strset_add(&state->directed, to);
	return MOD_PASS;
}

extern const struct mod_def mod_presence;

/* To a contact it was broadcast (§4.6.3). */
static void tell(struct event *ev, struct str text)
{
	struct jid to;

	if (jid_parse(ev->arena, arena_copy(ev->arena, text), &to) < 0 ||
	    event_sends_to(ev, jid_bare(to)) || event_sends_to(ev, to))
		return;
	event_send(ev, stanza_readdress(ev->arena, ev->stanza, ev->stanza->from, to));
}

void directed_end(struct mod *m, struct event *ev)
{
	struct presence_state *state = mod_session_state(m, ev->session);
	const struct strset_item *item = NULL;

	while ((item = strset_next(&state->directed, item)) != NULL)
		tell(ev, strset_text(item));
	strset_clear(&state->directed);
}

void presence_each_directed(struct event *ev, struct session *s, presence_fn *fn, void *arg)
{
	struct mod *m = host_module(ev->host, &mod_presence);
	struct presence_state *state = m == NULL ? NULL : mod_session_state(m, s);
	const struct strset_item *item = NULL;
	struct strset left = { NULL };

	if (state == NULL)
		return;
	while ((item = strset_next(&state->directed, item)) != NULL) {
		struct jid to;

		if (jid_parse(ev->arena, arena_copy(ev->arena, strset_text(item)), &to) == 0 &&
		    !fn(arg, s, to))
			strset_add(&left, strset_text(item));
	}
	strset_clear(&state->directed);
	state->directed = left;
}
