/*
 * s2s_pairs.c - who may send to whom on a stream: pairs, and how the accepting side has them proven to it.
 *
 *     claim ─▶ (ops->claims: here or on another shard) ─▶ pursue ─▶ SASL: <success/>, and a new header
 *                                                                └▶ dialback: its certificate, or ops->verify
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/stream/s2s_private.h"
#include "xml/ns.h"

#include <stdlib.h>

/* Each may take a connection to elsewhere; a peer of many domains comes with all of them at once. */
static const struct rate_limit claims_of_stream = { .burst = S2S_PAIRS_MAX, .per_second = 200 };

static struct s2s_pair *find_pair(const struct s2s *s, struct str local, struct str remote)
{
	struct s2s_pair *p = s->pairs;

	while (p != NULL && !(str_eq(p->local, local) && str_eq(p->remote, remote)))
		p = p->next;
	return p;
}

struct s2s_pair *s2s_add_pair(struct s2s *s, struct str local, struct str remote)
{
	struct s2s_pair *p = mem_zalloc(sizeof(*p) + local.n + remote.n + 1);
	struct s2s_pair **at = &s->pairs;
	char *text = p->text;

	p->local = s2s_put(&text, local);
	p->remote = s2s_put(&text, remote);
	while (*at != NULL)
		at = &(*at)->next;
	*at = p;
	s->n_pairs++;
	return p;
}

static void remove_pair(struct s2s *s, struct s2s_pair *p)
{
	struct s2s_pair **at = &s->pairs;

	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	s->n_pairs--;
	free(p);
}

bool s2s_admits(const struct s2s *s, struct str local, struct str remote)
{
	const struct s2s_pair *p = find_pair(s, local, remote);

	if (s->component)
		return s->stage == STAGE_OPEN && str_is(remote, s->remote);
	return p != NULL && p->proven && (!s->outgoing || s->bidi);
}

/* ---- answers ---- */

static void say(struct s2s *s, const struct dialback *d)
{
	struct buf *out = stream_out(s->stream);

	if (out == NULL || stream_is_over(s->stream))
		return;
	dialback_write(out, d);
	s2s_check_pending(s);
}

static void refuse(struct s2s *s, const struct dialback *question, const char *condition)
{
	struct dialback answer = dialback_refusal(question, condition);

	say(s, &answer);
}

static void answer(struct s2s *s, const struct dialback *question, enum dialback_type type)
{
	struct dialback d = dialback_answer(question, type);

	say(s, &d);
}

/* The <db:result/> by which P was asked for. */
static struct dialback question_of(const struct s2s_pair *p)
{
	return (struct dialback){ .from = p->remote, .to = p->local };
}

/* ---- verdicts ---- */

static void accept_pair(struct s2s *s, struct s2s_pair *p, enum s2s_proof proof)
{
	struct dialback question = question_of(p);
	bool first = s->stage != STAGE_OPEN;

	answer(s, &question, DIALBACK_VALID);
	if (stream_is_over(s->stream))
		return;
	p->proven = true;
	p->proof = proof;
	if (first)
		s2s_begin(s);
	s->env->ops->authenticated(s, p->local, p->remote, proof);
	if (first && s->bidi && !stream_is_over(s->stream))
		s->env->ops->ready(s);
}

/* XEP-0220 §2.2.1: a stream on which something is valid already need not end for it. */
static void reject_pair(struct s2s *s, struct s2s_pair *p)
{
	struct dialback question = question_of(p);

	log_peer_info(&s->log, "refused: " STR_FMT " says that it is not " STR_FMT,
	              STR_ARG(p->remote), STR_ARG(p->remote));
	if (s->stage == STAGE_OPEN) {
		refuse(s, &question, "forbidden");
		remove_pair(s, p);
		return;
	}
	answer(s, &question, DIALBACK_INVALID);
	remove_pair(s, p);
	stream_close(s->stream);
}

static void fail_pair(struct s2s *s, struct s2s_pair *p, const char *condition)
{
	struct dialback question = question_of(p);

	refuse(s, &question, condition);
	remove_pair(s, p);
	s2s_stage(s);
}

void s2s_verified(struct s2s *s, struct str local, struct str remote, enum s2s_verdict verdict)
{
	struct s2s_pair *p = find_pair(s, local, remote);

	if (p == NULL || p->proven || s->outgoing || stream_is_over(s->stream))
		return;
	switch (verdict) {
	case S2S_VALID:
		accept_pair(s, p, S2S_DIALBACK);
		break;
	case S2S_INVALID:
		reject_pair(s, p);
		break;
	case S2S_UNREACHABLE:
		fail_pair(s, p, "remote-connection-failed");
		break;
	}
}

