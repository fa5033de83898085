/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/roster/item.h"

const struct store_space roster_space = { .name = "roster", .version = 1 };
const struct store_space roster_state_space = { .name = "roster-state", .version = 1 };
const struct store_space roster_request_space = { .name = "subscription-request",
	                                          .version = 1 };
const struct store_space roster_introduced_space = { .name = "roster-introduced",
	                                             .version = 1 };
const struct store_space roster_owed_space = { .name = "subscription-owed", .version = 1 };

enum item_flags {
	ITEM_TO = 1 << 0,
	ITEM_FROM = 1 << 1,
	ITEM_ASK = 1 << 2,
	ITEM_APPROVED = 1 << 3,
};

struct str item_key(struct event *ev, struct jid jid)
{
	return store_key(ev->arena, jid_full_str(jid), STR_NONE, STR_NONE);
}

/* ---- one contact ---- */

static struct str encode(struct arena *arena, const struct roster_item *item)
{
	const struct subscription *s = &item->subscription;
	struct record_writer w;

	record_begin(&w, 1);
	record_put_str(&w, jid_full_str(item->jid));
	record_put_u64(&w, (s->to ? ITEM_TO : 0u) | (s->from ? ITEM_FROM : 0u) |
	                           (s->ask ? ITEM_ASK : 0u) |
	                           (s->approved ? ITEM_APPROVED : 0u));
	record_put_u64(&w, item->version);
	record_put_str(&w, item->name);
	record_put_u64(&w, item->n_groups);
	for (size_t i = 0; i < item->n_groups; i++)
		record_put_str(&w, item->groups[i]);
	return record_finish(&w, arena);
}

static int decode_groups(struct arena *arena, struct record_reader *r, struct roster_item *item)
{
	uint64_t n = record_u64(r);

	if (n > r->in.n) /* each takes a byte at least */
		return ERR_CORRUPT;
	item->groups = ARENA_ARRAY(arena, struct str, n);
	for (; item->n_groups < n; item->n_groups++)
		item->groups[item->n_groups] = arena_copy(arena, record_str(r));
	return 0;
}

static int decode(struct arena *arena, struct str value, struct roster_item *item)
{
	struct record_reader r;
	uint64_t flags;
	struct str jid;
	int err;

	*item = (struct roster_item){ .name = STR_NONE };
	if (record_open(&r, value) != 1)
		return ERR_CORRUPT;
	jid = arena_copy(arena, record_str(&r));
	flags = record_u64(&r);
	item->subscription = (struct subscription){
		.to = (flags & ITEM_TO) != 0,
		.from = (flags & ITEM_FROM) != 0,
		.ask = (flags & ITEM_ASK) != 0,
		.approved = (flags & ITEM_APPROVED) != 0,
	};
	item->version = record_u64(&r);
	item->name = arena_copy(arena, record_str(&r));
	err = decode_groups(arena, &r, item);
	if (err == 0)
		err = record_end(&r);
	if (err == 0 && jid_parse(arena, jid, &item->jid) < 0)
		err = ERR_CORRUPT;
	if (item->name.n == 0)
		item->name = STR_NONE;
	return err;
}

static int find_asked(struct event *ev, struct jid jid, bool *asked_out)
{
	struct str value;
	int err = event_find(ev, &roster_request_space, item_key(ev, jid), &value);

	*asked_out = err == 0;
	return err == ERR_NOENT ? 0 : err;
}

int item_load(struct event *ev, struct jid jid, struct roster_item *item_out, bool *listed_out)
{
	struct str value;
	int err = event_find(ev, &roster_space, item_key(ev, jid), &value);

	*listed_out = err == 0;
	*item_out = (struct roster_item){ .jid = jid };
	if (err == 0)
		err = decode(ev->arena, value, item_out);
	else if (err == ERR_NOENT)
		err = 0;
	return err < 0 ? err : find_asked(ev, jid, &item_out->subscription.asked);
}

/* ---- all of them ---- */

int roster_state_read(struct event *ev, struct roster_state *state_out)
{
	struct record_reader r;
	struct str value;
	int err = event_find(ev, &roster_state_space, STR(""), &value);

	*state_out = (struct roster_state){ 0 };
	if (err < 0)
		return err == ERR_NOENT ? 0 : err;
	if (record_open(&r, value) != 1)
		return ERR_CORRUPT;
	state_out->version = record_u64(&r);
	state_out->removed = record_u64(&r);
	state_out->count = record_u64(&r);
	return record_end(&r);
}

static void state_put(struct event *ev, const struct roster_state *state)
{
	struct record_writer w;

	record_begin(&w, 1);
	record_put_u64(&w, state->version);
	record_put_u64(&w, state->removed);
	record_put_u64(&w, state->count);
	event_put(ev, &roster_state_space, STR(""), record_finish(&w, ev->arena));
}

int item_put(struct event *ev, struct roster_item *item, bool listed, int64_t max)
{
	struct roster_state state;
	int err = roster_state_read(ev, &state);

	if (err < 0)
		return err;
	if (!listed && state.count >= (uint64_t)max)
		return ERR_FULL;
	state.count += !listed;
	item->version = ++state.version;
	event_put(ev, &roster_space, item_key(ev, item->jid), encode(ev->arena, item));
	state_put(ev, &state);
	return 0;
}

int item_remove(struct event *ev, struct roster_item *item)
{
	struct roster_state state;
	int err = roster_state_read(ev, &state);

	if (err < 0)
		return err;
	state.count--;
	item->version = state.removed = ++state.version;
	event_delete(ev, &roster_space, item_key(ev, item->jid));
	state_put(ev, &state);
	return 0;
}

struct walk {
	struct event *ev;
	roster_fn *fn;
	void *arg;
};

static int on_item(void *arg, struct str key, struct str value)
{
	struct walk *walk = arg;
	struct roster_item item;
	int err = decode(walk->ev->arena, value, &item);

	return err < 0 ? err : walk->fn(walk->arg, &item);
}

int items_each(struct event *ev, roster_fn *fn, void *arg)
{
	struct walk walk = { .ev = ev, .fn = fn, .arg = arg };

	return event_scan(ev, &roster_space, STR(""), STR_NONE, 0, on_item, &walk);
}
