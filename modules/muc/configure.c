/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/configure.h"

#include "modules/mam/mam.h"
#include "modules/muc/change.h"
#include "modules/muc/leave.h"
#include "modules/muc/notify.h"

/* A change while it is made.  Texts of the old configuration are not valid any more. */
struct changing {
	struct muc_event *me;
	const struct form_wish *wish;
	struct cause cause;
	unsigned old_broadcast;
	bool was_moderated, showed_jids;
};

/* Can all be shown to all at once? */
static bool is_small(const struct room *room)
{
	return room_count(room) <= FAN_OUT_MAX / (room_count_seats(room) + 1);
}

/* ---- owners and admins (§10.2) ---- */

/* Who was an owner is an admin; who was an admin, a member. */
static enum affiliation wanted(const struct form_wish *wish, struct jid jid,
                               enum affiliation now)
{
	if (wish->owners.is_given && form_lists(&wish->owners, jid))
		return AFFILIATION_OWNER;
	if (now == AFFILIATION_OWNER)
		return wish->owners.is_given ? AFFILIATION_ADMIN : now;
	if (!wish->admins.is_given)
		return now;
	if (form_lists(&wish->admins, jid))
		return AFFILIATION_ADMIN;
	return now == AFFILIATION_ADMIN ? AFFILIATION_MEMBER : now;
}

/* Somebody whose affiliation is to become another one. */
struct promotion {
	struct promotion *next;
	struct affiliated to;
};

struct promotions {
	struct arena *arena;
	const struct form_wish *wish;
	struct promotion *first, **last;
	size_t n, n_new; /* of these, those of whom nothing is stored yet */
};

static void promote(struct promotions *all, struct jid jid, enum affiliation to)
{
	struct promotion *p = ARENA_NEW(all->arena, struct promotion);

	p->to = (struct affiliated){
		.jid = jid, .affiliation = to, .nick = STR_NONE, .reason = STR_NONE
	};
	*all->last = p;
	all->last = &p->next;
	all->n++;
}

/* Those who are, and are in no list now. */
static int look_at(void *arg, const struct affiliated *a)
{
	struct promotions *all = arg;
	const struct form_wish *wish = all->wish;

	if (a->affiliation < AFFILIATION_ADMIN)
		return 0;
	if (!form_lists(&wish->owners, a->jid) && !form_lists(&wish->admins, a->jid) &&
	    wanted(wish, a->jid, a->affiliation) != a->affiliation)
		promote(all, a->jid, wanted(wish, a->jid, a->affiliation));
	return 0;
}

static int look_at_listed(struct muc_event *me, struct promotions *all,
                          const struct form_people *people)
{
	int err = 0;

	for (size_t i = 0; i < people->n && err >= 0; i++) {
		struct affiliated a = { .affiliation = AFFILIATION_NONE };

		err = affiliation_find(me->ev, people->jids[i], &a);
		if (err == ERR_NOENT)
			all->n_new++;
		if (err == ERR_NOENT ||
		    (err == 0 && wanted(all->wish, a.jid, a.affiliation) != a.affiliation))
			promote(all, people->jids[i],
			        wanted(all->wish, people->jids[i], a.affiliation));
		err = err == ERR_NOENT ? 0 : err;
	}
	return err;
}

/* Owners first, so that there is one all the time. */
static int find_promotions(struct muc_event *me, const struct form_wish *wish,
                           struct promotions *all)
{
	int err;

	*all = (struct promotions){ .arena = me->ev->arena, .wish = wish };
	all->last = &all->first;
	err = look_at_listed(me, all, &wish->owners);
	if (err == 0)
		err = look_at_listed(me, all, &wish->admins);
	if (err == 0 && (wish->owners.is_given || wish->admins.is_given))
		err = affiliation_each(me->ev, look_at, all);
	return err;
}

