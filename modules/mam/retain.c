/*
 * retain.c - how long and how much of an archive is kept, and erasing of it.
 *
 *     limits ──┐
 *     mam_trim ┼▶ step: which ones, on a reader thread ─▶ delete_part ─▶ on disk ─▶ step …
 *     erasure ─┘
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/mam/retain.h"

#include "modules/mam/limits.h"

#include <string.h>

#define TRIM_SLACK 16 /* messages: that many go at once */

enum erasure_kind {
	ERASE_UPTO,       /* an id, as retain_erase says */
	ERASE_BY_LIMITS,  /* of the module's options */
	ERASE_BUT_LATEST, /* so many, as mam_trim says */
};

/* What is to go; the text of WITH follows where this is passed on. */
struct erasure {
	enum erasure_kind kind;
	uint64_t upto;  /* or how many stay */
	uint64_t tried; /* the first message of the part before; 0: there was none */
	retain_done_fn *done;
	void *arg;
};

/* A part of it, in its event's arena. */
struct part {
	struct mod *m;
	struct arena *arena;
	uint64_t owner;
	struct erasure erasure;
	struct str with;
	/* unless upto: what is before OLD goes, and, while there is too much, what is before YOUNG */
	uint64_t old, young;
	uint64_t too_many, too_large; /* messages, bytes */
	/* the messages, of whose xml there is the size alone */
	struct archive_record found[RETAIN_PART];
	uint64_t ids[RETAIN_PART]; /* theirs */
	size_t n;
	uint64_t bytes;
	int err;
};

static struct retain *state_of(struct mod *m, struct entity *e)
{
	return &((struct mam_entity *)mod_entity_state(m, e))->retain;
}

/* ---- limits ---- */

/* The first id that is not too old. */
static uint64_t age_limit(const struct limits *limits, int64_t wall_ms)
{
	int64_t keep = limits->keep < RETAIN_AT_LEAST ? RETAIN_AT_LEAST : limits->keep;

	return limits->keep == 0 ? 0 : archive_ms_id(wall_ms - keep);
}

static uint64_t beyond(uint64_t n, int64_t limit)
{
	return limit > 0 && n > (uint64_t)limit ? n - (uint64_t)limit : 0;
}

static bool is_too_much(const struct usage *usage, const struct limits *limits)
{
	return beyond(usage_messages(usage), limits->max_messages) > 0 ||
	       beyond(usage_bytes(usage), limits->max_size) > 0;
}

static void set_limits(struct part *part, struct jid account, const struct usage *usage)
{
	struct limits limits = limits_of(part->m, account);
	int64_t now = core_wall_ms(mod_core(part->m));
	uint64_t n = usage_messages(usage);

	if (part->erasure.kind == ERASE_BUT_LATEST) {
		part->young = UINT64_MAX;
		part->too_many = n > part->erasure.upto ? n - part->erasure.upto : 0;
		return;
	}
	part->old = age_limit(&limits, now);
	part->young = archive_ms_id(now - RETAIN_AT_LEAST);
	part->too_many = beyond(n, limits.max_messages);
	part->too_large = beyond(usage_bytes(usage), limits.max_size);
}

static bool goes(const struct part *part, uint64_t id)
{
	if (part->erasure.kind == ERASE_UPTO)
		return id <= part->erasure.upto;
	return id < part->old || (id < part->young &&
	                          (part->n < part->too_many || part->bytes < part->too_large));
}

/* ---- which ones, on a reader thread ---- */

static int look_at(struct part *part, const struct archive_record *record)
{
	struct archive_record *found = &part->found[part->n];

	if (!goes(part, record->id))
		return 1;
	*found = *record;
	found->with = arena_copy(part->arena, record->with);
	found->xml.p = NULL;
	part->ids[part->n++] = record->id;
	part->bytes += archive_record_bytes(record);
	return part->n == RETAIN_PART;
}

/* What cannot be read stays where it is: nobody can tell in which conversation it stands. */
static int on_record(void *arg, struct str key, struct str value)
{
	struct archive_record record;

	return archive_decode(key, value, &record) < 0 ? 0 : look_at(arg, &record);
}

struct look {
	struct part *part;
	struct store_reader *reader;
};

static int on_index(void *arg, struct str key, struct str value)
{
	struct look *look = arg;
	struct archive_record record;
	uint64_t id;
	int err = archive_key_id(key, &id);

	if (err == 0)
		err = archive_read(look->reader, look->part->owner, id, &record);
	if (err < 0)
		return err == ERR_STORE ? err : 0;
	return look_at(look->part, &record);
}

static void find_part(struct store_reader *reader, void *arg)
{
	struct part *part = arg;
	struct look look = { part, reader };
	int err;

	if (str_is_absent(part->with))
		err = store_reader_scan(reader, &archive_space, part->owner, STR(""), STR_NONE,
		                        0, on_record, part);
	else
		err = store_reader_scan(reader, &archive_with_space, part->owner,
		                        archive_with_prefix(part->arena, part->with), STR_NONE,
		                        0, on_index, &look);
	part->err = err < 0 ? err : 0;
	words_touch(reader, part->owner, part->ids, part->n);
}

/* ---- deleting them ---- */

static void go_on(struct mod *m, struct jid account, const struct erasure *erasure,
                  struct str with);

static int end(struct part *part, struct event *ev, int err)
{
	if (part->erasure.kind != ERASE_UPTO)
		state_of(part->m, ev->entity)->working = false;
	if (part->erasure.done != NULL)
		part->erasure.done(part->erasure.arg, err);
	return err < 0 ? err : MOD_HANDLED;
}

