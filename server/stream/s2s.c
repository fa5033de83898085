/*
 * s2s.c - what both directions of a stream between servers have in common: life, time, allowance.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"
#include "server/stream/s2s_private.h"
#include "xml/ns.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct str s2s_put(char **at, struct str s)
{
	struct str copy = str_is_absent(s) ? STR_NONE : str_make(*at, s.n);

	if (s.n > 0)
		memcpy(*at, s.p, s.n);
	*at += s.n;
	return copy;
}

void s2s_set_remote(struct s2s *s, struct str remote)
{
	mem_keep(&s->remote, remote);
	s->log.name = str_of(s->remote);
}

/* ---- why it failed ---- */

/* A peer's words may hold anything; cut, they end before a character that is not whole. */
static void make_plain(char *text, size_t n)
{
	if (n >= S2S_WHY_MAX) {
		n = S2S_WHY_MAX - 1;
		while (n > 0 && ((unsigned char)text[n - 1] & 0xc0) == 0x80)
			n--;
		if (n > 0 && (unsigned char)text[n - 1] >= 0x80)
			n--;
		text[n] = '\0';
	}
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			text[i] = ' ';
}

void s2s_blame(struct s2s *s, const char *format, ...)
{
	char text[S2S_WHY_MAX];
	va_list args;
	int n;

	if (s->why != NULL)
		return;
	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	make_plain(text, n < 0 ? 0 : (size_t)n);
	mem_keep(&s->why, str_of(text));
}

static const char *why_over(const struct s2s *s)
{
	static const char *const ends[] = {
		[STAGE_CLEAR] = "ended the connection before TLS",
		[STAGE_STARTTLS] = "ended the connection before TLS",
		[STAGE_HANDSHAKE] = "TLS failed",
		[STAGE_SECURE] = "ended the connection before authentication",
		[STAGE_SASL] = "ended the connection during authentication",
		[STAGE_ASKED] = "ended the connection during dialback",
		[STAGE_RESTART] = "ended the connection after authentication",
		[STAGE_OPEN] = NULL,
	};

	return s->why != NULL ? s->why : ends[s->stage];
}

static void on_peer_error(struct s2s *s, struct arena *arena, const struct xml_node *error)
{
	const struct xml_node *child = NULL;
	struct str condition = STR("undefined-condition"), text = STR_NONE;

	while ((child = xml_next_child(error, child)) != NULL) {
		if (!xml_in_ns(child, NS_STREAM_ERROR))
			continue;
		if (str_is(child->name, "text"))
			text = xml_text(arena, child);
		else
			condition = child->name;
	}
	s2s_blame(s, "says " STR_FMT "%s" STR_FMT, STR_ARG(condition),
	          str_is_empty(text) ? "" : ": ", STR_ARG(text));
	log_peer_info(&s->log, "stream ended by the other side: %s", s->why);
	stream_close(s->stream);
}

/* ---- negotiation ---- */

void s2s_stage(struct s2s *s)
{
	int64_t left = s->deadline - shard_now(s->env->shard);
	int64_t ms = s->env->limits->stage_ms;

	if (s->stage != STAGE_OPEN && !stream_is_over(s->stream))
		timer_start(s->env->shard, &s->timer, left < 1 ? 1 : left < ms ? left : ms);
}

static void watch_idle(struct s2s *s)
{
	int64_t idle = s->env->limits->idle_ms, quiet = shard_now(s->env->shard) - s->heard;

	timer_stop(s->env->shard, &s->timer);
	if (idle == 0)
		return;
	/* §4.6.1: a machine that is gone is found by TCP when it must acknowledge this */
	if (quiet >= idle) {
		if (!stream_is_over(s->stream))
			buf_append_byte(stream_out(s->stream), ' ');
		quiet = 0;
	}
	timer_start(s->env->shard, &s->timer, idle - quiet);
}

void s2s_begin(struct s2s *s)
{
	s->stage = STAGE_OPEN;
	s->used = shard_now(s->env->shard);
	if (!s->component)
		s->allowance =
			s->env->ops->policy(s->env, str_of(s->local), str_of(s->remote)).bytes;
	s2s_forget_address(s);
	stream_set_limits(s->stream, &s->env->limits->after);
	watch_idle(s);
}

int s2s_check_certificate(struct s2s *s, struct arena *arena, struct str remote,
                          struct str *problem_out)
{
	const struct s2s_dane *dane = s->dane;
	struct str domain;
	int err;

