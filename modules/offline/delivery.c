/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/offline/delivery.h"

#include "modules/offline/ping.h"
#include "modules/offline/reading.h"
#include "modules/offline/taker.h"

#define TRY_AGAIN_MS SECONDS(1) /* when the disk did not take it; then twice as long, … */
#define FAILURES_MAX 5          /* … to 16 times */

/* What may come twice is to be little; what cannot, to stay together. */
static const struct part_size {
	size_t messages, bytes;
} offered = { 100, KIB(256) }, managed = { 1000, MIB(1) };

enum { /* stored; 2 was told of a part behind which there were more */
       SESSION_FLEXIBLE = 1,
       SESSION_UNSURE = 4,
};

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

static void ask(struct mod *m, struct event *ev, const struct part *part)
{
	struct offline_session *state = offline_session_of(m, part->to);

	ping_send(ev, part->to, ping_id_of_part(ev->arena, part->upto));
	state->upto = part->upto;
	state->asked_ms = core_now_ms(ev->core);
	state->unsure = part->size != &managed;
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

/* As many messages as a part has. */
static int hand_out(struct mod *m, struct event *ev, struct session *to)
{
	struct part part = {
		.m = m, .ev = ev, .to = to, .size = session_is_managed(to) ? &managed : &offered
	};
	const struct offline_box *box = mod_entity_state(m, ev->entity);
	bool is_proven = part.size == &managed;
	int err = box_scan(ev, 1, hand_out_one, &part);

	if (err == 0 && part.upto != 0 && (is_proven || part.n == 0))
		err = remove_part(m, ev, to, part.upto);
	if (err < 0)
		return err;
	offline_session_of(m, to)->caught_up = part.more ? 0 : box->count;
	if (part.n > 0 && (!is_proven || part.more))
		ask(m, ev, &part);
	return 0;
}

/* ---- events that hand out ---- */

static int hand_out_due(struct mod *m, struct event *ev, struct str data);

/* One in DELAY_MS, unless there is one before. */
static void look_in(struct mod *m, struct entity *e, int64_t delay_ms)
{
	int64_t now = core_now_ms(mod_core(m));
	struct session *s = NULL;

	while ((s = entity_next_session(e, s)) != NULL) {
		int64_t look_ms = offline_session_of(m, s)->look_ms;

		if (look_ms > now && look_ms <= now + delay_ms)
			return;
	}
	while ((s = entity_next_session(e, s)) != NULL)
		offline_session_of(m, s)->look_ms = now + delay_ms;
	mod_visit_in(m, delay_ms, entity_jid(e), hand_out_due, STR_NONE);
}

/*
 * The disk did not take it: managed sessions were handed nothing, and that they have caught up is
 * forgotten with the box.  What was offered to others has left all the same, as it takes no write.
 */
static void on_failed(struct mod *m, struct entity *e)
{
	struct session *s = NULL;
	unsigned failures = 0;

	while ((s = entity_next_session(e, s)) != NULL) {
		struct offline_session *state = offline_session_of(m, s);

		if (session_is_managed(s) && !state->unsure)
			state->upto = 0;
		if (state->failures < FAILURES_MAX)
			state->failures++;
		if (failures < state->failures)
			failures = state->failures;
	}
	if (failures > 0)
		look_in(m, e, TRY_AGAIN_MS << (failures - 1));
}

static void on_handed_out(struct entity *e, void *arg, int err)
{
	struct mod *m = arg;
	struct session *s = NULL;

	if (err < 0) {
		on_failed(m, e);
		return;
	}
	while ((s = entity_next_session(e, s)) != NULL)
		offline_session_of(m, s)->failures = 0;
}

/* To each in turn, until an answer is to be waited for or nobody wants any. */
static int hand_out_due(struct mod *m, struct event *ev, struct str data)
{
	struct entity *e = ev->entity;
	struct session *to, *taker;
	struct offline_box *box;
	int err;

	if (ev->owner == 0 || taker_find_due(m, e) == NULL)
		return MOD_HANDLED;
	event_then(ev, on_handed_out, m);
	err = box_open(m, ev, &box);
	while (err == 0 && box->n > 0 && (to = taker_find_due(m, e)) != NULL) {
		taker = taker_find_awaited(m, e);
		if (taker != NULL) {
			look_in(m, e, taker_awaited_until(m, taker) - core_now_ms(ev->core));
			break;
		}
		err = hand_out(m, ev, to);
	}
	return err < 0 ? err : MOD_HANDLED;
}

static bool may_have_any(struct mod *m, struct event *ev)
{
	struct offline_box *box;

	return box_open(m, ev, &box) < 0 || box->n > 0;
}

/* ---- sessions come and go ---- */

int delivery_on_presence(struct mod *m, struct event *ev)
{
	struct offline_session *state = offline_session_of(m, ev->session);
	bool was = state->present;
	int err;

	state->present = taker_can(ev->session);
	if (was || !state->present)
		return MOD_PASS;
	state->caught_up = 0;
	err = reading_present(m, ev, ev->session);
	if (err == 0 && may_have_any(m, ev))
		event_behind(ev, m, hand_out_due);
	return err < 0 ? err : MOD_PASS;
}

int delivery_on_unavailable(struct mod *m, struct event *ev)
{
	offline_session_of(m, ev->session)->present = false;
	return MOD_PASS;
}

/* What it did not take is for the others, whatever they were told before. */
int delivery_on_ended(struct mod *m, struct event *ev)
{
	struct session *s = NULL;

	*offline_session_of(m, ev->session) = (struct offline_session){ 0 };
	while ((s = entity_next_session(ev->entity, s)) != NULL)
		offline_session_of(m, s)->caught_up = 0;
	if (may_have_any(m, ev))
		mod_visit(m, entity_jid(ev->entity), hand_out_due, STR_NONE);
	return MOD_PASS;
}

/*
 * What was handed out before the stream was managed may be lost; and so that nothing is left where
 * somebody is, whatever the server's end came between.
 */
int delivery_on_resumed(struct mod *m, struct event *ev)
{
	struct offline_session *state = offline_session_of(m, ev->session);

	state->present = taker_can(ev->session);
	state->caught_up = 0;
	if (state->unsure) {
		state->upto = 0;
		state->unsure = false;
		session_changed(ev->session);
	}
	if (state->present && may_have_any(m, ev))
		mod_visit(m, entity_jid(ev->entity), hand_out_due, STR_NONE);
	return MOD_PASS;
}

void delivery_save(struct mod *m, struct session *s, struct record_writer *w)
{
	const struct offline_session *state = offline_session_of(m, s);

	if (!state->flexible && state->upto == 0 && !state->reading.follows)
		return;
	record_put_u64(w, (state->flexible ? SESSION_FLEXIBLE : 0) |
	                          (state->unsure ? SESSION_UNSURE : 0));
	record_put_u64(w, state->upto);
	reading_save(&state->reading, w);
}

int delivery_load(struct mod *m, struct session *s, struct record_reader *r)
{
	struct offline_session *state = offline_session_of(m, s);
	uint64_t flags = record_u64(r);

	state->flexible = (flags & SESSION_FLEXIBLE) != 0;
	state->unsure = (flags & SESSION_UNSURE) != 0;
	state->upto = record_u64(r);
	reading_load(&state->reading, r);
	state->asked_ms = core_now_ms(mod_core(m));
	return record_end(r);
}

/* ---- the answer ---- */

static bool is_answer(struct event *ev, const struct offline_session *state)
{
	return state->upto != 0 && ping_is_answer(ev) &&
	       str_eq(ev->stanza->id, ping_id_of_part(ev->arena, state->upto));
}

int delivery_on_answer(struct mod *m, struct event *ev)
{
	struct offline_session *state = offline_session_of(m, ev->session);
	uint64_t upto = state->upto;
	int err;

	if (!is_answer(ev, state))
		return MOD_PASS;
	state->upto = 0;
	state->unsure = false;
	session_changed(ev->session);
	err = remove_part(m, ev, ev->session, upto);
	event_behind(ev, m, hand_out_due);
	return err < 0 ? err : MOD_HANDLED;
}

/* ---- messages that come ---- */

static int find_wanted(void *arg, const struct offline_record *record)
{
	const struct part *part = arg;

	return reading_skips(part->m, part->to, record) ? 0 : 1;
}

/* Is anything stored that S has to have before what comes now? */
static bool must_wait(struct mod *m, struct event *ev, struct session *s)
{
	struct offline_session *state = offline_session_of(m, s);
	struct part part = { .m = m, .to = s };
	struct offline_box *box;
	int found;

	if (taker_is_caught_up(m, s) || state->flexible || !taker_can(s))
		return false;
	if (state->upto != 0) /* it is told when it answers */
		return true;
	if (box_open(m, ev, &box) < 0)
		return false; /* what cannot be read keeps nothing from coming */
	found = box->n == 0 ? 0 : box_scan(ev, 1, find_wanted, &part);
	if (found == 0)
		state->caught_up = box->count;
	return found > 0;
}

/*
 * What is stored for one of them is not in the queue of another, which might send it on when it
 * ends, and take what is stored as well.
 */
static void withhold(struct mod *m, struct event *ev, const struct session *taker)
{
	struct session *s = NULL;

	while ((s = entity_next_session(ev->entity, s)) != NULL)
		if (s == taker || (session_is_managed(s) && taker_is_due(m, s)))
			event_withhold(ev, s);
}

int delivery_follow(struct mod *m, struct event *ev)
{
	struct session *s = taker_find_awaited(m, ev->entity);
	int stored;

	if (s == NULL)
		s = taker_find_due(m, ev->entity);
	if (s == NULL || !event_delivers_to(ev, s) || !must_wait(m, ev, s) ||
	    !hints_storable(ev))
		return MOD_PASS;
	stored = box_append(m, ev);
	if (stored <= 0)
		return stored; /* when full it overtakes: that is no error */
	withhold(m, ev, s);
	look_in(m, ev->entity, TRY_AGAIN_MS); /* should nobody else have asked for it */
	return MOD_PASS;
}

int delivery_store(struct mod *m, struct event *ev)
{
	int stored = hints_storable(ev) ? box_append(m, ev) : 0;

	return stored > 0 ? MOD_HANDLED : stored;
}
