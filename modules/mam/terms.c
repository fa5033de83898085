/*
 * terms.c - from text to the terms by which it is found.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/mam/terms.h"

#include "xml/fold.h"
#include "xml/utf8.h"

#include <string.h>

/* A walk through folded text. */
struct cutter {
	struct arena *arena;
	struct term *all; /* in order, each once */
	size_t n, cap;
	size_t taken, max; /* each as often as it came */
	bool asks;
	/* the word that is being read */
	char word[TERM_BYTES];
	size_t word_n, chars;
	bool full;
	/* of the run of dense characters: the last one, and whether it had one before it */
	struct str last;
	bool paired;
};

#define AT_FIRST 32 /* terms that most messages have room in */

static void grow(struct cutter *c)
{
	size_t cap = c->cap == 0 ? AT_FIRST : 2 * c->cap;
	struct term *all = arena_alloc(c->arena, cap * sizeof(all[0]));

	if (c->n > 0)
		memcpy(all, c->all, c->n * sizeof(all[0]));
	c->all = all;
	c->cap = cap;
}

/* None is empty, and most differ in the first letter. */
static int compare(const struct term *x, const struct term *y)
{
	int order = (unsigned char)x->text.p[0] - (unsigned char)y->text.p[0];

	if (order == 0)
		order = str_cmp(x->text, y->text);
	return order != 0 ? order : (int)x->is_prefix - (int)y->is_prefix;
}

/* Where TERM belongs; false: it is there already. */
static bool find_place(const struct cutter *c, const struct term *term, size_t *at_out)
{
	size_t low = 0, high = c->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare(&c->all[middle], term);

		if (order == 0)
			return false;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*at_out = low;
	return true;
}

/* Into its place, as there are few. */
static void add(struct cutter *c, struct str a, struct str b, bool is_prefix)
{
	struct term term = { .is_prefix = is_prefix };
	char bytes[TERM_BYTES];
	size_t at;

	if (c->taken == c->max)
		return;
	c->taken++;
	memcpy(bytes, a.p, a.n);
	if (b.n > 0)
		memcpy(bytes + a.n, b.p, b.n);
	term.text = str_make(bytes, a.n + b.n);
	if (!find_place(c, &term, &at))
		return;
	if (c->n == c->cap)
		grow(c);
	memmove(c->all + at + 1, c->all + at, (c->n - at) * sizeof(c->all[0]));
	term.text = arena_copy(c->arena, term.text);
	c->all[at] = term;
	c->n++;
}

/* What stands on either side is not one word with it. */
static void end_word(struct cutter *c)
{
	if (c->word_n > 0)
		add(c, str_make(c->word, c->word_n), STR(""),
		    c->asks && c->chars >= TERM_PREFIX_CHARS);
	c->word_n = c->chars = 0;
	c->full = false;
}

/* A run's last character can be found alone, and one that is asked for alone has pairs before it. */
static void end_run(struct cutter *c)
{
	if (c->last.n > 0 && (!c->asks || !c->paired))
		add(c, c->last, STR(""), c->asks);
	c->last = STR("");
	c->paired = false;
}

static void take_letter(struct cutter *c, struct str letter)
{
	end_run(c);
	c->full = c->full || c->word_n + letter.n > TERM_BYTES;
	if (c->full)
		return;
	memcpy(c->word + c->word_n, letter.p, letter.n);
	c->word_n += letter.n;
	c->chars++;
}

/* ASCII letters and digits in a row, which most text is made of. */
static void take_letters(struct cutter *c, struct str letters)
{
	size_t n = letters.n;

	end_run(c);
	if (!c->full && n > TERM_BYTES - c->word_n) {
		memcpy(c->word + c->word_n, letters.p, TERM_BYTES - c->word_n);
		c->chars += TERM_BYTES - c->word_n;
		c->word_n = TERM_BYTES;
		c->full = true;
	}
	if (c->full)
		return;
	memcpy(c->word + c->word_n, letters.p, n);
	c->word_n += n;
	c->chars += n;
}

static void take_dense(struct cutter *c, struct str letter)
{
	end_word(c);
	if (c->last.n > 0) {
		add(c, c->last, letter, false);
		c->paired = true;
	}
	c->last = letter;
}

static void take(struct cutter *c, enum char_kind kind, struct str letter)
{
	switch (kind) {
	case CHAR_WORD:
		take_letter(c, letter);
		break;
	case CHAR_DENSE:
		take_dense(c, letter);
		break;
	case CHAR_SYMBOL:
		end_word(c);
		end_run(c);
		add(c, letter, STR(""), false);
		break;
	case CHAR_NOTHING:
		break;
	case CHAR_BETWEEN:
		end_word(c);
		end_run(c);
		break;
	}
}

static bool is_ascii_letter(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
}

static size_t count_letters(struct str text, size_t from)
{
	size_t at = from;

	while (at < text.n && is_ascii_letter(text.p[at]))
		at++;
	return at - from;
}

/* The character at I; its length. */
static size_t take_one(struct cutter *c, struct str text, size_t i)
{
	uint32_t cp;
	size_t step = utf8_step(text.p + i, text.n - i, &cp);

	if (step == 0) { /* a character that was cut */
		step = 1;
		cp = ' ';
	}
	take(c, char_kind(cp), str_slice(text, i, i + step));
	return step;
}

static void cut(struct cutter *c, struct str text, struct terms *out)
{
	size_t step;

	text = text_fold(c->arena, str_slice(text, 0, TERMS_TEXT_BYTES));
	for (size_t i = 0; i < text.n && c->taken < c->max; i += step) {
		step = count_letters(text, i);
		if (step > 0)
			take_letters(c, str_slice(text, i, i + step));
		else
			step = take_one(c, text, i);
	}
	end_word(c);
	end_run(c);
	*out = (struct terms){ .all = c->all, .n = c->n };
}

void terms_read(struct arena *arena, struct str text, struct terms *terms_out)
{
	struct cutter c = { .arena = arena, .max = TERMS_MAX, .last = STR("") };

	cut(&c, text, terms_out);
}

void terms_ask(struct arena *arena, struct str text, struct terms *terms_out)
{
	struct cutter c = {
		.arena = arena,
		.max = TERMS_ASKED_MAX,
		.last = STR(""),
		.asks = true,
	};

	cut(&c, text, terms_out);
}

bool term_matches(const struct term *asked, struct str text)
{
	return asked->is_prefix ? str_starts_with(text, asked->text)
	                        : str_eq(text, asked->text);
}
