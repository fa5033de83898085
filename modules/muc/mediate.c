/*
 * mediate.c - messages to a room that are not for all: what they ask of it (XEP-0045 §7.8.2, §7.13,
 * §8.6).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/invite.h"
#include "modules/muc/voice.h"

static bool has(const struct xml_node *user, const char *name)
{
	return user != NULL && xml_child(user, NULL, name) != NULL;
}

int talk_to_room(struct muc_event *me)
{
	const struct stanza *s = me->ev->stanza;
	const struct xml_node *user = xml_child(s->node, NS_MUC_USER, "x");
	const struct xml_node *form = xml_child(s->node, NS_DATA_FORM, "x");

	if (xml_size(s->node) > (size_t)muc_conf_of(me)->max_message)
		return event_error_text(me->ev, STANZA_POLICY_VIOLATION,
		                        "the message is too large");
	if (has(user, "invite"))
		return invite_send(me, user);
	if (has(user, "decline"))
		return invite_decline(me, user);
	if (form == NULL)
		return event_error(me->ev, STANZA_BAD_REQUEST);
	return str_is(xml_attr(form, "type"), "cancel") ? MOD_HANDLED : voice_form(me, form);
}
