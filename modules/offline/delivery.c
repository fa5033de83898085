/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/offline/delivery.h"

#include "modules/offline/ping.h"
#include "modules/offline/reading.h"

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

static bool is_better(struct mod *m, struct session *s, struct session *than)
{
	bool reads = state_of(m, s)->reading.follows;

	if (than == NULL)
		return true;
	if (reads != state_of(m, than)->reading.follows)
		return !reads;
	return session_priority(s) > session_priority(than);
}

/*
 * Of those that can take them and are not GONE, the one with the highest priority, be it one that
 * does not read them for itself.
 */
static struct session *find_other(struct mod *m, struct event *ev, const struct session *gone)
{
	struct session *s = NULL, *best = NULL;

	while ((s = entity_next_session(ev->entity, s)) != NULL)
		if (s != gone && can_take(s) && is_better(m, s, best))
			best = s;
	return best;
}

/* ---- handing out ---- */

struct part {
	struct mod *m;
	struct event *ev;
	struct session *to;
	const struct part_size *size;
	size_t n, bytes; /* that are sent */
	uint64_t upto;   /* 0: nothing to send or to delete */
	bool more;
};

static int hand_out_one(void *arg, const struct offline_record *record)
{
	struct part *part = arg;
	const struct stanza *message;

	if (reading_skips(part->m, part->to, record))
		return 0;
	if (part->n == part->size->messages ||
	    (part->n > 0 && part->bytes + record->bytes > part->size->bytes)) {
		part->more = true;
		return 1;
	}
	part->upto = record->number;
	message = box_message(part->ev, record, NULL);
	if (message == NULL) /* it goes with those that went out */
		return 0;
	if (part->size == &managed)
		event_deliver(part->ev, part->to, message);
	else
		event_offer(part->ev, part->to, message);
	part->n++;
	part->bytes += record->bytes;
	return 0;
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

	ping_send(ev, part->to, ping_id_of_part(ev->arena, part->upto));
	state->upto = part->upto;
	state->more = part->more;
	state->unsure = part->size != &managed;
	begin_waiting(m, part->to);
	session_changed(part->to);
}

static bool was_handed_out(void *arg, const struct offline_record *record)
{
	const struct part *part = arg;

	return !reading_skips(part->m, part->to, record);
}

/* What TO was handed, up to there. */
static int remove_part(struct mod *m, struct event *ev, struct session *to, uint64_t upto)
{
	struct part part = { .m = m, .to = to };

	return box_remove_upto(m, ev, upto, was_handed_out, &part);
}

/* The messages from number FROM on, as many as a part has. */
static int hand_out(struct mod *m, struct event *ev, struct session *to, uint64_t from)
{
	struct part part = {
		.m = m, .ev = ev, .to = to, .size = session_is_managed(to) ? &managed : &offered
	};
	bool is_proven = part.size == &managed;
	int err = box_scan(ev, from, hand_out_one, &part);

	if (err < 0 || part.upto == 0)
		return err < 0 ? err : MOD_PASS;
	err = is_proven || part.n == 0 ? remove_part(m, ev, to, part.upto) : 0;
	if (err == 0 && part.n > 0 && (!is_proven || part.more))
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
	int err;

	state->present = can_take(ev->session);
	if (was || !state->present)
		return MOD_PASS;
	err = reading_present(m, ev, ev->session);
	return err < 0 ? err : offer(m, ev, ev->session, 1);
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
	return was_taker ? offer(m, ev, find_other(m, ev, ev->session), 1) : MOD_PASS;
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

	if (!state->flexible && state->upto == 0 && !state->reading.follows)
		return;
	record_put_u64(w, (state->flexible ? SESSION_FLEXIBLE : 0) |
	                          (state->more ? SESSION_MORE : 0) |
	                          (state->unsure ? SESSION_UNSURE : 0));
	record_put_u64(w, state->upto);
	reading_save(&state->reading, w);
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
	reading_load(&state->reading, r);
	err = record_end(r);
	if (err == 0 && state->upto != 0)
		begin_waiting(m, s);
	return err;
}

/* ---- the answer ---- */

static bool is_answer(struct event *ev, const struct offline_session *state)
{
	return state->upto != 0 && ping_is_answer(ev) &&
	       str_eq(ev->stanza->id, ping_id_of_part(ev->arena, state->upto));
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
	err = remove_part(m, ev, ev->session, upto);
	if (err < 0)
		return err;
	next = can_take(ev->session) ? ev->session : find_other(m, ev, ev->session);
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
