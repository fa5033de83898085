/*
 * event_end.c - from the end of a handler to the disk, and from there to who waits for it.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/fault.h"
#include "server/base/mem.h"
#include "server/core/dispatch.h"
#include "server/core/route.h"
#include "server/core/sm.h"
#include "server/core/stall.h"

#include <stdlib.h>

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

	if (outbox_has(t->came.row) && !t->row_deleted)
		outbox_drop(e->core, t->came.row);
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
	struct route_item *first = NULL, **last = &first;

	FAULT_POINT("event-release");
	if (t->counted != NULL)
		sm_handled(t->counted, t->handled);
	for (struct event_output *out = t->first; out != NULL; out = out->next) {
		if (out->item != NULL) {
			sm_release(out->session, out->item);
		} else if (out->session != NULL) {
			session_write(out->session, out->letter.stanza);
		} else {
			*last = ARENA_NEW(t->ev.arena, struct route_item);
			(*last)->letter = out->letter;
			last = &(*last)->next;
		}
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

static void withdraw_outputs(struct event_task *t)
{
	for (struct event_output *out = t->first; out != NULL; out = out->next)
		if (out->item != NULL)
			sm_withdraw(out->session->sm, out->item);
	t->first = NULL;
	t->last = &t->first;
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
	withdraw_outputs(t);
	if (t->ev.stanza != NULL)
		event_error(&t->ev, condition_of(err));
}

/*
 * What waits for a session that ended is on disk still, and the stream too: it is ended again
 * when the disk is well (sm_restore.c), and sent on then.
 */
static void leave_queue(struct event_task *t)
{
	for (struct event_output **at = &t->first; *at != NULL;) {
		if (!(*at)->queued) {
			at = &(*at)->next;
			continue;
		}
		if ((*at)->letter.again)
			stall_returned(t->ev.entity);
		*at = (*at)->next;
	}
	event_find_last(t);
	stall_streams(t);
}

/* What the core keeps of it is missing: it goes on as it is, in memory. */
static void go_on_unstored(struct event_task *t)
{
	if (t->ends_stream)
		leave_queue(t);
	for (struct event_output *out = t->first; out != NULL; out = out->next) {
		out->letter.row = (struct outbox_key){ 0 };
		if (out->item == NULL)
			continue;
		out->item->stored = false;
		out->item->settled = true;
	}
}

/*
 * The disk did not take it.
 *
 *     a letter                                is tried again: it is on disk still, as its row
 *     what would have been written by handlers, or sent to others      fails; its sender is told
 *     all else, and what has happened already                          goes on unstored
 */
static void fail(struct event_task *t, int err)
{
	t->failed = true;
	t->row_deleted = false;
	if (t->renumbers != NULL)
		sm_renumber_failed(t->renumbers);
	if (t->begins != NULL) /* at once: nothing is put into a queue that is not on disk */
		t->begins->stored = t->begins->resumable = false;
	if (outbox_has(t->came.row)) {
		t->err = err;
		withdraw_outputs(t);
		stall(t);
		t->came.row = (struct outbox_key){ 0 };
	} else if (t->unsaid) {
		t->err = err;
		withdraw_outputs(t);
	} else if (!t->anyhow && (t->wrote || event_sends_letters(t))) {
		answer_failure(t, err);
		event_seal_unstored(t);
	} else {
		t->err = err;
		go_on_unstored(t);
	}
	if (t->counted != NULL)
		sm_failed(t);
	t->counted = NULL;
}

/* With what failed, all fails that is under way behind it: at once, before more is begun. */
static void fail_chain(struct entity *e, uint64_t number, int err)
{
	struct session *s = NULL;
	struct event_task *t;

	if (number != e->chain_number)
		return;
	batch_chain_fail(e->core->view, &e->chain);
	e->chain_number++;
	entity_renew(e);
	while ((s = entity_next_session(e, s)) != NULL)
		sm_unsure(s); /* its records may have been in the batch */
	STAILQ_FOREACH(t, &e->held, link)
		if (t->waiting && t->chain_number == number)
			fail(t, err);
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

	if (err < 0 && !t->failed)
		fail_chain(t->ev.entity, t->chain_number, err);
	t->waiting = false;
	release_held(t->ev.entity);
}

/* ---- where nobody waits for the disk ---- */

struct unawaited {
	struct batch_done done;
	struct entity *entity; /* pinned */
	uint64_t chain_number;
};

static void commit_unawaited(struct entity *e, struct batch **b,
                             void (*then)(struct shard *, struct batch_done *, int))
{
	struct unawaited *u = MEM_NEW(struct unawaited);

	u->done.on_done = then;
	u->entity = e;
	u->chain_number = e->chain_number;
	e->pins++;
	batch_commit(b, &u->done);
}

static void unawaited_free(struct unawaited *u)
{
	entity_unpin(u->entity);
	free(u);
}

