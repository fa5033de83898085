/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/service.h"

#include "modules/muc/announce.h"
#include "modules/muc/disco.h"
#include "modules/muc/listing.h"
#include "modules/muc/search.h"

#define NAME "Rooms"
#define NS_MUC_UNIQUE NS_MUC "#unique"
#define UNIQUE_BYTES 16
#define ITEMS_MAX 500 /* rooms in one answer */

/* ---- what it is (§6.2) ---- */

static const char *const features[] = {
	NS_DISCO_INFO,     NS_DISCO_ITEMS, NS_MUC, NS_MUC_STABLE_ID, NS_MUC_UNIQUE,
	NS_CHANNEL_SEARCH, NS_OCCUPANT_ID, NS_RSM, NS_STANZA_ID,     NS_VCARD,
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

/* ---- which rooms there are (§6.3) ---- */

static struct str address_of(struct event *ev, const struct listed *room)
{
	return listed_address(ev->arena, host_name(ev->host), room);
}

/* How many there are is told where it is known: to count them is to read them all. */
static void add_set(struct event *ev, struct xml_node *query, const struct listing *l)
{
	bool begins = l->backwards ? l->is_last : str_is_absent(l->after);
	bool ends = l->backwards ? str_is_absent(l->after) : l->is_last;
	struct rsm_page page = { .has_index = begins && l->n > 0,
		                 .has_count = begins && ends,
		                 .count = l->n };

	if (l->n > 0) {
		page.first = address_of(ev, &l->found[0]);
		page.last = address_of(ev, &l->found[l->n - 1]);
	}
	rsm_write(ev->arena, query, &page);
}

static int on_page(struct event *ev, void *arg)
{
	const struct listing *l = arg;
	struct xml_node *query = xml_new(ev->arena, NS_DISCO_ITEMS, "query");

	if (l->err < 0)
		return l->err;
	for (size_t i = 0; i < l->n; i++) {
		struct xml_node *item = xml_add(ev->arena, query, NULL, "item");
		const struct listed *room = &l->found[i];

		xml_set(ev->arena, item, "jid", address_of(ev, room));
		xml_set(ev->arena, item, "name", listed_name(room));
	}
	add_set(ev, query, l);
	return event_result(ev, query);
}

/* The room where a page begins or ends; it may be gone by now. */
static bool read_place(struct event *ev, struct str address, struct listing *l)
{
	struct jid jid;

	l->after = STR_NONE;
	if (str_is_absent(address))
		return true;
	if (jid_parse(ev->arena, address, &jid) < 0 ||
	    !str_eq(jid_domain(jid), host_name(ev->host)))
		return false;
	l->after = jid_local(jid);
	return !str_is_absent(l->after);
}

static int on_items(struct muc_event *me)
{
	struct event *ev = me->ev;
	struct listing *l = ARENA_NEW(ev->arena, struct listing);
	struct rsm_request rsm;

	if (!str_is_empty(xml_attr(ev->payload, "node")))
		return event_error(ev, STANZA_ITEM_NOT_FOUND);
	if (rsm_read(ev->arena, ev->payload, &rsm) < 0)
		return event_error(ev, STANZA_BAD_REQUEST);
	if (rsm.has_index) /* XEP-0059 §2.6: it is not counted to there */
		return event_error(ev, STANZA_FEATURE_NOT_IMPLEMENTED);
	l->arena = ev->arena;
	l->domain = host_name(ev->host);
	l->backwards = rsm.backwards;
	l->max = rsm.has_max && rsm.max < ITEMS_MAX ? (size_t)rsm.max : ITEMS_MAX;
	if (!read_place(ev, rsm.backwards ? rsm.before : rsm.after, l))
		return event_error(ev, STANZA_ITEM_NOT_FOUND);
	if (l->max == 0)
		return on_page(ev, l);
	return event_read(ev, listing_run, on_page, l);
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
	char bytes[UNIQUE_BYTES];

	rand_bytes(bytes, sizeof(bytes));
	xml_add_text(arena, unique, base16_encode(arena, str_make(bytes, sizeof(bytes))));
	return event_result(me->ev, unique);
}

static const struct muc_iq iqs[] = {
	{ NS_DISCO_INFO, "query", IQ_GET, on_info },
	{ NS_DISCO_ITEMS, "query", IQ_GET, on_items },
	{ NS_CHANNEL_SEARCH, "search", IQ_GET, search_get },
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
		return announce(me);
	if (!stanza_is_request(s))
		return MOD_HANDLED;
	iq = jid_is_bare(s->to) ? muc_find_iq(iqs, me->ev) : NULL;
	return iq == NULL ? event_error(me->ev, STANZA_SERVICE_UNAVAILABLE) : iq->fn(me);
}
