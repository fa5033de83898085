/*
 * roster.c - an account's contacts (RFC 6121 §2): get, set, remove, versions.
 *
 * subscribe.c has the subscriptions, contacts.c what presence contacts are sent.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/roster/contacts.h"
#include "modules/roster/push.h"
#include "modules/roster/shared.h"
#include "modules/roster/subscribe.h"

#define LISTED_COST 20 /* bytes for each contact that a client is told of: session_charge */

static const struct conf_option options[] = {
	CONF_OPT_INT("items", struct roster_conf, items, 2000, 1, 100000,
	             "contacts of an account"),
	CONF_OPT_INT("requests", struct roster_conf, requests, 500, 1, 100000,
	             "requests of others to see an account's presence that wait for its user"),
	CONF_OPT_INT("groups", struct roster_conf, groups, 50, 1, 1000, "groups of a contact"),
	CONF_OPT_BYTES("text", struct roster_conf, text, 1023, 64, KIB(16),
	               "longest name of a contact, or of a group"),
	CONF_OPT_LIST("shared", struct roster_conf, shared, NULL,
	              "groups whose members see one another: a name, a colon, and * for all "
	              "accounts of the host or accounts separated by commas"),
	{ 0 },
};

extern const struct mod_def mod_roster;

int roster_find(struct event *ev, struct jid jid, struct roster_item *item_out)
{
	struct mod *m = host_module(ev->host, &mod_roster);
	bool listed = false;
	int shared = 0, err = m == NULL ? 0 : item_load(ev, jid, item_out, &listed);

	if (err == 0 && m != NULL)
		shared = shared_overlay(m, ev, item_out);
	if (err < 0 || shared < 0)
		return err < 0 ? err : shared;
	return listed || shared > 0 ? 0 : ERR_NOENT;
}

int roster_each(struct event *ev, roster_fn *fn, void *arg)
{
	struct mod *m = host_module(ev->host, &mod_roster);

	return m == NULL ? 0 : shared_each(m, ev, fn, arg);
}

/* ---- get (§2.1.3, §2.6) ---- */

struct listing {
	struct mod *m;
	struct event *ev;
	struct xml_node *query;
	uint64_t since;
};

static int list_item(void *arg, const struct roster_item *item)
{
	struct listing *list = arg;

	roster_show_item(list->ev, list->query, item, false);
	session_charge(list->ev->session, LISTED_COST);
	return 0;
}

/* VERSION absent: for a client that knows of none (§2.6.2). */
static int list_all(struct mod *m, struct event *ev, struct str version)
{
	struct xml_node *query = xml_new(ev->arena, NS_ROSTER, "query");
	struct listing list = { .m = m, .ev = ev, .query = query };
	int err;

	xml_set(ev->arena, query, "ver", version);
	err = shared_each(m, ev, list_item, &list);
	return err < 0 ? err : event_result(ev, query);
}

static int push_newer(void *arg, const struct roster_item *item)
{
	struct listing *list = arg;

	return item->version <= list->since
	               ? 0
	               : roster_push(list->m, list->ev, list->ev->session, item, false);
}

/* §2.6.3: nothing but what has changed since the version that the client has. */
static int list_changes(struct mod *m, struct event *ev, uint64_t since)
{
	struct listing list = { .m = m, .ev = ev, .since = since };
	int err;

	event_result(ev, NULL);
	err = items_each(ev, push_newer, &list);
	return err < 0 ? err : MOD_HANDLED;
}

static int on_get(struct mod *m, struct event *ev)
{
	struct roster_session *session = mod_session_state(m, ev->session);
	struct str known = xml_attr(ev->payload, "ver");
	struct roster_state state;
	uint64_t since;
	int err = roster_state_read(ev, &state);

	if (err < 0)
		return err;
	if (!session->interested)
		session_changed(ev->session);
	session->interested = true;
	if (shared_applies(m, ev)) /* others come and go: no number counts that */
		return list_all(m, ev, STR_NONE);
	/* what was removed since is told by the whole roster alone */
	if (!str_is_empty(known) && str_to_u64(known, &since) == 0 && since >= state.removed &&
	    since <= state.version)
		return list_changes(m, ev, since);
	return list_all(m, ev,
	                str_is_absent(known) ? STR_NONE : roster_version(ev, state.version));
}

/* ---- set (§2.3 to §2.5) ---- */

static bool has_group(const struct roster_item *item, struct str group)
{
	for (size_t i = 0; i < item->n_groups; i++)
		if (str_eq(item->groups[i], group))
			return true;
	return false;
}

/* §2.3.3: what is wrong with the groups; 0 when nothing is. */
static int read_groups(struct event *ev, const struct roster_conf *conf,
                       const struct xml_node *node, struct roster_item *item)
{
	const struct xml_node *child = NULL;

	item->groups = ARENA_ARRAY(ev->arena, struct str, (size_t)conf->groups);
	item->n_groups = 0;
	while ((child = xml_next_child(node, child)) != NULL) {
		struct str group;

		if (!xml_is(child, NS_ROSTER, "group"))
			continue;
		group = xml_text(ev->arena, child);
		if (has_group(item, group))
			return event_error_text(ev, STANZA_BAD_REQUEST, "the same group twice");
		if (group.n == 0 || group.n > (size_t)conf->text)
			return event_error_text(ev, STANZA_NOT_ACCEPTABLE,
			                        "a group's name is empty or too long");
		if (item->n_groups == (size_t)conf->groups)
			return event_error_text(ev, STANZA_NOT_ACCEPTABLE, "too many groups");
		item->groups[item->n_groups++] = group;
	}
	return 0;
}

