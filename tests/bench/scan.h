/*
 * scan.h - cuts the bytes of an XMPP stream into stanzas.
 *
 * It follows tags and quotes only, which is enough to find where a stanza ends and costs about
 * a nanosecond per byte, so the generator takes little of the machine that it shares with the
 * server.  RFC 6120 §11.1 forbids comments, processing instructions and DTDs, and no server
 * sends CDATA sections, so "<!" is an error here. It does not check names, namespaces or UTF-8.
 *
 *	<stream:stream ...>  <message>..</message>  <presence/>  </stream:stream>
 *	 depth 0 -> 1         \____ a stanza ____/               depth 1 -> 0: end
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/bench/buf.h"

#include <stdbool.h>

enum scan_state {
	SCAN_TEXT,
	SCAN_OPENED, /* behind "<" */
	SCAN_START_TAG,
	SCAN_END_TAG,
	SCAN_DECLARATION,
};

struct scan {
	struct buf pending; /* an incomplete stanza, from its "<" */
	size_t seen;        /* bytes of pending already looked at */
	unsigned depth;
	enum scan_state state;
	char quote; /* inside an attribute value: its quote, else 0 */
};

/* STANZA is borrowed for the call.  With NULL and 0 the peer has closed its stream. */
typedef void scan_fn(void *ctx, const char *stanza, size_t n);

void scan_deinit(struct scan *s);

/* Expect a new stream, from its header on.  May be called inside the callback. */
void scan_restart(struct scan *s);

/*
 * Look at N more bytes and call FN for each stanza that they complete.
 * Returns 0; -1 for what no XMPP server may send, or a stanza of more than a megabyte.
 */
int scan_feed(struct scan *s, const char *p, size_t n, scan_fn *fn, void *ctx);
