/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/show.h"

#include "modules/muc/hats.h"

#define CONTENT_MAX \
	KIB(8) /* of an occupant's presence: caps, status, avatar's hash, much more */

static const struct showing nothing = { .new_nick = STR_NONE };

/* In the order of enum status. */
static const char *const codes_text[] = { "100", "110", "170", "201", "301",
	                                  "303", "307", "321", "322", "333" };

bool show_is_broadcast(const struct room *room, enum role role)
{
	return (room->config.broadcast & ROLE_BIT(role)) != 0;
}

/* ---- what an occupant says ---- */

/* XEP-0045 §7.2.1, XEP-0421 §5: what the room says, occupants may not. */
static bool is_own(void *arg, const struct xml_node *child)
{
	return !xml_in_ns(child, NS_MUC) && !xml_in_ns(child, NS_MUC_USER) &&
	       !xml_in_ns(child, NS_MUC_ADMIN) && !xml_in_ns(child, NS_MUC_OWNER) &&
	       !xml_in_ns(child, NS_OCCUPANT_ID) && !xml_in_ns(child, NS_HATS);
}

struct shared_buf *show_content(struct muc_event *me, const struct stanza *s)
{
	struct stanza shown = *s;
	struct shared_buf *content;

	shown.node = xml_filter(me->ev->arena, s->node, is_own, NULL);
	shown.inner = NULL;
	content = stanza_share(&shown, NS_CLIENT);
	if (shared_str(content).n > CONTENT_MAX)
		shared_unref(&content);
	return content;
}

/* ---- what the room adds ---- */

void show_add_occupant_id(struct arena *arena, struct xml_node *parent, struct str id)
{
	xml_set(arena, xml_add(arena, parent, NS_OCCUPANT_ID, "occupant-id"), "id", id);
}

void show_add_codes(struct arena *arena, struct xml_node *x, unsigned codes)
{
	for (unsigned i = 0; i < ARRAY_LEN(codes_text); i++)
		if ((codes >> i & 1) != 0)
			xml_set(arena, xml_add(arena, x, NULL, "status"), "code",
			        str_of(codes_text[i]));
}

struct xml_node *show_add_item(struct arena *arena, struct xml_node *x, struct shown_item shown,
                               struct str actor_nick, struct str reason)
{
	struct xml_node *item = xml_add(arena, x, NULL, "item");

	xml_set(arena, item, "affiliation", str_of(affiliation_name(shown.affiliation)));
	xml_set(arena, item, "role", str_of(role_name(shown.role)));
	xml_set(arena, item, "jid", jid_full_str(shown.jid));
	if (!str_is_absent(actor_nick))
		xml_set(arena, xml_add(arena, item, NULL, "actor"), "nick", actor_nick);
	if (!str_is_empty(reason))
		xml_add_leaf(arena, item, "reason", reason);
	return item;
}

static void add_item(struct event *ev, struct xml_node *x, const struct occupant *o,
                     bool is_gone, struct jid jid, const struct showing *why)
{
	bool leaves = is_gone && str_is_absent(why->new_nick);
	struct shown_item shown = { o->affiliation, leaves ? ROLE_NONE : o->role, jid };
	struct xml_node *item =
		show_add_item(ev->arena, x, shown, why->actor_nick, why->reason);

	xml_set(ev->arena, item, "nick", why->new_nick);
}

/* The presence of O in one of its forms; its to is to be set. */
static const struct stanza *form_of(struct muc_event *me, const struct occupant *o,
                                    bool is_gone, struct jid jid, unsigned codes,
                                    const struct showing *why)
{
	struct event *ev = me->ev;
	struct arena *arena = ev->arena;
	struct stanza *s =
		stanza_new(arena, STANZA_PRESENCE, is_gone ? TYPE_UNAVAILABLE : TYPE_AVAILABLE);
	struct xml_node *x = xml_add(arena, stanza_node(s), NS_MUC_USER, "x");

	s->from = occupant_jid(ev, o);
	add_item(ev, x, o, is_gone, jid, why);
	if (why->destroy != NULL)
		xml_append(x, xml_copy(arena, why->destroy));
	show_add_codes(arena, x, codes);
	show_add_occupant_id(arena, stanza_node(s), o->id);
	if (!is_gone)
		hats_show(ev, me->room, jid_bare(o->seats->jid), stanza_node(s));
	return event_share_behind(ev, is_gone ? why->farewell : shared_str(o->seats->content),
	                          s);
}

/* ---- who gets it ---- */

bool show_sees_jids(const struct room *room, const struct seat *to)
{
	return room->config.shows_jids || to->occupant->role == ROLE_MODERATOR;
}

void show_send(struct muc_event *me, const struct stanza *presence, const struct seat *to)
{
	event_send(me->ev, stanza_readdress(me->ev->arena, presence, presence->from,
	                                    jid_copy(me->ev->arena, to->jid)));
}

struct forms {
	const struct stanza
		*of[2][2]; /* by who sees JIDs, by who is it himself; NULL: not made yet */
};

static void show_to(struct muc_event *me, const struct occupant *o, bool is_gone,
                    const struct seat *to, const struct showing *why, struct forms *forms)
{
	bool is_self = to->occupant == o, sees = show_sees_jids(me->room, to);
	const struct stanza **form = &forms->of[sees][is_self];

	if (*form == NULL)
		*form = form_of(me, o, is_gone, sees ? o->seats->jid : JID_NONE,
		                why->codes | (is_self ? STATUS_SELF | why->self_codes : 0),
		                why);
	show_send(me, *form, to);
}

static void show_others(struct muc_event *me, const struct occupant *o, bool is_gone,
                        const struct showing *why, struct forms *forms)
{
	const struct seat *to = NULL;

	if (!show_is_broadcast(me->room, o->role))
		return;
	while ((to = room_next_seat(me->room, to)) != NULL)
		if (to->occupant != o)
			show_to(me, o, is_gone, to, why, forms);
}

/* §7.2.2: of the occupant himself last, which tells him that he has seen all. */
static void show_all(struct muc_event *me, const struct occupant *o, bool is_gone,
                     const struct showing *why)
{
	struct forms forms = { 0 };

	if (why == NULL)
		why = &nothing;
	show_others(me, o, is_gone, why, &forms);
	for (const struct seat *to = o->seats; to != NULL; to = to->next)
		show_to(me, o, is_gone, to, why, &forms);
}

void show_hidden(struct muc_event *me, const struct occupant *o)
{
	struct forms forms = { 0 };

	show_others(me, o, true, &nothing, &forms);
}

void show(struct muc_event *me, const struct occupant *o, const struct showing *why)
{
	show_all(me, o, false, why);
}

void show_gone(struct muc_event *me, const struct occupant *o, const struct showing *why)
{
	show_all(me, o, true, why);
}

void show_one(struct muc_event *me, const struct occupant *o, const struct seat *to,
              const struct showing *why)
{
	struct forms forms = { 0 };

	if (to->occupant == o || show_is_broadcast(me->room, o->role))
		show_to(me, o, false, to, why == NULL ? &nothing : why, &forms);
}

void show_gone_one(struct muc_event *me, const struct occupant *o, const struct seat *to,
                   const struct showing *why)
{
	struct forms forms = { 0 };

	show_to(me, o, true, to, why == NULL ? &nothing : why, &forms);
}
