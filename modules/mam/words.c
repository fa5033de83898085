/*
 * words.c - the words of an account's archive, and finding messages by them.
 *
 * What cannot be read is passed by: the archive is whole without its words.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/mam/words.h"

#include <string.h>

#define FORMAT 1
#define SEALED 0 /* the first byte of keys */
#define LOOSE 1
#define KEY_BYTES (1 + sizeof(uint64_t))
#define PAST 1001 /* a walk is behind the last id: above what WORDS_ENDED is */
#define PAGE_BYTES 4096
#define CONVERSATION '\1' /* begins the term of one: no letter */

const struct store_space archive_words_space = {
	.name = "archive-words",
	.version = 1,
	.is_log = true,
};

/* ---- keys ---- */

static struct str key_of(struct store_key *k, uint8_t kind, uint64_t id)
{
	key_init(k);
	key_bytes(k, str_make((const char *)&kind, 1));
	key_u64(k, id);
	return key_str(k);
}

static struct str prefix_of(uint8_t kind)
{
	return kind == SEALED ? STR("\0") : STR("\1");
}

static int id_of(struct str key, uint64_t *id_out)
{
	size_t pos = 1;

	return key.n != KEY_BYTES ? ERR_CORRUPT : key_read_u64(key, &pos, id_out);
}

/* ---- a message that is in no segment ---- */

static struct str conversation(struct arena *arena, struct str with)
{
	static const struct hash_key unkeyed = { { 0 } }; /* only a hint, of no table */
	uint64_t hash = hash_str(&unkeyed, with);
	char *p = arena_alloc(arena, 1 + sizeof(hash));

	p[0] = CONVERSATION;
	memcpy(p + 1, &hash, sizeof(hash));
	return str_make(p, 1 + sizeof(hash));
}

static struct str encode(struct event *ev, const struct terms *terms, struct str with)
{
	struct record_writer w;

	record_begin(&w, FORMAT);
	record_put_str(&w, conversation(ev->arena, with));
	for (size_t i = 0; i < terms->n; i++)
		record_put_str(&w, terms->all[i].text);
	return record_finish(&w, ev->arena);
}

/* The next term; false at the end, and of what cannot be read. */
static bool next_term(struct record_reader *r, struct str *term_out)
{
	if (!record_more(r))
		return false;
	*term_out = record_str(r);
	return r->err == 0 && term_out->n > 0 && term_out->n <= TERM_BYTES;
}

static int count(void *arg, struct str key, struct str value)
{
	struct words *words = arg;
	struct record_reader r;
	struct str term;

	words->n++;
	if (record_open(&r, value) == FORMAT)
		while (next_term(&r, &term))
			words->n_terms++;
	return 0;
}

static int count_loose(struct event *ev, struct words *words)
{
	int err = 0;

	if (!words->is_counted) {
		*words = (struct words){ 0 };
		err = event_scan(ev, &archive_words_space, prefix_of(LOOSE), STR_NONE, 0, count,
		                 words);
		words->is_counted = err == 0;
	}
	return err;
}

/* ---- making a segment ---- */

struct seal {
	struct event *ev;
	struct segment_maker maker;
};

static int seal_one(void *arg, struct str key, struct str value)
{
	struct seal *seal = arg;
	struct record_reader r;
	struct str term;
	uint64_t id;

	if (id_of(key, &id) < 0)
		return 0;
	segment_add_message(&seal->maker, id);
	if (record_open(&r, value) == FORMAT)
		while (next_term(&r, &term))
			segment_add_term(&seal->maker, term);
	return 0;
}

/* All that are in none. */
static int seal_loose(struct event *ev, struct words *words)
{
	struct seal seal = { .ev = ev };
	struct store_key key;
	struct str value;
	int err;

	segment_begin(&seal.maker, ev->arena);
	err = event_scan(ev, &archive_words_space, prefix_of(LOOSE), STR_NONE, SEGMENT_MESSAGES,
	                 seal_one, &seal);
	if (err < 0 || seal.maker.n_ids == 0)
		return err;
	value = segment_finish(&seal.maker);
	for (size_t i = 0; i < seal.maker.n_ids; i++)
		event_delete(ev, &archive_words_space, key_of(&key, LOOSE, seal.maker.ids[i]));
	event_put(ev, &archive_words_space,
	          key_of(&key, SEALED, seal.maker.ids[seal.maker.n_ids - 1]), value);
	*words = (struct words){
		0
	}; /* to be counted: there may be more after a disk was full */
	return 0;
}

int words_add(struct event *ev, struct words *words, uint64_t id, struct str with,
              struct str text)
{
	struct store_key key;
	struct terms terms;
	int err = count_loose(ev, words);

