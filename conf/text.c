/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "conf/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CHUNK 4096

int text_read(const char *file, struct buf *text)
{
	FILE *from = fopen(file, "re");
	size_t n;
	int err = 0;

	if (from == NULL)
		return -errno;
	while (text->n <= TEXT_FILE_MAX &&
	       (n = fread(buf_reserve(text, CHUNK), 1, CHUNK, from)) > 0)
		text->n += n;
	if (text->n > TEXT_FILE_MAX)
		err = -EFBIG;
	else if (ferror(from))
		err = -errno;
	fclose(from);
	return err;
}

/* ---- blocks ---- */

/* Behind the first occurrence of MARK at or after FROM; the end when there is none. */
static size_t behind(struct str s, size_t from, const char *mark)
{
	const char *at =
		from >= s.n ? NULL : memmem(s.p + from, s.n - from, mark, strlen(mark));

	return at == NULL ? s.n : (size_t)(at - s.p) + strlen(mark);
}

/* Behind the text whose opening quote is at FROM. */
static size_t skip_quoted(struct str s, size_t from)
{
	for (size_t i = from + 1; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == s.p[from])
			return i + 1;
	}
	return s.n;
}

static size_t skip_word(struct str s, size_t i)
{
	while (i < s.n && memchr(" \t\r\n=+,(){}\"'#", s.p[i], 15) == NULL)
		i += s.p[i] == '\\' ? 2 : 1;
	return i < s.n ? i : s.n;
}

static bool is_at(struct str s, size_t i, const char *what)
{
	return str_starts_with(str_slice(s, i, s.n), str_of(what));
}

/* Behind one token, of which white space, a comment and "${VARIABLE}" are some. */
static size_t skip_token(struct str s, size_t i)
{
	size_t end;

	if (s.p[i] == '#' || is_at(s, i, "//"))
		return behind(s, i, "\n");
	if (is_at(s, i, "/*"))
		return behind(s, i + 2, "*/");
	if (is_at(s, i, "${"))
		return behind(s, i, "}");
	if (s.p[i] == '"' || s.p[i] == '\'')
		return skip_quoted(s, i);
	end = skip_word(s, i);
	return end > i ? end : i + 1;
}

static bool is_comment(struct str s, size_t i)
{
	return s.p[i] == '#' || is_at(s, i, "//") || is_at(s, i, "/*");
}

/* Behind the brace that closes the one at FROM. */
static size_t skip_braces(struct str s, size_t from)
{
	size_t depth = 0;

	for (size_t i = from; i < s.n; i = skip_token(s, i)) {
		if (s.p[i] == '{')
			depth++;
		else if (s.p[i] == '}' && --depth == 0)
			return i + 1;
	}
	return s.n;
}

static void blank(struct buf *text, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (text->p[i] != '\n')
			text->p[i] = ' ';
}

/*
 * "name = value", "name = { list }", "name(…)", "name title { block }": a word is a name unless
 * a value is due.
 */
void text_blank_blocks(struct buf *text)
{
	struct str s = buf_str(text);
	size_t name = s.n, next; /* where the statement began; s.n: between two */
	bool value_due = false;

	for (size_t i = 0; i < s.n; i = next) {
		next = s.p[i] == '{' ? skip_braces(s, i) : skip_token(s, i);
		if (s.p[i] == '=') {
			value_due = true;
			continue;
		}
		if (memchr(" \t\r\n+", s.p[i], 5) != NULL || is_comment(s, i))
			continue;
		if (s.p[i] == '{' && !value_due)
			blank(text, name < i ? name : i, next);
		if (value_due || s.p[i] == '{' || s.p[i] == ')')
			name = s.n;
		else if (name == s.n)
			name = i;
		value_due = false;
	}
}
