/*
 * remote_count.c - another server counts what it sends (XEP-0198), and is told what was handled when that is on disk.
 *
 * "Handled up to n" stands in the batch of the event that stanza n causes.  Space, version 1, of the remote entity's
 * owner:
 *
 *     "remote-in"   id of the stream   ->   n, when it was counted (wall clock, ms)
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/remote_private.h"

#include "server/base/clock.h"
#include "server/base/fault.h"
#include "server/base/mem.h"
#include "server/base/rand.h"
#include "server/core/event.h"
#include "server/store/record.h"
#include "xml/ns.h"
#include "xml/sm_element.h"
#include "xml/writer.h"

const struct store_space remote_in_space = { .name = "remote-in", .version = 1 };

#define ID_BYTES 18
#define KEPT_MS HOURS(7 * 24) /* a stream may be resumed for so long after its last stanza */
#define KEPT 64               /* streams of one other server that may be */

/* ---- the record ---- */

static struct str in_key(struct store_key *k, struct str id)
{
	key_init(k);
	key_text(k, id);
	return key_str(k);
}

static void put_count(struct event *ev, const struct remote_in *in, uint64_t n)
{
	struct record_writer w;
	struct store_key key;

	record_begin(&w, 1);
	record_put_u64(&w, n);
	record_put_i64(&w, clock_wall_ms());
	event_put(ev, &remote_in_space, in_key(&key, str_of(in->id)), buf_str(&w.out));
	buf_deinit(&w.out);
}

static int read_count(struct str value, uint64_t *n_out, int64_t *at_out)
{
	struct record_reader r;

	if (record_open(&r, value) != 1)
		return ERR_CORRUPT;
	*n_out = record_u64(&r);
	*at_out = record_i64(&r);
	return record_end(&r);
}

/* ---- counting ---- */

static void answer_count(struct remote_in *in)
{
	struct buf xml = { 0 };

	if (!in->asked || in->handled < in->asked_at || in->stream == NULL)
		return;
	in->asked = false;
	sm_write_a(&xml, in->handled);
	s2s_write(in->stream, buf_str(&xml));
	buf_deinit(&xml);
}

void in_asked(struct remote_in *in)
{
	in->asked = true;
	in->asked_at = in->taken;
	answer_count(in);
}

/* Events of an entity end in order: so one more is done. */
static void on_handled(struct entity *e, void *arg, int err)
{
	struct remote_in *in = arg;

	FAULT_POINT("remote-counted");
	if (err == 0 && !in->broken) {
		in->handled++;
		answer_count(in);
	} else if (!in->broken) {
		in->broken = true;
		if (in->stream != NULL)
			s2s_fail(in->stream, STREAM_RESOURCE_CONSTRAINT,
			         "nothing can be stored");
	}
	in_done(in);
}

void in_count(struct remote_in *in, struct event *ev)
{
	if (!in->managed)
		return;
	in->taken++;
	in->under_way++;
	if (in->id == NULL)
		event_batch(ev); /* what it sends has rows */
	else
		put_count(ev, in, in->taken);
	event_fails_unsaid(ev);
	event_then(ev, on_handled, in);
}

/* ---- <enable/> ---- */

static void write_failed(struct remote_in *in, const char *condition)
{
	struct buf xml = { 0 };

	sm_write_failed(&xml, condition, NULL);
	s2s_write(in->stream, buf_str(&xml));
	buf_deinit(&xml);
}

/* Streams that are too old to be resumed, or too many: the oldest one goes. */
struct sweep {
	struct event *ev;
	const struct remote *remote;
	int64_t before_ms, oldest_ms;
	struct str oldest;
	size_t n;
};

static bool is_open(const struct remote *r, struct str key)
{
	const struct remote_in *in;
	struct store_key k;

	LIST_FOREACH(in, &r->ins, link)
		if (in->stream != NULL && in->id != NULL &&
		    str_eq(in_key(&k, str_of(in->id)), key))
			return true;
	return false;
}

static int sweep_one(void *arg, struct str key, struct str value)
{
	struct sweep *sw = arg;
	uint64_t n;
	int64_t at_ms;

	if (read_count(value, &n, &at_ms) < 0)
		at_ms = 0;
	sw->n++;
	if (is_open(sw->remote, key))
		return 0;
	if (at_ms < sw->oldest_ms) {
		sw->oldest_ms = at_ms;
		sw->oldest = arena_copy(sw->ev->arena, key);
	}
	return 0;
}

/* One at a time: one comes at a time. */
static int sweep(struct event *ev)
{
	struct sweep sw = {
		.ev = ev,
		.remote = ev->entity->remote,
		.before_ms = clock_wall_ms() - KEPT_MS,
		.oldest_ms = INT64_MAX,
	};
	int err = event_scan(ev, &remote_in_space, STR(""), STR_NONE, 0, sweep_one, &sw);

	if (err == 0 && sw.oldest.n > 0 && (sw.oldest_ms < sw.before_ms || sw.n > KEPT))
		event_delete(ev, &remote_in_space, sw.oldest);
	return err;
}

/*
 * XEP-0288, and who opened the stream can resume it.  If the link here had it too, both might resume it at once, as
 * after a restart of both, and each would count what the other one says on another connection.
 */
static void part(struct remote_in *in)
{
	struct remote_link *out = in->out;

	if (out == NULL || (out->state != LINK_MANAGING && !link_is_quiet(out)))
		return;
	in->out = NULL;
	link_part(out);
}

