/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/mam/page.h"

/* ---- walking ---- */

/* Over the set, within bounds; EACH returns other than 0 to end it. */
struct walk {
	struct page *page;
	struct store_reader *reader;
	uint64_t from, upto;
	bool down;
	bool reads;   /* records; else EACH gets NULL for them */
	size_t quota; /* messages that may be looked at */
	bool paused;  /* it ended there, before AT */
	uint64_t at;
	int (*each)(struct walk *w, uint64_t id, const struct archive_record *record);
};

static bool matches(const struct page *p, const struct archive_record *record)
{
	if (!str_is_absent(p->with_full))
		return str_eq(record->with, p->with_full);
	if (str_is_absent(p->with))
		return true;
	return str_starts_with(record->with, p->with) &&
	       (record->with.n == p->with.n || record->with.p[p->with.n] == '/');
}

static int look_at(struct walk *w, uint64_t id, const struct archive_record *record)
{
	return record == NULL || matches(w->page, record) ? w->each(w, id, record) : 0;
}

/* False: the walk ends before ID. */
static bool may_look(struct walk *w, uint64_t id)
{
	if (id < w->from || id > w->upto)
		return false;
	w->paused = w->quota == 0;
	w->at = id;
	if (w->paused)
		return false;
	w->quota--;
	w->page->looked++;
	return true;
}

/* One that cannot be read must not keep those behind it: in its place stands that it was there. */
static void mark_unreadable(const struct page *p, uint64_t id, struct archive_record *record)
{
	*record = (struct archive_record){ .id = id, .with = p->with, .xml = STR("") };
}

static int on_message(void *arg, struct str key, struct str value)
{
	struct walk *w = arg;
	struct archive_record record;
	uint64_t id;
	int err = archive_key_id(key, &id);

	if (err < 0)
		return err;
	if (archive_decode(key, value, &record) < 0)
		mark_unreadable(w->page, id, &record);
	return may_look(w, id) ? look_at(w, id, &record) : 1;
}

static int on_id(struct walk *w, uint64_t id)
{
	struct archive_record record;
	int err;

	if (!may_look(w, id))
		return 1;
	if (!w->reads)
		return look_at(w, id, NULL);
	err = archive_read(w->reader, w->page->owner, id, &record);
	if (err == ERR_NOENT) /* an index is a hint */
		return 0;
	if (err == ERR_CORRUPT)
		mark_unreadable(w->page, id, &record);
	else if (err < 0)
		return err;
	return look_at(w, id, &record);
}

static int on_index(void *arg, struct str key, struct str value)
{
	uint64_t id;
	int err = archive_key_id(key, &id);

	return err < 0 ? err : on_id(arg, id);
}

static int walk_ids(struct walk *w)
{
	const struct page *p = w->page;
	int ret = 0;

	for (size_t i = 0; i < p->n_ids && ret == 0; i++) {
		uint64_t id = p->ids[w->down ? p->n_ids - 1 - i : i];

		if (id >= w->from && id <= w->upto)
			ret = on_id(w, id);
	}
	return ret;
}

static bool is_listed(const struct page *p, uint64_t id)
{
	for (size_t i = 0; i < p->n_ids; i++)
		if (p->ids[i] == id)
			return true;
	return !p->by_ids;
}

/* The index of words may know of a message that is gone. */
static int on_words(void *arg, uint64_t id)
{
	struct walk *w = arg;
	int ret = is_listed(w->page, id) ? on_id(w, id) : 0;

	return ret == ERR_NOENT ? 0 : ret;
}

static int walk_words(struct walk *w)
{
	struct words_query q = {
		.owner = w->page->owner,
		.terms = w->page->words,
		.first = w->from,
		.last = w->upto,
		.down = w->down,
		.looks = w->quota / PAGE_SEGMENT,
		.found = on_words,
		.arg = w,
	};
	int ret = words_search(w->reader, &q);

	w->page->looked += q.looked * PAGE_SEGMENT;
	if (ret == WORDS_ENDED) {
		w->paused = true;
		w->at = w->down ? q.reached - 1 : q.reached + 1;
	}
	return ret;
}

static int scan(struct walk *w, const struct store_space *space, struct str prefix,
                struct str from, store_each_fn *each)
{
	uint64_t owner = w->page->owner;

