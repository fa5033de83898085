/*
 * presence.c - which sessions are available, and what they show of themselves (RFC 6121 §4).
 *
 * Presence without an address is noted at the session and shown to the account's own sessions;
 * who else may see it is told by those who know them, in HOOK_AVAILABLE, HOOK_UPDATED and
 * HOOK_UNAVAILABLE: the roster's contacts, and those who got directed presence (directed.c).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/presence/directed.h"
#include "modules/presence/vanished.h"

static const struct conf_option options[] = {
	CONF_OPT_INT("directed", struct presence_conf, directed, 500, 1, 100000,
	             "addresses that a session may have sent directed presence to at a time"),
	{ 0 },
};

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

/* §4.2.2: all of the account's available sessions see it, the session itself too. */
static void show_own(struct event *ev)
{
	struct session *s = NULL;

	while ((s = entity_next_session(ev->entity, s)) != NULL)
		if (session_is_available(s))
			event_offer(ev, s,
			            stanza_readdress(ev->arena, ev->stanza, ev->stanza->from,
			                             session_jid(s)));
}

/* And a session that comes sees those that are there, as if it had probed them (§4.3). */
static void show_others(struct event *ev)
{
	struct session *s = NULL;

	while ((s = entity_next_session(ev->entity, s)) != NULL)
		if (s != ev->session && session_is_available(s))
			event_offer(ev, ev->session,
			            session_presence(ev, s, session_jid(ev->session)));
}

static int become_available(struct mod *m, struct event *ev)
{
	bool initial = !session_is_available(ev->session);
	int64_t priority;

	if (read_priority(ev, &priority) < 0)
		return event_error(ev, STANZA_BAD_REQUEST);
	ev->stanza = event_share(ev, ev->stanza);
	session_set_presence(ev->session, ev->stanza, (int)priority);
	show_own(ev);
	if (initial) {
		vanished_note(m, ev);
		show_others(ev);
	}
	return event_hooks(ev, initial ? HOOK_AVAILABLE : HOOK_UPDATED);
}

/* Of a session that was not available only those hear whom it wrote to itself. */
static int tell_gone(struct mod *m, struct event *ev, bool was_available)
{
	int result = was_available ? event_hooks(ev, HOOK_UNAVAILABLE) : MOD_PASS;

	directed_end(m, ev);
	return result;
}

static int become_unavailable(struct mod *m, struct event *ev)
{
	bool was = session_is_available(ev->session);

	ev->stanza = event_share(ev, ev->stanza);
	show_own(ev);
	session_set_presence(ev->session, NULL, 0);
	return tell_gone(m, ev, was);
}

static int on_sent(struct mod *m, struct event *ev)
{
	const struct stanza *s = ev->stanza;
	int result;

	if (s->kind != STANZA_PRESENCE)
		return MOD_PASS;
	if (!jid_is_none(s->to))
		return directed_note(m, ev);
	if (s->type == TYPE_AVAILABLE)
		result = become_available(m, ev);
	else if (s->type == TYPE_UNAVAILABLE)
		result = become_unavailable(m, ev);
	else /* all others are for somebody */
		result = event_error(ev, STANZA_BAD_REQUEST);
	return result == MOD_PASS ? MOD_HANDLED : result;
}

/* §4.5.2: a session that ends without a word has become unavailable all the same. */
static int on_ended(struct mod *m, struct event *ev)
{
	struct stanza *gone = stanza_new(ev->arena, STANZA_PRESENCE, TYPE_UNAVAILABLE);
	bool was = session_is_available(ev->session);
	int result;

	gone->from = jid_copy(ev->arena, session_jid(ev->session));
	ev->stanza = event_share(ev, gone);
	session_set_presence(ev->session, NULL, 0);
	if (was)
		show_own(ev);
	result = tell_gone(m, ev, was);
	ev->stanza = NULL;
	return result;
}

static void show_vanished(void *arg, struct jid full)
{
	struct event *ev = arg;
	struct stanza *gone = stanza_new(ev->arena, STANZA_PRESENCE, TYPE_UNAVAILABLE);

	gone->from = full;
	gone->to = jid_copy(ev->arena, session_jid(ev->session));
	event_offer(ev, ev->session, gone);
}

/*
 * Nobody but the session itself has to hear that it is connected again (XEP-0198 §5); and it knows
 * of all that happened, unless the server ended meanwhile.
 */
static int on_resumed(struct mod *m, struct event *ev)
{
	if (!session_was_restored(ev->session))
		return MOD_PASS;
	directed_ask_rooms(m, ev);
	if (!session_is_available(ev->session))
		return MOD_PASS;
	presence_each_vanished(ev, show_vanished, ev);
	show_others(ev);
	return MOD_PASS;
}

static const struct mod_hook hooks[] = {
	{ HOOK_SENT, PHASE_ACT, on_sent },
	{ HOOK_RESUMED, PHASE_ACT, on_resumed },
	{ HOOK_ENDED, PHASE_ACT, on_ended },
	{ 0 },
};

const struct mod_def mod_presence = {
	.abi = MOD_ABI,
	.name = "presence",
	.summary = "keeps which sessions are available, and what they show of themselves",
	.conf_size = sizeof(struct presence_conf),
	.options = options,
	.session_size = sizeof(struct presence_state),
	.session_save = directed_save,
	.session_load = directed_load,
	.hooks = hooks,
	.spaces = MOD_SPACES(&seen_space),
};
