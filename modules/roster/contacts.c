/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/roster/contacts.h"

#include "modules/presence/presence.h"
#include "modules/roster/shared.h"

#define CONTACT_COST 40 /* bytes for each that hears of a change: session_charge */

/* ---- one contact ---- */

static void send_presence(struct event *ev, enum stanza_type type, struct jid from,
                          struct jid to)
{
	struct stanza *s = stanza_new(ev->arena, STANZA_PRESENCE, type);

	s->from = from;
	s->to = to;
	event_send(ev, s);
}

void contact_tell(struct event *ev, enum stanza_type type, struct jid contact)
{
	send_presence(ev, type, entity_jid(ev->entity), contact);
}

int roster_may_see(struct event *ev, struct jid who)
{
	struct roster_item item;
	int err;

	if (jid_bare_eq(who, entity_jid(ev->entity)))
		return 1;
	err = roster_find(ev, jid_bare(who), &item);
	if (err < 0)
		return err == ERR_NOENT ? 0 : err;
	return item.subscription.from;
}

void roster_show(struct event *ev, struct jid who)
{
	struct session *s = NULL;

	while ((s = entity_next_session(ev->entity, s)) != NULL)
		if (session_is_available(s))
			event_send(ev, session_presence(ev, s, who));
}

void roster_hide(struct event *ev, struct jid who)
{
	struct session *s = NULL;

	while ((s = entity_next_session(ev->entity, s)) != NULL)
		if (session_is_available(s))
			send_presence(ev, TYPE_UNAVAILABLE, jid_copy(ev->arena, session_jid(s)),
			              who);
}

/* The answer goes to the session that wants to know, not to all (§4.3.1). */
void roster_probe(struct event *ev, struct jid who)
{
	struct jid from = ev->session == NULL ? entity_jid(ev->entity)
	                                      : jid_copy(ev->arena, session_jid(ev->session));

	send_presence(ev, TYPE_PROBE, from, who);
}

/* ---- all contacts ---- */

/* What a session's few bytes cause is charged to it; what its end causes is not. */
static void charge(struct event *ev, int64_t bytes)
{
	if (ev->stanza->type == TYPE_AVAILABLE)
		session_charge(ev->session, bytes);
}

static int show_to(void *arg, const struct roster_item *item)
{
	struct event *ev = arg;

	if (!item->subscription.from)
		return 0;
	charge(ev, CONTACT_COST);
	event_send(ev, stanza_readdress(ev->arena, ev->stanza, ev->stanza->from, item->jid));
	return 0;
}

/* §4.4.2, §4.5.2: what is shown was written once; each contact costs a header. */
int contacts_changed(struct mod *m, struct event *ev)
{
	return shared_each(m, ev, show_to, ev);
}

/* §4.2.2; what was asked is asked again, as the contact's server may not have got it (§3.1.2). */
static int greet(void *arg, const struct roster_item *item)
{
	struct event *ev = arg;

	charge(ev, CONTACT_COST);
	if (item->subscription.to)
		roster_probe(ev, item->jid);
	if (item->subscription.ask)
		contact_tell(ev, TYPE_SUBSCRIBE, item->jid);
	return show_to(arg, item);
}

int contacts_available(struct mod *m, struct event *ev)
{
	int err = shared_introduce(m, ev);

	return err < 0 ? err : shared_each(m, ev, greet, ev);
}

static int ask_again(void *arg, const struct roster_item *item)
{
	struct event *ev = arg;

	session_charge(ev->session, CONTACT_COST);
	if (item->subscription.to)
		roster_probe(ev, item->jid);
	return 0;
}

/*
 * What presence was on its way to the session when the server ended is lost, so it asks for it, as
 * a new one does.  Contacts have nothing to learn: to them it was there all the time.
 */
int contacts_resumed(struct mod *m, struct event *ev)
{
	if (!session_was_restored(ev->session) || !session_is_available(ev->session))
		return MOD_PASS;
	return shared_each(m, ev, ask_again, ev);
}

/* ---- probes (§4.3.2) ---- */

/* Who asks may have been resumed, and have seen that one. */
static void tell_vanished(void *arg, struct jid full)
{
	struct event *ev = arg;

	send_presence(ev, TYPE_UNAVAILABLE, full, ev->stanza->from);
}

static void answer_probe(struct event *ev)
{
	const struct stanza *probe = ev->stanza;
	bool any = false;
	struct session *s = NULL;

	while ((s = entity_next_session(ev->entity, s)) != NULL) {
		if (!session_is_available(s) ||
		    (!jid_is_bare(probe->to) && !jid_eq(probe->to, session_jid(s))))
			continue;
		event_send(ev, session_presence(ev, s, probe->from));
		any = true;
	}
	if (jid_is_bare(probe->to))
		presence_each_vanished(ev, tell_vanished, ev);
	if (!any)
		send_presence(ev, TYPE_UNAVAILABLE, probe->to, probe->from);
}

/* §4.6: who got directed presence of that session knows already what he may know. */
static bool is_shown(struct event *ev)
{
	struct session *s = entity_session(ev->entity, jid_resource(ev->stanza->to));

	return s != NULL && presence_is_directed(s, ev->stanza->from);
}

int contacts_probed(struct mod *m, struct event *ev)
{
	int may;

	if (ev->stanza->kind != STANZA_PRESENCE || ev->stanza->type != TYPE_PROBE)
		return MOD_PASS;
	may = roster_may_see(ev, ev->stanza->from);
	if (may < 0)
		return may;
	if (may == 0)
		return is_shown(ev) ? MOD_HANDLED : event_refuse_probe(ev);
	answer_probe(ev);
	return MOD_HANDLED;
}
