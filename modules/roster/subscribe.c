/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/roster/subscribe.h"

#include "modules/roster/contacts.h"
#include "modules/roster/owed.h"
#include "modules/roster/push.h"
#include "modules/roster/request.h"
#include "modules/roster/shared.h"
#include "modules/roster/subscription.h"

/* ---- what both directions have in common ---- */

/* A contact whose subscription is about to change. */
struct change {
	struct roster_item item;
	struct subscription before;
	bool listed; /* is it in the roster? */
	unsigned actions;
};

typedef unsigned change_fn(struct subscription *s, enum stanza_type type);

static int change_load(struct event *ev, struct jid contact, change_fn *fn, struct change *c)
{
	int err = item_load(ev, contact, &c->item, &c->listed);

	if (err < 0)
		return err;
	c->before = c->item.subscription;
	c->actions = fn(&c->item.subscription, ev->stanza->type);
	return 0;
}

/*
 * Is the contact in the roster, or in it from now on?  Whoever only asked is not (§3.1.3), and
 * who is not is not entered by a state of none.
 */
static bool belongs_in_roster(const struct change *c)
{
	const struct subscription *s = &c->item.subscription;

	return c->listed || s->to || s->from || s->ask || s->approved;
}

static bool is_same(const struct subscription *a, const struct subscription *b)
{
	return a->to == b->to && a->from == b->from && a->ask == b->ask &&
	       a->approved == b->approved;
}

/*
 * What the contact must learn even if the server ends before it does: what the user did, and what
 * was granted for him.
 */
static int note_owed(struct event *ev, struct jid contact, const struct subscription *before,
                     const struct subscription *after)
{
	bool wants_before = before->to || before->ask, wants = after->to || after->ask;
	unsigned owed = 0, avoided = 0;

	if (wants != wants_before && ev->session != NULL)
		*(wants ? &avoided : &owed) |= OWED_UNSUBSCRIBE;
	if (after->from != before->from)
		*(after->from ? &owed : &avoided) |= OWED_SUBSCRIBED;
	return owed == 0 && avoided == 0 ? 0 : owed_change(ev, contact, owed, avoided);
}

/* The roster after a change, on disk and at the sessions; the request is request.c's. */
static int keep(struct mod *m, struct event *ev, struct change *c)
{
	const struct roster_conf *conf = mod_conf(m);
	int err = note_owed(ev, c->item.jid, &c->before, &c->item.subscription);

	if (err < 0)
		return err;
	if (c->before.asked && !c->item.subscription.asked)
		request_forget(ev, c->item.jid);
	if (!belongs_in_roster(c) || is_same(&c->before, &c->item.subscription))
		return 0;
	err = item_put(ev, &c->item, c->listed, conf->items);
	return err < 0 ? err : roster_push(m, ev, NULL, &c->item, false);
}

/* ---- out ---- */

/* §3.1.2, §3.1.5, §3.2.2, §3.3.2; who may see no more is told before (§3.2.2). */
static int send_subscription(struct mod *m, struct event *ev, struct jid contact)
{
	struct change c;
	int err = change_load(ev, contact, subscription_out, &c);

	if (err < 0)
		return err;
	if ((c.actions & SUBSCRIPTION_HIDE) != 0)
		roster_hide(ev, contact);
	if ((c.actions & SUBSCRIPTION_ROUTE) != 0)
		event_send(ev, stanza_readdress(ev->arena, ev->stanza, entity_jid(ev->entity),
		                                contact));
	if ((c.actions & SUBSCRIPTION_CHANGED) != 0)
		err = keep(m, ev, &c);
	if ((c.actions & SUBSCRIPTION_SHOW) != 0)
		roster_show(ev, contact);
	return err < 0 ? err : MOD_HANDLED;
}

int subscribe_sent(struct mod *m, struct event *ev)
{
	struct jid contact = jid_bare(ev->stanza->to);
	struct roster_item over = { .jid = contact };
	int shared;

	if (!stanza_is_subscription(ev->stanza) || jid_is_none(ev->stanza->to))
		return MOD_PASS;
	if (jid_eq(contact, entity_jid(ev->entity)))
		return MOD_HANDLED; /* an account sees itself as it is */
	if (ev->owner == 0)
		return event_error_text(ev, STANZA_NOT_ALLOWED,
		                        "a temporary account has no contacts");
	shared = shared_overlay(m, ev, &over);
	if (shared > 0)
		return event_error_text(ev, STANZA_NOT_ALLOWED,
		                        "everyone of this group sees everyone");
	return shared < 0 ? shared : send_subscription(m, ev, contact);
}

/* ---- in ---- */

/* §3.1.3: a request to whoever is there; §3.1.6 and others: the outcome to who has the roster. */
static void show_sessions(struct mod *m, struct event *ev, struct jid contact)
{
	const struct stanza *s =
		stanza_readdress(ev->arena, ev->stanza, contact, entity_jid(ev->entity));
	struct session *to = NULL;

	while ((to = entity_next_session(ev->entity, to)) != NULL) {
		const struct roster_session *state = mod_session_state(m, to);

		if (s->type == TYPE_SUBSCRIBE ? session_is_available(to) : state->interested)
			event_offer(ev, to, s);
	}
}

