/*
 * subject.c - the subject of a room (XEP-0045 §8.1), with which entering ends (§7.2.15).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/muc/talk.h"
#include "xml/delay.h"
#include "xml/writer.h"

static int read_subject(struct event *ev, struct stanza *s_out, int64_t *when_out)
{
	const struct xml_node *node;
	struct record_reader r;
	struct str value, xml;
	int err = event_find(ev, &muc_subject_space, STR(""), &value);

	if (err < 0)
		return err;
	if (record_open(&r, value) != 1)
		return ERR_CORRUPT;
	*when_out = record_i64(&r);
	xml = record_str(&r);
	if (record_end(&r) < 0 || xml_read(ev->arena, xml, &node) < 0 ||
	    stanza_parse(ev->arena, node, s_out) != STANZA_PARSED)
		return ERR_CORRUPT;
	return 0;
}

int subject_text(struct event *ev, struct str *text_out)
{
	struct stanza s;
	int64_t when;
	int err = read_subject(ev, &s, &when);

	*text_out = STR("");
	if (err == 0)
		*text_out = xml_child_text(ev->arena, s.node, "subject");
	return err == ERR_NOENT ? 0 : err;
}

static void write_subject(struct event *ev, const struct stanza *s)
{
	struct record_writer w;

	record_begin(&w, 1);
	record_put_i64(&w, core_wall_ms(ev->core));
	record_put_str(&w, xml_print(ev->arena, stanza_element(ev->arena, s)));
	event_put(ev, &muc_subject_space, STR(""), record_finish(&w, ev->arena));
}

/* One that was never set is empty, and the room's own. */
void subject_send(struct muc_event *me, const struct seat *to)
{
	struct event *ev = me->ev;
	struct stanza *s = ARENA_NEW(ev->arena, struct stanza);
	int64_t when;

	if (read_subject(ev, s, &when) == 0) {
		s->node = xml_copy(ev->arena, s->node);
		delay_add(ev->arena, stanza_node(s), jid_bare_str(entity_jid(ev->entity)),
		          when);
	} else {
		s = stanza_new(ev->arena, STANZA_MESSAGE, TYPE_GROUPCHAT);
		s->from = entity_jid(ev->entity);
		xml_add(ev->arena, stanza_node(s), NULL, "subject");
	}
	s->to = jid_copy(ev->arena, to->jid);
	event_send_lightly(ev, s);
}

static bool may_change(const struct muc_event *me)
{
	enum role role = me->seat->occupant->role;

	return role == ROLE_MODERATOR ||
	       (role == ROLE_PARTICIPANT && me->room->config.participants_may_change_subject);
}

int subject_change(struct muc_event *me)
{
	struct stanza *s;

	if (!may_change(me))
		return event_error(me->ev, STANZA_FORBIDDEN);
	s = talk_make(me);
	write_subject(me->ev, s);
	return talk_say(me, s);
}
