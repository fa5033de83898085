/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/event.h"

#include "server/base/fault.h"
#include "server/core/dispatch.h"

static struct event_task *task_of(struct event *ev)
{
	return CONTAINER_OF(ev, struct event_task, ev);
}

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

/* Hosts and temporary accounts keep nothing, nor does an account that was removed meanwhile. */
static bool keeps_records(const struct event *ev)
{
	return ev->owner != 0 && ev->owner == ev->entity->owner;
}

/* Where nothing is kept the event fails as a whole. */
static bool may_write(struct event *ev)
{
	if (!keeps_records(ev))
		task_of(ev)->err = ERR_DENIED;
	return keeps_records(ev);
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

	if (!keeps_records(ev))
		return;
	b = batch_new(ev->read);
	batch_put(b, space, ev->owner, key, value);
	batch_commit(&b, NULL);
}

int event_aside(struct event *ev, event_aside_fn *fn, struct mod *m)
{
	struct batch *of_event = ev->batch;
	int err_of_event = task_of(ev)->err;
	int result;

	ev->batch = NULL;
	result = fn(m, ev);
	task_of(ev)->err = err_of_event; /* a write that may not be is fn's own affair */
	if (result < 0)
		batch_drop(&ev->batch);
	else if (ev->batch != NULL)
		batch_commit(&ev->batch, NULL);
	ev->batch = of_event;
	return result;
}

/* ---- what is sent ---- */