static int set_item(struct mod *m, struct event *ev, const struct xml_node *node,
                    struct jid jid)
{
	const struct roster_conf *conf = mod_conf(m);
	struct str name = xml_attr(node, "name");
	struct roster_item item;
	bool listed;
	int err = item_load(ev, jid, &item, &listed);

	if (err < 0)
		return err;
	if (name.n > (size_t)conf->text)
		return event_error_text(ev, STANZA_NOT_ACCEPTABLE, "the name is too long");
	item.name = name.n == 0 ? STR_NONE : name;
	err = read_groups(ev, conf, node, &item);
	if (err != 0)
		return err;
	shared_strip(m, &item);
	err = item_put(ev, &item, listed, conf->items);
	if (err == ERR_FULL)
		return event_error_text(ev, STANZA_RESOURCE_CONSTRAINT,
		                        "the roster has as many contacts as it may");
	if (err < 0)
		return err;
	err = roster_push(m, ev, NULL, &item, false);
	return err < 0 ? err : event_result(ev, NULL);
}

/* §2.5: the subscriptions end, whichever there are. */
static int remove_item(struct mod *m, struct event *ev, struct jid jid)
{
	struct roster_item item, over = { .jid = jid };
	bool listed;
	int err = item_load(ev, jid, &item, &listed), shared = shared_overlay(m, ev, &over);

	if (err < 0 || shared < 0)
		return err < 0 ? err : shared;
	if (!listed && shared > 0)
		return event_error_text(ev, STANZA_NOT_ALLOWED,
		                        "everyone of this group is in the roster");
	if (!listed)
		return event_error(ev, STANZA_ITEM_NOT_FOUND);
	err = subscriptions_end(ev, &item);
	if (err == 0)
		err = item_remove(ev, &item);
	if (err < 0)
		return err;
	over.version = item.version;
	err = roster_push(m, ev, NULL, shared > 0 ? &over : &item, shared == 0);
	return err < 0 ? err : event_result(ev, NULL);
}

/* §2.3.3, §2.5.3 */
static int on_set(struct mod *m, struct event *ev)
{
	const struct xml_node *node = xml_only_child(ev->payload);
	struct jid jid;

	if (!xml_is(node, NS_ROSTER, "item") || str_is_empty(xml_attr(node, "jid")))
		return event_error(ev, STANZA_BAD_REQUEST);
	if (jid_parse(ev->arena, xml_attr(node, "jid"), &jid) < 0)
		return event_error(ev, STANZA_JID_MALFORMED);
	if (jid_bare_eq(jid, entity_jid(ev->entity)))
		return event_error_text(ev, STANZA_NOT_ALLOWED,
		                        "an account is no contact of its own");
	if (str_eq(xml_attr(node, "subscription"), STR("remove")))
		return remove_item(m, ev, jid);
	return set_item(m, ev, node, jid);
}

/* ---- the descriptor ---- */

static int start(struct mod *m)
{
	const struct roster_conf *conf = mod_conf(m);

	return shared_start(m, &conf->shared);
}

static const struct mod_iq iqs[] = {
	{ NS_ROSTER, "query", IQ_GET | TO_SELF, on_get },
	{ NS_ROSTER, "query", IQ_SET | TO_SELF, on_set },
	{ NS_ROSTER, "query", IQ_GET | IQ_SET | TO_OTHER | TO_NOBODY, iq_forbidden },
	{ 0 },
};
static const struct mod_hook hooks[] = {
	{ HOOK_SENT, PHASE_ACT, subscribe_sent },
	{ HOOK_RECEIVED, PHASE_ACT, subscribe_received },
	{ HOOK_RECEIVED, PHASE_ACT, contacts_probed },
	{ HOOK_AVAILABLE, PHASE_ACT, subscribe_available },
	{ HOOK_AVAILABLE, PHASE_ACT, contacts_available },
	{ HOOK_UPDATED, PHASE_ACT, contacts_changed },
	{ HOOK_RESUMED, PHASE_ACT, contacts_resumed },
	{ HOOK_UNAVAILABLE, PHASE_ACT, contacts_changed },
	{ HOOK_UNAVAILABLE, PHASE_ACT, subscribe_gone },
	{ HOOK_REMOVED, PHASE_ACT, subscribe_removed },
	{ 0 },
};
static const struct mod_stream_feature stream_features[] = {
	{ .xml = "<ver xmlns='" NS_ROSTER_VERSIONS "'/>" },
	{ .xml = "<sub xmlns='" NS_PRE_APPROVAL "'/>" },
	{ 0 },
};

const struct mod_def mod_roster = {
	.abi = MOD_ABI,
	.name = "roster",
	.needs = "presence",
	.xep = "XEP-0237 1.3",
	.summary = "keeps contacts and subscriptions, and shows presence to contacts",
	.conf_size = sizeof(struct roster_conf),
	.options = options,
	.state_size = sizeof(struct roster_state_of_host),
	.start = start,
	.stop = shared_stop,
	.session_size = sizeof(struct roster_session),
	.session_save = roster_session_save,
	.session_load = roster_session_load,
	.iqs = iqs,
	.hooks = hooks,
	.spaces = MOD_SPACES(&roster_space, &roster_state_space, &roster_request_space,
	                     &roster_introduced_space, &roster_owed_space),
	.stream_features = stream_features,
};
