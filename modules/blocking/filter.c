/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/blocking/filter.h"

/* ---- whom a rule is about ---- */

/* Someone, and what the roster says of them once it was asked. */
struct subject {
	struct event *ev;
	struct jid who;
	bool asked;
	struct roster_item item; /* zeroes for a stranger */
};

static int ask_roster(struct subject *subject)
{
	int err;

	if (subject->asked)
		return 0;
	err = roster_find(subject->ev, jid_bare(subject->who), &subject->item);
	if (err == ERR_NOENT) {
		subject->item = (struct roster_item){ .n_groups = 0 };
		err = 0;
	}
	subject->asked = true;
	return err;
}

static bool in_group(const struct roster_item *item, struct str group)
{
	for (size_t i = 0; i < item->n_groups; i++)
		if (str_eq(item->groups[i], group))
			return true;
	return false;
}

/* XEP-0016 §2.1: exactly that; "none" is everybody else. */
static bool has_subscription(const struct roster_item *item, struct str value)
{
	const struct subscription *s = &item->subscription;

	return str_is(value, s->to ? (s->from ? "both" : "to") : (s->from ? "from" : "none"));
}

/* 1, 0, or an error. */
static int is_about(const struct rule *r, struct subject *subject)
{
	int err;

	if (r->kind == RULE_ANY)
		return 1;
	if (r->kind == RULE_JID)
		return rule_jid_matches(r->jid, subject->who);
	err = ask_roster(subject);
	if (err < 0)
		return err;
	return r->kind == RULE_GROUP ? in_group(&subject->item, r->value)
	                             : has_subscription(&subject->item, r->value);
}

/* XEP-0016 §2.1: no session is ever cut off from the others, nor from the server. */
static bool is_own(const struct event *ev, struct jid jid)
{
	return jid_is_none(jid) || jid_bare_eq(jid, entity_jid(ev->entity)) ||
	       jid_bare_eq(jid, host_jid(ev->host));
}

/* XEP-0016 §2.2: the first rule that fits decides; without one, all is allowed. */
static int decide(const struct rule_list *list, struct subject *subject, enum rule_part part)
{
	if (list == NULL || is_own(subject->ev, subject->who))
		return 0;
	if (rules_begin_with(list, subject->who))
		return 1;
	for (size_t i = list->n_blocks; i < list->n; i++) {
		const struct rule *r = &list->rules[i];
		int fits = (r->parts & part) == 0 ? 0 : is_about(r, subject);

		if (fits != 0)
			return fits < 0 ? fits : r->deny;
	}
	return 0;
}

int filter_denies(struct event *ev, const struct rule_list *list, struct jid who,
                  enum rule_part part)
{
	struct subject subject = { .ev = ev, .who = who };

	return decide(list, &subject, part);
}

int filter_denies_contact(struct event *ev, const struct rule_list *list,
                          const struct roster_item *item, enum rule_part part)
{
	struct subject subject = { .ev = ev, .who = item->jid, .asked = true, .item = *item };

	return decide(list, &subject, part);
}

/* ---- what a stanza is ---- */

/* XEP-0016 §2.1: neither subscriptions nor probes are notifications. */
static bool is_notification(const struct stanza *s)
{
	return s->kind == STANZA_PRESENCE &&
	       (s->type == TYPE_AVAILABLE || s->type == TYPE_UNAVAILABLE);
}

static enum rule_part part_in(const struct stanza *s)
{
	if (s->kind == STANZA_MESSAGE)
		return PART_MESSAGE;
	if (s->kind == STANZA_IQ)
		return PART_IQ;
	return is_notification(s) ? PART_PRESENCE_IN : PART_REST;
}

static enum rule_part part_out(const struct stanza *s)
{
	return is_notification(s) ? PART_PRESENCE_OUT : PART_REST;
}

/* ---- going out ---- */

