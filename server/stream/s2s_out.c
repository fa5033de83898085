/*
 * s2s_out.c - the connecting side of a stream between servers: what it does with each of the peer's features.
 *
 *     features: starttls ─▶ <starttls/> ─▶ TLS, certificate judged
 *     features           ─▶ <db:verify/>s, <bidi/>, then <auth/> ─▶ <success/> ─▶ features: open
 *                                                       │ not offered, or a failure
 *                                                       └▶ <db:result/> ─▶ valid: open
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/base64.h"
#include "server/base/err.h"
#include "server/stream/s2s_private.h"
#include "xml/ns.h"

#include <stdlib.h>

static void give_up(struct s2s *s, enum stream_error condition, const char *why)
{
	s2s_blame(s, "%s", why);
	stream_fail(s->stream, condition, NULL);
}

static void send_header(struct s2s *s)
{
	stream_open(s->stream, str_of(s->local), str_of(s->remote), STR_NONE, STR("en"));
	s2s_stage(s);
}

void s2s_out_header(struct s2s *s, const struct stream_header *h)
{
	if (!h->has_version) {
		give_up(s, STREAM_UNSUPPORTED_VERSION, "does not speak XMPP 1.0");
		return;
	}
	mem_keep(&s->id, h->id.n <= DIALBACK_TEXT_MAX ? h->id : STR_NONE);
	s2s_stage(s);
}

/* ---- questions of dialback ---- */

/* Not while SASL is under way, which ends in a new header at a moment that the peer knows before us. */
static bool may_ask(const struct s2s *s)
{
	return s->stage == STAGE_ASKED || s->stage == STAGE_OPEN;
}

static void ask(struct s2s *s)
{
	for (struct s2s_question *q = s->questions; q != NULL; q = q->next) {
		const struct dialback d = {
			.is_verify = true,
			.from = q->local,
			.to = q->remote,
			.id = q->id,
			.key = q->key,
		};

		if (!q->sent)
			dialback_write(stream_out(s->stream), &d);
		q->sent = true;
	}
}

int s2s_ask(struct s2s *s, struct str local, struct str remote, struct str id, struct str key)
{
	size_t n = local.n + remote.n + id.n + key.n;
	struct s2s_question **at = &s->questions;
	struct s2s_question *q;
	char *text;

	ASSERT(s->outgoing);
	if (stream_is_over(s->stream))
		return ERR_CLOSED;
	if (s->n_questions >= S2S_VERIFIES_MAX)
		return ERR_BUSY;
	q = mem_zalloc(sizeof(*q) + n + 1);
	text = q->text;
	q->local = s2s_put(&text, local);
	q->remote = s2s_put(&text, remote);
	q->id = s2s_put(&text, id);
	q->key = s2s_put(&text, key);
	while (*at != NULL)
		at = &(*at)->next;
	*at = q;
	s->n_questions++;
	if (may_ask(s)) {
		ask(s);
		s2s_check_pending(s);
	}
	return 0;
}

static struct s2s_question *take_question(struct s2s *s, const struct dialback *d)
{
	struct s2s_question **at = &s->questions;
	struct s2s_question *q;

	while (*at != NULL && !((*at)->sent && str_eq((*at)->local, d->to) &&
	                        str_eq((*at)->remote, d->from) && str_eq((*at)->id, d->id)))
		at = &(*at)->next;
	q = *at;
	if (q == NULL)
		return NULL;
	*at = q->next;
	s->n_questions--;
	return q;
}

static void on_verify_answer(struct s2s *s, const struct dialback *d)
{
	struct s2s_question *q = take_question(s, d);

	if (q == NULL) {
		log_peer_debug(&s->log, "an answer of dialback that was not asked for");
		return;
	}
	if (d->type != DIALBACK_VALID)
		log_peer_info(&s->log, "says that a key is not its own: " STR_FMT,
		              STR_ARG(str_is_absent(d->error) ? STR("invalid") : d->error));
	s->env->ops->answered(s, q->local, q->remote, q->id, d->type == DIALBACK_VALID);
	free(q);
}

/* ---- the own proof ---- */

/*
 * What the peer may send on it, with XEP-0288: whoever was found by the domain's DNS is that domain, as in dialback,
 * when the certificate does not say so (and the policy has let it come so far).
 */
static void become_open(struct s2s *s)
{
	struct s2s_pair *p = s->pairs;

	p->proven = true;
	p->proof = s->certified ? S2S_CERTIFICATE : S2S_DIALBACK;
	s2s_begin(s);
	ask(s);
	if (s->bidi)
		s->env->ops->authenticated(s, p->local, p->remote, p->proof);
	if (!stream_is_over(s->stream))
		s->env->ops->ready(s);
}

