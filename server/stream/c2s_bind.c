/*
 * c2s_bind.c - binding a resource (RFC 6120 §7), or resuming a stream in its place (XEP-0198 §5):
 * the request, and what became of it.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/stream/c2s_private.h"

#include "server/base/mem.h"
#include "xml/ns.h"
#include "xml/sm_element.h"

#include <stdlib.h>

static void write_iq(struct c2s *c, struct stanza *reply)
{
	struct buf *out = stream_out(c->stream);

	if (out != NULL)
		stanza_write(out, reply, NS_CLIENT);
}

static void refuse_iq(struct c2s *c, struct arena *arena, const struct stanza *iq,
                      enum stanza_error condition)
{
	struct stanza *reply = stanza_error_reply(arena, iq, condition, NULL, NULL);

	if (reply != NULL)
		write_iq(c, reply);
}

static void ask(struct c2s *c)
{
	c->asked = true;
	stream_hold(c->stream);
}

/* XEP-0198 §3: all but <resume/> comes when there is something to manage. */
static void manage(struct c2s *c, const struct xml_node *element)
{
	struct buf text = { 0 };

	if (!xml_is(element, NS_SM, "resume")) {
		sm_write_failed(&text, "unexpected-request", NULL);
		c2s_write(c, buf_str(&text));
		buf_deinit(&text);
		return;
	}
	ask(c);
	c->env->ops->resume(c, element);
}

static void bind_resource(struct c2s *c, struct arena *arena, const struct xml_node *element)
{
	const struct xml_node *bind = xml_child(element, NS_BIND, "bind");
	struct str wanted, resource = STR_NONE;
	struct stanza iq;

	if (bind == NULL || stanza_parse(arena, element, &iq) != STANZA_PARSED ||
	    iq.type != TYPE_SET) {
		/* §7.1 */
		stream_fail(c->stream, STREAM_NOT_AUTHORIZED, "bind a resource first");
		return;
	}
	iq.from = iq.to = JID_NONE;
	wanted = xml_child_text(arena, bind, "resource");
	if (!str_is_empty(wanted) && jid_prepare_resource(arena, wanted, &resource) < 0) {
		refuse_iq(c, arena, &iq, STANZA_BAD_REQUEST); /* §7.7.2.1 */
		return;
	}
	mem_keep(&c->text, iq.id); /* of the iq that awaits its answer */
	ask(c);
	c->env->ops->bind(c, resource);
}

void c2s_bind_element(struct c2s *c, struct arena *arena, const struct xml_node *element)
{
	if (xml_in_ns(element, NS_SM))
		manage(c, element);
	else
		bind_resource(c, arena, element);
}

/* The negotiation is over. */
static void begin_session(struct c2s *c, struct jid full, void *session)
{
	c->asked = false;
	c->session = session;
	c->jid = full;
	c->log.name = jid_full_str(full);
	c->state = C2S_BOUND;
	free(c->text);
	c->text = NULL;
	timer_stop(c->env->shard, &c->timer);
	if (c->env->limits->idle_ms > 0)
		timer_start(c->env->shard, &c->timer, c->env->limits->idle_ms);
	stream_go(c->stream);
}

void c2s_resumed(struct c2s *c, struct jid full, void *session, struct str answer)
{
	ASSERT(c->asked);
	c2s_write(c, answer);
	begin_session(c, full, session);
}

void c2s_refuse_resume(struct c2s *c, struct str answer)
{
	ASSERT(c->asked);
	c2s_write(c, answer);
	c->asked = false;
	stream_go(c->stream);
}

void c2s_bound(struct c2s *c, struct jid full, void *session)
{
	struct arena *arena = arena_new(512);
	struct stanza *reply = stanza_new(arena, STANZA_IQ, TYPE_RESULT);
	struct xml_node *bind = xml_add(arena, stanza_node(reply), NS_BIND, "bind");

	ASSERT(c->asked);
	reply->id = str_of(c->text);
	xml_add_leaf(arena, bind, "jid", jid_full_str(full));
	write_iq(c, reply);
	arena_free(&arena);
	begin_session(c, full, session);
}

void c2s_refuse_bind(struct c2s *c, enum stanza_error condition)
{
	struct arena *arena = arena_new(512);
	struct stanza *iq = stanza_new(arena, STANZA_IQ, TYPE_SET);

	iq->id = str_of(c->text);
	refuse_iq(c, arena, iq, condition);
	arena_free(&arena);
	c->asked = false;
	stream_go(c->stream);
}
