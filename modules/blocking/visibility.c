/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/blocking/visibility.h"

#include "modules/blocking/filter.h"
#include "modules/presence/presence.h"

#define CONTACT_COST 20 /* bytes for each: session_charge */
#define RULES_COST 20   /* rules for each byte */

/* One session, and the lists that applied and apply to it. */
struct view {
	struct session *session;
	const struct rule_list *before, *after;
};

struct walk {
	struct mod *m;
	struct event *ev;
	struct view *views;
	size_t n;
	size_t contacts, rules; /* looked at, one by one */
	int err;
};

/* What changed for somebody: the decisions of both lists. */
struct turn {
	int before, after;
};

/* ---- telling ---- */

static const struct stanza *presence(struct event *ev, enum stanza_type type, struct jid from,
                                     struct jid to)
{
	struct stanza *s = stanza_new(ev->arena, STANZA_PRESENCE, type);

	s->from = jid_copy(ev->arena, from);
	s->to = jid_copy(ev->arena, to);
	return s;
}

static void tell_gone(const struct walk *w, struct session *s, struct jid to)
{
	struct rules *rules = mod_entity_state(w->m, w->ev->entity);

	rules->last_word = presence(w->ev, TYPE_UNAVAILABLE, session_jid(s), to);
	event_send(w->ev, rules->last_word);
	rules->last_word = NULL;
}

/* WHO sees the session, or is seen to go by it. */
static void turn_out(const struct walk *w, struct session *s, struct jid who, struct turn turn)
{
	if (turn.after > turn.before)
		tell_gone(w, s, who);
	else if (turn.after < turn.before)
		event_send(w->ev, session_presence(w->ev, s, jid_copy(w->ev->arena, who)));
}

/* What became of the contact meanwhile its server knows. */
static void turn_in(const struct walk *w, struct session *s, struct jid who, struct turn turn)
{
	struct jid jid = session_jid(s);

	if (turn.after > turn.before)
		event_deliver(w->ev, s, presence(w->ev, TYPE_UNAVAILABLE, who, jid));
	else if (turn.after < turn.before)
		event_send(w->ev, presence(w->ev, TYPE_PROBE, jid, who));
}

/* ---- contacts ---- */

static bool is_same(const struct view *a, const struct view *b)
{
	return a->before == b->before && a->after == b->after;
}

static size_t length(const struct rule_list *list)
{
	return list == NULL ? 0 : list->n - list->n_blocks;
}

static int decide(struct walk *w, const struct view *view, const struct roster_item *item,
                  enum rule_part part, struct turn *turn)
{
	w->rules += length(view->before) + length(view->after);
	turn->before = filter_denies_contact(w->ev, view->before, item, part);
	turn->after = filter_denies_contact(w->ev, view->after, item, part);
	return turn->before < 0 ? turn->before : turn->after < 0 ? turn->after : 0;
}

/* Most sessions share one list: it is asked once for them. */
static int on_contact(void *arg, const struct roster_item *item)
{
	struct walk *w = arg;
	struct turn in = { 0 }, out = { 0 };
	int err = 0;

	w->contacts++;
	for (size_t i = 0; i < w->n && err == 0; i++) {
		const struct view *view = &w->views[i];
		bool known = i > 0 && is_same(view, view - 1);

		if (!known && item->subscription.from)
			err = decide(w, view, item, PART_PRESENCE_OUT, &out);
		if (err == 0 && !known && item->subscription.to)
			err = decide(w, view, item, PART_PRESENCE_IN, &in);
		if (err < 0)
			return err;
		if (session_is_available(view->session)) {
			turn_out(w, view->session, item->jid, out);
			turn_in(w, view->session, item->jid, in);
		}
	}
	return err;
}

/* ---- one device of a contact ---- */

/*
 * A rule for a full JID stands for no contact, so the roster does not lead to it.  Blocks alone
 * are looked at: that is what the blocking command makes.
 */
