/*
 * key.h - making keys that sort as their parts do.
 *
 * A part of text is written so that no text is a prefix of another one's encoding and byte
 * order is kept (0x00 inside becomes 00 FF, the end is 00 01); numbers are big endian.  LMDB
 * takes keys of up to STORE_KEY_MAX bytes behind owner and space; a text part longer than
 * STORE_KEY_TEXT_MAX is cut there and continued by its SHA-256, so that a key always fits and
 * distinct texts stay distinct (their order past the cut is lost; values that need the text
 * keep it).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/arena.h"

#define STORE_KEY_MAX 501 /* 511 less owner and space */
/* Bytes of one text part before it is cut: three such parts fit. */
#define STORE_KEY_TEXT_MAX 128

struct store_key {
	size_t n;
	uint8_t bytes[STORE_KEY_MAX];
};

void key_init(struct store_key *k);
void key_text(struct store_key *k, struct str part);
void key_u64(struct store_key *k, uint64_t part);
void key_bytes(struct store_key *k, struct str fixed); /* a part whose length never varies */
static inline struct str key_str(const struct store_key *k)
{
	return str_make((const char *)k->bytes, k->n);
}

/* The common case: a key of up to three text parts, in ARENA; absent parts end the list. */
struct str store_key(struct arena *arena, struct str a, struct str b, struct str c);
/*
 * Read back a text part at *pos; *part_out in ARENA.  ERR_CORRUPT; a cut part comes back cut.
 */
MUST_CHECK int key_read_text(struct arena *arena, struct str key, size_t *pos,
                             struct str *part_out);
MUST_CHECK int key_read_u64(struct str key, size_t *pos, uint64_t *part_out);
