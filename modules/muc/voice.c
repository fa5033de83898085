/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/voice.h"

#include "modules/muc/actor.h"
#include "modules/muc/change.h"
#include "modules/muc/talk.h"

/* ---- the request (§7.13) ---- */

/* §8.6: what a moderator fills in. */
static struct xml_node *approval_form(struct muc_event *me)
{
	struct arena *arena = me->ev->arena;
	struct xml_node *x = form_new(arena, "form", NS_MUC_REQUEST);

	form_title(
		arena, x, "Voice request",
		"To approve this request for voice, select the \"Grant voice to this person?\" "
		"checkbox and click OK.  To skip this request, click the cancel button.");
	form_field(arena, x, FIELD_LIST_SINGLE, "muc#role", "Requested role",
	           STR("participant"));
	form_field(arena, x, FIELD_JID_SINGLE, "muc#jid", "User ID",
	           jid_full_str(me->ev->stanza->from));
	form_field(arena, x, FIELD_TEXT_SINGLE, "muc#roomnick", "Room Nickname",
	           me->seat->occupant->nick);
	form_field(arena, x, FIELD_BOOLEAN, "muc#request_allow", "Grant voice to this person?",
	           STR("false"));
	return x;
}

/* How many got it. */
static size_t send_to_moderators(struct muc_event *me)
{
	struct stanza *s = stanza_new(me->ev->arena, STANZA_MESSAGE, TYPE_NORMAL);
	const struct stanza *shared;
	const struct seat *to = NULL;
	size_t n = 0;

	s->from = entity_jid(me->ev->entity);
	s->id = me->ev->stanza->id;
	xml_append(stanza_node(s), approval_form(me));
	shared = event_share(me->ev, s);
	while ((to = room_next_seat(me->room, to)) != NULL)
		if (to->occupant->role == ROLE_MODERATOR) {
			talk_send(me, shared, to);
			n++;
		}
	return n;
}

static bool is_in_time(struct muc_event *me)
{
	const struct muc_state *state = mod_state(me->mod);

	return mod_rate_take(state->voices, muc_rate_key(me, me->ev->stanza->from));
}

static int request(struct muc_event *me)
{
	if (me->seat->occupant->role != ROLE_VISITOR)
		return event_error_text(me->ev, STANZA_UNEXPECTED_REQUEST,
		                        "you have a voice already");
	if (!me->room->config.takes_voice_requests)
		return event_error_text(me->ev, STANZA_FORBIDDEN,
		                        "voices are not to be asked for here");
	if (!is_in_time(me))
		return event_error_text(me->ev, STANZA_POLICY_VIOLATION,
		                        "asked for a voice too often");
	if (send_to_moderators(me) == 0)
		return event_error_text(me->ev, STANZA_RECIPIENT_UNAVAILABLE,
		                        "no moderator is here");
	return MOD_HANDLED;
}

/* ---- the answer (§8.6) ---- */

/* The nick may be somebody else's by now. */
static struct occupant *who_is_meant(struct muc_event *me, const struct xml_node *x)
{
	struct arena *arena = me->ev->arena;
	struct str nick;
	struct occupant *o;
	struct jid jid;

	if (jid_prepare_resource(arena, form_get(arena, x, "muc#roomnick"), &nick) < 0 ||
	    jid_parse(arena, form_get(arena, x, "muc#jid"), &jid) < 0)
		return NULL;
	o = room_occupant(me->room, nick);
	return o != NULL && occupant_is_of(o, jid) ? o : NULL;
}

static int answer(struct muc_event *me, const struct xml_node *x)
{
	struct occupant *o;
	struct actor actor;
	bool allows;
	int err, result;

	if (me->seat->occupant->role != ROLE_MODERATOR)
		return event_error(me->ev, STANZA_FORBIDDEN);
	if (form_get_bool(me->ev->arena, x, "muc#request_allow", &allows) < 0)
		return event_error(me->ev, STANZA_BAD_REQUEST);
	if (!allows)
		return MOD_HANDLED;
	o = who_is_meant(me, x);
	if (o == NULL)
		return event_error(me->ev, STANZA_ITEM_NOT_FOUND);
	if (o->role != ROLE_VISITOR) /* another moderator was faster */
		return MOD_HANDLED;
	err = actor_read(me, &actor);
	if (err < 0)
		return err;
	result = actor_refuse(me, privilege_role(actor.standing,
	                                         (struct standing){ o->affiliation, o->role },
	                                         ROLE_PARTICIPANT));
	if (result != MOD_PASS)
		return result;
	change_role(me, o, ROLE_PARTICIPANT, &(struct cause){ actor.nick, STR_NONE });
	return MOD_HANDLED;
}

int voice_form(struct muc_event *me, const struct xml_node *x)
{
	struct arena *arena = me->ev->arena;

	if (me->seat == NULL)
		return event_error(me->ev, STANZA_FORBIDDEN);
	if (form_read(x, NS_MUC_REQUEST) < 0 ||
	    !str_is(form_get(arena, x, "muc#role"), "participant"))
		return event_error(me->ev, STANZA_BAD_REQUEST);
	return str_is_absent(form_get(arena, x, "muc#request_allow")) ? request(me)
	                                                              : answer(me, x);
}
