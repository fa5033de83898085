/*
 * remote_out.c - the stream of a link: what waits is said, and behind it is asked whether it has arrived.
 *
 *     the other server counts (remote_manage.c)    items go out under numbers that are on disk, <r/> behind them
 *     it does not                                  items go out, a ping behind them
 *
 * The answer takes them from the disk.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/remote_private.h"

#include "server/base/fault.h"
#include "xml/ns.h"

#define ANSWER_MS SECONDS(60) /* to <r/>, or to a ping */
#define GRACE_MS \
	SECONDS(2) /* for <enable/>, on a stream that goes both ways and was not opened here */

/* ---- what is asked behind what was said ---- */

static struct str ping_id(const struct remote_link *l, struct arena *arena)
{
	return arena_printf(arena, "ping-%016llx", (unsigned long long)l->ping);
}

static void write_ping(struct remote_link *l)
{
	struct arena *arena = arena_new(512);
	struct stanza *ping = stanza_new(arena, STANZA_IQ, TYPE_GET);

	ping->from = jid_of_domain(l->local);
	ping->to = l->remote->entity->jid;
	ping->id = ping_id(l, arena);
	xml_add(arena, stanza_node(ping), NS_PING, "ping");
	s2s_send(l->stream, ping);
	arena_free(&arena);
}

/* The last item that is on the wire; NULL: none. */
static struct remote_item *last_written(const struct remote_link *l)
{
	struct remote_item *item = l->next == NULL ? TAILQ_LAST(&l->items, remote_items)
	                                           : TAILQ_PREV(l->next, remote_items, link);

	return item != NULL && item->written ? item : NULL;
}

void link_ask(struct remote_link *l)
{
	struct remote_item *last = last_written(l);

	if (l->asked || last == NULL)
		return;
	l->asked = true;
	timer_start(link_core(l)->shard, &l->answer, ANSWER_MS);
	if (l->managed) {
		s2s_write(l->stream, STR("<r xmlns='" NS_SM "'/>"));
		return;
	}
	l->pinged = last;
	l->ping = rand_u64();
	write_ping(l);
}

void link_answered(struct remote_link *l)
{
	l->asked = false;
	timer_stop(link_core(l)->shard, &l->answer);
}

/* Who does not count and does not answer pings either has read what was sent, as far as can be known. */
static void on_late(struct shard *here, struct timer *t)
{
	struct remote_link *l = CONTAINER_OF(t, struct remote_link, answer);

	if (l->managed) {
		log_peer_info(s2s_log(l->stream), "it acknowledges nothing: dropped");
		s2s_drop(l->stream);
		return;
	}
	l->asked = false;
	if (l->pinged != NULL)
		queue_done(l, l->pinged);
	link_ask(l);
}

void link_answer_init(struct remote_link *l)
{
	timer_init(&l->answer, on_late);
}

bool link_takes_pong(struct remote *r, const struct stanza *s)
{
	struct arena *arena;
	struct remote_link *l;
	bool ours;

	if (s->kind != STANZA_IQ || stanza_is_request(s) || !jid_is_domain(s->from) ||
	    !jid_is_domain(s->to))
		return false;
	l = remote_find_link(r, jid_domain(s->to));
	if (l == NULL || !l->asked || l->managed)
		return false;
	arena = arena_new(64);
	ours = str_eq(s->id, ping_id(l, arena));
	arena_free(&arena);
	if (!ours)
		return false;
	link_answered(l);
	l->losses = 0;
	if (l->pinged != NULL)
		queue_done(l, l->pinged);
	if (l->state == LINK_READY)
		link_ask(l);
	return true;
}

/* ---- saying it ---- */

static void restart_idle(struct remote_link *l)
{
	int64_t idle = link_core(l)->generation->conf->o.s2s_idle;

	if (idle > 0 && !l->store_failed && l->remote->component == NULL)
		timer_start(link_core(l)->shard, &l->timer, idle);
}

static void write_ready(struct remote_link *l)
{
	struct remote_item *item;
	bool any = false;

	while ((item = l->next) != NULL && queue_is_ready(l, item) && !s2s_is_over(l->stream)) {
		s2s_write(l->stream, str_make(item->bytes, item->n));
		item->written = any = true;
		l->next = TAILQ_NEXT(item, link);
		if (!l->managed && !item->stored && !outbox_has(item->row))
			queue_drop(l, item);
	}
	if (!any)
		return;
	FAULT_POINT("remote-sent");
	link_ask(l);
	restart_idle(l);
}

