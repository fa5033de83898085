/*
 * sm_elements.c - what a client says of stream management, and what it is told (XEP-0198).
 *
 * Answers that speak of what is on disk are given by events of their own, behind those of the
 * stanzas that came before.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/sm.h"

#include "server/base/mem.h"
#include "xml/ns.h"
#include "xml/sm_element.h"
#include "xml/writer.h"

#include <stdio.h>
#include <stdlib.h>

#define KEY_DIGITS 16

/* Who waits for an answer; it may be gone by then. */
struct asking {
	uint64_t number; /* of the connection */
	uint64_t key;    /* of the stream */
};

static struct asking *asking_new(const struct c2s *c, const struct sm *sm)
{
	struct asking *a = MEM_NEW(struct asking);

	a->number = c2s_number(c);
	a->key = sm->key;
	return a;
}

static struct c2s *take_asking(struct entity *e, void *arg, uint64_t *key_out)
{
	struct asking *a = arg;
	struct c2s *c = c2s_find(&e->core->c2s, a->number);

	*key_out = a->key;
	free(a);
	return c == NULL || c2s_is_over(c) ? NULL : c;
}

/* ---- texts ---- */

static void say_failed(struct session *s, enum stanza_error condition)
{
	struct buf text = { 0 };

	sm_write_failed(&text, stanza_error_name(condition), NULL);
	c2s_write(s->c2s, buf_str(&text));
	buf_deinit(&text);
}

static void say_enabled(struct session *s)
{
	const struct conf_host_options *o = &s->entity->host->conf->o;
	struct buf text = { 0 };

	buf_append(&text, STR("<enabled xmlns='" NS_SM "'"));
	if (s->sm->resumable) {
		buf_printf(&text, " id='%016llx' resume='true' max='%lld'",
		           (unsigned long long)s->sm->key,
		           (long long)(sm_time_ms(s->sm) / 1000));
		xml_write_attr(&text, "location", o->resume_location);
	}
	buf_append(&text, STR("/>"));
	c2s_write(s->c2s, buf_str(&text));
	buf_deinit(&text);
}

static void fail_too_high(struct c2s *c, const struct sm *sm, uint32_t h)
{
	struct buf text = { 0 };

	sm_write_too_high(&text, h, sm->written);
	c2s_fail_with(c, STREAM_UNDEFINED_CONDITION, "more is acknowledged than was sent",
	              buf_str(&text));
	buf_deinit(&text);
}

/* ---- <enable/> ---- */

/* What cannot be stored cannot be resumed either; the counting goes on. */
static void on_enabled(struct entity *e, void *arg, int err)
{
	uint64_t key;
	struct c2s *c = take_asking(e, arg, &key);
	struct session *s = c == NULL ? NULL : c2s_session(c);

	if (s == NULL)
		return;
	if (err < 0)
		s->sm->stored = s->sm->resumable = false;
	s->sm->enabled = true;
	say_enabled(s);
}

static void enable(struct session *s, struct arena *arena, const struct xml_node *element)
{
	struct event *ev = event_begin(arena, s->entity, s, NULL);
	struct sm *sm = s->sm = sm_new(s, 0);
	uint64_t max_s;

	sm->stored = event_keeps_records(ev);
	sm->resumable = sm->stored && sm_is_resumable(element) &&
	                s->entity->core->generation->conf->o.resume_time > 0;
	if (str_to_u64(xml_attr(element, "max"), &max_s) == 0)
		sm->max_s = max_s;
	sm_put_begin(ev, sm);
	event_task_of(ev)->begins = sm;
	event_then(ev, on_enabled, asking_new(s->c2s, sm));
	event_end(ev, MOD_HANDLED);
}

/* ---- <r/>, <a/> ---- */

static void on_told(struct entity *e, void *arg, int err)
{
	uint64_t key;
	struct c2s *c = take_asking(e, arg, &key);
	struct session *s = c == NULL ? NULL : c2s_session(c);
	struct buf text = { 0 };

	if (s == NULL)
		return;
	sm_write_a(&text, s->sm->handled);
	c2s_write(c, buf_str(&text));
	buf_deinit(&text);
}

static void tell(struct session *s, struct arena *arena)
{
	struct event *ev = event_begin(arena, s->entity, s, NULL);

	/* what the client knows of now, as it acknowledged the error, is done too */
	if (STAILQ_EMPTY(&s->entity->held) && sm_all_done(s->sm) > s->sm->handled)
		event_task_of(ev)->counted = s;
	event_then(ev, on_told, asking_new(s->c2s, s->sm));
	event_end(ev, MOD_HANDLED);
}

static void take_ack(struct session *s, const struct xml_node *element)
{
	struct sm *sm = s->sm;
	uint32_t h;

	if (sm_read_h(element, &h) < 0) {
		c2s_fail(s->c2s, STREAM_POLICY_VIOLATION, "an acknowledgement without a count");
		return;
	}
	if (sm_acked(sm, h) < 0) {
		sm->resumable = false;
		fail_too_high(s->c2s, sm, h);
		return;
	}
	sm->acking = false;
	timer_stop(s->entity->core->shard, &sm->timer);
	sm_ask(sm, false);
}

