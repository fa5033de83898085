/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/event.h"

#include "server/core/dispatch.h"
#include "server/store/names.h"
#include "xml/writer.h"

struct event *event_begin(struct arena *arena, struct entity *e, struct session *session,
                          const struct stanza *stanza)
{
	struct event_task *t = ARENA_NEW(arena, struct event_task);

	t->ev = (struct event){
		.arena = arena,
		.core = e->core,
		.host = e->host,
		.entity = e,
		.session = session,
		.stanza = stanza,
		.payload = stanza == NULL ? NULL : stanza_payload(stanza),
		.owner = e->owner,
		.read = e->core->view,
	};
	t->last = &t->first;
	e->pins++;
	e->core->figures.events++;
	return &t->ev;
}

/* ---- store ---- */

int event_find(struct event *ev, const struct store_space *space, struct str key,
               struct str *value_out)
{
	return store_find(ev->read, space, ev->owner, key, value_out);
}

int event_scan(struct event *ev, const struct store_space *space, struct str prefix,
               struct str from, size_t limit, store_each_fn *each, void *arg)
{
	return store_scan(ev->read, space, ev->owner, prefix, from, limit, each, arg);
}

int event_scan_down(struct event *ev, const struct store_space *space, struct str prefix,
                    struct str from, size_t limit, store_each_fn *each, void *arg)
{
	return store_scan_down(ev->read, space, ev->owner, prefix, from, limit, each, arg);
}

/* Hosts and temporary accounts keep nothing, nor does an account that was removed meanwhile. */
bool event_keeps_records(const struct event *ev)
{
	return ev->owner != 0 && ev->owner == ev->entity->owner;
}

/* Where nothing is kept the event fails as a whole. */
static bool may_write(struct event *ev)
{
	if (!event_keeps_records(ev))
		event_task_of(ev)->err = ERR_DENIED;
	return event_keeps_records(ev);
}

struct batch *event_batch(struct event *ev)
{
	if (ev->batch == NULL)
		ev->batch = batch_new(ev->read);
	return ev->batch;
}

void event_put(struct event *ev, const struct store_space *space, struct str key,
               struct str value)
{
	if (may_write(ev))
		batch_put(event_batch(ev), space, ev->owner, key, value);
}

void event_delete(struct event *ev, const struct store_space *space, struct str key)
{
	if (may_write(ev))
		batch_delete(event_batch(ev), space, ev->owner, key);
}

void event_put_index(struct event *ev, const struct store_space *space, struct str key,
                     struct str value)
{
	if (may_write(ev))
		batch_put(event_batch(ev), space, STORE_OWNER_STORE, key, value);
}

void event_delete_index(struct event *ev, const struct store_space *space, struct str key)
{
	if (may_write(ev))
		batch_delete(event_batch(ev), space, STORE_OWNER_STORE, key);
}

void event_note(struct event *ev, const struct store_space *space, struct str key,
                struct str value)
{
	struct batch *b;

	if (!event_keeps_records(ev))
		return;
	b = batch_new(ev->read);
	batch_put(b, space, ev->owner, key, value);
	batch_commit(&b, NULL);
}

int event_aside(struct event *ev, event_aside_fn *fn, struct mod *m)
{
	struct batch *of_event = ev->batch;
	int err_of_event = event_task_of(ev)->err;
	int result;

	ev->batch = NULL;
	result = fn(m, ev);
	event_task_of(ev)->err = err_of_event; /* a write that may not be is fn's own affair */
	if (result < 0)
		batch_drop(&ev->batch);
	else if (ev->batch != NULL)
		batch_commit(&ev->batch, NULL);
	ev->batch = of_event;
	return result;
}

/* ---- names of services ---- */

void event_found(struct event *ev)
{
	struct jid jid = ev->entity->jid;

	ASSERT(ev->host->served != NULL && ev->entity->kind == ENTITY_NONE);
	ev->owner =
		names_add(event_batch(ev), jid_domain(jid), jid_local(jid), jid_bare_str(jid));
	entity_set_item(ev->entity, ev->owner);
}

void event_dissolve(struct event *ev)
{
	struct jid jid = ev->entity->jid;

	ASSERT(ev->entity->kind == ENTITY_ITEM);
	names_remove(event_batch(ev), jid_domain(jid), jid_local(jid));
	batch_erase_owner(event_batch(ev), ev->owner);
	entity_set_none(ev->entity);
}