static int on_device(const struct walk *w, const struct view *view, struct jid who)
{
	struct turn out = {
		.before = filter_denies(w->ev, view->before, who, PART_PRESENCE_OUT),
		.after = filter_denies(w->ev, view->after, who, PART_PRESENCE_OUT),
	};
	int may = out.before < 0 ? out.before : out.after < 0 ? out.after : 0;

	if (may == 0 && out.before != out.after)
		may = roster_may_see(w->ev, who);
	if (may > 0)
		turn_out(w, view->session, who, out);
	return may < 0 ? may : 0;
}

/* The full JIDs that LIST blocks and OTHER does not. */
static int walk_devices(const struct walk *w, const struct view *view,
                        const struct rule_list *list, const struct rule_list *other)
{
	int err = 0;

	for (size_t i = 0; list != NULL && i < list->n && err == 0; i++) {
		const struct rule *r = &list->rules[i];

		if (rule_is_block(r) && !jid_is_bare(r->jid) && !rules_block(other, r->jid))
			err = on_device(w, view, r->jid);
	}
	return err;
}

/* ---- directed presence (RFC 6121 §4.6) ---- */

struct directed {
	struct walk *walk;
	const struct view *view;
};

/*
 * Rooms among them: the session leaves one that it does not hear any more.  Contacts who may see
 * the session anyway have been told.
 */
static bool on_directed(void *arg, struct session *s, struct jid to)
{
	const struct directed *d = arg;
	struct event *ev = d->walk->ev;
	int denied = filter_denies(ev, d->view->after, to, PART_PRESENCE_OUT);
	int told = denied == 1 && session_is_available(s) ? roster_may_see(ev, to) : 0;

	if (denied < 0 || told < 0)
		d->walk->err = denied < 0 ? denied : told;
	if (denied == 1 && told == 0)
		tell_gone(d->walk, s, to);
	return denied == 1;
}

/* ---- all ---- */

int visibility_note(struct mod *m, struct event *ev, struct visibility *before_out)
{
	const struct rules_session *state = mod_session_state(m, ev->session);

	before_out->active = state->active;
	return rules_snapshot(m, ev, &before_out->rules);
}

static struct view view_of(const struct walk *w, const struct visibility *before,
                           const struct rules *now, struct session *s)
{
	const struct rules_session *state = mod_session_state(w->m, s);
	uint64_t active = s == w->ev->session ? before->active : state->active;

	return (struct view){ .session = s,
		              .before = rules_active(&before->rules, active),
		              .after = rules_for(w->m, now, s) };
}

static int walk_view(struct walk *w, const struct view *view)
{
	struct directed directed = { w, view };
	int err = 0;

	if (session_is_available(view->session))
		err = walk_devices(w, view, view->before, view->after);
	if (err == 0 && session_is_available(view->session))
		err = walk_devices(w, view, view->after, view->before);
	if (err == 0)
		presence_each_directed(w->ev, view->session, on_directed, &directed);
	return err < 0 ? err : w->err;
}

/* The sessions that lists apply to, or did. */
static void find_views(struct walk *w, const struct visibility *before, const struct rules *now)
{
	struct session *s = NULL;

	while ((s = entity_next_session(w->ev->entity, s)) != NULL)
		w->n++;
	w->views = ARENA_ARRAY(w->ev->arena, struct view, w->n);
	w->n = 0;
	while ((s = entity_next_session(w->ev->entity, s)) != NULL) {
		struct view view = view_of(w, before, now, s);

		if (view.before != NULL || view.after != NULL)
			w->views[w->n++] = view;
	}
}

int visibility_change(struct mod *m, struct event *ev, const struct visibility *before)
{
	struct walk w = { .m = m, .ev = ev };
	const struct rules *now;
	int err = rules_load(m, ev, &now);

	if (err < 0 || ev->owner == 0)
		return err;
	find_views(&w, before, now);
	if (w.n > 0)
		err = roster_each(ev, on_contact, &w);
	for (size_t i = 0; i < w.n && err == 0; i++)
		err = walk_view(&w, &w.views[i]);
	session_charge(ev->session,
	               (int64_t)(w.contacts * CONTACT_COST + w.rules / RULES_COST));
	return err;
}