	if (err < 0)
		return err;
	terms_read(ev->arena, text, &terms);
	if (terms.n == 0)
		return 0;
	event_put(ev, &archive_words_space, key_of(&key, LOOSE, id), encode(ev, &terms, with));
	words->n++;
	words->n_terms += terms.n;
	if (words->n < WORDS_SEAL && words->n_terms < WORDS_SEAL_TERMS)
		return 0;
	return seal_loose(ev, words);
}

/* ---- removing ---- */

static bool remove_loose(struct event *ev, struct words *words, uint64_t id)
{
	struct store_key key;
	struct str at = key_of(&key, LOOSE, id), value;

	if (event_find(ev, &archive_words_space, at, &value) < 0)
		return false;
	event_delete(ev, &archive_words_space, at);
	*words = (struct words){ 0 };
	return true;
}

struct at_segment {
	bool found;
	uint64_t last;
	struct str value;
};

static int note_segment(void *arg, struct str key, struct str value)
{
	struct at_segment *at = arg;

	at->found = id_of(key, &at->last) == 0;
	at->value = value;
	return 1;
}

/* The segment that ID is in, if it is in one. */
static int find_segment(struct event *ev, uint64_t id, struct at_segment *at)
{
	struct store_key key;
	int err;

	*at = (struct at_segment){ 0 };
	err = event_scan(ev, &archive_words_space, prefix_of(SEALED), key_of(&key, SEALED, id),
	                 1, note_segment, at);
	return err < 0 ? err : 0;
}

/* How many of IDS, from the front, are up to LAST. */
static size_t count_upto(const uint64_t *ids, size_t n, uint64_t last)
{
	size_t i = 0;

	while (i < n && ids[i] <= last)
		i++;
	return i;
}

/* Its key stays as it is, though the last message may go: what it says is "up to here". */
static int remove_sealed(struct event *ev, const struct at_segment *at, const uint64_t *ids,
                         size_t n, unsigned *remade)
{
	struct store_key key;
	struct segment segment;
	struct str value = STR_NONE;
	int left = segment_open(at->value, &segment);

	if (left == 0)
		left = segment_without(&segment, ev->arena, ids, n, &value);
	if (left <= 0) /* nobody can read it, or there is nothing in it */
		event_delete(ev, &archive_words_space, key_of(&key, SEALED, at->last));
	else if (!str_is_absent(value))
		event_put(ev, &archive_words_space, key_of(&key, SEALED, at->last), value);
	*remade += left > 0 && !str_is_absent(value);
	return 0;
}

int words_remove(struct event *ev, struct words *words, const uint64_t *ids, size_t n)
{
	unsigned remade = 0;
	size_t i = 0;

	while (i < n && remade < WORDS_REMADE_MAX) {
		struct at_segment at;
		size_t run = 1;
		int err;

		if (!remove_loose(ev, words, ids[i])) {
			err = find_segment(ev, ids[i], &at);
			if (err == 0 && at.found) {
				run = count_upto(ids + i, n - i, at.last);
				err = remove_sealed(ev, &at, ids + i, run, &remade);
			}
			if (err < 0)
				return err;
		}
		i += run;
	}
	return (int)i;
}

static int touch(void *arg, struct str key, struct str value)
{
	const volatile char *bytes = value.p;

	for (size_t i = 0; i < value.n; i += PAGE_BYTES)
		(void)bytes[i];
	return id_of(key, arg) < 0 ? ERR_CORRUPT : 1;
}

void words_touch(struct store_reader *reader, uint64_t owner, const uint64_t *ids, size_t n)
{
	size_t i = 0;

	while (i < n) {
		struct store_key key;
		uint64_t last = 0;

		if (store_reader_scan(reader, &archive_words_space, owner, prefix_of(SEALED),
		                      key_of(&key, SEALED, ids[i]), 1, touch, &last) <= 0)
			return; /* the others are in no segment */
		i += count_upto(ids + i, n - i, last);
	}
}

/* ---- finding ---- */

void words_ask(struct arena *arena, struct str text, struct str with, struct terms *terms_out)
{
	struct terms words;

	terms_ask(arena, text, &words);
	terms_out->all = ARENA_ARRAY(arena, struct term, words.n + 1);
	terms_out->n = words.n;
	if (words.n == 0)
		return;
	memcpy(terms_out->all, words.all, words.n * sizeof(words.all[0]));
	if (!str_is_absent(with))
		terms_out->all[terms_out->n++].text = conversation(arena, with);
}

