/*
 * remote_bounce.c - what could not be said to another server goes back to who said it (RFC 6120 §8.3).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/remote_private.h"

#include "server/core/event.h"

#define LOSSES_MAX \
	8 /* streams, each later than the one before, on which nothing was acknowledged */

/* Nobody is there: as if the contact's server had said so. */
static int answer_probe(struct event *ev)
{
	struct stanza *reply = stanza_new(ev->arena, STANZA_PRESENCE, TYPE_UNAVAILABLE);

	reply->from = jid_bare(ev->stanza->to);
	reply->to = ev->stanza->from;
	event_send(ev, reply);
	return MOD_HANDLED;
}

static int bounce(struct event *ev, enum stanza_error condition, const char *text)
{
	if (ev->stanza->type == TYPE_PROBE)
		return answer_probe(ev);
	if (ev->stanza->type == TYPE_UNAVAILABLE)
		return MOD_HANDLED;
	return event_error_text(ev, condition,
	                        text == NULL ? NULL : arena_cstr(ev->arena, str_of(text)));
}

void bounce_letter(struct entity *e, const struct letter *letter, enum stanza_error condition,
                   const char *text)
{
	struct arena *arena = arena_new(1024);
	struct letter own = *letter;
	struct event *ev;

	own.stanza = stanza_unshare(arena, letter->stanza);
	if (own.stanza == NULL) { /* it stays a row */
		arena_free(&arena);
		return;
	}
	ev = event_begin(arena, e, NULL, own.stanza);
	event_arrived(ev, &own, NULL);
	event_end(ev, bounce(ev, condition, text));
}

/* It has a number on disk, and no row. */
static void bounce_numbered(struct remote_link *l, const struct remote_item *item,
                            const struct stanza *s, struct arena *arena,
                            enum stanza_error condition, const char *text)
{
	struct event *ev = event_begin(arena, l->remote->entity, NULL, s);
	int result = bounce(ev, condition, text);

	queue_delete_item(event_batch(ev), l, item);
	event_end(ev, result);
}

static void bounce_item(struct remote_link *l, struct remote_item *item,
                        enum stanza_error condition, const char *text)
{
	struct arena *arena = arena_new(1024);
	struct letter letter = {
		.stanza = stanza_read(arena, arena_copy(arena, str_make(item->bytes, item->n))),
		.row = item->row,
	};

	if (letter.stanza == NULL) {
		arena_free(&arena);
	} else if (item->stored || item->storing) {
		bounce_numbered(l, item, letter.stanza, arena, condition, text);
	} else {
		bounce_letter(l->remote->entity, &letter, condition, text);
		arena_free(&arena);
	}
	l->gaps = l->gaps || item->number != 0;
	queue_drop(l, item);
}

void bounce_poison(struct remote_link *l)
{
	struct remote_item *first = TAILQ_FIRST(&l->items);

	if (l->losses < LOSSES_MAX || first == NULL)
		return;
	log_peer_warning(NULL, STR_FMT " ends each stream at the first stanza: it goes back",
	                 STR_ARG(remote_name(l->remote)));
	l->losses = 0;
	bounce_item(l, first, STANZA_REMOTE_SERVER_TIMEOUT,
	            "the other server ends the connection when it gets this");
}

void bounce_all(struct remote_link *l, enum stanza_error condition, const char *text)
{
	struct remote_item *item;

	while ((item = TAILQ_FIRST(&l->items)) != NULL)
		bounce_item(l, item, condition, text);
}

void bounce_hasty(struct remote_link *l, enum stanza_error condition, const char *text)
{
	struct core *core = link_core(l);
	int64_t now = shard_now(core->shard);
	struct remote_item *next;

	for (struct remote_item *item = TAILQ_FIRST(&l->items); item != NULL; item = next) {
		next = TAILQ_NEXT(item, link);
		if (now - item->since_ms >= queue_patience_ms(core, item))
			bounce_item(l, item, condition, text);
	}
}
