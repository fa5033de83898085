/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/presence/directed.h"

#include "modules/presence/presence.h"

#define STORED_PER_BYTE 16 /* bytes that cost as much as one from the client: session_charge */

/* A managed session's list is stored as a whole, however little was said. */
static void note_change(struct mod *m, struct session *s)
{
	const struct presence_state *state = mod_session_state(m, s);
	const struct strset_item *item = NULL;
	size_t bytes = 0;

	session_changed(s);
	if (!session_is_managed(s))
		return;
	while ((item = strset_next(&state->directed, item)) != NULL)
		bytes += strset_text(item).n;
	session_charge(s, (int64_t)(bytes / STORED_PER_BYTE));
}

int directed_note(struct mod *m, struct event *ev)
{
	const struct presence_conf *conf = mod_conf(m);
	struct presence_state *state = mod_session_state(m, ev->session);
	struct str to = jid_full_str(ev->stanza->to);

	if (ev->stanza->type == TYPE_UNAVAILABLE && strset_has(&state->directed, to)) {
		strset_remove(&state->directed, to); /* §4.6.3: told already */
		note_change(m, ev->session);
	}
	if (ev->stanza->type != TYPE_AVAILABLE || strset_has(&state->directed, to))
		return MOD_PASS;
	if (strset_count(&state->directed) >= (size_t)conf->directed)
		return event_error_text(ev, STANZA_RESOURCE_CONSTRAINT,
		                        "directed presence to too many addresses at a time");
	strset_add(&state->directed, to);
	note_change(m, ev->session);
	return MOD_PASS;
}

void directed_save(struct mod *m, struct session *s, struct record_writer *w)
{
	const struct presence_state *state = mod_session_state(m, s);
	const struct strset_item *item = NULL;

	while ((item = strset_next(&state->directed, item)) != NULL)
		record_put_str(w, strset_text(item));
}

int directed_load(struct mod *m, struct session *s, struct record_reader *r)
{
	const struct presence_conf *conf = mod_conf(m);
	struct presence_state *state = mod_session_state(m, s);
	int64_t n = 0;
	int err;

	while (record_more(r) && r->err == 0) {
		struct str to = record_str(r);

		if (r->err == 0 && n++ < conf->directed)
			strset_add(&state->directed, to);
	}
	err = record_end(r);
	if (err < 0)
		strset_clear(&state->directed);
	return err;
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
	if (strset_count(&state->directed) > 0)
		session_changed(ev->session);
	strset_clear(&state->directed);
}

void presence_each_directed(struct event *ev, struct session *s, presence_fn *fn, void *arg)
{
	struct mod *m = host_module(ev->host, &mod_presence);
	struct presence_state *state = m == NULL ? NULL : mod_session_state(m, s);
	const struct strset_item *item = NULL;
	struct strset left = { NULL };

	if (state == NULL || strset_count(&state->directed) == 0)
		return;
	while ((item = strset_next(&state->directed, item)) != NULL) {
		struct jid to;

		if (jid_parse(ev->arena, arena_copy(ev->arena, strset_text(item)), &to) == 0 &&
		    !fn(arg, s, to))
			strset_add(&left, strset_text(item));
	}
	if (strset_count(&left) < strset_count(&state->directed))
		session_changed(s);
	strset_clear(&state->directed);
	state->directed = left;
}