static int apply_promotions(struct changing *c, const struct promotions *all)
{
	int err = 0;

	for (const struct promotion *p = all->first; p != NULL && err == 0; p = p->next)
		err = change_affiliation(c->me, &p->to, &c->cause);
	return err;
}

/* ---- who hears of it (§10.2.1) ---- */

/* Before NOW holds, while both can be compared. */
static void tell_changes(struct muc_event *me, const struct config *now)
{
	struct config others = me->room->config;

	if (now->logs != others.logs)
		notify_code(me, now->logs ? "170" : "171");
	if (now->shows_jids != others.shows_jids)
		notify_code(me, now->shows_jids ? "172" : "173");
	others.logs = now->logs;
	others.shows_jids = now->shows_jids;
	others.is_locked = now->is_locked;
	if (!config_eq(&others, now))
		notify_changed(me);
}

/* ---- voices ---- */

/* A room with more pairs of occupants than can be told of. */
static void change_role_quietly(struct muc_event *me, struct occupant *o, enum role role)
{
	o->role = role;
	room_put(me->ev, me->room, o);
	for (const struct seat *to = o->seats; to != NULL; to = to->next)
		show_one(me, o, to, NULL);
}

/* §5.1.2: as if those who have no affiliation entered now. */
static void change_voices(struct changing *c)
{
	struct room *room = c->me->room;
	enum role from = c->was_moderated ? ROLE_VISITOR : ROLE_PARTICIPANT;
	enum role to = role_initial(AFFILIATION_NONE, room->config.is_moderated);
	const struct cause nobody = { .actor_nick = STR_NONE, .reason = STR_NONE };
	bool all_see = is_small(room);
	struct occupant *o = NULL;

	if (room->config.is_moderated == c->was_moderated)
		return;
	while ((o = room_next(room, o)) != NULL) {
		if (o->affiliation != AFFILIATION_NONE || o->role != from)
			continue;
		if (all_see)
			change_role(c->me, o, to, &nobody);
		else
			change_role_quietly(c->me, o, to);
	}
}

/* ---- who is seen ---- */

static bool is_in(unsigned set, const struct occupant *o)
{
	return (set & ROLE_BIT(o->role)) != 0;
}

/* While the room is still set to what they were seen by. */
static void hide_roles(struct muc_event *me, const struct config *now)
{
	const struct occupant *o = NULL;

	if (now->broadcast == me->room->config.broadcast)
		return;
	while ((o = room_next(me->room, o)) != NULL)
		if (!is_in(now->broadcast, o))
			show_hidden(me, o);
}

static void show_more(struct changing *c)
{
	const struct config *now = &c->me->room->config;
	bool all = now->shows_jids && !c->showed_jids && is_small(c->me->room);
	const struct occupant *o = NULL;

	if (!all && now->broadcast == c->old_broadcast)
		return;
	while ((o = room_next(c->me->room, o)) != NULL)
		if (is_in(now->broadcast, o) && (all || !is_in(c->old_broadcast, o)))
			show(c->me, o, NULL);
}

/* ---- members only ---- */

static bool must_go(const struct room *room, const struct occupant *o)
{
	return room->config.is_members_only && o->affiliation < AFFILIATION_MEMBER;
}

bool configure_is_owed(const struct room *room)
{
	const struct occupant *o = NULL;

	while ((o = room_next(room, o)) != NULL)
		if (must_go(room, o))
			return true;
	return false;
}

/* As many as all can be told of; the room may go with the last of them. */
static void remove_strangers(struct muc_event *me)
{
	struct showing why = { .codes = STATUS_MEMBERS_ONLY, .new_nick = STR_NONE };
	struct occupant *o = room_next(me->room, NULL), *next;
	size_t sent = 0;

	for (; o != NULL && sent < FAN_OUT_MAX; o = next) {
		next = room_next(me->room, o);
		if (!must_go(me->room, o))
			continue;
		sent += room_count_seats(me->room);
		leave_all(me, o, &why);
	}
	if (o != NULL)
		mod_visit(me->mod, entity_jid(me->ev->entity), configure_visit, STR_NONE);
}