/* ---- what is sent ---- */

static void keep_shared(struct event *ev, struct shared_buf *buf)
{
	struct event_shared *kept = ARENA_NEW(ev->arena, struct event_shared);

	kept->buf = buf;
	kept->next = event_task_of(ev)->shared;
	event_task_of(ev)->shared = kept;
}

static struct event_output *add_output(struct event *ev, struct session *session,
                                       const struct stanza *s)
{
	struct event_task *t = event_task_of(ev);
	struct event_output *out = ARENA_NEW(ev->arena, struct event_output);

	out->letter.stanza = s;
	out->letter.lasts = ev->session != NULL && session_is_managed(ev->session);
	out->session = session;
	*t->last = out;
	t->last = &out->next;
	return out;
}

/* Errors and results answer what was let in; what an account has to itself is its own affair. */
static bool may_send(struct event *ev, const struct stanza *s)
{
	const struct host *h = ev->host;
	bool may = true;

	if (h->n_guards == 0 || ev->owner == 0 || s->type == TYPE_ERROR ||
	    s->type == TYPE_RESULT || !jid_bare_eq(s->from, ev->entity->jid) ||
	    jid_bare_eq(s->to, ev->entity->jid))
		return true;
	for (size_t i = 0; i < h->n_guards && may; i++)
		may = h->guards[i]->def->may_send(h->guards[i], ev, s);
	return may;
}

void event_send(struct event *ev, const struct stanza *s)
{
	if (may_send(ev, s))
		add_output(ev, NULL, s);
}

void event_send_lightly(struct event *ev, const struct stanza *s)
{
	if (may_send(ev, s))
		add_output(ev, NULL, s)->light = true;
}

void event_send_lasting(struct event *ev, const struct stanza *s)
{
	add_output(ev, NULL, s)->letter.lasts = true;
}

void event_fails_unsaid(struct event *ev)
{
	event_task_of(ev)->unsaid = true;
}

bool event_sender_lasts(struct event *ev)
{
	return event_task_of(ev)->came.lasts;
}

void event_pass_by(struct event *ev, const struct session *session)
{
	struct event_passed *p = ARENA_NEW(ev->arena, struct event_passed);

	p->session = session;
	p->next = event_task_of(ev)->passed;
	event_task_of(ev)->passed = p;
}

bool event_passes_by(struct event *ev, const struct session *session)
{
	const struct event_passed *p = event_task_of(ev)->passed;

	while (p != NULL && p->session != session)
		p = p->next;
	return p != NULL;
}

void event_deliver(struct event *ev, struct session *session, const struct stanza *s)
{
	add_output(ev, session, s);
}

void event_offer(struct event *ev, struct session *session, const struct stanza *s)
{
	add_output(ev, session, s)->offered = true;
}

void event_copy(struct event *ev, struct session *session, const struct stanza *s)
{
	struct event_output *out = add_output(ev, session, s);

	out->offered = true;
	out->copy_of = ev->stanza;
}

void event_write(struct event *ev, struct session *session, const struct stanza *s)
{
	struct event_output *out = add_output(ev, session, stanza_copy(ev->arena, s));

	out->offered = out->filtered = true;
	if (s->inner != NULL)
		keep_shared(ev, shared_ref(s->inner));
}

void event_send_again(struct event *ev, const struct stanza *s, uint64_t archive_id)
{
	struct event_output *out = add_output(ev, NULL, s);

	out->letter.again = true;
	ev->entity->returning++;
	out->letter.archive_id = archive_id;
}

void event_sent_queued(struct event *ev)
{
	struct event_task *t = event_task_of(ev);

	CONTAINER_OF(t->last, struct event_output, next)->queued = true;
}

bool event_withhold(struct event *ev, const struct session *session)
{
	struct event_task *t = event_task_of(ev);
	bool any = false;

	for (struct event_output **at = &t->first; *at != NULL;) {
		struct event_output *out = *at;

		if (out->session == session && out->letter.stanza == ev->stanza) {
			*at = out->next;
			any = true;
		} else {
			at = &out->next;
		}
	}
	event_find_last(t);
	return any;
}

