/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/outbox.h"

#include "server/core/remote.h"
#include "server/core/route.h"
#include "server/store/key.h"
#include "server/store/record.h"
#include "xml/ns.h"

/*
 * Of no owner's: sender's owner | number  ->  flags, id in the archive, the stanza as XML.  The
 * receiver's shard deletes what the sender's wrote.
 */
const struct store_space outbox_space = { .name = "outbox", .version = 1 };

#define ROW_AGAIN 1
#define ROW_LASTS 2

static void make_key(struct store_key *k, struct outbox_key key)
{
	key_init(k);
	key_u64(k, key.owner);
	key_u64(k, key.number);
}

bool outbox_takes(const struct stanza *s)
{
	return s->kind != STANZA_PRESENCE || stanza_is_subscription(s);
}

static bool is_of_service(struct core *core, struct jid jid)
{
	const struct host *h = jid_is_none(jid) ? NULL : host_find(core, jid_domain(jid));

	return h != NULL && h->served != NULL;
}

/* To a room of another server, as far as can be seen from here; or from a room to an occupant there. */
static bool is_of_room_abroad(struct core *core, const struct letter *l)
{
	const struct stanza *s = l->stanza;

	return !jid_is_bare(s->to) && (l->lasts || is_of_service(core, s->from)) &&
	       remote_is_abroad(core, s->to);
}

bool outbox_takes_letter(struct core *core, const struct letter *l)
{
	const struct stanza *s = l->stanza;

	if (outbox_takes(s))
		return true;
	if (s->type != TYPE_AVAILABLE && s->type != TYPE_UNAVAILABLE && s->type != TYPE_PROBE)
		return false;
	return (l->lasts && is_of_service(core, s->to)) || is_of_room_abroad(core, l);
}

void outbox_put(struct core *core, struct batch *b, uint64_t owner, struct letter *l)
{
	struct record_writer w;
	struct store_key key;

	l->row = (struct outbox_key){ .owner = owner, .number = ++core->outbox_number };
	make_key(&key, l->row);
	record_begin(&w, 1);
	record_put_u64(&w, (l->again ? ROW_AGAIN : 0) | (l->lasts ? ROW_LASTS : 0));
	record_put_u64(&w, l->archive_id);
	stanza_write(&w.out, l->stanza, NS_CLIENT);
	batch_put(b, &outbox_space, STORE_OWNER_STORE, key_str(&key), buf_str(&w.out));
	buf_deinit(&w.out);
}

void outbox_delete(struct batch *b, struct outbox_key key)
{
	struct store_key k;

	make_key(&k, key);
	batch_delete(b, &outbox_space, STORE_OWNER_STORE, key_str(&k));
}

void outbox_drop(struct core *core, struct outbox_key key)
{
	struct batch *b = batch_new(core->view);

	outbox_delete(b, key);
	batch_commit(&b, NULL);
}

/* ---- after a restart ---- */

struct resending {
	struct core *core;
	size_t n;
};

static int read_row(struct arena *arena, struct str value, struct letter *l)
{
	struct record_reader r;
	uint64_t flags;

	if (record_open(&r, value) != 1)
		return ERR_CORRUPT;
	flags = record_u64(&r);
	l->again = (flags & ROW_AGAIN) != 0;
	l->lasts = (flags & ROW_LASTS) != 0;
	l->archive_id = record_u64(&r);
	l->stanza = stanza_read(arena, str_slice(value, r.pos, value.n));
	return r.err < 0 || l->stanza == NULL ? ERR_CORRUPT : 0;
}

static int resend_one(void *arg, struct str key, struct str value)
{
	struct resending *all = arg;
	struct arena *arena = arena_new(1024);
	struct route_item item = { 0 };
	size_t pos = 0;
	int err = key_read_u64(key, &pos, &item.letter.row.owner);

	if (err == 0)
		err = key_read_u64(key, &pos, &item.letter.row.number);
	if (err == 0 && !core_owns(all->core, item.letter.row.owner)) {
		arena_free(&arena);
		return 1;
	}
	if (err == 0)
		err = read_row(arena, value, &item.letter);
	if (err == 0) {
		if (item.letter.row.number > all->core->outbox_number)
			all->core->outbox_number = item.letter.row.number;
		all->n++;
		route_post(all->core, route_pack(all->core, &arena, &item));
	} else { /* it must not keep those behind it */
		log_error(NULL, "a stored stanza is not readable: %s", err_str(err));
	}
	arena_free(&arena);
	return 0;
}

int outbox_start(struct core *core)
{
	struct resending all = { .core = core };
	struct store_key from;
	int err;

	key_init(&from);
	key_u64(&from, core_first_owner(core));
	err = store_scan(core->view, &outbox_space, STORE_OWNER_STORE, STR(""), key_str(&from),
	                 0, resend_one, &all);
	if (all.n > 0)
		log_info(NULL, "%zu stanzas that were under way are sent on", all.n);
	return err < 0 ? err : 0;
}
