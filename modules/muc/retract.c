/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/retract.h"

#include "modules/mam/mam.h"
#include "modules/muc/log.h"
#include "modules/muc/show.h"
#include "modules/muc/talk.h"

#define ID_BYTES 12 /* of randomness in the id of a message that the room itself says */

const struct xml_node *retract_find(const struct stanza *s)
{
	return xml_child(s->node, NS_RETRACT, "retract");
}

/* XEP-0424 §5: nothing is left but whose it was, and when; what is in it is the caller's. */
static struct xml_node *tombstone(struct event *ev, const struct stanza *original,
                                  struct stanza **s_out)
{
	struct stanza *s = stanza_new(ev->arena, STANZA_MESSAGE, TYPE_GROUPCHAT);
	struct xml_node *retracted =
		xml_add(ev->arena, stanza_node(s), NS_RETRACT, "retracted");
	struct str author = log_occupant_id(original);

	s->from = original->from;
	s->id = original->id;
	s->lang = original->lang;
	xml_set(ev->arena, retracted, "stamp",
	        datetime_format(ev->arena, core_wall_ms(ev->core), true));
	if (!str_is_absent(author))
		show_add_occupant_id(ev->arena, stanza_node(s), author);
	*s_out = s;
	return retracted;
}

/* ---- by who said it ---- */

/* 0, also where there is nothing to bury: clients that have the message hear of it all the same. */
static int bury_own(struct muc_event *me, struct str uid)
{
	struct event *ev = me->ev;
	const struct stanza *original;
	struct stanza *grave;
	uint64_t id;
	int err = mam_find(ev, uid, &id, &original);

	if (err == 0 && !str_eq(log_occupant_id(original), me->seat->occupant->id))
		err = ERR_NOENT;
	if (err == 0) {
		xml_set(ev->arena, tombstone(ev, original, &grave), "id", ev->stanza->id);
		err = mam_bury(ev, id, grave);
	}
	return err == ERR_NOENT || err == ERR_BUSY ? 0 : err;
}

/* XEP-0424 §6: others' retractions are messages like any; clients look at the occupant's id. */
int retract_own(struct muc_event *me)
{
	struct str uid = xml_attr(retract_find(me->ev->stanza), "id");
	int err = 0;

	if (mam_is_on(me->ev) && !str_is_empty(uid) && !str_is_empty(me->ev->stanza->id))
		err = bury_own(me, uid);
	return err < 0 ? err : talk_say(me, talk_make(me));
}

/* ---- by a moderator ---- */

static void add_moderated(struct muc_event *me, struct xml_node *parent, struct str reason)
{
	struct event *ev = me->ev;
	struct xml_node *moderated = xml_add(ev->arena, parent, NS_MODERATE, "moderated");

	xml_set(ev->arena, moderated, "by", jid_full_str(occupant_jid(ev, me->seat->occupant)));
	show_add_occupant_id(ev->arena, moderated, me->seat->occupant->id);
	if (!str_is_empty(reason))
		xml_add_leaf(ev->arena, parent, "reason", reason);
}

/* What all occupants get, from the room itself. */
static struct stanza *retraction(struct muc_event *me, struct str uid, struct str reason)
{
	struct event *ev = me->ev;
	struct stanza *s = stanza_new(ev->arena, STANZA_MESSAGE, TYPE_GROUPCHAT);
	struct xml_node *retract = xml_add(ev->arena, stanza_node(s), NS_RETRACT, "retract");

	s->from = entity_jid(ev->entity);
	s->id = rand_token(ev->arena, ID_BYTES);
	xml_set(ev->arena, retract, "id", uid);
	add_moderated(me, retract, reason);
	return s;
}

static int moderate(struct muc_event *me, struct str uid, struct str reason)
{
	struct event *ev = me->ev;
	struct stanza *said = retraction(me, uid, reason), *grave;
	const struct stanza *original;
	struct xml_node *retracted;
	uint64_t id;
	int err = mam_find(ev, uid, &id, &original);

	if (err < 0)
		return err == ERR_NOENT ? event_error(ev, STANZA_ITEM_NOT_FOUND) : err;
	retracted = tombstone(ev, original, &grave);
	xml_set(ev->arena, retracted, "id", said->id);
	add_moderated(me, retracted, reason);
	err = mam_bury(ev, id, grave);
	if (err == ERR_BUSY)
		return event_error_text(ev, STANZA_RESOURCE_CONSTRAINT, "too many at a time");
	if (err < 0)
		return err;
	event_result(ev, NULL);
	me->seat = NULL; /* the room says it */
	return talk_say(me, said);
}

int retract_moderated(struct muc_event *me)
{
	struct event *ev = me->ev;
	struct str uid = xml_attr(ev->payload, "id");

	if (me->seat == NULL || me->seat->occupant->role != ROLE_MODERATOR)
		return event_error_text(ev, STANZA_FORBIDDEN,
		                        "messages are moderated by moderators");
	if (str_is_empty(uid) || xml_child(ev->payload, NS_RETRACT, "retract") == NULL)
		return event_error(ev, STANZA_BAD_REQUEST);
	if (!mam_is_on(ev))
		return event_error(ev, STANZA_SERVICE_UNAVAILABLE);
	return moderate(me, uid, xml_child_text(ev->arena, ev->payload, "reason"));
}
