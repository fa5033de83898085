/*
 * terms.h - from text to the terms by which it is found.
 *
 * A word of letters and digits is a term, folded (xml/fold.h).  What is written without spaces
 * (Han, kana, Hangul, Thai …) gives each pair of neighbours, and the last character of a run by
 * itself; so a text is found by any part of it of two characters, and by one as the beginning
 * of a pair or an end.  An emoji is a term.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/module.h"

#define TERM_BYTES 48 /* of a term; what is longer is cut, also where it is looked for */
#define TERMS_MAX 512 /* of a message; those behind are not looked at */
#define TERMS_TEXT_BYTES KIB(8) /* of a message; likewise */
#define TERMS_ASKED_MAX 16      /* of a question; likewise */
#define TERM_PREFIX_CHARS 3     /* what is so long is found as the beginning of a word too */

struct term {
	struct str text;
	bool is_prefix; /* in a question: of anything that begins so */
};
struct terms {
	struct term *all; /* in order of bytes, each once; in the arena */
	size_t n;
};

/* What a message is found by. */
void terms_read(struct arena *arena, struct str text, struct terms *terms_out);
/* What TEXT asks for: all of them must be found.  None: it has no words. */
void terms_ask(struct arena *arena, struct str text, struct terms *terms_out);
/* Does a term match what is asked for? */
bool term_matches(const struct term *asked, struct str text);