/* S over INNER, of which the event has the reference from now on. */
static const struct stanza *over_shared(struct event *ev, const struct stanza *s,
                                        struct shared_buf *inner)
{
	struct stanza *copy = ARENA_NEW(ev->arena, struct stanza);

	*copy = *s;
	copy->inner = inner;
	copy->node = NULL;
	keep_shared(ev, inner);
	return copy;
}

const struct stanza *event_share(struct event *ev, const struct stanza *s)
{
	return over_shared(ev, s, stanza_share(s, NS_CLIENT));
}

const struct stanza *event_share_behind(struct event *ev, struct str text,
                                        const struct stanza *s)
{
	struct buf all = { 0 };
	const struct stanza *shared;

	buf_append(&all, text);
	xml_write_children(&all, s->node, STR(NS_CLIENT));
	shared = over_shared(ev, s, shared_new(buf_str(&all)));
	buf_deinit(&all);
	return shared;
}

void event_arrived(struct event *ev, const struct letter *letter, struct parcel *parcel)
{
	event_task_of(ev)->came_with = parcel;
	event_task_of(ev)->came = *letter;
	ev->again = letter->again;
	ev->archive_id = letter->archive_id;
	if (ev->stanza->inner != NULL)
		keep_shared(ev, ev->stanza->inner);
}

bool event_delivers_to(struct event *ev, const struct session *session)
{
	const struct event_task *t = event_task_of(ev);

	for (const struct event_output *out = t->first; out != NULL; out = out->next)
		if (out->session == session && out->letter.stanza == ev->stanza)
			return true;
	return false;
}

bool event_sends_to(struct event *ev, struct jid to)
{
	const struct event_task *t = event_task_of(ev);

	for (const struct event_output *out = t->first; out != NULL; out = out->next)
		if (out->session == NULL && jid_eq(out->letter.stanza->to, to))
			return true;
	return false;
}

void event_then(struct event *ev, event_then_fn *fn, void *arg)
{
	struct event_task *t = event_task_of(ev);

	ASSERT(t->then == NULL);
	t->then = fn;
	t->then_arg = arg;
}

void event_behind(struct event *ev, struct mod *m, mod_visit_fn *fn)
{
	struct event_task *t = event_task_of(ev);

	ASSERT(t->behind == NULL || (t->behind == fn && t->behind_mod == m));
	t->behind = fn;
	t->behind_mod = m;
}

/* Of two such modules, the first. */
static struct mod *archive_of(const struct host *h)
{
	for (size_t i = 0; i < h->n_mods; i++)
		if (h->mods[i].def->archived != NULL)
			return &h->mods[i];
	return NULL;
}

bool host_has_archive(const struct host *h)
{
	return archive_of(h) != NULL;
}

int event_archived(struct event *ev, uint64_t id, const struct stanza **s_out)
{
	struct mod *m = archive_of(ev->host);

	if (m == NULL)
		return ERR_CLOSED;
	*s_out = m->def->archived(m, ev, id);
	return *s_out == NULL ? ERR_NOENT : 0;
}

int event_result(struct event *ev, struct xml_node *payload)
{
	struct stanza *reply = stanza_result(ev->arena, ev->stanza);

	if (payload != NULL)
		xml_append(stanza_node(reply), payload);
	event_send(ev, reply);
	return MOD_HANDLED;
}

int event_error_text(struct event *ev, enum stanza_error condition, const char *text)
{
	struct stanza *reply = stanza_error_reply(ev->arena, ev->stanza, condition, text, NULL);

	if (reply != NULL)
		event_send(ev, reply);
	return MOD_HANDLED;
}

int event_error(struct event *ev, enum stanza_error condition)
{
	return event_error_text(ev, condition, NULL);
}

int event_hooks(struct event *ev, enum mod_hook_point point)
{
	const struct host_hooks *hooks = &ev->host->hooks[point];
	int result = MOD_PASS;

	for (size_t i = 0; i < hooks->n && result == MOD_PASS; i++)
		result = hooks->rows[i].fn(hooks->rows[i].mod, ev);
	return result;
}

int iq_forbidden(struct mod *m, struct event *ev)
{
	return event_error(ev, STANZA_FORBIDDEN);
}
