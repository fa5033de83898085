/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/admin.h"

#include "modules/muc/actor.h"
#include "modules/muc/change.h"
#include "modules/muc/invite.h"

#define ITEMS_MAX 500     /* of one request */
#define REASON_MAX KIB(1) /* bytes: all in the room get it */

/* One <item/>, and what it is about. */
struct item {
	struct jid jid; /* bare; of an affiliation */
	bool is_role;
	enum affiliation affiliation, was; /* WAS: as it is stored for JID itself */
	enum role role;
	struct str
		nick; /* of a role: the occupant's; of an affiliation: to be reserved, or absent */
	struct str reason; /* may be absent */
};

struct request {
	struct muc_event *me;
	struct actor actor;
	struct item *items;
	size_t n;
};

/* ---- what is asked ---- */

static int bad(struct request *r)
{
	return event_error(r->me->ev, STANZA_BAD_REQUEST);
}

/* §17.4: either a role, or an affiliation.  MOD_PASS, or he was told. */
static int read_item(struct request *r, const struct xml_node *node, struct item *item)
{
	struct str role = xml_attr(node, "role"), affiliation = xml_attr(node, "affiliation");

	item->is_role = !str_is_absent(role);
	item->nick = xml_attr(node, "nick");
	item->reason = xml_child_text(r->me->ev->arena, node, "reason");
	if (item->is_role == !str_is_absent(affiliation))
		return bad(r);
	if (item->is_role ? role_parse(role, &item->role) < 0
	                  : affiliation_parse(affiliation, &item->affiliation) < 0)
		return bad(r);
	if (item->reason.n > REASON_MAX)
		return event_error_text(r->me->ev, STANZA_POLICY_VIOLATION,
		                        "the reason is too long");
	return MOD_PASS;
}

static struct occupant *by_nick(struct request *r, struct str nick)
{
	struct str prepared;

	if (jid_prepare_resource(r->me->ev->arena, nick, &prepared) < 0)
		return NULL;
	return room_occupant(r->me->room, prepared);
}

/* §5.1: by nick, or by the full JID; by a bare one, if that is plain enough. */
static struct occupant *by_jid(struct request *r, struct jid jid)
{
	const struct seat *seat;

	if (jid_is_bare(jid))
		return room_next_of(r->me->room, jid, NULL);
	seat = room_seat(r->me->room, jid);
	return seat == NULL ? NULL : seat->occupant;
}

/* ---- may it be: roles ---- */

static int find_occupant(struct request *r, const struct xml_node *node, struct item *item,
                         struct occupant **o_out)
{
	struct str jid_text = xml_attr(node, "jid");
	struct jid jid;

	if (str_is_absent(item->nick) && str_is_absent(jid_text))
		return bad(r);
	if (!str_is_absent(item->nick))
		*o_out = by_nick(r, item->nick);
	else if (jid_parse(r->me->ev->arena, jid_text, &jid) < 0)
		return event_error(r->me->ev, STANZA_JID_MALFORMED);
	else
		*o_out = by_jid(r, jid);
	return *o_out == NULL ? event_error(r->me->ev, STANZA_ITEM_NOT_FOUND) : MOD_PASS;
}

/* Who could do nothing to anybody does not learn who is there. */
static int check_role(struct request *r, const struct xml_node *node, struct item *item)
{
	struct standing actor = r->actor.standing;
	struct occupant *o;
	int result;

	if (actor.role != ROLE_MODERATOR && actor.affiliation < AFFILIATION_ADMIN)
		return actor_refuse(r->me, PRIVILEGE_FORBIDDEN);
	result = find_occupant(r, node, item, &o);
	if (result != MOD_PASS)
		return result;
	item->nick = arena_copy(r->me->ev->arena, o->nick);
	item->jid = JID_NONE;
	result = actor_refuse(
		r->me, privilege_role(actor, (struct standing){ o->affiliation, o->role },
	                              item->role));
	if (result == MOD_PASS && item->role == ROLE_NONE && str_eq(o->nick, r->actor.nick))
		return actor_refuse(r->me, PRIVILEGE_CONFLICT); /* §8.2 */
	return result;
}

/* ---- may it be: affiliations ---- */

