/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/dispatch.h"

#include "server/core/remote.h"
#include "server/core/route.h"
#include "server/core/sm.h"
#include "server/core/stall.h"

#define ADDRESS_COST 32 /* bytes for each of an address beyond ASCII */

/* ---- at the receiver ---- */

/* For ev's iq, a request, among the handlers of H that are AT that place; NULL: none. */
static const struct host_iq *find_iq(const struct event *ev, const struct host *h, unsigned at)
{
	return host_find_iq(h, ev->payload, ev->stanza->type == TYPE_GET ? IQ_GET : IQ_SET, at);
}

static int dispatch_iq(struct event *ev, unsigned at)
{
	const struct host_iq *iq;

	if (!stanza_is_request(ev->stanza))
		return MOD_HANDLED; /* a result or error for nobody (RFC 6120 §8.2.3) */
	iq = find_iq(ev, ev->host, at);
	return iq == NULL ? event_error(ev, STANZA_SERVICE_UNAVAILABLE)
	                  : iq->row->fn(iq->mod, ev);
}

int event_node(struct event *ev, bool items)
{
	struct mod *m;
	const struct mod_node *row =
		host_find_node(ev->host, xml_attr(ev->payload, "node"), &m);
	int (*fn)(struct mod *, struct event *);

	if (row == NULL || !jid_bare_eq(ev->stanza->from, ev->entity->jid))
		return MOD_PASS;
	fn = items ? row->items : row->info;
	return fn == NULL ? event_error(ev, STANZA_ITEM_NOT_FOUND) : fn(m, ev);
}

/* RFC 6121 §8.1: the server itself. */
static int dispatch_host(struct event *ev)
{
	switch (ev->stanza->kind) {
	case STANZA_IQ:
		return dispatch_iq(ev, jid_is_bare(ev->stanza->to) ? TO_HOST : 0);
	case STANZA_MESSAGE:
		return ev->stanza->type == TYPE_HEADLINE
		               ? MOD_HANDLED
		               : event_error(ev, STANZA_SERVICE_UNAVAILABLE);
	default:
		return MOD_HANDLED;
	}
}

/*
 * A room asks as one of its occupants, and is answered at that address: the session may be in it
 * under another by now.  Several sessions of the account are told apart by the id.
 */
int event_refuse_probe(struct event *ev)
{
	struct stanza *reply = stanza_new(ev->arena, STANZA_PRESENCE, TYPE_UNSUBSCRIBED);

	reply->from = ev->entity->jid;
	reply->to = ev->stanza->from;
	reply->id = ev->stanza->id;
	event_send(ev, reply);
	return MOD_HANDLED;
}

int event_as_host(struct event *ev)
{
	const struct host_iq *iq = find_iq(ev, host_parent(ev->host), TO_HOST);

	return iq == NULL ? MOD_PASS : iq->row->fn(iq->mod, ev);
}

/* RFC 6121 §8.5.1: no such account, which must look like one whose user is away. */
static int dispatch_nobody(struct event *ev)
{
	struct session *to = entity_session(ev->entity, jid_resource(ev->stanza->to));

	if (to != NULL && ev->stanza->kind == STANZA_IQ && !stanza_is_request(ev->stanza)) {
		/* a session that will end in a moment: its account was removed */
		event_deliver(ev, to, ev->stanza);
		return MOD_HANDLED;
	}
	if (ev->stanza->type == TYPE_PROBE)
		return event_refuse_probe(ev);
	if (ev->stanza->kind == STANZA_PRESENCE || ev->stanza->type == TYPE_HEADLINE)
		return MOD_HANDLED;
	return ev->stanza->kind == STANZA_IQ ? dispatch_iq(ev, TO_NOBODY)
	                                     : event_error(ev, STANZA_SERVICE_UNAVAILABLE);
}

/*
 * RFC 6121 §8.5.2.1.2, §8.5.3.1: availability goes to who is available; subscriptions are the
 * presence module's.
 */
