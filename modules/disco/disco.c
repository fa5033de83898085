/*
 * disco.c - what the server and its accounts are and can do (XEP-0030).
 *
 * Identities and features are what the loaded modules declare.  An account tells them to those
 * who may see its presence; to others it is as if it did not exist (§8).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/disco/disco.h"

#include "modules/caps/caps.h"
#include "modules/roster/roster.h"

static const struct mod_identity registered = { "account", "registered", NULL };
static const struct mod_identity anonymous = { "account", "anonymous", NULL }; /* XEP-0175 §4 */

static void add_identity(struct arena *arena, struct xml_node *query,
                         const struct mod_identity *id)
{
	struct xml_node *node = xml_add(arena, query, NULL, "identity");

	xml_set(arena, node, "category", str_of(id->category));
	xml_set(arena, node, "type", str_of(id->type));
	xml_set(arena, node, "name", str_of(id->name));
}

static struct xml_node *declared(const struct host *h, struct arena *arena, bool of_account)
{
	struct xml_node *query = xml_new(arena, NS_DISCO_INFO, "query");
	const struct mod_identity *id;
	struct str feature;

	for (size_t at = 0; (id = host_next_identity(h, of_account, &at)) != NULL;)
		add_identity(arena, query, id);
	for (size_t at = 0; !str_is_absent(feature = host_next_feature(h, of_account, &at));)
		xml_set(arena, xml_add(arena, query, NULL, "feature"), "var", feature);
	return query;
}

struct xml_node *disco_host_info(const struct host *h, struct arena *arena)
{
	struct xml_node *query = declared(h, arena, false), *form;

	for (size_t at = 0; (form = host_next_form(h, arena, &at)) != NULL;)
		xml_append(query, form);
	return query;
}

/* §3.2: a node that no module has does not exist. */
static int on_node(struct event *ev, bool items)
{
	int result = items ? MOD_PASS : caps_answer(ev);

	if (result == MOD_PASS && !entity_is_host(ev->entity))
		result = event_node(ev, items);
	return result == MOD_PASS ? event_error(ev, STANZA_ITEM_NOT_FOUND) : result;
}

static int on_info(struct mod *m, struct event *ev)
{
	struct xml_node *query;

	if (!str_is_empty(xml_attr(ev->payload, "node")))
		return on_node(ev, false);
	if (entity_is_host(ev->entity))
		return event_result(ev, disco_host_info(ev->host, ev->arena));
	query = declared(ev->host, ev->arena, true);
	add_identity(ev->arena, query,
	             entity_is_temporary(ev->entity) ? &anonymous : &registered);
	return event_result(ev, query);
}

static int on_others_info(struct mod *m, struct event *ev)
{
	int may = roster_may_see(ev, ev->stanza->from);

	if (may < 0)
		return may;
	return may > 0 ? on_info(m, ev) : event_error(ev, STANZA_SERVICE_UNAVAILABLE);
}

/* §4.1: of the host its services. */
static void add_services(struct event *ev, struct xml_node *query)
{
	struct str domain, name;
	size_t at = 0;

	while (!str_is_absent(domain = host_next_service(ev->host, &at, &name))) {
		struct xml_node *item = xml_add(ev->arena, query, NULL, "item");

		xml_set(ev->arena, item, "jid", domain);
		xml_set(ev->arena, item, "name", name);
	}
}

/* §4.1: of an account those devices that can be seen by presence too. */
static int on_items(struct mod *m, struct event *ev)
{
	struct xml_node *query = xml_new(ev->arena, NS_DISCO_ITEMS, "query");
	struct session *s = NULL;

	if (!str_is_empty(xml_attr(ev->payload, "node")))
		return on_node(ev, true);
	if (entity_is_host(ev->entity))
		add_services(ev, query);
	while ((s = entity_next_session(ev->entity, s)) != NULL)
		if (session_is_available(s))
			xml_set(ev->arena, xml_add(ev->arena, query, NULL, "item"), "jid",
			        arena_copy(ev->arena, jid_full_str(session_jid(s))));
	return event_result(ev, query);
}

/* §8: nothing, with a node or without, is what strangers get, and what no account has. */
static int on_no_items(struct mod *m, struct event *ev)
{
	struct xml_node *query = xml_new(ev->arena, NS_DISCO_ITEMS, "query");

	xml_set(ev->arena, query, "node", xml_attr(ev->payload, "node"));
	return event_result(ev, query);
}

static int on_others_items(struct mod *m, struct event *ev)
{
	int may = roster_may_see(ev, ev->stanza->from);

	if (may < 0)
		return may;
	return may > 0 ? on_items(m, ev) : on_no_items(m, ev);
}

static const struct mod_identity identities[] = {
	{ "server", "im", "Jackdaw" },
	{ 0 },
};
static const struct mod_iq iqs[] = {
	{ NS_DISCO_INFO, "query", IQ_GET | TO_HOST | TO_SELF, on_info },
	{ NS_DISCO_INFO, "query", IQ_GET | TO_OTHER, on_others_info },
	{ NS_DISCO_ITEMS, "query", IQ_GET | TO_HOST | TO_SELF, on_items },
	{ NS_DISCO_ITEMS, "query", IQ_GET | TO_OTHER, on_others_items },
	{ NS_DISCO_ITEMS, "query", IQ_GET | TO_NOBODY, on_no_items },
	{ 0 },
};

const struct mod_def mod_disco = {
	.abi = MOD_ABI,
	.name = "disco",
	.summary = "tells what the server and its accounts can do",
	.xep = "XEP-0030 2.5.0",
	.iqs = iqs,
	.features = MOD_FEATURES(NS_DISCO_INFO, NS_DISCO_ITEMS),
	.account_features = MOD_FEATURES(NS_DISCO_INFO, NS_DISCO_ITEMS),
	.identities = identities,
};
