/*
 * carbons.c - copies of an account's messages to those of its sessions that asked for them
 * (XEP-0280).
 *
 *     sent by a session       HOOK_SENT                           ─┐  to each session that enabled
 *     received                HOOK_DELIVERED, HOOK_UNDELIVERED     ├▶ carbons and neither sent the
 *     sent to the own account the same, and it counts as sent     ─┘  message nor gets it itself
 *
 * What refuses a message does so in a phase before, and a copy leaves with its event or not at
 * all.  A message that is delivered once more was copied the first time.  Stores nothing but, with
 * a managed session, that it has carbons.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/carbons/eligible.h"
#include "modules/mam/mam.h"
#include "modules/presence/presence.h"

struct carbons_session {
	bool enabled;
};

struct carbons_entity {
	struct recent copied; /* messages, by exchange_key: errors in reply are copied too */
};

/* ---- XEP-0280 §4, §5 ---- */

static int set_enabled(struct mod *m, struct event *ev, bool enabled)
{
	struct carbons_session *state = mod_session_state(m, ev->session);

	if (state->enabled != enabled)
		session_changed(ev->session);
	state->enabled = enabled;
	return event_result(ev, NULL);
}

static int on_enable(struct mod *m, struct event *ev)
{
	return set_enabled(m, ev, true);
}

static int on_disable(struct mod *m, struct event *ev)
{
	return set_enabled(m, ev, false);
}

/* §4.1, §5.1: for a client of another server. */
static int on_stranger(struct mod *m, struct event *ev)
{
	return event_error(ev, STANZA_NOT_ALLOWED);
}

static void save(struct mod *m, struct session *s, struct record_writer *w)
{
	const struct carbons_session *state = mod_session_state(m, s);

	if (state->enabled)
		record_put_u64(w, 1);
}

static int load(struct mod *m, struct session *s, struct record_reader *r)
{
	struct carbons_session *state = mod_session_state(m, s);

	state->enabled = record_u64(r) == 1;
	return record_end(r);
}

/* ---- which messages ---- */

static bool is_own(const struct event *ev)
{
	return jid_bare_eq(ev->stanza->from, ev->stanza->to);
}

/*
 * A message and the error that answers it have the same: its id, who else takes part, and which
 * way the message went.
 */
static struct str exchange_key(struct event *ev, bool sent)
{
	const struct stanza *s = ev->stanza;
	struct str peer = jid_bare_str(sent ? s->to : s->from);
	bool message_sent = sent != (s->type == TYPE_ERROR);
	const char *way = is_own(ev) ? "=" : message_sent ? ">" : "<";

	return arena_printf(ev->arena, "%s" STR_FMT "\n" STR_FMT, way, STR_ARG(peer),
	                    STR_ARG(s->id));
}

static bool is_eligible(struct mod *m, struct event *ev, const struct stanza *s, bool sent)
{
	struct carbons_entity *state = mod_entity_state(m, ev->entity);

	if (s->type == TYPE_ERROR) /* §6.1: in response to one that was */
		return !str_is_empty(s->id) &&
		       recent_has(&state->copied, exchange_key(ev, sent));
	return carbons_eligible(s, sent);
}

/* ---- copies ---- */

/*
 * After PREV, one that is to get a copy of what SENDER (or somebody else: NULL) sent; AVAILABLE: of
 * those that are.
 */
static struct session *next_reader(struct mod *m, struct event *ev, struct session *prev,
                                   const struct session *sender, bool available)
{
	struct session *s = prev;

	while ((s = entity_next_session(ev->entity, s)) != NULL) {
		const struct carbons_session *state = mod_session_state(m, s);

		if (state->enabled && s != sender && !event_delivers_to(ev, s) &&
		    !event_passes_by(ev, s) && (!available || session_is_available(s)))
			return s;
	}
	return NULL;
}

/* §7, §8: S forwarded (XEP-0297), from the account, without an address. */
static struct stanza *wrap(struct event *ev, const struct stanza *s, bool sent)
{
	struct stanza *carbon = stanza_new(ev->arena, STANZA_MESSAGE, s->type);
	struct xml_node *n =
		xml_add(ev->arena, stanza_node(carbon), NS_CARBONS, sent ? "sent" : "received");

