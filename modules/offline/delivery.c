/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/offline/delivery.h"

/* What may come twice is to be little; what cannot, to stay together. */
static const struct part_size {
	size_t messages, bytes;
} offered = { 100, KIB(256) }, managed = { 1000, MIB(1) };

enum { /* stored */
       SESSION_FLEXIBLE = 1,
       SESSION_MORE = 2,
       SESSION_UNSURE = 4,
};

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
	const struct part_size *size;
	size_t n, bytes;
	uint64_t upto;
	bool more;
};

static int hand_out_one(void *arg, const struct offline_record *record)
{
	struct part *part = arg;
	const struct stanza *message;

	if (part->n == part->size->messages ||
	    (part->n > 0 && part->bytes + record->bytes > part->size->bytes)) {
		part->more = true;
		return 1;
	}
	message = box_message(part->ev, record, NULL);
	if (message != NULL && part->size == &managed)
		event_deliver(part->ev, part->to, message);
	else if (message != NULL)
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

/* S has been handed a part, and a ping behind it. */
static void begin_waiting(struct mod *m, struct session *s)
{
	struct offline_box *box = mod_entity_state(m, session_entity(s));
	struct offline_session *state = state_of(m, s);
	struct offline_state *of_host = mod_state(m);

	box->delivery = state->delivery = ++of_host->deliveries;
	state->asked_ms = core_now_ms(mod_core(m));
}

static void ask(struct mod *m, struct event *ev, const struct part *part)
{
	struct offline_session *state = state_of(m, part->to);

	send_ping(ev, part->to, part->upto);
	state->upto = part->upto;
	state->more = part->more;
	state->unsure = part->size != &managed;
	begin_waiting(m, part->to);
	session_changed(part->to);
}

/* The messages from number FROM on, as many as a part has. */
static int hand_out(struct mod *m, struct event *ev, struct session *to, uint64_t from)
{
	struct part part = { .ev = ev,
		             .to = to,
		             .size = session_is_managed(to) ? &managed : &offered };
	int err = box_scan(ev, from, hand_out_one, &part);

	if (err < 0 || part.n == 0)
		return err < 0 ? err : MOD_PASS;
	err = part.size == &managed ? box_remove_upto(m, ev, part.upto) : 0;
	if (err == 0 && (part.size != &managed || part.more))
		ask(m, ev, &part);
	return err < 0 ? err : MOD_PASS;
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

/*
 * What was handed out before the stream was managed may be lost; and so that nothing is left where
 * somebody is, whatever the server's end came between.
 */
int delivery_on_resumed(struct mod *m, struct event *ev)
{
	struct offline_session *state = state_of(m, ev->session);

	state->present = can_take(ev->session);
	if (state->unsure) {
		state->upto = 0;
		state->unsure = false;
		session_changed(ev->session);
	}
	return state->present ? offer(m, ev, ev->session, 1) : MOD_PASS;
}

void delivery_save(struct mod *m, struct session *s, struct record_writer *w)
{
	const struct offline_session *state = state_of(m, s);

	if (!state->flexible && state->upto == 0)
		return;
	record_put_u64(w, (state->flexible ? SESSION_FLEXIBLE : 0) |
	                          (state->more ? SESSION_MORE : 0) |
	                          (state->unsure ? SESSION_UNSURE : 0));
	record_put_u64(w, state->upto);
}

int delivery_load(struct mod *m, struct session *s, struct record_reader *r)
{
	struct offline_session *state = state_of(m, s);
	uint64_t flags = record_u64(r);
	int err;

	state->flexible = (flags & SESSION_FLEXIBLE) != 0;
	state->more = (flags & SESSION_MORE) != 0;
	state->unsure = (flags & SESSION_UNSURE) != 0;
	state->upto = record_u64(r);
	err = record_end(r);
	if (err == 0 && state->upto != 0)
		begin_waiting(m, s);
	return err;
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
	state->unsure = false;
	session_changed(ev->session);
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
	if (s != NULL && !state_of(m, s)->more) { /* should it come back before it answers */
		state_of(m, s)->more = true;
		session_changed(s);
	}
	return MOD_HANDLED;
}
