/*
 * blocking.c - the blocking command (XEP-0191): the blocklist is asked for, added to and taken
 * from.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/blocking/blocklist.h"
#include "modules/blocking/filter.h"
#include "modules/blocking/privacy.h"
#include "modules/blocking/report.h"
#include "modules/blocking/visibility.h"

static const struct conf_option options[] = {
	CONF_OPT_INT("items", struct blocking_conf, items, 1000, 1, 100000,
	             "addresses that an account may block, and rules of one privacy list"),
	CONF_OPT_INT("lists", struct blocking_conf, lists, 20, 1, 1000,
	             "privacy lists of an account"),
	CONF_OPT_BYTES("list-size", struct blocking_conf, list_size, KIB(128), KIB(1), MIB(64),
	               "largest list as it is stored"),
	CONF_OPT_BYTES("report-text", struct blocking_conf, report_text, 1000, 0, KIB(64),
	               "what is kept of the text of a report"),
	CONF_OPT_INT("report-stanzas", struct blocking_conf, report_stanzas, 20, 0, 1000,
	             "stanzas that a report may name; further ones are left out"),
	CONF_OPT_INT("reports-per-hour", struct blocking_conf, reports_per_hour, 20, 1, 1000000,
	             "reports of one account that reach the administrators"),
	{ 0 },
};

/* ---- the blocklist ---- */

/* XEP-0191 §3.2. */
static int on_list(struct mod *m, struct event *ev)
{
	struct xml_node *blocklist = xml_new(ev->arena, NS_BLOCKING, "blocklist");
	struct rules_session *state = mod_session_state(m, ev->session);
	struct rule_list *list;
	int err = rules_read_default(ev, &list);

	if (err < 0 && err != ERR_NOENT)
		return err;
	for (size_t i = 0; err == 0 && i < list->n; i++)
		if (rule_is_block(&list->rules[i]))
			xml_set(ev->arena, xml_add(ev->arena, blocklist, NULL, "item"), "jid",
			        list->rules[i].value);
	if (!state->wants_blocklist)
		session_changed(ev->session);
	state->wants_blocklist = true;
	return event_result(ev, blocklist);
}

/* ---- commands ---- */

/* The addresses of a command's items: 0, or the condition to answer with in *condition_out. */
static int read_items(struct mod *m, struct event *ev, struct blocklist_jids *jids_out,
                      enum stanza_error *condition_out)
{
	const struct blocking_conf *conf = mod_conf(m);
	const struct xml_node *item = NULL;
	size_t n = 0;

	*condition_out = STANZA_RESOURCE_CONSTRAINT;
	while ((item = xml_next_child(ev->payload, item)) != NULL)
		if (++n > (size_t)conf->items)
			return ERR_TOO_BIG;
	*jids_out = (struct blocklist_jids){ .jids = ARENA_ARRAY(ev->arena, struct jid, n) };
	while ((item = xml_next_child(ev->payload, item)) != NULL) {
		struct str jid = xml_attr(item, "jid");

		*condition_out = STANZA_BAD_REQUEST;
		if (!xml_is(item, NS_BLOCKING, "item") || str_is_absent(jid))
			return ERR_INVALID;
		*condition_out = STANZA_JID_MALFORMED;
		if (jid_parse(ev->arena, jid, &jids_out->jids[jids_out->n++]) < 0)
			return ERR_INVALID;
	}
	return 0;
}

/* The default list; without one, that of our name; without that, a new one. */
static int find_list(struct event *ev, struct rule_list **list_out, bool *is_default_out)
{
	int err = rules_read_default(ev, list_out);

	*is_default_out = err == 0;
	if (err == ERR_NOENT)
		err = rules_read_named(ev, STR(BLOCKLIST_NAME), list_out);
	if (err == ERR_NOENT) {
		*list_out = ARENA_NEW(ev->arena, struct rule_list);
		(*list_out)->name = STR(BLOCKLIST_NAME);
		err = 0;
	}
	return err;
}

