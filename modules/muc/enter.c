/*
 * enter.c - available presence to a room: somebody enters, comes again, or shows himself anew
 * (XEP-0045 §7.2, §10.1).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/listing.h"
#include "modules/muc/show.h"
#include "modules/muc/talk.h"
#include "modules/muc/vcard.h"

/* What lets somebody in, or does not. */
struct entry {
	struct str nick;
	const struct xml_node *x; /* <x xmlns='…/muc'/>; NULL: no request to enter (§7.2.17) */
	enum affiliation affiliation;
	enum role role; /* that he had before; ROLE_NONE: by his affiliation */
	bool is_new;    /* the room is made for him */
};

static struct entry entry_of(struct muc_event *me)
{
	const struct stanza *s = me->ev->stanza;

	return (struct entry){ .nick = jid_resource(s->to),
		               .x = xml_child(s->node, NS_MUC, "x") };
}

/* ---- may he? ---- */

/* §7.2.6: registered, if it is for members only. */
static bool is_member(const struct room *room, enum affiliation a)
{
	return !room->config.is_members_only || a >= AFFILIATION_MEMBER;
}

/* §7.2.5 */
static bool knows_password(struct muc_event *me, const struct entry *entry)
{
	struct str password = me->room->config.password, said;

	if (str_is_empty(password) || entry->affiliation == AFFILIATION_OWNER)
		return true;
	said = entry->x == NULL ? STR_NONE
	                        : xml_child_text(me->ev->arena, entry->x, "password");
	return said.n == password.n && digest_equal(said.p, password.p, password.n);
}

/* §7.2.9: there is always room for those who run it. */
static bool is_full(struct muc_event *me, const struct entry *entry)
{
	uint64_t max = (uint64_t)muc_conf_of(me)->max_occupants, wanted;

	wanted = me->room->config.max_occupants;
	if (wanted != 0 && wanted < max)
		max = wanted;
	return entry->affiliation < AFFILIATION_ADMIN && room_count(me->room) >= max;
}

/* §7.2.8: does somebody else have that nick, or has reserved it?  1, 0, or an error. */
static int is_taken(struct muc_event *me, struct str nick)
{
	const struct occupant *o = room_occupant(me->room, nick);
	struct jid from = me->ev->stanza->from;

	return o != NULL ? !occupant_is_of(o, from)
	                 : affiliation_nick_is_anothers(me->ev, nick, from);
}

/*
 * §7.2: an error as of the address that was asked for, with the <x/> by which clients know that it
 * is about entering.  A room that is full may have a place later (§7.2.9).
 */
static int refuse(struct muc_event *me, enum stanza_error condition, const char *text)
{
	struct arena *arena = me->ev->arena;
	struct stanza *reply = stanza_error_reply(arena, me->ev->stanza, condition, text, NULL);

	if (condition == STANZA_SERVICE_UNAVAILABLE)
		xml_set(arena, stanza_node(reply)->last, "type", STR("wait"));
	xml_add(arena, stanza_node(reply), NS_MUC, "x");
	event_send(me->ev, reply);
	return MOD_HANDLED;
}

bool enter_in_time(struct muc_event *me)
{
	const struct muc_state *state = mod_state(me->mod);

	return mod_rate_take(state->joins, muc_rate_key(me, me->ev->stanza->from));
}

/* MOD_PASS: he may; else he has been told, or it is an error. */
static int check(struct muc_event *me, struct entry *entry)
{
	int taken, err;

	err = affiliation_of(me->ev, jid_bare(me->ev->stanza->from), &entry->affiliation);
	if (err < 0)
		return err;
	if (entry->affiliation == AFFILIATION_OUTCAST)
		return refuse(me, STANZA_FORBIDDEN, NULL);
	if (!enter_in_time(me))
		return refuse(me, STANZA_POLICY_VIOLATION, "entered too often in a minute");
	if (me->room->config.is_locked && entry->affiliation != AFFILIATION_OWNER)
		return refuse(me, STANZA_ITEM_NOT_FOUND, NULL); /* §7.2.10 */
	if (!is_member(me->room, entry->affiliation))
		return refuse(me, STANZA_REGISTRATION_REQUIRED, NULL);
	if (!knows_password(me, entry))
		return refuse(me, STANZA_NOT_AUTHORIZED, NULL);
	taken = is_taken(me, entry->nick);
	if (taken != 0)
		return taken < 0 ? taken : refuse(me, STANZA_CONFLICT, NULL);
	if (room_occupant(me->room, entry->nick) == NULL && is_full(me, entry))
		return refuse(me, STANZA_SERVICE_UNAVAILABLE, "the room is full");
	return MOD_PASS;
}

/* ---- he comes in ---- */

/* §7.2.2: who is there, in no order. */
static void show_others(struct muc_event *me, const struct seat *to)
{
	const struct occupant *o = NULL;

	while ((o = room_next(me->room, o)) != NULL)
		if (o != to->occupant)
			show_one(me, o, to, NULL);
}