/* The words first: they say how many can go at once. */
static int delete_found(struct part *part, struct event *ev)
{
	struct mam_entity *own = mod_entity_state(part->m, ev->entity);
	int n = words_remove(ev, &own->words, part->ids, part->n);
	int err = n < 0 ? n : 0;

	for (int i = 0; i < n && err == 0; i++)
		err = archive_erase(ev, &own->archive, &part->found[i]);
	return err;
}

/*
 * What the part before deleted is on disk by now, or it failed and is found again.  The last part
 * is an empty one.
 */
static int delete_part(struct event *ev, void *arg)
{
	struct part *part = arg;
	int err = part->err;

	if (err < 0 || part->n == 0)
		return end(part, ev, err);
	if (part->ids[0] == part->erasure.tried)
		return end(part, ev, ERR_STORE);
	err = delete_found(part, ev);
	if (err < 0)
		return end(part, ev, err);
	part->erasure.tried = part->ids[0];
	go_on(part->m, entity_jid(ev->entity), &part->erasure, part->with);
	return MOD_HANDLED;
}

/* DATA is an erasure and its WITH. */
static int step(struct mod *m, struct event *ev, struct str data)
{
	struct mam_entity *own = mod_entity_state(m, ev->entity);
	struct part *part = ARENA_NEW(ev->arena, struct part);
	int err;

	*part = (struct part){ .m = m, .arena = ev->arena, .owner = ev->owner };
	memcpy(&part->erasure, data.p, sizeof(part->erasure));
	if (data.n > sizeof(part->erasure))
		part->with = str_slice(data, sizeof(part->erasure), data.n);
	err = ev->owner == 0 ? ERR_NOENT : archive_open(ev, &own->archive);
	if (err < 0)
		return end(part, ev, err == ERR_NOENT ? 0 : err);
	if (part->erasure.kind != ERASE_UPTO)
		set_limits(part, entity_jid(ev->entity), &own->archive.usage);
	err = event_read(ev, find_part, delete_part, part);
	return err < 0 ? end(part, ev, err) : err;
}

static void go_on(struct mod *m, struct jid account, const struct erasure *erasure,
                  struct str with)
{
	struct buf data = { 0 };

	buf_append(&data, str_make((const char *)erasure, sizeof(*erasure)));
	if (!str_is_absent(with))
		buf_append(&data, with);
	mod_visit(m, account, step, buf_str(&data));
	buf_deinit(&data);
}

/* ---- beginning ---- */

static void begin(struct mod *m, struct entity *e, enum erasure_kind kind, uint64_t keep)
{
	const struct erasure erasure = { .kind = kind, .upto = keep };

	if (state_of(m, e)->working)
		return;
	state_of(m, e)->working = true;
	go_on(m, entity_jid(e), &erasure, STR_NONE);
}

void retain_more(struct mod *m, struct event *ev)
{
	struct mam_entity *own = mod_entity_state(m, ev->entity);
	struct limits limits;

	if (++own->retain.since < RETAIN_EVERY)
		return;
	own->retain.since = 0;
	limits = limits_of(m, entity_jid(ev->entity));
	if (limits.keep > 0 || is_too_much(&own->archive.usage, &limits))
		begin(m, ev->entity, ERASE_BY_LIMITS, 0);
}

static int note_id(void *arg, struct str key, struct str value)
{
	int err = archive_key_id(key, arg);

	return err < 0 ? err : 1;
}

bool retain_is_due(const struct mod *m, struct store_reader *reader, struct jid account,
                   uint64_t owner, int64_t wall_ms)
{
	struct limits limits = limits_of(m, account);
	struct usage usage = { 0 };
	uint64_t oldest;

	if (limits.keep == 0 && limits.max_messages == 0 && limits.max_size == 0)
		return false;
	if (store_reader_scan(reader, &archive_space, owner, STR(""), STR_NONE, 1, note_id,
	                      &oldest) != 1 ||
	    usage_read(reader, owner, &usage) < 0)
		return false;
	return oldest < age_limit(&limits, wall_ms) ||
	       (oldest < archive_ms_id(wall_ms - RETAIN_AT_LEAST) &&
	        is_too_much(&usage, &limits));
}

int retain_care(struct mod *m, struct event *ev, struct str data)
{
	begin(m, ev->entity, ERASE_BY_LIMITS, 0);
	return MOD_HANDLED;
}

void retain_erase(struct mod *m, struct jid account, struct str with, uint64_t upto,
                  retain_done_fn *done, void *arg)
{
	const struct erasure erasure = { .upto = upto, .done = done, .arg = arg };

	go_on(m, account, &erasure, with);
}

int mam_trim(struct event *ev, uint64_t keep)
{
	struct mod *m = host_module(ev->host, &mod_mam);
	uint64_t more = keep == 0 ? 0 : TRIM_SLACK;
	struct mam_entity *own;
	int err;

	if (!mam_is_on(ev))
		return 0;
	own = mod_entity_state(m, ev->entity);
	err = archive_open(ev, &own->archive);
	if (err == 0 && usage_messages(&own->archive.usage) > keep + more)
		begin(m, ev->entity, ERASE_BUT_LATEST, keep);
	return err;
}

int retain_erase_one(struct mod *m, struct event *ev, uint64_t id)
{
	struct mam_entity *own = mod_entity_state(m, ev->entity);
	struct archive_record record;
	int err = archive_find(ev, id, &record);

	if (err == 0)
		err = words_remove(ev, &own->words, &id, 1);
	return err < 0 ? err : archive_erase(ev, &own->archive, &record);
}