static void begin_dialback(struct s2s *s)
{
	struct dialback d = { .from = str_of(s->local), .to = str_of(s->remote) };
	struct arena *arena;

	if (s->id == NULL) {
		give_up(s, STREAM_POLICY_VIOLATION, "gives its stream no id");
		return;
	}
	arena = arena_new(1024);
	d.key = dialback_key(arena, s->env->secret, d.to, d.from, str_of(s->id));
	dialback_write(stream_out(s->stream), &d);
	arena_free(&arena);
	s->stage = STAGE_ASKED;
	ask(s);
	s2s_stage(s);
}

/* XEP-0178 §3, step 10: the identity is for those who want it. */
static void begin_sasl(struct s2s *s)
{
	struct buf *out = stream_out(s->stream);
	struct arena *arena = arena_new(256);

	buf_append(out, STR("<auth xmlns='" NS_SASL "' mechanism='EXTERNAL'>"));
	buf_append(out, base64_encode(arena, str_of(s->local)));
	buf_append(out, STR("</auth>"));
	arena_free(&arena);
	s->stage = STAGE_SASL;
	s2s_stage(s);
}

static void on_result(struct s2s *s, const struct dialback *d)
{
	if (s->stage != STAGE_ASKED || !str_is(d->from, s->remote) ||
	    !str_is(d->to, s->local)) {
		log_peer_debug(&s->log, "an answer of dialback that was not asked for");
		return;
	}
	if (d->type == DIALBACK_VALID) {
		become_open(s);
		return;
	}
	if (d->type == DIALBACK_ERROR && !str_is_absent(d->error))
		s2s_blame(s, "refuses dialback: " STR_FMT, STR_ARG(d->error));
	else
		s2s_blame(s, "refuses dialback: the key is not ours");
	s->refused = d->type == DIALBACK_INVALID;
	stream_close(s->stream);
}

static void on_failure(struct s2s *s, const struct xml_node *element)
{
	const struct xml_node *condition = xml_next_child(element, NULL);

	log_peer_info(&s->log, "does not take our certificate: " STR_FMT,
	              STR_ARG(condition == NULL ? STR("no reason given") : condition->name));
	begin_dialback(s);
}

static void on_sasl(struct s2s *s, const struct xml_node *element)
{
	if (str_is(element->name, "success")) {
		s->stage = STAGE_RESTART;
		stream_restart(s->stream);
		send_header(s);
	} else if (str_is(element->name, "failure")) {
		on_failure(s, element);
	} else { /* EXTERNAL knows no challenge: a <failure/> comes */
		buf_append(stream_out(s->stream), STR("<abort xmlns='" NS_SASL "'/>"));
	}
}

/* ---- features ---- */

static bool offers_external(struct arena *arena, const struct xml_node *features)
{
	const struct xml_node *list = xml_child(features, NS_SASL, "mechanisms");
	const struct xml_node *m = list == NULL ? NULL : xml_next_child(list, NULL);

	for (; m != NULL; m = xml_next_child(list, m))
		if (xml_is(m, NS_SASL, "mechanism") &&
		    str_is(str_trim(xml_text(arena, m)), "EXTERNAL"))
			return true;
	return false;
}

static void on_secure_features(struct s2s *s, struct arena *arena,
                               const struct xml_node *features)
{
	ask(s);
	if (s->env->bidi && xml_child(features, NS_BIDI_FEATURE, "bidi") != NULL) {
		s->bidi = true;
		buf_append(stream_out(s->stream), STR("<bidi xmlns='" NS_BIDI "'/>"));
	}
	if (offers_external(arena, features))
		begin_sasl(s);
	else
		begin_dialback(s);
}

static void on_features(struct s2s *s, struct arena *arena, const struct xml_node *features)
{
	s->sm = xml_child(features, NS_SM, "sm") != NULL;
	switch (s->stage) {
	case STAGE_CLEAR:
		if (xml_child(features, NS_TLS, "starttls") == NULL) {
			give_up(s, STREAM_POLICY_VIOLATION, "offers no TLS");
			return;
		}
		buf_append(stream_out(s->stream), STR("<starttls xmlns='" NS_TLS "'/>"));
		s->stage = STAGE_STARTTLS;
		s2s_stage(s);
		break;
	case STAGE_SECURE:
		on_secure_features(s, arena, features);
		break;
	case STAGE_RESTART:
		become_open(s);
		break;
	default:
		break;
	}
}

