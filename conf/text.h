/*
 * text.h - the text of a configuration file, before it is parsed.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/buf.h"

/*
 * Append the whole of FILE to TEXT: 0, or -errno (-EISDIR for a folder, -EFBIG beyond
 * TEXT_FILE_MAX: a device without end).
 */
#define TEXT_FILE_MAX MIB(16)
MUST_CHECK int text_read(const char *file, struct buf *text);

/*
 * Turn every block (name, title and all between its braces) into blanks; line ends stay.  So
 * the options outside of blocks can be read while nobody knows yet which blocks there may be.
 * A block that does not end is blank up to the end.
 */
void text_blank_blocks(struct buf *text);
