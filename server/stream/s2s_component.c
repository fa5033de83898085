/*
 * s2s_component.c - the stream of a component: a program that has a domain and connects to the server of its operator
 * (XEP-0114, "jabber:component:accept").
 *
 *     <stream:stream to='irc.example.org'>  ─▶
 *                                           ◀─  <stream:stream from='irc.example.org' id='…'>
 *     <handshake>SHA-1 of id and secret</handshake>  ─▶
 *                                           ◀─  <handshake/>
 *
 * There are neither features nor TLS: the way between the two is inside of a machine.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/base64.h"
#include "server/base/digest.h"
#include "server/base/rand.h"
#include "server/stream/s2s_private.h"
#include "xml/ns.h"

#define SHA1_BYTES 20

/* ---- header ---- */

/* §3: our header comes before an error too, and has an id all the same. */
static void send_header(struct s2s *s)
{
	struct arena *arena = arena_new(128);
	struct str id = rand_token(arena, STREAM_ID_BYTES);

	mem_keep(&s->id, id);
	stream_open(s->stream, str_of(s->remote), STR_NONE, id, STR_NONE);
	arena_free(&arena);
}

static void fail_header(struct s2s *s, enum stream_error condition, const char *text)
{
	log_peer_info(&s->log, "refused: %s", stream_error_name(condition));
	send_header(s);
	stream_fail(s->stream, condition, text);
}

void s2s_component_header(struct s2s *s, struct arena *arena, const struct stream_header *h)
{
	struct s2s_component known;
	struct str domain;

	if (str_is_absent(h->to)) {
		fail_header(s, STREAM_IMPROPER_ADDRESSING,
		            "the stream header names no component in to");
	} else if (jid_prepare_domain(arena, h->to, &domain) < 0 ||
	           !s->env->ops->component(s->env, domain, &known)) {
		fail_header(s, STREAM_HOST_UNKNOWN, NULL);
	} else {
		s2s_set_remote(s, domain);
		send_header(s);
		s->stage = STAGE_SECURE;
		s2s_stage(s);
	}
}

/* ---- <handshake/> ---- */

static bool is_right(const struct s2s *s, struct arena *arena, struct str secret,
                     struct str given)
{
	uint8_t hash[SHA1_BYTES];
	struct str right, what = arena_concat(arena, str_of(s->id), secret);

	digest_hash(DIGEST_SHA1, what, hash);
	right = base16_encode(arena, str_make((const char *)hash, sizeof(hash)));
	return given.n == right.n && digest_equal(given.p, right.p, right.n);
}

static void on_handshake(struct s2s *s, struct arena *arena, const struct xml_node *element)
{
	struct str given = str_trim(xml_text(arena, element));
	struct s2s_component known;

	if (s->stage != STAGE_SECURE || s->claim != NULL) {
		stream_fail(s->stream, STREAM_POLICY_VIOLATION, "the handshake is over");
	} else if (!s->env->ops->component(s->env, str_of(s->remote), &known)) {
		stream_fail(s->stream, STREAM_HOST_GONE, NULL);
	} else if (!is_right(s, arena, known.secret, given)) {
		log_peer_warning(&s->log, "refused: its secret is another one");
		stream_fail(s->stream, STREAM_NOT_AUTHORIZED, NULL);
	} else {
		s->allowance = known.bytes;
		s2s_begin_claim(s, STR_NONE, str_of(s->remote), STR_NONE);
	}
}

void s2s_component_welcome(struct s2s *s)
{
	buf_append(stream_out(s->stream), STR("<handshake/>"));
	s2s_begin(s);
	s->env->ops->authenticated(s, STR_NONE, str_of(s->remote), S2S_HANDSHAKE);
	if (!stream_is_over(s->stream))
		s->env->ops->ready(s);
}

/* ---- the rest ---- */

void s2s_component_element(struct s2s *s, struct arena *arena, struct xml_node *element)
{
	bool is_stanza = s2s_is_stanza(s, element);

	if (is_stanza && s->stage == STAGE_OPEN) {
		s2s_pass(s, arena, element);
		return;
	}
	if (xml_is(element, NS_COMPONENT, "handshake"))
		on_handshake(s, arena, element);
	else if (is_stanza)
		stream_fail(s->stream, STREAM_NOT_AUTHORIZED, NULL); /* RFC 6120 §4.9.3.12 */
	else
		stream_fail(s->stream, STREAM_UNSUPPORTED_STANZA_TYPE, NULL);
	arena_free(&arena);
}
