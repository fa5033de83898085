/*
 * key.c - making keys that sort as their parts do.
 *
 * What stands in a key for a text part:
 *
 *     bytes (00 as 00 FF) | 00 01                     the whole text
 *     bytes (00 as 00 FF) | 00 02 | SHA-256 of it     a text that is longer than STORE_KEY_TEXT_MAX
 *
 * Both ends sort before every byte that can go on a text, so a text sorts before its
 * continuations.  The limit is of encoded bytes: 162 at most for a part, whatever it holds.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/store/key.h"

#include "server/base/digest.h"
#include "server/base/err.h"

#include <string.h>

#define MARK_END 0x01
#define MARK_CUT 0x02
#define MARK_NUL 0xff
#define HASH_BYTES 32 /* of SHA-256 */

void key_init(struct store_key *k)
{
	k->n = 0;
}

static void add_byte(struct store_key *k, uint8_t byte)
{
	ASSERT(k->n < STORE_KEY_MAX);
	k->bytes[k->n++] = byte;
}

void key_bytes(struct store_key *k, struct str fixed)
{
	ASSERT(fixed.n <= STORE_KEY_MAX - k->n);
	if (fixed.n > 0)
		memcpy(k->bytes + k->n, fixed.p, fixed.n);
	k->n += fixed.n;
}

void key_u64(struct store_key *k, uint64_t part)
{
	for (int shift = 56; shift >= 0; shift -= 8)
		add_byte(k, (uint8_t)(part >> shift));
}

void key_text(struct store_key *k, struct str part)
{
	size_t room = STORE_KEY_TEXT_MAX;
	uint8_t hash[DIGEST_MAX];

	for (size_t i = 0; i < part.n; i++) {
		uint8_t byte = (uint8_t)part.p[i];
		size_t need = byte == 0 ? 2 : 1;

		if (need > room) {
			digest_hash(DIGEST_SHA256, part, hash);
			add_byte(k, 0);
			add_byte(k, MARK_CUT);
			key_bytes(k, str_make((const char *)hash, HASH_BYTES));
			return;
		}
		room -= need;
		add_byte(k, byte);
		if (byte == 0)
			add_byte(k, MARK_NUL);
	}
	add_byte(k, 0);
	add_byte(k, MARK_END);
}

struct str store_key(struct arena *arena, struct str a, struct str b, struct str c)
{
	const struct str parts[] = { a, b, c };
	struct store_key k;

	key_init(&k);
	for (size_t i = 0; i < ARRAY_LEN(parts) && !str_is_absent(parts[i]); i++)
		key_text(&k, parts[i]);
	return arena_copy(arena, key_str(&k));
}

int key_read_u64(struct str key, size_t *pos, uint64_t *part_out)
{
	uint64_t part = 0;

	if (*pos > key.n || key.n - *pos < 8)
		return ERR_CORRUPT;
	for (size_t i = 0; i < 8; i++)
		part = part << 8 | (uint8_t)key.p[*pos + i];
	*pos += 8;
	*part_out = part;
	return 0;
}

/*
 * Where the part that begins at FROM ends (its mark), and what mark that is; ERR_CORRUPT when
 * there is none.
 */
static int find_mark(struct str key, size_t from, size_t *at_out, uint8_t *mark_out)
{
	for (size_t i = from; i + 1 < key.n; i++) {
		uint8_t mark = (uint8_t)key.p[i + 1];

		if (key.p[i] != 0)
			continue;
		if (mark == MARK_END || (mark == MARK_CUT && key.n - i >= 2 + HASH_BYTES)) {
			*at_out = i;
			*mark_out = mark;
			return 0;
		}
		if (mark != MARK_NUL)
			return ERR_CORRUPT;
		i++;
	}
	return ERR_CORRUPT;
}

int key_read_text(struct arena *arena, struct str key, size_t *pos, struct str *part_out)
{
	size_t end;
	uint8_t mark;
	char *text;
	size_t n = 0;
	int err = find_mark(key, *pos, &end, &mark);

	if (err < 0)
		return err;
	text = arena_alloc(arena, end - *pos + 1);
	for (size_t i = *pos; i < end; i++) {
		text[n++] = key.p[i];
		if (key.p[i] == 0)
			i++; /* its MARK_NUL */
	}
	text[n] = '\0';
	*pos = end + 2 + (mark == MARK_CUT ? HASH_BYTES : 0);
	*part_out = str_make(text, n);
	return 0;
}
