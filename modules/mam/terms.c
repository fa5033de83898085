/*
 * terms.c - from text to the terms by which it is found.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/mam/terms.h"

#include "xml/fold.h"
#include "xml/utf8.h"

#include <stdlib.h>
#include <string.h>

/* A walk through folded text. */
struct cutter {
	struct arena *arena;
	struct term *all;
	size_t n, cap, max;
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

static void add(struct cutter *c, struct str a, struct str b, bool is_prefix)
{
	char *p;

	if (c->n == c->max)
		return;
	if (c->n == c->cap)
		grow(c);
	p = arena_alloc(c->arena, a.n + b.n + 1);
	memcpy(p, a.p, a.n);
	if (b.n > 0)
		memcpy(p + a.n, b.p, b.n);
	c->all[c->n++] = (struct term){ str_make(p, a.n + b.n), is_prefix };
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

static int compare(const void *a, const void *b)
{
	const struct term *x = a, *y = b;
	int order = (unsigned char)x->text.p[0] - (unsigned char)y->text.p[0];

	if (order == 0) /* most differ in the first letter; none is empty */
		order = str_cmp(x->text, y->text);
	return order != 0 ? order : (int)x->is_prefix - (int)y->is_prefix;
}

static void sort(struct cutter *c, struct terms *out)
{
	if (c->n > 1)
		qsort(c->all, c->n, sizeof(c->all[0]), compare);
	*out = (struct terms){ .all = c->all };
	for (size_t i = 0; i < c->n; i++)
		if (i == 0 || compare(&c->all[i], &out->all[out->n - 1]) != 0)
			out->all[out->n++] = c->all[i];
}

static void cut(struct cutter *c, struct str text, struct terms *out)
{
	size_t step;

	text = text_fold(c->arena, str_slice(text, 0, TERMS_TEXT_BYTES));
	for (size_t i = 0; i < text.n && c->n < c->max; i += step) {
		uint32_t cp;

		step = utf8_step(text.p + i, text.n - i, &cp);
		if (step == 0) { /* a character that was cut */
			step = 1;
			cp = ' ';
		}
		take(c, char_kind(cp), str_slice(text, i, i + step));
	}
	end_word(c);
	end_run(c);
	sort(c, out);
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
