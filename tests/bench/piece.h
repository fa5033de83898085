/*
 * piece.h - looking into a stanza without parsing it.
 *
 * The stanzas come from a server that is being measured, not from an enemy, so finding a text in
 * them is good enough, and costs the generator little.  A piece borrows its bytes.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct piece {
	const char *p;
	size_t n;
};

bool piece_is(struct piece in, const char *text);
bool piece_has(struct piece in, const char *text);
bool piece_starts(struct piece in, const char *text);

/* How often TEXT stands in it. */
unsigned piece_count(struct piece in, const char *text);

/* The text between the first ">" and the "<" after it; empty when there is none. */
struct piece piece_text(struct piece in);

/* The same behind the first OPEN, such as "<status". */
struct piece piece_text_of(struct piece in, const char *open);

/* The value of an attribute of the first tag, as written; empty when it has none. */
struct piece piece_attribute(struct piece in, const char *name);