/* §7.2.12, §10.1.1, §7.2.4 */
static unsigned codes_of_entry(const struct room *room, const struct entry *entry)
{
	unsigned codes = 0;

	if (room->config.shows_jids)
		codes |= STATUS_SHOWS_JIDS;
	if (room->config.logs)
		codes |= STATUS_LOGS;
	if (entry->is_new)
		codes |= STATUS_CREATED;
	return codes;
}

static int come_in(struct muc_event *me, const struct entry *entry)
{
	const struct stanza *s = me->ev->stanza;
	struct shared_buf *content = show_content(me, s);
	struct showing why = { .self_codes = codes_of_entry(me->room, entry),
		               .new_nick = STR_NONE };
	bool is_first = room_occupant(me->room, entry->nick) == NULL;
	struct occupant *o;
	struct seat *seat;
	int err;

	if (content == NULL)
		return refuse(me, STANZA_POLICY_VIOLATION, "the presence is too large");
	seat = room_add(me->ev, me->room, s->from, entry->nick, content,
	                event_sender_lasts(me->ev));
	o = seat->occupant;
	if (is_first) {
		o->affiliation = entry->affiliation;
		o->role = entry->role != ROLE_NONE
		                  ? entry->role
		                  : role_initial(o->affiliation, me->room->config.is_moderated);
	}
	room_put(me->ev, me->room, o);
	show_others(me, seat);
	show(me, o, &why);
	room_vcard_show(me, seat);
	err = history_send(me, seat,
	                   entry->x == NULL ? NULL : xml_child(entry->x, NULL, "history"));
	subject_send(me, seat);
	return err < 0 ? err : MOD_HANDLED;
}

/* ---- who is not in it ---- */

/* Nobody is there by the address FROM. */
static void tell_gone(struct event *ev, struct jid from, struct jid to, unsigned codes)
{
	static const struct shown_item nobody = { AFFILIATION_NONE, ROLE_NONE, JID_NONE };
	struct stanza *s = stanza_new(ev->arena, STANZA_PRESENCE, TYPE_UNAVAILABLE);
	struct xml_node *x = xml_add(ev->arena, stanza_node(s), NS_MUC_USER, "x");

	s->from = from;
	s->to = to;
	show_add_item(ev->arena, x, nobody, STR_NONE, STR_NONE);
	show_add_codes(ev->arena, x, codes);
	event_send(ev, s);
}

/* His client may believe that it is, and show itself anew (§7.2.17); CODES say why it is not. */
static int tell_out(struct muc_event *me, unsigned codes)
{
	const struct stanza *s = me->ev->stanza;

	tell_gone(me->ev, s->to, s->from, STATUS_SELF | codes);
	return MOD_HANDLED;
}

/* ---- a new room (§10.1) ---- */

static void set_defaults(struct muc_event *me, struct config *config, bool is_locked)
{
	const struct muc_conf *conf = muc_conf_of(me);

	*config = (struct config){
		.made_ms = core_wall_ms(me->ev->core),
		.maker = jid_bare_str(me->ev->stanza->from),
		.is_locked = is_locked,
		.is_public = conf->is_public,
		.is_persistent = conf->is_persistent,
		.is_members_only = conf->is_members_only,
		.is_moderated = conf->is_moderated,
		.shows_jids = conf->shows_jids,
		.logs = conf->logs,
		.history = (uint64_t)conf->history,
		.pm = ROLES_ALL,
		.broadcast = ROLES_ALL,
		.list_members = ROLES_ALL,
		.is_registrable = true,
		.takes_voice_requests = true,
	};
	rand_bytes(config->secret.bytes, sizeof(config->secret.bytes));
}

static bool may_make(struct muc_event *me)
{
	const struct host *h = host_parent(me->ev->host);
	struct jid who = me->ev->stanza->from;

	if (host_is_admin(h, who))
		return true;
	return muc_conf_of(me)->create == CREATE_LOCAL && str_eq(jid_domain(who), host_name(h));
}

int enter_new(struct muc_event *me)
{
	const struct muc_state *state = mod_state(me->mod);
	struct entry entry = entry_of(me);
	struct affiliated owner = { .jid = jid_bare(me->ev->stanza->from),
		                    .affiliation = AFFILIATION_OWNER,
		                    .nick = STR(""),
		                    .reason = STR("") };
	struct config config;
	int err;

	if (!room_is_nick(entry.nick))
		return refuse(me, STANZA_JID_MALFORMED, "no nickname");
	if (entry.x == NULL)
		return tell_out(me, STATUS_KICKED | STATUS_ERROR);
	if (!may_make(me))
		return refuse(me, STANZA_NOT_ALLOWED, "rooms are made by others here");
	if (!mod_rate_take(state->made, jid_bare_str(me->ev->stanza->from)))
		return refuse(me, STANZA_RESOURCE_CONSTRAINT, "too many rooms at a time");
	event_found(me->ev);
	set_defaults(me, &config, muc_conf_of(me)->lock);
	config_write(me->ev, &config);
	listing_update(me->ev, &config);
	err = affiliation_set(me->ev, &owner);
	if (err == 0)
		err = room_open(me->mod, me->ev, &me->room);
	if (err < 0)
		return err;
	entry.is_new = true;
	entry.affiliation = AFFILIATION_OWNER;
	return come_in(me, &entry);
}

