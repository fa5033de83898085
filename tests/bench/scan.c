/*
 * scan.c - cuts the bytes of an XMPP stream into stanzas.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/bench/scan.h"

#include <string.h>

#define STANZA_MAX ((size_t)1 << 20) /* bytes; far above what the traffic here makes */

/* The bytes under the scanner during one feed, pending and new ones in one piece. */
struct window {
	const char *p;
	size_t n;
	size_t at;    /* next byte to look at */
	size_t start; /* the "<" of the stanza under way */
	scan_fn *fn;
	void *ctx;
};

void scan_deinit(struct scan *s)
{
	buf_deinit(&s->pending);
}

void scan_restart(struct scan *s)
{
	s->depth = 0;
	s->state = SCAN_TEXT;
	s->quote = 0;
}

/* Move to the next C; at the end of the window when there is none. */
static bool skip_to(struct window *w, char c)
{
	const char *hit = memchr(w->p + w->at, c, w->n - w->at);

	w->at = hit != NULL ? (size_t)(hit - w->p) : w->n;
	return hit != NULL;
}

static void report(struct scan *s, struct window *w)
{
	s->state = SCAN_TEXT; /* before the callback, which may restart the scanner */
	if (s->depth == 1)
		w->fn(w->ctx, w->p + w->start, w->at - w->start);
	else if (s->depth == 0)
		w->fn(w->ctx, NULL, 0);
}

static void scan_text(struct scan *s, struct window *w)
{
	if (!skip_to(w, '<'))
		return;
	if (s->depth <= 1)
		w->start = w->at;
	w->at++;
	s->state = SCAN_OPENED;
}

static int scan_opened(struct scan *s, struct window *w)
{
	switch (w->p[w->at]) {
	case '!':
		return -1;
	case '/':
		s->state = SCAN_END_TAG;
		break;
	case '?':
		s->state = SCAN_DECLARATION;
		break;
	default:
		s->state = SCAN_START_TAG;
	}
	w->at++;
	return 0;
}

static void scan_start_tag(struct scan *s, struct window *w)
{
	for (; w->at < w->n; w->at++) {
		char c = w->p[w->at];

		if (s->quote != 0) {
			if (!skip_to(w, s->quote))
				return;
			s->quote = 0;
		} else if (c == '"' || c == '\'') {
			s->quote = c;
		} else if (c == '>') {
			bool empty = w->p[w->at - 1] == '/';

			w->at++;
			s->state = SCAN_TEXT;
			if (!empty)
				s->depth++;
			else
				report(s, w);
			return;
		}
	}
}

static int scan_end_tag(struct scan *s, struct window *w)
{
	if (!skip_to(w, '>'))
		return 0;
	w->at++;
	if (s->depth == 0)
		return -1;
	s->depth--;
	s->state = SCAN_TEXT;
	if (s->depth <= 1)
		report(s, w);
	return 0;
}

static int scan_step(struct scan *s, struct window *w)
{
	switch (s->state) {
	case SCAN_TEXT:
		scan_text(s, w);
		return 0;
	case SCAN_OPENED:
		return scan_opened(s, w);
	case SCAN_START_TAG:
		scan_start_tag(s, w);
		return 0;
	case SCAN_END_TAG:
		return scan_end_tag(s, w);
	case SCAN_DECLARATION:
		if (skip_to(w, '>')) {
			w->at++;
			s->state = SCAN_TEXT;
		}
		return 0;
	}
	return -1;
}

/* Keep what belongs to an incomplete stanza for the next feed. */
static int stash(struct scan *s, const struct window *w)
{
	bool idle = s->state == SCAN_TEXT && s->depth <= 1;
	size_t from = idle ? w->n : w->start;

	s->seen = w->n - from;
	if (s->seen > STANZA_MAX)
		return -1;
	if (s->pending.n > 0) {
		memmove(s->pending.p, s->pending.p + from, s->seen);
		s->pending.n = s->seen;
	} else {
		buf_add(&s->pending, w->p + from, s->seen);
	}
	return 0;
}

int scan_feed(struct scan *s, const char *p, size_t n, scan_fn *fn, void *ctx)
{
	struct window w = { .p = p, .n = n, .fn = fn, .ctx = ctx };

	if (s->pending.n > 0) {
		buf_add(&s->pending, p, n);
		w.p = s->pending.p;
		w.n = s->pending.n;
		w.at = s->seen;
	}
	while (w.at < w.n) {
		if (scan_step(s, &w) < 0)
			return -1;
	}
	return stash(s, &w);
}
