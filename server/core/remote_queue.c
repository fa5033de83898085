/*
 * remote_queue.c - what a link has to say, in order.
 *
 *     items  ─ written ─ written ─│─ not written ─ ...
 *              numbered, stored   next
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/remote_private.h"

#include "server/base/fault.h"
#include "server/base/mem.h"
#include "server/core/event.h"
#include "xml/ns.h"

#include <stdlib.h>

#define TRY_AGAIN_MS SECONDS(1) /* the disk did not take numbers */
#define LINKS_MAX 50000         /* in use, of a shard */

/* ---- the queue ---- */

struct remote_item *queue_append(struct remote_link *l, struct str bytes)
{
	struct remote_item *item = mem_zalloc(sizeof(*item) + bytes.n);

	memcpy(item->bytes, bytes.p, bytes.n);
	item->n = bytes.n;
	item->since_ms = shard_now(link_core(l)->shard);
	TAILQ_INSERT_TAIL(&l->items, item, link);
	if (l->next == NULL)
		l->next = item;
	l->n_items++;
	l->bytes += bytes.n;
	link_core(l)->remote_bytes += bytes.n;
	return item;
}

static bool is_full(const struct remote_link *l)
{
	const struct conf_options *o = &link_core(l)->generation->conf->o;

	return l->n_items >= (size_t)o->s2s_queue_stanzas ||
	       l->bytes >= (size_t)o->s2s_queue_bytes ||
	       link_core(l)->remote_bytes >= (size_t)o->s2s_queue_total;
}

static bool waits(const struct stanza *s)
{
	return outbox_takes(s) && s->kind != STANZA_IQ;
}

/*
 * Rooms put out whose presence comes back, and contacts are said to be away: not for a restart of the other server, but
 * when its users are believed to be gone (remote_seen.c).
 */
int64_t queue_patience_ms(struct core *core, const struct remote_item *item)
{
	const struct conf_options *o = &core->generation->conf->o;

	return item->waits ? o->s2s_wait : item->shows ? o->s2s_gone : 0;
}

/* The other server does not answer: is it no use that S waits for it? */
static bool is_hopeless(const struct remote_link *l, const struct stanza *s)
{
	struct core *core = link_core(l);

	if (s->kind == STANZA_IQ)
		return true;
	return !waits(s) &&
	       l->failing_since + core->generation->conf->o.s2s_gone <= shard_now(core->shard);
}

void queue_add(struct remote_link *l, const struct letter *letter)
{
	const struct stanza *s = letter->stanza;
	struct buf xml = { 0 };
	struct remote_item *item;

	if (l->given_up_until > shard_now(link_core(l)->shard)) {
		bounce_letter(l->remote->entity, letter, l->condition, l->why);
		return;
	}
	if (is_full(l) || (!l->pinned && link_core(l)->n_links >= LINKS_MAX)) {
		bounce_letter(l->remote->entity, letter, STANZA_RESOURCE_CONSTRAINT,
		              "too much waits for that server");
		return;
	}
	if (l->failing_since != 0 && is_hopeless(l, s)) {
		bounce_letter(l->remote->entity, letter, STANZA_REMOTE_SERVER_TIMEOUT, l->why);
		return;
	}
	stanza_write(&xml, s, NS_CLIENT);
	item = queue_append(l, buf_str(&xml));
	item->row = letter->row;
	item->waits = waits(s);
	item->shows = s->kind == STANZA_PRESENCE;
	buf_deinit(&xml);
	link_pin(l);
	link_push(l);
	link_want(l);
}

void queue_drop(struct remote_link *l, struct remote_item *item)
{
	if (l->next == item)
		l->next = TAILQ_NEXT(item, link);
	if (l->pinged == item)
		l->pinged = NULL;
	TAILQ_REMOVE(&l->items, item, link);
	l->n_items--;
	l->bytes -= item->n;
	link_core(l)->remote_bytes -= item->n;
	free(item);
}

void queue_done(struct remote_link *l, const struct remote_item *last)
{
	struct batch *b = batch_new(link_core(l)->view);
	struct remote_item *item;
	bool found = false;

	while (!found && (item = TAILQ_FIRST(&l->items)) != NULL && item->written) {
		found = item == last;
		queue_delete_item(b, l, item);
		queue_drop(l, item);
	}
	if (batch_is_empty(b))
		batch_drop(&b);
	else
		batch_commit(&b, NULL);
	link_pin(l);
}

void queue_rewind(struct remote_link *l)
{
	struct remote_item *item;

	TAILQ_FOREACH(item, &l->items, link)
		item->written = false;
	l->next = TAILQ_FIRST(&l->items);
	l->pinged = NULL;
}

bool queue_is_ready(const struct remote_link *l, const struct remote_item *item)
{
	return !l->managed || item->stored || (item->number != 0 && !outbox_has(item->row));
}