static int dispatch_presence(struct event *ev)
{
	const struct stanza *s = ev->stanza;
	struct session *to = NULL;

	if (s->type != TYPE_AVAILABLE && s->type != TYPE_UNAVAILABLE && s->type != TYPE_ERROR)
		return MOD_HANDLED;
	if (!jid_is_bare(s->to)) {
		to = entity_session(ev->entity, jid_resource(s->to));
		if (to != NULL)
			event_deliver(ev, to, s);
		return MOD_HANDLED;
	}
	while (s->type != TYPE_ERROR && (to = entity_next_session(ev->entity, to)) != NULL)
		if (session_is_available(to) && !event_passes_by(ev, to))
			event_deliver(ev, to, s);
	return MOD_HANDLED;
}

/* RFC 6121 §8.5.2.1.3, §8.5.3. */
static int dispatch_account_iq(struct event *ev)
{
	const struct stanza *s = ev->stanza;
	struct session *to;

	if (jid_is_bare(s->to))
		return dispatch_iq(ev,
		                   jid_bare_eq(s->from, ev->entity->jid) ? TO_SELF : TO_OTHER);
	to = entity_session(ev->entity, jid_resource(s->to));
	if (to == NULL)
		return stanza_is_request(s) ? event_error(ev, STANZA_SERVICE_UNAVAILABLE)
		                            : MOD_HANDLED;
	event_deliver(ev, to, s);
	return MOD_HANDLED;
}

static int dispatch_account(struct event *ev)
{
	int result = ev->again ? MOD_PASS : event_hooks(ev, HOOK_RECEIVED);

	if (result != MOD_PASS)
		return result;
	switch (ev->stanza->kind) {
	case STANZA_MESSAGE:
		return dispatch_message(ev);
	case STANZA_PRESENCE:
		return dispatch_presence(ev);
	default:
		return dispatch_account_iq(ev);
	}
}

static int dispatch(struct event *ev)
{
	struct mod *served = ev->host->served;

	if (served != NULL)
		return served->def->service->received(served, ev);
	switch (ev->entity->kind) {
	case ENTITY_HOST:
		return dispatch_host(ev);
	case ENTITY_NONE:
		return dispatch_nobody(ev);
	default:
		return dispatch_account(ev);
	}
}

void dispatch_received(struct entity *e, struct arena *arena, const struct letter *letter,
                       struct parcel *parcel)
{
	struct event *ev;

	if (e->kind == ENTITY_REMOTE) {
		remote_take(e, arena, letter, parcel);
		return;
	}
	if (stall_takes(e, arena, letter, parcel))
		return;
	ev = event_begin(arena, e, NULL, letter->stanza);
	event_arrived(ev, letter, parcel);
	event_end(ev, dispatch(ev));
}

/* ---- at the sender ---- */

/*
 * RFC 6120 §8.1.2.1: from is the session's own address, whatever the client wrote; what it
 * wrote must be true.
 */
static bool from_is_own(const struct session *s, struct jid from)
{
	return jid_is_none(from) || jid_eq(from, s->jid) ||
	       (jid_is_bare(from) && jid_bare_eq(from, s->jid));
}

static int dispatch_own_host(struct event *ev)
{
	const struct stanza *s = ev->stanza;
	const struct host_iq *iq;

	if (!stanza_is_request(s) || !jid_eq(s->to, ev->host->jid))
		return MOD_PASS;
	iq = find_iq(ev, ev->host, AT_SENDER);
	return iq == NULL ? MOD_PASS : iq->row->fn(iq->mod, ev);
}

static bool is_abroad(const struct event *ev)
{
	return host_find(ev->core, jid_domain(ev->stanza->to)) == NULL;
}

static int send_out(struct event *ev)
{
	int result = event_hooks(ev, HOOK_SENT);

	if (result == MOD_PASS)
		result = dispatch_own_host(ev);
	if (result != MOD_PASS)
		return result;
	if (jid_bare_eq(ev->stanza->to, ev->entity->jid))
		return dispatch_account(ev); /* it is where it has to be */
	if (jid_is_none(ev->stanza->to)) /* presence for the contacts is a module's affair */
		return MOD_HANDLED;
	if (ev->entity->kind == ENTITY_TEMPORARY && is_abroad(ev)) /* XEP-0175 §2 */
		return event_error(ev, STANZA_NOT_ALLOWED);
	/* RFC 6121 §3: subscriptions are between accounts */
	event_send(ev, stanza_is_subscription(ev->stanza)
	                       ? stanza_readdress(ev->arena, ev->stanza, ev->entity->jid,
	                                          ev->stanza->to)
	                       : ev->stanza);
	return MOD_HANDLED;
}

