/*
 * chat.h - a service as little as there can be, for the tests of rooms' archives (modules/mam/mam.h).
 *
 * chat.a.example: a message founds the room that it is for, and comes back to its sender as the room
 * keeps it, from room/nick, the nickname being the localpart.  In the namespace urn:chat:
 *
 *     <dissolve/>, <trim keep='N'/>       done, and a result
 *     <latest limit='N' since='MS'/>      <latest>: the messages, until one has <end/>
 *     <bury uid='…'/>                     a tombstone; item-not-found
 *
 * Only romeo may see <secret/> in what the archive has, and of a message with <hidden/> nobody
 * anything.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/mam/mam.h"
#include "tests/modules/lovers.h"

#define ROOM "orchard@chat.a.example"
#define NS_CHAT "urn:chat"

/* ---- the service ---- */

/* S without the children of that name. */
static struct stanza *without(struct event *ev, const struct stanza *s, const char *ns,
                              const char *name)
{
	struct stanza *copy = stanza_new(ev->arena, STANZA_MESSAGE, s->type);
	const struct xml_node *child = NULL;

	copy->from = s->from;
	copy->to = s->to;
	copy->id = s->id;
	while ((child = xml_next_child(s->node, child)) != NULL)
		if (!xml_is(child, ns, name))
			xml_append(stanza_node(copy), xml_copy(ev->arena, child));
	return copy;
}

static int on_message(struct event *ev)
{
	const struct stanza *s = mam_strip(ev, ev->stanza);
	struct stanza *said;
	int err;

	if (s->type == TYPE_ERROR)
		return MOD_HANDLED;
	if (!entity_is_item(ev->entity))
		event_found(ev);
	said = without(ev, s, "urn:none", "none");
	said->from = jid_with_resource(ev->arena, entity_jid(ev->entity), jid_local(s->from));
	said->to = entity_jid(ev->entity);
	said->type = TYPE_GROUPCHAT;
	err = mam_keep(ev, said);
	if (err == 0)
		event_send(ev, stanza_readdress(ev->arena, mam_stamp(ev, said), said->from,
		                                s->from));
	return err < 0 ? err : MOD_HANDLED;
}

static int64_t number_of(const struct xml_node *node, const char *name)
{
	int64_t n = 0;

	ck_assert_int_eq(str_to_i64(xml_attr(node, name), &n), 0);
	return n;
}

struct latest_test {
	struct event *ev;
	struct xml_node *reply;
	int64_t before;
};

static int on_latest(void *arg, const struct stanza *s, int64_t wall_ms)
{
	struct latest_test *l = arg;

	ck_assert_int_le(wall_ms, l->before);
	l->before = wall_ms;
	xml_append(l->reply, stanza_element(l->ev->arena, s));
	return xml_child(s->node, NS_CHAT, "end") != NULL;
}

static int latest(struct event *ev)
{
	struct latest_test l = { ev, xml_new(ev->arena, NS_CHAT, "latest"), INT64_MAX };
	int err = mam_latest(ev, (size_t)number_of(ev->payload, "limit"),
	                     number_of(ev->payload, "since"), on_latest, &l);

	return err < 0 ? err : event_result(ev, l.reply);
}

static int bury(struct event *ev)
{
	struct stanza *tombstone = stanza_new(ev->arena, STANZA_MESSAGE, TYPE_GROUPCHAT);
	const struct stanza *s;
	uint64_t id;
	int err = mam_find(ev, xml_attr(ev->payload, "uid"), &id, &s);

	if (err == ERR_NOENT)
		return event_error(ev, STANZA_ITEM_NOT_FOUND);
	if (err < 0)
		return err;
	tombstone->from = s->from;
	tombstone->to = entity_jid(ev->entity);
	xml_add(ev->arena, stanza_node(tombstone), NS_RETRACT, "retracted");
	err = mam_bury(ev, id, tombstone);
	if (err < 0)
		return err;
	ck_assert_int_eq(mam_bury(ev, id, tombstone), ERR_NOENT);
	return event_result(ev, NULL);
}

static const struct stanza *edit(void *arg, struct event *ev, const struct stanza *s)
{
	const char *reader = arg;

	ck_assert(str_is(jid_local(ev->stanza->from), reader));
	if (xml_child(s->node, NS_CHAT, "hidden") != NULL)
		return NULL;
	return str_is(jid_local(ev->stanza->from), "romeo") ? s
	                                                    : without(ev, s, NS_CHAT, "secret");
}

static int on_iq(struct event *ev)
{
	struct str name = ev->payload == NULL ? STR("") : ev->payload->name;
	int result;

	if (!stanza_is_request(ev->stanza))
		return MOD_HANDLED;
	result = mam_answer(
		ev, edit,
		(void *)(uintptr_t)arena_cstr(ev->arena, jid_local(ev->stanza->from)));
	if (result != MOD_PASS)
		return result;
	if (!xml_in_ns(ev->payload, NS_CHAT))
		return event_error(ev, STANZA_SERVICE_UNAVAILABLE);
	if (str_is(name, "latest"))
		return latest(ev);
	if (str_is(name, "bury"))
		return bury(ev);
	if (str_is(name, "dissolve"))
		event_dissolve(ev);
	else
		result = mam_trim(ev, (uint64_t)number_of(ev->payload, "keep"));
	return result < 0 ? result : event_result(ev, NULL);
}

static int received(struct mod *m, struct event *ev)
{
	if (ev->stanza->kind == STANZA_PRESENCE)
		return MOD_HANDLED;
	return ev->stanza->kind == STANZA_MESSAGE ? on_message(ev) : on_iq(ev);
}

static const struct mod_def *const with[] = { &mod_mam, NULL };
static const struct mod_service service = {
	.label = "chat",
	.with = with,
	.received = received,
};
static const struct mod_def mod_chat = {
	.abi = MOD_ABI,
	.name = "chat",
	.summary = "rooms for tests",
	.service = &service,
};

/* ---- what is said ---- */

/* The room is made anew from its records. */
static inline void restart(void)
{
	client_drop(&romeo);
	client_drop(&juliet);
	world_restart(w);
	romeo = client_online(w, ROMEO "/orchard", 0);
	juliet = client_online(w, JULIET "/balcony", 0);
}

/* What C, in the room, hears of what it says; the uid of it, or NULL. */
static inline const char *say_xml(struct client *c, const char *xml)
{
	client_printf(c, "<message type='groupchat' to='" ROOM "' id='said'>%s</message>", xml);
	return stamped(w, client_expect(c, "<message type='groupchat' id='said'/>"), ROOM);
}

static inline const char *say(struct client *c, const char *body)
{
	return say_xml(c, arena_printf(w->arena, "<body>%s</body>", body).p);
}

/* One after the other, "0" to N - 1. */
static inline void say_all(struct client *c, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		ck_assert_ptr_nonnull(say(c, arena_printf(w->arena, "%u", i).p));
}

static inline const char *said(struct client *c, const char *query)
{
	return bodies(w, look_at(c, ROOM, query));
}
