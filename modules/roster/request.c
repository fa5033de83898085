/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/roster/request.h"

#include "modules/roster/contacts.h"
#include "xml/writer.h"

#define REQUEST_MAX \
	KIB(4) /* bytes of a stanza that is kept whole; of a larger one, who asked */

void request_keep(struct event *ev, struct jid contact)
{
	struct stanza *s =
		stanza_readdress(ev->arena, ev->stanza, contact, entity_jid(ev->entity));
	struct stanza *bare = stanza_new(ev->arena, STANZA_PRESENCE, TYPE_SUBSCRIBE);
	struct str text =
		s->node == NULL ? STR_NONE : xml_print(ev->arena, stanza_element(ev->arena, s));

	bare->from = contact;
	bare->to = entity_jid(ev->entity);
	if (str_is_absent(text) || text.n > REQUEST_MAX)
		text = xml_print(ev->arena, stanza_element(ev->arena, bare));
	event_put(ev, &roster_request_space, item_key(ev, contact), text);
}

void request_forget(struct event *ev, struct jid contact)
{
	event_delete(ev, &roster_request_space, item_key(ev, contact));
}

static int count_one(void *arg, struct str key, struct str value)
{
	++*(int *)arg;
	return 0;
}

int request_count(struct event *ev, int64_t max)
{
	int n = 0;
	int err = event_scan(ev, &roster_request_space, STR(""), STR_NONE, (size_t)max,
	                     count_one, &n);

	return err < 0 ? err : n;
}

typedef void request_fn(struct event *ev, const struct stanza *request);

struct walk {
	struct event *ev;
	request_fn *fn;
};

static int on_request(void *arg, struct str key, struct str value)
{
	struct walk *walk = arg;
	struct arena *arena = walk->ev->arena;
	struct stanza *s = ARENA_NEW(arena, struct stanza);
	const struct xml_node *node;

	if (xml_read(arena, arena_copy(arena, value), &node) < 0 ||
	    stanza_parse(arena, node, s) != STANZA_PARSED)
		return ERR_CORRUPT;
	walk->fn(walk->ev, s);
	return 0;
}

static int each(struct event *ev, request_fn *fn)
{
	struct walk walk = { .ev = ev, .fn = fn };

	return event_scan(ev, &roster_request_space, STR(""), STR_NONE, 0, on_request, &walk);
}

static void show(struct event *ev, const struct stanza *request)
{
	event_offer(ev, ev->session, request);
}

int requests_show(struct event *ev)
{
	return each(ev, show);
}

static void refuse(struct event *ev, const struct stanza *request)
{
	contact_tell(ev, TYPE_UNSUBSCRIBED, request->from);
}

int requests_refuse(struct event *ev)
{
	return each(ev, refuse);
}
