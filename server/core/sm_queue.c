/*
 * sm_queue.c - what goes to a managed session, until the client has it (XEP-0198 §4).
 *
 * An item is in the queue from the end of its event's handlers.  Once the batch is on disk it is
 * released: written to the socket, or left for the next one.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/sm.h"

#include "server/base/clock.h"
#include "server/base/mem.h"
#include "xml/ns.h"

#include <stdlib.h>

#define ASK_EVERY 10  /* stanzas; between <r/> and <r/> */
#define ASK_AFTER 500 /* milliseconds; between <r/> and <r/>, and with something on the wire */
#define ASKING STR("<r xmlns='" NS_SM "'/>")

static const struct conf_options *options_of(const struct sm *sm)
{
	return &sm->session->entity->core->generation->conf->o;
}

static struct shard *shard_of(const struct sm *sm)
{
	return sm->session->entity->core->shard;
}

/* ---- in ---- */

static struct sm_item *item_new(const struct stanza *s)
{
	struct buf text = { 0 };
	struct sm_item *item;

	stanza_write(&text, s, NS_CLIENT);
	item = mem_alloc(sizeof(*item) + text.n);
	*item = (struct sm_item){ .n = text.n, .stamp_ms = clock_wall_ms() };
	memcpy(item->bytes, text.p, text.n);
	buf_deinit(&text);
	return item;
}

static void count_in(struct sm *sm, const struct sm_item *item)
{
	sm->n_items++;
	sm->bytes += item->n;
	sm_weigh(sm);
}

void sm_append(struct sm *sm, struct sm_item *item)
{
	STAILQ_INSERT_TAIL(&sm->queue, item, link);
	count_in(sm, item);
}

static bool is_too_long(const struct sm *sm, size_t factor)
{
	const struct conf_options *o = options_of(sm);

	return sm->n_items > factor * (size_t)o->resume_stanzas ||
	       sm->bytes > factor * (size_t)o->resume_bytes;
}

/* Not at once: an event of the session's may be in the making. */
static void check_length(struct sm *sm)
{
	if (sm->session->c2s == NULL) {
		if (is_too_long(sm, 1) || sm_is_too_heavy(sm))
			timer_start(shard_of(sm), &sm->timer, 1);
	} else if (is_too_long(sm, SM_CONNECTED_FACTOR)) {
		log_peer_warning(c2s_log(sm->session->c2s), "dropped: it acknowledges nothing");
		c2s_drop(sm->session->c2s);
	}
}

/*
 * Number what is not released yet behind what is.  Of that nothing is on disk, nor will it be: all
 * that was under way behind an event that failed fails with it (batch_join).
 */
static void count_on(struct sm *sm)
{
	struct sm_item *item;

	sm->sent = sm->written;
	STAILQ_FOREACH(item, &sm->queue, link)
		if (item->released)
			sm->sent = item->number;
		else
			item->number = ++sm->sent;
}

/* The item for an output of T before OUT to the same session, if there is one. */
static struct sm_item *item_before(const struct event_task *t, const struct event_output *out)
{
	struct sm_item *item = NULL;

	for (const struct event_output *o = t->first; o != out; o = o->next)
		if (o->session == out->session)
			item = o->item;
	return item;
}

static struct sm_item *last_settled(const struct sm *sm)
{
	struct sm_item *item, *last = NULL;

	STAILQ_FOREACH(item, &sm->queue, link)
		if (item->released || item->settled)
			last = item;
	return last;
}

/* What is said in place of what failed leaves before all that is under way behind it. */
static void put_first(struct event_task *t, struct event_output *out, struct sm_item *item)
{
	struct sm *sm = out->session->sm;
	struct sm_item *before = item_before(t, out);

	if (before == NULL)
		before = last_settled(sm);
	if (before == NULL)
		STAILQ_INSERT_HEAD(&sm->queue, item, link);
	else
		STAILQ_INSERT_AFTER(&sm->queue, before, item, link);
	item->settled = true;
	count_in(sm, item);
	count_on(sm);
}

void sm_enqueue(struct event_task *t, struct event_output *out)
{
	struct sm *sm = out->session->sm;
	struct sm_item *item = item_new(out->letter.stanza);

	item->epoch = sm->epoch;
	item->offered = out->offered;
	sm_group(t, out, item);
	out->item = item;
	if (t->unstored) {
		put_first(t, out, item);
		return;
	}
	item->number = ++sm->sent;
	if (out->letter.stanza == t->ev.archived)
		item->archive_id = t->ev.archive_id;
	item->stored =
		sm->stored && event_keeps_records(&t->ev) && outbox_takes(out->letter.stanza);
	sm_append(sm, item);
	if (item->stored)
		sm_put_item(event_batch(&t->ev), t->ev.owner, sm, item);
	check_length(sm);
}

/* ---- out ---- */

