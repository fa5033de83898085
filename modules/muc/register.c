/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/register.h"

#include "modules/muc/change.h"
#include "modules/muc/disco.h"

#define NS_MUC_REGISTER NS_MUC "#register"
#define VAR_NICK "muc#register_roomnick"

/* Who asks. */
struct applicant {
	struct affiliated stored;     /* of himself; nick empty: he has none */
	enum affiliation affiliation; /* that holds for him, be it by his domain */
	bool is_stored;
};

static int find_applicant(struct muc_event *me, struct applicant *who_out)
{
	struct jid bare = jid_bare(me->ev->stanza->from);
	int err = affiliation_find(me->ev, bare, &who_out->stored);

	who_out->is_stored = err == 0;
	if (err == ERR_NOENT)
		who_out->stored = (struct affiliated){ .jid = bare,
			                               .affiliation = AFFILIATION_NONE,
			                               .nick = STR(""),
			                               .reason = STR("") };
	else if (err < 0)
		return err;
	return affiliation_of(me->ev, bare, &who_out->affiliation);
}

static bool may_register(const struct muc_event *me, const struct applicant *who)
{
	const struct config *config = &me->room->config;

	if (who->affiliation >= AFFILIATION_MEMBER)
		return true;
	return who->affiliation == AFFILIATION_NONE && config->is_registrable &&
	       !config->is_members_only;
}

/* §7.2.10: of a locked room nobody knows but its owner. */
static bool is_hidden(const struct muc_event *me, const struct applicant *who)
{
	return me->room->config.is_locked && who->affiliation != AFFILIATION_OWNER;
}

/* ---- what is asked for ---- */

static struct xml_node *blank(struct arena *arena)
{
	struct xml_node *x = form_new(arena, "form", NS_MUC_REGISTER);

	form_title(arena, x, "Registration",
	           "Choose the nickname that is to be yours in this room.");
	form_required(arena,
	              form_field(arena, x, FIELD_TEXT_SINGLE, VAR_NICK, "Nickname", STR_NONE));
	return x;
}

int register_get(struct muc_event *me)
{
	struct arena *arena = me->ev->arena;
	struct xml_node *query = xml_new(arena, NS_REGISTER, "query");
	struct applicant who;
	int err = find_applicant(me, &who);

	if (err < 0)
		return err;
	if (is_hidden(me, &who))
		return event_error(me->ev, STANZA_ITEM_NOT_FOUND);
	if (!may_register(me, &who))
		return event_error(me->ev, STANZA_NOT_ALLOWED);
	if (!str_is_empty(who.stored.nick)) {
		xml_add(arena, query, NULL, "registered");
		xml_add_leaf(arena, query, "username", who.stored.nick);
	} else {
		xml_append(query, blank(arena));
	}
	return event_result(me->ev, query);
}

/* ---- what is given ---- */

/* False: there is no form, or no nick in it. */
static bool read_nick(struct muc_event *me, struct str *nick_out)
{
	struct arena *arena = me->ev->arena;
	const struct xml_node *x = xml_child(me->ev->payload, NS_DATA_FORM, "x");

	return x != NULL && form_read(x, NS_MUC_REGISTER) == 0 &&
	       jid_prepare_resource(arena, form_get(arena, x, VAR_NICK), nick_out) == 0 &&
	       room_is_nick(*nick_out);
}

/* Somebody else has reserved it, or is there by that name.  1, 0, or an error. */
static int is_taken(struct muc_event *me, struct str nick)
{
	const struct occupant *o = room_occupant(me->room, nick);
	struct jid from = me->ev->stanza->from;

	if (o != NULL && !occupant_is_of(o, from))
		return 1;
	return affiliation_nick_is_anothers(me->ev, nick, from);
}

/* What he is by his domain he would lose by a record of his own that says less. */
static enum affiliation enrolled(struct muc_event *me, const struct applicant *who)
{
	enum affiliation a = who->stored.affiliation;

	if (a < who->affiliation && !host_is_admin(host_parent(me->ev->host), who->stored.jid))
		a = who->affiliation;
	return a < AFFILIATION_MEMBER ? AFFILIATION_MEMBER : a;
}

static int store(struct muc_event *me, struct applicant *who, struct str nick)
{
	static const struct cause nobody = { .actor_nick = STR_NONE, .reason = STR_NONE };
	struct affiliated *a = &who->stored;
	int err;

	a->nick = nick;
	a->affiliation = enrolled(me, who);
	err = change_affiliation(me, a, &nobody);
	return err < 0 ? err : event_result(me->ev, NULL);
}

static int enrol(struct muc_event *me, struct applicant *who)
{
	struct str nick;
	int taken, has_place;

	if (!read_nick(me, &nick))
		return event_error(me->ev, STANZA_BAD_REQUEST);
	taken = is_taken(me, nick);
	if (taken != 0)
		return taken < 0 ? taken : event_error(me->ev, STANZA_CONFLICT);
	has_place = who->is_stored ? 1 : change_has_place(me, 1);
	if (has_place <= 0)
		return has_place < 0 ? has_place
		                     : event_error_text(me->ev, STANZA_RESOURCE_CONSTRAINT,
		                                        "the room has too many members");
	return store(me, who, nick);
}

/* XEP-0077 §3.2: a member is none any more; admins and owners give back their nick alone. */
static int quit(struct muc_event *me, struct applicant *who)
{
	static const struct cause nobody = { .actor_nick = STR_NONE, .reason = STR_NONE };
	struct affiliated *a = &who->stored;
	int err;

	if (xml_only_child(me->ev->payload) == NULL)
		return event_error(me->ev, STANZA_BAD_REQUEST);
	if (a->affiliation < AFFILIATION_MEMBER)
		return event_error(me->ev, STANZA_REGISTRATION_REQUIRED);
	a->nick = STR("");
	if (a->affiliation == AFFILIATION_MEMBER)
		a->affiliation = AFFILIATION_NONE;
	err = change_affiliation(me, a, &nobody);
	return err < 0 ? err : event_result(me->ev, NULL);
}

int register_set(struct muc_event *me)
{
	struct applicant who;
	int err = find_applicant(me, &who);

	if (err < 0)
		return err;
	if (is_hidden(me, &who))
		return event_error(me->ev, STANZA_ITEM_NOT_FOUND);
	if (!enter_in_time(me)) /* all occupants hear of it */
		return event_error_text(me->ev, STANZA_POLICY_VIOLATION,
		                        "too often in a minute");
	if (xml_child(me->ev->payload, NULL, "remove") != NULL)
		return quit(me, &who);
	if (may_register(me, &who))
		return enrol(me, &who);
	return event_error(me->ev, who.affiliation == AFFILIATION_OUTCAST
	                                   ? STANZA_NOT_ALLOWED
	                                   : STANZA_SERVICE_UNAVAILABLE);
}

/* ---- whose nick is what (§7.12) ---- */

/* Without one the answer is empty. */
int register_nick(struct muc_event *me)
{
	struct arena *arena = me->ev->arena;
	struct xml_node *query;
	struct applicant who;
	int err = find_applicant(me, &who);

	if (err < 0)
		return err;
	if (str_is_empty(who.stored.nick))
		query = xml_new(arena, NS_DISCO_INFO, "query");
	else
		query = disco_identity(me->ev, who.stored.nick);
	xml_set(arena, query, "node", STR(REGISTER_NODE));
	return event_result(me->ev, query);
}
