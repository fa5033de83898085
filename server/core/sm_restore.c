/*
 * sm_restore.c - the managed sessions of an account, as they were when the server went down.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/mem.h"
#include "server/core/sm_record.h"
#include "xml/ns.h"

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

	if (presence != NULL && presence->kind == STANZA_PRESENCE &&
	    presence->type == TYPE_AVAILABLE) {
		inner = presence->inner = stanza_share(presence, NS_CLIENT);
		presence->node = NULL;
		session_set_presence(s, presence, priority);
		shared_unref(&inner);
	}
	arena_free(&arena);
}

/* What the archive has forgotten meanwhile is forgotten here too. */
static int find_archived(struct event *ev, uint64_t id, struct buf *text)
{
	const struct stanza *s;
	int err = event_archived(ev, id, &s);

	if (err == 0)
		stanza_write(text, s, NS_CLIENT);
	return err == ERR_CLOSED ? ERR_NOENT : err;
}

static struct sm_item *item_of(uint64_t epoch, uint64_t number, struct str bytes)
{
	struct sm_item *item = mem_alloc(sizeof(*item) + bytes.n);

	*item = (struct sm_item){
		.number = number,
		.epoch = (uint32_t)epoch,
		.stored = true,
		.released = true,
		.n = bytes.n,
	};
	memcpy(item->bytes, bytes.p, bytes.n);
	return item;
}

struct queue_reading {
	struct sm *sm;
	struct event *ev;
};

static int read_value(struct queue_reading *q, uint64_t epoch, uint64_t number,
                      struct str value)
{
	struct record_reader r;
	struct buf text = { 0 };
	struct sm_item *item;
	uint64_t flags, group, archive_id = 0;
	int64_t stamp_ms;
	struct str bytes;
	int err = 0;

	if (record_open(&r, value) != 1)
		return ERR_CORRUPT;
	stamp_ms = record_i64(&r);
	flags = record_u64(&r);
	group = record_u64(&r);
	if ((flags & ITEM_ARCHIVED) != 0) {
		archive_id = record_u64(&r);
		err = find_archived(q->ev, archive_id, &text);
		bytes = buf_str(&text);
	} else {
		bytes = record_str(&r);
	}
	if (err == 0)
		err = record_end(&r);
	if (err == 0) {
		item = item_of(epoch, number, bytes);
		item->stamp_ms = stamp_ms;
		item->archive_id = archive_id;
		item->group = group;
		if (group > q->ev->core->last_group)
			q->ev->core->last_group = group;
		item->offered = (flags & ITEM_OFFERED) != 0;
		item->arrived = (flags & ITEM_ARRIVED) != 0;
		sm_append(q->sm, item);
	}
	buf_deinit(&text);
	return err;
}

/* The disk may have refused to forget it. */
static bool is_acked(const struct sm *sm, uint64_t epoch, uint64_t number)
{
	return epoch < sm->old_epoch || (epoch == sm->old_epoch && number <= sm->acked);
}

/* An item that cannot be read must not keep those behind it. */
static int read_item(void *arg, struct str key, struct str value)
{
	struct queue_reading *q = arg;
	uint64_t stream, epoch, number;
	size_t pos = 0;
	int err = key_read_u64(key, &pos, &stream);

	if (err == 0)
		err = key_read_u64(key, &pos, &epoch);
	if (err == 0)
		err = key_read_u64(key, &pos, &number);
	if (err == 0 && epoch > UINT32_MAX)
		err = ERR_CORRUPT;
	if (err == 0 && epoch > q->sm->epoch)
		q->sm->epoch = (uint32_t)epoch;
	if (err == 0 && !is_acked(q->sm, epoch, number))
		err = read_value(q, epoch, number, value);
	if (err < 0 && err != ERR_NOENT)
		log_error(NULL, "a stanza that waits for a session is not readable: %s",
		          err_str(err));
	return 0;
}

static int read_counts(struct entity *e, struct sm *sm)
{
	struct record_reader r;
	struct store_key key;
	struct str value;
	int err = store_find(e->core->view, &stream_in_space, e->owner, sm_key(&key, sm->key),
	                     &value);

	if (err < 0 || record_open(&r, value) != 1)
		return err < 0 ? err : ERR_CORRUPT;
	sm->taken = record_u64(&r);
	while (record_more(&r)) {
		uint64_t number = record_u64(&r);

		if (number == 0 || number > sm->taken)
			return ERR_CORRUPT;
		sm_open(sm, number);
	}
	sm->handled = sm_all_done(sm);
	return record_end(&r);
}

static int read_queue(struct entity *e, struct sm *sm)
{
	struct queue_reading q = { sm, event_begin(arena_new(1024), e, NULL, NULL) };
	struct store_key key;
	int err = store_scan(e->core->view, &stream_out_space, e->owner, sm_key(&key, sm->key),
	                     STR_NONE, 0, read_item, &q);

	event_cancel(q.ev);
	sm->epoch++; /* what comes from now on was not on any wire */
	return err;
}

