/*
 * s2s_in.c - the accepting side of a stream between servers: header, features, SASL EXTERNAL (RFC 6120 §4 to §6,
 * XEP-0178 §3).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/base64.h"
#include "server/base/rand.h"
#include "server/stream/auth.h"
#include "server/stream/s2s_private.h"
#include "xml/ns.h"

/* ---- features ---- */

static void offer_proofs(struct s2s *s, struct buf *out)
{
	/* without from it may be anybody yet: the policy is asked when it says who it is */
	bool dialback =
		s->remote == NULL ||
		s->env->ops->policy(s->env, str_of(s->local), str_of(s->remote)).dialback;

	if (s->certified && s->stage == STAGE_SECURE)
		buf_append(out, STR("<mechanisms xmlns='" NS_SASL "'>"
		                    "<mechanism>EXTERNAL</mechanism></mechanisms>"));
	/* further pairs may come by it after SASL too (XEP-0220 §2.6) */
	if (dialback)
		buf_append(out, STR("<dialback xmlns='" NS_DIALBACK_FEATURE "'>"
		                    "<errors/></dialback>"));
	if (s->stage == STAGE_SECURE && s->env->bidi)
		buf_append(out, STR("<bidi xmlns='" NS_BIDI_FEATURE "'/>"));
	/* XEP-0198 §3: where nothing is proven yet, for those who go on by dialback, as no features come behind it */
	if (s->stage != STAGE_SECURE || !s->certified)
		buf_append(out, STR("<sm xmlns='" NS_SM "'/>"));
}

static void send_features(struct s2s *s)
{
	struct buf *out = stream_out(s->stream);

	buf_append(out, STR("<stream:features>"));
	if (s->stage == STAGE_CLEAR)
		buf_append(out, STR("<starttls xmlns='" NS_TLS "'><required/></starttls>"));
	else
		offer_proofs(s, out);
	buf_append(out, STR("</stream:features>"));
}

/* ---- header ---- */

static void send_header(struct s2s *s, struct str to)
{
	struct arena *arena = arena_new(256);
	struct str id = rand_token(arena, STREAM_ID_BYTES);

	mem_keep(&s->id, id);
	stream_open(s->stream, str_of(s->local), to, id, STR("en"));
	arena_free(&arena);
}

static void fail_header(struct s2s *s, const struct stream_header *h,
                        enum stream_error condition, const char *text)
{
	send_header(s, h->from);
	s2s_blame(s, "%s", text != NULL ? text : stream_error_name(condition));
	stream_fail(s->stream, condition, text);
}

/* XEP-0178 §3, step 9: what its certificate is worth, and whether that is too little. */
static bool judge(struct s2s *s, struct arena *arena)
{
	struct str local = str_of(s->local), remote = str_of(s->remote), problem = STR_NONE;
	struct s2s_policy policy = s->env->ops->policy(s->env, local, remote);

	if (policy.refused) {
		log_peer_info(&s->log, "refused: it is not let in");
		s2s_blame(s, "it is not let in");
		stream_fail(s->stream, STREAM_POLICY_VIOLATION, NULL);
		return false;
	}
	if (s->stage == STAGE_CLEAR)
		return true;
	s->certified = s2s_check_certificate(s, arena, remote, &problem) == 0;
	if (s->certified || policy.dialback)
		return true;
	log_peer_info(&s->log, "refused: its certificate " STR_FMT, STR_ARG(problem));
	s2s_blame(s, "its certificate " STR_FMT, STR_ARG(problem));
	stream_fail(s->stream, STREAM_POLICY_VIOLATION,
	            arena_cstr(arena, arena_printf(arena, "your certificate " STR_FMT,
	                                           STR_ARG(problem))));
	return false;
}

/* RFC 6120 §4.7.1: who has authenticated stays who it is. */
static bool is_same_pair(const struct s2s *s, struct str local, struct str remote)
{
	return str_is(local, s->local) && (str_is_absent(remote) || str_is(remote, s->remote));
}

/* The header after SASL: its pair is authenticated from here on. */
static void open_pair(struct s2s *s)
{
	struct s2s_pair *p = s->pairs;

	p->proven = true;
	p->proof = S2S_CERTIFICATE;
	send_features(s);
	s2s_begin(s);
	s->env->ops->authenticated(s, p->local, p->remote, p->proof);
	if (s->bidi && !stream_is_over(s->stream))
		s->env->ops->ready(s);
}

static void on_addresses(struct s2s *s, struct arena *arena, struct str local,
                         struct str remote)
{
	if (s->stage != STAGE_RESTART) {
		mem_keep(&s->local, local);
		s2s_set_remote(s, remote);
	}
	send_header(s, remote);
	if (s->stage == STAGE_RESTART) {
		open_pair(s);
	} else if (s->remote == NULL || judge(s, arena)) {
		send_features(s);
		s2s_stage(s);
	}
}

void s2s_in_header(struct s2s *s, struct arena *arena, const struct stream_header *h)
{
	struct str local, remote = STR_NONE;

	if (str_is_absent(h->to))
		fail_header(s, h, STREAM_IMPROPER_ADDRESSING,
		            "the stream header names no host in to");
	else if (jid_prepare_domain(arena, h->to, &local) < 0 ||
	         !s->env->ops->serves(s->env, local))
		fail_header(s, h, STREAM_HOST_UNKNOWN, NULL);
	else if (!h->has_version) /* from before TLS, which is needed */
		fail_header(s, h, STREAM_UNSUPPORTED_VERSION, "XMPP 1.0 is spoken here");
	else if (!str_is_absent(h->from) && jid_prepare_domain(arena, h->from, &remote) < 0)
		fail_header(s, h, STREAM_INVALID_FROM, NULL);
	else if (s->stage == STAGE_RESTART && !is_same_pair(s, local, remote))
		fail_header(s, h, STREAM_INVALID_FROM, "another pair has authenticated");
	else
		on_addresses(s, arena, local, remote);
}