static int find_jid(struct request *r, const struct xml_node *node, struct item *item)
{
	struct str text = xml_attr(node, "jid");
	const struct occupant *o;
	struct jid jid;

	if (!str_is_absent(text)) {
		if (jid_parse(r->me->ev->arena, text, &jid) < 0)
			return event_error(r->me->ev, STANZA_JID_MALFORMED);
		item->jid = jid_bare(jid);
		return MOD_PASS;
	}
	if (str_is_absent(item->nick))
		return bad(r);
	o = by_nick(r, item->nick);
	if (o == NULL)
		return event_error(r->me->ev, STANZA_ITEM_NOT_FOUND);
	item->jid = jid_copy(r->me->ev->arena, jid_bare(o->seats->jid));
	item->nick = STR_NONE; /* it says who is meant */
	return MOD_PASS;
}

/* §9.3, §9.5: the nick is from now on his alone; an empty one gives it back. */
static int check_nick(struct request *r, struct item *item)
{
	struct event *ev = r->me->ev;
	int is_taken;

	if (item->affiliation < AFFILIATION_MEMBER)
		item->nick = STR_NONE;
	if (str_is_empty(item->nick))
		return MOD_PASS;
	if (!room_is_nick(item->nick) ||
	    jid_prepare_resource(ev->arena, item->nick, &item->nick) < 0)
		return event_error(ev, STANZA_NOT_ACCEPTABLE);
	is_taken = affiliation_nick_is_anothers(ev, item->nick, item->jid);
	if (is_taken < 0)
		return is_taken;
	return is_taken ? event_error(ev, STANZA_CONFLICT) : MOD_PASS;
}

/* §9.2: a domain may be banned; it is nobody who could be more than that. */
static bool is_for_nobody(const struct item *item)
{
	return jid_is_domain(item->jid) && item->affiliation > AFFILIATION_NONE;
}

static int check_affiliation(struct request *r, const struct xml_node *node, struct item *item)
{
	struct event *ev = r->me->ev;
	struct affiliated stored;
	enum affiliation from;
	int result, err;

	if (r->actor.standing.affiliation < AFFILIATION_ADMIN)
		return actor_refuse(r->me, PRIVILEGE_FORBIDDEN);
	result = find_jid(r, node, item);
	if (result != MOD_PASS)
		return result;
	if (is_for_nobody(item))
		return actor_refuse(r->me, PRIVILEGE_NOT_ALLOWED);
	err = affiliation_of(ev, item->jid, &from);
	if (err == 0)
		err = affiliation_find(ev, item->jid, &stored);
	if (err < 0 && err != ERR_NOENT)
		return err;
	item->was = err == 0 ? stored.affiliation : AFFILIATION_NONE;
	if (item->affiliation == AFFILIATION_OUTCAST &&
	    host_is_admin(host_parent(ev->host), item->jid) &&
	    !jid_bare_eq(item->jid, r->actor.jid))
		return actor_refuse(r->me, PRIVILEGE_NOT_ALLOWED); /* he would be owner still */
	result = actor_refuse(r->me, privilege_affiliation(r->actor.standing.affiliation,
	                                                   jid_bare_eq(item->jid, r->actor.jid),
	                                                   from, item->affiliation));
	return result == MOD_PASS ? check_nick(r, item) : result;
}

/* ---- may it be: all of them together ---- */

static bool are_of_the_same(const struct item *a, const struct item *b)
{
	if (a->is_role != b->is_role)
		return false;
	return a->is_role ? str_eq(a->nick, b->nick) : jid_eq(a->jid, b->jid);
}

static bool want_the_same_nick(const struct item *a, const struct item *b)
{
	return !a->is_role && !b->is_role && !str_is_empty(a->nick) && str_eq(a->nick, b->nick);
}

static int check_twice(struct request *r)
{
	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; k < i; k++) {
			if (are_of_the_same(&r->items[i], &r->items[k]))
				return bad(r);
			if (want_the_same_nick(&r->items[i], &r->items[k]))
				return event_error(r->me->ev, STANZA_CONFLICT);
		}
	return MOD_PASS;
}

/* 1: an owner whom the request leaves what he is. */
static int is_left_owner(void *arg, const struct affiliated *a)
{
	const struct request *r = arg;

	if (a->affiliation != AFFILIATION_OWNER)
		return 0;
	for (size_t i = 0; i < r->n; i++)
		if (!r->items[i].is_role && jid_eq(r->items[i].jid, a->jid))
			return 0;
	return 1;
}