int queue_acked(struct remote_link *l, uint32_t h)
{
	/* on the wire it is modulo 2^32 */
	uint64_t acked = l->sent + (uint64_t)(int64_t)(int32_t)(h - (uint32_t)l->sent);
	struct remote_item *item, *last = NULL;

	/* after a restart nobody knows how much without a record was sent, or acknowledged */
	if (!l->gaps && (acked > l->sent || acked < l->acked))
		return ERR_INVALID;
	for (item = TAILQ_FIRST(&l->items);
	     item != NULL && item->number != 0 && item->number <= acked;
	     item = TAILQ_NEXT(item, link)) {
		item->written = true; /* it was, if on the stream before */
		last = item;
	}
	if (acked > l->acked)
		l->losses = 0;
	l->acked = acked;
	if (last != NULL)
		queue_done(l, last);
	return 0;
}

/* ---- numbers ---- */

/* One batch with the numbers of a turn. */
struct numbering {
	struct batch_done done;
	struct entity *entity; /* pinned */
	struct remote_link *link;
	uint64_t epoch; /* which ones they are */
	uint64_t from, to;
	uint64_t chain_number; /* of the link then */
};

static void settle_item(struct remote_item *item, int err)
{
	item->storing = false;
	item->stored = item->stored || err == 0;
	if (err == 0)
		item->row = (struct outbox_key){ 0 };
}

/* They are the last ones, or nearly. */
static void note_numbered(struct remote_link *l, uint64_t from, uint64_t to, int err)
{
	struct remote_item *item = TAILQ_LAST(&l->items, remote_items);

	for (; item != NULL && (item->number == 0 || item->number >= from);
	     item = TAILQ_PREV(item, remote_items, link))
		if (item->storing && item->number <= to)
			settle_item(item, err);
}

/* The first that has no number; or of all, if the disk did not take some. */
static struct remote_item *first_to_number(const struct remote_link *l)
{
	struct remote_item *item = TAILQ_LAST(&l->items, remote_items), *first = NULL;

	if (l->store_failed)
		return TAILQ_FIRST(&l->items);
	for (; item != NULL && item->number == 0; item = TAILQ_PREV(item, remote_items, link))
		first = item;
	return first;
}

static void on_numbered(struct shard *here, struct batch_done *done, int err)
{
	struct numbering *n = CONTAINER_OF(done, struct numbering, done);
	struct remote_link *l = n->link;

	FAULT_POINT("remote-numbered");
	if (n->epoch == l->epoch)
		note_numbered(l, n->from, n->to, err);
	if (err < 0) {
		log_peer_error(NULL, "what is for " STR_FMT " waits for the disk: %s",
		               STR_ARG(remote_name(l->remote)), err_str(err));
		l->store_failed = true;
		if (n->chain_number == l->chain_number) {
			batch_chain_fail(link_core(l)->view, &l->chain);
			l->chain_number++;
		}
	}
	if (err < 0 && l->state == LINK_READY && !shard_is_stopping(here))
		timer_start(here, &l->timer, TRY_AGAIN_MS);
	else if (err == 0 && !shard_is_stopping(here))
		link_push(l);
	entity_unpin(n->entity);
	free(n);
}

void queue_number(struct remote_link *l)
{
	struct core *core = link_core(l);
	struct batch *b = batch_new(core->view);
	struct remote_item *item = first_to_number(l);
	struct numbering *n;
	uint64_t first = 0, last = 0;

	l->store_failed = false;
	for (; item != NULL; item = TAILQ_NEXT(item, link)) {
		if (item->stored || item->storing)
			continue;
		if (item->number == 0)
			item->number = ++l->sent;
		if (!outbox_has(item->row))
			continue;
		queue_put_item(b, l, item);
		item->storing = true;
		first = first == 0 ? item->number : first;
		last = item->number;
	}
	if (batch_is_empty(b)) {
		batch_drop(&b);
		return;
	}
	n = MEM_NEW(struct numbering);
	n->done.on_done = on_numbered;
	n->entity = l->remote->entity;
	entity_pin(n->entity);
	n->link = l;
	n->epoch = l->epoch;
	n->from = first;
	n->to = last;
	n->chain_number = l->chain_number;
	batch_join(b, &l->chain);
	batch_commit(&b, &n->done);
}

void queue_renumber(struct remote_link *l, struct event *ev)
{
	struct batch *b = event_batch(ev);
	struct remote_item *item;

	TAILQ_FOREACH(item, &l->items, link)
		if (item->stored || item->storing)
			queue_delete_number(b, l, item);
	l->epoch++;
	l->sent = l->acked;
	TAILQ_FOREACH(item, &l->items, link) {
		item->was = item->number;
		item->number = ++l->sent;
		item->storing = item->stored || outbox_has(item->row);
		if (item->storing)
			queue_put_item(b, l, item);
	}
	queue_put_stream(b, l);
	queue_put_index(ev, l);
}

void queue_renumbered(struct remote_link *l, int err)
{
	struct remote_item *item;

	if (err < 0) /* on disk the numbers are those of before */
		l->gaps = true;
	TAILQ_FOREACH(item, &l->items, link) {
		if (err < 0)
			item->number = item->was;
		if (item->storing)
			settle_item(item, err);
	}
}
