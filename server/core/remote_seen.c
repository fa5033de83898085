/*
 * remote_seen.c - who of another server is believed to be available here, so that it can be told that he is not, when
 * that server is gone without a word.
 *
 * Kept in memory, as availability is: after a restart sessions ask their contacts anew, and a server that does not
 * answer is said to have nobody (remote_bounce.c).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/remote_private.h"

#include "server/core/event.h"

#define SEEN_MAX 50000 /* of one other server; more are not remembered */
#define AT_ONCE 200    /* are told in an event */

/* Who is seen and by whom, as one text. */
static struct str pair_of(struct arena *arena, const struct stanza *s)
{
	return arena_printf(arena, STR_FMT "\n" STR_FMT, STR_ARG(jid_full_str(s->from)),
	                    STR_ARG(jid_full_str(s->to)));
}

void seen_note(struct remote *r, const struct stanza *s)
{
	struct arena *arena;

	if (s->kind != STANZA_PRESENCE || jid_is_bare(s->from) ||
	    (s->type != TYPE_AVAILABLE && s->type != TYPE_UNAVAILABLE))
		return;
	arena = arena_new(512);
	if (s->type == TYPE_UNAVAILABLE)
		strset_remove(&r->seen, pair_of(arena, s));
	else if (strset_count(&r->seen) < SEEN_MAX)
		strset_add(&r->seen, pair_of(arena, s));
	arena_free(&arena);
}

static void tell(struct event *ev, struct str pair)
{
	struct stanza *s = stanza_new(ev->arena, STANZA_PRESENCE, TYPE_UNAVAILABLE);
	struct str to = arena_copy(ev->arena, pair), from = str_cut(&to, '\n');

	if (jid_parse(ev->arena, from, &s->from) == 0 && jid_parse(ev->arena, to, &s->to) == 0)
		event_send_lasting(ev, s);
}

void seen_gone(struct remote *r)
{
	const struct strset_item *item = strset_next(&r->seen, NULL);

	if (item != NULL)
		log_info(NULL, STR_FMT " is gone: its users are shown as unavailable",
		         STR_ARG(remote_name(r)));
	while (item != NULL) {
		struct event *ev = event_begin(arena_new(4096), r->entity, NULL, NULL);

		for (int i = 0; i < AT_ONCE && item != NULL; i++) {
			tell(ev, strset_text(item));
			item = strset_next(&r->seen, item);
		}
		event_end(ev, MOD_HANDLED);
	}
	strset_clear(&r->seen);
}

static bool is_connected(const struct remote *r)
{
	const struct remote_link *l;
	const struct remote_in *in;

	LIST_FOREACH(l, &r->links, link)
		if (l->state == LINK_MANAGING || l->state == LINK_READY)
			return true;
	LIST_FOREACH(in, &r->ins, link)
		if (in->stream != NULL && !s2s_is_over(in->stream))
			return true;
	return false;
}

/* Whose presence it is that makes us ask. */
static struct remote_link *any_link(struct remote *r)
{
	struct str to = strset_text(strset_next(&r->seen, NULL));
	struct arena *arena = arena_new(256);
	struct remote_link *l = LIST_FIRST(&r->links);
	struct jid local;

	str_cut(&to, '\n');
	if (jid_parse(arena, to, &local) == 0)
		l = remote_link(r, jid_domain(local));
	arena_free(&arena);
	return l;
}

void seen_check(struct remote *r)
{
	struct remote_link *l;

	if (strset_count(&r->seen) == 0 || is_connected(r) ||
	    shard_is_stopping(r->entity->core->shard))
		return;
	l = any_link(r);
	if (l == NULL)
		return;
	l->checking = true;
	link_want(l);
}

void seen_lost(struct remote_link *l)
{
	if (!is_connected(l->remote))
		seen_gone(l->remote);
}

void seen_missed(struct remote_link *l)
{
	struct core *core = link_core(l);

	if (l->failing_since + core->generation->conf->o.s2s_gone > shard_now(core->shard) ||
	    is_connected(l->remote))
		return;
	l->checking = false;
	seen_gone(l->remote);
}