int configure_visit(struct mod *m, struct event *ev, struct str data)
{
	struct muc_event me = { .mod = m, .ev = ev };
	int err;

	if (!entity_is_item(ev->entity))
		return MOD_HANDLED;
	err = room_open(m, ev, &me.room);
	if (err < 0)
		return err;
	remove_strangers(&me);
	return MOD_HANDLED;
}

/* ---- all of it ---- */

/* By another set of roles, or by others who are of a role. */
static bool changes_who_is_seen(const struct config *old, const struct config *now)
{
	bool sees_visitors = (now->broadcast & ROLE_BIT(ROLE_VISITOR)) != 0;
	bool sees_participants = (now->broadcast & ROLE_BIT(ROLE_PARTICIPANT)) != 0;

	return old->broadcast != now->broadcast ||
	       (old->is_moderated != now->is_moderated && sees_visitors != sees_participants);
}

/* MOD_PASS: nothing is in the way; else its sender was told, or it is an error. */
static int check(struct muc_event *me, const struct form_wish *wish,
                 const struct promotions *promotions)
{
	int has_place;

	if (wish->owners.is_given && wish->owners.n == 0)
		return event_error(me->ev, STANZA_CONFLICT);
	if (changes_who_is_seen(&me->room->config, &wish->config) && !is_small(me->room))
		return event_error_text(me->ev, STANZA_RESOURCE_CONSTRAINT,
		                        "too many occupants to show or hide");
	if (promotions->n > 1 && promotions->n > FAN_OUT_MAX / (room_count_seats(me->room) + 1))
		return event_error_text(me->ev, STANZA_RESOURCE_CONSTRAINT,
		                        "too many new owners and admins at a time");
	has_place = change_has_place(me, promotions->n_new);
	if (has_place < 0)
		return has_place;
	if (has_place == 0 && promotions->n_new > 0)
		return event_error_text(me->ev, STANZA_RESOURCE_CONSTRAINT,
		                        "too many members, admins, owners and banned people");
	return MOD_PASS;
}

/* A log that is not to be is not kept beyond what newcomers get. */
static int change_records(struct muc_event *me, const struct config *config)
{
	bool ends_log = me->room->config.logs && !config->logs;
	int err = room_configure(me->ev, me->room, config);

	if (err == 0 && ends_log && mam_is_on(me->ev))
		err = mam_trim(me->ev, me->room->config.history);
	return err;
}

/* What the room is written to be comes first, as it may go with those who must. */
static int change_all(struct changing *c, struct config *config,
                      const struct promotions *promotions)
{
	struct muc_event *me = c->me;
	int err;

	config->is_locked = false;
	tell_changes(me, config);
	hide_roles(me, config);
	err = change_records(me, config);
	if (err < 0)
		return err;
	show_more(c);
	err = apply_promotions(c, promotions);
	if (err < 0 || !entity_is_item(me->ev->entity))
		return err;
	change_voices(c);
	remove_strangers(me);
	leave_end_if_empty(me);
	return 0;
}

int configure(struct muc_event *me, const struct form_wish *wish)
{
	struct changing c = { .me = me,
		              .wish = wish,
		              .old_broadcast = me->room->config.broadcast,
		              .was_moderated = me->room->config.is_moderated,
		              .showed_jids = me->room->config.shows_jids };
	struct config config = wish->config;
	struct promotions promotions;
	int err = find_promotions(me, wish, &promotions), result;

	if (err < 0)
		return err;
	result = check(me, wish, &promotions);
	if (result != MOD_PASS)
		return result;
	if (me->seat != NULL)
		c.cause.actor_nick = me->seat->occupant->nick;
	err = change_all(&c, &config, &promotions);
	return err < 0 ? err : event_result(me->ev, NULL);
}