/* durability = relaxed */
static void on_relaxed_done(struct shard *here, struct batch_done *done, int err)
{
	struct unawaited *u = CONTAINER_OF(done, struct unawaited, done);
	struct log_ctx ctx = { .kind = "event", .name = jid_bare_str(u->entity->jid) };

	if (err < 0) {
		log_peer_error(&ctx, "lost, though it was acknowledged: %s", err_str(err));
		entity_renew(u->entity);
	}
	unawaited_free(u);
}

static void on_in_chain_done(struct shard *here, struct batch_done *done, int err)
{
	struct unawaited *u = CONTAINER_OF(done, struct unawaited, done);

	if (err < 0)
		fail_chain(u->entity, u->chain_number, err);
	unawaited_free(u);
}

void event_commit_unawaited(struct entity *e, struct batch **b)
{
	batch_join(*b, &e->chain);
	commit_unawaited(e, b, on_in_chain_done);
}

/* ---- the end of a handler ---- */

static bool is_relaxed(const struct event *ev)
{
	return ev->host->conf->o.durability == DURABILITY_RELAXED;
}

static void commit(struct event_task *t)
{
	struct entity *e = t->ev.entity;

	FAULT_POINT("event-commit");
	if (t->ev.batch != NULL && is_relaxed(&t->ev))
		commit_unawaited(e, &t->ev.batch, on_relaxed_done);
	if (t->ev.batch == NULL && STAILQ_EMPTY(&e->held)) {
		release(t);
		return;
	}
	STAILQ_INSERT_TAIL(&e->held, t, link);
	if (t->ev.batch != NULL) {
		t->waiting = true;
		t->done.on_done = on_done;
		t->chain_number = e->chain_number;
		batch_join(t->ev.batch, &e->chain);
		batch_commit(&t->ev.batch, &t->done);
	}
}

void event_end(struct event *ev, int result)
{
	struct event_task *t = event_task_of(ev);
	mod_visit_fn *behind = t->behind;
	struct mod *behind_mod = t->behind_mod;
	struct entity *e = ev->entity;

	if (result == MOD_LATER) {
		ASSERT(t->first == NULL && ev->batch == NULL);
		t->is_later = true;
		ev->session = NULL;
		if (t->counted != NULL)
			sm_begin_later(t);
		return;
	}
	if (t->err < 0)
		result = t->err;
	if (result < 0) {
		batch_drop(&ev->batch);
		entity_renew(ev->entity);
		answer_failure(t, result);
	}
	event_seal(t);
	e->pins++;
	commit(t);
	if (behind != NULL)
		event_visit(e, behind_mod, behind);
	entity_unpin(e);
}

void event_end_anyhow(struct event *ev, int result)
{
	event_task_of(ev)->anyhow = true;
	event_end(ev, result);
}

void event_finish(struct event *ev, int result)
{
	ASSERT(event_task_of(ev)->is_later && result != MOD_LATER);
	event_end(ev, result);
}

void event_cancel(struct event *ev)
{
	struct event_task *t = event_task_of(ev);
	struct arena *arena = ev->arena;
	struct entity *e = ev->entity;

	batch_drop(&ev->batch);
	for (struct event_shared *shared = t->shared; shared != NULL; shared = shared->next)
		shared_unref(&shared->buf);
	arena_free(&arena);
	entity_unpin(e);
}

/* ---- a session that goes ---- */

/* Does another session get what OUT is? */
static bool goes_elsewhere(const struct event_task *t, const struct event_output *out)
{
	for (const struct event_output *o = t->first; o != NULL; o = o->next)
		if (event_is_same(o, out))
			return true;
	return false;
}

/* What is in the queue of a managed session is sent on from there. */
static bool is_forgotten(const struct event_task *t, const struct event_output *out)
{
	return out->item != NULL || out->offered || jid_is_none(out->letter.stanza->to) ||
	       goes_elsewhere(t, out);
}

/*
 * What was for S alone goes back to the router, which knows what to do, but for offers; what
 * others get as well has arrived.
 */
static void forget_in(struct event_task *t, const struct session *s)
{
	if (t->ev.session == s)
		t->ev.session = NULL;
	if (t->counted == s)
		t->counted = NULL;
	if (t->renumbers != NULL && t->renumbers->session == s)
		t->renumbers = NULL;
	if (t->begins != NULL && t->begins->session == s)
		t->begins = NULL;
	for (struct event_output **at = &t->first; *at != NULL;) {
		struct event_output *out = *at;

		if (out->session == s) {
			out->session = NULL;
			if (is_forgotten(t, out)) {
				*at = out->next;
				continue;
			}
		}
		at = &out->next;
	}
	event_find_last(t);
}

void event_forget_session(struct event *ending, const struct session *s)
{
	struct event_task *t;

	forget_in(event_task_of(ending), s);
	STAILQ_FOREACH(t, &ending->entity->held, link)
		forget_in(t, s);
}
