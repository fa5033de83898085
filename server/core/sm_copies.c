/*
 * sm_copies.c - one stanza in the queues of several sessions.
 *
 * It has arrived when one of them had it acknowledged, or was written to without being managed.
 * Otherwise the last of the sessions that ends sends it on, those left out that have but an offer:
 * a copy in another form (XEP-0280), which cannot stand for the original.  Groups ascend in each
 * queue, so who asks for one after the other finds all of them in one walk.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/sm.h"

#define STEPS_OF_BYTE 8 /* along a queue, for each byte that the client might have sent */

void sm_group(const struct event_task *t, const struct event_output *out, struct sm_item *item)
{
	for (const struct event_output *o = t->first; o != NULL; o = o->next) {
		if (!event_is_same(o, out))
			continue;
		if (o->session->sm == NULL)
			item->arrived = true;
		else if (o->item != NULL)
			item->group = o->item->group;
		else if (item->group == 0)
			item->group = ++t->ev.core->last_group;
	}
}

/* What was last looked for is where it goes on, if that is before GROUP.  *STEPS counts what it takes. */
static struct sm_item *find_copy(const struct session *s, uint64_t group, size_t *steps)
{
	struct sm *sm = s->sm;
	struct sm_item *item;

	if (sm == NULL)
		return NULL;
	if (group < sm->looked_for)
		sm->cursor = NULL;
	sm->looked_for = group;
	item = sm->cursor == NULL ? STAILQ_FIRST(&sm->queue) : STAILQ_NEXT(sm->cursor, link);
	for (; item != NULL && item->group < group; item = STAILQ_NEXT(item, link)) {
		sm->cursor = item;
		++*steps;
	}
	return item != NULL && item->group == group ? item : NULL;
}

void sm_arrived(struct sm *sm, const struct sm_item *item, struct batch *batch)
{
	struct entity *e = sm->session->entity;
	struct session *s = NULL;
	size_t steps = 0;

	while ((s = entity_next_session(e, s)) != NULL) {
		struct sm_item *copy =
			s == sm->session ? NULL : find_copy(s, item->group, &steps);

		if (copy == NULL || copy->arrived)
			continue;
		copy->arrived = true;
		if (copy->stored && batch != NULL)
			sm_put_item(batch, e->owner, s->sm, copy);
	}
	session_charge(sm->session, (int64_t)(steps / STEPS_OF_BYTE));
}

bool sm_waits_elsewhere(const struct sm *sm, const struct sm_item *item)
{
	struct session *s = NULL;
	size_t steps = 0;

	while (item->group != 0 && (s = entity_next_session(sm->session->entity, s)) != NULL) {
		const struct sm_item *copy =
			s == sm->session ? NULL : find_copy(s, item->group, &steps);

		if (copy != NULL && !copy->offered)
			return true;
	}
	return false;
}
