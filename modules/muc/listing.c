/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/listing.h"

#define FLAG_OPEN 1
#define FLAG_SHOWS_JIDS 2

const struct store_space muc_public_space = { .name = "muc-public", .version = 1 };

static struct str key_of(struct arena *arena, struct str domain, struct str local)
{
	return store_key(arena, domain, local, STR_NONE);
}

static struct str own_key(struct event *ev)
{
	struct jid room = entity_jid(ev->entity);

	return key_of(ev->arena, jid_domain(room), jid_local(room));
}

/* ---- one of them ---- */

struct str listed_address(struct arena *arena, struct str domain, const struct listed *room)
{
	return arena_printf(arena, STR_FMT "@" STR_FMT, STR_ARG(room->local), STR_ARG(domain));
}

struct str listed_name(const struct listed *room)
{
	return str_is_empty(room->name) ? room->local : room->name;
}

struct listed listed_copy(struct arena *arena, const struct listed *room)
{
	struct listed copy = *room;

	copy.local = arena_copy(arena, room->local);
	copy.name = arena_copy(arena, room->name);
	copy.description = arena_copy(arena, room->description);
	copy.language = arena_copy(arena, room->language);
	return copy;
}

/* ---- writing ---- */

static uint64_t flags_of(const struct config *config)
{
	uint64_t flags = 0;

	if (!config->is_members_only && str_is_empty(config->password))
		flags |= FLAG_OPEN;
	if (config->shows_jids)
		flags |= FLAG_SHOWS_JIDS;
	return flags;
}

static void put(struct event *ev, const struct config *config)
{
	struct record_writer w;

	record_begin(&w, 1);
	record_put_str(&w, jid_local(entity_jid(ev->entity)));
	record_put_str(&w, config->name);
	record_put_str(&w, config->description);
	record_put_str(&w, config->language);
	record_put_u64(&w, flags_of(config));
	event_put_index(ev, &muc_public_space, own_key(ev), record_finish(&w, ev->arena));
}

void listing_remove(struct event *ev)
{
	event_delete_index(ev, &muc_public_space, own_key(ev));
}

/* §10.1.2: a locked room is not there yet. */
void listing_update(struct event *ev, const struct config *config)
{
	if (config->is_public && !config->is_locked)
		put(ev, config);
	else
		listing_remove(ev);
}

/* ---- reading ---- */

static int decode(struct str value, struct listed *room)
{
	struct record_reader r;
	uint64_t flags;

	if (record_open(&r, value) != 1)
		return ERR_CORRUPT;
	room->local = record_str(&r);
	room->name = record_str(&r);
	room->description = record_str(&r);
	room->language = record_str(&r);
	flags = record_u64(&r);
	room->is_open = (flags & FLAG_OPEN) != 0;
	room->shows_jids = (flags & FLAG_SHOWS_JIDS) != 0;
	return record_end(&r);
}

struct walk {
	struct str after; /* a key, which is passed over; absent: none */
	listing_fn *fn;
	void *arg;
};

static int on_record(void *arg, struct str key, struct str value)
{
	struct walk *w = arg;
	struct listed room;
	int result;

	if (!str_is_absent(w->after) && str_eq(key, w->after))
		return 0;
	result = decode(value, &room);
	return result < 0 ? result : w->fn(w->arg, &room);
}

int listing_each(struct store_reader *reader, struct str domain, struct str after,
                 bool backwards, listing_fn *fn, void *arg)
{
	struct arena *arena = arena_new(512);
	struct str prefix = store_key(arena, domain, STR_NONE, STR_NONE);
	struct walk w = { .fn = fn, .arg = arg };
	int result;

	if (!str_is_absent(after))
		w.after = key_of(arena, domain, after);
	if (backwards)
		result = store_reader_scan_down(reader, &muc_public_space, STORE_OWNER_STORE,
		                                prefix, w.after, 0, on_record, &w);
	else
		result = store_reader_scan(reader, &muc_public_space, STORE_OWNER_STORE, prefix,
		                           w.after, 0, on_record, &w);
	arena_free(&arena);
	return result;
}

/* ---- a page ---- */

static int add(void *arg, const struct listed *room)
{
	struct listing *listing = arg;

	if (listing->n == listing->max) {
		listing->is_last = false;
		return 1;
	}
	listing->found[listing->n++] = listed_copy(listing->arena, room);
	return 0;
}

static void turn_round(struct listing *listing)
{
	for (size_t i = 0; i < listing->n / 2; i++) {
		struct listed *a = &listing->found[i];
		struct listed *b = &listing->found[listing->n - 1 - i];
		struct listed kept = *a;

		*a = *b;
		*b = kept;
	}
}

void listing_run(struct store_reader *reader, void *arg)
{
	struct listing *listing = arg;
	int result;

	listing->found = ARENA_ARRAY(listing->arena, struct listed, listing->max);
	listing->n = 0;
	listing->is_last = true;
	result = listing_each(reader, listing->domain, listing->after, listing->backwards, add,
	                      listing);
	listing->err = result < 0 ? result : 0;
	if (listing->backwards)
		turn_round(listing);
}