/* XEP-0191 §3.3. */
static int refuse(struct event *ev)
{
	struct xml_node *blocked = xml_new(ev->arena, NS_BLOCKING_ERRORS, "blocked");
	struct stanza *reply = stanza_error_reply(ev->arena, ev->stanza, STANZA_NOT_ACCEPTABLE,
	                                          "you have blocked this address", blocked);

	if (reply == NULL)
		return MOD_HANDLED;
	/* it is no use to change the stanza: cancel, not modify */
	xml_set(ev->arena, stanza_node(reply)->last, "type", STR("cancel"));
	event_send(ev, reply);
	return MOD_HANDLED;
}

int filter_sent(struct mod *m, struct event *ev)
{
	const struct stanza *s = ev->stanza;
	const struct rules *rules;
	int denied = rules_load(m, ev, &rules);

	if (denied < 0)
		return denied;
	if (rules->none)
		return MOD_PASS;
	denied = filter_denies(ev, rules_for(m, rules, ev->session), s->to, part_out(s));
	return denied == 1 ? refuse(ev) : denied;
}

/* Who is blocked must not go on believing that there is something to see, or to show. */
static bool ends_subscription(const struct stanza *s)
{
	return s->type == TYPE_UNSUBSCRIBE || s->type == TYPE_UNSUBSCRIBED;
}

bool filter_may_send(struct mod *m, struct event *ev, const struct stanza *s)
{
	struct session *from;
	const struct rules *rules;

	if (rules_load(m, ev, &rules) < 0)
		return false;
	if (rules->none || rules->last_word == s || ends_subscription(s))
		return true;
	from = entity_session(ev->entity, jid_resource(s->from));
	return filter_denies(ev, rules_for(m, rules, from), s->to, part_out(s)) == 0;
}

/* ---- coming in ---- */

/*
 * XEP-0191 §3.3: as if the user were offline.  A room's messages get no error either: it would
 * take the occupant for gone (XEP-0045, "Ghost Users").
 */
static int bounce(struct event *ev)
{
	const struct stanza *s = ev->stanza;

	if (stanza_is_request(s) ||
	    (s->kind == STANZA_MESSAGE && (s->type == TYPE_NORMAL || s->type == TYPE_CHAT)))
		return event_error(ev, STANZA_SERVICE_UNAVAILABLE);
	return MOD_HANDLED;
}

static bool has_active(const struct rules *rules)
{
	return rules->lists->next != NULL || rules->lists->number != rules->standard;
}

/*
 * For the account, while sessions have lists of their own: it comes in when one of them lets it
 * in, and for those that do.
 */
static int denied_to_sessions(struct mod *m, struct event *ev, const struct rules *rules)
{
	struct session *s = NULL;
	bool let_in = false;

	while ((s = entity_next_session(ev->entity, s)) != NULL) {
		int denied = filter_denies(ev, rules_for(m, rules, s), ev->stanza->from,
		                           part_in(ev->stanza));

		if (denied < 0)
			return denied;
		if (denied == 1)
			event_pass_by(ev, s);
		else
			let_in = true;
	}
	return !let_in;
}

/* XEP-0016 §2.2: by the list of the session it is for, or else by the default one. */
static int denied_in(struct mod *m, struct event *ev, const struct rules *rules)
{
	const struct stanza *s = ev->stanza;
	struct session *to =
		jid_is_bare(s->to) ? NULL : entity_session(ev->entity, jid_resource(s->to));

	if (to == NULL && has_active(rules) && entity_next_session(ev->entity, NULL) != NULL)
		return denied_to_sessions(m, ev, rules);
	return filter_denies(ev, rules_for(m, rules, to), s->from, part_in(s));
}

int filter_received(struct mod *m, struct event *ev)
{
	const struct rules *rules;
	int denied = rules_load(m, ev, &rules);

	if (denied < 0)
		return denied;
	if (rules->none)
		return MOD_PASS;
	denied = denied_in(m, ev, rules);
	return denied == 1 ? bounce(ev) : denied;
}