/* A request beyond what may wait is not there: nobody was told that it is. */
static int admit_request(struct mod *m, struct event *ev, struct jid contact, bool *admitted)
{
	const struct roster_conf *conf = mod_conf(m);
	int n = request_count(ev, conf->requests);

	*admitted = n >= 0 && n < conf->requests;
	if (*admitted)
		request_keep(ev, contact);
	return n < 0 ? n : 0;
}

/* Nobody's account any more, which the whole host had in its rosters. */
static bool has_left_group(struct mod *m, struct event *ev, const struct change *c)
{
	return ev->stanza->type == TYPE_UNSUBSCRIBED && !c->listed && shared_applies(m, ev) &&
	       str_eq(jid_domain(c->item.jid), host_name(ev->host));
}

/* §3.1.3, §3.1.6, §3.2.3, §3.3.3; the sessions hear of it before the push. */
static int take_subscription(struct mod *m, struct event *ev, struct jid contact)
{
	struct change c;
	bool admitted = true;
	int err = change_load(ev, contact, subscription_in, &c);

	if (err == 0 && c.item.subscription.asked && !c.before.asked)
		err = admit_request(m, ev, contact, &admitted);
	if (err < 0 || !admitted)
		return err < 0 ? err : MOD_HANDLED;
	if (has_left_group(m, ev, &c))
		err = roster_push(m, ev, NULL, &c.item, true);
	if ((c.actions & SUBSCRIPTION_ROUTE) != 0)
		show_sessions(m, ev, contact);
	if ((c.actions & SUBSCRIPTION_GRANT) != 0)
		contact_tell(ev, TYPE_SUBSCRIBED, contact);
	if ((c.actions & SUBSCRIPTION_DECLINE) != 0)
		contact_tell(ev, TYPE_UNSUBSCRIBE, contact);
	if (err == 0 && (c.actions & SUBSCRIPTION_CHANGED) != 0)
		err = keep(m, ev, &c);
	if ((c.actions & SUBSCRIPTION_HIDE) != 0)
		roster_hide(ev, contact);
	if ((c.actions & SUBSCRIPTION_SHOW) != 0)
		roster_show(ev, contact);
	return err < 0 ? err : MOD_HANDLED;
}

/* Somebody whose roster does not yet have the group; and one who is new in it (shared.h). */
static int take_shared(struct mod *m, struct event *ev, struct jid contact)
{
	struct roster_item item;
	bool listed;
	int err = item_load(ev, contact, &item, &listed);

	if (err < 0)
		return err;
	if (ev->stanza->type == TYPE_SUBSCRIBE)
		contact_tell(ev, TYPE_SUBSCRIBED, contact);
	if (ev->stanza->type == TYPE_SUBSCRIBED)
		err = roster_push(m, ev, NULL, &item, false);
	return err < 0 ? err : MOD_HANDLED;
}

int subscribe_received(struct mod *m, struct event *ev)
{
	struct roster_item over = { .jid = jid_bare(ev->stanza->from) };
	int shared;

	if (!stanza_is_subscription(ev->stanza))
		return MOD_PASS;
	if (ev->owner == 0 || jid_bare_eq(ev->stanza->from, entity_jid(ev->entity)))
		return MOD_HANDLED;
	shared = shared_overlay(m, ev, &over);
	if (shared < 0)
		return shared;
	return shared > 0 ? take_shared(m, ev, over.jid) : take_subscription(m, ev, over.jid);
}

/* ---- at login ---- */

int subscribe_available(struct mod *m, struct event *ev)
{
	int err;

	if (ev->owner == 0)
		return MOD_PASS;
	err = owed_send(ev);
	if (err == 0)
		err = requests_show(ev);
	return err < 0 ? err : MOD_PASS;
}

int subscribe_gone(struct mod *m, struct event *ev)
{
	int err = ev->owner == 0 ? 0 : owed_settle(ev);

	return err < 0 ? err : MOD_PASS;
}

/* ---- the end ---- */

static void tell_ended(struct event *ev, const struct roster_item *item)
{
	const struct subscription *s = &item->subscription;
	struct jid contact = jid_bare(item->jid);

	if (s->from)
		roster_hide(ev, contact);
	if (s->to || s->ask)
		contact_tell(ev, TYPE_UNSUBSCRIBE, contact);
	if (s->from || s->asked)
		contact_tell(ev, TYPE_UNSUBSCRIBED, contact);
}

int subscriptions_end(struct event *ev, const struct roster_item *item)
{
	static const struct subscription none = { .to = false };
	struct jid contact = jid_bare(item->jid);

	tell_ended(ev, item);
	if (item->subscription.asked)
		request_forget(ev, contact);
	return note_owed(ev, contact, &item->subscription, &none);
}

static int end_one(void *arg, const struct roster_item *item)
{
	tell_ended(arg, item);
	return 0;
}

int subscribe_removed(struct mod *m, struct event *ev)
{
	int err = shared_each(m, ev, end_one, ev);

	return err < 0 ? err : requests_refuse(ev);
}
