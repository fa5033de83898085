/*
 * record.c - stored values: a version byte, then fields in order.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/store/record.h"

#include "server/base/err.h"

void record_begin(struct record_writer *w, uint8_t version)
{
	w->out = (struct buf){ 0 };
	buf_append_byte(&w->out, (char)version);
}

void record_put_u64(struct record_writer *w, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		buf_append_byte(&w->out, (char)(uint8_t)(v | 0x80));
	buf_append_byte(&w->out, (char)v);
}

/* Zigzag: 0, -1, 1, -2 become 0, 1, 2, 3, so that small numbers of either sign are short. */
void record_put_i64(struct record_writer *w, int64_t v)
{
	uint64_t bits = (uint64_t)v << 1;

	record_put_u64(w, v < 0 ? ~bits : bits);
}

void record_put_str(struct record_writer *w, struct str s)
{
	record_put_u64(w, s.n);
	buf_append(&w->out, s);
}

struct str record_finish(struct record_writer *w, struct arena *arena)
{
	struct str bytes = arena_copy(arena, buf_str(&w->out));

	buf_deinit(&w->out);
	return bytes;
}

uint8_t record_open(struct record_reader *r, struct str value)
{
	*r = (struct record_reader){ .in = value };
	if (str_is_empty(value)) {
		r->err = ERR_CORRUPT;
		return 0;
	}
	r->pos = 1;
	return (uint8_t)value.p[0];
}

uint64_t record_u64(struct record_reader *r)
{
	uint64_t v = 0;

	for (unsigned shift = 0; r->err == 0 && r->pos < r->in.n; shift += 7) {
		uint8_t byte = (uint8_t)r->in.p[r->pos++];

		if (shift == 63 && byte > 1)
			break; /* more than 64 bits, or an eleventh byte */
		v |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return v;
	}
	r->err = ERR_CORRUPT;
	return 0;
}

int64_t record_i64(struct record_reader *r)
{
	uint64_t bits = record_u64(r);

	return (int64_t)((bits & 1) != 0 ? ~(bits >> 1) : bits >> 1);
}

struct str record_str(struct record_reader *r)
{
	uint64_t n = record_u64(r);
	struct str s;

	if (r->err == 0 && n > r->in.n - r->pos)
		r->err = ERR_CORRUPT;
	if (r->err < 0)
		return STR("");
	s = str_make(r->in.p + r->pos, (size_t)n);
	r->pos += (size_t)n;
	return s;
}

bool record_more(const struct record_reader *r)
{
	return r->err == 0 && r->pos < r->in.n;
}

int record_end(const struct record_reader *r)
{
	if (r->err < 0)
		return r->err;
	return r->pos == r->in.n ? 0 : ERR_CORRUPT;
}
