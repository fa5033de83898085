/*
 * retract.c - what was retracted leaves a tombstone in the archive (XEP-0424 §5).
 *
 * The retraction itself is archived like any message.  Of what it names nothing stays but the
 * addresses, the id and the time.  So far back as this, in messages of the conversation, the
 * original is looked for; what lies further back, and what somebody retracts faster than so many
 * in a minute, stays as it is.  In a room its module says who may retract what, and finds it by the
 * archive's own id (XEP-0424 §6.1).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/mam/private.h"

#define REACH 1000 /* messages; some tenths of a millisecond */

/* Is it said within a room, where occupants share the bare JID (XEP-0045 §7.5)? */
static bool is_of_room(const struct stanza *s)
{
	return xml_child(s->node, NS_MUC_USER, "x") != NULL;
}

/*
 * XEP-0424 §6: by the same bare JID, by which conversations are found; in a room by the same
 * occupant, or to the same one.
 */
static bool may_retract(const struct stanza *retraction, const struct stanza *original,
                        bool sent)
{
	if (!is_of_room(retraction) && !is_of_room(original))
		return true;
	return sent ? jid_eq(retraction->to, original->to)
	            : jid_eq(retraction->from, original->from);
}

static struct stanza *tombstone(struct event *ev, const struct stanza *original,
                                const struct stanza *retraction)
{
	struct stanza *s = stanza_new(ev->arena, STANZA_MESSAGE, original->type);
	struct xml_node *retracted =
		xml_add(ev->arena, stanza_node(s), NS_RETRACT, "retracted");

	s->from = original->from;
	s->to = original->to;
	s->id = original->id;
	s->lang = original->lang;
	xml_set(ev->arena, retracted, "id", retraction->id);
	xml_set(ev->arena, retracted, "stamp",
	        datetime_format(ev->arena, archive_id_ms(ev->archive_id), true));
	return s;
}

/* By who sends S, so that both sides count alike. */
static bool is_in_time(struct mod_rates *rates, struct event *ev, const struct stanza *s)
{
	return mod_rate_take(rates, who_and_where(ev, s->from));
}

static int bury(struct mod *m, struct event *ev, const struct archive_record *record,
                const struct stanza *with)
{
	struct mam_entity *own = mod_entity_state(m, ev->entity);
	int err = words_remove(ev, &own->words, &record->id, 1);

	return err < 0 ? err
	               : archive_rewrite(ev, &own->archive, record, with,
	                                 record->flags | ARCHIVE_RETRACTED);
}

int retract(struct mod *m, struct event *ev, const struct stanza *s, unsigned flags)
{
	const struct mam_state *state = mod_state(m);
	struct mam_entity *own = mod_entity_state(m, ev->entity);
	const struct xml_node *node = worth_retraction(s);
	bool sent = (flags & ARCHIVE_SENT) != 0;
	struct archive_record record;
	struct stanza original;
	struct str id = node == NULL ? STR_NONE : xml_attr(node, "id");
	int err;

	if (str_is_empty(id) || str_is_empty(s->id) || !is_in_time(state->retractions, ev, s))
		return 0;
	err = archive_find_message(ev, &own->archive, jid_bare_str(sent ? s->to : s->from), id,
	                           sent, REACH, &record, &original);
	if (err < 0)
		return err == ERR_NOENT ? 0 : err;
	if ((record.flags & ARCHIVE_RETRACTED) != 0 || worth_retraction(&original) != NULL ||
	    !may_retract(s, &original, sent))
		return 0;
	return bury(m, ev, &record, tombstone(ev, &original, s));
}

int mam_bury(struct event *ev, uint64_t id, const struct stanza *with)
{
	struct mod *m = host_module(ev->host, &mod_mam);
	const struct mam_state *state;
	struct archive_record record;
	int err;

	if (!mam_is_on(ev))
		return ERR_NOENT;
	err = archive_find(ev, id, &record);
	if (err < 0)
		return err;
	if ((record.flags & ARCHIVE_RETRACTED) != 0)
		return ERR_NOENT;
	state = mod_state(m);
	if (ev->stanza != NULL && !is_in_time(state->burials, ev, ev->stanza))
		return ERR_BUSY;
	return bury(m, ev, &record, stanza_readdress(ev->arena, with, with->from, JID_NONE));
}