/* And what to push: all that a list blocks which became the default one. */
static int block(struct mod *m, struct event *ev, struct blocklist_jids *jids)
{
	struct rule_list *list;
	bool is_default;
	int err = find_list(ev, &list, &is_default);

	if (err == 0 && blocklist_add(ev, list, jids))
		err = rules_write(m, ev, list);
	if (err < 0 || is_default)
		return err;
	rules_set_default(m, ev, list->number);
	*jids = blocklist_of(ev, list);
	return 0;
}

/* XEP-0191 §3.3. */
static int on_block(struct mod *m, struct event *ev)
{
	enum stanza_error condition;
	struct blocklist_jids jids;
	struct visibility before;
	int err = read_items(m, ev, &jids, &condition);

	if (err < 0)
		return event_error(ev, condition);
	if (jids.n == 0)
		return event_error(ev, STANZA_BAD_REQUEST);
	err = visibility_note(m, ev, &before);
	if (err == 0)
		err = block(m, ev, &jids);
	if (err == ERR_TOO_BIG)
		return event_error_text(ev, STANZA_RESOURCE_CONSTRAINT,
		                        "too many addresses are blocked");
	if (err < 0)
		return err;
	event_result(ev, NULL);
	blocklist_push(m, ev, "block", &jids);
	report_items(m, ev);
	err = visibility_change(m, ev, &before);
	return err < 0 ? err : MOD_HANDLED;
}

/* A list that blocked and did nothing else is gone with its last address. */
static int unblock(struct mod *m, struct event *ev, const struct blocklist_jids *jids)
{
	struct rule_list *list;
	int err = rules_read_default(ev, &list);

	if (err == ERR_NOENT)
		return 0;
	if (err < 0 || !blocklist_remove(list, jids))
		return err;
	if (list->n > 0)
		rules_shrink(m, ev, list);
	else
		privacy_remove(m, ev, list);
	return 0;
}

/* XEP-0191 §3.4; without items §3.5, all of them. */
static int on_unblock(struct mod *m, struct event *ev)
{
	enum stanza_error condition;
	struct blocklist_jids jids;
	struct visibility before;
	int err = read_items(m, ev, &jids, &condition);

	if (err < 0)
		return event_error(ev, condition);
	err = visibility_note(m, ev, &before);
	if (err == 0)
		err = unblock(m, ev, jids.n == 0 ? NULL : &jids);
	if (err < 0)
		return err;
	event_result(ev, NULL);
	blocklist_push(m, ev, "unblock", &jids);
	err = visibility_change(m, ev, &before);
	return err < 0 ? err : MOD_HANDLED;
}

static int start(struct mod *m)
{
	return report_start(m);
}

static void stop(struct mod *m)
{
	report_stop(m);
}

static const struct mod_iq iqs[] = {
	{ NS_BLOCKING, "blocklist", IQ_GET | TO_SELF, on_list },
	{ NS_BLOCKING, "block", IQ_SET | TO_SELF, on_block },
	{ NS_BLOCKING, "unblock", IQ_SET | TO_SELF, on_unblock },
	{ NS_PRIVACY, "query", IQ_GET | TO_SELF, privacy_get },
	{ NS_PRIVACY, "query", IQ_SET | TO_SELF, privacy_set },
	{ 0 },
};

static const struct mod_hook hooks[] = {
	{ HOOK_SENT, PHASE_GUARD, filter_sent },
	{ HOOK_RECEIVED, PHASE_GUARD, filter_received },
	{ 0 },
};

const struct mod_def mod_blocking = {
	.abi = MOD_ABI,
	.name = "blocking",
	.summary = "lets accounts block others, report them, and keep privacy lists",
	.xep = "XEP-0016 1.7, XEP-0191 1.3, XEP-0377 0.4.1",
	.conf_size = sizeof(struct blocking_conf),
	.options = options,
	.state_size = sizeof(struct blocking_state),
	.start = start,
	.stop = stop,
	.session_size = sizeof(struct rules_session),
	.session_save = rules_session_save,
	.session_load = rules_session_load,
	.entity_size = sizeof(struct rules),
	.entity_end = rules_end,
	.iqs = iqs,
	.hooks = hooks,
	.may_send = filter_may_send,
	.spaces = MOD_SPACES(&rules_space, &rules_default_space),
	.features = MOD_FEATURES(NS_BLOCKING, NS_PRIVACY, NS_REPORTING),
};
