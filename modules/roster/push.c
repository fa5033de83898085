/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/roster/push.h"

#include "modules/roster/shared.h"
#include "modules/roster/subscription.h"

void roster_session_save(struct mod *m, struct session *s, struct record_writer *w)
{
	const struct roster_session *state = mod_session_state(m, s);

	if (state->interested)
		record_put_u64(w, 1);
}

int roster_session_load(struct mod *m, struct session *s, struct record_reader *r)
{
	struct roster_session *state = mod_session_state(m, s);

	state->interested = record_u64(r) == 1;
	return record_end(r);
}

struct str roster_version(struct event *ev, uint64_t version)
{
	return arena_printf(ev->arena, "%llu", (unsigned long long)version);
}

void roster_show_item(struct event *ev, struct xml_node *query, const struct roster_item *item,
                      bool removed)
{
	const struct subscription *s = &item->subscription;
	struct xml_node *node = xml_add(ev->arena, query, NULL, "item");

	xml_set(ev->arena, node, "jid", jid_full_str(item->jid));
	xml_set(ev->arena, node, "subscription",
	        removed ? STR("remove") : subscription_name(s));
	if (removed)
		return;
	xml_set(ev->arena, node, "name", item->name);
	if (s->ask)
		xml_set(ev->arena, node, "ask", STR("subscribe"));
	if (s->approved)
		xml_set(ev->arena, node, "approved", STR("true"));
	for (size_t i = 0; i < item->n_groups; i++)
		xml_add_leaf(ev->arena, node, "group", item->groups[i]);
}

/* Without a to it is for whoever gets it (RFC 6120 §8.1.1.2), and for nobody else if he is gone. */
int roster_push(struct mod *m, struct event *ev, struct session *to,
                const struct roster_item *item, bool removed)
{
	struct stanza *iq = stanza_new(ev->arena, STANZA_IQ, TYPE_SET);
	struct xml_node *query = xml_add(ev->arena, stanza_node(iq), NS_ROSTER, "query");
	struct str version = roster_version(ev, item->version);
	struct roster_item shown = *item;
	const struct stanza *push;
	struct session *s = NULL;
	int err = removed ? 0 : shared_overlay(m, ev, &shown);

	if (err < 0)
		return err;
	iq->id = arena_concat(ev->arena, STR("push-"), version);
	if (!shared_applies(m, ev))
		xml_set(ev->arena, query, "ver", version);
	roster_show_item(ev, query, &shown, removed);
	push = event_share(ev, iq);
	if (to != NULL) {
		event_offer(ev, to, push);
		return 0;
	}
	while ((s = entity_next_session(ev->entity, s)) != NULL)
		if (((struct roster_session *)mod_session_state(m, s))->interested)
			event_offer(ev, s, push);
	return 0;
}
