/*
 * flexible.c - a client that chooses which stored messages it gets, and when they are deleted
 * (XEP-0013).
 *
 * The node of a message is its number in 20 digits, so that nodes sort as messages do (§2.3).
 * A request for several messages is done as a whole or not at all.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/offline/box.h"

#define NODE_DIGITS 20
/* What one request can ask for; it has to fit among what may wait for a client (out-size). */
#define ANSWER_BYTES MIB(4)
#define CHEAP_BYTES KIB(256) /* up to here, messages may be asked for at any rate */
#define COST_LOOK 50 /* bytes sent, for a message that is counted: ten for a microsecond */

/* From now on the session gets nothing unasked (§2.2, §2.6). */
static void choose(struct mod *m, struct event *ev)
{
	struct offline_session *state =
		ev->session == NULL ? NULL : mod_session_state(m, ev->session);

	if (state == NULL || state->flexible)
		return;
	state->flexible = true;
	session_changed(ev->session);
}

/* Much at a time can be had only so often.  False: it is answered. */
static bool may_ask(struct mod *m, struct event *ev)
{
	struct offline_state *of_host = mod_state(m);

	if (mod_rate_take(of_host->asking, jid_bare_str(entity_jid(ev->entity))))
		return true;
	event_error_text(ev, STANZA_RESOURCE_CONSTRAINT, "too many requests at a time");
	return false;
}

/* Before messages are counted or listed: of those that are gone nobody is told. */
static int sweep(struct mod *m, struct event *ev)
{
	struct offline_box *box;
	int err = box_open(m, ev, &box);

	if (err < 0 || box->n == 0)
		return err;
	if (ev->session != NULL)
		session_charge(ev->session, (int64_t)box->n * COST_LOOK);
	return box_sweep(m, ev);
}

static struct str node_of(struct arena *arena, uint64_t number)
{
	return arena_printf(arena, "%0*llu", NODE_DIGITS, (unsigned long long)number);
}

/* ---- numbers and headers ---- */

static void add_number(struct event *ev, struct xml_node *query, size_t n)
{
	struct xml_node *form = form_new(ev->arena, "result", NS_OFFLINE);

	form_field(ev->arena, form, FIELD_TEXT_SINGLE, "number_of_messages", NULL,
	           arena_printf(ev->arena, "%zu", n));
	xml_append(query, form);
}

/* §2.2 */
int flexible_info(struct mod *m, struct event *ev)
{
	struct xml_node *query = xml_new(ev->arena, NS_DISCO_INFO, "query"), *node;
	struct offline_box *box;
	int err = sweep(m, ev);

	if (err == 0)
		err = box_open(m, ev, &box);
	if (err < 0)
		return err;
	choose(m, ev);
	xml_set(ev->arena, query, "node", STR(NS_OFFLINE));
	node = xml_add(ev->arena, query, NULL, "identity");
	xml_set(ev->arena, node, "category", STR("automation"));
	xml_set(ev->arena, node, "type", STR("message-list"));
	node = xml_add(ev->arena, query, NULL, "feature");
	xml_set(ev->arena, node, "var", STR(NS_OFFLINE));
	add_number(ev, query, box->n);
	return event_result(ev, query);
}

struct listing {
	struct event *ev;
	struct xml_node *query;
	struct str self;
};

static int list_one(void *arg, const struct offline_record *record)
{
	struct listing *l = arg;
	struct arena *arena = l->ev->arena;
	struct xml_node *item = xml_add(arena, l->query, NULL, "item");

	xml_set(arena, item, "jid", l->self);
	xml_set(arena, item, "node", node_of(arena, record->number));
	xml_set(arena, item, "name", arena_copy(arena, record->from));
	return 0;
}

/* §2.3 */
int flexible_items(struct mod *m, struct event *ev)
{
	struct listing l = {
		.ev = ev,
		.query = xml_new(ev->arena, NS_DISCO_ITEMS, "query"),
		.self = jid_bare_str(entity_jid(ev->entity)),
	};
	int err;

	choose(m, ev);
	if (!may_ask(m, ev))
		return MOD_HANDLED;
	xml_set(ev->arena, l.query, "node", STR(NS_OFFLINE));
	err = sweep(m, ev);
	if (err == 0)
		err = box_scan(ev, 1, list_one, &l);
	return err < 0 ? err : event_result(ev, l.query);
}

/* ---- messages ---- */

/* NULL: it is gone. */
static const struct stanza *view_one(struct event *ev, const struct offline_record *record)
{
	struct xml_node *offline = xml_new(ev->arena, NS_OFFLINE, "offline");
	struct xml_node *item = xml_add(ev->arena, offline, NULL, "item");

	xml_set(ev->arena, item, "node", node_of(ev->arena, record->number));
	return box_message(ev, record, offline);
}

/* The number that an item names with that action: 0; bad-request; item-not-found. */
static int read_item(const struct xml_node *item, const char *action, uint64_t *number_out,
                     enum stanza_error *condition_out)
{
	struct str node = xml_attr(item, "node");

	*condition_out = STANZA_BAD_REQUEST;
	if (!xml_is(item, NS_OFFLINE, "item") || !str_is(xml_attr(item, "action"), action) ||
	    str_is_absent(node))
		return ERR_INVALID;
	*condition_out = STANZA_ITEM_NOT_FOUND;
	return node.n == NODE_DIGITS ? str_to_u64(node, number_out) : ERR_INVALID;
}

