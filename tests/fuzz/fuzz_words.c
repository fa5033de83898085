/*
 * fuzz_words.c - text in archives: folded, cut into terms, put into segments, and found; pages.
 *
 *  - Folded text is UTF-8, whatever was folded.
 *  - Terms are in order, each once, and within their bounds.
 *  - In a segment made of the lines of the input each line is found by its terms, and nowhere else
 *    by what it does not have; without some messages the others are found as before.
 *  - The input taken for a segment, an archived message or a page's question gives an error, or
 *    what is within the bounds.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/mam/archive.h"
#include "modules/mam/segment.h"
#include "tests/fuzz/fuzz.h"
#include "xml/fold.h"
#include "xml/utf8.h"
#include "xml/writer.h"

#define LINES_MAX 40
#define FIRST_ID 1000

/* ---- text ---- */

static void check_utf8(struct str text)
{
	size_t step;

	for (size_t i = 0; i < text.n; i += step) {
		uint32_t cp;

		step = utf8_step(text.p + i, text.n - i, &cp);
		ASSERT(step > 0);
	}
}

static void check_terms(const struct terms *terms, size_t max)
{
	ASSERT(terms->n <= max);
	for (size_t i = 0; i < terms->n; i++) {
		const struct term *term = &terms->all[i];

		ASSERT(term->text.n > 0 && term->text.n <= TERM_BYTES);
		ASSERT(i == 0 || str_cmp(terms->all[i - 1].text, term->text) < 0 ||
		       (str_eq(terms->all[i - 1].text, term->text) && term->is_prefix));
	}
}

/* ---- segments of it ---- */

struct lines {
	struct terms of[LINES_MAX];
	size_t n;
};

static void read_lines(struct arena *arena, struct str text, struct lines *lines)
{
	lines->n = 0;
	while (!str_is_absent(text) && lines->n < LINES_MAX) {
		struct terms asked;
		struct str line = str_cut(&text, '\n');

		terms_ask(arena, line, &asked);
		check_terms(&asked, TERMS_ASKED_MAX);
		terms_read(arena, line, &lines->of[lines->n]);
		check_terms(&lines->of[lines->n++], TERMS_MAX);
	}
}

static struct str make_segment(struct arena *arena, const struct lines *lines)
{
	struct segment_maker m;

	segment_begin(&m, arena);
	for (size_t i = 0; i < lines->n; i++) {
		segment_add_message(&m, FIRST_ID + 2 * i);
		for (size_t k = 0; k < lines->of[i].n; k++)
			segment_add_term(&m, lines->of[i].all[k].text);
	}
	return segment_finish(&m);
}

static bool has_term(const struct terms *terms, const struct term *asked)
{
	for (size_t i = 0; i < terms->n; i++)
		if (term_matches(asked, terms->all[i].text))
			return true;
	return false;
}

/* Line I of LINES is message AT[I] of SEGMENT, or in none where that is as many as there are lines. */
static void check_found(const struct lines *lines, const size_t *at, struct str value)
{
	struct segment s;

	ASSERT(segment_open(value, &s) == 0);
	for (size_t i = 0; i < lines->n; i++) {
		for (size_t k = 0; k < lines->of[i].n; k++) {
			struct term asked = lines->of[i].all[k];
			struct segment_set found = { { 0 } };

			asked.is_prefix = k % 2 == 0;
			ASSERT(segment_find(&s, &asked, &found) == 0);
			for (size_t l = 0; l < lines->n; l++)
				ASSERT(at[l] == lines->n ||
				       segment_has(&found, at[l]) ==
				               has_term(&lines->of[l], &asked));
		}
	}
}

static void check_lines(struct arena *arena, struct str text)
{
	struct lines lines;
	uint64_t gone[LINES_MAX], ids[SEGMENT_MESSAGES];
	size_t at[LINES_MAX], without[LINES_MAX], n = 0;
	struct segment s;
	struct str value, rest;

	read_lines(arena, text, &lines);
	for (size_t i = 0; i < lines.n; i++) {
		at[i] = i;
		without[i] = i % 3 == 0 ? lines.n : i - (i / 3 + 1);
		if (i % 3 == 0)
			gone[n++] = FIRST_ID + 2 * i;
	}
	value = make_segment(arena, &lines);
	check_found(&lines, at, value);
	ASSERT(segment_open(value, &s) == 0);
	ASSERT(segment_ids(&s, ids) == (int)lines.n);
	for (size_t i = 0; i < lines.n; i++)
		ASSERT(ids[i] == FIRST_ID + 2 * i);
	if (segment_without(&s, arena, gone, n, &rest) > 0)
		check_found(&lines, without, rest);
}

/* ---- what is no segment ---- */

static void check_garbage_segment(struct arena *arena, struct str value)
{
	static const uint64_t gone[] = { 0, 1, 1000, 5000 };
	const struct term asked = { .text = STR("a"), .is_prefix = true };
	struct segment_set found = { { 0 } };
	uint64_t ids[SEGMENT_MESSAGES];
	struct segment s;
	struct str rest;
	int n;

	if (segment_open(value, &s) < 0)
		return;
	n = segment_ids(&s, ids);
	ASSERT(n == ERR_CORRUPT || (n >= 0 && n <= SEGMENT_MESSAGES));
	n = segment_find(&s, &asked, &found);
	ASSERT(n == ERR_CORRUPT || n == 0);
	n = segment_without(&s, arena, gone, ARRAY_LEN(gone), &rest);
	ASSERT(n == ERR_CORRUPT || (n >= 0 && n <= SEGMENT_MESSAGES));
}

/* ---- records, pages ---- */

static void check_record(struct arena *arena, struct str value)
{
	struct archive_record record;
	struct stanza s;

	if (archive_decode(archive_key(arena, 7), value, &record) < 0)
		return;
	ASSERT(record.id == 7 && record.with.n <= value.n && record.xml.n <= value.n);
	if (archive_message(arena, &record, &s) == 0)
		ASSERT(s.node != NULL);
}

static void check_page(struct arena *arena, struct str text)
{
	const struct xml_node *node;
	struct rsm_request r;
	struct rsm_page page;
	struct xml_node *answer = xml_new(arena, NS_MAM, "fin");

	if (xml_read(arena, text, &node) < 0 || rsm_read(arena, node, &r) < 0)
		return;
	ASSERT(str_is_absent(r.before) || r.backwards);
	ASSERT(str_is_absent(r.before) || str_is_absent(r.after));
	ASSERT(str_is_absent(r.before) || r.before.n > 0);
	page = (struct rsm_page){ .first = r.after, .last = r.after, .count = r.max };
	page.has_count = r.has_max;
	rsm_write(arena, answer, &page);
	ASSERT(xml_read(arena, xml_print(arena, answer), &node) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(65536);
	struct str text = fuzz_str(data, size);

	check_utf8(text_fold(arena, text));
	check_lines(arena, text);
	check_garbage_segment(arena, text);
	check_record(arena, text);
	check_page(arena, text);
	arena_free(&arena);
	return 0;
}
