/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/dispatch.h"

/*
 * RFC 6121 §8.5.2.1.1: of those that are not negative, the highest priority; equals all get it.
 */
static int best_priority(struct event *ev)
{
	struct session *s = NULL;
	int best = -1;

	while ((s = entity_next_session(ev->entity, s)) != NULL)
		if (session_is_available(s) && session_priority(s) > best &&
		    !event_passes_by(ev, s))
			best = session_priority(s);
	return best;
}

static bool deliver_from(struct event *ev, int least)
{
	struct session *s = NULL;
	bool any = false;

	if (least < 0)
		return false;
	while ((s = entity_next_session(ev->entity, s)) != NULL) {
		if (!session_is_available(s) || session_priority(s) < least ||
		    event_passes_by(ev, s))
			continue;
		event_deliver(ev, s, ev->stanza);
		any = true;
	}
	return any;
}

/* §8.5.2.2: nobody there to take it. */
static int undelivered(struct event *ev)
{
	int result = event_hooks(ev, HOOK_UNDELIVERED);

	return result != MOD_PASS ? result : event_error(ev, STANZA_SERVICE_UNAVAILABLE);
}

/* For those who want to know of it: XEP-0280. */
static int delivered(struct event *ev)
{
	int result = event_hooks(ev, HOOK_DELIVERED);

	return result == MOD_PASS ? MOD_HANDLED : result;
}

static int to_account(struct event *ev)
{
	switch (ev->stanza->type) {
	case TYPE_GROUPCHAT: /* §8.5.2.1.1: never to an account */
		return event_error(ev, STANZA_SERVICE_UNAVAILABLE);
	case TYPE_HEADLINE:
		deliver_from(ev, 0);
		return delivered(ev);
	case TYPE_ERROR:
		return MOD_HANDLED;
	default:
		return deliver_from(ev, best_priority(ev)) ? delivered(ev) : undelivered(ev);
	}
}

int dispatch_message(struct event *ev)
{
	const struct stanza *s = ev->stanza;
	struct session *to;

	if (jid_is_bare(s->to))
		return to_account(ev);
	to = entity_session(ev->entity, jid_resource(s->to));
	if (to != NULL) {
		event_deliver(ev, to, s);
		return delivered(ev);
	}
	switch (s->type) { /* §8.5.3.2.1 */
	case TYPE_CHAT:
		return to_account(ev);
	case TYPE_HEADLINE:
	case TYPE_ERROR:
		return MOD_HANDLED;
	default:
		return event_error(ev, STANZA_SERVICE_UNAVAILABLE);
	}
}