/* All items are looked at before anything is done: what they come to. */
static int check_items(struct event *ev, const char *action, size_t *bytes_out,
                       enum stanza_error *condition_out)
{
	const struct xml_node *item = NULL;

	*bytes_out = 0;
	*condition_out = STANZA_BAD_REQUEST;
	if (xml_next_child(ev->payload, NULL) == NULL)
		return ERR_INVALID;
	while ((item = xml_next_child(ev->payload, item)) != NULL) {
		struct offline_record record;
		uint64_t number;
		int err = read_item(item, action, &number, condition_out);

		if (err == 0)
			err = box_find(ev, number, &record);
		if (err < 0)
			return err;
		*bytes_out += record.bytes;
	}
	return 0;
}

static size_t count_items(const struct event *ev)
{
	const struct xml_node *item = NULL;
	size_t n = 0;

	while ((item = xml_next_child(ev->payload, item)) != NULL)
		n++;
	return n;
}

/* What check_items said, as an answer. */
static int refuse(struct event *ev, int err, enum stanza_error condition)
{
	return err == ERR_INVALID || err == ERR_NOENT ? event_error(ev, condition) : err;
}

/* Can messages of that many bytes be sent in one answer, now?  False: it is answered. */
static bool may_view(struct mod *m, struct event *ev, size_t bytes)
{
	if (bytes <= (size_t)ANSWER_BYTES)
		return bytes <= (size_t)CHEAP_BYTES || may_ask(m, ev);
	event_error_text(ev, STANZA_RESOURCE_CONSTRAINT, "ask for fewer messages at a time");
	return false;
}

/* The message that ITEM names, of which check_items has seen the record; ERR_NOENT. */
static int view_item(struct event *ev, const struct xml_node *item,
                     const struct stanza **message_out)
{
	struct offline_record record;
	enum stanza_error condition;
	uint64_t number;
	int err = read_item(item, "view", &number, &condition);

	if (err == 0)
		err = box_find(ev, number, &record);
	if (err < 0)
		return err;
	*message_out = view_one(ev, &record);
	return *message_out == NULL ? ERR_NOENT : 0;
}

/* §2.4 */
static int view_items(struct mod *m, struct event *ev)
{
	const struct xml_node *item = NULL;
	const struct stanza **messages;
	enum stanza_error condition;
	size_t bytes, n = 0;
	int err = check_items(ev, "view", &bytes, &condition);

	if (err < 0)
		return refuse(ev, err, condition);
	if (!may_view(m, ev, bytes))
		return MOD_HANDLED;
	messages = ARENA_ARRAY(ev->arena, const struct stanza *, count_items(ev));
	while ((item = xml_next_child(ev->payload, item)) != NULL && err == 0)
		err = view_item(ev, item, &messages[n++]);
	if (err < 0)
		return refuse(ev, err, STANZA_ITEM_NOT_FOUND);
	for (size_t i = 0; i < n; i++)
		event_offer(ev, ev->session, messages[i]);
	return event_result(ev, NULL);
}

/* Does the request consist of that element alone? */
static bool is_command(const struct event *ev, const char *name)
{
	return xml_is(xml_only_child(ev->payload), NS_OFFLINE, name);
}

static int fetch_one(void *arg, const struct offline_record *record)
{
	struct event *ev = arg;
	const struct stanza *message = view_one(ev, record);

	if (message != NULL)
		event_offer(ev, ev->session, message);
	return 0;
}

/* §2.6 */
static int fetch(struct mod *m, struct event *ev)
{
	struct offline_box *box;
	int err = box_open(m, ev, &box);

	if (err < 0)
		return err;
	if (!may_view(m, ev, box->bytes))
		return MOD_HANDLED;
	err = box_scan(ev, 1, fetch_one, ev);
	return err < 0 ? err : event_result(ev, NULL);
}

int flexible_get(struct mod *m, struct event *ev)
{
	if (ev->session == NULL) /* messages go to whoever asked, and nowhere else */
		return event_error(ev, STANZA_SERVICE_UNAVAILABLE);
	choose(m, ev);
	return is_command(ev, "fetch") ? fetch(m, ev) : view_items(m, ev);
}

/* ---- removal ---- */

/* §2.5 */
static int remove_items(struct mod *m, struct event *ev)
{
	const struct xml_node *item = NULL;
	enum stanza_error condition;
	size_t bytes;
	int err = check_items(ev, "remove", &bytes, &condition);

	if (err < 0)
		return refuse(ev, err, condition);
	while ((item = xml_next_child(ev->payload, item)) != NULL && err == 0) {
		uint64_t number;

		err = read_item(item, "remove", &number, &condition);
		if (err == 0)
			err = box_remove(m, ev, number);
	}
	return err < 0 ? err : event_result(ev, NULL);
}

/* §2.5, §2.7 */
int flexible_set(struct mod *m, struct event *ev)
{
	int err;

	choose(m, ev);
	if (!is_command(ev, "purge"))
		return remove_items(m, ev);
	err = box_remove_upto(m, ev, UINT64_MAX, NULL, NULL);
	return err < 0 ? err : event_result(ev, NULL);
}