static void write_item(struct sm *sm, const struct sm_item *item)
{
	c2s_write(sm->session->c2s, str_make(item->bytes, item->n));
	sm->session->entity->core->figures.stanzas_out++;
	sm->written = item->number;
}

static void give_up(struct sm *sm)
{
	sm->gap = true;
	if (sm->session->c2s != NULL)
		c2s_drop(sm->session->c2s);
}

/*
 * At once for what comes alone, so that a client that leaves in the next moment has said what it
 * has; else now and then.
 */
void sm_ask(struct sm *sm, bool now)
{
	struct shard *here = shard_of(sm);
	bool due = shard_now(here) - sm->asked_ms >= ASK_AFTER;

	if (sm->acking || sm->written == sm->acked || !sm->enabled)
		return;
	if (now || due || sm->written - sm->acked >= ASK_EVERY) {
		c2s_write(sm->session->c2s, ASKING);
		sm->acking = true;
		sm->asked_ms = shard_now(here);
		timer_start(here, &sm->timer, options_of(sm)->ack_timeout);
	} else if (!timer_is_running(&sm->timer)) {
		timer_start(here, &sm->timer, ASK_AFTER);
	}
}

void sm_release(struct session *s, struct sm_item *item)
{
	struct sm *sm = s->sm;

	item->released = true;
	if (s->c2s == NULL || sm->gap)
		return;
	if (item->number != sm->written + 1) {
		give_up(sm);
		return;
	}
	write_item(sm, item);
	sm_ask(sm, false);
}

void sm_write_all(struct sm *sm)
{
	struct sm_item *item;

	STAILQ_FOREACH(item, &sm->queue, link) {
		if (!item->released)
			break;
		write_item(sm, item);
	}
	sm_ask(sm, false);
}

/* ---- gone ---- */

void sm_drop_item(struct sm *sm, struct sm_item *item)
{
	if (sm->cursor == item)
		sm->cursor = NULL;
	STAILQ_REMOVE(&sm->queue, item, sm_item, link);
	sm->n_items--;
	sm->bytes -= item->n;
	sm_weigh(sm);
	free(item);
}

void sm_withdraw(struct sm *sm, struct sm_item *item)
{
	sm_drop_item(sm, item);
	count_on(sm);
}

/* Has the client told that it has ITEM, with an acknowledgement up to NUMBER of EPOCH? */
static bool is_acked(const struct sm_item *item, uint32_t epoch, uint64_t number)
{
	return item->released && item->epoch == epoch && item->number <= number;
}

static void drop_acked(struct sm *sm, uint32_t epoch, uint64_t number)
{
	struct entity *e = sm->session->entity;
	struct batch *b = e->owner == 0 ? NULL : batch_new(e->core->view);
	struct sm_item *item;

	while ((item = STAILQ_FIRST(&sm->queue)) != NULL && is_acked(item, epoch, number)) {
		if (item->stored && b != NULL)
			sm_delete_item(b, e->owner, sm, item);
		if (item->group != 0)
			sm_arrived(sm, item, b);
		if (item->answers != 0)
			sm_close(sm, item->answers, b);
		sm_drop_item(sm, item);
	}
	if (b != NULL && !batch_is_empty(b))
		event_commit_unawaited(e, &b);
	batch_drop(&b);
}

int sm_acked(struct sm *sm, uint32_t h)
{
	uint64_t number = sm->acked + (uint32_t)(h - (uint32_t)sm->acked);

	if (sm->restored) {
		/* nobody remembers how much was on the wire */
		drop_acked(sm, sm->old_epoch, number);
		sm->acked = sm->written = number;
		return 0;
	}
	if (number > sm->written)
		return ERR_INVALID;
	drop_acked(sm, sm->epoch, number);
	sm->acked = number;
	return 0;
}

void sm_renumber(struct sm *sm, struct batch *batch)
{
	uint64_t owner = sm->session->entity->owner;
	struct sm_item *item;

	sm->sent = sm->written = sm->acked;
	STAILQ_FOREACH(item, &sm->queue, link) {
		if (item->stored && batch != NULL)
			sm_delete_item(batch, owner, sm, item);
		item->was_epoch = item->epoch;
		item->was_number = item->number;
		item->epoch = sm->epoch + 1;
		item->number = ++sm->sent;
		if (item->stored && batch != NULL)
			sm_put_item(batch, owner, sm, item);
	}
	sm->was_old_epoch = sm->old_epoch;
	sm->old_epoch = ++sm->epoch;
	sm->gap = false;
	sm->changed = true;
}

void sm_renumber_failed(struct sm *sm)
{
	struct sm_item *item;

	STAILQ_FOREACH(item, &sm->queue, link) {
		if (item->was_number == 0) { /* it came meanwhile, and is in memory alone */
			item->epoch = sm->epoch - 1;
			continue;
		}
		item->epoch = item->was_epoch;
		item->number = item->was_number;
	}
	sm->epoch--;
	sm->old_epoch = sm->was_old_epoch;
	sm->gap = true;
}
