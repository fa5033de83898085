/*
 * fold.c - text in the form in which words are compared.
 *
 * Nearly all of what is folded is ASCII or becomes so in one pass; the rest costs a pass of the
 * library, and memory of the heap while it lasts.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "xml/fold.h"

#include "xml/utf8.h"

#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include <stdlib.h>
#include <string.h>

/* ---- kinds ---- */

/* They choose the look of an emoji, though they are marks. */
#define SELECTOR_FIRST 0xFE00
#define SELECTOR_LAST 0xFE0F
#define SPACE_WITHOUT_WIDTH 0x200B

struct range {
	uint32_t first, last;
};

/* Blocks of Unicode, in order. */
static const struct range dense[] = {
	{ 0x0E00, 0x0EFF },   /* Thai, Lao */
	{ 0x1000, 0x109F },   /* Myanmar */
	{ 0x1100, 0x11FF },   /* Hangul Jamo */
	{ 0x1780, 0x17FF },   /* Khmer */
	{ 0x2E80, 0x2FDF },   /* radicals */
	{ 0x3005, 0x3007 },   /* marks of iteration, zero */
	{ 0x3041, 0x318F },   /* Hiragana, Katakana, Bopomofo, Hangul */
	{ 0x31A0, 0x31FF },   /* more of Bopomofo and Katakana */
	{ 0x3400, 0x4DBF },   /* Han */
	{ 0x4E00, 0x9FFF },   /* Han */
	{ 0xA960, 0xA97F },   /* Hangul */
	{ 0xAC00, 0xD7FF },   /* Hangul */
	{ 0xF900, 0xFAFF },   /* Han */
	{ 0x1AFF0, 0x1B16F }, /* Kana */
	{ 0x20000, 0x3FFFF }, /* Han */
};

static bool is_dense(uint32_t cp)
{
	for (size_t i = 0; i < ARRAY_LEN(dense) && cp >= dense[i].first; i++)
		if (cp <= dense[i].last)
			return true;
	return false;
}

static bool is_of(uint32_t cp, uint32_t mask)
{
	return uc_is_general_category_withtable(cp, mask);
}

enum char_kind char_kind(uint32_t cp)
{
	if (cp < 0x80)
		return (cp >= 'a' && cp <= 'z') || (cp >= '0' && cp <= '9') ||
		                       (cp >= 'A' && cp <= 'Z')
		               ? CHAR_WORD
		               : CHAR_BETWEEN;
	if (cp >= SELECTOR_FIRST && cp <= SELECTOR_LAST)
		return CHAR_NOTHING;
	if (is_of(cp, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_N | UC_CATEGORY_MASK_Mc |
	                      UC_CATEGORY_MASK_Mn))
		return is_dense(cp) ? CHAR_DENSE : CHAR_WORD;
	if (is_of(cp, UC_CATEGORY_MASK_So))
		return CHAR_SYMBOL;
	/* joiners and other signs of format; enclosing marks; the colours of skin */
	if (cp == SPACE_WITHOUT_WIDTH)
		return CHAR_BETWEEN;
	if (is_of(cp, UC_CATEGORY_MASK_Cf | UC_CATEGORY_MASK_Me | UC_CATEGORY_MASK_Sk))
		return CHAR_NOTHING;
	return CHAR_BETWEEN;
}

/* ---- accents ---- */

/* Of Latin, Greek and Cyrillic letters, where an accent is often left out in writing. */
static bool may_have_accent(uint32_t cp)
{
	return (cp >= 0xC0 && cp <= 0x52F) || (cp >= 0x1E00 && cp <= 0x1FFF);
}

static bool is_accent(uint32_t cp)
{
	return cp >= 0x300 && cp <= 0x36F;
}

static uint32_t without_accent(uint32_t cp)
{
	ucs4_t parts[UC_DECOMPOSITION_MAX_LENGTH];

	while (may_have_accent(cp) && uc_canonical_decomposition(cp, parts) > 1)
		cp = parts[0];
	return cp;
}

/* In place: what is left is never longer. */
static size_t drop_accents(uint8_t *text, size_t n)
{
	size_t from = 0, to = 0;

	while (from < n) {
		ucs4_t cp;
		int step = u8_mbtouc_unsafe(&cp, text + from, n - from);

		from += (size_t)step;
		if (is_accent(cp))
			continue;
		step = u8_uctomb(text + to, without_accent(cp), (int)(n - to));
		to += step > 0 ? (size_t)step : 0;
	}
	return to;
}

/* ---- folding ---- */

enum looks { LOOKS_FOLDED, LOOKS_ASCII, LOOKS_OTHER };

static enum looks look(struct str text)
{
	enum looks looks = LOOKS_FOLDED;

	for (size_t i = 0; i < text.n; i++) {
		if ((unsigned char)text.p[i] >= 0x80)
			return LOOKS_OTHER;
		if (text.p[i] >= 'A' && text.p[i] <= 'Z')
			looks = LOOKS_ASCII;
	}
	return looks;
}

static struct str fold_ascii(struct arena *arena, struct str text)
{
	char *out = arena_alloc(arena, text.n);

	for (size_t i = 0; i < text.n; i++)
		out[i] = (char)(text.p[i] >= 'A' && text.p[i] <= 'Z' ? text.p[i] | 0x20
		                                                     : text.p[i]);
	return str_make(out, text.n);
}

/*
 * Whole phrases as one character: a dozen bytes for each of theirs, at a microsecond a byte, and
 * no word that anybody looks for.
 */
static bool is_phrase(uint32_t cp)
{
	return cp == 0xFDFA || cp == 0xFDFB;
}

/* A copy that is UTF-8 throughout. */
static uint8_t *mend(struct arena *arena, struct str text)
{
	uint8_t *out = arena_alloc(arena, text.n);
	size_t i = 0;

	while (i < text.n) {
		uint32_t cp;
		size_t step = utf8_step(text.p + i, text.n - i, &cp);

		if (step == 0 || is_phrase(cp))
			memset(out + i, ' ', step == 0 ? 1 : step);
		else
			memcpy(out + i, text.p + i, step);
		i += step == 0 ? 1 : step;
	}
	return out;
}

struct str text_fold(struct arena *arena, struct str text)
{
	enum looks looks = look(text);
	struct str folded;
	uint8_t *out;
	size_t n;

	if (looks == LOOKS_FOLDED)
		return text;
	if (looks == LOOKS_ASCII)
		return fold_ascii(arena, text);
	out = u8_casefold(mend(arena, text), text.n, NULL, UNINORM_NFKC, NULL, &n);
	if (out == NULL) /* no memory */
		return STR("");
	n = drop_accents(out, n);
	folded = arena_copy(arena, str_make((const char *)out, n));
	free(out);
	return folded;
}