/* Nobody knows what its client has to be told: it ends, and its queue is sent on. */
static void refuse_resumption(struct session *s, int err)
{
	s->sm->resumable = false;
	log_error(NULL, "session " STR_FMT " is not readable: %s",
	          STR_ARG(jid_full_str(s->jid)), err_str(err));
}

/*
 * It ended, which the disk did not take: its resource is another's, or its client's affair no
 * more.  All that is left of it is its queue; last in the list, it is found by no name.
 */
static void abandon(struct session *s)
{
	struct entity *e = s->entity;

	s->sm->resumable = false;
	memset(s->states, 0, e->host->session_bytes);
	session_set_presence(s, NULL, 0);
	TAILQ_REMOVE(&e->sessions, s, link);
	TAILQ_INSERT_TAIL(&e->sessions, s, link);
}

static void read_session(struct session *s, struct record_reader *r)
{
	int priority = (int)record_i64(r);
	struct str presence = record_str(r);

	while (record_more(r) && r->err == 0) {
		struct str name = record_str(r);

		read_module(s, name, record_str(r));
	}
	read_presence(s, presence, priority);
	if (r->err < 0)
		refuse_resumption(s, r->err);
}

struct restoring {
	struct entity *entity;
	bool ended; /* all that are found */
};

/* Of two with one resource the one that began later has it. */
static void restore(const struct restoring *all, uint64_t key, struct record_reader *r)
{
	struct entity *e = all->entity;
	bool resumable = (record_u64(r) & RECORD_RESUMABLE) != 0;
	uint64_t begun = record_u64(r);
	struct str resource = record_str(r);
	struct session *rival, *s;
	struct sm *sm;

	if (r->err < 0 || str_is_empty(resource) || resource.n > JID_PART_MAX)
		return;
	rival = entity_session(e, resource);
	s = session_add(e, resource);
	sm = s->sm = sm_new(s, key);
	sm->resumable = resumable;
	sm->begun = begun;
	if (begun > e->core->last_begun)
		e->core->last_begun = begun;
	sm->restored = sm->enabled = sm->gap = sm->stored = true;
	sm->epoch = sm->old_epoch = (uint32_t)record_u64(r);
	sm->acked = sm->written = record_u64(r);
	sm->max_s = record_u64(r);
	if (all->ended || (rival != NULL && rival->sm->begun > begun)) {
		abandon(s);
	} else {
		read_session(s, r);
		if (rival != NULL)
			abandon(rival);
	}
	sm->changed = false;
}

static struct session *find_key(struct entity *e, uint64_t key)
{
	struct session *s = NULL;

	while ((s = entity_next_session(e, s)) != NULL && (s->sm == NULL || s->sm->key != key))
		;
	return s;
}

static int restore_one(void *arg, struct str key, struct str value)
{
	const struct restoring *all = arg;
	struct record_reader r;
	uint64_t number;
	size_t pos = 0;

	if (key_read_u64(key, &pos, &number) == 0 && record_open(&r, value) == 1 &&
	    record_u64(&r) == RECORD_LIVE && find_key(all->entity, number) == NULL)
		restore(all, number, &r);
	return 0;
}

static void read_rest(struct session *s)
{
	int err = read_counts(s->entity, s->sm);

	if (err < 0)
		refuse_resumption(s, err);
	err = read_queue(s->entity, s->sm);
	if (err < 0)
		log_error(NULL, "the queue of session " STR_FMT " is not readable: %s",
		          STR_ARG(jid_full_str(s->jid)), err_str(err));
}

static void restore_all(struct entity *e, bool ended)
{
	struct restoring all = { .entity = e, .ended = ended };
	int err = store_scan(e->core->view, &stream_space, e->owner, STR(""), STR_NONE, 0,
	                     restore_one, &all);

	if (err < 0)
		log_error(NULL, "sessions of " STR_FMT " are not readable: %s",
		          STR_ARG(jid_bare_str(e->jid)), err_str(err));
}

void sm_restore(struct entity *e)
{
	struct session *s;

	restore_all(e, false);
	TAILQ_FOREACH(s, &e->sessions, link) {
		read_rest(s);
		sm_hibernate(s);
	}
	e->sessions_changed = false;
}

static void mark_arrived(struct sm *sm, const uint64_t *arrived, size_t n)
{
	struct sm_item *item;

	STAILQ_FOREACH(item, &sm->queue, link)
		for (size_t i = 0; i < n; i++)
			item->arrived = item->arrived || item->group == arrived[i];
}

/* Those of before come first, and stay as they are. */
void sm_end_left(struct entity *e, const uint64_t *arrived, size_t n)
{
	struct session *last = TAILQ_LAST(&e->sessions, session_list), *s;

	if (!entity_is_account(e) || e->owner == 0)
		return;
	restore_all(e, true);
	s = last == NULL ? TAILQ_FIRST(&e->sessions) : TAILQ_NEXT(last, link);
	for (; s != NULL; s = TAILQ_NEXT(s, link)) {
		read_rest(s);
		mark_arrived(s->sm, arrived, n);
		sm_hibernate(s);
	}
}
