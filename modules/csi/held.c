/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/csi/held.h"

#define ROOM_BYTES 64 /* alignment, and an end for each text */

struct held {
	struct held *next;
	struct arena *arena; /* in which this stands */
	const struct stanza *stanza;
	int64_t bytes;
};

static struct held *held_new(const struct stanza *s)
{
	struct stanza header = *s;
	struct arena *arena = arena_new(sizeof(struct held) + sizeof(header) + ROOM_BYTES +
	                                jid_full_str(s->from).n + jid_full_str(s->to).n +
	                                s->id.n + s->lang.n);
	struct held *h = ARENA_NEW(arena, struct held);

	header.node = NULL;
	header.inner = stanza_share(s, NS_CLIENT);
	h->arena = arena;
	h->stanza = stanza_copy(arena, &header);
	h->bytes = (int64_t)(arena_size(arena) + shared_str(header.inner).n);
	return h;
}

static void held_free(struct held *h)
{
	struct shared_buf *inner = h->stanza->inner;
	struct arena *arena = h->arena;

	shared_unref(&inner);
	arena_free(&arena);
}

bool held_add(struct held **list, const struct stanza *s, int64_t count, int64_t bytes)
{
	struct held *h = held_new(s);

	count--;
	bytes -= h->bytes;
	while (*list != NULL) {
		struct held *old = *list;

		if (jid_eq(old->stanza->from, s->from)) {
			*list = old->next;
			held_free(old);
			continue;
		}
		count--;
		bytes -= old->bytes;
		list = &old->next;
	}
	if (count < 0 || bytes < 0) {
		held_free(h);
		return false;
	}
	*list = h;
	return true;
}

static struct held *take_first(struct held **list)
{
	struct held *first = *list;

	if (first != NULL)
		*list = first->next;
	return first;
}

void held_write(struct held **list, struct event *ev, struct session *session)
{
	struct held *h;

	while ((h = take_first(list)) != NULL) {
		event_write(ev, session, h->stanza);
		held_free(h);
	}
}

void held_clear(struct held **list)
{
	struct held *h;

	while ((h = take_first(list)) != NULL)
		held_free(h);
}
