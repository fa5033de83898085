/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/mam/archive.h"

#include "xml/writer.h"

#include <string.h>

#define US_PER_MS 1000

const struct store_space archive_space = { .name = "archive", .version = 1, .is_log = true };
const struct store_space archive_with_space = { .name = "archive-with",
	                                        .version = 1,
	                                        .is_log = true };
const struct store_space archive_state_space = { .name = "archive-state", .version = 1 };

int64_t archive_id_ms(uint64_t id)
{
	return (int64_t)(id / US_PER_MS);
}

uint64_t archive_ms_id(int64_t wall_ms)
{
	if (wall_ms <= 0)
		return 0;
	return (uint64_t)wall_ms > UINT64_MAX / US_PER_MS ? UINT64_MAX
	                                                  : (uint64_t)wall_ms * US_PER_MS;
}

/* ---- keys ---- */

struct str archive_key(struct arena *arena, uint64_t id)
{
	struct store_key k;

	key_init(&k);
	key_u64(&k, id);
	return arena_copy(arena, key_str(&k));
}

struct str archive_with_prefix(struct arena *arena, struct str bare)
{
	return store_key(arena, bare, STR_NONE, STR_NONE);
}

struct str archive_with_key(struct arena *arena, struct str bare, uint64_t id)
{
	struct store_key k;

	key_init(&k);
	key_text(&k, bare);
	key_u64(&k, id);
	return arena_copy(arena, key_str(&k));
}

int archive_key_id(struct str key, uint64_t *id_out)
{
	size_t pos = key.n - sizeof(*id_out);

	return key.n < sizeof(*id_out) ? ERR_CORRUPT : key_read_u64(key, &pos, id_out);
}

/* ---- what is known of an archive ---- */

/* @least_out  0 when there is no record. */
static int read_state(struct event *ev, struct archive *archive, uint64_t *least_out)
{
	struct record_reader r;
	struct str value, secret;
	int err = event_find(ev, &archive_state_space, STR(""), &value);

	*least_out = 0;
	if (err < 0)
		return err == ERR_NOENT ? 0 : err;
	if (record_open(&r, value) != 1)
		return ERR_CORRUPT;
	secret = record_str(&r);
	*least_out = record_u64(&r);
	if (record_end(&r) < 0 || secret.n != sizeof(archive->secret.bytes))
		return ERR_CORRUPT;
	memcpy(archive->secret.bytes, secret.p, secret.n);
	archive->has_state = true;
	return 0;
}

static void write_state(struct event *ev, struct archive *archive, uint64_t least)
{
	struct record_writer w;

	record_begin(&w, 1);
	record_put_str(&w, str_make((const char *)archive->secret.bytes,
	                            sizeof(archive->secret.bytes)));
	record_put_u64(&w, least);
	event_put(ev, &archive_state_space, STR(""), record_finish(&w, ev->arena));
}

static int note_id(void *arg, struct str key, struct str value)
{
	return archive_key_id(key, arg);
}

int archive_open(struct event *ev, struct archive *archive)
{
	uint64_t least = 0, last = 0;
	int err;

	if (archive->is_open)
		return 0;
	err = read_state(ev, archive, &least);
	if (err == 0)
		err = event_scan_down(ev, &archive_space, STR(""), STR_NONE, 1, note_id, &last);
	if (err < 0)
		return err;
	archive->last = last + 1 < least ? least - 1 : last;
	err = usage_open(ev, &archive->usage);
	archive->is_open = err == 0;
	return err;
}

/* ---- records ---- */

/* Which of S's addresses is the other side's. */
static struct jid other_side(const struct stanza *s, unsigned flags)
{
	return (flags & ARCHIVE_SENT) != 0 ? s->to : s->from;
}

static struct str print(struct event *ev, const struct stanza *s)
{
	return xml_print(ev->arena, stanza_element(ev->arena, s));
}

static void write_record(struct event *ev, const struct archive_record *record)
{
	struct record_writer w;

	record_begin(&w, 1);
	record_put_u64(&w, record->flags);
	record_put_str(&w, record->with);
	record_put_str(&w, record->xml);
	event_put(ev, &archive_space, archive_key(ev->arena, record->id),
	          record_finish(&w, ev->arena));
}

int archive_decode(struct str key, struct str value, struct archive_record *record_out)
{
	struct record_reader r;
	uint64_t id;

	if (key.n != sizeof(id) || archive_key_id(key, &id) < 0 || record_open(&r, value) != 1)
		return ERR_CORRUPT;
	record_out->id = id;
	record_out->flags = (unsigned)record_u64(&r);
	record_out->with = record_str(&r);
	record_out->xml = record_str(&r);
	return record_end(&r);
}

int archive_message(struct arena *arena, const struct archive_record *record,
                    struct stanza *s_out)
{
	const struct xml_node *node;

	if (xml_read(arena, record->xml, &node) < 0 ||
	    stanza_parse(arena, node, s_out) != STANZA_PARSED)
		return ERR_CORRUPT;
	return 0;
}

int archive_find(struct event *ev, uint64_t id, struct archive_record *record_out)
{
	struct str key = archive_key(ev->arena, id), value;
	int err = event_find(ev, &archive_space, key, &value);

	return err < 0 ? err : archive_decode(key, value, record_out);
}

int archive_read(struct store_reader *reader, uint64_t owner, uint64_t id,
                 struct archive_record *record_out)
{
	struct store_key key;
	struct str value;
	int err;

