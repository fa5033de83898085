/*
 * sm_element.h - the elements of stream management, as they are written and read (XEP-0198).
 *
 * Counts are kept for ever, and stand on the wire modulo 2^32 (§4).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/buf.h"
#include "xml/node.h"

void sm_write_a(struct buf *out, uint64_t handled);
void sm_write_resume(struct buf *out, struct str previd, uint64_t handled);
void sm_write_resumed(struct buf *out, struct str previd, uint64_t handled);
/* CONDITION: of a stanza error.  HANDLED: of the stream that is not resumed (§5); NULL: that is not known. */
void sm_write_failed(struct buf *out, const char *condition, const uint64_t *handled);
/* The application's condition of a stream error (§6): H of SENT were acknowledged. */
void sm_write_too_high(struct buf *out, uint32_t h, uint64_t sent);

/* The count that ELEMENT tells; ERR_INVALID: it tells none. */
MUST_CHECK int sm_read_h(const struct xml_node *element, uint32_t *h_out);
/* Does <enable/> ask for a stream that can be resumed, or <enabled/> promise it? */
bool sm_is_resumable(const struct xml_node *element);