static void on_push(struct shard *here, struct shard_msg *msg)
{
	struct remote_link *l = CONTAINER_OF(msg, struct remote_link, push);

	l->pushing = false;
	if (l->state == LINK_READY && l->stream != NULL && !shard_is_stopping(here)) {
		if (l->managed && !l->store_failed)
			queue_number(l);
		write_ready(l);
	}
	link_pin(l);
}

void link_push(struct remote_link *l)
{
	struct shard *here = link_core(l)->shard;

	if (l->pushing || l->state != LINK_READY)
		return;
	l->pushing = true;
	l->push.run = on_push;
	link_pin(l);
	shard_post(here, here, &l->push);
}

/* ---- beginning ---- */

void link_be_ready(struct remote_link *l)
{
	l->state = LINK_READY;
	link_push(l);
	restart_idle(l);
}

void link_adopt(struct remote_link *l, struct remote_in *in)
{
	if (l->remote->component != NULL)
		component_takes_over(l);
	/* both have connected at once; or there is a stream of its own to be resumed */
	if (l->stream != NULL || l->id != NULL)
		return;
	if (in->managed && in->id != NULL)
		return;
	timer_stop(link_core(l)->shard, &l->timer);
	link_forget_attempt(l);
	in->out = l;
	l->stream = in->stream;
	l->streams++;
	ask_give_up(l);
	if (in->managed) {
		link_manage(l);
		return;
	}
	if (l->remote->component != NULL) { /* which does not count */
		link_be_ready(l);
		link_pin(l);
		return;
	}
	/* who has opened it may want to count first */
	l->state = LINK_MANAGING;
	timer_start(link_core(l)->shard, &l->timer, GRACE_MS);
	link_pin(l);
}

bool link_is_quiet(const struct remote_link *l)
{
	return l->state == LINK_READY && !l->managed && TAILQ_EMPTY(&l->items);
}

void link_part(struct remote_link *l)
{
	timer_stop(link_core(l)->shard, &l->timer);
	l->stream = NULL;
	l->state = LINK_IDLE;
	link_want(l);
	link_pin(l);
}

void link_opened(struct remote_link *l)
{
	struct s2s *s = l->stream;
	struct arena *arena = arena_new(256);

	link_forget_attempt(l);
	if (s2s_is_bidi(s))
		l->in = in_of_link(l);
	remote_note_certificate(l->remote, s);
	log_info(s2s_log(s), "stream to " STR_FMT " for " STR_FMT ", " STR_FMT,
	         STR_ARG(remote_name(l->remote)), STR_ARG(l->local),
	         STR_ARG(s2s_describe(s, arena)));
	arena_free(&arena);
	if (l->asks || !s2s_offers_sm(s)) {
		queue_forget_stream(l);
		link_be_ready(l);
		return;
	}
	l->state = LINK_MANAGING;
	link_offer(l);
}

void link_idle(struct remote_link *l)
{
	if (l->state == LINK_MANAGING) { /* nobody wants to count */
		link_be_ready(l);
		return;
	}
	if (l->store_failed) {
		queue_number(l);
		return;
	}
	if (!TAILQ_EMPTY(&l->items) || !LIST_EMPTY(&l->questions) ||
	    s2s_idle_ms(l->stream) < link_core(l)->generation->conf->o.s2s_idle) {
		restart_idle(l);
		return;
	}
	queue_forget_stream(l);
	s2s_close(l->stream);
}

/* ---- the end ---- */

static void lose(struct remote_link *l, const char *why)
{
	bool was_ready = l->state == LINK_MANAGING || l->state == LINK_READY;
	bool refused = s2s_was_refused(l->stream), in_peace = s2s_was_closed(l->stream);
	struct remote_in *in = l->in;
	const struct remote_item *first;

	l->stream = NULL;
	l->in = NULL;
	if (in != NULL)
		in_gone(in);
	l->managed = false;
	link_answered(l);
	timer_stop(link_core(l)->shard, &l->timer);
	if (shard_is_stopping(link_core(l)->shard))
		return;
	if (!was_ready) {
		link_failed(l, why, refused);
		return;
	}
	log_info(NULL, "the stream to " STR_FMT " for " STR_FMT " is over",
	         STR_ARG(remote_name(l->remote)), STR_ARG(l->local));
	first = TAILQ_FIRST(&l->items);
	l->losses = first != NULL && first->written ? l->losses + 1 : 0;
	queue_rewind(l);
	bounce_poison(l);
	link_wait(l);
	if (!in_peace || l->remote->component != NULL)
		seen_check(l->remote);
}

/* The entity stays pinned: the link may leave it idle, and be wanted again at once. */
void link_lost(struct remote_link *l, const char *why)
{
	struct entity *e = l->remote->entity;

	entity_pin(e);
	lose(l, why);
	entity_unpin(e);
}
