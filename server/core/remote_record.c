/*
 * remote_record.c - what a link has to say, on disk.
 *
 * Spaces, version 1, of the remote entity's owner:
 *
 *     "remote-stream"   served domain            ->  the same, and the id under which the stream can be resumed, or ""
 *     "remote-out"      served domain | number   ->  the stanza as XML
 *
 * and of no owner's, so that a start finds who has any:
 *
 *     "remote-index"    owner of the remote entity   ->  its domain
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/remote_private.h"

#include "server/base/mem.h"
#include "server/core/event.h"
#include "server/store/record.h"

const struct store_space remote_stream_space = { .name = "remote-stream", .version = 1 };
const struct store_space remote_out_space = { .name = "remote-out", .version = 1 };
const struct store_space remote_index_space = { .name = "remote-index", .version = 1 };

/* ---- records ---- */

static struct str link_key(struct store_key *k, const struct remote_link *l)
{
	key_init(k);
	key_text(k, l->local);
	return key_str(k);
}

static struct str index_key(struct store_key *k, uint64_t owner)
{
	key_init(k);
	key_u64(k, owner);
	return key_str(k);
}

static struct str item_key(struct store_key *k, const struct remote_link *l, uint64_t number)
{
	link_key(k, l);
	key_u64(k, number);
	return key_str(k);
}

static uint64_t owner_of(const struct remote_link *l)
{
	return l->remote->entity->owner;
}

void queue_put_item(struct batch *b, const struct remote_link *l,
                    const struct remote_item *item)
{
	struct record_writer w;
	struct store_key key;

	record_begin(&w, 1);
	record_put_str(&w, str_make(item->bytes, item->n));
	batch_put(b, &remote_out_space, owner_of(l), item_key(&key, l, item->number),
	          buf_str(&w.out));
	buf_deinit(&w.out);
	if (outbox_has(item->row))
		outbox_delete(b, item->row);
}

void queue_delete_number(struct batch *b, const struct remote_link *l,
                         const struct remote_item *item)
{
	struct store_key key;

	batch_delete(b, &remote_out_space, owner_of(l), item_key(&key, l, item->number));
}

void queue_delete_item(struct batch *b, const struct remote_link *l,
                       const struct remote_item *item)
{
	if (item->stored || item->storing)
		queue_delete_number(b, l, item);
	if (outbox_has(item->row))
		outbox_delete(b, item->row);
}

/* ---- the stream ---- */

void queue_put_stream(struct batch *b, const struct remote_link *l)
{
	struct record_writer w;
	struct store_key key;

	record_begin(&w, 1);
	record_put_str(&w, l->local);
	record_put_str(&w, l->id == NULL ? STR("") : str_of(l->id));
	batch_put(b, &remote_stream_space, owner_of(l), link_key(&key, l), buf_str(&w.out));
	buf_deinit(&w.out);
}

void queue_put_index(struct event *ev, const struct remote_link *l)
{
	struct store_key key;

	event_put_index(ev, &remote_index_space, index_key(&key, ev->owner),
	                remote_name(l->remote));
}

/* Without a record of the stream nobody would look for them after a restart. */
static bool has_records(const struct remote_link *l)
{
	const struct remote_item *item;

	TAILQ_FOREACH(item, &l->items, link)
		if (item->stored || item->storing)
			return true;
	return false;
}

/* The index with the last one of them. */
static void delete_stream(struct batch *b, const struct remote_link *gone)
{
	const struct remote_link *l;
	struct store_key key;

	batch_delete(b, &remote_stream_space, owner_of(gone), link_key(&key, gone));
	LIST_FOREACH(l, &gone->remote->links, link)
		if (l->id != NULL || has_records(l))
			return;
	batch_delete(b, &remote_index_space, STORE_OWNER_STORE,
	             index_key(&key, owner_of(gone)));
}

void queue_forget_stream(struct remote_link *l)
{
	struct batch *b;

	if (l->id == NULL)
		return;
	mem_keep(&l->id, STR_NONE);
	b = batch_new(link_core(l)->view);
	if (has_records(l))
		queue_put_stream(b, l);
	else
		delete_stream(b, l);
	batch_commit(&b, NULL);
}

/* ---- loading ---- */

struct loading {
	struct remote *remote;
	struct remote_link *link;
	size_t prefix_n; /* of the link's keys */
};

static int load_item(void *arg, struct str key, struct str value)
{
	struct loading *all = arg;
	struct remote_link *l = all->link;
	struct remote_item *item;
	struct record_reader r;
	uint64_t number;
	struct str xml;
	size_t pos = all->prefix_n;

	if (key_read_u64(key, &pos, &number) < 0 || record_open(&r, value) != 1)
		return 0;
	xml = record_str(&r);
	if (record_end(&r) < 0)
		return 0;
	item = queue_append(l, xml);
	item->number = number;
	item->stored = true;
	item->waits = true;
	l->sent = number;
	if (l->n_items == 1)
		l->acked = number - 1;
	return 0;
}

static int load_stream(void *arg, struct str key, struct str value)
{
	struct loading *all = arg;
	struct store_key prefix;
	struct record_reader r;
	struct str local, id;

	if (record_open(&r, value) != 1)
		return 0;
	local = record_str(&r);
	id = record_str(&r);
	if (record_end(&r) < 0)
		return 0;
	all->link = remote_link(all->remote, local);
	if (!str_is_empty(id))
		mem_keep(&all->link->id, id);
	all->link->gaps = true;
	all->prefix_n = link_key(&prefix, all->link).n;
	if (store_scan(link_core(all->link)->view, &remote_out_space, owner_of(all->link),
	               key_str(&prefix), STR_NONE, 0, load_item, all) < 0)
		log_error(NULL, "what is on its way to " STR_FMT " is not all known",
		          STR_ARG(remote_name(all->remote)));
	link_pin(all->link);
	if (!TAILQ_EMPTY(&all->link->items))
		link_want(all->link);
	return 0;
}

void queue_load(struct remote *r)
{
	struct loading all = { .remote = r };

	if (store_scan(r->entity->core->view, &remote_stream_space, r->entity->owner, STR(""),
	               STR_NONE, 0, load_stream, &all) < 0)
		log_error(NULL, "streams to " STR_FMT " are not all known",
		          STR_ARG(remote_name(r)));
}
