/*
 * sm_record.c - writing and deleting the records of managed sessions.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/sm_record.h"
#include "server/base/clock.h"
#include "server/store/record.h"
#include "xml/ns.h"

const struct store_space stream_space = { .name = "stream", .version = 1 };
const struct store_space stream_in_space = { .name = "stream-in", .version = 1 };
const struct store_space stream_out_space = { .name = "stream-out", .version = 1 };
const struct store_space stream_index_space = { .name = "stream-index", .version = 1 };

#define ENDED_KEPT_MS HOURS(24) /* how long the last h of an ended stream is known */
#define ENDED_KEPT 16           /* of an account */

/* ---- keys ---- */

struct str sm_key(struct store_key *k, uint64_t key)
{
	key_init(k);
	key_u64(k, key);
	return key_str(k);
}

static struct str item_key(struct store_key *k, const struct sm *sm, const struct sm_item *item)
{
	key_init(k);
	key_u64(k, sm->key);
	key_u64(k, item->epoch);
	key_u64(k, item->number);
	return key_str(k);
}

static struct str index_key(struct store_key *k, uint64_t owner, uint64_t key)
{
	key_init(k);
	key_u64(k, owner);
	key_u64(k, key);
	return key_str(k);
}

/* ---- writing ---- */

static void put_modules(struct record_writer *w, struct session *s)
{
	const struct host *h = s->entity->host;

	for (size_t i = 0; i < h->n_mods; i++) {
		struct record_writer of_mod = { 0 };

		if (h->mods[i].def->session_save == NULL)
			continue;
		h->mods[i].def->session_save(&h->mods[i], s, &of_mod);
		if (of_mod.out.n > 0) {
			record_put_str(w, str_of(h->mods[i].def->name));
			record_put_str(w, buf_str(&of_mod.out));
		}
		buf_deinit(&of_mod.out);
	}
}

static struct str presence_text(struct buf *text, const struct stanza *presence)
{
	if (presence != NULL)
		stanza_write(text, presence, NS_CLIENT);
	return buf_str(text);
}

static void put_copies(struct event *ev, struct sm *sm)
{
	const struct sm_item *item;

	STAILQ_FOREACH(item, &sm->queue, link)
		if (item->arrived && item->stored)
			sm_put_item(event_batch(ev), ev->owner, sm, item);
	sm->unsure = false;
}

void sm_unsure(struct session *s)
{
	session_changed(s);
	if (s->sm != NULL)
		s->sm->unsure = true;
}

void sm_put_record(struct event *ev, struct sm *sm)
{
	struct session *s = sm->session;
	struct buf text = { 0 };
	struct record_writer w;
	struct store_key key;

	sm->changed = false;
	if (!sm->stored)
		return;
	if (sm->unsure)
		put_copies(ev, sm);
	record_begin(&w, 1);
	record_put_u64(&w, RECORD_LIVE);
	record_put_u64(&w, sm->resumable ? RECORD_RESUMABLE : 0);
	record_put_u64(&w, sm->begun);
	record_put_str(&w, jid_resource(s->jid));
	record_put_u64(&w, sm->restored ? sm->old_epoch : sm->epoch);
	record_put_u64(&w, sm->acked);
	record_put_u64(&w, sm->max_s);
	record_put_i64(&w, s->priority);
	record_put_str(&w, presence_text(&text, s->presence));
	put_modules(&w, s);
	batch_put(event_batch(ev), &stream_space, ev->owner, sm_key(&key, sm->key),
	          buf_str(&w.out));
	buf_deinit(&w.out);
	buf_deinit(&text);
}

void sm_put_counts(struct batch *b, uint64_t owner, const struct sm *sm)
{
	struct record_writer w;
	struct store_key key;

	record_begin(&w, 1);
	record_put_u64(&w, sm->taken);
	for (size_t i = 0; i < sm->n_open; i++)
		record_put_u64(&w, sm->open[i]);
	batch_put(b, &stream_in_space, owner, sm_key(&key, sm->key), buf_str(&w.out));
	buf_deinit(&w.out);
}

void sm_put_item(struct batch *b, uint64_t owner, const struct sm *sm,
                 const struct sm_item *item)
{
	unsigned flags = (item->offered ? ITEM_OFFERED : 0) |
	                 (item->arrived ? ITEM_ARRIVED : 0) |
	                 (item->archive_id != 0 ? ITEM_ARCHIVED : 0);
	struct record_writer w;
	struct store_key key;

	record_begin(&w, 1);
	record_put_i64(&w, item->stamp_ms);
	record_put_u64(&w, flags);
	record_put_u64(&w, item->group);
	if (item->archive_id != 0)
		record_put_u64(&w, item->archive_id);
	else
		record_put_str(&w, str_make(item->bytes, item->n));
	batch_put(b, &stream_out_space, owner, item_key(&key, sm, item), buf_str(&w.out));
	buf_deinit(&w.out);
}

