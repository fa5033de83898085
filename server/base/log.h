/*
 * log.h - lines for the operator, on standard error.
 *
 * "2026-11-21T07:00:00.123Z info c2s#41 romeo@a.example: session resumed": lower case, no full
 * stop, cause last after a colon.  error = someone must act; warning = should look; info = the
 * operator's story of the day; debug = ours.  Never a password, a message body or a token.
 * Lines that a peer can cause go through log_peer_*: they share one budget per second, and what
 * is over it is counted and told in one line.  Control characters in arguments are written as
 * \xNN.  Under systemd (JOURNAL_STREAM names standard error) lines begin with "<N>" and bear no
 * time.
 *
 * Thread: any.  A line is one write(2).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/str.h"

enum log_level {
	LOG_ERROR,
	LOG_WARNING,
	LOG_INFO,
	LOG_DEBUG,
};

/*
 * Who a line speaks of: "c2s" 41 "romeo@a.example".  Any part may be missing; a NULL ctx is the
 * server itself, whose lines read "2026-11-21T07:00:00.123Z info: ready".
 */
struct log_ctx {
	const char *kind;
	uint64_t number; /* 0: none */
	struct str name;
};

void log_set_level(enum log_level level);
bool log_enabled(enum log_level level);
MUST_CHECK int log_level_parse(struct str name, enum log_level *level_out);

void log_write(enum log_level level, bool by_peer, const struct log_ctx *ctx,
               const char *format, ...) PRINTF_LIKE(4, 5);

#define LOG_AT(level, by_peer, ctx, ...) \
	(log_enabled(level) ? log_write((level), (by_peer), (ctx), __VA_ARGS__) : (void)0)
#define log_error(ctx, ...) LOG_AT(LOG_ERROR, false, (ctx), __VA_ARGS__)
#define log_warning(ctx, ...) LOG_AT(LOG_WARNING, false, (ctx), __VA_ARGS__)
#define log_info(ctx, ...) LOG_AT(LOG_INFO, false, (ctx), __VA_ARGS__)
#define log_debug(ctx, ...) LOG_AT(LOG_DEBUG, false, (ctx), __VA_ARGS__)
#define log_peer_error(ctx, ...) LOG_AT(LOG_ERROR, true, (ctx), __VA_ARGS__)
#define log_peer_warning(ctx, ...) LOG_AT(LOG_WARNING, true, (ctx), __VA_ARGS__)
#define log_peer_info(ctx, ...) LOG_AT(LOG_INFO, true, (ctx), __VA_ARGS__)
#define log_peer_debug(ctx, ...) LOG_AT(LOG_DEBUG, true, (ctx), __VA_ARGS__)
