/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/invite.h"

#include "modules/muc/change.h"
#include "modules/muc/leave.h"
#include "modules/muc/talk.h"

#define INVITES_MAX 20 /* in one message */

/* What an invitation says; strings may be absent. */
struct invitation {
	struct jid to;
	struct str reason, thread;
	bool continues; /* a chat of two (§7.9) */
};

/* ---- as it leaves ---- */

/*
 * The id names the inviter by what everybody in the room may know of him, so that an error finds him
 * (invite_failed).
 */
static struct str id_of(struct muc_event *me)
{
	struct arena *arena = me->ev->arena;
	struct str inviter = occupant_id(arena, &me->room->config, me->ev->stanza->from);
	struct str id = me->ev->stanza->id;

	return arena_printf(arena, STR_FMT ":" STR_FMT, STR_ARG(inviter), STR_ARG(id));
}

static void add_invite(struct muc_event *me, struct xml_node *x, const struct invitation *i)
{
	struct arena *arena = me->ev->arena;
	struct xml_node *invite = xml_add(arena, x, NULL, "invite"), *more;

	xml_set(arena, invite, "from", jid_bare_str(me->ev->stanza->from));
	if (!str_is_absent(i->reason))
		xml_add_leaf(arena, invite, "reason", i->reason);
	if (i->continues) {
		more = xml_add(arena, invite, NULL, "continue");
		xml_set(arena, more, "thread", i->thread);
	}
}

/* XEP-0249 §2, for clients that know no other invitation. */
static void add_direct(struct muc_event *me, struct xml_node *message,
                       const struct invitation *i, struct str password)
{
	struct arena *arena = me->ev->arena;
	struct xml_node *x = xml_add(arena, message, NS_CONFERENCE, "x");

	xml_set(arena, x, "jid", jid_bare_str(entity_jid(me->ev->entity)));
	xml_set(arena, x, "password", password);
	xml_set(arena, x, "reason", i->reason);
	if (i->continues) {
		xml_set(arena, x, "continue", STR("true"));
		xml_set(arena, x, "thread", i->thread);
	}
}

/* The texts are the event's, but the password is the room's, which may change before it is sent. */
static void send(struct muc_event *me, const struct invitation *i)
{
	struct arena *arena = me->ev->arena;
	struct stanza *s = stanza_new(arena, STANZA_MESSAGE, TYPE_NORMAL);
	struct xml_node *x = xml_add(arena, stanza_node(s), NS_MUC_USER, "x");
	struct str password = STR_NONE;

	s->from = entity_jid(me->ev->entity);
	s->to = i->to;
	s->id = id_of(me);
	add_invite(me, x, i);
	if (!str_is_empty(me->room->config.password)) {
		password = arena_copy(arena, me->room->config.password);
		xml_add_leaf(arena, x, "password", password);
	}
	add_direct(me, stanza_node(s), i, password);
	event_send(me->ev, s);
}

static bool is_in_time(struct muc_event *me)
{
	const struct muc_state *state = mod_state(me->mod);

	return mod_rate_take(state->invites, jid_bare_str(me->ev->stanza->from));
}

void invite_new_member(struct muc_event *me, struct jid to, struct str reason)
{
	struct invitation i = { .to = to, .reason = reason, .thread = STR_NONE };

	if (entity_is_item(me->ev->entity) && is_in_time(me))
		send(me, &i);
}

/* ---- may he? ---- */

/* §7.8.2, §9.5 (allowinvites): who is in the room; where it is for members only, who may add some. */
static bool may_invite(const struct muc_event *me)
{
	const struct config *config = &me->room->config;

	return me->seat != NULL && (!config->is_members_only || config->members_may_invite ||
	                            me->seat->occupant->affiliation >= AFFILIATION_ADMIN);
}

/* A domain is nobody, and would make members of all who are there. */
static int read_invitation(struct muc_event *me, const struct xml_node *invite,
                           struct invitation *i)
{
	const struct xml_node *more = xml_child(invite, NULL, "continue");

	if (jid_parse(me->ev->arena, xml_attr(invite, "to"), &i->to) < 0 ||
	    jid_is_domain(jid_bare(i->to)))
		return event_error(me->ev, STANZA_JID_MALFORMED);
	i->reason = xml_child_text(me->ev->arena, invite, "reason");
	i->continues = more != NULL;
	i->thread = more == NULL ? STR_NONE : xml_attr(more, "thread");
	if (!is_in_time(me))
		return event_error_text(me->ev, STANZA_POLICY_VIOLATION,
		                        "too many invitations in a minute");
	return MOD_PASS;
}

/* MOD_PASS: *n_out of them are read. */
static int read_all(struct muc_event *me, const struct xml_node *x, struct invitation *all,
                    size_t *n_out)
{
	const struct xml_node *child = NULL;
	int result = MOD_PASS;

	*n_out = 0;
	while (result == MOD_PASS && (child = xml_next_child(x, child)) != NULL) {
		if (!xml_is(child, NS_MUC_USER, "invite"))
			continue;
		if (*n_out == INVITES_MAX)
			return event_error_text(me->ev, STANZA_POLICY_VIOLATION,
			                        "too many invitations at a time");
		result = read_invitation(me, child, &all[(*n_out)++]);
	}
	return result;
}