	carbon->from = entity_jid(ev->entity);
	xml_append(xml_add(ev->arena, n, NS_FORWARD, "forwarded"),
	           stanza_element(ev->arena, s));
	return carbon;
}

/* §6.1: a word to an occupant of a room is for those who are in that room too. */
static bool is_of_room(struct session *sender, struct session *reader, struct jid to)
{
	return sender != NULL && !jid_is_bare(to) && presence_is_in_room(sender, to) &&
	       !presence_is_in_room(reader, to);
}

static void copy(struct mod *m, struct event *ev, bool sent, struct session *sender,
                 bool available)
{
	struct carbons_entity *state = mod_entity_state(m, ev->entity);
	struct session *reader = next_reader(m, ev, NULL, sender, available);
	const struct stanza *s = ev->stanza, *shared;

	if (reader == NULL || s->type == TYPE_GROUPCHAT)
		return;
	if (s->node == NULL)
		s = stanza_unshare(ev->arena, s);
	if (s == NULL || !is_eligible(m, ev, s, sent))
		return;
	if (sent && !is_own(ev)) /* XEP-0313 §3.4: what others get has no id of our archive */
		s = mam_stamp(ev, s);
	shared = event_share(ev, wrap(ev, s, sent));
	for (; reader != NULL; reader = next_reader(m, ev, reader, sender, available))
		if (!is_of_room(sender, reader, s->to))
			event_copy(ev, reader,
			           stanza_readdress(ev->arena, shared, shared->from,
			                            session_jid(reader)));
	if (s->type != TYPE_ERROR && !str_is_empty(s->id))
		recent_add(&state->copied, exchange_key(ev, sent));
}

static int on_sent(struct mod *m, struct event *ev)
{
	if (ev->stanza->kind == STANZA_MESSAGE && !is_own(ev))
		copy(m, ev, true, ev->session, false);
	return MOD_PASS;
}

static void copy_received(struct mod *m, struct event *ev, bool available)
{
	const struct stanza *s = ev->stanza;

	if (!ev->again)
		copy(m, ev, is_own(ev),
		     is_own(ev) ? entity_session(ev->entity, jid_resource(s->from)) : NULL,
		     available);
}

static int on_delivered(struct mod *m, struct event *ev)
{
	copy_received(m, ev, false);
	return MOD_PASS;
}

/*
 * Those who asked for copies want to see it, though it found nobody (§2).  It may be stored, and
 * who is not available yet gets it from there.
 */
static int on_undelivered(struct mod *m, struct event *ev)
{
	copy_received(m, ev, true);
	return MOD_PASS;
}

static void on_entity_end(struct mod *m, void *state)
{
	recent_clear(&((struct carbons_entity *)state)->copied);
}

static const struct mod_iq iqs[] = {
	{ NS_CARBONS, "enable", IQ_SET | TO_SELF | AT_SENDER, on_enable },
	{ NS_CARBONS, "disable", IQ_SET | TO_SELF | AT_SENDER, on_disable },
	{ NS_CARBONS, "enable", IQ_SET | TO_HOST, on_stranger },
	{ NS_CARBONS, "disable", IQ_SET | TO_HOST, on_stranger },
	{ 0 },
};

static const struct mod_hook hooks[] = {
	{ HOOK_SENT, PHASE_ACT, on_sent },
	{ HOOK_DELIVERED, PHASE_ACT, on_delivered },
	{ HOOK_UNDELIVERED, PHASE_FILTER, on_undelivered },
	{ 0 },
};

const struct mod_def mod_carbons = {
	.abi = MOD_ABI,
	.name = "carbons",
	.summary = "copies messages to an account's other devices",
	.xep = "XEP-0280 1.0.1, XEP-0297 1.0",
	.session_size = sizeof(struct carbons_session),
	.entity_size = sizeof(struct carbons_entity),
	.entity_end = on_entity_end,
	.session_save = save,
	.session_load = load,
	.iqs = iqs,
	.hooks = hooks,
	.features = MOD_FEATURES(NS_CARBONS, NS_CARBONS_RULES),
	.account_features = MOD_FEATURES(NS_CARBONS, NS_CARBONS_RULES),
};
