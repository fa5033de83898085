/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/mam/usage.h"

#include "modules/mam/archive.h"

#define FORMAT 1

const struct store_space archive_usage_space = { .name = "archive-usage", .version = 1 };

static int decode(struct str value, struct usage *usage)
{
	struct record_reader r;

	*usage = (struct usage){ 0 };
	if (record_open(&r, value) != FORMAT)
		return ERR_CORRUPT;
	usage->upto = record_u64(&r);
	usage->n = record_u64(&r);
	usage->bytes = record_u64(&r);
	return record_end(&r);
}

static void write(struct event *ev, const struct usage *usage)
{
	struct record_writer w;

	record_begin(&w, FORMAT);
	record_put_u64(&w, usage->upto);
	record_put_u64(&w, usage->n);
	record_put_u64(&w, usage->bytes);
	event_put(ev, &archive_usage_space, STR(""), record_finish(&w, ev->arena));
}

static int count_behind(void *arg, struct str key, struct str value)
{
	struct usage *usage = arg;
	struct archive_record record;

	if (archive_decode(key, value, &record) < 0)
		return 0;
	usage->n_behind++;
	usage->bytes_behind += archive_record_bytes(&record);
	return 0;
}

int usage_open(struct event *ev, struct usage *usage)
{
	struct str value;
	int err;

	if (usage->is_open)
		return 0;
	*usage = (struct usage){ 0 };
	err = event_find(ev, &archive_usage_space, STR(""), &value);
	if (err == 0)
		err = decode(value, usage);
	if (err < 0 && err != ERR_NOENT)
		return err;
	err = event_scan(ev, &archive_space, STR(""), archive_key(ev->arena, usage->upto + 1),
	                 0, count_behind, usage);
	usage->is_open = err == 0;
	return err;
}

/* So many messages behind N. */
static uint64_t write_after(uint64_t n)
{
	if (n < USAGE_FIRST)
		return USAGE_FIRST;
	return n < USAGE_EVERY ? n : USAGE_EVERY;
}

void usage_add(struct event *ev, struct usage *usage, uint64_t id, uint64_t bytes)
{
	usage->n_behind++;
	usage->bytes_behind += bytes;
	if (usage->n_behind < write_after(usage->n))
		return;
	usage->upto = id;
	usage->n += usage->n_behind;
	usage->bytes += usage->bytes_behind;
	usage->n_behind = usage->bytes_behind = 0;
	write(ev, usage);
}

static void take(uint64_t *from, uint64_t n)
{
	*from -= n < *from ? n : *from;
}

void usage_change(struct event *ev, struct usage *usage, uint64_t id, uint64_t from,
                  uint64_t to)
{
	bool behind = id > usage->upto;
	uint64_t *bytes = behind ? &usage->bytes_behind : &usage->bytes;

	take(bytes, from);
	*bytes += to;
	if (!behind)
		write(ev, usage);
}

void usage_remove(struct event *ev, struct usage *usage, uint64_t id, uint64_t bytes)
{
	take(id > usage->upto ? &usage->n_behind : &usage->n, 1);
	usage_change(ev, usage, id, bytes, 0);
}

int usage_read(struct store_reader *reader, uint64_t owner, struct usage *usage_out)
{
	struct str value;
	int err = store_reader_find(reader, &archive_usage_space, owner, STR(""), &value);

	*usage_out = (struct usage){ 0 };
	return err == ERR_NOENT ? 0 : err < 0 ? err : decode(value, usage_out);
}
