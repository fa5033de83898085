/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/service.h"

#include "modules/muc/disco.h"

static const struct muc_iq iqs[] = {
	{ NS_DISCO_INFO, "query", IQ_GET, disco_service_info },
	{ NS_DISCO_ITEMS, "query", IQ_GET, disco_service_items },
	{ 0 },
};

int service_received(struct muc_event *me)
{
	const struct stanza *s = me->ev->stanza;
	const struct muc_iq *iq;

	if (s->kind == STANZA_MESSAGE)
		return event_error(me->ev, STANZA_SERVICE_UNAVAILABLE);
	if (!stanza_is_request(s))
		return MOD_HANDLED;
	iq = muc_find_iq(iqs, me->ev);
	return iq == NULL ? event_error(me->ev, STANZA_SERVICE_UNAVAILABLE) : iq->fn(me);
}

int ask_occupant(struct muc_event *me)
{
	return event_error(me->ev, STANZA_SERVICE_UNAVAILABLE);
}
