/*
 * disco.c - what the server and its accounts are and can do (XEP-0030).
 *
 * Identities and features are what the loaded modules declare.  An account tells them to its
 * own user alone; to others it is as if it did not exist (XEP-0030 §8: no presence
 * subscriptions are known to this module).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/module.h"

static const struct mod_identity registered = { "account", "registered", NULL };
static const struct mod_identity anonymous = { "account", "anonymous", NULL }; /* XEP-0175 §4 */

static void add_identity(struct event *ev, struct xml_node *query,
                         const struct mod_identity *id)
{
	struct xml_node *node = xml_add(ev->arena, query, NULL, "identity");

	xml_set(ev->arena, node, "category", str_of(id->category));
	xml_set(ev->arena, node, "type", str_of(id->type));
	xml_set(ev->arena, node, "name", str_of(id->name));
}

/* §3.2: a node that no module has does not exist. */
static int on_node(struct event *ev, bool items)
{
	int result = entity_is_host(ev->entity) ? MOD_PASS : event_node(ev, items);

	return result == MOD_PASS ? event_error(ev, STANZA_ITEM_NOT_FOUND) : result;
}

static int on_info(struct mod *m, struct event *ev)
{
	struct xml_node *query = xml_new(ev->arena, NS_DISCO_INFO, "query");
	bool of_account = !entity_is_host(ev->entity);
	const struct mod_identity *id;
	struct str feature;

	if (!str_is_empty(xml_attr(ev->payload, "node")))
		return on_node(ev, false);
	for (size_t at = 0; (id = host_next_identity(ev->host, of_account, &at)) != NULL;)
		add_identity(ev, query, id);
	if (of_account)
		add_identity(ev, query,
		             entity_is_temporary(ev->entity) ? &anonymous : &registered);
	for (size_t at = 0;
	     !str_is_absent(feature = host_next_feature(ev->host, of_account, &at));) {
		struct xml_node *node = xml_add(ev->arena, query, NULL, "feature");

		xml_set(ev->arena, node, "var", feature);
	}
	return event_result(ev, query);
}

static int on_items(struct mod *m, struct event *ev)
{
	if (!str_is_empty(xml_attr(ev->payload, "node")))
		return on_node(ev, true);
	return event_result(ev, xml_new(ev->arena, NS_DISCO_ITEMS, "query"));
}

static const struct mod_identity identities[] = {
	{ "server", "im", "Jackdaw" },
	{ 0 },
};
static const struct mod_iq iqs[] = {
	{ NS_DISCO_INFO, "query", IQ_GET | TO_HOST | TO_SELF, on_info },
	{ NS_DISCO_ITEMS, "query", IQ_GET | TO_HOST | TO_SELF, on_items },
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
