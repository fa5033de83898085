/*
 * log.c - lines for the operator, on standard error.
 *
 * A line is put together on the stack and leaves in one write(2) of at most PIPE_BUF bytes, so
 * that lines of several threads never mix, not even in a pipe.  What is longer is cut and ends
 * in "...".
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/log.h"

#include "server/base/clock.h"
#include "server/base/err.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES PIPE_BUF
#define TEXT_MAX_BYTES 2048 /* of the message before escaping */
#define PEER_LINES_PER_SECOND 50

static const struct {
	const char *name;
	int priority; /* syslog(3)'s */
} levels[] = {
	[LOG_ERROR] = { "error", 3 },
	[LOG_WARNING] = { "warning", 4 },
	[LOG_INFO] = { "info", 6 },
	[LOG_DEBUG] = { "debug", 7 },
};

static atomic_int level_now = LOG_INFO;

/* What peers may write in one second. */
static struct {
	pthread_mutex_t lock;
	int64_t second;
	unsigned used;
	uint64_t left_out;
} budget = { .lock = PTHREAD_MUTEX_INITIALIZER };

struct line {
	size_t n;
	bool cut;
	char p[LINE_MAX_BYTES];
};

void log_set_level(enum log_level level)
{
	atomic_store_explicit(&level_now, (int)level, memory_order_relaxed);
}

bool log_enabled(enum log_level level)
{
	return (int)level <= atomic_load_explicit(&level_now, memory_order_relaxed);
}

int log_level_parse(struct str name, enum log_level *level_out)
{
	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		if (str_is(name, levels[i].name)) {
			*level_out = (enum log_level)i;
			return 0;
		}
	}
	return ERR_INVALID;
}

static void put(struct line *line, const char *p, size_t n)
{
	static const size_t room = sizeof(line->p) - sizeof("...\n");

	if (line->cut || n > room - line->n) {
		line->cut = true;
		return;
	}
	memcpy(line->p + line->n, p, n);
	line->n += n;
}

static void put_text(struct line *line, const char *text)
{
	put(line, text, strlen(text));
}

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Bytes of the character at I, 1 for what is no UTF-8 by its first look. */
static size_t char_length(struct str s, size_t i)
{
	unsigned char first = (unsigned char)s.p[i];
	size_t want = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 1;

	for (size_t k = 1; k < want; k++) {
		if (i + k >= s.n || !is_continuation(s.p[i + k]))
			return 1;
	}
	return want;
}

/*
 * C0 and DEL, C1 (as UTF-8 or as stray bytes): what a terminal may take for a command, or a
 * reader for a new line.
 */
static bool is_control(const char *p, size_t n)
{
	unsigned char first = (unsigned char)p[0];

	if (n == 1)
		return first < 0x20 || first >= 0x7f;
	return first == 0xc2 && (unsigned char)p[1] < 0xa0;
}

static void put_escaped(struct line *line, struct str s)
{
	for (size_t i = 0, n; i < s.n; i += n) {
		n = char_length(s, i);
		if (!is_control(s.p + i, n)) {
			put(line, s.p + i, n);
			continue;
		}
		for (size_t k = 0; k < n; k++) {
			char hex[sizeof("\\xNN")];

			snprintf(hex, sizeof(hex), "\\x%02x",
			         (unsigned)(unsigned char)s.p[i + k]);
			put_text(line, hex);
		}
	}
}

/*
 * Programs started from a desktop inherit JOURNAL_STREAM; it counts when it names our standard
 * error.
 */
static bool is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char own[64];
	struct stat st;

	if (stream == NULL || fstat(STDERR_FILENO, &st) < 0)
		return false;
	snprintf(own, sizeof(own), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return strcmp(stream, own) == 0;
}

static void put_time(struct line *line, int64_t wall_ms)
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm tm;
	char text[sizeof("2026-11-21T07:00:00")];
	char rest[sizeof(".123Z ")];

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	put_text(line, text);
	snprintf(rest, sizeof(rest), ".%03uZ ", (unsigned)(wall_ms % 1000) % 1000);
	put_text(line, rest);
}