void sm_delete_item(struct batch *b, uint64_t owner, const struct sm *sm,
                    const struct sm_item *item)
{
	struct store_key key;

	batch_delete(b, &stream_out_space, owner, item_key(&key, sm, item));
}

/* ---- deleting ---- */

struct stale {
	struct stale *next;
	struct str key;
};

/* What a scan finds, to be deleted behind it. */
struct stales {
	struct event *ev;
	struct stale *first;
	int64_t before_ms;
	size_t n_ended;
};

static int add_stale(void *arg, struct str key, struct str value)
{
	struct stales *all = arg;
	struct stale *stale = ARENA_NEW(all->ev->arena, struct stale);

	stale->key = arena_copy(all->ev->arena, key);
	stale->next = all->first;
	all->first = stale;
	return 0;
}

static int add_ended(void *arg, struct str key, struct str value)
{
	struct stales *all = arg;
	struct record_reader r;

	if (record_open(&r, value) != 1 || record_u64(&r) != RECORD_ENDED)
		return 0;
	return ++all->n_ended > ENDED_KEPT || record_i64(&r) < all->before_ms
	               ? add_stale(arg, key, value)
	               : 0;
}

static void delete_stale(struct stales *all, const struct store_space *space, struct str prefix,
                         store_each_fn *each)
{
	struct event *ev = all->ev;

	if (store_scan(ev->read, space, ev->owner, prefix, STR_NONE, 0, each, all) < 0)
		log_debug(NULL, "old records of streams are left");
	for (const struct stale *stale = all->first; stale != NULL; stale = stale->next)
		batch_delete(event_batch(ev), space, ev->owner, stale->key);
}

/* ---- the beginning and the end ---- */

void sm_put_begin(struct event *ev, struct sm *sm)
{
	struct stales ended = { .ev = ev, .before_ms = clock_wall_ms() - ENDED_KEPT_MS };
	struct store_key key;

	if (!sm->stored)
		return;
	delete_stale(&ended, &stream_space, STR(""), add_ended);
	batch_put(event_batch(ev), &stream_index_space, STORE_OWNER_STORE,
	          index_key(&key, ev->owner, sm->key), jid_bare_str(ev->entity->jid));
	sm_put_counts(event_batch(ev), ev->owner, sm);
	sm_put_record(ev, sm);
}

/* By what is there: a batch that failed may have left what the queue does not know. */
void sm_put_end(struct event *ev, struct sm *sm)
{
	struct batch *b = event_batch(ev);
	struct stales items = { .ev = ev };
	struct record_writer w;
	struct store_key key;

	delete_stale(&items, &stream_out_space, sm_key(&key, sm->key), add_stale);
	record_begin(&w, 1);
	record_put_u64(&w, RECORD_ENDED);
	record_put_i64(&w, clock_wall_ms());
	record_put_u64(&w, sm->handled);
	batch_put(b, &stream_space, ev->owner, sm_key(&key, sm->key), buf_str(&w.out));
	batch_delete(b, &stream_in_space, ev->owner, sm_key(&key, sm->key));
	batch_delete(b, &stream_index_space, STORE_OWNER_STORE,
	             index_key(&key, ev->owner, sm->key));
	buf_deinit(&w.out);
}

void sm_delete_index(struct batch *b, struct entity *e)
{
	struct session *s = NULL;
	struct store_key key;

	while ((s = entity_next_session(e, s)) != NULL)
		if (s->sm != NULL)
			batch_delete(b, &stream_index_space, STORE_OWNER_STORE,
			             index_key(&key, e->owner, s->sm->key));
}

int sm_find_end(struct entity *e, uint64_t key, uint64_t *handled_out)
{
	struct record_reader r;
	struct store_key k;
	struct str value;
	int err = store_find(e->core->view, &stream_space, e->owner, sm_key(&k, key), &value);

	if (err < 0)
		return err;
	if (record_open(&r, value) != 1 || record_u64(&r) != RECORD_ENDED)
		return ERR_NOENT;
	(void)record_i64(&r);
	*handled_out = record_u64(&r);
	return record_end(&r);
}
