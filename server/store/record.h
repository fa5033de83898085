/*
 * record.h - stored values: a version byte, then fields in order.
 *
 * Writer and reader remember their first error, so that code lists the fields once and checks
 * once (record_end).  Numbers are LEB128 varints (signed ones zigzag), text is a varint length
 * and bytes.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/arena.h"
#include "server/base/buf.h"

struct record_writer {
	struct buf out;
};
void record_begin(struct record_writer *w, uint8_t version);
void record_put_u64(struct record_writer *w, uint64_t v);
void record_put_i64(struct record_writer *w, int64_t v);
void record_put_str(struct record_writer *w, struct str s);
/* The bytes, copied to ARENA; frees the writer. */
struct str record_finish(struct record_writer *w, struct arena *arena);

struct record_reader {
	struct str in;
	size_t pos;
	int err;
};
/*
 * Start reading; returns the version byte (0 for an empty value, which is an error that
 * record_end tells).
 */
uint8_t record_open(struct record_reader *r, struct str value);
uint64_t record_u64(struct record_reader *r);
int64_t record_i64(struct record_reader *r);
struct str record_str(struct record_reader *r); /* borrowed from the value */
/* are there bytes left: for lists at the end */
bool record_more(const struct record_reader *r);
/* 0 when every field was there and nothing is left; else ERR_CORRUPT. */
MUST_CHECK int record_end(const struct record_reader *r);