/* §10: every room has one; §10.4, §10.5: the last cannot resign. */
static int check_owners(struct request *r)
{
	bool takes = false, makes = false;
	int left;

	for (size_t i = 0; i < r->n; i++) {
		const struct item *item = &r->items[i];

		if (item->is_role)
			continue;
		makes = makes || item->affiliation == AFFILIATION_OWNER;
		takes = takes || item->was == AFFILIATION_OWNER;
	}
	if (!takes || makes)
		return MOD_PASS;
	left = affiliation_each(r->me->ev, is_left_owner, r);
	if (left < 0)
		return left;
	return left == 0 ? event_error(r->me->ev, STANZA_CONFLICT) : MOD_PASS;
}

static int check_place(struct request *r)
{
	size_t more = 0;
	int has;

	for (size_t i = 0; i < r->n; i++)
		more += !r->items[i].is_role && r->items[i].was == AFFILIATION_NONE &&
		        r->items[i].affiliation != AFFILIATION_NONE;
	if (more == 0)
		return MOD_PASS;
	has = change_has_place(r->me, more);
	if (has < 0)
		return has;
	return has ? MOD_PASS
	           : event_error_text(r->me->ev, STANZA_RESOURCE_CONSTRAINT,
	                              "the room's lists are full");
}

/* ---- reading ---- */

static size_t count_items(const struct event *ev)
{
	const struct xml_node *node = NULL;
	size_t n = 0;

	while ((node = xml_next_child(ev->payload, node)) != NULL)
		n++;
	return n;
}

static bool is_too_much(const struct request *r)
{
	return r->n > ITEMS_MAX ||
	       (r->n > 1 && r->n * room_count_seats(r->me->room) > FAN_OUT_MAX);
}

static int read_request(struct request *r)
{
	const struct xml_node *node = NULL;
	size_t i = 0;

	r->n = count_items(r->me->ev);
	if (r->n == 0)
		return bad(r);
	if (is_too_much(r))
		return event_error_text(r->me->ev, STANZA_POLICY_VIOLATION,
		                        "too many items at a time");
	r->items = ARENA_ARRAY(r->me->ev->arena, struct item, r->n);
	while ((node = xml_next_child(r->me->ev->payload, node)) != NULL) {
		struct item *item = &r->items[i++];
		int result =
			xml_is(node, NS_MUC_ADMIN, "item") ? read_item(r, node, item) : bad(r);

		if (result == MOD_PASS)
			result = item->is_role ? check_role(r, node, item)
			                       : check_affiliation(r, node, item);
		if (result != MOD_PASS)
			return result;
	}
	return MOD_PASS;
}

/* ---- doing ---- */

static bool is_to_be_invited(const struct muc_event *me, const struct item *item)
{
	return item->affiliation == AFFILIATION_MEMBER && item->was == AFFILIATION_NONE &&
	       me->room->config.is_members_only &&
	       room_next_of(me->room, item->jid, NULL) == NULL;
}

/* He may have gone by an item before this one, and so may the room. */
static int do_item(struct request *r, const struct item *item)
{
	struct cause cause = { r->actor.nick, item->reason };
	struct muc_event *me = r->me;
	struct occupant *o;
	bool invites;
	int err;

	if (!entity_is_item(me->ev->entity))
		return 0;
	if (item->is_role) {
		o = room_occupant(me->room, item->nick);
		if (o != NULL)
			change_role(me, o, item->role, &cause);
		return 0;
	}
	invites = is_to_be_invited(me, item);
	err = change_affiliation(me,
	                         &(struct affiliated){ .jid = item->jid,
	                                               .affiliation = item->affiliation,
	                                               .nick = item->nick,
	                                               .reason = item->reason },
	                         &cause);
	if (err == 0 && invites)
		invite_new_member(me, item->jid, item->reason);
	return err;
}

/* §8.2: he who asked hears of success before the room hears of what was done. */
static int do_all(struct request *r)
{
	int result = event_result(r->me->ev, NULL);

	for (size_t i = 0; i < r->n; i++) {
		int err = do_item(r, &r->items[i]);

		if (err < 0)
			return err;
	}
	return result;
}

int admin_set(struct muc_event *me)
{
	struct request r = { .me = me };
	int err = actor_read(me, &r.actor), result;

	if (err < 0)
		return err;
	if (actor_is_outside(me, &r.actor))
		return event_error(me->ev, STANZA_ITEM_NOT_FOUND);
	result = read_request(&r);
	if (result == MOD_PASS)
		result = check_twice(&r);
	if (result == MOD_PASS)
		result = check_owners(&r);
	if (result == MOD_PASS)
		result = check_place(&r);
	return result == MOD_PASS ? do_all(&r) : result;
}
