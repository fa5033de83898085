/*
 * segment.c - the words of some hundred messages as one value.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/mam/segment.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT 1
#define BLOCK 16    /* terms */
#define LISTED 31   /* messages of a term at most that are listed by number */
#define AS_BITS 255 /* in place of their count */
#define OFFSET_BYTES 4

/* ---- terms in order ---- */

struct walk {
	struct str in;
	size_t pos;
	char term[UINT8_MAX];
	size_t term_n;
	struct str messages; /* as numbers, or as bits */
	bool as_bits;
};

static bool take_bytes(struct walk *w, size_t n, struct str *out)
{
	*out = str_slice(w->in, w->pos, w->pos + n);
	w->pos += n;
	return out->n == n;
}

static bool take_byte(struct walk *w, size_t *out)
{
	struct str byte;

	if (!take_bytes(w, 1, &byte))
		return false;
	*out = (unsigned char)byte.p[0];
	return true;
}

/* 1, 0 at the end, or ERR_CORRUPT. */
static int next(struct walk *w)
{
	size_t shared, n, count;
	struct str rest;

	if (w->pos == w->in.n)
		return 0;
	if (!take_byte(w, &shared) || !take_byte(w, &n) || shared > w->term_n ||
	    shared + n > sizeof(w->term) || !take_bytes(w, n, &rest) || !take_byte(w, &count))
		return ERR_CORRUPT;
	memcpy(w->term + shared, rest.p, n);
	w->term_n = shared + n;
	w->as_bits = count == AS_BITS;
	if (!w->as_bits && count > LISTED)
		return ERR_CORRUPT;
	return take_bytes(w, w->as_bits ? sizeof(struct segment_set) : count, &w->messages)
	               ? 1
	               : ERR_CORRUPT;
}

static struct str walk_term(const struct walk *w)
{
	return str_make(w->term, w->term_n);
}

static void add_messages(const struct walk *w, struct segment_set *set)
{
	for (size_t i = 0; !w->as_bits && i < w->messages.n; i++)
		segment_set_add(set, (unsigned char)w->messages.p[i]);
	for (size_t i = 0; w->as_bits && i < ARRAY_LEN(set->bits); i++) {
		uint64_t bits;

		memcpy(&bits, w->messages.p + i * sizeof(bits), sizeof(bits));
		set->bits[i] |= le64toh(bits);
	}
}

/* ---- reading ---- */

int segment_open(struct str value, struct segment *s_out)
{
	struct record_reader r;

	if (record_open(&r, value) != FORMAT)
		return ERR_CORRUPT;
	s_out->n_terms = record_u64(&r);
	s_out->ids = record_str(&r);
	s_out->directory = record_str(&r);
	s_out->terms = record_str(&r);
	return record_end(&r);
}

int segment_ids(const struct segment *s, uint64_t ids_out[SEGMENT_MESSAGES])
{
	struct record_reader r = { .in = s->ids };
	uint64_t id = 0;
	int n = 0;

	while (r.pos < r.in.n && r.err == 0) {
		if (n == SEGMENT_MESSAGES)
			return ERR_CORRUPT;
		id += record_u64(&r);
		ids_out[n++] = id;
	}
	return r.err < 0 ? ERR_CORRUPT : n;
}

static size_t n_blocks(const struct segment *s)
{
	return s->directory.n / OFFSET_BYTES;
}

/* Begin at a block's first term, and read it: as next(). */
static int walk_block(struct walk *w, const struct segment *s, size_t block)
{
	uint32_t offset;

	memcpy(&offset, s->directory.p + block * OFFSET_BYTES, sizeof(offset));
	w->in = s->terms;
	w->pos = be32toh(offset);
	w->term_n = 0;
	return w->pos >= w->in.n ? ERR_CORRUPT : next(w);
}

/* W stands at the first term of the last block that does not begin behind TEXT: as next(). */
static int seek(struct walk *w, const struct segment *s, struct str text)
{
	size_t low = 0, high = n_blocks(s);

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		int err = walk_block(w, s, middle);

		if (err <= 0)
			return ERR_CORRUPT;
		if (str_cmp(walk_term(w), text) <= 0)
			low = middle;
		else
			high = middle;
	}
	return high == 0 ? 0 : walk_block(w, s, low);
}

int segment_find(const struct segment *s, const struct term *asked, struct segment_set *found)
{
	struct walk w;
	int more = seek(&w, s, asked->text);

	for (; more > 0; more = next(&w)) {
		if (term_matches(asked, walk_term(&w)))
			add_messages(&w, found);
		else if (str_cmp(walk_term(&w), asked->text) > 0)
			return 0;
	}
	return more;
}

/* ---- making ---- */

void segment_begin(struct segment_maker *m, struct arena *arena)
{
	m->arena = arena;
	m->n_ids = m->n = 0;
	m->cap = SEGMENT_MESSAGES * BLOCK;
	m->entries = arena_alloc(arena, m->cap * sizeof(m->entries[0]));
}

void segment_add_message(struct segment_maker *m, uint64_t id)
{
	ASSERT(m->n_ids < SEGMENT_MESSAGES);
	m->ids[m->n_ids++] = id;
}

static uint64_t head_of(struct str term)
{
	uint64_t head = 0;

	memcpy(&head, term.p, term.n < sizeof(head) ? term.n : sizeof(head));
	return be64toh(head);
}

void segment_add_term(struct segment_maker *m, struct str term)
{
	ASSERT(m->n_ids > 0 && term.n <= UINT8_MAX);
	if (m->n == m->cap) {
		struct segment_entry *old = m->entries;

		m->entries = arena_alloc(m->arena, 2 * m->cap * sizeof(m->entries[0]));
		memcpy(m->entries, old, m->n * sizeof(m->entries[0]));
		m->cap *= 2;
	}
	m->entries[m->n++] =
		(struct segment_entry){ head_of(term), term, (uint8_t)(m->n_ids - 1) };
}

