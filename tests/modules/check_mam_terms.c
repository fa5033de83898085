/*
 * check_mam_terms.c - what a message's text is found by.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/mam/terms.h"
#include "tests/lib/check_main.h"
#include "xml/fold.h"
#include "xml/utf8.h"

static struct arena *arena;

static const char *shown(const struct terms *terms)
{
	struct str out = STR("");

	for (size_t i = 0; i < terms->n; i++)
		out = arena_printf(arena, STR_FMT "%s" STR_FMT "%s", STR_ARG(out),
		                   i > 0 ? " " : "", STR_ARG(terms->all[i].text),
		                   terms->all[i].is_prefix ? "*" : "");
	return out.p;
}

static void reads(const char *text, const char *wanted)
{
	struct terms terms;

	terms_read(arena, str_of(text), &terms);
	ck_assert_str_eq(shown(&terms), wanted);
}

static void asks(const char *text, const char *wanted)
{
	struct terms terms;

	terms_ask(arena, str_of(text), &terms);
	ck_assert_str_eq(shown(&terms), wanted);
}

/* Is a message TEXT found by ASKED? */
static bool finds(const char *asked, const char *text)
{
	struct terms question, terms;
	size_t found = 0;

	terms_ask(arena, str_of(asked), &question);
	terms_read(arena, str_of(text), &terms);
	for (size_t i = 0; i < question.n; i++)
		for (size_t k = 0; k < terms.n; k++)
			if (term_matches(&question.all[i], terms.all[k].text)) {
				found++;
				break;
			}
	return question.n > 0 && found == question.n;
}

START_TEST(words_are_letters_and_digits_without_case_each_once)
{
	arena = arena_new(4096);
	reads("Hello, hello: the 3 World-cups!", "3 cups hello the world");
	reads("", "");
	reads(" \t\n.,;", "");
	reads("a_b foo@example.org", "a b example foo org");
	arena_free(&arena);
}
END_TEST

START_TEST(accents_and_compatible_forms_make_no_difference)
{
	arena = arena_new(4096);
	reads("Café CAFE\xCC\x81", "cafe");
	reads("Straße STRASSE", "strasse");
	reads("ÆØÅ naïve Łódź", "naive æøa łodz");
	reads("ﬁne ＡＢＣ１２", "abc12 fine");
	reads("İstanbul", "istanbul");
	ck_assert(finds("resume", "his Résumé"));
	ck_assert(finds("Résumé", "his resume"));
	arena_free(&arena);
}
END_TEST

START_TEST(greek_and_cyrillic_are_words_too)
{
	arena = arena_new(4096);
	reads("Ὀδυσσεύς ΟΔΥΣΣΕΥΣ", "οδυσσευσ");
	reads("Привет, МИР", "мир привет");
	ck_assert(finds("елка", "Ёлка"));
	ck_assert(finds("ПРИВЕТ", "привет всем"));
	arena_free(&arena);
}
END_TEST

START_TEST(what_has_no_spaces_is_found_by_any_part)
{
	arena = arena_new(4096);
	reads("猫が好き", "が好 き 好き 猫が");
	asks("猫が好", "が好 猫が");
	asks("猫", "猫*");
	ck_assert(finds("猫", "白い猫"));
	ck_assert(finds("い", "白い猫"));
	ck_assert(finds("い猫", "白い猫。"));
	ck_assert(!finds("白猫", "白い猫"));
	ck_assert(finds("ｶﾞｷﾞ", "ガギグ")); /* half-width kana with their marks */
	ck_assert(finds("안녕", "여러분 안녕하세요"));
	ck_assert(finds("ภาษา", "ฉันพูดภาษาไทย"));
	/* beside Latin letters */
	ck_assert(finds("xmpp", "我用XMPP聊天"));
	ck_assert(finds("聊天", "我用XMPP聊天"));
	arena_free(&arena);
}
END_TEST

START_TEST(emoji_are_terms_whatever_their_colour)
{
	arena = arena_new(4096);
	reads("ok\U0001F44D", "ok \U0001F44D");
	reads("\U0001F44D\U0001F3FD \u2764\uFE0F", "\u2764 \U0001F44D");
	reads("\U0001F468\u200D\U0001F469", "\U0001F468 \U0001F469");
	ck_assert(finds("\U0001F44D", "great \U0001F44D\U0001F3FF!"));
	arena_free(&arena);
}
END_TEST

