/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/offline/delivery.h"

#define PART_MESSAGES 100
#define PART_BYTES KIB(256)

/* ---- who takes them ---- */

static struct offline_session *state_of(struct mod *m, struct session *s)
{
	return mod_session_state(m, s);
}

static bool can_take(const struct session *s)
{
	return session_is_available(s) && session_priority(s) >= 0;
}

/* XEP-0013 §2.2: while one session chooses for itself, no other is flooded. */
static bool somebody_chooses(struct mod *m, struct entity *e)
{
	struct session *s = NULL;

	while ((s = entity_next_session(e, s)) != NULL)
		if (state_of(m, s)->flexible)
			return true;
	return false;
}

/* The session whose answer is waited for; NULL: none. */
static struct session *find_taker(struct mod *m, struct event *ev)
{
	const struct offline_box *box = mod_entity_state(m, ev->entity);
	const struct offline_conf *conf = mod_conf(m);
	int64_t since = core_now_ms(ev->core) - conf->answer_timeout;
	struct session *s = NULL;

	if (box->delivery == 0)
		return NULL;
	while ((s = entity_next_session(ev->entity, s)) != NULL) {
		const struct offline_session *state = state_of(m, s);

		if (state->upto != 0 && state->delivery == box->delivery &&
		    state->asked_ms > since)
			return s;
	}
	return NULL;
}

/* Of those that can take them, the one with the highest priority that is not GONE. */
static struct session *find_other(struct event *ev, const struct session *gone)
{
	struct session *s = NULL, *best = NULL;

	while ((s = entity_next_session(ev->entity, s)) != NULL)
		if (s != gone && can_take(s) &&
		    (best == NULL || session_priority(s) > session_priority(best)))
			best = s;
	return best;
}

/* ---- handing out ---- */

struct part {
	struct event *ev;
	struct session *to;
	size_t n, bytes;
	uint64_t upto;
	bool more;
};

static int hand_out_one(void *arg, const struct offline_record *record)
{
	struct part *part = arg;
	const struct stanza *message;

	if (part->n == PART_MESSAGES ||
	    (part->n > 0 && part->bytes + record->bytes > (size_t)PART_BYTES)) {
		part->more = true;
		return 1;
	}
	message = box_message(part->ev, record, NULL);
	if (message != NULL)
		event_offer(part->ev, part->to, message);
	part->n++;
	part->bytes += record->bytes;
	part->upto = record->number;
	return 0;
}

static struct str ping_id(struct arena *arena, uint64_t upto)
{
	return arena_printf(arena, "offline-%llu", (unsigned long long)upto);
}

static void send_ping(struct event *ev, struct session *to, uint64_t upto)
{
	struct stanza *ping = stanza_new(ev->arena, STANZA_IQ, TYPE_GET);

	ping->from = host_jid(ev->host);
	ping->to = jid_copy(ev->arena, session_jid(to));
	ping->id = ping_id(ev->arena, upto);
	xml_add(ev->arena, stanza_node(ping), NS_PING, "ping");
	event_offer(ev, to, ping);
}

/* The messages from number FROM on, as many as a part has. */
static int hand_out(struct mod *m, struct event *ev, struct session *to, uint64_t from)
{
	struct offline_box *box = mod_entity_state(m, ev->entity);
	struct offline_session *state = state_of(m, to);
	struct offline_state *of_host = mod_state(m);
	struct part part = { .ev = ev, .to = to };
	int err = box_scan(ev, from, hand_out_one, &part);

	if (err < 0 || part.n == 0)
		return err < 0 ? err : MOD_PASS;
	send_ping(ev, to, part.upto);
	box->delivery = state->delivery = ++of_host->deliveries;
	state->upto = part.upto;
	state->more = part.more;
	state->asked_ms = core_now_ms(ev->core);
	return MOD_PASS;
}

/* To TO, which may be NULL, unless they go elsewhere or nowhere. */
static int offer(struct mod *m, struct event *ev, struct session *to, uint64_t from)
{
	struct offline_box *box;
	int err;

	if (to == NULL || ev->owner == 0 || somebody_chooses(m, ev->entity) ||
	    find_taker(m, ev) != NULL)
		return MOD_PASS;
	err = box_open(m, ev, &box);
	if (err < 0 || box->n == 0)
		return err < 0 ? err : MOD_PASS;
	return hand_out(m, ev, to, from);
}

/* ---- sessions come and go ---- */

int delivery_on_presence(struct mod *m, struct event *ev)
{
	struct offline_session *state = state_of(m, ev->session);
	bool was = state->present;

	state->present = can_take(ev->session);
	if (was || !state->present)
		return MOD_PASS;
	return offer(m, ev, ev->session, 1);
}

int delivery_on_unavailable(struct mod *m, struct event *ev)
{
	state_of(m, ev->session)->present = false;
	return MOD_PASS;
}

/* Those that came while this one was at it had nothing offered. */
int delivery_on_ended(struct mod *m, struct event *ev)
{
	struct offline_session *state = state_of(m, ev->session);
	bool was_taker = find_taker(m, ev) == ev->session;

	*state = (struct offline_session){ 0 };
	return was_taker ? offer(m, ev, find_other(ev, ev->session), 1) : MOD_PASS;
}

/* ---- the answer ---- */

static bool is_answer(struct event *ev, const struct offline_session *state)
{
	const struct stanza *s = ev->stanza;

	return s->kind == STANZA_IQ && !stanza_is_request(s) && state->upto != 0 &&
	       jid_eq(s->to, host_jid(ev->host)) &&
	       str_eq(s->id, ping_id(ev->arena, state->upto));
}

int delivery_on_answer(struct mod *m, struct event *ev)
{
	struct offline_session *state = state_of(m, ev->session);
	uint64_t upto = state->upto;
	struct session *next;
	int err;

	if (!is_answer(ev, state))
		return MOD_PASS;
	state->upto = 0;
	err = box_remove_upto(m, ev, upto);
	if (err < 0)
		return err;
	next = can_take(ev->session) ? ev->session : find_other(ev, ev->session);
	err = offer(m, ev, next, upto + 1);
	return err < 0 ? err : MOD_HANDLED;
}

/* ---- messages that come ---- */

int delivery_follow(struct mod *m, struct event *ev)
{
	struct session *s = find_taker(m, ev);
	const struct offline_session *state;
	int stored;

	if (s == NULL || !can_take(s))
		return MOD_PASS;
	state = state_of(m, s);
	if (!state->more || state->flexible || !event_delivers_to(ev, s) || !hints_storable(ev))
		return MOD_PASS;
	stored = box_append(m, ev);
	if (stored > 0)
		event_withhold(ev, s);
	return stored < 0 ? stored : MOD_PASS; /* when full it overtakes: that is no error */
}

int delivery_store(struct mod *m, struct event *ev)
{
	struct session *s;
	int stored = 0;

	if (hints_storable(ev))
		stored = box_append(m, ev);
	if (stored <= 0)
		return stored;
	s = find_taker(m, ev);
	if (s != NULL) /* should it come back before it answers */
		state_of(m, s)->more = true;
	return MOD_HANDLED;
}
