/*
 * fold.h - text in the form in which words are compared, and what its characters are.
 *
 * Behind it is libunistring, which knows Unicode's tables.  Private to text that is searched:
 * addresses have preparations of their own (jid.h).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/arena.h"

/*
 * TEXT without the differences that a reader does not mean: compatibility forms (NFKC), case,
 * and the accents of letters of European scripts.  What is no UTF-8 becomes spaces.  In ARENA,
 * or TEXT itself where nothing changes; at most FOLD_GROWTH times as long.
 */
#define FOLD_GROWTH 6
struct str text_fold(struct arena *arena, struct str text);

enum char_kind {
	CHAR_BETWEEN, /* divides words */
	CHAR_WORD,    /* letters, digits, and marks on them */
	CHAR_DENSE,   /* of a script that is written without spaces, or nearly so */
	CHAR_SYMBOL,  /* says something by itself, as an emoji does */
	CHAR_NOTHING, /* changes the look of the one before it */
};
/* Of a character of folded text. */
enum char_kind char_kind(uint32_t cp);
