/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/notify.h"

void notify_code(struct muc_event *me, const char *code)
{
	struct arena *arena = me->ev->arena;
	struct stanza *s = stanza_new(arena, STANZA_MESSAGE, TYPE_GROUPCHAT);
	struct xml_node *x = xml_add(arena, stanza_node(s), NS_MUC_USER, "x");

	s->from = entity_jid(me->ev->entity);
	s->id = rand_token(arena, 9);
	xml_set(arena, xml_add(arena, x, NULL, "status"), "code", str_of(code));
	talk_send_all(me, s);
}

void notify_changed(struct muc_event *me)
{
	notify_code(me, "104");
}