/* What is on disk is said, and the stream is read again; ERR < 0: it failed, by CONDITION. */
static void finish_answer(struct remote_in *in, int err, void (*write)(struct remote_in *in),
                          const char *condition)
{
	in->managed = err == 0;
	if (err < 0)
		mem_keep(&in->id, STR_NONE);
	if (in->stream != NULL) {
		if (err == 0)
			write(in);
		else
			write_failed(in, condition);
		s2s_set_lasting(in->stream, err == 0);
		if (err == 0)
			part(in);
		s2s_go(in->stream);
	}
	in_done(in);
}

static void write_enabled(struct remote_in *in)
{
	struct buf xml = { 0 };

	buf_append(&xml, STR("<enabled xmlns='" NS_SM "'"));
	xml_write_attr(&xml, "id", str_of(in->id));
	buf_append(&xml, STR(" resume='true'/>"));
	s2s_write(in->stream, buf_str(&xml));
	buf_deinit(&xml);
}

static void on_enabled(struct entity *e, void *arg, int err)
{
	finish_answer(arg, err, write_enabled, "resource-constraint");
}

/* Nothing of the stream is read until the answer is on disk. */
static struct event *begin_answer(struct remote_in *in, event_then_fn *then)
{
	struct event *ev = event_begin(arena_new(512), in->remote->entity, NULL, NULL);

	in->under_way++;
	s2s_hold(in->stream);
	event_then(ev, then, in);
	return ev;
}

static void enable_lasting(struct remote_in *in)
{
	struct event *ev = begin_answer(in, on_enabled);

	mem_keep(&in->id, rand_token(ev->arena, ID_BYTES));
	remote_found(ev);
	put_count(ev, in, 0);
	event_end(ev, sweep(ev) < 0 ? ERR_STORE : MOD_HANDLED);
}

static void enable(struct remote_in *in, const struct xml_node *element)
{
	if (in->managed) {
		write_failed(in, "unexpected-request");
	} else if (sm_is_resumable(element)) {
		enable_lasting(in);
	} else {
		in->managed = true;
		s2s_write(in->stream, STR("<enabled xmlns='" NS_SM "'/>"));
		if (in->out != NULL)
			link_manage(in->out);
	}
}

/* ---- <resume/> ---- */

static void write_resumed(struct remote_in *in)
{
	struct buf xml = { 0 };

	sm_write_resumed(&xml, str_of(in->id), in->handled);
	s2s_write(in->stream, buf_str(&xml));
	buf_deinit(&xml);
}

/* All that came on the stream before has been handled, or has failed. */
static void on_settled(struct entity *e, void *arg, int err)
{
	struct remote_in *in = arg;
	int64_t at_ms;
	struct store_key key;
	struct str value;

	if (err == 0 && e->owner != 0)
		err = store_find(e->core->view, &remote_in_space, e->owner,
		                 in_key(&key, str_of(in->id)), &value);
	else
		err = ERR_NOENT;
	if (err == 0)
		err = read_count(value, &in->handled, &at_ms);
	FAULT_POINT("remote-settled");
	in->taken = in->handled;
	finish_answer(in, err, write_resumed, "item-not-found");
}

/* The connection before may look alive yet. */
static void end_other(struct remote_in *in, struct str id)
{
	struct remote_in *other;

	LIST_FOREACH(other, &in->remote->ins, link)
		if (other != in && str_eq(str_of(other->id), id)) {
			other->broken = true;
			if (other->stream != NULL)
				s2s_fail(other->stream, STREAM_CONFLICT, "it was resumed");
		}
}

static void resume(struct remote_in *in, const struct xml_node *element)
{
	struct str id = xml_attr(element, "previd");
	struct event *ev;

	if (in->managed || str_is_empty(id)) {
		write_failed(in, "unexpected-request");
		return;
	}
	end_other(in, id);
	mem_keep(&in->id, id);
	ev = begin_answer(in, on_settled);
	event_end(ev, MOD_HANDLED);
}

/* It was closed, by who had opened it: it is over (XEP-0198 §5). */
void in_forget(struct remote_in *in)
{
	struct entity *e = in->remote->entity;
	struct store_key key;
	struct batch *b;

	if (in->id == NULL || e->owner == 0)
		return;
	b = batch_new(e->core->view);
	batch_delete(b, &remote_in_space, e->owner, in_key(&key, str_of(in->id)));
	batch_commit(&b, NULL);
}

/* ---- elements ---- */

void in_manage(struct remote_in *in, const struct xml_node *element)
{
	if (xml_is(element, NS_SM, "enable"))
		enable(in, element);
	else if (xml_is(element, NS_SM, "resume"))
		resume(in, element);
	else if (xml_is(element, NS_SM, "r") && in->managed)
		in_asked(in);
	else if (xml_is(element, NS_SM, "a") && in->out != NULL)
		link_on_ack(in->out, element);
	else if (!xml_is(element, NS_SM, "a"))
		s2s_fail(in->stream, STREAM_UNSUPPORTED_STANZA_TYPE, NULL);
}

/* ---- XEP-0288: it was opened here ---- */

void in_begin(struct remote_in *in, struct event *ev, struct str id)
{
	in->managed = true;
	in->taken = in->handled = 0;
	if (str_is_absent(id))
		return;
	mem_keep(&in->id, id);
	put_count(ev, in, 0);
}

uint64_t in_restore(struct remote_in *in, struct str id)
{
	struct entity *e = in->remote->entity;
	struct store_key key;
	struct str value;
	int64_t at_ms;

	mem_keep(&in->id, id);
	if (store_find(e->core->view, &remote_in_space, e->owner, in_key(&key, id), &value) <
	            0 ||
	    read_count(value, &in->handled, &at_ms) < 0)
		in->handled = 0;
	in->taken = in->handled;
	return in->handled;
}
