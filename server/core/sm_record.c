/*
 * sm_record.c - managed sessions on disk: four spaces (doc/storage.md).
 *
 *     stream        key                      ->  the session, or that it ended
 *     stream-in     key                      ->  how far its stanzas have come
 *     stream-out    key | epoch | number     ->  a stanza that it has not acknowledged
 *     stream-index  owner | key              ->  bare JID                         of no owner's
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/clock.h"
#include "server/base/mem.h"
#include "server/core/sm.h"
#include "server/store/key.h"
#include "server/store/record.h"
#include "xml/ns.h"

const struct store_space stream_space = { .name = "stream", .version = 1 };
const struct store_space stream_in_space = { .name = "stream-in", .version = 1 };
const struct store_space stream_out_space = { .name = "stream-out", .version = 1 };
const struct store_space stream_index_space = { .name = "stream-index", .version = 1 };

#define ENDED_KEPT_MS HOURS(24) /* how long the last h of an ended stream is known */
#define ENDED_KEPT 16           /* of an account */

enum {
	RECORD_LIVE = 1,
	RECORD_ENDED = 2,
	RECORD_RESUMABLE = 1,
	ITEM_OFFERED = 1,
	ITEM_COPIED = 2,
};

/* ---- keys ---- */

static struct str key_of(struct store_key *k, uint64_t key)
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

