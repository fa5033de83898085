/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/change.h"

#include "modules/muc/leave.h"
#include "modules/muc/privilege.h"
#include "modules/muc/talk.h"

static struct showing showing_of(unsigned codes, const struct cause *cause)
{
	return (struct showing){ .codes = codes,
		                 .new_nick = STR_NONE,
		                 .actor_nick = cause->actor_nick,
		                 .reason = cause->reason,
		                 .farewell = STR("") };
}

/* ---- an occupant ---- */

static void throw_out(struct muc_event *me, struct occupant *o, unsigned code,
                      const struct cause *cause)
{
	struct showing why = showing_of(code, cause);

	if (me->seat != NULL && me->seat->occupant == o)
		me->seat = NULL;
	leave_all(me, o, &why);
}

/* A moderator sees who everybody is (§8). */
static void show_who_is_who(struct muc_event *me, const struct occupant *moderator)
{
	const struct occupant *o = NULL;

	while ((o = room_next(me->room, o)) != NULL)
		for (const struct seat *to = moderator->seats; to != NULL && o != moderator;
		     to = to->next)
			show_one(me, o, to, NULL);
}

static void become(struct muc_event *me, struct occupant *o, struct standing to,
                   const struct cause *cause)
{
	struct showing why = showing_of(0, cause);
	bool sees_more = o->role < ROLE_MODERATOR && to.role == ROLE_MODERATOR &&
	                 !me->room->config.shows_jids;

	if (show_is_broadcast(me->room, o->role) && !show_is_broadcast(me->room, to.role))
		show_hidden(me, o);
	o->affiliation = to.affiliation;
	o->role = to.role;
	room_put(me->ev, me->room, o);
	show(me, o, &why);
	if (sees_more)
		show_who_is_who(me, o);
}

void change_role(struct muc_event *me, struct occupant *o, enum role role,
                 const struct cause *cause)
{
	if (role == ROLE_NONE)
		throw_out(me, o, STATUS_KICKED, cause);
	else if (role != o->role)
		become(me, o, (struct standing){ o->affiliation, role }, cause);
}

static void follow(struct muc_event *me, struct occupant *o, enum affiliation to,
                   const struct cause *cause)
{
	const struct config *config = &me->room->config;
	struct standing now = { o->affiliation, o->role };
	enum role role =
		privilege_role_after(now, to, config->is_moderated, config->is_members_only);

	if (role != ROLE_NONE) {
		become(me, o, (struct standing){ to, role }, cause);
		return;
	}
	o->affiliation = to; /* with which he is shown for the last time */
	throw_out(me, o, to == AFFILIATION_OUTCAST ? STATUS_BANNED : STATUS_NO_LONGER_MEMBER,
	          cause);
}

/* ---- all who are of a JID ---- */

/* JID_NONE: everybody. */
static bool concerns(struct jid bare, const struct occupant *o)
{
	if (jid_is_none(bare))
		return true;
	return jid_is_domain(bare) ? str_eq(jid_domain(bare), jid_domain(o->seats->jid))
	                           : occupant_is_of(o, bare);
}

/*
 * 1: somebody was there; 0; or an error.  As many as can be told of at once: after a domain was
 * banned, the rest is done in a visit.
 */
static int follow_all(struct muc_event *me, struct jid bare, const struct cause *cause)
{
	struct occupant *o = room_next(me->room, NULL), *next;
	size_t sent = 0;
	bool any = false;

	for (; o != NULL && sent < FAN_OUT_MAX; o = next) {
		enum affiliation now;
		int err;

		next = room_next(me->room, o);
		if (!concerns(bare, o))
			continue;
		any = true;
		err = affiliation_of(me->ev, jid_bare(o->seats->jid), &now);
		if (err < 0)
			return err;
		if (now == o->affiliation && now != AFFILIATION_OUTCAST)
			continue;
		sent += room_count_seats(me->room);
		follow(me, o, now, cause);
	}
	if (o != NULL)
		mod_visit(me->mod, entity_jid(me->ev->entity), change_visit, STR_NONE);
	return any;
}

bool change_is_owed(const struct room *room)
{
	const struct occupant *o = NULL;

	while ((o = room_next(room, o)) != NULL)
		if (o->affiliation == AFFILIATION_OUTCAST)
			return true;
	return false;
}

int change_visit(struct mod *m, struct event *ev, struct str data)
{
	const struct cause nobody = { .actor_nick = STR_NONE, .reason = STR_NONE };
	struct muc_event me = { .mod = m, .ev = ev };
	int err;

	if (!entity_is_item(ev->entity))
		return MOD_HANDLED;
	err = room_open(m, ev, &me.room);
	if (err == 0)
		err = follow_all(&me, JID_NONE, &nobody);
	return err < 0 ? err : MOD_HANDLED;
}

/*
 * §10.3, §10.6, §10.7, and the same of members and outcasts: clients keep the list of those for whom
 * they encrypt by it.
 */
static void announce(struct muc_event *me, const struct affiliated *a,
                     const struct cause *cause)
{
	struct arena *arena = me->ev->arena;
	struct stanza *s = stanza_new(arena, STANZA_MESSAGE, TYPE_NORMAL);
	const struct stanza *shared;
	const struct seat *to = NULL;

	s->from = entity_jid(me->ev->entity);
	show_add_item(arena, xml_add(arena, stanza_node(s), NS_MUC_USER, "x"),
	              (struct shown_item){ a->affiliation, ROLE_NONE, jid_bare(a->jid) },
	              cause->actor_nick, cause->reason);
	shared = event_share(me->ev, s);
	while ((to = room_next_seat(me->room, to)) != NULL)
		if (show_sees_jids(me->room, to))
			talk_send(me, shared, to);
}

static int write(struct muc_event *me, const struct affiliated *a, const struct affiliated *old)
{
	struct affiliated kept = *a;

	kept.jid = jid_bare(a->jid);
	if (str_is_absent(kept.nick))
		kept.nick = old->nick;
	if (a->affiliation == AFFILIATION_OUTCAST) /* §9.1 */
		kept.nick = STR("");
	if (str_is_absent(kept.reason))
		kept.reason = STR("");
	return affiliation_set(me->ev, &kept);
}

int change_affiliation(struct muc_event *me, const struct affiliated *a,
                       const struct cause *cause)
{
	struct affiliated old = { .affiliation = AFFILIATION_NONE, .nick = STR("") };
	int err, any;

	if (!entity_is_item(me->ev->entity)) /* the room has gone with its last occupant */
		return 0;
	err = affiliation_find(me->ev, jid_bare(a->jid), &old);
	if (err == 0 || err == ERR_NOENT)
		err = write(me, a, &old);
	any = err < 0 ? err : follow_all(me, jid_bare(a->jid), cause);
	if (any < 0)
		return any;
	if (any == 0 && old.affiliation != a->affiliation && !jid_is_domain(a->jid))
		announce(me, a, cause);
	return 0;
}

/* ---- how many there are ---- */

struct count {
	size_t n, max;
};

static int count_one(void *arg, struct str key, struct str value)
{
	struct count *count = arg;

	return ++count->n >= count->max;
}

int change_has_place(struct muc_event *me, size_t more)
{
	size_t max = (size_t)muc_conf_of(me)->max_affiliations;
	struct count count = { .max = max };
	int err = event_scan(me->ev, &muc_affiliation_space, STR(""), STR_NONE, 0, count_one,
	                     &count);

	return err < 0 ? err : more <= max && count.n <= max - more;
}