/* ---- claims ---- */

static void pursue_sasl(struct s2s *s, const struct s2s_claim *claim)
{
	s2s_add_pair(s, claim->local, claim->remote);
	buf_append(stream_out(s->stream), STR("<success xmlns='" NS_SASL "'/>"));
	s->stage = STAGE_RESTART;
	stream_restart(s->stream);
	s2s_stage(s);
}

/*
 * Who has shown a certificate of the domain need not be asked elsewhere (XEP-0220 §1.2): the only way for a further
 * domain of a peer whose certificate has to prove what it is.
 */
static void pursue_dialback(struct s2s *s, struct arena *arena, const struct s2s_claim *claim)
{
	struct s2s_pair *p = s2s_add_pair(s, claim->local, claim->remote);
	const struct s2s_ops *ops = s->env->ops;
	struct str problem = STR_NONE;

	if (s2s_check_certificate(s, arena, claim->remote, &problem) == 0) {
		accept_pair(s, p, S2S_CERTIFICATE);
	} else if (ops->policy(s->env, p->local, p->remote).dialback) {
		ops->verify(s, p->local, p->remote, str_of(s->id), claim->key);
	} else {
		log_peer_info(&s->log, "refused as " STR_FMT ": its certificate " STR_FMT,
		              STR_ARG(p->remote), STR_ARG(problem));
		fail_pair(s, p, "not-authorized");
	}
}

void s2s_pursue(struct s2s *s)
{
	struct s2s_claim *claim = s->claim;
	struct arena *arena;

	s->claim = NULL;
	if (claim == NULL || stream_is_over(s->stream)) {
		free(claim);
		return;
	}
	arena = arena_new(512);
	if (s->component)
		s2s_component_welcome(s);
	else if (claim->is_sasl)
		pursue_sasl(s, claim);
	else
		pursue_dialback(s, arena, claim);
	arena_free(&arena);
	free(claim);
}

static struct s2s_claim *claim_new(struct str local, struct str remote, struct str key)
{
	struct s2s_claim *claim = mem_zalloc(sizeof(*claim) + local.n + remote.n + key.n + 1);
	char *text = claim->text;

	claim->is_sasl = str_is_absent(key);
	claim->local = s2s_put(&text, local);
	claim->remote = s2s_put(&text, remote);
	claim->key = s2s_put(&text, key);
	return claim;
}

void s2s_begin_claim(struct s2s *s, struct str local, struct str remote, struct str key)
{
	s->claim = claim_new(local, remote, key);
	if (s->remote == NULL)
		s2s_set_remote(s, remote);
	s2s_stage(s);
	if (!s->settled) {
		s->settled = true;
		stream_hold(s->stream);
		if (!s->env->ops->claims(s, s->claim->remote))
			return; /* s2s_unpack goes on */
		stream_go(s->stream);
	}
	s2s_pursue(s);
}

/* ---- questions ---- */

static void on_result(struct s2s *s, const struct dialback *d)
{
	const struct s2s_pair *p = find_pair(s, d->to, d->from);
	int64_t now = shard_now(s->env->shard);

	if (!s->env->ops->serves(s->env, d->to)) {
		refuse(s, d, "item-not-found");
	} else if (s->env->ops->policy(s->env, d->to, d->from).refused) {
		log_peer_info(&s->log, "refused as " STR_FMT, STR_ARG(d->from));
		if (s->stage == STAGE_OPEN)
			refuse(s, d, "policy-violation");
		else
			stream_fail(s->stream, STREAM_POLICY_VIOLATION, NULL);
	} else if (p != NULL) {
		if (p->proven) /* else the answer to the first one is on its way */
			answer(s, d, DIALBACK_VALID);
	} else if (s->outgoing || s->n_pairs >= S2S_PAIRS_MAX ||
	           !rate_take(&s->claims, &claims_of_stream, now, 1)) {
		refuse(s, d,
		       "resource-constraint"); /* XEP-0220 §2.5: on a connection of its own */
	} else {
		s2s_begin_claim(s, d->to, d->from, d->key);
	}
}

/* XEP-0220 §2.2.2: whether the key is ours is found out by making it again. */
static void on_verify(struct s2s *s, const struct dialback *d)
{
	if (!s->env->ops->serves(s->env, d->to))
		refuse(s, d, "item-not-found");
	else if (dialback_key_is_right(s->env->secret, d->from, d->to, d->id, d->key))
		answer(s, d, DIALBACK_VALID);
	else
		answer(s, d, DIALBACK_INVALID);
}

void s2s_on_question(struct s2s *s, const struct dialback *d)
{
	if (d->is_verify)
		on_verify(s, d);
	else
		on_result(s, d);
}