	if (jid_domain_ascii(arena, remote, &domain) < 0) {
		*problem_out = STR("cannot be for such a name");
		return ERR_DENIED;
	}
	err = transport_verify_peer(
		stream_transport(s->stream), domain, dane == NULL ? NULL : &dane->tlsa,
		dane == NULL ? STR_NONE : dane->secure_name, arena, problem_out);
	if (err == ERR_NOENT)
		*problem_out = STR("is missing");
	return err;
}

/* ---- elements ---- */

static const char *ns_of(const struct s2s *s)
{
	return s->component ? NS_COMPONENT : NS_SERVER;
}

bool s2s_is_stanza(const struct s2s *s, const struct xml_node *element)
{
	const char *ns = ns_of(s);

	return xml_is(element, ns, "message") || xml_is(element, ns, "presence") ||
	       xml_is(element, ns, "iq");
}

/* RFC 6120 §4.8.3: the same stanzas, in the namespace that all others here expect; the limits bound the depth. */
static void rename_elements(struct xml_node *node, const char *ns)
{
	if (xml_in_ns(node, ns))
		node->ns = STR(NS_CLIENT);
	for (struct xml_node *child = node->first; child != NULL; child = child->next)
		rename_elements(child, ns);
}

void s2s_pass(struct s2s *s, struct arena *arena, struct xml_node *element)
{
	s->used = shard_now(s->env->shard);
	rename_elements(element, ns_of(s));
	s->env->ops->element(s, arena, element);
}

static void on_element(void *owner, struct arena *arena, struct xml_node *element)
{
	struct s2s *s = owner;

	if (xml_is(element, NS_STREAM, "error")) {
		on_peer_error(s, arena, element);
		arena_free(&arena);
	} else if (s->outgoing) {
		s2s_out_element(s, arena, element);
	} else if (s->component) {
		s2s_component_element(s, arena, element);
	} else {
		s2s_in_element(s, arena, element);
	}
}

/* ---- the stream's calls ---- */

static void on_header(void *owner, const struct stream_header *h)
{
	struct s2s *s = owner;
	struct arena *arena;

	if (s->outgoing) {
		s2s_out_header(s, h);
		return;
	}
	arena = arena_new(512);
	if (s->component)
		s2s_component_header(s, arena, h);
	else
		s2s_in_header(s, arena, h);
	arena_free(&arena);
}

/* XEP-0114 §3: a component is spoken to in the name of its own domain. */
static struct str host_of(void *owner)
{
	const struct s2s *s = owner;

	return str_of(s->component ? s->remote : s->local);
}

static void on_secure(void *owner)
{
	struct s2s *s = owner;

	s->stage = STAGE_SECURE;
	s2s_stage(s);
	if (s->outgoing)
		s2s_out_secure(s);
}

void s2s_charge(struct s2s *s, int64_t n)
{
	const struct rate_limit *limit =
		s->allowance.burst > 0 ? &s->allowance : &s->env->limits->bytes;
	int64_t wait = rate_charge(&s->bytes, limit, shard_now(s->env->shard), n);

	if (wait > 0) {
		stream_slow(s->stream, true);
		timer_start(s->env->shard, &s->pace, wait);
	}
}

static void on_bytes(void *owner, size_t n)
{
	struct s2s *s = owner;

	s->heard = shard_now(s->env->shard);
	s2s_charge(s, (int64_t)n);
}

static void on_pace(struct shard *here, struct timer *t)
{
	stream_slow(CONTAINER_OF(t, struct s2s, pace)->stream, false);
}

static void on_timer(struct shard *here, struct timer *t)
{
	struct s2s *s = CONTAINER_OF(t, struct s2s, timer);

	if (s->stage == STAGE_OPEN) {
		watch_idle(s);
		return;
	}
	s2s_blame(s, "does not answer in time");
	stream_fail(s->stream, STREAM_CONNECTION_TIMEOUT, "the negotiation takes too long");
}

static void on_close(void *owner)
{
	s2s_close(owner);
}

/* ---- life ---- */

void s2s_forget_address(struct s2s *s)
{
	if (!s->counted)
		return;
	s->counted = false;
	count_table_down(s->env->addresses, str_of(s->address));
}

void s2s_leave(struct s2s *s)
{
	timer_stop(s->env->shard, &s->timer);
	timer_stop(s->env->shard, &s->pace);
	HASH_DEL(s->env->by_number, s);
	TAILQ_REMOVE(&s->env->all, s, link);
	s->env->n_all--;
}

void s2s_join(struct s2s *s, struct s2s_env *env)
{
	s->env = env;
	HASH_ADD(hh, env->by_number, number, sizeof(s->number), s);
	TAILQ_INSERT_TAIL(&env->all, s, link);
	env->n_all++;
}