START_TEST(longer_words_of_a_question_may_be_beginnings)
{
	arena = arena_new(4096);
	asks("mess to Sea", "mess* sea* to");
	ck_assert(finds("mess", "messages"));
	ck_assert(!finds("to", "tomorrow"));
	ck_assert(!finds("essage", "messages"));
	ck_assert(finds("tomorrow messages", "messages for tomorrow"));
	ck_assert(!finds("tomorrow messages", "messages for today"));
	asks("?!", "");
	arena_free(&arena);
}
END_TEST

START_TEST(bytes_that_are_no_text_divide_words)
{
	arena = arena_new(4096);
	reads("ab\xFF\xC0\x80"
	      "cd",
	      "ab cd");
	reads("\xE4\xB8", "");
	reads("a\u200Bb", "a b"); /* a place where a line may end */
	reads("x\xED\xA0\x80y\xF4\x90\x80\x80z", "x y z");
	reads("a\u00ADb", "ab"); /* a soft hyphen */
	arena_free(&arena);
}
END_TEST

START_TEST(all_bounds_hold)
{
	struct terms terms;
	struct str text = STR("");
	char *big;

	arena = arena_new(4096);
	for (int i = 0; i < TERMS_MAX + 10; i++)
		text = arena_printf(arena, STR_FMT " w%d", STR_ARG(text), i);
	terms_read(arena, text, &terms);
	ck_assert_uint_eq(terms.n, TERMS_MAX);
	terms_ask(arena, text, &terms);
	ck_assert_uint_eq(terms.n, TERMS_ASKED_MAX);

	/* one word longer than a term, as it is asked for too */
	big = arena_alloc(arena, KIB(64));
	for (size_t i = 0; i < KIB(64); i++)
		big[i] = (char)('a' + i % 7);
	terms_read(arena, str_make(big, KIB(64)), &terms);
	ck_assert_uint_eq(terms.n, 1);
	ck_assert_uint_eq(terms.all[0].text.n, TERM_BYTES);
	ck_assert(finds(arena_cstr(arena, str_make(big, 200)),
	                arena_cstr(arena, str_make(big, 300))));

	/* phrases in one character, and the one that grows most besides */
	for (size_t i = 0; i + 3 <= KIB(64); i += 3)
		memcpy(big + i, "\uFDFA", 3);
	terms_read(arena, str_make(big, KIB(64)), &terms);
	ck_assert_uint_eq(terms.n, 0);
	for (size_t i = 0; i + 3 <= KIB(64); i += 3)
		memcpy(big + i, "\u3316", 3);
	ck_assert_uint_le(text_fold(arena, str_make(big, 300)).n, 300 * FOLD_GROWTH);
	arena_free(&arena);
}
END_TEST

START_TEST(garbage_gives_terms_that_are_text)
{
	char bytes[300];
	unsigned seed = 7;

	arena = arena_new(4096);
	for (int round = 0; round < 3000; round++) {
		struct terms terms;

		for (size_t i = 0; i < sizeof(bytes); i++) {
			seed = seed * 1103515245 + 12345;
			bytes[i] = (char)(seed >> 16);
			if (round % 2 == 1 && i % 3 != 0) /* mostly trailing bytes */
				bytes[i] = (char)(0x80 | (bytes[i] & 0x3F));
		}
		terms_read(arena, str_make(bytes, sizeof(bytes)), &terms);
		for (size_t i = 0; i < terms.n; i++) {
			ck_assert(utf8_is_valid(terms.all[i].text));
			ck_assert_uint_le(terms.all[i].text.n, TERM_BYTES);
			ck_assert(i == 0 ||
			          str_cmp(terms.all[i - 1].text, terms.all[i].text) < 0);
		}
		arena_reset(arena);
	}
	arena_free(&arena);
}
END_TEST

CHECK_MAIN("mam_terms", words_are_letters_and_digits_without_case_each_once,
           accents_and_compatible_forms_make_no_difference, greek_and_cyrillic_are_words_too,
           what_has_no_spaces_is_found_by_any_part, emoji_are_terms_whatever_their_colour,
           longer_words_of_a_question_may_be_beginnings, bytes_that_are_no_text_divide_words,
           all_bounds_hold, garbage_gives_terms_that_are_text)
