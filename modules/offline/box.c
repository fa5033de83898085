/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/offline/box.h"

#include "xml/delay.h"
#include "xml/writer.h"

#define BOX_VERSION 2

static int upgrade(struct arena *arena, unsigned from, struct str key, struct str value,
                   struct str *value_out);

const struct store_space box_space = { .name = "offline",
	                               .version = BOX_VERSION,
	                               .upgrade = upgrade };

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

/* ---- records ---- */

static struct str encode(struct arena *arena, const struct offline_record *record)
{
	struct record_writer w;

	record_begin(&w, BOX_VERSION);
	record_put_i64(&w, record->stored_ms);
	record_put_u64(&w, record->archive_id);
	record_put_str(&w, record->from);
	if (record->archive_id == 0)
		record_put_str(&w, record->xml);
	else
		record_put_u64(&w, record->bytes);
	return record_finish(&w, arena);
}

static int decode(struct str value, struct offline_record *record_out)
{
	struct record_reader r;

	if (record_open(&r, value) != BOX_VERSION)
		return ERR_CORRUPT;
	record_out->stored_ms = record_i64(&r);
	record_out->archive_id = record_u64(&r);
	record_out->from = record_str(&r);
	record_out->xml = record_out->archive_id == 0 ? record_str(&r) : STR_NONE;
	record_out->bytes =
		record_out->archive_id == 0 ? record_out->xml.n : (size_t)record_u64(&r);
	return record_end(&r);
}

static struct str encode_least(struct arena *arena, uint64_t least)
{
	struct record_writer w;

	record_begin(&w, BOX_VERSION);
	record_put_u64(&w, least);
	return record_finish(&w, arena);
}

static int upgrade(struct arena *arena, unsigned from, struct str key, struct str value,
                   struct str *value_out)
{
	struct offline_record record = { 0 };
	struct record_reader r;
	uint64_t least = 0;

	if (record_open(&r, value) != from)
		return ERR_CORRUPT;
	if (key.n == 0) {
		least = record_u64(&r);
		*value_out = encode_least(arena, least);
	} else {
		record.stored_ms = record_i64(&r);
		record.from = record_str(&r);
		record.xml = record_str(&r);
		*value_out = encode(arena, &record);
	}
	return record_end(&r);
}

/* ---- counting ---- */

/* What cannot be read takes what it takes. */
static int count_one(void *arg, struct str key, struct str value)
{
	struct offline_box *box = arg;
	struct offline_record record;
	uint64_t number;
	int err = read_number(key, &number);

	if (err < 0)
		return err;
	box->n++;
	box->bytes += decode(value, &record) < 0 ? value.n : record.bytes;
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
	if (record_open(&r, value) != BOX_VERSION)
		return ERR_CORRUPT;
	*number_out = record_u64(&r);
	return record_end(&r);
}

static int count(struct mod *m, struct event *ev, struct offline_box *box)
{
	struct offline_state *of_host = mod_state(m);
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
	box->count = ++of_host->counts;
	return 0;
}

int box_open(struct mod *m, struct event *ev, struct offline_box **box_out)
{
	struct offline_box *box = mod_entity_state(m, ev->entity);

	*box_out = box;
	return box->counted || ev->owner == 0 ? 0 : count(m, ev, box);
}

/* ---- storing ---- */

/* Has the archive just what is to be stored? */
static bool is_archived(const struct event *ev)
{
	return ev->archive_id != 0 && (ev->again || ev->stanza == ev->archived);
}

static struct offline_record make(struct event *ev, const struct stanza *s)
{
	struct str xml = xml_print(ev->arena, stanza_element(ev->arena, s));
	struct offline_record record = { .stored_ms = core_wall_ms(ev->core),
		                         .from = jid_full_str(s->from),
		                         .xml = xml,
		                         .bytes = xml.n };

	if (is_archived(ev)) {
		record.archive_id = ev->archive_id;
		if (delay_find(s->node, host_name(ev->host), &record.stored_ms) < 0)
			record.stored_ms = core_wall_ms(ev->core);
	}
	return record;
}

int box_append(struct mod *m, struct event *ev)
{
	const struct offline_conf *conf = mod_conf(m);
	const struct stanza *s = hints_tree(ev);
	struct offline_record record;
	struct offline_box *box;
	int err = box_open(m, ev, &box);

	if (err < 0)
		return err;
	if (s == NULL || ev->owner == 0 || box->n >= (size_t)conf->max_messages)
		return 0;
	record = make(ev, s);
	if (box->bytes + record.bytes > (size_t)conf->max_bytes)
		return 0;
	event_put(ev, &box_space, key_of(ev->arena, box->next), encode(ev->arena, &record));
	box->next++;
	box->n++;
	box->bytes += record.bytes;
	return 1;
}

/* ---- reading ---- */

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

/* As it was stored, in S; ERR_NOENT: the archive has it no more. */
static int read_message(struct event *ev, const struct offline_record *record, struct stanza *s)
{
	const struct stanza *archived;
	const struct xml_node *node;
	int err;

	if (record->archive_id != 0) {
		err = event_archived(ev, record->archive_id, &archived);
		if (err == 0)
			*s = *archived;
		return err;
	}
	if (xml_read(ev->arena, record->xml, &node) < 0 ||
	    stanza_parse(ev->arena, node, s) != STANZA_PARSED)
		return ERR_CORRUPT;
	return 0;
}

const struct stanza *box_message(struct event *ev, const struct offline_record *record,
                                 struct xml_node *extra)
{
	struct stanza *s = ARENA_NEW(ev->arena, struct stanza);
	struct xml_node *element;

	if (read_message(ev, record, s) < 0)
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
	box_which_fn *which;
	void *arg;
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
	struct offline_record record = { .bytes = value.n };
	struct number *item;
	int err = read_number(key, &record.number);

	if (err < 0)
		return err;
	if (record.number > r->upto)
		return 1;
	if (decode(value, &record) < 0)
		record = (struct offline_record){ .number = record.number, .bytes = value.n };
	if (r->which != NULL && !r->which(r->arg, &record))
		return 0;
	item = ARENA_NEW(r->ev->arena, struct number);
	item->key = arena_copy(r->ev->arena, key);
	item->next = r->first;
	r->first = item;
	r->n++;
	r->bytes += record.bytes;
	return 0;
}

static void keep_least(struct event *ev, const struct offline_box *box)
{
	event_put(ev, &box_space, STR(""), encode_least(ev->arena, box->next));
}

int box_remove_upto(struct mod *m, struct event *ev, uint64_t upto, box_which_fn *which,
                    void *arg)
{
	struct removal r = { .ev = ev, .upto = upto, .which = which, .arg = arg };
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

static bool is_forgotten(void *arg, const struct offline_record *record)
{
	const struct stanza *s;

	return record->archive_id != 0 &&
	       event_archived(arg, record->archive_id, &s) == ERR_NOENT;
}

int box_sweep(struct mod *m, struct event *ev)
{
	return box_remove_upto(m, ev, UINT64_MAX, is_forgotten, ev);
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