/*
 * What the client did wrong is answered before the stanza has any effect (RFC 6120 §8.2.3,
 * §8.3.3.8).
 */
static int refuse(struct event *ev, enum stanza_parse parsed)
{
	return event_error(ev, parsed == STANZA_PARSE_BAD_TO ? STANZA_JID_MALFORMED
	                                                     : STANZA_BAD_REQUEST);
}

int64_t dispatch_address_cost(struct str address)
{
	for (size_t i = 0; i < address.n; i++)
		if ((unsigned char)address.p[i] >= 0x80)
			return (int64_t)address.n * ADDRESS_COST;
	return 0;
}

/* What is no stanza: stream management, or a module's; false: nobody's.  ARENA is taken with it. */
static bool take_nonza(struct session *session, struct arena *arena,
                       const struct xml_node *element)
{
	struct mod *m;
	const struct mod_nonza *row;
	struct event *ev;

	if (xml_in_ns(element, NS_SM)) {
		sm_element(session, arena, element);
		return true;
	}
	row = host_find_nonza(session->entity->host, element, &m);
	if (row == NULL)
		return false;
	ev = event_begin(arena, session->entity, session, NULL);
	row->fn(m, ev, element);
	event_end(ev, MOD_HANDLED);
	return true;
}

/* The client may have left out what its session says. */
static void complete(struct session *session, struct arena *arena, struct stanza *s)
{
	s->from = jid_copy(arena, session->jid); /* the stanza may outlive the session */
	if (jid_is_none(s->to) &&
	    s->kind != STANZA_PRESENCE) /* RFC 6120 §10.3: meant for the own account */
		s->to = jid_bare(s->from);
	if (str_is_absent(s->lang) && s->kind != STANZA_IQ) /* §4.7.4 */
		s->lang = arena_copy(arena, c2s_lang(session->c2s));
}

static void handle(struct session *session, struct arena *arena, const struct stanza *s,
                   enum stanza_parse parsed)
{
	struct sm *sm = session->sm;
	uint64_t number = sm == NULL ? 0 : sm_count(sm);
	struct event *ev;

	if (sm != NULL && number == 0) { /* it was handled before the stream was resumed */
		arena_free(&arena);
		return;
	}
	ev = event_begin(arena, session->entity, session, s);
	if (sm != NULL) {
		event_task_of(ev)->counted = session;
		event_task_of(ev)->number = number;
	}
	if (sm != NULL && sm_is_busy(sm))
		event_end(ev, event_error(ev, STANZA_RESOURCE_CONSTRAINT));
	else
		event_end(ev, parsed == STANZA_PARSED ? send_out(ev) : refuse(ev, parsed));
}

void dispatch_sent(struct session *session, struct arena *arena, struct xml_node *element)
{
	struct stanza *s = ARENA_NEW(arena, struct stanza);
	enum stanza_parse parsed = xml_in_ns(element, NS_CLIENT)
	                                   ? stanza_parse(arena, element, s)
	                                   : STANZA_PARSE_UNKNOWN;

	if (!xml_in_ns(element, NS_CLIENT) && take_nonza(session, arena, element))
		return;
	session->entity->core->figures.stanzas_in++;
	c2s_charge(session->c2s, dispatch_address_cost(xml_attr(element, "to")));
	if (parsed == STANZA_PARSE_UNKNOWN || parsed == STANZA_PARSE_BAD_FROM ||
	    !from_is_own(session, s->from)) {
		c2s_fail(session->c2s,
		         parsed == STANZA_PARSE_UNKNOWN ? STREAM_UNSUPPORTED_STANZA_TYPE
		                                        : STREAM_INVALID_FROM,
		         NULL);
		arena_free(&arena);
		return;
	}
	complete(session, arena, s);
	handle(session, arena, s, parsed);
}

void dispatch_again(struct session *session, struct arena *arena, const struct stanza *s)
{
	struct event *ev = event_begin(arena, session->entity, session, s);

	event_end(ev, send_out(ev));
}
