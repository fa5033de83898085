/*
 * remote_manage.c - XEP-0198 on the stream of a link: the other server counts what it gets.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/remote_private.h"

#include "server/base/fault.h"
#include "server/base/mem.h"
#include "server/core/event.h"
#include "xml/ns.h"
#include "xml/sm_element.h"

#include <stdlib.h>

/* A batch with the numbers under which all goes out. */
struct beginning {
	struct remote_link *link;
	uint64_t stream;
	bool anew; /* under an id that is not on disk yet */
};

static void on_begun(struct entity *e, void *arg, int err)
{
	struct beginning *b = arg;
	struct remote_link *l = b->link;
	bool same = l->streams == b->stream && l->stream != NULL;

	FAULT_POINT("remote-begun");
	queue_renumbered(l, err);
	if (err < 0 && b->anew)
		mem_keep(&l->id, STR_NONE);
	free(b);
	if (!same)
		return;
	if (err < 0) {
		s2s_drop(l->stream);
		return;
	}
	l->managed = true;
	l->gaps = false;
	s2s_set_lasting(l->stream, l->id != NULL);
	link_be_ready(l);
}

static void begin_numbers(struct remote_link *l, bool anew)
{
	struct event *ev = event_begin(arena_new(1024), l->remote->entity, NULL, NULL);
	struct beginning *b = MEM_NEW(struct beginning);

	l->state = LINK_MANAGING;
	b->link = l;
	b->stream = l->streams;
	b->anew = anew;
	remote_found(ev);
	queue_renumber(l, ev);
	if (anew && l->in != NULL)
		in_begin(l->in, ev, str_of(l->id));
	event_then(ev, on_begun, b);
	event_end(ev, MOD_HANDLED);
}

/* XEP-0198 §6; what it said is no number at all, or one that it could not have come to. */
static void fail_count(struct remote_link *l, const struct xml_node *element)
{
	struct buf app = { 0 };
	uint32_t h;

	if (sm_read_h(element, &h) == 0)
		sm_write_too_high(&app, h, l->sent);
	queue_forget_stream(l);
	s2s_fail_with(l->stream, STREAM_UNDEFINED_CONDITION, "that was not sent",
	              buf_str(&app));
	buf_deinit(&app);
}

static void go_on(struct remote_link *l)
{
	FAULT_POINT("remote-resumed");
	log_info(s2s_log(l->stream), "resumed");
	if (l->gaps) {
		begin_numbers(l, false);
		return;
	}
	l->managed = true;
	s2s_set_lasting(l->stream, true);
	link_be_ready(l);
}

static void write_enable(struct remote_link *l)
{
	s2s_write(l->stream, STR("<enable xmlns='" NS_SM "' resume='true'/>"));
}

/* Without XEP-0288 no stanzas come on it: our h is 0.  With it, what came is on disk by now, or is not. */
static void write_resume(struct remote_link *l)
{
	uint64_t h = l->in == NULL ? 0 : in_restore(l->in, str_of(l->id));
	struct buf xml = { 0 };

	sm_write_resume(&xml, str_of(l->id), h);
	s2s_write(l->stream, buf_str(&xml));
	buf_deinit(&xml);
}

static void on_settled(struct entity *e, void *arg, int err)
{
	struct beginning *b = arg;
	struct remote_link *l = b->link;

	if (l->streams == b->stream && l->stream != NULL && l->id != NULL)
		write_resume(l);
	free(b);
}

/* Events of an entity end in order: those of what came on the stream before. */
static void resume_when_settled(struct remote_link *l)
{
	struct event *ev = event_begin(arena_new(512), l->remote->entity, NULL, NULL);
	struct beginning *b = MEM_NEW(struct beginning);

	b->link = l;
	b->stream = l->streams;
	event_then(ev, on_settled, b);
	event_end(ev, MOD_HANDLED);
}

void link_offer(struct remote_link *l)
{
	if (l->id == NULL)
		write_enable(l);
	else if (l->in == NULL)
		write_resume(l);
	else
		resume_when_settled(l);
}

void link_manage(struct remote_link *l)
{
	if (l->state != LINK_MANAGING) /* too late: things were said without numbers */
		return;
	timer_stop(link_core(l)->shard, &l->timer);
	l->acked = 0;
	begin_numbers(l, true);
}

/* ---- elements of stream management ---- */

static void on_enabled(struct remote_link *l, const struct xml_node *element)
{
	struct str id = xml_attr(element, "id");

	if (sm_is_resumable(element) && !str_is_empty(id))
		mem_keep(&l->id, id);
	else
		queue_forget_stream(l);
	l->acked = 0;
	begin_numbers(l, true);
}

static void on_resumed(struct remote_link *l, const struct xml_node *element)
{
	uint32_t h;

	if (sm_read_h(element, &h) < 0 || queue_acked(l, h) < 0) {
		fail_count(l, element);
		return;
	}
	if (l->in != NULL)
		l->in->managed = true;
	go_on(l);
}

/* XEP-0198 §5: what it has all the same may be told with it. */
static void on_failed(struct remote_link *l, const struct xml_node *element)
{
	uint32_t h;

	if (l->id == NULL) {
		link_be_ready(l);
		return;
	}
	if (sm_read_h(element, &h) == 0 && queue_acked(l, h) < 0)
		log_peer_info(s2s_log(l->stream), "it has more than was sent");
	queue_forget_stream(l);
	FAULT_POINT("remote-forgotten");
	write_enable(l);
}

void link_on_ack(struct remote_link *l, const struct xml_node *element)
{
	uint32_t h;

	FAULT_POINT("remote-acked");
	if (sm_read_h(element, &h) < 0 || queue_acked(l, h) < 0) {
		fail_count(l, element);
		return;
	}
	link_answered(l);
	link_ask(l);
}

void link_element(struct remote_link *l, struct arena *arena, struct xml_node *element)
{
	bool managing = l->state == LINK_MANAGING && !l->managed;

	if (l->in != NULL && !xml_in_ns(element, NS_SM)) {
		in_element(l->in, arena, element);
		return;
	}
	if (managing && xml_is(element, NS_SM, "enabled"))
		on_enabled(l, element);
	else if (managing && xml_is(element, NS_SM, "resumed"))
		on_resumed(l, element);
	else if (managing && xml_is(element, NS_SM, "failed"))
		on_failed(l, element);
	else if (l->managed && xml_is(element, NS_SM, "a"))
		link_on_ack(l, element);
	else if (xml_is(element, NS_SM, "r") && l->in != NULL && l->in->managed)
		in_asked(l->in);
	else if (xml_is(element, NS_SM, "r"))
		s2s_write(l->stream, STR("<a xmlns='" NS_SM "' h='0'/>"));
	else
		s2s_fail(l->stream, STREAM_UNSUPPORTED_STANZA_TYPE, NULL);
	arena_free(&arena);
}
