/*
 * event_seal.c - a handler has had its say: what it sends is filtered, numbered and stored.
 *
 * What the core writes for it stands in the same batch as what the handler wrote:
 *
 *     for each stanza to a managed session     its place in the queue        sm_queue.c
 *     for each to another entity               a row                         outbox.c
 *     the event's own stanza                   its row goes, or is counted   outbox.c, sm_counts.c
 *     sessions that changed                    their records                 sm_record.c
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/remote.h"
#include "server/core/sm.h"

/*
 * What an entity has to say to a session of its own needs no router, and stays in order with
 * what it delivers.
 */
static struct session *own_session(struct entity *e, struct jid to)
{
	return jid_bare_eq(to, e->jid) && !jid_is_bare(to) ? entity_session(e, jid_resource(to))
	                                                   : NULL;
}

static bool is_held_back(struct event *ev, struct event_output *out)
{
	struct session *s = out->session;

	return s != NULL && s->filter != NULL && !out->filtered &&
	       s->filter(s->filter_mod, ev, s, out->letter.stanza);
}

/* A filter may put something before what it lets pass (event_write). */
static void pass_filters(struct event_task *t)
{
	struct event_output *out = t->first, *next;

	t->first = NULL;
	t->last = &t->first;
	for (; out != NULL; out = next) {
		next = out->next;
		out->next = NULL;
		if (out->session == NULL)
			out->session = own_session(t->ev.entity, out->letter.stanza->to);
		if (is_held_back(&t->ev, out))
			continue;
		*t->last = out;
		t->last = &out->next;
	}
}

static void enqueue(struct event_task *t)
{
	for (struct event_output *out = t->first; out != NULL; out = out->next)
		if (out->session != NULL && out->session->sm != NULL)
			sm_enqueue(t, out);
}

/* ---- rows ---- */

static bool wants_row(const struct event_task *t, const struct event_output *out)
{
	return out->session == NULL && !out->light &&
	       outbox_takes_letter(t->ev.core, &out->letter);
}

static struct event_output *next_routed(const struct event_task *t, struct event_output *out)
{
	while (out != NULL && !wants_row(t, out))
		out = out->next;
	return out;
}

bool event_sends_letters(const struct event_task *t)
{
	return next_routed(t, t->first) != NULL;
}

/* Entities without records have rows all the same: under the least owner of their partition. */
static uint64_t row_owner(const struct event *ev)
{
	const struct store *store = ev->core->server->store;

	return ev->owner != 0 ? ev->owner
	                      : store_partition_owner(store_partition_of(
					store, jid_bare_str(ev->entity->jid)));
}

static void put_rows(struct event_task *t, struct event_output *first)
{
	struct event *ev = &t->ev;
	uint64_t owner = row_owner(ev);

	for (struct event_output *out = first; out != NULL; out = next_routed(t, out->next))
		outbox_put(ev->core, event_batch(ev), owner, &out->letter);
}

/*
 * What another server is to have may wait for it for hours, whoever sent it: a row keeps it meanwhile.  Not a
 * request, whose sender waits for the answer.
 */
static bool leaves(const struct event_task *t, struct event_output *first)
{
	struct core *core = t->ev.core;

	if (t->ev.host == core->abroad) /* a stream that does not count promises nothing */
		return false;
	for (struct event_output *out = first; out != NULL; out = next_routed(t, out->next))
		if (out->letter.stanza->kind != STANZA_IQ &&
		    remote_is_abroad(core, out->letter.stanza->to))
			return true;
	return false;
}

/*
 * Where nothing is written and one stanza comes of one, the row stays and is that of the other:
 * after a restart the same is done again.
 */
static void settle_rows(struct event_task *t)
{
	struct event_output *routed = next_routed(t, t->first);
	struct event *ev = &t->ev;

	if (ev->batch == NULL && !outbox_has(t->came.row) && !leaves(t, routed))
		return;
	if (routed != NULL && ev->batch == NULL && next_routed(t, routed->next) == NULL) {
		routed->letter.row = t->came.row;
		t->came.row = (struct outbox_key){ 0 };
		return;
	}
	put_rows(t, routed);
	if (outbox_has(t->came.row) && ev->batch != NULL) {
		outbox_delete(ev->batch, t->came.row);
		t->row_deleted = true;
	}
}

/* ---- all of it ---- */

static void put_changed(struct event *ev)
{
	struct session *s = NULL;

	if (!ev->entity->sessions_changed || !event_keeps_records(ev))
		return;
	ev->entity->sessions_changed = false;
	while ((s = entity_next_session(ev->entity, s)) != NULL)
		if (s->sm != NULL && s->sm->changed)
			sm_put_record(ev, s->sm);
}

void event_seal(struct event_task *t)
{
	t->wrote = t->ev.batch != NULL;
	pass_filters(t);
	enqueue(t);
	if (t->counted != NULL)
		sm_ended(t);
	put_changed(&t->ev);
	settle_rows(t);
}

void event_seal_unstored(struct event_task *t)
{
	t->unstored = true;
	pass_filters(t);
	enqueue(t);
}