/* ---- he does ---- */

/* §9.5: whoever is nothing yet; a ban is lifted by who looks at the list of bans. */
static int make_member(struct muc_event *me, struct jid bare)
{
	struct cause cause = { arena_copy(me->ev->arena, me->seat->occupant->nick), STR_NONE };
	struct affiliated member = { .jid = bare,
		                     .affiliation = AFFILIATION_MEMBER,
		                     .nick = STR_NONE,
		                     .reason = STR_NONE };
	enum affiliation now;
	int err = affiliation_of(me->ev, bare, &now);

	if (err < 0 || now != AFFILIATION_NONE)
		return err;
	return change_affiliation(me, &member, &cause);
}

static int invite_all(struct muc_event *me, const struct invitation *all, size_t n)
{
	int has = me->room->config.is_members_only ? change_has_place(me, n) : true;

	if (has < 0)
		return has;
	if (!has)
		return event_error_text(me->ev, STANZA_RESOURCE_CONSTRAINT,
		                        "the room's lists are full");
	for (size_t i = 0; i < n; i++) {
		int err = me->room->config.is_members_only
		                  ? make_member(me, jid_bare(all[i].to))
		                  : 0;

		if (err < 0)
			return err;
		send(me, &all[i]);
	}
	return MOD_HANDLED;
}

int invite_send(struct muc_event *me, const struct xml_node *x)
{
	struct invitation *all = ARENA_ARRAY(me->ev->arena, struct invitation, INVITES_MAX);
	size_t n;
	int result;

	if (!may_invite(me))
		return event_error(me->ev, STANZA_FORBIDDEN);
	if (me->room->config.is_locked) /* §17.2: as if it were not there */
		return event_error(me->ev, STANZA_ITEM_NOT_FOUND);
	result = read_all(me, x, all, &n);
	return result == MOD_PASS ? invite_all(me, all, n) : result;
}

/* ---- what becomes of it ---- */

/*
 * The inviter, by the address that the invitation told: he is in the room, or belongs to it, else
 * the room would carry words from anybody to anybody.
 */
static int send_decline(struct muc_event *me, struct stanza *s, struct jid to)
{
	const struct occupant *o = room_next_of(me->room, jid_bare(to), NULL);
	enum affiliation a;
	int err;

	if (o != NULL) {
		talk_send_occupant(me, s, o);
		return MOD_HANDLED;
	}
	err = affiliation_of(me->ev, to, &a);
	if (err < 0)
		return err;
	if (a >= AFFILIATION_MEMBER) {
		s->to = jid_bare(to);
		event_send(me->ev, s);
	}
	return MOD_HANDLED; /* nor is it told who is there */
}

int invite_decline(struct muc_event *me, const struct xml_node *x)
{
	struct arena *arena = me->ev->arena;
	const struct xml_node *asked = xml_child(x, NULL, "decline");
	struct stanza *s = stanza_new(arena, STANZA_MESSAGE, TYPE_NORMAL);
	struct str reason = xml_child_text(arena, asked, "reason");
	struct xml_node *decline;
	struct jid to;

	if (jid_parse(arena, xml_attr(asked, "to"), &to) < 0 || jid_is_domain(jid_bare(to)))
		return event_error(me->ev, STANZA_JID_MALFORMED);
	if (!is_in_time(me))
		return event_error_text(me->ev, STANZA_POLICY_VIOLATION,
		                        "too many answers to invitations in a minute");
	s->from = entity_jid(me->ev->entity);
	s->id = me->ev->stanza->id;
	decline = xml_add(arena, xml_add(arena, stanza_node(s), NS_MUC_USER, "x"), NULL,
	                  "decline");
	xml_set(arena, decline, "from", jid_bare_str(me->ev->stanza->from));
	if (!str_is_absent(reason))
		xml_add_leaf(arena, decline, "reason", reason);
	return send_decline(me, s, to);
}

/* Who invited by that id, if he is here still, and what he called it. */
static const struct occupant *inviter_of(const struct muc_event *me, struct str *id)
{
	struct str inviter = str_cut(id, ':');
	const struct occupant *o = NULL;

	do
		o = room_next(me->room, o);
	while (o != NULL && !str_eq(o->id, inviter));
	return o;
}

/* §7.8.2: item-not-found, for what he sent. */
void invite_failed(struct muc_event *me)
{
	struct str id = me->ev->stanza->id;
	struct stanza sent = { .kind = STANZA_MESSAGE, .type = TYPE_NORMAL };
	const struct occupant *o;

	if (str_is_absent(id) || !leave_is_gone(me->ev->stanza))
		return;
	o = inviter_of(me, &id);
	if (o == NULL)
		return;
	sent.from = o->seats->jid;
	sent.to = entity_jid(me->ev->entity);
	sent.id = str_is_empty(id) ? STR_NONE : id;
	talk_send_occupant(
		me, stanza_error_reply(me->ev->arena, &sent, STANZA_ITEM_NOT_FOUND, NULL, NULL),
		o);
}