	return w->down ? store_reader_scan_down(w->reader, space, owner, prefix, from, 0, each,
	                                        w)
	               : store_reader_scan(w->reader, space, owner, prefix, from, 0, each, w);
}

/* Where the messages of a set come from. */
static int walk(struct walk *w)
{
	struct page *p = w->page;
	uint64_t start = w->down ? w->upto : w->from;
	int ret;

	if (w->from > w->upto)
		return 0;
	if (p->by_words)
		ret = walk_words(w);
	else if (p->by_ids)
		ret = walk_ids(w);
	else if (!str_is_absent(p->with))
		ret = scan(w, &archive_with_space, archive_with_prefix(p->arena, p->with),
		           archive_with_key(p->arena, p->with, start), on_index);
	else
		ret = scan(w, &archive_space, STR(""), archive_key(p->arena, start),
		           on_message);
	return ret < 0 ? ret : 0;
}

/* ---- the page ---- */

static bool is_full(const struct page *p, size_t more_bytes)
{
	return p->n_found == p->max ||
	       (p->n_found > 0 && p->bytes + more_bytes > (size_t)PAGE_BYTES);
}

static int find_one(struct walk *w, uint64_t id, const struct archive_record *record)
{
	struct page *p = w->page;
	struct stanza *s;

	if (is_full(p, record->xml.n)) {
		p->is_complete = false;
		return 1;
	}
	s = ARENA_NEW(p->arena, struct stanza);
	p->found[p->n_found].id = id;
	if (archive_message(p->arena, record, s) == 0)
		p->found[p->n_found].message = s;
	else
		log_peer_error(NULL, "an archived message is not readable");
	p->n_found++;
	p->bytes += record->xml.n;
	return 0;
}

static int find_page(struct page *p, struct store_reader *reader)
{
	struct walk w = {
		.page = p,
		.reader = reader,
		.from = p->after,
		.upto = p->before,
		.down = p->backwards,
		.reads = true,
		.quota = PAGE_LOOK,
		.each = find_one,
	};
	int err;

	if (p->found == NULL)
		p->found = ARENA_ARRAY(p->arena, struct page_message, p->max + 1);
	p->is_complete = true;
	err = walk(&w);
	p->goes_on = w.paused;
	if (w.paused && p->backwards)
		p->before = w.at;
	else if (w.paused)
		p->after = w.at;
	return err;
}

/* ---- the size of the set ---- */

static int count_one(struct walk *w, uint64_t id, const struct archive_record *record)
{
	struct page *p = w->page;

	p->count++;
	if (p->n_found > 0 && id < p->found[p->backwards ? p->n_found - 1 : 0].id)
		p->index++;
	return 0;
}

/*
 * XEP-0059 §2.2: where it takes little.  Resources would have to be read from each message, and a
 * search goes no further than its page.
 */
static int count_set(struct page *p, struct store_reader *reader)
{
	struct walk w = {
		.page = p,
		.reader = reader,
		.from = p->from,
		.upto = p->upto,
		.reads = p->by_ids,
		.quota = p->max == 0 ? PAGE_COUNT_ASKED : PAGE_COUNT,
		.each = count_one,
	};
	int err;

	if (p->by_words || (!str_is_absent(p->with_full) && !p->by_ids))
		return 0;
	err = walk(&w);
	p->is_counted = err == 0 && !w.paused;
	return err;
}

/* ---- all of it ---- */

/* 0, or ERR_NOENT: one that has to be in the archive is not. */
static int find_needed(struct page *p, struct store_reader *reader)
{
	int err = 0;

	for (size_t i = 0; i < p->n_needed && err == 0; i++) {
		struct archive_record record;

		err = archive_read(reader, p->owner, p->needed[i], &record);
		if (err == ERR_CORRUPT)
			err = 0;
	}
	p->n_needed = 0; /* looked for once */
	return err;
}

void page_run(struct store_reader *reader, struct page *p)
{
	p->err = find_needed(p, reader);
	if (p->err == 0)
		p->err = find_page(p, reader);
	if (p->err == 0 && !p->goes_on)
		p->err = count_set(p, reader);
}
