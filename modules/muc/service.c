/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/service.h"

#include "modules/muc/disco.h"

#define NAME "Rooms"
#define NS_MUC_UNIQUE NS_MUC "#unique"
#define UNIQUE_BYTES 16

/* ---- what it is (§6.2) ---- */

static const char *const features[] = {
	NS_DISCO_INFO,  NS_DISCO_ITEMS, NS_MUC,       NS_MUC_UNIQUE,
	NS_OCCUPANT_ID, NS_RSM,         NS_STANZA_ID, NS_VCARD,
};

/* What the host answers for the service, where it does. */
static const char *const host_features[] = { NS_PING, NS_VERSION, NS_TIME, NS_LAST };

static int on_info(struct muc_event *me)
{
	struct event *ev = me->ev;
	const struct host *host = host_parent(ev->host);
	struct xml_node *query = disco_identity(ev, STR(NAME)), *form;

	if (!str_is_empty(xml_attr(ev->payload, "node")))
		return event_error(ev, STANZA_ITEM_NOT_FOUND);
	for (size_t i = 0; i < ARRAY_LEN(features); i++)
		disco_add_feature(ev, query, features[i]);
	for (size_t i = 0; i < ARRAY_LEN(host_features); i++)
		if (disco_host_has(host, false, host_features[i]))
			disco_add_feature(ev, query, host_features[i]);
	/* XEP-0157: whom to write to is the same */
	for (size_t at = 0; (form = host_next_form(host, ev->arena, &at)) != NULL;)
		xml_append(query, form);
	return event_result(ev, query);
}

static int on_items(struct muc_event *me)
{
	return event_result(me->ev, xml_new(me->ev->arena, NS_DISCO_ITEMS, "query"));
}

/* ---- what else may be asked of it ---- */

static int as_host(struct muc_event *me)
{
	int result = event_as_host(me->ev);

	return result == MOD_PASS ? event_error(me->ev, STANZA_SERVICE_UNAVAILABLE) : result;
}

/* XEP-0486 §3.1 looks for the feature; there is no more to tell than the name. */
static int on_vcard(struct muc_event *me)
{
	struct xml_node *card = xml_new(me->ev->arena, NS_VCARD, "vCard");

	xml_add_leaf(me->ev->arena, card, "FN", STR(NAME));
	return event_result(me->ev, card);
}

/* §10.1.4 of revisions before 1.30: a name that no room has, for clients that ask still. */
static int on_unique(struct muc_event *me)
{
	struct arena *arena = me->ev->arena;
	struct xml_node *unique = xml_new(arena, NS_MUC_UNIQUE, "unique");
	uint8_t bytes[UNIQUE_BYTES];
	struct str name = STR("");

	rand_bytes(bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		name = arena_concat(arena, name, arena_printf(arena, "%02x", bytes[i]));
	xml_add_text(arena, unique, name);
	return event_result(me->ev, unique);
}

static const struct muc_iq iqs[] = {
	{ NS_DISCO_INFO, "query", IQ_GET, on_info },
	{ NS_DISCO_ITEMS, "query", IQ_GET, on_items },
	{ NS_MUC_UNIQUE, "unique", IQ_GET, on_unique },
	{ NS_VCARD, "vCard", IQ_GET, on_vcard },
	{ NS_PING, "ping", IQ_GET, as_host },
	{ NS_VERSION, "query", IQ_GET, as_host },
	{ NS_TIME, "time", IQ_GET, as_host },
	{ NS_LAST, "query", IQ_GET, as_host },
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
	iq = jid_is_bare(s->to) ? muc_find_iq(iqs, me->ev) : NULL;
	return iq == NULL ? event_error(me->ev, STANZA_SERVICE_UNAVAILABLE) : iq->fn(me);
}
