/*
 * remote_in.c - streams that other servers have opened, and what comes on them.
 *
 * A stanza becomes an event at the remote entity, which sends it on: from there it is as if an account here had said
 * it.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/remote_private.h"

#include "server/base/mem.h"
#include "server/core/dispatch.h"
#include "server/core/event.h"
#include "xml/ns.h"

#include <stdlib.h>

#define STREAMS_MAX 16 /* of one other server for one of our domains, authenticated */

/* ---- life ---- */

static void in_free(struct remote_in *in)
{
	struct entity *e = in->remote->entity;

	if (in->held)
		LIST_REMOVE(in, held_link);
	LIST_REMOVE(in, link);
	free(in->id);
	free(in);
	entity_unpin(e);
}

void in_done(struct remote_in *in)
{
	if (--in->under_way == 0 && in->stream == NULL)
		in_free(in);
}

void in_gone(struct remote_in *in)
{
	struct remote_link *out = in->out;
	struct remote *r = in->remote;
	bool in_peace = s2s_was_closed(in->stream);

	entity_pin(r->entity);
	in->stream = NULL;
	in->out = NULL;
	if (out != NULL && out->stream != NULL)
		link_lost(out, NULL);
	if (in_peace)
		in_forget(in);
	if (!in_peace || r->component != NULL)
		seen_check(r);
	if (in->under_way == 0)
		in_free(in);
	entity_unpin(r->entity);
}

/* A link without a stream says what it has on this one. */
static void adopt(struct remote_in *in)
{
	if (in->goes_both_ways && !in->waits && in->stream != NULL && in->out == NULL)
		link_adopt(remote_link(in->remote, s2s_local(in->stream)), in);
}

void in_ready(struct remote_in *in)
{
	in->goes_both_ways = true;
	adopt(in);
}

static void on_ready(struct entity *e, struct entity_waiter *w)
{
	struct remote_in *in = LIST_FIRST(&e->remote->ins);

	free(w);
	/* all that wait for the entity were held, and go on together */
	for (struct remote_in *next; in != NULL; in = next) {
		next = LIST_NEXT(in, link);
		if (!in->waits)
			continue;
		in->waits = false;
		if (in->stream != NULL)
			s2s_go(in->stream);
		adopt(in);
		in_done(in);
	}
}

/* It has come by itself: what waits for it need not wait any longer. */
static void hurry(struct remote *r)
{
	struct remote_link *l;

	LIST_FOREACH(l, &r->links, link)
		link_hurry(l);
}

/* E's pin is its own. */
static struct remote_in *in_new(struct entity *e, struct s2s *s)
{
	struct remote_in *in = MEM_NEW(struct remote_in);

	in->remote = remote_of(e);
	in->stream = s;
	LIST_INSERT_HEAD(&in->remote->ins, in, link);
	return in;
}

struct remote_in *in_of_link(struct remote_link *l)
{
	entity_pin(l->remote->entity);
	return in_new(l->remote->entity, l->stream);
}

static void begin(struct s2s *s, struct str remote)
{
	struct core *core = s2s_env_of(s)->owner;
	struct entity *e = remote_at(core, jid_of_domain(remote));
	struct entity_waiter *w = MEM_NEW(struct entity_waiter);
	struct remote_in *in = in_new(e, s);

	in->waits = true;
	in->under_way = 1;
	s2s_set_owner(s, in);
	s2s_hold(s);
	w->run = on_ready;
	entity_when_ready(e, w);
}

/* The oldest one goes: its other end may be gone. */
static void bound_streams(struct remote *r, struct str local)
{
	struct remote_in *in, *oldest = NULL;
	size_t n = 0;

	LIST_FOREACH(in, &r->ins, link)
		if (in->stream != NULL && !s2s_is_over(in->stream) &&
		    str_eq(s2s_local(in->stream), local)) {
			oldest = in;
			n++;
		}
	if (n > STREAMS_MAX)
		s2s_fail(oldest->stream, STREAM_RESOURCE_CONSTRAINT, "too many streams");
}

void in_authenticated(struct s2s *s, struct str local, struct str remote, enum s2s_proof proof)
{
	struct remote_in *in;
	struct arena *arena;

	if (s2s_is_outgoing(s)) /* its link finds out when it is ready */
		return;
	arena = arena_new(256);
	if (proof == S2S_HANDSHAKE)
		log_info(s2s_log(s), "connected: " STR_FMT, STR_ARG(s2s_describe(s, arena)));
	else
		log_info(s2s_log(s), "stream from " STR_FMT " for " STR_FMT ", by %s, " STR_FMT,
		         STR_ARG(remote), STR_ARG(local),
		         proof == S2S_CERTIFICATE ? "certificate" : "dialback",
		         STR_ARG(s2s_describe(s, arena)));
	arena_free(&arena);
	if (s2s_owner(s) == NULL)
		begin(s, remote);
	in = s2s_owner(s);
	bound_streams(in->remote, s2s_local(s));
	remote_note_certificate(in->remote, s);
	if (in->remote->component == NULL) /* else its link gets this stream */
		hurry(in->remote);
}

