/*
 * presence.c - which sessions are available (RFC 6121 §4): so far among the sessions of one
 * account.
 *
 * Available and unavailable presence without an address is noted and shown to the account's
 * other available sessions, and to the session itself (§4.2.2).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/module.h"

/* RFC 6121 §4.7.2.3.  Out of range or no number: bad-request. */
static int read_priority(struct event *ev, int64_t *priority_out)
{
	struct str text = xml_child_text(ev->arena, ev->stanza->node, "priority");

	*priority_out = 0;
	if (str_is_absent(text))
		return 0;
	if (str_to_i64(str_trim(text), priority_out) < 0 || *priority_out < -128 ||
	    *priority_out > 127)
		return ERR_INVALID;
	return 0;
}

static void show(struct event *ev)
{
	struct session *s = NULL;

	while ((s = entity_next_session(ev->entity, s)) != NULL)
		if (session_is_available(s))
			event_deliver(ev, s,
			              stanza_readdress(ev->arena, ev->stanza, ev->stanza->from,
			                               session_jid(s)));
}

static int on_sent(struct mod *m, struct event *ev)
{
	const struct stanza *s = ev->stanza;
	int64_t priority;

	if (s->kind != STANZA_PRESENCE || !jid_is_none(s->to))
		return MOD_PASS;
	if (s->type != TYPE_AVAILABLE && s->type != TYPE_UNAVAILABLE)
		/* all others are for somebody */
		return event_error(ev, STANZA_BAD_REQUEST);
	if (read_priority(ev, &priority) < 0)
		return event_error(ev, STANZA_BAD_REQUEST);
	if (s->type == TYPE_AVAILABLE)
		session_set_presence(ev->session, true, (int)priority);
	show(ev);
	if (s->type == TYPE_UNAVAILABLE)
		session_set_presence(ev->session, false, 0);
	return MOD_HANDLED;
}

/* §4.5.2: a session that ends without a word has become unavailable all the same. */
static int on_ended(struct mod *m, struct event *ev)
{
	struct stanza *gone;
	struct session *s = NULL;

	if (!session_is_available(ev->session))
		return MOD_PASS;
	session_set_presence(ev->session, false, 0);
	gone = stanza_new(ev->arena, STANZA_PRESENCE, TYPE_UNAVAILABLE);
	gone->from = jid_copy(ev->arena, session_jid(ev->session));
	while ((s = entity_next_session(ev->entity, s)) != NULL)
		if (session_is_available(s))
			event_deliver(
				ev, s,
				stanza_readdress(ev->arena, gone, gone->from, session_jid(s)));
	return MOD_PASS;
}

static const struct mod_hook hooks[] = {
	{ HOOK_SENT, PHASE_ACT, on_sent },
	{ HOOK_ENDED, PHASE_ACT, on_ended },
	{ 0 },
};

const struct mod_def mod_presence = {
	.abi = MOD_ABI,
	.name = "presence",
	.summary = "keeps which sessions are available, and their priorities",
	.hooks = hooks,
};
