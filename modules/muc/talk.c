/*
 * talk.c - what occupants say: to all (XEP-0045 §7.4), and to one of them (§7.5).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/talk.h"

#include "modules/mam/mam.h"
#include "modules/muc/invite.h"
#include "modules/muc/log.h"
#include "modules/muc/mention.h"
#include "modules/muc/retract.h"
#include "modules/muc/show.h"
#include "xml/delay.h"

/* ---- to whom it goes ---- */

void talk_send(struct muc_event *me, const struct stanza *s, const struct seat *to)
{
	const struct stanza *copy =
		stanza_readdress(me->ev->arena, s, s->from, jid_copy(me->ev->arena, to->jid));

	if (to->lasts)
		event_send(me->ev, copy);
	else
		event_send_lightly(me->ev, copy);
}

void talk_send_all(struct muc_event *me, const struct stanza *s)
{
	const struct stanza *shared = event_share(me->ev, s);
	const struct seat *to = NULL;

	while ((to = room_next_seat(me->room, to)) != NULL)
		talk_send(me, shared, to);
}

void talk_send_occupant(struct muc_event *me, const struct stanza *s, const struct occupant *o)
{
	const struct stanza *shared = event_share(me->ev, s);

	for (const struct seat *to = o->seats; to != NULL; to = to->next)
		talk_send(me, shared, to);
}

/* ---- what the room makes of it ---- */

/* What the room alone may say (XEP-0421 §5, XEP-0203 §5) is none of it, nor ids that it did not give. */
static bool is_own(void *arg, const struct xml_node *child)
{
	const struct str *room = arg;

	return !xml_in_ns(child, NS_MUC_USER) && !xml_in_ns(child, NS_OCCUPANT_ID) &&
	       !delay_is_of(child, *room);
}

static struct stanza *as_said(struct muc_event *me, const struct stanza *s)
{
	struct stanza *copy = ARENA_NEW(me->ev->arena, struct stanza);
	struct str room = jid_bare_str(entity_jid(me->ev->entity));

	*copy = *mam_strip(me->ev, s);
	copy->node = xml_filter(me->ev->arena, copy->node, is_own, &room);
	copy->inner = NULL;
	copy->from = occupant_jid(me->ev, me->seat->occupant);
	return copy;
}

struct stanza *talk_make(struct muc_event *me)
{
	struct stanza *s = as_said(me, me->ev->stanza);

	s->type = TYPE_GROUPCHAT;
	s->to = entity_jid(me->ev->entity);
	show_add_occupant_id(me->ev->arena, stanza_node(s), me->seat->occupant->id);
	return s;
}

int talk_say(struct muc_event *me, const struct stanza *s)
{
	int err = 0;

	if (mam_is_on(me->ev))
		err = log_keep(me, s);
	if (err < 0)
		return err;
	talk_send_all(me, mam_stamp(me->ev, s));
	return MOD_HANDLED;
}

/* ---- to all ---- */

bool talk_in_time(struct muc_event *me)
{
	const struct muc_state *state = mod_state(me->mod);

	return me->seat->occupant->affiliation >= AFFILIATION_ADMIN ||
	       mod_rate_take(state->messages, muc_rate_key(me, me->ev->stanza->from));
}

bool talk_is_subject(const struct stanza *s)
{
	return xml_child(s->node, NULL, "subject") != NULL &&
	       xml_child(s->node, NULL, "body") == NULL &&
	       xml_child(s->node, NULL, "thread") == NULL;
}

int talk_check(struct muc_event *me)
{
	const struct muc_conf *conf = muc_conf_of(me);

	if (me->seat == NULL)
		return event_error(me->ev, me->room->config.is_locked
		                                   ? STANZA_ITEM_NOT_FOUND /* §17.2, 3 */
		                                   : STANZA_NOT_ACCEPTABLE);
	if (!talk_in_time(me))
		return event_error_text(me->ev, STANZA_POLICY_VIOLATION,
		                        "too many messages in a minute");
	if (xml_size(me->ev->stanza->node) > (size_t)conf->max_message)
		return event_error_text(me->ev, STANZA_POLICY_VIOLATION,
		                        "the message is too large");
	return MOD_PASS;
}

int talk(struct muc_event *me)
{
	const struct stanza *s;
	int result = talk_check(me);

	if (result != MOD_PASS)
		return result;
	if (talk_is_subject(me->ev->stanza))
		return subject_change(me);
	if (me->seat->occupant->role == ROLE_VISITOR)
		return event_error(me->ev, STANZA_FORBIDDEN); /* §7.4 */
	if (retract_find(me->ev->stanza) != NULL)
		return retract_own(me);
	s = talk_make(me);
	result = talk_say(me, s);
	return result == MOD_HANDLED ? mention_tell(me, s) : result;
}

/* ---- to one ---- */

static void send_private(struct muc_event *me, struct stanza *s, const struct occupant *to)
{
	xml_add(me->ev->arena, stanza_node(s), NS_MUC_USER, "x");
	show_add_occupant_id(me->ev->arena, stanza_node(s), me->seat->occupant->id);
	talk_send_occupant(me, s, to);
}

/*
 * That one of all was not there to get it is no news to who said it: his message is in the room.
 * What was private comes back with the mark of that, if with anything.
 */
static bool is_of_private(const struct stanza *s)
{
	return !leave_is_gone(s) || xml_child(s->node, NS_MUC_USER, "x") != NULL;
}

/* What came of a private message goes to who sent it; and who is not there leaves. */
int talk_error(struct muc_event *me)
{
	struct event *ev = me->ev;
	const struct occupant *to = room_occupant(me->room, jid_resource(ev->stanza->to));

	if (me->seat != NULL && to != NULL && is_of_private(ev->stanza))
		send_private(me, as_said(me, ev->stanza), to);
	if (jid_is_bare(ev->stanza->to))
		invite_failed(me);
	return leave_is_gone(ev->stanza) ? leave_as_gone(me) : MOD_HANDLED;
}

int talk_in_private(struct muc_event *me)
{
	struct event *ev = me->ev;
	const struct occupant *to = room_occupant(me->room, jid_resource(ev->stanza->to));
	int result;

	if (ev->stanza->type == TYPE_GROUPCHAT)
		return event_error(ev, STANZA_BAD_REQUEST); /* §7.5 */
	result = talk_check(me);
	if (result != MOD_PASS)
		return result;
	if (to == NULL)
		return event_error(ev, STANZA_ITEM_NOT_FOUND);
	if ((me->room->config.pm & ROLE_BIT(me->seat->occupant->role)) == 0)
		return event_error(ev, STANZA_FORBIDDEN);
	send_private(me, as_said(me, ev->stanza), to);
	return MOD_HANDLED;
}
