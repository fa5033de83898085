/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/roster/owed.h"

void owed_add(struct event *ev, struct jid contact)
{
	struct record_writer w;

	if (jid_is_none(contact))
		return;
	record_begin(&w, 1);
	record_put_str(&w, jid_bare_str(contact));
	record_put_i64(&w, core_started_ms(ev->core));
	event_put(ev, &roster_owed_space, item_key(ev, contact), record_finish(&w, ev->arena));
}

void owed_forget(struct event *ev, struct jid contact)
{
	event_delete(ev, &roster_owed_space, item_key(ev, contact));
}

/* A scan may not write, so what it finds is listed. */
struct owed {
	struct owed *next;
	struct jid contact;
	int64_t started_ms; /* of the server that sent it last */
};

struct walk {
	struct event *ev;
	struct owed *first;
};

static int on_owed(void *arg, struct str key, struct str value)
{
	struct walk *walk = arg;
	struct arena *arena = walk->ev->arena;
	struct owed *o = ARENA_NEW(arena, struct owed);
	struct record_reader r;
	struct str text;

	if (record_open(&r, value) != 1)
		return ERR_CORRUPT;
	text = arena_copy(arena, record_str(&r));
	o->started_ms = record_i64(&r);
	if (record_end(&r) < 0 || jid_parse(arena, text, &o->contact) < 0)
		return ERR_CORRUPT;
	o->next = walk->first;
	walk->first = o;
	return 0;
}

int owed_send(struct event *ev)
{
	struct walk walk = { .ev = ev };
	int err = event_scan(ev, &roster_owed_space, STR(""), STR_NONE, 0, on_owed, &walk);

	for (const struct owed *o = walk.first; err == 0 && o != NULL; o = o->next) {
		struct stanza *s;

		if (o->started_ms == core_started_ms(ev->core)) {
			owed_forget(ev, o->contact);
			continue;
		}
		s = stanza_new(ev->arena, STANZA_PRESENCE, TYPE_UNSUBSCRIBE);
		s->from = entity_jid(ev->entity);
		s->to = o->contact;
		event_send(ev, s);
		owed_add(ev, o->contact);
	}
	return err;
}