/* ---- stanzas ---- */

/*
 * RFC 6120 §4.9.3.7, §8.1.2.2: what a server may not send.  An address that is none ends no stream: with XEP-0198 the
 * other server would send it again and again.
 */
static bool is_addressed(struct remote_in *in, const struct stanza *s, enum stanza_parse parsed)
{
	struct str local = jid_domain(s->to), remote = jid_domain(s->from);

	if (parsed == STANZA_PARSE_UNKNOWN)
		s2s_fail(in->stream, STREAM_UNSUPPORTED_STANZA_TYPE, NULL);
	else if (parsed == STANZA_PARSE_BAD_FROM || parsed == STANZA_PARSE_BAD_TO)
		return true;
	else if (jid_is_none(s->from) || jid_is_none(s->to))
		s2s_fail(in->stream, STREAM_IMPROPER_ADDRESSING,
		         "a stanza between servers has from and to");
	else if (!s2s_admits(in->stream, local, remote))
		s2s_fail(in->stream,
		         in->remote->component != NULL ||
		                         remote_is_open(in->remote->entity->core, local)
		                 ? STREAM_INVALID_FROM
		                 : STREAM_HOST_UNKNOWN,
		         NULL);
	else
		return true;
	return false;
}

/* RFC 6120 §8.3.3.8; what the address was cannot be said in a from. */
static int refuse_address(struct remote_in *in, struct event *ev)
{
	struct str local = s2s_local(in->stream);
	struct stanza *s =
		stanza_readdress(ev->arena, ev->stanza, ev->stanza->from, jid_of_domain(local));
	struct stanza *reply =
		stanza_error_reply(ev->arena, s, STANZA_JID_MALFORMED, NULL, NULL);

	if (reply != NULL && s2s_admits(in->stream, local, jid_domain(s->from)))
		event_send(ev, stanza_copy(ev->arena, reply));
	return MOD_HANDLED;
}

static int pass_on(struct remote_in *in, struct event *ev, enum stanza_parse parsed)
{
	if (parsed == STANZA_PARSE_BAD_FROM)
		return MOD_HANDLED;
	if (parsed == STANZA_PARSE_BAD_TO)
		return refuse_address(in, ev);
	if (parsed != STANZA_PARSED)
		return event_error(ev, STANZA_BAD_REQUEST);
	if (link_takes_pong(in->remote, ev->stanza))
		return MOD_HANDLED;
	seen_note(in->remote, ev->stanza);
	event_send_lasting(ev, ev->stanza);
	return MOD_HANDLED;
}

/* While the store is behind, who feeds it waits. */
static void hold_if_behind(struct remote_in *in)
{
	struct core *core = in->remote->entity->core;

	if (in->held || in->stream == NULL || !store_is_behind(core->view))
		return;
	in->held = true;
	LIST_INSERT_HEAD(&core->held_ins, in, held_link);
	s2s_hold(in->stream);
	core->holding = true;
}

void remotes_go(struct core *core)
{
	struct remote_in *in;

	while ((in = LIST_FIRST(&core->held_ins)) != NULL) {
		LIST_REMOVE(in, held_link);
		in->held = false;
		if (in->stream != NULL)
			s2s_go(in->stream);
	}
}

static void on_stanza(struct remote_in *in, struct arena *arena, struct xml_node *element)
{
	struct stanza *s = ARENA_NEW(arena, struct stanza);
	enum stanza_parse parsed = stanza_parse(arena, element, s);
	struct event *ev;
	int result;

	if (in->broken || !is_addressed(in, s, parsed)) {
		arena_free(&arena);
		return;
	}
	s2s_charge(in->stream, dispatch_address_cost(xml_attr(element, "from")) +
	                               dispatch_address_cost(xml_attr(element, "to")));
	in->remote->entity->core->figures.stanzas_in++;
	ev = event_begin(arena, in->remote->entity, NULL, s);
	result = pass_on(in, ev, parsed);
	in_count(in, ev);
	event_end(ev, result);
	hold_if_behind(in);
}

void in_element(struct remote_in *in, struct arena *arena, struct xml_node *element)
{
	if (xml_in_ns(element, NS_SM)) {
		in_manage(in, element);
		arena_free(&arena);
	} else {
		on_stanza(in, arena, element);
	}
}