static int compare(const void *a, const void *b)
{
	const struct segment_entry *x = a, *y = b;
	int order;

	if (x->head != y->head)
		return x->head < y->head ? -1 : 1;
	order = str_cmp(x->term, y->term);
	return order != 0 ? order : (int)x->message - (int)y->message;
}

/* What comes out of another segment is in order. */
static void sort(struct segment_maker *m)
{
	size_t i = 1;

	while (i < m->n && compare(&m->entries[i - 1], &m->entries[i]) <= 0)
		i++;
	if (i < m->n)
		qsort(m->entries, m->n, sizeof(m->entries[0]), compare);
}

static size_t count_shared(struct str a, struct str b)
{
	size_t n = 0;

	while (n < a.n && n < b.n && a.p[n] == b.p[n])
		n++;
	return n;
}

/* The messages of N entries of one term. */
static void put_messages(struct buf *out, const struct segment_entry *first, size_t n)
{
	struct segment_set set = { { 0 } };

	buf_append_byte(out, (char)(n > LISTED ? AS_BITS : n));
	for (size_t i = 0; i < n; i++) {
		if (n <= LISTED)
			buf_append_byte(out, (char)first[i].message);
		segment_set_add(&set, first[i].message);
	}
	for (size_t i = 0; n > LISTED && i < ARRAY_LEN(set.bits); i++) {
		uint64_t bits = htole64(set.bits[i]);

		buf_append(out, str_make((const char *)&bits, sizeof(bits)));
	}
}

static uint64_t put_terms(struct segment_maker *m, struct buf *directory, struct buf *terms)
{
	struct str before = STR("");
	uint64_t n_terms = 0;
	size_t end;

	for (size_t i = 0; i < m->n; i = end, n_terms++) {
		struct str term = m->entries[i].term;
		size_t shared = n_terms % BLOCK == 0 ? 0 : count_shared(before, term);

		for (end = i + 1; end < m->n && str_eq(m->entries[end].term, term);)
			end++;
		if (n_terms % BLOCK == 0) {
			uint32_t offset = htobe32((uint32_t)terms->n);

			buf_append(directory, str_make((const char *)&offset, sizeof(offset)));
		}
		buf_append_byte(terms, (char)shared);
		buf_append_byte(terms, (char)(term.n - shared));
		buf_append(terms, str_slice(term, shared, term.n));
		put_messages(terms, &m->entries[i], end - i);
		before = term;
	}
	return n_terms;
}

static struct str put_ids(const struct segment_maker *m)
{
	struct record_writer w;
	uint64_t before = 0;

	w.out = (struct buf){ 0 };
	for (size_t i = 0; i < m->n_ids; i++) {
		record_put_u64(&w, m->ids[i] - before);
		before = m->ids[i];
	}
	return record_finish(&w, m->arena);
}

struct str segment_finish(struct segment_maker *m)
{
	struct buf directory = { 0 }, terms = { 0 };
	struct record_writer w;

	sort(m);
	record_begin(&w, FORMAT);
	record_put_u64(&w, put_terms(m, &directory, &terms));
	record_put_str(&w, put_ids(m));
	record_put_str(&w, buf_str(&directory));
	record_put_str(&w, buf_str(&terms));
	buf_deinit(&directory);
	buf_deinit(&terms);
	return record_finish(&w, m->arena);
}

/* ---- making one out of another ---- */

/* The new numbers of the messages that stay; the others have none. */
struct renumbering {
	struct segment_set stay;
	uint8_t to[SEGMENT_MESSAGES];
};

static void add_staying(struct segment_maker *m, const struct renumbering *numbers,
                        const struct segment_set *set, struct str term)
{
	for (size_t i = 0; i < SEGMENT_MESSAGES; i++) {
		if (!segment_has(set, i) || !segment_has(&numbers->stay, i))
			continue;
		segment_add_term(m, term);
		m->entries[m->n - 1].message = numbers->to[i];
	}
}

static int copy_terms(const struct segment *s, struct segment_maker *m,
                      const struct renumbering *numbers)
{
	struct walk w = { .in = s->terms };
	int more;

	while ((more = next(&w)) > 0) {
		struct segment_set set = { { 0 } };

		add_messages(&w, &set);
		add_staying(m, numbers, &set, arena_copy(m->arena, walk_term(&w)));
	}
	return more;
}

int segment_without(const struct segment *s, struct arena *arena, const uint64_t *gone,
                    size_t n, struct str *value_out)
{
	struct renumbering numbers = { .stay = { { 0 } } };
	struct segment_maker m;
	uint64_t ids[SEGMENT_MESSAGES];
	int n_ids = segment_ids(s, ids);
	size_t k = 0;
	int err;

	segment_begin(&m, arena);
	for (int i = 0; i < n_ids; i++) {
		while (k < n && gone[k] < ids[i])
			k++;
		if (k < n && gone[k] == ids[i])
			continue;
		numbers.to[i] = (uint8_t)m.n_ids;
		segment_set_add(&numbers.stay, (size_t)i);
		segment_add_message(&m, ids[i]);
	}
	if (n_ids < 0 || (int)m.n_ids == n_ids || m.n_ids == 0)
		return n_ids < 0 ? n_ids : (int)m.n_ids;
	err = copy_terms(s, &m, &numbers);
	if (err < 0)
		return err;
	*value_out = segment_finish(&m);
	return (int)m.n_ids;
}
