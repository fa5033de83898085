/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/announce.h"

#include "xml/writer.h"

#define PART_NAMES 2000 /* that are looked at in one visit: some milliseconds of a reader */
#define PART_ROOMS 100  /* that are told in one visit */

/* What an announcement is made of: an element with the bodies, in each language. */
static struct xml_node *bodies_of(struct arena *arena, const struct xml_node *message)
{
	struct xml_node *bodies = xml_new(arena, NS_CLIENT, "message");
	const struct xml_node *child = NULL;

	while ((child = xml_next_child(message, child)) != NULL)
		if (xml_is(child, NS_CLIENT, "body"))
			xml_append(bodies, xml_copy(arena, child));
	return bodies;
}

/* ---- a visit at the service ---- */

/* Where it is, and what is to be said. */
struct visit {
	struct mod *mod;
	struct str after; /* localpart; empty: at the beginning */
	struct str id, bodies;
	/* of this part */
	struct arena *arena;
	struct str domain;
	struct jid rooms[PART_ROOMS];
	size_t n_rooms, n_names;
	bool is_end;
	struct store_reader *reader;
	int err;
};

static struct str encode(struct arena *arena, const struct visit *v)
{
	struct record_writer w;

	record_begin(&w, 1);
	record_put_str(&w, v->after);
	record_put_str(&w, v->id);
	record_put_str(&w, v->bodies);
	return record_finish(&w, arena);
}

static int decode(struct str data, struct visit *v)
{
	struct record_reader r;

	if (record_open(&r, data) != 1)
		return ERR_CORRUPT;
	v->after = record_str(&r);
	v->id = record_str(&r);
	v->bodies = record_str(&r);
	return record_end(&r);
}

static int on_name(void *arg, struct str bare, uint64_t owner)
{
	struct visit *v = arg;
	struct jid room;

	if (jid_parse(v->arena, arena_copy(v->arena, bare), &room) < 0)
		return 0;
	v->after = jid_local(room);
	v->n_names++;
	if (room_has_seats(v->reader, owner))
		v->rooms[v->n_rooms++] = room;
	return v->n_rooms == PART_ROOMS;
}

static void look(struct store_reader *reader, void *arg)
{
	struct visit *v = arg;
	int result;

	v->reader = reader;
	result = names_reader_scan(reader, v->domain,
	                           str_is_empty(v->after) ? STR_NONE : v->after, PART_NAMES,
	                           on_name, v);
	v->err = result < 0 ? result : 0;
	v->is_end = v->n_rooms < PART_ROOMS && v->n_names < PART_NAMES;
}

static int visit(struct mod *m, struct event *ev, struct str data);

static int tell_rooms(struct event *ev, void *arg)
{
	struct visit *v = arg;
	struct stanza *s = stanza_new(ev->arena, STANZA_MESSAGE, TYPE_NORMAL);

	if (v->err < 0 || xml_read(ev->arena, v->bodies, &s->node) < 0)
		return v->err < 0 ? v->err : ERR_CORRUPT;
	s->from = host_jid(ev->host);
	s->id = v->id;
	for (size_t i = 0; i < v->n_rooms; i++)
		event_send_lightly(ev, stanza_readdress(ev->arena, s, s->from, v->rooms[i]));
	if (!v->is_end)
		mod_visit(v->mod, s->from, visit, encode(ev->arena, v));
	return MOD_HANDLED;
}

static int visit(struct mod *m, struct event *ev, struct str data)
{
	struct visit *v = ARENA_NEW(ev->arena, struct visit);
	int err = decode(data, v);

	if (err < 0)
		return err;
	v->mod = m;
	v->arena = ev->arena;
	v->domain = host_name(ev->host);
	return event_read(ev, look, tell_rooms, v);
}

/* ---- what is asked for ---- */

int announce(struct muc_event *me)
{
	struct event *ev = me->ev;
	const struct stanza *s = ev->stanza;
	struct visit v = { .after = STR("") };

	if (s->type == TYPE_ERROR) /* of a room that is gone meanwhile */
		return MOD_HANDLED;
	if (!jid_is_bare(s->to))
		return event_error(ev, STANZA_SERVICE_UNAVAILABLE);
	if (!host_is_admin(host_parent(ev->host), s->from))
		return event_error(ev, STANZA_FORBIDDEN);
	if (xml_child(s->node, NULL, "body") == NULL)
		return event_error(ev, STANZA_BAD_REQUEST);
	if (xml_size(s->node) > (size_t)muc_conf_of(me)->max_message)
		return event_error(ev, STANZA_POLICY_VIOLATION);
	v.id = rand_token(ev->arena, 12);
	v.bodies = xml_print(ev->arena, bodies_of(ev->arena, s->node));
	mod_visit(me->mod, entity_jid(ev->entity), visit, encode(ev->arena, &v));
	return MOD_HANDLED;
}

/* ---- in a room ---- */

/* Nobody else has that address. */
bool announce_is_one(const struct event *ev)
{
	return jid_eq(ev->stanza->from, host_jid(ev->host));
}

int announce_in_room(struct muc_event *me)
{
	struct event *ev = me->ev;
	struct stanza *s = stanza_new(ev->arena, STANZA_MESSAGE, TYPE_GROUPCHAT);

	s->from = entity_jid(ev->entity);
	s->id = ev->stanza->id;
	s->node = bodies_of(ev->arena, ev->stanza->node);
	talk_send_all(me, s);
	return MOD_HANDLED;
}
