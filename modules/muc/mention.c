/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/mention.h"

#include "modules/mam/mam.h"

#include <string.h>

#define WORDS_MAX 100     /* of a text that are looked at */
#define REFERENCES_MAX 20 /* of a message */
#define TOLD_MAX 10       /* by one message */

/* Those who are to be told. */
struct mentioned {
	struct muc_event *me;
	struct jid all[TOLD_MAX];
	size_t n;
};

/* ---- who ---- */

static bool is_known(const struct mentioned *m, struct jid bare)
{
	for (size_t i = 0; i < m->n; i++)
		if (jid_bare_eq(m->all[i], bare))
			return true;
	return false;
}

/* He has a nick here, and is not in the room. */
static int add(struct mentioned *m, struct jid bare)
{
	struct affiliated a;
	int err;

	if (m->n == TOLD_MAX || is_known(m, bare) ||
	    room_next_of(m->me->room, bare, NULL) != NULL)
		return 0;
	err = affiliation_find(m->me->ev, bare, &a);
	if (err < 0)
		return err == ERR_NOENT ? 0 : err;
	if (a.affiliation >= AFFILIATION_MEMBER && !str_is_empty(a.nick))
		m->all[m->n++] = bare;
	return 0;
}

static int add_nick(struct mentioned *m, struct str nick)
{
	struct jid bare;
	int err;

	if (str_is_empty(nick) || nick.n > JID_PART_MAX)
		return 0;
	err = affiliation_of_nick(m->me->ev, nick, &bare);
	if (err < 0)
		return err == ERR_NOENT ? 0 : err;
	return add(m, bare);
}

/* ---- by references (XEP-0372 §3.2) ---- */

static int add_uri(struct mentioned *m, struct str uri)
{
	const struct str scheme = STR("xmpp:");
	struct jid jid;

	if (!str_starts_with(uri, scheme) ||
	    jid_parse(m->me->ev->arena, str_slice(uri, scheme.n, uri.n), &jid) < 0)
		return 0;
	if (jid_bare_eq(jid, entity_jid(m->me->ev->entity)))
		return add_nick(m, jid_resource(jid));
	return add(m, jid_bare(jid));
}

static int by_references(struct mentioned *m, const struct stanza *s)
{
	const struct xml_node *child = NULL;
	size_t n = 0;
	int err = 0;

	while (err == 0 && (child = xml_next_child(s->node, child)) != NULL) {
		if (!xml_is(child, NS_REFERENCE, "reference") ||
		    !str_is(xml_attr(child, "type"), "mention"))
			continue;
		if (n++ == REFERENCES_MAX)
			break;
		err = add_uri(m, xml_attr(child, "uri"));
	}
	return err;
}

/* ---- by what is written ---- */

static bool is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* "@juliet," is "juliet". */
static struct str plain_word(struct str word)
{
	size_t from = 0, to = word.n;

	while (from < to && is_one_of(word.p[from], "@(\"'"))
		from++;
	while (to > from && is_one_of(word.p[to - 1], ".,:;!?)\"'"))
		to--;
	return str_slice(word, from, to);
}

/* A nick may have spaces in it. */
static int by_address(struct mentioned *m, struct str text)
{
	size_t end = 0;

	while (end < text.n && end <= JID_PART_MAX && !is_one_of(text.p[end], ":,\n"))
		end++;
	return end < text.n ? add_nick(m, str_slice(text, 0, end)) : 0;
}

static int by_words(struct mentioned *m, struct str text)
{
	size_t at = 0;
	int err = 0;

	for (size_t n = 0; n < WORDS_MAX && at < text.n && err == 0; n++) {
		size_t end = at;

		while (end < text.n && !is_one_of(text.p[end], " \t\r\n"))
			end++;
		err = add_nick(m, plain_word(str_slice(text, at, end)));
		at = end + 1;
	}
	return err;
}

/* ---- what they are told ---- */

/* What the archive calls it; absent: it is not there. */
static struct str archive_id_of(struct muc_event *me, const struct stanza *s)
{
	struct stanza *stamped;

	if (me->ev->archive_id == 0)
		return STR_NONE;
	stamped = stanza_unshare(me->ev->arena, mam_stamp(me->ev, s));
	for (const struct xml_node *child = NULL;
	     stamped != NULL && (child = xml_next_child(stamped->node, child)) != NULL;)
		if (xml_is(child, NS_STANZA_ID, "stanza-id"))
			return xml_attr(child, "id");
	return STR_NONE;
}

static struct str anchor_of(struct muc_event *me, struct str id)
{
	struct str room = jid_bare_str(entity_jid(me->ev->entity));

	if (str_is_absent(id))
		return arena_printf(me->ev->arena, "xmpp:" STR_FMT, STR_ARG(room));
	return arena_printf(me->ev->arena, "xmpp:" STR_FMT "?;id=" STR_FMT, STR_ARG(room),
	                    STR_ARG(id));
}

static void tell(struct muc_event *me, struct jid bare, struct str anchor)
{
	struct arena *arena = me->ev->arena;
	struct stanza *s = stanza_new(arena, STANZA_MESSAGE, TYPE_NORMAL);
	struct xml_node *reference = xml_add(arena, stanza_node(s), NS_REFERENCE, "reference");

	s->from = entity_jid(me->ev->entity);
	s->to = bare;
	s->id = rand_token(arena, 12);
	xml_set(arena, reference, "type", STR("mention"));
	xml_set(arena, reference, "uri",
	        arena_printf(arena, "xmpp:" STR_FMT, STR_ARG(jid_bare_str(bare))));
	xml_set(arena, reference, "anchor", anchor);
	xml_add(arena, stanza_node(s), NS_HINTS, "store");
	event_send(me->ev, s);
}

static bool is_in_time(struct muc_event *me, struct jid bare)
{
	const struct muc_state *state = mod_state(me->mod);

	return mod_rate_take(state->mentions, muc_rate_key(me, bare));
}

int mention_tell(struct muc_event *me, const struct stanza *s)
{
	struct mentioned m = { .me = me };
	struct str body = xml_child_text(me->ev->arena, s->node, "body"), anchor;
	int err;

	if (str_is_empty(body))
		return MOD_HANDLED;
	err = event_scan(me->ev, &muc_nick_space, STR(""), STR_NONE, 1, store_any, NULL);
	if (err <= 0) /* nobody has a nick here */
		return err < 0 ? err : MOD_HANDLED;
	err = by_references(&m, s);
	if (err == 0)
		err = by_address(&m, body);
	if (err == 0)
		err = by_words(&m, body);
	if (err < 0 || m.n == 0)
		return err < 0 ? err : MOD_HANDLED;
	anchor = anchor_of(me, archive_id_of(me, s));
	for (size_t i = 0; i < m.n; i++)
		if (is_in_time(me, m.all[i]))
			tell(me, m.all[i], anchor);
	return MOD_HANDLED;
}
