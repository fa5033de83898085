/*
 * history.c - the last messages of a room, for who enters (XEP-0045 §7.2.13, §7.2.14).
 *
 * They come from the room's archive.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/mam/mam.h"
#include "modules/muc/log.h"
#include "modules/muc/talk.h"
#include "xml/delay.h"
#include "xml/writer.h"

/* That may stand between the messages of the archive, and are no history. */
#define OTHERS 200

struct history {
	struct muc_event *me;
	const struct seat *to;
	uint64_t max_chars, chars; /* of XML */
	bool has_max_chars;
	const struct stanza **found; /* the newest first */
	size_t n, limit;
};

/* §7.2.14: a number that is none is as if it were not there. */
static bool read_number(const struct xml_node *asked, const char *name, uint64_t *number_out)
{
	struct str text = asked == NULL ? STR_NONE : xml_attr(asked, name);

	return !str_is_absent(text) && str_to_u64(text, number_out) == 0;
}

/* All that is asked for holds; no more than the room gives without. */
static size_t read_limits(struct history *h, const struct xml_node *asked, int64_t *since_out)
{
	int64_t now = core_wall_ms(h->me->ev->core), since;
	uint64_t limit = h->me->room->config.history, n;

	*since_out = 0;
	if (read_number(asked, "maxstanzas", &n) && n < limit)
		limit = n;
	if (read_number(asked, "seconds", &n) && n < (uint64_t)(now / 1000))
		*since_out = now - (int64_t)n * 1000;
	if (asked != NULL && datetime_parse(xml_attr(asked, "since"), &since) == 0 &&
	    since > *since_out)
		*since_out = since;
	h->has_max_chars = read_number(asked, "maxchars", &h->max_chars);
	return h->has_max_chars && h->max_chars == 0 ? 0 : limit;
}

/* §7.2.14: "of the complete XML stanzas"; a few more bytes than there are characters. */
static bool fits(struct history *h, const struct stanza *s)
{
	struct arena *arena = h->me->ev->arena;

	if (!h->has_max_chars)
		return true;
	h->chars += xml_print(arena, stanza_element(arena, s)).n;
	return h->chars <= h->max_chars;
}

/* Subjects are not (§7.2.13), nor that something was received or read. */
static bool is_history(const struct stanza *s)
{
	return !talk_is_subject(s) && !log_is_receipt(s);
}

static int find_one(void *arg, const struct stanza *s, int64_t wall_ms)
{
	struct history *h = arg;
	struct arena *arena = h->me->ev->arena;
	struct stanza *copy;

	if (!is_history(s))
		return 0;
	copy = ARENA_NEW(arena, struct stanza);
	*copy = *s;
	copy->node = log_edited(arena, s);
	delay_add(arena, stanza_node(copy), jid_bare_str(entity_jid(h->me->ev->entity)),
	          wall_ms);
	copy->to = jid_copy(arena, h->to->jid);
	if (!fits(h, copy))
		return 1;
	h->found[h->n++] = copy;
	return h->n == h->limit;
}

int history_send(struct muc_event *me, const struct seat *to, const struct xml_node *asked)
{
	struct history h = { .me = me, .to = to };
	int64_t since;
	int err;

	h.limit = read_limits(&h, asked, &since);
	if (h.limit == 0 || !mam_is_on(me->ev))
		return 0;
	h.found = ARENA_ARRAY(me->ev->arena, const struct stanza *, h.limit);
	err = mam_latest(me->ev, h.limit + OTHERS, since, find_one, &h);
	while (h.n > 0)
		event_send_lightly(me->ev, h.found[--h.n]);
	return err < 0 ? err : 0;
}
