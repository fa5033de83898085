/*
 * keep.c - messages on their way into the archive.
 *
 *                          archived at             by
 *     to somebody else     the sender's account    HOOK_SENT
 *                          the receiver's          HOOK_RECEIVED, unless it is refused
 *     to oneself           the account, once       HOOK_RECEIVED
 *     within a room        the room                its module (room.c)
 *
 * Errors, headlines and what is said in rooms are in no account's archive.  A message that is
 * archived has arrived: should there be nobody and nowhere else to take it, it does not come back
 * as an error.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/mam/private.h"

/* ---- words ---- */

#define COST_CHARACTER \
	4 /* bytes sent, for each byte that is not ASCII: ten for a microsecond */

/* Subject and body, in all languages. */
static struct str text_of(struct arena *arena, const struct stanza *s)
{
	const struct xml_node *child = NULL;
	struct str text = STR_NONE;

	while ((child = xml_next_child(s->node, child)) != NULL) {
		if (!xml_is(child, NS_CLIENT, "body") && !xml_is(child, NS_CLIENT, "subject"))
			continue;
		if (!str_is_absent(text))
			text = arena_concat(arena, text, STR("\n"));
		text = arena_concat(arena, text, xml_text(arena, child));
	}
	return text;
}

/* Folding letters beyond ASCII costs most, at both ends of a conversation. */
static void charge(struct event *ev, struct str text)
{
	int64_t n = 0;

	if (ev->session == NULL)
		return;
	for (size_t i = 0; i < text.n && i < (size_t)TERMS_TEXT_BYTES; i++)
		n += (unsigned char)text.p[i] >= 0x80;
	session_charge(ev->session, n * COST_CHARACTER);
}

static int keep_words(struct mod *m, struct event *ev, const struct stanza *s, unsigned flags)
{
	const struct mam_conf *conf = mod_conf(m);
	struct mam_entity *state = mod_entity_state(m, ev->entity);
	struct jid with = (flags & ARCHIVE_SENT) != 0 ? s->to : s->from;
	struct str text;

	if (!conf->fulltext)
		return 0;
	text = text_of(ev->arena, s);
	if (str_is_empty(text))
		return 0;
	charge(ev, text);
	return words_add(ev, &state->words, ev->archive_id, jid_bare_str(with), text);
}

/* ---- messages ---- */

int keep_message(struct mod *m, struct event *ev, const struct stanza *s, unsigned flags)
{
	struct mam_entity *state = mod_entity_state(m, ev->entity);
	int err = archive_put(ev, &state->archive, s, flags, &ev->archive_id);

	if (err == 0)
		err = keep_words(m, ev, s, flags);
	if (err == 0)
		retain_more(m, ev);
	return err;
}

/* S goes into the archive with these FLAGS, if it is to. */
static int keep(struct mod *m, struct event *ev, const struct stanza *s, unsigned flags)
{
	int result;

	if (!worth_keeping(s))
		return 0;
	result = prefs_want(m, ev, (flags & ARCHIVE_SENT) != 0 ? s->to : s->from);
	if (result <= 0)
		return result;
	result = keep_message(m, ev, s, flags);
	return result < 0 ? result : retract(m, ev, s, flags);
}

static int look_at(struct mod *m, struct event *ev, unsigned flags)
{
	const struct stanza *s = ev->stanza;

	if (ev->owner == 0 || (s->type != TYPE_NORMAL && s->type != TYPE_CHAT))
		return 0;
	if (s->inner != NULL)
		s = stanza_unshare(ev->arena, s);
	return s == NULL ? 0 : keep(m, ev, s, flags);
}

int keep_sent(struct mod *m, struct event *ev)
{
	int err;

	if (ev->stanza->kind != STANZA_MESSAGE)
		return MOD_PASS;
	ev->stanza = mam_strip(ev, ev->stanza);
	if (jid_bare_eq(ev->stanza->to, entity_jid(ev->entity)))
		return MOD_PASS;
	err = look_at(m, ev, ARCHIVE_SENT);
	return err < 0 ? err : MOD_PASS;
}

/* RFC 6121 §8.5.3.2.1: a resource that is not there gets nothing but chat. */
static bool is_refused(struct event *ev)
{
	const struct stanza *s = ev->stanza;

	return s->type != TYPE_CHAT && !jid_is_bare(s->to) &&
	       entity_session(ev->entity, jid_resource(s->to)) == NULL;
}

int keep_received(struct mod *m, struct event *ev)
{
	int err = 0;

	if (ev->stanza->kind != STANZA_MESSAGE)
		return MOD_PASS;
	ev->stanza = mam_strip(ev, ev->stanza);
	if (!is_refused(ev))
		err = look_at(m, ev, 0);
	if (err < 0)
		return err;
	ev->stanza = ev->archived = mam_stamp(ev, ev->stanza);
	return MOD_PASS;
}

int keep_find(struct mod *m, struct event *ev, uint64_t id, const struct stanza **s_out)
{
	struct mam_entity *state = mod_entity_state(m, ev->entity);
	struct stanza *s = ARENA_NEW(ev->arena, struct stanza);
	struct archive_record record;
	int err = archive_open(ev, &state->archive);

	if (err == 0)
		err = archive_find(ev, id, &record);
	if (err < 0)
		return err;
	if ((record.flags & ARCHIVE_RETRACTED) != 0)
		return ERR_NOENT;
	*s_out = s;
	return archive_message(ev->arena, &record, s);
}

const struct stanza *kept(struct mod *m, struct event *ev, uint64_t id)
{
	const struct stanza *s;

	return keep_find(m, ev, id, &s) < 0 ? NULL : stamp_add(m, ev, s, id);
}

#define PAGE_BYTES 4096

void mam_touch(struct store_reader *reader, uint64_t owner, uint64_t id)
{
	struct archive_record record;

	if (archive_read(reader, owner, id, &record) < 0)
		return;
	for (size_t i = 0; i < record.xml.n; i += PAGE_BYTES)
		(void)((const volatile char *)record.xml.p)[i];
}

int keep_undelivered(struct mod *m, struct event *ev)
{
	return ev->archive_id != 0 ? MOD_HANDLED : MOD_PASS;
}
