/*
 * leave.c - occupants go: because they say so, because they are not there any more, or because
 * the room ends (XEP-0045 §7.14, §18).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/leave.h"

#include "modules/muc/destroy.h"

/*
 * A room that does not last goes with its last occupant, and so does one that was not configured
 * (§10.1.3).
 */
void leave_end_if_empty(struct muc_event *me)
{
	const struct config *config = &me->room->config;

	if (entity_is_item(me->ev->entity) && me->room->occupants == NULL &&
	    (!config->is_persistent || config->is_locked))
		destroy_records(me);
}

static const struct seat *other_seat(const struct seat *seat)
{
	return seat->occupant->seats != seat ? seat->occupant->seats : seat->next;
}

/* The occupant stays with his other sessions, and is what the latest of them shows. */
static void leave_one(struct muc_event *me, struct seat *seat, const struct showing *why)
{
	struct occupant *o = seat->occupant;
	bool was_shown = o->seats == seat;

	show_gone_one(me, o, seat, why);
	room_remove(me->ev, me->room, seat);
	if (was_shown)
		show(me, o, NULL);
}

static void go(struct muc_event *me, struct seat *seat, const struct showing *why)
{
	struct showing shown = *why;

	if (other_seat(seat) != NULL) {
		leave_one(me, seat, why);
		return;
	}
	if (me->room->config.is_locked && room_count(me->room) == 1)
		shown.destroy = destroy_element(me->ev->arena); /* §10.1.3 */
	show_gone(me, seat->occupant, &shown);
	room_remove(me->ev, me->room, seat);
	leave_end_if_empty(me);
}

void leave_all(struct muc_event *me, struct occupant *o, const struct showing *why)
{
	bool is_last = false;

	show_gone(me, o, why);
	while (!is_last)
		is_last = room_remove(me->ev, me->room, o->seats);
	leave_end_if_empty(me);
}

int leave(struct muc_event *me)
{
	struct shared_buf *content;
	struct showing why = { .new_nick = STR_NONE };

	if (me->seat == NULL)
		return MOD_HANDLED;
	content = show_content(me, me->ev->stanza);
	if (content != NULL)
		why.farewell = arena_copy(me->ev->arena, shared_str(content));
	shared_unref(&content);
	go(me, me->seat, &why);
	me->seat = NULL;
	return MOD_HANDLED;
}

/* ---- who is not there any more ---- */

static const char *const gone[] = {
	"gone",     "item-not-found",          "jid-malformed",         "recipient-unavailable",
	"redirect", "remote-server-not-found", "remote-server-timeout", "service-unavailable"
};

bool leave_is_gone(const struct stanza *s)
{
	const struct xml_node *error = xml_child(s->node, NULL, "error");

	for (size_t i = 0; error != NULL && i < ARRAY_LEN(gone); i++)
		if (xml_child(error, NS_STANZA_ERROR, gone[i]) != NULL)
			return true;
	return false;
}

int leave_as_gone(struct muc_event *me)
{
	struct showing why = { .codes = STATUS_ERROR, .new_nick = STR_NONE };

	if (me->seat != NULL)
		go(me, me->seat, &why);
	me->seat = NULL;
	return MOD_HANDLED;
}

/*
 * The id is the resource that was asked for, and the address the occupant's (leave_visit).  A
 * session that has entered meanwhile under another nick is not meant.
 */
int leave_as_unknown(struct muc_event *me)
{
	const struct stanza *s = me->ev->stanza;
	struct seat *seat;

	if (str_is_absent(s->id) || !jid_is_bare(s->from))
		return MOD_HANDLED;
	seat = room_seat(me->room, jid_with_resource(me->ev->arena, s->from, s->id));
	if (seat == NULL || !str_eq(seat->occupant->nick, jid_resource(s->to)))
		return MOD_HANDLED;
	me->seat = seat;
	return leave_as_gone(me);
}

/*
 * Sessions that ended with an earlier process have told nobody.  Their accounts know which are
 * there, and whether they have entered under that address (RFC 6121 §4.6): what is not so is
 * refused, and a session that is as it should be does not hear of it.
 */
static void ask(struct event *ev, const struct seat *seat)
{
	struct stanza *probe = stanza_new(ev->arena, STANZA_PRESENCE, TYPE_PROBE);

	probe->from = occupant_jid(ev, seat->occupant);
	probe->to = jid_copy(ev->arena, seat->jid);
	probe->id = jid_resource(probe->to);
	event_send(ev, probe);
}

bool leave_wants_care(const struct mod *m, struct store_reader *reader, struct jid account,
                      uint64_t owner, int64_t wall_ms)
{
	return room_has_seats(reader, owner);
}

int leave_visit(struct mod *m, struct event *ev, struct str data)
{
	const struct seat *seat = NULL;
	struct room *room;
	int err;

	if (!entity_is_item(ev->entity) || room_was_asked(ev))
		return MOD_HANDLED;
	err = room_open(m, ev, &room);
	if (err < 0)
		return err;
	while ((seat = room_next_seat(room, seat)) != NULL)
		ask(ev, seat);
	room_put_asked(ev);
	return MOD_HANDLED;
}