static struct event_output *add_output(struct event *ev, struct session *session,
                                       const struct stanza *s)
{
	struct event_task *t = task_of(ev);
	struct event_output *out = ARENA_NEW(ev->arena, struct event_output);

	out->stanza = s;
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

void event_pass_by(struct event *ev, const struct session *session)
{
	struct event_passed *p = ARENA_NEW(ev->arena, struct event_passed);

	p->session = session;
	p->next = task_of(ev)->passed;
	task_of(ev)->passed = p;
}

bool event_passes_by(struct event *ev, const struct session *session)
{
	const struct event_passed *p = task_of(ev)->passed;

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

static void find_last(struct event_task *t)
{
	for (t->last = &t->first; *t->last != NULL;)
		t->last = &(*t->last)->next;
}

bool event_withhold(struct event *ev, const struct session *session)
{
	struct event_task *t = task_of(ev);
	bool any = false;

	for (struct event_output **at = &t->first; *at != NULL;) {
		struct event_output *out = *at;

		if (out->session == session && out->stanza == ev->stanza) {
			*at = out->next;
			any = true;
		} else {
			at = &out->next;
		}
	}
	find_last(t);
	return any;
}

static void keep_shared(struct event *ev, struct shared_buf *buf)
{
	struct event_shared *kept = ARENA_NEW(ev->arena, struct event_shared);

	kept->buf = buf;
	kept->next = task_of(ev)->shared;
	task_of(ev)->shared = kept;
}

const struct stanza *event_share(struct event *ev, const struct stanza *s)
{
	struct stanza *copy = ARENA_NEW(ev->arena, struct stanza);

	*copy = *s;
	copy->inner = stanza_share(s, NS_CLIENT);
	copy->node = NULL;
	keep_shared(ev, copy->inner);
	return copy;
}

void event_arrived(struct event *ev, struct parcel *parcel)
{
	task_of(ev)->came_with = parcel;
	if (ev->stanza->inner != NULL)
		keep_shared(ev, ev->stanza->inner);
}

bool event_delivers_to(struct event *ev, const struct session *session)
{
	const struct event_task *t = task_of(ev);

	for (const struct event_output *out = t->first; out != NULL; out = out->next)
		if (out->session == session && out->stanza == ev->stanza)
			return true;
	return false;
}

bool event_sends_to(struct event *ev, struct jid to)
{
	const struct event_task *t = task_of(ev);

	for (const struct event_output *out = t->first; out != NULL; out = out->next)
		if (out->session == NULL && jid_eq(out->stanza->to, to))
			return true;
	return false;
}

void event_then(struct event *ev, event_then_fn *fn, void *arg)
{
	struct event_task *t = task_of(ev);

	ASSERT(t->then == NULL);
	t->then = fn;
	t->then_arg = arg;
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

/* ---- the end ---- */

/*
 * What an entity has to say to a session of its own needs no router, and stays in order with
 * what it delivers.
 */
static struct session *own_session(struct entity *e, struct jid to)
{
	return jid_bare_eq(to, e->jid) && !jid_is_bare(to) ? entity_session(e, jid_resource(to))
	                                                   : NULL;
}

/*
 * What is routed takes the arena along, unless it may borrow from the memory of a stanza that came
 * with others.
 */
static void finish(struct event_task *t, const struct route_item *routed)
{
	struct entity *e = t->ev.entity;
	struct arena *arena = t->ev.arena;
	struct parcel *came_with = t->came_with, *parcels = NULL;
	event_then_fn *then = t->then;
	void *then_arg = t->then_arg;
	int err = t->err;

	if (routed != NULL)
		parcels = route_pack(e->core, came_with == NULL ? &arena : NULL, routed);
	for (struct event_shared *shared = t->shared; shared != NULL; shared = shared->next)
		shared_unref(&shared->buf);
	route_post(e->core, parcels);
	arena_free(&arena);
	parcel_unref(&came_with);
	if (then != NULL)
		then(e, then_arg, err);
	entity_unpin(e);
}

/* Sessions of the entity get theirs at once; the rest is the router's. */
static void release(struct event_task *t)
{
	struct entity *e = t->ev.entity;
	struct route_item *first = NULL, **last = &first;

	FAULT_POINT("event-release");
	for (struct event_output *out = t->first; out != NULL; out = out->next) {
		struct session *session =
			out->session != NULL ? out->session : own_session(e, out->stanza->to);

		if (session != NULL) {
			session_send(session, out->stanza);
			continue;
		}
		*last = ARENA_NEW(t->ev.arena, struct route_item);
		(*last)->stanza = out->stanza;
		last = &(*last)->next;
	}
	finish(t, first);
}

static enum stanza_error condition_of(int err)
{
	if (err == ERR_DENIED)
		return STANZA_NOT_ALLOWED;
	return err == ERR_FULL || err == ERR_BUSY ? STANZA_RESOURCE_CONSTRAINT
	                                          : STANZA_INTERNAL_SERVER_ERROR;
}

/* Nothing of the event happened but this: its sender is told. */
static void answer_failure(struct event_task *t, int err)
{
	struct log_ctx ctx = { .kind = "event", .name = jid_bare_str(t->ev.entity->jid) };

	log_peer_error(&ctx, "%s not handled: %s",
	               t->ev.stanza == NULL ? "session" : stanza_kind_name(t->ev.stanza->kind),
	               err_str(err));
	t->err = err;
	if (t->anyhow)
		return;
	t->first = NULL;
	t->last = &t->first;
	if (t->ev.stanza != NULL)
		event_error(&t->ev, condition_of(err));
}

static void release_held(struct entity *e)
{
	struct event_task *t;

	e->pins++;
	while ((t = STAILQ_FIRST(&e->held)) != NULL && !t->waiting) {
		STAILQ_REMOVE_HEAD(&e->held, link);
		release(t);
	}
	entity_unpin(e);
}

static void on_done(struct shard *here, struct batch_done *done, int err)
{
	struct event_task *t = CONTAINER_OF(done, struct event_task, done);

	t->waiting = false;
	if (err < 0) {
		entity_forget_states(t->ev.entity);
		answer_failure(t, err);
	}
	release_held(t->ev.entity);
}

void event_end(struct event *ev, int result)
{
	struct event_task *t = task_of(ev);
	struct entity *e = ev->entity;

	if (result == MOD_LATER) {
		ASSERT(t->first == NULL && ev->batch == NULL);
		t->later = true;
		ev->session = NULL;
		return;
	}
	if (t->err < 0)
		result = t->err;
	if (result < 0) {
		batch_drop(&ev->batch);
		entity_forget_states(e);
		answer_failure(t, result);
	}
	if (ev->batch == NULL && STAILQ_EMPTY(&e->held)) {
		release(t);
		return;
	}
	STAILQ_INSERT_TAIL(&e->held, t, link);
	if (ev->batch != NULL) {
		t->waiting = true;
		t->done.on_done = on_done;
		batch_commit(&ev->batch, &t->done);
	}
}

void event_end_anyhow(struct event *ev, int result)
{
	task_of(ev)->anyhow = true;
	event_end(ev, result);
}

void event_finish(struct event *ev, int result)
{
	ASSERT(task_of(ev)->later && result != MOD_LATER);
	event_end(ev, result);
}

int event_hooks(struct event *ev, enum mod_hook_point point)
{
	const struct host_hooks *hooks = &ev->host->hooks[point];
	int result = MOD_PASS;

	for (size_t i = 0; i < hooks->n && result == MOD_PASS; i++)
		result = hooks->rows[i].fn(hooks->rows[i].mod, ev);
	return result;
}

/* Does another session get what OUT is? */
static bool goes_elsewhere(const struct event_task *t, const struct event_output *out)
{
	for (const struct event_output *o = t->first; o != NULL; o = o->next)
		if (o != out && o->stanza == out->stanza && o->session != NULL)
			return true;
	return false;
}

/*
 * What was for S alone goes back to the router, which knows what to do, but for offers; what
 * others get as well has arrived.
 */
static void forget_in(struct event_task *t, const struct session *s)
{
	if (t->ev.session == s)
		t->ev.session = NULL;
	for (struct event_output **at = &t->first; *at != NULL;) {
		struct event_output *out = *at;

		if (out->session == s) {
			out->session = NULL;
			if (out->offered || jid_is_none(out->stanza->to) ||
			    goes_elsewhere(t, out)) {
				*at = out->next;
				continue;
			}
		}
		at = &out->next;
	}
	find_last(t);
}

void event_forget_session(struct event *ending, const struct session *s)
{
	struct event_task *t;

	forget_in(task_of(ending), s);
	STAILQ_FOREACH(t, &ending->entity->held, link)
	forget_in(t, s);
}

int iq_forbidden(struct mod *m, struct event *ev)
{
	return event_error(ev, STANZA_FORBIDDEN);
}