static bool is_between(const struct words_query *q, uint64_t id)
{
	return id >= q->first && id <= q->last;
}

/* Which of a segment's messages have all terms; false: none. */
static bool match(const struct words_query *q, const struct segment *s, struct segment_set *all)
{
	uint64_t any = UINT64_MAX;

	memset(all, 0xFF, sizeof(*all));
	for (size_t i = 0; i < q->terms.n && any != 0; i++) {
		struct segment_set found = { { 0 } };

		if (segment_find(s, &q->terms.all[i], &found) < 0)
			return false;
		any = 0;
		for (size_t k = 0; k < ARRAY_LEN(found.bits); k++)
			any |= all->bits[k] &= found.bits[k];
	}
	return any != 0;
}

static int tell(const struct words_query *q, const struct segment *s,
                const struct segment_set *set)
{
	uint64_t ids[SEGMENT_MESSAGES];
	int n = segment_ids(s, ids), ret = 0;

	for (int i = 0; i < n && ret == 0; i++) {
		int k = q->down ? n - 1 - i : i;

		if (segment_has(set, (size_t)k) && is_between(q, ids[k]))
			ret = q->found(q->arg, ids[k]);
	}
	return ret;
}

/* The first id of a segment; LAST where that cannot be read. */
static uint64_t first_of(const struct segment *s, uint64_t last)
{
	struct record_reader r = { .in = s->ids };
	uint64_t first = record_u64(&r);

	return r.err == 0 ? first : last;
}

/* May one more be looked at?  REACHED is what lies before it. */
static bool may_look(struct words_query *q)
{
	if (q->looked == q->looks)
		return false;
	q->looked++;
	return true;
}

static int on_segment(void *arg, struct str key, struct str value)
{
	struct words_query *q = arg;
	struct segment s;
	struct segment_set set;
	uint64_t first, last;

	if (id_of(key, &last) < 0 || segment_open(value, &s) < 0)
		return 0;
	first = first_of(&s, last);
	if (q->down ? last < q->first : first > q->last)
		return PAST; /* as all that follow */
	if (!may_look(q))
		return WORDS_ENDED;
	if (match(q, &s, &set)) {
		int ret = tell(q, &s, &set);

		if (ret != 0)
			return ret;
	}
	q->reached = q->down ? first : last;
	return 0;
}

static bool has(struct str value, const struct term *asked)
{
	struct record_reader r;
	struct str term;

	if (record_open(&r, value) != FORMAT)
		return false;
	while (next_term(&r, &term))
		if (term_matches(asked, term))
			return true;
	return false;
}

static bool has_all(const struct words_query *q, struct str value)
{
	for (size_t i = 0; i < q->terms.n; i++)
		if (!has(value, &q->terms.all[i]))
			return false;
	return true;
}

static int on_loose(void *arg, struct str key, struct str value)
{
	struct words_query *q = arg;
	uint64_t id;
	int ret = 0;

	if (id_of(key, &id) < 0)
		return 0;
	if (!is_between(q, id))
		return PAST;
	if (!may_look(q))
		return WORDS_ENDED;
	if (has_all(q, value))
		ret = q->found(q->arg, id);
	q->reached = id;
	return ret;
}

/* Where a walk through segments begins: at the one that has FROM, or would have it. */
static int note_last(void *arg, struct str key, struct str value)
{
	return id_of(key, arg) < 0 ? 0 : 1;
}

static int scan(struct store_reader *reader, struct words_query *q, uint8_t kind)
{
	store_each_fn *each = kind == SEALED ? on_segment : on_loose;
	uint64_t from = q->down ? q->last : q->first;
	struct store_key key;
	int err;

	if (q->down && kind == SEALED) {
		from = UINT64_MAX;
		err = store_reader_scan(reader, &archive_words_space, q->owner, prefix_of(kind),
		                        key_of(&key, kind, q->last), 1, note_last, &from);
		if (err < 0)
			return err;
	}
	return (q->down ? store_reader_scan_down : store_reader_scan)(
		reader, &archive_words_space, q->owner, prefix_of(kind),
		key_of(&key, kind, from), 0, each, q);
}

int words_search(struct store_reader *reader, struct words_query *q)
{
	int ret;

	q->looked = 0;
	q->reached = q->down ? q->last : q->first;
	if (q->terms.n == 0)
		return 0;
	/* what is in no segment is newer than what is in one */
	ret = scan(reader, q, q->down ? LOOSE : SEALED);
	if (ret == 0 || ret == PAST)
		ret = scan(reader, q, q->down ? SEALED : LOOSE);
	return ret == PAST ? 0 : ret;
}
