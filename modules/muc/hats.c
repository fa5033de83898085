/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/hats.h"

const struct store_space muc_hat_space = { .name = "muc-hat", .version = 1 };
const struct store_space muc_hat_worn_space = { .name = "muc-hat-worn", .version = 1 };

static struct str key_of(struct event *ev, struct str text)
{
	return store_key(ev->arena, text, STR_NONE, STR_NONE);
}

/* ---- hats ---- */

static int decode(struct arena *arena, struct str value, struct hat *hat)
{
	struct record_reader r;

	if (record_open(&r, value) != 1)
		return ERR_CORRUPT;
	hat->uri = arena_copy(arena, record_str(&r));
	hat->title = arena_copy(arena, record_str(&r));
	hat->hue = arena_copy(arena, record_str(&r));
	return record_end(&r);
}

int hats_find(struct event *ev, struct str uri, struct hat *hat_out)
{
	struct str value;
	int err = event_find(ev, &muc_hat_space, key_of(ev, uri), &value);

	return err < 0 ? err : decode(ev->arena, value, hat_out);
}

void hats_put(struct event *ev, const struct hat *hat)
{
	struct record_writer w;

	record_begin(&w, 1);
	record_put_str(&w, hat->uri);
	record_put_str(&w, hat->title);
	record_put_str(&w, hat->hue);
	event_put(ev, &muc_hat_space, key_of(ev, hat->uri), record_finish(&w, ev->arena));
}

void hats_delete(struct event *ev, struct str uri)
{
	event_delete(ev, &muc_hat_space, key_of(ev, uri));
}

struct walk {
	struct event *ev;
	hats_fn *fn;
	hats_worn_fn *worn_fn;
	void *arg;
};

static int on_hat(void *arg, struct str key, struct str value)
{
	struct walk *w = arg;
	struct hat hat;
	int err = decode(w->ev->arena, value, &hat);

	return err < 0 ? err : w->fn(w->arg, &hat);
}

int hats_each(struct event *ev, hats_fn *fn, void *arg)
{
	struct walk w = { .ev = ev, .fn = fn, .arg = arg };

	return event_scan(ev, &muc_hat_space, STR(""), STR_NONE, 0, on_hat, &w);
}

/* ---- who wears them ---- */

static int decode_worn(struct arena *arena, struct str value, struct hats_worn *worn)
{
	struct record_reader r;
	struct str jid;

	if (record_open(&r, value) != 1)
		return ERR_CORRUPT;
	jid = arena_copy(arena, record_str(&r));
	for (worn->n = 0; record_more(&r) && worn->n < HATS_WORN_MAX; worn->n++)
		worn->uris[worn->n] = arena_copy(arena, record_str(&r));
	if (record_end(&r) < 0 || jid_parse(arena, jid, &worn->jid) < 0)
		return ERR_CORRUPT;
	return 0;
}

int hats_find_worn(struct event *ev, struct jid bare, struct hats_worn *worn_out)
{
	struct str value;
	int err = event_find(ev, &muc_hat_worn_space, key_of(ev, jid_bare_str(bare)), &value);

	if (err == 0)
		return decode_worn(ev->arena, value, worn_out);
	worn_out->jid = bare;
	worn_out->n = 0;
	return err == ERR_NOENT ? 0 : err;
}

void hats_put_worn(struct event *ev, struct room *room, const struct hats_worn *worn)
{
	struct str key = key_of(ev, jid_bare_str(worn->jid));
	struct record_writer w;

	if (worn->n == 0) {
		event_delete(ev, &muc_hat_worn_space, key);
		return;
	}
	record_begin(&w, 1);
	record_put_str(&w, jid_bare_str(worn->jid));
	for (size_t i = 0; i < worn->n; i++)
		record_put_str(&w, worn->uris[i]);
	event_put(ev, &muc_hat_worn_space, key, record_finish(&w, ev->arena));
	room->has_hats = true;
}

static int on_worn(void *arg, struct str key, struct str value)
{
	struct walk *w = arg;
	struct hats_worn worn;
	int err = decode_worn(w->ev->arena, value, &worn);

	return err < 0 ? err : w->worn_fn(w->arg, &worn);
}

int hats_each_worn(struct event *ev, hats_worn_fn *fn, void *arg)
{
	struct walk w = { .ev = ev, .worn_fn = fn, .arg = arg };

	return event_scan(ev, &muc_hat_worn_space, STR(""), STR_NONE, 0, on_worn, &w);
}

bool hats_has(const struct hats_worn *worn, struct str uri)
{
	for (size_t i = 0; i < worn->n; i++)
		if (str_eq(worn->uris[i], uri))
			return true;
	return false;
}

/* ---- in presence ---- */

int hats_open(struct event *ev, struct room *room)
{
	int result = event_scan(ev, &muc_hat_worn_space, STR(""), STR_NONE, 1, store_any, NULL);

	room->has_hats = result == 1;
	return result < 0 ? result : 0;
}

/* §3.1 */
void hats_show(struct event *ev, const struct room *room, struct jid bare,
               struct xml_node *presence)
{
	struct xml_node *hats = NULL;
	struct hats_worn worn;
	struct hat hat;

	if (!room->has_hats || hats_find_worn(ev, bare, &worn) < 0)
		return;
	for (size_t i = 0; i < worn.n; i++) {
		struct xml_node *node;

		if (hats_find(ev, worn.uris[i], &hat) < 0)
			continue;
		if (hats == NULL)
			hats = xml_add(ev->arena, presence, NS_HATS, "hats");
		node = xml_add(ev->arena, hats, NULL, "hat");
		xml_set(ev->arena, node, "uri", hat.uri);
		xml_set(ev->arena, node, "title", hat.title);
		if (!str_is_empty(hat.hue))
			xml_set(ev->arena, node, "hue", hat.hue);
	}
}