void sm_element(struct session *s, struct arena *arena, const struct xml_node *element)
{
	if (str_is(element->name, "enable") && s->sm == NULL) {
		enable(s, arena, element);
		return;
	}
	if (str_is(element->name, "r") && s->sm != NULL) {
		tell(s, arena);
		return;
	}
	if (str_is(element->name, "a") && s->sm != NULL)
		take_ack(s, element);
	else
		say_failed(s, STANZA_UNEXPECTED_REQUEST);
	arena_free(&arena);
}

/* ---- <resume/> ---- */

/* §7: whoever closes its stream ends it. */
static bool is_closing(const struct session *s)
{
	return s->c2s != NULL && c2s_is_closed(s->c2s);
}

static struct sm *find_stream(struct entity *e, uint64_t key)
{
	struct session *s = NULL;

	while ((s = entity_next_session(e, s)) != NULL)
		if (s->sm != NULL && s->sm->key == key && s->sm->resumable && s->sm->enabled &&
		    !is_closing(s))
			return s->sm;
	return NULL;
}

static bool read_previd(const struct xml_node *element, uint64_t *key_out)
{
	struct str id = xml_attr(element, "previd");
	char text[KEY_DIGITS + 1] = { 0 };

	if (id.n != KEY_DIGITS)
		return false;
	memcpy(text, id.p, KEY_DIGITS);
	if (strspn(text, "0123456789abcdef") != KEY_DIGITS)
		return false;
	*key_out = strtoull(text, NULL, 16);
	return true;
}

/* §5: how far it came, where that is known. */
static void refuse_unknown(struct entity *e, struct c2s *c, uint64_t key)
{
	bool never = e->core->generation->conf->o.resume_time == 0;
	struct buf text = { 0 };
	uint64_t handled;
	bool known = e->owner != 0 && sm_find_end(e, key, &handled) == 0;

	sm_write_failed(&text, never ? "feature-not-implemented" : "item-not-found",
	                known ? &handled : NULL);
	c2s_refuse_resume(c, buf_str(&text));
	buf_deinit(&text);
}

static void tell_modules(struct session *s)
{
	struct event *ev = event_begin(arena_new(512), s->entity, s, NULL);

	event_end(ev, event_hooks(ev, HOOK_RESUMED));
	s->sm->restored = false;
}

static void attach(struct sm *sm, struct c2s *c)
{
	struct session *s = sm->session;
	char previd[KEY_DIGITS + 1];
	struct buf text = { 0 };

	timer_stop(s->entity->core->shard, &sm->timer);
	s->c2s = c;
	sm_weigh(sm);
	sm->next = sm->handled + 1;
	sm->written = sm->acked;
	log_info(c2s_log(c), "stream resumed");
	snprintf(previd, sizeof(previd), "%016llx", (unsigned long long)sm->key);
	sm_write_resumed(&text, str_of(previd), sm->handled);
	c2s_resumed(c, s->jid, s, buf_str(&text));
	buf_deinit(&text);
	entity_unpin(s->entity);
	sm_write_all(sm);
	tell_modules(s);
}

/* The connection that it had, if that was not found dead yet. */
static void detach(struct session *s)
{
	struct c2s *old = s->c2s;

	if (old == NULL)
		return;
	sm_hibernate(s);
	c2s_unbind(old);
	c2s_fail(old, STREAM_CONFLICT, "the stream was resumed elsewhere");
}

/* Of several that ask, the last has the stream. */
static void on_resumable(struct entity *e, void *arg, int err)
{
	uint64_t key;
	struct c2s *c = take_asking(e, arg, &key);
	struct sm *sm = find_stream(e, key);

	if (sm != NULL)
		sm->renumbering = false;
	if (c == NULL)
		return;
	if (sm == NULL) {
		refuse_unknown(e, c, key);
		return;
	}
	detach(sm->session);
	if (sm->gap) /* the session sleeps on, and the client may ask again */
		c2s_fail(c, STREAM_RESOURCE_CONSTRAINT, "the disk does not take it now");
	else
		attach(sm, c);
}

void sm_resume(struct entity *e, struct c2s *c, const struct xml_node *element)
{
	uint64_t key = 0;
	struct sm *sm = read_previd(element, &key) ? find_stream(e, key) : NULL;
	struct event *ev;
	uint32_t h;

	if (sm == NULL || sm_read_h(element, &h) < 0) {
		refuse_unknown(e, c, key);
		return;
	}
	detach(sm->session);
	if (sm_acked(sm, h) < 0) {
		fail_too_high(c, sm, h);
		return;
	}
	ev = event_begin(arena_new(512), e, sm->session, NULL);
	if ((sm->gap || sm->restored) && !sm->renumbering) {
		sm->renumbering = true;
		event_task_of(ev)->renumbers = sm;
		sm_renumber(sm, sm->stored ? event_batch(ev) : NULL);
		sm_put_record(ev, sm);
	}
	event_then(ev, on_resumable, asking_new(c, sm));
	event_end(ev, MOD_HANDLED);
}