static void put_subject(struct line *line, const struct log_ctx *ctx)
{
	const char *gap = "";

	if (ctx->kind != NULL) {
		put_text(line, ctx->kind);
		gap = " ";
	}
	if (ctx->number != 0) {
		char number[sizeof("#18446744073709551615")];

		snprintf(number, sizeof(number), "#%ju", (uintmax_t)ctx->number);
		put_text(line, number);
		gap = " ";
	}
	if (ctx->name.n > 0) {
		put_text(line, gap);
		put_escaped(line, ctx->name);
	}
}

static bool has_subject(const struct log_ctx *ctx)
{
	return ctx != NULL && (ctx->kind != NULL || ctx->number != 0 || ctx->name.n > 0);
}

/* "TIME level subject: ", or for the journal "<N>subject: ". */
static void put_head(struct line *line, enum log_level level, const struct log_ctx *ctx)
{
	bool journal = is_journal();

	if (journal) {
		char priority[] = { '<', (char)('0' + levels[level].priority), '>', '\0' };

		put_text(line, priority);
	} else {
		put_time(line, clock_wall_ms());
		put_text(line, levels[level].name);
	}
	if (has_subject(ctx)) {
		put_text(line, journal ? "" : " ");
		put_subject(line, ctx);
		put_text(line, ": ");
	} else {
		put_text(line, journal ? "" : ": ");
	}
}

static void write_line(enum log_level level, const struct log_ctx *ctx, struct str text,
                       bool cut)
{
	struct line line;
	ssize_t done;

	line.n = 0;
	line.cut = false;
	put_head(&line, level, ctx);
	put_escaped(&line, text);
	if (line.cut || cut) {
		memcpy(line.p + line.n, "...", 3);
		line.n += 3;
	}
	line.p[line.n++] = '\n';
	do {
		done = write(STDERR_FILENO, line.p, line.n);
	} while (done < 0 && errno == EINTR);
	/* A log that cannot be written is nobody's reason to stop. */
}

/* May a peer's line be written?  Also brings what earlier seconds left out, once. */
static bool budget_take(bool by_peer, uint64_t *left_out_out)
{
	int64_t now = clock_mono_ms() / 1000;
	bool granted = true;

	*left_out_out = 0;
	pthread_mutex_lock(&budget.lock);
	if (budget.second != now) {
		*left_out_out = budget.left_out;
		budget.second = now;
		budget.used = 0;
		budget.left_out = 0;
	}
	if (by_peer && budget.used >= PEER_LINES_PER_SECOND) {
		budget.left_out++;
		granted = false;
	} else if (by_peer) {
		budget.used++;
	}
	pthread_mutex_unlock(&budget.lock);
	return granted;
}

static void write_left_out(uint64_t count)
{
	char text[96];
	int n = snprintf(text, sizeof(text), "%ju lines about peers left out",
	                 (uintmax_t)count);

	if (log_enabled(LOG_WARNING))
		write_line(LOG_WARNING, NULL, str_make(text, (size_t)n), false);
}

void log_write(enum log_level level, bool by_peer, const struct log_ctx *ctx,
               const char *format, ...)
{
	int errno_before = errno;
	char text[TEXT_MAX_BYTES];
	uint64_t left_out;
	va_list args;
	bool granted;
	int n;

	granted = budget_take(by_peer, &left_out);
	if (left_out > 0)
		write_left_out(left_out);
	if (granted) {
		errno = errno_before; /* for %m */
		va_start(args, format);
		n = vsnprintf(text, sizeof(text), format, args);
		va_end(args);
		if (n >= 0) {
			bool cut = (size_t)n >= sizeof(text);
			size_t used = cut ? sizeof(text) - 1 : (size_t)n;

			/* Not in the middle of a character. */
			while (cut && used > 0 && is_continuation(text[used]))
				used--;
			write_line(level, ctx, str_make(text, used), cut);
		}
	}
	errno = errno_before;
}
