/*
 * peer.h - a stream whose events become text, so that whole conversations compare with one
 * assertion.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/buf.h"
#include "tests/lib/check_main.h"
#include "xml/parser.h"

#define HEADER \
	"<stream:stream xmlns='jabber:client' " \
	"xmlns:stream='http://etherx.jabber.org/streams' " \
	"to='a.example' version='1.0'>"
/* What the log of a peer calls that header. */
#define OPENED "[open stream to=a.example default=jabber:client]"

struct peer {
	struct xml_pool *pool;
	struct xml_stream *stream;
	struct buf log;
	bool pause_always;
	bool restart_at_auth;
	size_t elements;
};

extern const struct xml_stream_ops peer_ops; /* their owner is a struct peer */

struct peer *peer_new(void);
void peer_free(struct peer *peer);
/* A fresh stream of the same pool, and an empty log. */
void peer_renew(struct peer *peer);
/* Feed all of BYTES, going on after each pause; returns why it ended. */
enum xml_result feed_all(struct peer *peer, struct str bytes);
/* Fed to a fresh stream, at once and byte by byte, S ends with RESULT. */
void expect_bytes(struct str s, enum xml_result result);
void expect_result(const char *text, enum xml_result result);

#define ck_assert_log(peer, literal) ck_assert_str_is(buf_str(&(peer)->log), literal)
