/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/presence/directed.h"

#include "modules/presence/presence.h"

#define STORED_PER_BYTE 16 /* bytes that cost as much as one from the client: session_charge */

static void clear(struct presence_state *state)
{
	strset_clear(&state->directed);
	strset_clear(&state->rooms);
}

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

/* Rooms are among the addresses, so that there are no more of them. */
static void note_room(struct presence_state *state, const struct stanza *s)
{
	struct str room = jid_bare_str(s->to);

	if (s->type == TYPE_UNAVAILABLE)
		strset_remove(&state->rooms, room);
	else if (xml_child(s->node, NS_MUC, "x") != NULL)
		strset_add(&state->rooms, room);
}

int directed_note(struct mod *m, struct event *ev)
{
	const struct presence_conf *conf = mod_conf(m);
	struct presence_state *state = mod_session_state(m, ev->session);
	struct str to = jid_full_str(ev->stanza->to);

	if (ev->stanza->type == TYPE_UNAVAILABLE && strset_has(&state->directed, to)) {
		note_room(state, ev->stanza);
		strset_remove(&state->directed, to); /* §4.6.3: told already */
		note_change(m, ev->session);
	}
	if (ev->stanza->type != TYPE_AVAILABLE || strset_has(&state->directed, to))
		return MOD_PASS;
	if (strset_count(&state->directed) >= (size_t)conf->directed)
		return event_error_text(ev, STANZA_RESOURCE_CONSTRAINT,
		                        "directed presence to too many addresses at a time");
	strset_add(&state->directed, to);
	note_room(state, ev->stanza);
	note_change(m, ev->session);
	return MOD_PASS;
}

static void put_set(struct record_writer *w, const struct strset *set)
{
	const struct strset_item *item = NULL;

	while ((item = strset_next(set, item)) != NULL)
		record_put_str(w, strset_text(item));
}

/* The addresses, and behind an empty one the rooms. */
void directed_save(struct mod *m, struct session *s, struct record_writer *w)
{
	const struct presence_state *state = mod_session_state(m, s);

	put_set(w, &state->directed);
	if (strset_count(&state->rooms) == 0)
		return;
	record_put_str(w, STR(""));
	put_set(w, &state->rooms);
}

int directed_load(struct mod *m, struct session *s, struct record_reader *r)
{
	const struct presence_conf *conf = mod_conf(m);
	struct presence_state *state = mod_session_state(m, s);
	struct strset *set = &state->directed;
	int err;

	while (record_more(r) && r->err == 0) {
		struct str to = record_str(r);

		if (r->err == 0 && str_is_empty(to))
			set = &state->rooms;
		else if (r->err == 0 && strset_count(set) < (size_t)conf->directed)
			strset_add(set, to);
	}
	err = record_end(r);
	if (err < 0)
		clear(state);
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
	clear(state);
}

/* The address is the one under which the session is in the room, or was. */
static void ask_room(struct event *ev, struct str text)
{
	struct stanza *probe = stanza_new(ev->arena, STANZA_PRESENCE, TYPE_PROBE);

	probe->from = jid_copy(ev->arena, session_jid(ev->session));
	if (jid_parse(ev->arena, arena_copy(ev->arena, text), &probe->to) == 0)
		event_send(ev, probe);
}

void directed_ask_rooms(struct mod *m, struct event *ev)
{
	const struct presence_state *state = mod_session_state(m, ev->session);
	const struct strset_item *item = NULL;

	while ((item = strset_next(&state->directed, item)) != NULL) {
		struct str text = strset_text(item), room = text;

		if (strset_has(&state->rooms, str_cut(&room, '/')))
			ask_room(ev, text);
	}
}

static struct presence_state *state_of(struct session *s)
{
	struct mod *m = host_module(entity_host(session_entity(s)), &mod_presence);

	return m == NULL ? NULL : mod_session_state(m, s);
}

bool presence_is_directed(struct session *s, struct jid to)
{
	struct presence_state *state = state_of(s);

	return state != NULL && strset_has(&state->directed, jid_full_str(to));
}

bool presence_is_in_room(struct session *s, struct jid room)
{
	struct presence_state *state = state_of(s);

	return state != NULL && strset_has(&state->rooms, jid_bare_str(room));
}

void presence_each_directed(struct event *ev, struct session *s, presence_fn *fn, void *arg)
{
	struct presence_state *state = state_of(s);
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