void s2s_free_parts(struct s2s *s)
{
	while (s->pairs != NULL) {
		struct s2s_pair *p = s->pairs;

		s->pairs = p->next;
		free(p);
	}
	while (s->questions != NULL) {
		struct s2s_question *q = s->questions;

		s->questions = q->next;
		free(q);
	}
	s2s_dane_free(&s->dane);
	free(s->claim);
	free(s->local);
	free(s->remote);
	free(s->id);
	free(s->address);
	free(s->why);
}

static void on_over(void *owner)
{
	struct s2s *s = owner;

	log_peer_debug(&s->log, "stream over");
	s->env->ops->gone(s, why_over(s));
	s2s_forget_address(s);
	s2s_leave(s);
	stream_free(&s->stream);
	s2s_free_parts(s);
	free(s);
}

static const struct stream_ops stream_ops = {
	.on_header = on_header,
	.host = host_of,
	.on_element = on_element,
	.on_secure = on_secure,
	.on_bytes = on_bytes,
	.on_close = on_close,
	.on_over = on_over,
};

void s2s_admit(struct s2s *s)
{
	struct arena *arena = arena_new(64);
	struct str block = transport_address_block(stream_transport(s->stream), arena);
	size_t n = count_table_up(s->env->addresses, block);

	mem_keep(&s->address, block);
	s->counted = true;
	arena_free(&arena);
	if (n <= s->env->limits->per_address)
		return;
	log_peer_info(&s->log, "refused: too many connections from %s", s->address);
	stream_fail(s->stream, STREAM_POLICY_VIOLATION,
	            "too many connections from your address");
}

/* NULL: it broke at once. */
/* What it is to be beside accepted: outgoing, or a component's. */
static struct s2s *s2s_new(struct s2s_env *env, int fd, bool outgoing, bool component)
{
	struct s2s *s = MEM_NEW(struct s2s);
	int64_t now = shard_now(env->shard);

	s->number = ++env->next_number * shard_group_count(shard_group_of(env->shard)) +
	            shard_index(env->shard);
	s->outgoing = outgoing;
	s->component = component;
	s->env = env;
	if (stream_accept(env->streams, fd, ns_of(s), &stream_ops, s, &s->stream) < 0) {
		free(s);
		return NULL;
	}
	s2s_join(s, env);
	s->log = (struct log_ctx){ .kind = outgoing    ? "s2s-out"
		                           : component ? "component"
		                                       : "s2s-in",
		                   .number = s->number };
	s->heard = now;
	s->used = now;
	s->deadline = now + env->limits->login_ms;
	timer_init(&s->timer, on_timer);
	timer_init(&s->pace, on_pace);
	stream_set_limits(s->stream, &env->limits->before);
	s2s_stage(s);
	return s;
}

void s2s_accept(struct s2s_env *env, int fd, bool direct)
{
	struct s2s *s = s2s_new(env, fd, false, false);

	if (s == NULL)
		return;
	s2s_admit(s);
	if (direct && !stream_is_over(s->stream)) {
		s->stage = STAGE_HANDSHAKE;
		stream_start_tls(s->stream, env->tls, STR_NONE);
	}
}

void s2s_accept_component(struct s2s_env *env, int fd)
{
	struct s2s *s = s2s_new(env, fd, false, true);

	if (s != NULL)
		s2s_admit(s);
}

struct s2s *s2s_open(struct s2s_env *env, int fd, const struct s2s_target *target, void *owner)
{
	struct s2s *s = s2s_new(env, fd, true, false);

	if (s == NULL)
		return NULL;
	s->owner = owner;
	s2s_out_begin(s, target);
	return s;
}

struct s2s *s2s_find(struct s2s_env *env, uint64_t number)
{
	struct s2s *s;

	HASH_FIND(hh, env->by_number, &number, sizeof(number), s);
	return s;
}

/* ---- the environment ---- */

void s2s_env_init(struct s2s_env *env, struct shard *shard, struct stream_env *streams,
                  const struct s2s_ops *ops, void *owner)
{
	*env = (struct s2s_env){
		.shard = shard, .streams = streams, .ops = ops, .owner = owner
	};
	TAILQ_INIT(&env->all);
	env->addresses = count_table_new();
}

void s2s_env_deinit(struct s2s_env *env)
{
	ASSERT(TAILQ_EMPTY(&env->all));
	count_table_free(&env->addresses);
}

void s2s_env_shutdown(struct s2s_env *env, enum stream_error condition)
{
	struct s2s *s;

	TAILQ_FOREACH(s, &env->all, link)
		if (s->lasting)
			stream_leave(s->stream);
		else
			stream_fail(s->stream, condition, NULL);
}
