/*
 * stream_private.h - the state of a stream, for the two files that work on it.  Private to this
 * layer.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "xml/parser_pool.h"

#define TOKEN_BYTES KIB(16) /* one tag; text is no token.  Three full JIDs and then some. */

enum stream_state {
	EXPECT_HEADER,
	OPEN,
	CLOSED, /* the end tag was seen */
	FAILED,
};

struct xml_stream {
	struct xml_pool *pool;
	const struct xml_stream_ops *ops;
	void *owner;
	const struct xml_limits *limits;
	struct parser *parser; /* NULL while quiet */
	struct buf prologue;   /* KIND_PRIVATE only */
	enum parser_kind kind;
	enum stream_state state;
	enum xml_result error; /* FAILED: which */
	bool feeding;
	bool pause;
	bool restart; /* wanted by a callback */
};
