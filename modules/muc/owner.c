/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/owner.h"

#include "modules/muc/configure.h"
#include "modules/muc/destroy.h"

/* 1, 0, or an error. */
static int is_owner(struct muc_event *me)
{
	enum affiliation a;
	int err = affiliation_of(me->ev, jid_bare(me->ev->stanza->from), &a);

	return err < 0 ? err : a == AFFILIATION_OWNER;
}

/* §7.2.10: to others there is no room yet. */
static int refuse(struct muc_event *me)
{
	return event_error(me->ev, me->room->config.is_locked ? STANZA_ITEM_NOT_FOUND
	                                                      : STANZA_FORBIDDEN);
}

/* §10.1.3, §10.2 */
int owner_get(struct muc_event *me)
{
	struct xml_node *query = xml_new(me->ev->arena, NS_MUC_OWNER, "query"), *x;
	int is = is_owner(me), err;

	if (is <= 0)
		return is < 0 ? is : refuse(me);
	if (xml_next_child(me->ev->payload, NULL) != NULL)
		return event_error(me->ev, STANZA_BAD_REQUEST);
	err = form_show(me, &x);
	if (err < 0)
		return err;
	xml_append(query, x);
	return event_result(me->ev, query);
}

static int submit(struct muc_event *me, const struct xml_node *x)
{
	struct form_wish wish;
	const char *why;
	int err = form_submitted(me, x, &wish, &why);

	if (err == ERR_INVALID)
		return event_error(me->ev, STANZA_BAD_REQUEST);
	if (err == ERR_DENIED)
		return event_error_text(me->ev, STANZA_NOT_ACCEPTABLE, why);
	return err < 0 ? err : configure(me, &wish);
}

/* §10.1.3: with the first form the room goes; later ones leave it as it is (§10.2). */
static int cancel(struct muc_event *me)
{
	if (me->room->config.is_locked)
		destroy_unmade(me);
	return event_result(me->ev, NULL);
}

int owner_set(struct muc_event *me)
{
	const struct xml_node *request = xml_only_child(me->ev->payload);
	int is = is_owner(me);

	if (is <= 0)
		return is < 0 ? is : refuse(me);
	if (xml_is(request, NS_MUC_OWNER, "destroy"))
		return destroy(me, request);
	if (!xml_is(request, NS_DATA_FORM, "x"))
		return event_error(me->ev, STANZA_BAD_REQUEST);
	return str_is(xml_attr(request, "type"), "cancel") ? cancel(me) : submit(me, request);
}