/* ---- TLS ---- */

static void start_tls(struct s2s *s, bool direct)
{
	struct arena *arena = arena_new(512);
	struct str host, name;

	s->stage = STAGE_HANDSHAKE;
	if (jid_domain_ascii(arena, str_of(s->local), &host) < 0 ||
	    jid_domain_ascii(arena, str_of(s->remote), &name) < 0)
		give_up(s, STREAM_INTERNAL_SERVER_ERROR, "has a name that DNS does not know");
	else
		stream_start_tls_client(s->stream, s->env->tls, host, name, direct);
	arena_free(&arena);
	s2s_stage(s);
}

static void on_tls(struct s2s *s, const struct xml_node *element)
{
	if (s->stage != STAGE_STARTTLS || !str_is(element->name, "proceed")) {
		give_up(s, STREAM_POLICY_VIOLATION, "cannot begin TLS");
		return;
	}
	stream_discard(s->stream);
	stream_restart(s->stream);
	start_tls(s, false);
}

void s2s_dane_free(struct s2s_dane **dane)
{
	if (*dane == NULL)
		return;
	arena_free(&(*dane)->arena);
	free(*dane);
	*dane = NULL;
}

void s2s_out_secure(struct s2s *s)
{
	struct arena *arena = arena_new(512);
	struct str remote = str_of(s->remote), problem = STR_NONE;
	int err = s2s_check_certificate(s, arena, remote, &problem);

	s->certified = err == 0;
	s2s_dane_free(&s->dane);
	if (s->certified || (err != ERR_TLS &&
	                     s->env->ops->policy(s->env, str_of(s->local), remote).dialback)) {
		send_header(s);
	} else {
		s2s_blame(s, "its certificate " STR_FMT, STR_ARG(problem));
		s->refused = true;
		stream_fail(s->stream, STREAM_POLICY_VIOLATION,
		            arena_cstr(arena, arena_printf(arena, "your certificate " STR_FMT,
		                                           STR_ARG(problem))));
	}
	arena_free(&arena);
}

/* ---- elements ---- */

static void refuse_element(struct s2s *s)
{
	give_up(s, STREAM_UNSUPPORTED_STANZA_TYPE, "says what nobody has asked for");
}

static void on_dialback(struct s2s *s, struct arena *arena, const struct xml_node *element)
{
	struct dialback d;

	if (dialback_read(arena, element, &d) < 0)
		give_up(s, STREAM_IMPROPER_ADDRESSING, "answers dialback with no addresses");
	else if (d.type == DIALBACK_REQUEST && s->bidi && s->stage == STAGE_OPEN)
		s2s_on_question(s, &d); /* XEP-0288 §2.2 */
	else if (d.type == DIALBACK_REQUEST || s->stage < STAGE_SECURE)
		refuse_element(s);
	else if (d.is_verify)
		on_verify_answer(s, &d);
	else
		on_result(s, &d);
}

static bool passes(const struct s2s *s, const struct xml_node *element)
{
	return s->stage == STAGE_OPEN &&
	       (xml_in_ns(element, NS_SM) || (s->bidi && s2s_is_stanza(s, element)));
}

void s2s_out_element(struct s2s *s, struct arena *arena, struct xml_node *element)
{
	if (passes(s, element)) {
		s2s_pass(s, arena, element);
		return;
	}
	if (xml_is(element, NS_STREAM, "features"))
		on_features(s, arena, element);
	else if (xml_in_ns(element, NS_TLS))
		on_tls(s, element);
	else if (xml_in_ns(element, NS_SASL) && s->stage == STAGE_SASL)
		on_sasl(s, element);
	else if (dialback_is(element))
		on_dialback(s, arena, element);
	else
		refuse_element(s);
	arena_free(&arena);
}

/* ---- life ---- */

static struct s2s_dane *dane_new(const struct s2s_target *target)
{
	struct s2s_dane *dane = MEM_NEW(struct s2s_dane);

	dane->arena = arena_new(512);
	dane->secure_name = arena_copy(dane->arena, target->secure_name);
	if (target->tlsa != NULL)
		dane->tlsa = resolve_tlsa_copy(dane->arena, target->tlsa);
	return dane;
}

void s2s_out_begin(struct s2s *s, const struct s2s_target *target)
{
	mem_keep(&s->local, target->local);
	s2s_set_remote(s, target->remote);
	s2s_add_pair(s, target->local, target->remote);
	s->dane = dane_new(target);
	if (target->direct_tls)
		start_tls(s, true);
	else
		send_header(s);
}