/* ---- who is in it already ---- */

/* §7.6 */
static int change_nick(struct muc_event *me, struct str nick)
{
	struct occupant *o = me->seat->occupant;
	struct showing why = { .codes = STATUS_NEW_NICK, .new_nick = nick };
	int taken = is_taken(me, nick);
	struct shared_buf *content;

	if (taken != 0)
		return taken < 0 ? taken : refuse(me, STANZA_CONFLICT, NULL);
	if (room_occupant(me->room, nick) != NULL) /* his own, from another session */
		return refuse(me, STANZA_CONFLICT, NULL);
	if (!talk_in_time(me))
		return refuse(me, STANZA_POLICY_VIOLATION, "too many changes in a minute");
	content = show_content(me, me->ev->stanza);
	if (content == NULL)
		return refuse(me, STANZA_POLICY_VIOLATION, "the presence is too large");
	show_gone(me, o, &why);
	o = room_rename(me->ev, me->room, o, nick);
	room_show(me->ev, me->room, me->seat, content, event_sender_lasts(me->ev));
	show(me, o, NULL);
	return MOD_HANDLED;
}

/* §7.7 */
static int show_anew(struct muc_event *me)
{
	struct shared_buf *content;

	if (!talk_in_time(me))
		return refuse(me, STANZA_POLICY_VIOLATION, "too many changes in a minute");
	content = show_content(me, me->ev->stanza);
	if (content == NULL)
		return refuse(me, STANZA_POLICY_VIOLATION, "the presence is too large");
	room_show(me->ev, me->room, me->seat, content, event_sender_lasts(me->ev));
	show(me, me->seat->occupant, NULL);
	return MOD_HANDLED;
}

/* The nick that the seat's session does not know of, or not any more. */
static void give_up_nick(struct muc_event *me)
{
	struct occupant *o = me->seat->occupant;
	bool is_only_seat = o->seats->next == NULL, was_shown = o->seats == me->seat;

	if (is_only_seat)
		show_hidden(me, o);
	room_remove(me->ev, me->room, me->seat);
	if (!is_only_seat && was_shown)
		show(me, o, NULL);
}

/*
 * As one whose client does not know that it is in the room (§7.2.2): all of it once more.  It may
 * be another session of that name than entered, before the room has heard of the end of the first,
 * and want another nick.
 */
static int come_again(struct muc_event *me, struct entry *entry)
{
	if (!enter_in_time(me))
		return refuse(me, STANZA_POLICY_VIOLATION, "entered too often in a minute");
	entry->affiliation = me->seat->occupant->affiliation;
	entry->role = me->seat->occupant->role;
	if (str_eq(me->seat->occupant->nick, entry->nick)) {
		room_remove(me->ev, me->room, me->seat);
	} else {
		int taken = is_taken(me, entry->nick);

		if (taken != 0)
			return taken < 0 ? taken : refuse(me, STANZA_CONFLICT, NULL);
		give_up_nick(me);
	}
	me->seat = NULL;
	return come_in(me, entry);
}

int enter(struct muc_event *me)
{
	struct entry entry = entry_of(me);
	int result;

	if (!room_is_nick(entry.nick))
		return refuse(me, STANZA_JID_MALFORMED, "no nickname");
	if (me->seat == NULL && entry.x == NULL)
		return tell_out(me, STATUS_KICKED | STATUS_ERROR);
	if (me->seat == NULL) {
		result = check(me, &entry);
		return result == MOD_PASS ? come_in(me, &entry) : result;
	}
	if (entry.x != NULL)
		return come_again(me, &entry);
	if (!str_eq(me->seat->occupant->nick, entry.nick))
		return change_nick(me, entry.nick);
	return show_anew(me);
}

/* ---- after a restart ---- */

struct telling {
	struct muc_event *me;
	const struct seat *to;
	struct strset told; /* of these */
};

/* §7.14, though it may be some time ago. */
static int tell_left(void *arg, struct str nick)
{
	struct telling *t = arg;
	struct event *ev = t->me->ev;

	if (room_occupant(t->me->room, nick) != NULL || strset_has(&t->told, nick))
		return 0;
	strset_add(&t->told, nick);
	tell_gone(ev, jid_with_resource(ev->arena, entity_jid(ev->entity), nick),
	          jid_copy(ev->arena, t->to->jid), 0);
	return 0;
}

int enter_again(struct muc_event *me)
{
	struct telling telling = { .me = me, .to = me->seat };
	int err;

	if (me->seat == NULL)
		return tell_out(me, STATUS_ERROR);
	if (!str_eq(me->seat->occupant->nick, jid_resource(me->ev->stanza->to)))
		return MOD_HANDLED; /* the name that he had before */
	err = room_each_left(me->ev, me->seat->since_ms, tell_left, &telling);
	strset_clear(&telling.told);
	if (err < 0)
		return err;
	show_others(me, me->seat);
	show_one(me, me->seat->occupant, me->seat, NULL);
	return MOD_HANDLED;
}
