/*
 * s2s_calls.c - what the upper layer does with a stream between servers, and may know of it.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/stream/s2s_private.h"
#include "xml/ns.h"

/* ---- the upper layer's calls ---- */

void s2s_check_pending(struct s2s *s)
{
	const struct stream_limits *limits = s->env->limits;
	size_t queue = s2s_is_ready(s) ? limits->queue_bytes : 0;

	if (transport_pending(stream_transport(s->stream)) <= limits->out_bytes + queue)
		return;
	log_peer_warning(&s->log, "dropped: it does not read what it is sent");
	stream_drop(s->stream);
}

void s2s_write(struct s2s *s, struct str xml)
{
	if (stream_is_over(s->stream))
		return;
	s->used = shard_now(s->env->shard);
	buf_append(stream_out(s->stream), xml);
	s2s_check_pending(s);
}

void s2s_send(struct s2s *s, const struct stanza *stanza)
{
	if (stream_is_over(s->stream))
		return;
	s->used = shard_now(s->env->shard);
	/* what is shared was written for jabber:client: neither names the default namespace */
	stanza_write(stream_out(s->stream), stanza, NS_CLIENT);
	s2s_check_pending(s);
}

void s2s_close(struct s2s *s)
{
	s->closed = true;
	stream_close(s->stream);
}

void s2s_fail(struct s2s *s, enum stream_error condition, const char *text)
{
	stream_fail(s->stream, condition, text);
}

void s2s_fail_with(struct s2s *s, enum stream_error condition, const char *text, struct str app)
{
	stream_fail_with(s->stream, condition, text, app);
}

void s2s_drop(struct s2s *s)
{
	stream_drop(s->stream);
}

void s2s_hold(struct s2s *s)
{
	stream_hold(s->stream);
}

void s2s_go(struct s2s *s)
{
	stream_go(s->stream);
}

/* ---- facts ---- */

bool s2s_is_over(const struct s2s *s)
{
	return stream_is_over(s->stream);
}

bool s2s_was_closed(const struct s2s *s)
{
	return s->closed;
}

bool s2s_was_refused(const struct s2s *s)
{
	return s->refused;
}

bool s2s_is_outgoing(const struct s2s *s)
{
	return s->outgoing;
}

bool s2s_is_component(const struct s2s *s)
{
	return s->component;
}

bool s2s_is_ready(const struct s2s *s)
{
	return s->stage == STAGE_OPEN && (s->outgoing || s->bidi || s->component);
}

bool s2s_offers_sm(const struct s2s *s)
{
	return s->sm;
}

bool s2s_is_bidi(const struct s2s *s)
{
	return s->bidi;
}

struct s2s_env *s2s_env_of(const struct s2s *s)
{
	return s->env;
}

uint64_t s2s_number(const struct s2s *s)
{
	return s->number;
}

static const struct s2s_pair *first_pair(const struct s2s *s)
{
	const struct s2s_pair *p = s->pairs;

	while (p != NULL && !p->proven)
		p = p->next;
	return p;
}

struct str s2s_local(const struct s2s *s)
{
	const struct s2s_pair *p = first_pair(s);

	return p != NULL ? p->local : str_of(s->local);
}

struct str s2s_remote(const struct s2s *s)
{
	const struct s2s_pair *p = first_pair(s);

	return p != NULL ? p->remote : str_of(s->remote);
}

void *s2s_owner(const struct s2s *s)
{
	return s->owner;
}

void s2s_set_owner(struct s2s *s, void *owner)
{
	s->owner = owner;
}

void s2s_set_lasting(struct s2s *s, bool lasting)
{
	s->lasting = lasting;
}

const struct log_ctx *s2s_log(const struct s2s *s)
{
	return &s->log;
}

int64_t s2s_idle_ms(const struct s2s *s)
{
	return shard_now(s->env->shard) - s->used;
}

struct str s2s_describe(const struct s2s *s, struct arena *arena)
{
	struct transport *t = stream_transport(s->stream);
	const struct s2s_pair *p = first_pair(s);
	const char *proof = "not authenticated";

	if (t == NULL)
		return STR("closing");
	if (p != NULL)
		proof = p->proof == S2S_CERTIFICATE ? "certificate" : "dialback";
	else if (s->component && s->stage == STAGE_OPEN)
		proof = "its secret";
	return arena_printf(
		arena, STR_FMT ", %s, %s " STR_FMT,
		STR_ARG(transport_is_secure(t) ? transport_tls_text(t, arena) : STR("no TLS")),
		proof, s->outgoing ? "to" : "from", STR_ARG(transport_address(t)));
}

struct str s2s_fingerprint(const struct s2s *s, struct arena *arena)
{
	struct transport *t = stream_transport(s->stream);

	return t == NULL || !transport_is_secure(t) ? STR_NONE
	                                            : transport_peer_fingerprint(t, arena);
}