void sm_put_record(struct event *ev, struct sm *sm)
{
	struct session *s = sm->session;
	struct buf text = { 0 };
	struct record_writer w;
	struct store_key key;

	sm->changed = false;
	if (!sm->stored)
		return;
	record_begin(&w, 1);
	record_put_u64(&w, RECORD_LIVE);
	record_put_u64(&w, sm->resumable ? RECORD_RESUMABLE : 0);
	record_put_str(&w, jid_resource(s->jid));
	record_put_u64(&w, sm->restored ? sm->old_epoch : sm->epoch);
	record_put_u64(&w, sm->acked);
	record_put_u64(&w, sm->max_s);
	record_put_i64(&w, s->priority);
	record_put_str(&w, presence_text(&text, s->presence));
	put_modules(&w, s);
	batch_put(event_batch(ev), &stream_space, ev->owner, key_of(&key, sm->key),
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
	batch_put(b, &stream_in_space, owner, key_of(&key, sm->key), buf_str(&w.out));
	buf_deinit(&w.out);
}

void sm_put_item(struct batch *b, uint64_t owner, const struct sm *sm,
                 const struct sm_item *item)
{
	struct record_writer w;
	struct store_key key;

	record_begin(&w, 1);
	record_put_i64(&w, item->stamp_ms);
	record_put_u64(&w,
	               (item->offered ? ITEM_OFFERED : 0) | (item->copied ? ITEM_COPIED : 0));
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

	delete_stale(&items, &stream_out_space, key_of(&key, sm->key), add_stale);
	record_begin(&w, 1);
	record_put_u64(&w, RECORD_ENDED);
	record_put_i64(&w, clock_wall_ms());
	record_put_u64(&w, sm->handled);
	batch_put(b, &stream_space, ev->owner, key_of(&key, sm->key), buf_str(&w.out));
	batch_delete(b, &stream_in_space, ev->owner, key_of(&key, sm->key));
	batch_delete(b, &stream_index_space, STORE_OWNER_STORE,
	             index_key(&key, ev->owner, sm->key));
	buf_deinit(&w.out);
}

int sm_find_end(struct entity *e, uint64_t key, uint64_t *handled_out)
{
	struct record_reader r;
	struct store_key k;
	struct str value;
	int err = store_find(e->core->view, &stream_space, e->owner, key_of(&k, key), &value);

	if (err < 0)
		return err;
	if (record_open(&r, value) != 1 || record_u64(&r) != RECORD_ENDED)
		return ERR_NOENT;
	(void)record_i64(&r);
	*handled_out = record_u64(&r);
	return record_end(&r);
}

/* ---- reading ---- */

static struct mod *find_module(struct host *h, struct str name)
{
	for (size_t i = 0; i < h->n_mods; i++)
		if (str_is(name, h->mods[i].def->name))
			return &h->mods[i];
	return NULL;
}

/* What a module cannot read, or is not there any more, is as in a new session. */
static void read_module(struct session *s, struct str name, struct str saved)
{
	struct mod *m = find_module(s->entity->host, name);
	struct record_reader r = { .in = saved };

	if (m == NULL || m->def->session_load == NULL)
		return;
	if (m->def->session_load(m, s, &r) < 0) {
		memset(mod_session_state(m, s), 0, m->def->session_size);
		log_error(NULL, "what module %s stored of a session is not readable",
		          m->def->name);
	}
}

static void read_presence(struct session *s, struct str text, int priority)
{
	struct arena *arena = arena_new(1024);
	struct stanza *presence = stanza_read(arena, text);
	struct shared_buf *inner;

	if (presence != NULL) {
		inner = presence->inner = stanza_share(presence, NS_CLIENT);
		presence->node = NULL;
		session_set_presence(s, presence, priority);
		shared_unref(&inner);
	}
	arena_free(&arena);
}

static int read_item(void *arg, struct str key, struct str value)
{
	struct sm *sm = arg;
	struct record_reader r;
	uint64_t stream, epoch, number, flags;
	struct sm_item *item;
	struct str bytes;
	int64_t stamp_ms;
	size_t pos = 0;

	if (key_read_u64(key, &pos, &stream) < 0 || key_read_u64(key, &pos, &epoch) < 0 ||
	    key_read_u64(key, &pos, &number) < 0 || record_open(&r, value) != 1)
		return ERR_CORRUPT;
	stamp_ms = record_i64(&r);
	flags = record_u64(&r);
	bytes = record_str(&r);
	if (record_end(&r) < 0)
		return ERR_CORRUPT;
	item = mem_alloc(sizeof(*item) + bytes.n);
	*item = (struct sm_item){
		.number = number,
		.epoch = (uint32_t)epoch,
		.stamp_ms = stamp_ms,
		.stored = true,
		.released = true,
		.offered = (flags & ITEM_OFFERED) != 0,
		.copied = (flags & ITEM_COPIED) != 0,
		.n = bytes.n,
	};
	memcpy(item->bytes, bytes.p, bytes.n);
	sm_append(sm, item);
	if (item->epoch > sm->epoch)
		sm->epoch = item->epoch;
	return 0;
}

static int read_counts(struct entity *e, struct sm *sm)
{
	struct record_reader r;
	struct store_key key;
	struct str value;
	int err = store_find(e->core->view, &stream_in_space, e->owner, key_of(&key, sm->key),
	                     &value);

	if (err < 0 || record_open(&r, value) != 1)
		return err < 0 ? err : ERR_CORRUPT;
	sm->taken = record_u64(&r);
	while (record_more(&r) && sm->n_open < SM_OPEN_MAX)
		sm->open[sm->n_open++] = record_u64(&r);
	sm->handled = sm->n_open == 0 ? sm->taken : sm->open[0] - 1;
	return record_end(&r);
}

static int read_queue(struct entity *e, struct sm *sm)
{
	struct store_key key;
	int err = store_scan(e->core->view, &stream_out_space, e->owner, key_of(&key, sm->key),
	                     STR_NONE, 0, read_item, sm);

	sm->epoch++; /* what comes from now on was not on any wire */
	return err;
}

/* Its own resource must be free: a session of this process has it, and the old one is over. */
static void restore(struct entity *e, uint64_t key, struct record_reader *r)
{
	bool resumable = (record_u64(r) & RECORD_RESUMABLE) != 0;
	struct str resource = record_str(r), presence;
	struct session *s;
	struct sm *sm;
	int priority;

	if (r->err < 0 || str_is_empty(resource) || entity_session(e, resource) != NULL)
		return;
	s = session_add(e, resource);
	sm = s->sm = sm_new(s, key);
	sm->resumable = resumable;
	sm->restored = sm->enabled = sm->gap = sm->stored = true;
	sm->epoch = sm->old_epoch = (uint32_t)record_u64(r);
	sm->acked = sm->written = record_u64(r);
	sm->max_s = record_u64(r);
	priority = (int)record_i64(r);
	presence = record_str(r);
	while (record_more(r) && r->err == 0) {
		struct str name = record_str(r);

		read_module(s, name, record_str(r));
	}
	read_presence(s, presence, priority);
	sm->changed = false;
}

static int restore_one(void *arg, struct str key, struct str value)
{
	struct record_reader r;
	uint64_t number;
	size_t pos = 0;

	if (key_read_u64(key, &pos, &number) == 0 && record_open(&r, value) == 1 &&
	    record_u64(&r) == RECORD_LIVE)
		restore(arg, number, &r);
	return 0;
}

void sm_restore(struct entity *e)
{
	int err = store_scan(e->core->view, &stream_space, e->owner, STR(""), STR_NONE, 0,
	                     restore_one, e);
	struct session *s;

	TAILQ_FOREACH(s, &e->sessions, link)
	{
		if (err == 0)
			err = read_counts(e, s->sm);
		if (err == 0)
			err = read_queue(e, s->sm);
		sm_hibernate(s);
	}
	if (err < 0)
		log_error(NULL, "a session of " STR_FMT " is not readable: %s",
		          STR_ARG(jid_bare_str(e->jid)), err_str(err));
	e->sessions_changed = false;
}
