/*
 * words.c - the fields of the directory, and the words in them.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/search/private.h"

#include "xml/utf8.h"

#include <string.h>

/* XEP-0055 §5.2; names that are not registered begin with "x-" (XEP-0068 §3.2). */
const struct search_field search_fields[SEARCH_FIELDS] = {
	{ 'f', true, "first", "Given name", "N", "GIVEN" },
	{ 'l', true, "last", "Family name", "N", "FAMILY" },
	{ 'n', true, "nick", "Nickname", "NICKNAME", NULL },
	{ 'e', true, "email", "Email address", "EMAIL", "USERID" },
	{ 'c', false, "x-full-name", "Full name", "FN", NULL },
	{ 'o', false, "x-organization", "Organization", "ORG", "ORGNAME" },
};

/* Between words. */
static bool is_between(char c)
{
	return memchr(" \t\r\n,;", c, 6) != NULL;
}

/* What may not stand in a localpart, whose preparation takes the case away (RFC 6122 §A.5). */
static bool is_apart(char c)
{
	return (unsigned char)c <= ' ' || memchr("\"&'/:<>@\x7F", c, 9) != NULL;
}

static struct str lower(struct arena *arena, struct str text)
{
	char *out = arena_alloc(arena, text.n + 1);

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		out[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
	}
	out[text.n] = '\0';
	return str_make(out, text.n);
}

/* What cannot be prepared keeps its case beyond ASCII. */
static struct str fold_run(struct arena *arena, struct str run)
{
	struct str prepared;

	return jid_prepare_local(arena, run, &prepared) == 0 ? prepared : lower(arena, run);
}

/* The runs between what is apart are prepared each by itself: "o'neill@x" is three. */
static struct str fold(struct arena *arena, struct str word)
{
	struct str out = STR("");
	size_t i = 0;

	while (i < word.n) {
		size_t end = i;

		if (is_apart(word.p[i])) {
			out = arena_concat(arena, out, str_slice(word, i, i + 1));
			i++;
			continue;
		}
		while (end < word.n && !is_apart(word.p[end]))
			end++;
		out = arena_concat(arena, out, fold_run(arena, str_slice(word, i, end)));
		i = end;
	}
	return out;
}

void search_words(struct arena *arena, struct str text, struct search_words *out)
{
	size_t i = 0;

	text = utf8_cut(text, SEARCH_VALUE_BYTES);
	out->n = 0;
	while (i < text.n && out->n < SEARCH_WORDS) {
		size_t end = i;

		while (end < text.n && !is_between(text.p[end]))
			end++;
		if (end > i)
			out->all[out->n++] = utf8_cut(fold(arena, str_slice(text, i, end)),
			                              SEARCH_WORD_BYTES);
		i = end + 1;
	}
}