/* ---- TLS ---- */

/* RFC 6120 §5.4.2.  What came behind <starttls/> in the clear is nobody's word. */
static void on_starttls(struct s2s *s)
{
	struct buf *out = stream_out(s->stream);
	struct arena *arena = arena_new(256);
	struct str host;

	stream_discard(s->stream);
	if (s->stage != STAGE_CLEAR || jid_domain_ascii(arena, str_of(s->local), &host) < 0) {
		buf_append(out, STR("<failure xmlns='" NS_TLS "'/>"));
		stream_close(s->stream);
	} else {
		buf_append(out, STR("<proceed xmlns='" NS_TLS "'/>"));
		s->stage = STAGE_HANDSHAKE;
		stream_restart(s->stream);
		stream_start_tls(s->stream, s->env->tls, host);
		s2s_stage(s);
	}
	arena_free(&arena);
}

/* ---- SASL ---- */

static void refuse_sasl(struct s2s *s, enum auth_condition condition)
{
	struct buf *out = stream_out(s->stream);

	log_peer_info(&s->log, "EXTERNAL failed: %s", auth_condition_name(condition));
	buf_append(out, STR("<failure xmlns='" NS_SASL "'><"));
	buf_append(out, str_of(auth_condition_name(condition)));
	buf_append(out, STR("/></failure>"));
	if (++s->refusals >= S2S_REFUSALS)
		stream_fail(s->stream, STREAM_POLICY_VIOLATION,
		            "too many failed authentications");
}

/* RFC 4422 appendix A: whom it wants to act for, which can only be itself; "=" and nothing mean that as well. */
static bool authzid_is_right(struct s2s *s, struct arena *arena, struct str text,
                             enum auth_condition *condition_out)
{
	struct str authzid, domain;

	text = str_trim(text);
	if (text.n == 0 || str_is(text, "="))
		return true;
	if (base64_decode(arena, text, &authzid) < 0) {
		*condition_out = AUTH_INCORRECT_ENCODING;
		return false;
	}
	*condition_out = AUTH_INVALID_AUTHZID;
	return jid_prepare_domain(arena, authzid, &domain) == 0 && str_is(domain, s->remote);
}

static void on_auth(struct s2s *s, struct arena *arena, const struct xml_node *element)
{
	enum auth_condition condition;

	if (!str_is(xml_attr(element, "mechanism"), "EXTERNAL"))
		refuse_sasl(s, AUTH_INVALID_MECHANISM);
	else if (s->stage != STAGE_SECURE || !s->certified || s->pairs != NULL)
		refuse_sasl(s, AUTH_NOT_AUTHORIZED);
	else if (!authzid_is_right(s, arena, xml_text(arena, element), &condition))
		refuse_sasl(s, condition);
	else
		s2s_begin_claim(s, str_of(s->local), str_of(s->remote), STR_NONE);
}

static void on_sasl(struct s2s *s, struct arena *arena, const struct xml_node *element)
{
	if (s->stage == STAGE_CLEAR)
		refuse_sasl(s, AUTH_ENCRYPTION_REQUIRED); /* RFC 6120 §6.5.4 */
	else if (str_is(element->name, "auth"))
		on_auth(s, arena, element);
	else if (str_is(element->name, "abort"))
		refuse_sasl(s, AUTH_ABORTED);
	else
		refuse_sasl(s, AUTH_MALFORMED_REQUEST);
}

/* ---- the rest ---- */

/* XEP-0220 §3: an answer that nobody has asked for is a try to be somebody else. */
static void on_dialback(struct s2s *s, struct arena *arena, const struct xml_node *element)
{
	struct dialback d;

	if (s->stage == STAGE_CLEAR)
		stream_fail(s->stream, STREAM_POLICY_VIOLATION, "TLS is required");
	else if (dialback_read(arena, element, &d) < 0)
		stream_fail(s->stream, STREAM_IMPROPER_ADDRESSING, "no dialback element");
	else if (d.type != DIALBACK_REQUEST)
		stream_fail(s->stream, STREAM_POLICY_VIOLATION,
		            "a dialback answer that was not asked for");
	else
		s2s_on_question(s, &d);
}

/* XEP-0288 §2.2: before anything is proven. */
static void on_bidi(struct s2s *s)
{
	if (s->stage == STAGE_SECURE && s->env->bidi)
		s->bidi = true;
	else
		stream_fail(s->stream, STREAM_POLICY_VIOLATION, "it is too late for bidi");
}

void s2s_in_element(struct s2s *s, struct arena *arena, struct xml_node *element)
{
	bool passes = s2s_is_stanza(s, element) || xml_in_ns(element, NS_SM);

	if (passes && s->stage == STAGE_OPEN) {
		s2s_pass(s, arena, element);
		return;
	}
	if (passes)
		stream_fail(s->stream, STREAM_NOT_AUTHORIZED, NULL); /* §4.9.3.12 */
	else if (xml_is(element, NS_TLS, "starttls"))
		on_starttls(s);
	else if (xml_in_ns(element, NS_SASL))
		on_sasl(s, arena, element);
	else if (dialback_is(element))
		on_dialback(s, arena, element);
	else if (xml_is(element, NS_BIDI, "bidi"))
		on_bidi(s);
	else
		stream_fail(s->stream, STREAM_UNSUPPORTED_STANZA_TYPE, NULL);
	arena_free(&arena);
}
