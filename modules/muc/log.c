/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/log.h"

#include "modules/mam/mam.h"
#include "modules/muc/show.h"

/* ---- keeping ---- */

static struct xml_node *whose(struct muc_event *me)
{
	struct arena *arena = me->ev->arena;
	const struct occupant *o = me->seat->occupant;
	struct xml_node *x = xml_new(arena, NS_MUC_USER, "x");

	show_add_item(arena, x, (struct shown_item){ o->affiliation, o->role, me->seat->jid },
	              STR_NONE, STR_NONE);
	return x;
}

static bool every(void *arg, const struct xml_node *child)
{
	return true;
}

bool log_is_receipt(const struct stanza *s)
{
	static const char *const markers[] = { "received", "displayed", "acknowledged" };

	if (xml_child(s->node, NULL, "body") != NULL)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(markers); i++)
		if (xml_child(s->node, NS_CHAT_MARKERS, markers[i]) != NULL)
			return true;
	return xml_child(s->node, NS_RECEIPTS, "received") != NULL;
}

int log_keep(struct muc_event *me, const struct stanza *s)
{
	struct stanza kept = *s;
	struct xml_node *node;
	int err;

	if (!me->room->config.logs && log_is_receipt(s))
		return 0; /* there, all that is kept is history */
	if (me->seat != NULL) {
		kept.node = node = xml_filter(me->ev->arena, s->node, every, NULL);
		xml_append(node, whose(me));
	}
	err = mam_keep(me->ev, &kept);
	if (err == 0 && !me->room->config.logs)
		err = mam_trim(me->ev, me->room->config.history);
	return err;
}

/* ---- reading ---- */

static bool is_for_all(void *arg, const struct xml_node *child)
{
	return !xml_is(child, NS_MUC_USER, "x");
}

struct xml_node *log_edited(struct arena *arena, const struct stanza *s)
{
	return xml_filter(arena, s->node, is_for_all, NULL);
}

struct str log_occupant_id(const struct stanza *s)
{
	const struct xml_node *id = xml_child(s->node, NS_OCCUPANT_ID, "occupant-id");

	return id == NULL ? STR_NONE : xml_attr(id, "id");
}

static const struct stanza *edit(void *arg, struct event *ev, const struct stanza *s)
{
	struct stanza *edited = ARENA_NEW(ev->arena, struct stanza);

	*edited = *s;
	edited->node = log_edited(ev->arena, s);
	return edited;
}

/* Who may enter now (§6.1.2), which a password shows of occupants alone. */
static bool may_read(const struct muc_event *me, enum affiliation a)
{
	const struct config *config = &me->room->config;

	if (a >= AFFILIATION_MEMBER || me->seat != NULL)
		return true;
	return a != AFFILIATION_OUTCAST && !config->is_members_only && !config->is_locked &&
	       str_is_empty(config->password);
}

static bool sees_jids(const struct muc_event *me, enum affiliation a)
{
	return me->room->config.shows_jids || a >= AFFILIATION_ADMIN ||
	       (me->seat != NULL && me->seat->occupant->role == ROLE_MODERATOR);
}

int log_answer(struct muc_event *me)
{
	enum affiliation a;
	int result = affiliation_of(me->ev, jid_bare(me->ev->stanza->from), &a);

	if (result < 0)
		return result;
	if (!may_read(me, a))
		return event_error(me->ev, STANZA_FORBIDDEN);
	if (!me->room->config.logs)
		return event_error(me->ev, STANZA_SERVICE_UNAVAILABLE);
	result = mam_answer(me->ev, sees_jids(me, a) ? NULL : edit, NULL);
	return result == MOD_PASS ? event_error(me->ev, STANZA_SERVICE_UNAVAILABLE) : result;
}