	key_init(&key);
	key_u64(&key, id);
	err = store_reader_find(reader, &archive_space, owner, key_str(&key), &value);
	return err < 0 ? err : archive_decode(key_str(&key), value, record_out);
}

/* ---- by the message's own id ---- */

/* XEP-0359 §3.2; absent: none. */
static struct str origin_id(const struct stanza *s)
{
	const struct xml_node *origin = xml_child(s->node, NS_STANZA_ID, "origin-id");

	return origin == NULL ? STR_NONE : xml_attr(origin, "id");
}

/* Of what clients choose: kept short, and told by nobody else's hash. */
static uint64_t hash_id(const struct archive *archive, struct str id)
{
	return hash_str(&archive->secret, id);
}

static struct str encode_ids(struct event *ev, const struct archive *archive,
                             const struct stanza *s)
{
	struct str origin = origin_id(s);
	struct record_writer w;

	record_begin(&w, 1);
	if (!str_is_empty(s->id))
		record_put_u64(&w, hash_id(archive, s->id));
	if (!str_is_empty(origin) && !str_eq(origin, s->id))
		record_put_u64(&w, hash_id(archive, origin));
	return record_finish(&w, ev->arena);
}

struct search {
	struct event *ev;
	struct str message_id;
	uint64_t hash;
	bool sent;
	struct archive_record *record;
	struct stanza *message;
};

static bool has_hash(struct str value, uint64_t hash)
{
	struct record_reader r;

	if (record_open(&r, value) != 1)
		return false;
	while (record_more(&r))
		if (record_u64(&r) == hash)
			return true;
	return false;
}

/* 1: this is it.  What cannot be read is not. */
static int look_at(void *arg, struct str key, struct str value)
{
	struct search *s = arg;
	uint64_t id;
	int err;

	if (!has_hash(value, s->hash))
		return 0;
	err = archive_key_id(key, &id);
	if (err == 0)
		err = archive_find(s->ev, id, s->record);
	if (err < 0)
		return err == ERR_STORE ? err : 0;
	if (s->sent != ((s->record->flags & ARCHIVE_SENT) != 0))
		return 0; /* two sides may choose the same id */
	if (archive_message(s->ev->arena, s->record, s->message) < 0)
		return 0;
	return str_eq(s->message->id, s->message_id) ||
	       str_eq(origin_id(s->message), s->message_id);
}

int archive_find_message(struct event *ev, struct archive *archive, struct str bare,
                         struct str message_id, bool sent, size_t limit,
                         struct archive_record *record_out, struct stanza *s_out)
{
	struct search s = {
		.ev = ev,
		.message_id = message_id,
		.sent = sent,
		.record = record_out,
		.message = s_out,
	};
	int err = archive_open(ev, archive);

	if (err < 0)
		return err;
	s.hash = hash_id(archive, message_id);
	err = event_scan_down(ev, &archive_with_space, archive_with_prefix(ev->arena, bare),
	                      STR_NONE, limit, look_at, &s);
	return err == 0 ? ERR_NOENT : err < 0 ? err : 0;
}

/* ---- storing ---- */

int archive_put_at(struct event *ev, struct archive *archive, const struct stanza *s,
                   unsigned flags, uint64_t least, uint64_t *id_out)
{
	struct jid with = other_side(s, flags);
	struct archive_record record;
	uint64_t id;
	int err = archive_open(ev, archive);

	if (err < 0)
		return err;
	if (!archive->has_state) {
		rand_bytes(archive->secret.bytes, sizeof(archive->secret.bytes));
		write_state(ev, archive, 0);
		archive->has_state = true;
	}
	id = archive->last < least ? least : archive->last + 1;
	archive->last = id;
	record = (struct archive_record){ id, flags, jid_full_str(with), print(ev, s) };
	write_record(ev, &record);
	usage_add(ev, &archive->usage, id, archive_record_bytes(&record));
	event_put(ev, &archive_with_space, archive_with_key(ev->arena, jid_bare_str(with), id),
	          encode_ids(ev, archive, s));
	*id_out = id;
	return 0;
}

int archive_put(struct event *ev, struct archive *archive, const struct stanza *s,
                unsigned flags, uint64_t *id_out)
{
	return archive_put_at(ev, archive, s, flags, archive_ms_id(core_wall_ms(ev->core)),
	                      id_out);
}

int archive_rewrite(struct event *ev, struct archive *archive,
                    const struct archive_record *record, const struct stanza *s, unsigned flags)
{
	struct archive_record changed = { record->id, flags, record->with, print(ev, s) };
	int err = archive_open(ev, archive);

	if (err < 0)
		return err;
	write_record(ev, &changed);
	usage_change(ev, &archive->usage, record->id, archive_record_bytes(record),
	             archive_record_bytes(&changed));
	return 0;
}

int archive_erase(struct event *ev, struct archive *archive,
                  const struct archive_record *record)
{
	struct jid with;
	int err = archive_open(ev, archive);

	if (err < 0)
		return err;
	if (jid_parse(ev->arena, record->with, &with) < 0)
		return ERR_CORRUPT;
	event_delete(ev, &archive_space, archive_key(ev->arena, record->id));
	event_delete(ev, &archive_with_space,
	             archive_with_key(ev->arena, jid_bare_str(with), record->id));
	usage_remove(ev, &archive->usage, record->id, archive_record_bytes(record));
	if (record->id == archive->last)
		write_state(ev, archive, archive->last + 1);
	return 0;
}
