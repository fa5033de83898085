/*
 * asks.c - the requests for an <a/> of one session that are not answered yet, and how long each takes.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/bench/asks.h"

#include <stdlib.h>

void asks_deinit(struct asks *a)
{
	free(a->ring);
	*a = (struct asks){ 0 };
}

bool asks_has_room(const struct asks *a)
{
	return a->asked - a->answered < ASKS_MAX;
}

void asks_now(struct asks *a, struct client *c, uint64_t now)
{
	if (!asks_has_room(a))
		return;
	if (a->ring == NULL)
		a->ring = buf_zalloc(ASKS_MAX * sizeof(*a->ring));
	a->ring[a->asked++ % ASKS_MAX] = (struct ask){ c->sm.sent, now };
	a->silent = 0;
	client_ask(c);
}

void asks_sent(struct asks *a, struct client *c, unsigned every, uint64_t now)
{
	if (++a->silent >= every)
		asks_now(a, c, now);
}

void asks_answered(struct asks *a, const struct client *c, struct histogram *out)
{
	uint64_t now = uv_hrtime();

	for (; a->answered != a->asked; a->answered++) {
		const struct ask *first = &a->ring[a->answered % ASKS_MAX];

		if (first->sent > c->sm.acked)
			return;
		histogram_add(out, now - first->at_ns);
	}
}
