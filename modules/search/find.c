/*
 * find.c - from words to accounts, on a reader thread.
 *
 * The word that should lead to the fewest is walked in the directory; the accounts it leads to are
 * asked for all words.  So much of the directory is looked at and no more (MAX_WALK).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/search/private.h"

#define MAX_WALK 1000 /* words; some milliseconds with a warm disk */
#define OWNER_BYTES 8

/* ---- the question ---- */

void find_add_terms(struct search_query *q, size_t field, struct str text)
{
	struct search_words words;

	search_words(q->arena, text, &words);
	for (size_t i = 0; i < words.n; i++) {
		struct search_term *term = &q->terms[q->n_terms++];

		ASSERT(q->n_terms <= ARRAY_LEN(q->terms));
		*term = (struct search_term){ .field = field, .word = words.all[i] };
		term->is_prefix = str_ends_with(term->word, STR("*"));
		if (term->is_prefix)
			term->word.n--;
	}
}

/* Whole words are rarer than beginnings, long ones than short ones. */
static const struct search_term *rarest(const struct search_query *q)
{
	const struct search_term *best = &q->terms[0];

	for (size_t i = 1; i < q->n_terms; i++) {
		const struct search_term *t = &q->terms[i];

		if (t->is_prefix != best->is_prefix ? best->is_prefix
		                                    : t->word.n > best->word.n)
			best = t;
	}
	return best;
}

/* ---- the answer ---- */

static bool has_word(struct arena *arena, const struct search_entry *e,
                     const struct search_term *t)
{
	struct search_words words;

	search_words(arena, e->values[t->field], &words);
	for (size_t i = 0; i < words.n; i++)
		if (t->is_prefix ? str_starts_with(words.all[i], t->word)
		                 : str_eq(words.all[i], t->word))
			return true;
	return false;
}

static bool has_all(const struct search_query *q, const struct search_entry *e,
                    struct arena *arena)
{
	for (size_t i = 0; i < q->n_terms; i++)
		if (!has_word(arena, e, &q->terms[i]))
			return false;
	return true;
}

/* Under the present options, and of the present vCard. */
static bool is_true(const struct search_query *q, const struct search_entry *e,
                    const struct vcard_state *state)
{
	return e->is_listed && (e->is_public || q->listed == SEARCH_ALL) &&
	       e->revision == state->revision;
}

static bool was_found(const struct search_query *q, uint64_t owner)
{
	for (size_t i = 0; i < q->n_found; i++)
		if (q->owners[i] == owner)
			return true;
	return false;
}

struct walk {
	struct search_query *q;
	struct store_reader *reader;
	struct arena *scratch; /* of one account */
};

/* What is gone or cannot be read is not found. */
static bool look_at(struct walk *walk, uint64_t owner)
{
	struct search_entry e;
	struct vcard_state state;

	return entry_read(walk->reader, owner, walk->scratch, &e) == 0 &&
	       vcard_read_state(walk->reader, owner, &state) == 0 &&
	       is_true(walk->q, &e, &state) && has_all(walk->q, &e, walk->scratch);
}

static int on_word(void *arg, struct str key, struct str value)
{
	struct walk *walk = arg;
	struct search_query *q = walk->q;
	size_t pos = key.n < OWNER_BYTES ? 0 : key.n - OWNER_BYTES;
	uint64_t owner;

	if (key_read_u64(key, &pos, &owner) < 0 || was_found(q, owner))
		return 0;
	arena_reset(walk->scratch);
	if (!look_at(walk, owner) ||
	    entry_read(walk->reader, owner, q->arena, &q->found[q->n_found]) < 0)
		return 0;
	q->owners[q->n_found++] = owner;
	return q->n_found == q->max;
}

void find_run(struct store_reader *reader, void *query)
{
	struct search_query *q = query;
	const struct search_term *term = rarest(q);
	struct walk walk = { .q = q, .reader = reader, .scratch = arena_new(4096) };
	struct store_key prefix;

	entry_key_prefix(&prefix, q->host, &search_fields[term->field], term->word,
	                 !term->is_prefix);
	q->found = ARENA_ARRAY(q->arena, struct search_entry, q->max);
	q->owners = ARENA_ARRAY(q->arena, uint64_t, q->max);
	q->err = store_reader_scan(reader, &directory_space, STORE_OWNER_STORE,
	                           key_str(&prefix), STR_NONE, MAX_WALK, on_word, &walk);
	arena_free(&walk.scratch);
}
