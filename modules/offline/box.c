/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/offline/box.h"

#include "xml/writer.h"

const struct store_space box_space = { .name = "offline", .version = 1 };

static struct str key_of(struct arena *arena, uint64_t number)
{
	struct store_key key;

	key_init(&key);
	key_u64(&key, number);
	return arena_copy(arena, key_str(&key));
}

static int read_number(struct str key, uint64_t *number_out)
{
	size_t pos = 0;

	return key_read_u64(key, &pos, number_out);
}

/* ---- counting ---- */

static int count_one(void *arg, struct str key, struct str value)
{
	struct offline_box *box = arg;
	uint64_t number;
	int err = read_number(key, &number);

	if (err < 0)
		return err;
	box->n++;
	box->bytes += value.n;
	box->next = number + 1;
	return 0;
}

/* 0, or what the record of the empty key says. */
static int find_least(struct event *ev, uint64_t *number_out)
{
	struct record_reader r;
	struct str value;
	int err = event_find(ev, &box_space, STR(""), &value);

	*number_out = 0;
	if (err < 0)
		return err == ERR_NOENT ? 0 : err;
	if (record_open(&r, value) != 1)
		return ERR_CORRUPT;
	*number_out = record_u64(&r);
	return record_end(&r);
}

static int count(struct event *ev, struct offline_box *box)
{
	uint64_t least;
	int err = find_least(ev, &least);

	box->n = 0;
	box->bytes = 0;
	box->next = 1;
	if (err == 0)
		err = event_scan(ev, &box_space, STR(""), key_of(ev->arena, 1), 0, count_one,
		                 box);
	if (err < 0)
		return err;
	if (box->next < least)
		box->next = least;
	box->counted = true;
	return 0;
}

int box_open(struct mod *m, struct event *ev, struct offline_box **box_out)
{
	struct offline_box *box = mod_entity_state(m, ev->entity);

	*box_out = box;
	return box->counted || ev->owner == 0 ? 0 : count(ev, box);
}

/* ---- storing ---- */

static struct str encode(struct event *ev, const struct stanza *s)
{
	struct record_writer w;

	record_begin(&w, 1);
	record_put_i64(&w, core_wall_ms(ev->core));
	record_put_str(&w, jid_full_str(s->from));
	record_put_str(&w, xml_print(ev->arena, stanza_element(ev->arena, s)));
	return record_finish(&w, ev->arena);
}

int box_append(struct mod *m, struct event *ev)
{
	const struct offline_conf *conf = mod_conf(m);
	const struct stanza *s = hints_tree(ev);
	struct offline_box *box;
	struct str record;
	int err = box_open(m, ev, &box);

	if (err < 0)
		return err;
	if (s == NULL || ev->owner == 0 || box->n >= (size_t)conf->max_messages)
		return 0;
	record = encode(ev, s);
	if (box->bytes + record.n > (size_t)conf->max_bytes)
		return 0;
	event_put(ev, &box_space, key_of(ev->arena, box->next), record);
	box->next++;
	box->n++;
	box->bytes += record.n;
	return 1;
}

/* ---- reading ---- */

static int decode(struct str value, struct offline_record *record_out)
{
	struct record_reader r;

	if (record_open(&r, value) != 1)
		return ERR_CORRUPT;
	record_out->bytes = value.n;
	record_out->stored_ms = record_i64(&r);
	record_out->from = record_str(&r);
	record_out->xml = record_str(&r);
	return record_end(&r);
}

struct each {
	box_each_fn *fn;
	void *arg;
};

static int read_one(void *arg, struct str key, struct str value)
{
	struct each *each = arg;
	struct offline_record record;
	int err = read_number(key, &record.number);

	if (err == 0)
		err = decode(value, &record);
	if (err < 0) { /* one that cannot be read must not keep those behind it */
		log_error(NULL, "a stored message is not readable: %s", err_str(err));
		return 0;
	}
	return each->fn(each->arg, &record);
}

int box_scan(struct event *ev, uint64_t from, box_each_fn *fn, void *arg)
{
	struct each each = { fn, arg };

	if (ev->owner == 0)
		return 0;
	return event_scan(ev, &box_space, STR(""), key_of(ev->arena, from), 0, read_one, &each);
}

int box_find(struct event *ev, uint64_t number, struct offline_record *record_out)
{
	struct str value;
	int err = ev->owner == 0
	                  ? ERR_NOENT
	                  : event_find(ev, &box_space, key_of(ev->arena, number), &value);

	if (err < 0)
		return err;
	record_out->number = number;
	return decode(value, record_out);
}

const struct stanza *box_message(struct event *ev, const struct offline_record *record,
                                 struct xml_node *extra)
{
	struct stanza *s = ARENA_NEW(ev->arena, struct stanza);
	const struct xml_node *node;
	struct xml_node *element;

	if (xml_read(ev->arena, record->xml, &node) < 0 ||
	    stanza_parse(ev->arena, node, s) != STANZA_PARSED)
		return NULL;
	element = stanza_element(ev->arena, s);
	delay_add(ev->arena, element, host_name(ev->host), record->stored_ms);
	if (extra != NULL)
		xml_append(element, extra);
	s->node = element;
	return s;
}

/* ---- deleting ---- */

struct removal {
	struct event *ev;
	struct number *first;
	uint64_t upto;
	size_t n, bytes;
};
struct number {
	struct number *next;
	struct str key;
};

/* What is walked must not be written to. */
static int note_key(void *arg, struct str key, struct str value)
{
	struct removal *r = arg;
	struct number *item;
	uint64_t number;
	int err = read_number(key, &number);

	if (err < 0)
		return err;
	if (number > r->upto)
		return 1;
	item = ARENA_NEW(r->ev->arena, struct number);
	item->key = arena_copy(r->ev->arena, key);
	item->next = r->first;
	r->first = item;
	r->n++;
	r->bytes += value.n;
	return 0;
}

static void keep_least(struct event *ev, const struct offline_box *box)
{
	struct record_writer w;

	record_begin(&w, 1);
	record_put_u64(&w, box->next);
	event_put(ev, &box_space, STR(""), record_finish(&w, ev->arena));
}

int box_remove_upto(struct mod *m, struct event *ev, uint64_t upto)
{
	struct removal r = { .ev = ev, .upto = upto };
	struct offline_box *box;
	int err = box_open(m, ev, &box);

	if (err < 0 || box->n == 0)
		return err;
	err = event_scan(ev, &box_space, STR(""), key_of(ev->arena, 1), 0, note_key, &r);
	if (err < 0)
		return err;
	if (r.n == 0)
		return 0;
	for (const struct number *item = r.first; item != NULL; item = item->next)
		event_delete(ev, &box_space, item->key);
	keep_least(ev, box);
	box->n -= r.n;
	box->bytes -= r.bytes;
	return 0;
}

int box_remove(struct mod *m, struct event *ev, uint64_t number)
{
	struct offline_box *box;
	int err = box_open(m, ev, &box);

	if (err < 0)
		return err;
	event_delete(ev, &box_space, key_of(ev->arena, number));
	keep_least(ev, box);
	box->counted = false; /* the same number may come twice in a request */
	return 0;
}
