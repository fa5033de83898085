/*
 * fuzz_stream.c - the stream parser: whatever comes, however it is split, the same elements come out, and what is
 * counted as used is what was.
 *
 * The input is a stream; fed at once, byte by byte, in two more sizes, and with a pause after each element.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/buf.h"
#include "tests/fuzz/fuzz.h"
#include "xml/parser.h"
#include "xml/writer.h"

struct peer {
	struct xml_stream *stream;
	struct buf log;
	bool pause;
};

static void on_open(void *owner, const struct xml_node *header, struct str default_ns)
{
	struct peer *peer = owner;

	xml_write(&peer->log, header, default_ns);
	if (peer->pause)
		xml_stream_pause(peer->stream);
}

static void on_element(void *owner, struct arena *arena, struct xml_node *element)
{
	struct peer *peer = owner;

	ASSERT(!xml_stream_in_element(peer->stream) || element != NULL);
	xml_write(&peer->log, element, STR_NONE);
	arena_free(&arena);
	if (peer->pause)
		xml_stream_pause(peer->stream);
}

/* Feed in pieces of SIZE bytes; returns how many were used when the stream closed, or all. */
static size_t feed(struct xml_pool *pool, struct peer *peer, struct str input, size_t size)
{
	static const struct xml_stream_ops ops = { on_open, on_element };
	enum xml_result result = XML_READ_OK;
	size_t at = 0;

	buf_clear(&peer->log);
	peer->stream = xml_stream_new(pool, &ops, peer);
	while (at < input.n && (result == XML_READ_OK || result == XML_READ_PAUSED)) {
		struct str piece = str_slice(input, at, at + size);
		size_t used;

		result = xml_stream_feed(peer->stream, piece, &used);
		ASSERT(used <= piece.n);
		ASSERT(used == piece.n || result == XML_READ_PAUSED ||
		       result == XML_READ_CLOSED);
		at += used;
	}
	xml_stream_free(&peer->stream);
	return result == XML_READ_CLOSED ? at : input.n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t sizes[] = { SIZE_MAX / 2, 1, 3, 50 };
	struct str input = fuzz_str(data, size);
	struct xml_pool *pool = xml_pool_new();
	struct peer first = { 0 };
	struct peer other = { 0 };
	size_t used = feed(pool, &first, input, sizes[0]);

	for (int pause = 0; pause < 2; pause++) {
		for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
			other.pause = pause;
			ASSERT(feed(pool, &other, input, sizes[i]) == used);
			ASSERT(str_eq(buf_str(&first.log), buf_str(&other.log)));
		}
	}
	buf_deinit(&first.log);
	buf_deinit(&other.log);
	xml_pool_free(&pool);
	return 0;
}
