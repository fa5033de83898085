/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/stream/c2s_private.h"

#include "server/base/mem.h"
#include "server/base/rand.h"
#include "xml/ns.h"
#include "xml/writer.h"

#include <stdlib.h>
#include <unistd.h>

#define LANG_MAX 64 /* RFC 5646 §4.4.1: 35 characters hold any tag */

/* ---- negotiation ---- */

static void wait_for(struct c2s *c, int64_t ms)
{
	int64_t left = c->deadline - shard_now(c->env->shard);

	timer_start(c->env->shard, &c->timer, left < 1 ? 1 : left < ms ? left : ms);
}

/* Each stage has its time, and all of them together theirs. */
void c2s_stage(struct c2s *c)
{
	if (c->state != C2S_BOUND)
		wait_for(c, c->env->limits->stage_ms);
}

static struct str host_of(void *owner)
{
	const struct c2s *c = owner;

	return c->host != NULL ? c->host->name : STR_NONE;
}

static void send_header(struct c2s *c, const struct stream_header *h)
{
	struct arena *arena = arena_new(256);

	stream_open(c->stream, host_of(c), h->from, rand_token(arena, STREAM_ID_BYTES),
	            str_is_absent(h->lang) ? STR("en") : h->lang);
	arena_free(&arena);
}

static void fail_header(struct c2s *c, const struct stream_header *h,
                        enum stream_error condition, const char *text)
{
	send_header(c, h);
	stream_fail(c->stream, condition, text);
}

/* §4.7.1: whoever names itself must be the one who authenticated. */
static bool from_is_right(struct c2s *c, struct arena *arena, struct str from)
{
	struct jid jid;

	if (str_is_absent(from))
		return true;
	if (jid_parse(arena, from, &jid) < 0)
		return false;
	return c->state < C2S_AUTHENTICATED || jid_bare_eq(jid, c->jid);
}

static void read_header(struct c2s *c, struct arena *arena, const struct stream_header *h)
{
	const struct c2s_host *host;
	struct str domain;

	if (str_is_absent(h->to)) {
		fail_header(c, h, STREAM_IMPROPER_ADDRESSING,
		            "the stream header names no host in to");
		return;
	}
	host = jid_prepare_domain(arena, h->to, &domain) < 0
	               ? NULL
	               : c->env->ops->find_host(c->env, domain);
	if (host == NULL || (c->state >= C2S_AUTHENTICATED && host != c->host)) {
		fail_header(c, h, STREAM_HOST_UNKNOWN, NULL);
		return;
	}
	c->host = host;
	if (!h->has_version) {
		fail_header(c, h, STREAM_UNSUPPORTED_VERSION, "XMPP 1.0 is spoken here");
	} else if (!from_is_right(c, arena, h->from)) {
		fail_header(c, h, STREAM_INVALID_FROM, NULL);
	} else {
		/* it goes with every stanza that has none of its own */
		mem_keep(&c->lang, h->lang.n <= LANG_MAX ? h->lang : STR_NONE);
		send_header(c, h);
		c2s_send_features(c);
		c2s_stage(c);
	}
}

static void on_header(void *owner, const struct stream_header *h)
{
	struct arena *arena = arena_new(512);

	read_header(owner, arena, h);
	arena_free(&arena);
}

/* RFC 6120 §5.4.2.  What came behind <starttls/> in the clear is nobody's word. */
static void on_starttls(struct c2s *c)
{
	struct buf *out = stream_out(c->stream);

	stream_discard(c->stream);
	if (c->state != C2S_CLEAR) {
		buf_append(out, STR("<failure xmlns='" NS_TLS "'/>"));
		stream_close(c->stream);
		return;
	}
	buf_append(out, STR("<proceed xmlns='" NS_TLS "'/>"));
	c->state = C2S_HANDSHAKE;
	stream_restart(c->stream);
	stream_start_tls(c->stream, c->env->tls, c->host->name);
	c2s_stage(c);
}

static void on_secure(void *owner)
{
	struct c2s *c = owner;

	c->state = C2S_SECURE;
	c->secure = true;
	/* it may be asking its user about our certificate: a stage's time is short for reading */
	wait_for(c, c->env->limits->login_ms);
}

void c2s_unbind(struct c2s *c)
{
	c->session = NULL;
	c->jid = JID_NONE;
	c->log.name = STR_NONE;
}

/* ---- elements ---- */

static void on_early_element(struct c2s *c, struct arena *arena, struct xml_node *element)
{
	if (xml_in_ns(element, NS_SASL)) {
		c2s_sasl_element(c, element);
	} else if (xml_is(element, NS_TLS, "starttls")) {
		on_starttls(c);
	} else if (!xml_in_ns(element, NS_CLIENT)) {
		stream_fail(c->stream, STREAM_UNSUPPORTED_STANZA_TYPE, NULL);
	} else if (c->state == C2S_SECURE && xml_is(element, NS_CLIENT, "iq") &&
	           c->env->ops->early(c, arena, element)) {
		return;
	} else {
		stream_fail(c->stream, STREAM_NOT_AUTHORIZED, NULL); /* §4.9.3.12 */
	}
	arena_free(&arena);
}

static void on_element(void *owner, struct arena *arena, struct xml_node *element)
{
	struct c2s *c = owner;

	switch (c->state) {
	case C2S_BOUND:
		c->env->ops->element(c, arena, element);
		return;
	case C2S_AUTHENTICATED:
		c2s_bind_element(c, arena, element);
		arena_free(&arena);
		return;
	default:
		on_early_element(c, arena, element);
		return;
	}
}

/*
 * XEP-0077 §3.1: a person fills a form in, and the login of the account that comes of it begins
 * anew.  No answer but the first few moves the deadline, or a login might never end.
 */
static void begin_anew(struct c2s *c)
{
	int64_t login = c->env->limits->login_ms;

	if (c->state != C2S_SECURE || c->forms >= C2S_FORMS)
		return;
	c->forms++;
	c->deadline = shard_now(c->env->shard) + login;
	wait_for(c, login);
}

void c2s_early_reply(struct c2s *c, const struct stanza *reply)
{
	struct buf *out = stream_out(c->stream);

	if (out == NULL)
		return;
	stanza_write(out, reply, NS_CLIENT);
	if (reply->type == TYPE_RESULT)
		begin_anew(c);
}

/* ---- time and allowance ---- */

static void on_idle(struct c2s *c)
{
	int64_t idle = c->env->limits->idle_ms, quiet = shard_now(c->env->shard) - c->heard;

	if (idle == 0)
		return;
	/* §4.6.1: a machine that is gone is found by TCP when it must acknowledge this */
	if (quiet >= idle) {
		if (!stream_is_over(c->stream))
			buf_append_byte(stream_out(c->stream), ' ');
		quiet = 0;
	}
	timer_start(c->env->shard, &c->timer, idle - quiet);
}

static void on_timer(struct shard *here, struct timer *t)
{
	struct c2s *c = CONTAINER_OF(t, struct c2s, timer);

	if (c->state == C2S_BOUND)
		on_idle(c);
	else
		stream_fail(c->stream, STREAM_CONNECTION_TIMEOUT, "the login takes too long");
}

static void on_pace(struct shard *here, struct timer *t)
{
	struct c2s *c = CONTAINER_OF(t, struct c2s, pace);

	stream_slow(c->stream, false);
	if (c->delaying)
		c2s_sasl_delayed(c);
}

void c2s_charge(struct c2s *c, int64_t n)
{
	int64_t wait =
		rate_charge(&c->bytes, &c->env->limits->bytes, shard_now(c->env->shard), n);

	if (wait > 0 && !c->delaying) {
		stream_slow(c->stream, true);
		timer_start(c->env->shard, &c->pace, wait);
	}
}

static void on_bytes(void *owner, size_t n)
{
	struct c2s *c = owner;

	c->heard = shard_now(c->env->shard);
	c2s_charge(c, (int64_t)n);
}

/* ---- life ---- */

void c2s_forget_address(struct c2s *c)
{
	if (!c->counted)
		return;
	c->counted = false;
	count_table_down(c->env->addresses, c2s_address(c));
}

void c2s_leave(struct c2s *c)
{
	timer_stop(c->env->shard, &c->timer);
	timer_stop(c->env->shard, &c->pace);
	HASH_DEL(c->env->by_number, c);
	TAILQ_REMOVE(&c->env->all, c, link);
	c->env->n_all--;
}

void c2s_join(struct c2s *c, struct c2s_env *env)
{
	c->env = env;
	HASH_ADD(hh, env->by_number, number, sizeof(c->number), c);
	TAILQ_INSERT_TAIL(&env->all, c, link);
	env->n_all++;
}

static void c2s_free(struct c2s *c)
{
	c2s_sasl_free(&c->sasl);
	stream_free(&c->stream);
	free(c->lang);
	free(c->address);
	free(c->text);
	free(c);
}

static void on_over(void *owner)
{
	struct c2s *c = owner;

	log_peer_debug(&c->log, "stream over");
	c->env->ops->gone(c);
	c2s_forget_address(c);
	c2s_leave(c);
	c2s_free(c);
}

static void on_close(void *owner)
{
	struct c2s *c = owner;

	c->closed = true;
	if (c->session != NULL)
		c->env->ops->closing(c);
	else
		stream_close(c->stream);
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

/*
 * The address is kept beyond the transport's life: it is counted down when the stream is over.
 */
static bool admit(struct c2s *c)
{
	struct arena *arena = arena_new(64);
	struct str block = transport_address_block(stream_transport(c->stream), arena);
	size_t n;

	mem_keep(&c->address, block);
	n = count_table_up(c->env->addresses, block);
	c->counted = true;
	arena_free(&arena);
	return n <= c->env->limits->per_address;
}

void c2s_accept(struct c2s_env *env, int fd, bool direct)
{
	struct c2s *c = mem_zalloc(sizeof(*c));
	int64_t now = shard_now(env->shard);

	c->number = ++env->next_number * shard_group_count(shard_group_of(env->shard)) +
	            shard_index(env->shard);
	c->env = env;
	if (stream_accept(env->streams, fd, NS_CLIENT, &stream_ops, c, &c->stream) < 0) {
		free(c);
		return;
	}
	c2s_join(c, env);
	env->accepted++;
	c->log = (struct log_ctx){ .kind = "c2s", .number = c->number };
	c->heard = now;
	c->deadline = now + env->limits->login_ms;
	timer_init(&c->timer, on_timer);
	timer_init(&c->pace, on_pace);
	stream_set_limits(c->stream, &env->limits->before);
	c2s_stage(c);
	if (!admit(c)) {
		log_peer_info(&c->log, "refused: too many connections from %s", c->address);
		stream_fail(c->stream, STREAM_POLICY_VIOLATION,
		            "too many connections from your address");
	} else if (direct) {
		c->state = C2S_HANDSHAKE;
		stream_start_tls(c->stream, env->tls, STR_NONE);
	}
}

void c2s_env_init(struct c2s_env *env, struct shard *shard, struct stream_env *streams,
                  const struct c2s_ops *ops, void *owner)
{
	*env = (struct c2s_env){
		.shard = shard, .streams = streams, .ops = ops, .owner = owner
	};
	TAILQ_INIT(&env->all);
	env->addresses = count_table_new();
	env->guesses = rate_table_new(65536);
}

void c2s_env_deinit(struct c2s_env *env)
{
	ASSERT(TAILQ_EMPTY(&env->all));
	count_table_free(&env->addresses);
	rate_table_free(&env->guesses);
}

void c2s_env_shutdown(struct c2s_env *env, enum stream_error condition)
{
	struct c2s *c;

	TAILQ_FOREACH(c, &env->all, link)
		if (env->ops->outlasts(c))
			stream_leave(c->stream);
		else
			stream_fail(c->stream, condition, NULL);
}

void c2s_env_end(struct c2s_env *env, const void *account, enum stream_error condition,
                 const char *text)
{
	struct c2s *c;

	TAILQ_FOREACH(c, &env->all, link)
		if (c->account == account)
			stream_fail(c->stream, condition, text);
}

struct c2s *c2s_find(struct c2s_env *env, uint64_t number)
{
	struct c2s *c;

	HASH_FIND(hh, env->by_number, &number, sizeof(number), c);
	return c;
}

/* ---- a bound session ---- */

static void check_pending(struct c2s *c, size_t most)
{
	if (transport_pending(stream_transport(c->stream)) <= most)
		return;
	log_peer_warning(&c->log, "dropped: it does not read what it is sent");
	stream_drop(c->stream);
}

void c2s_send(struct c2s *c, const struct stanza *s)
{
	struct buf *out = stream_out(c->stream);

	if (out == NULL || stream_is_over(c->stream))
		return;
	stanza_write(out, s, NS_CLIENT);
	check_pending(c, c->env->limits->out_bytes);
}

void c2s_write(struct c2s *c, struct str xml)
{
	const struct stream_limits *limits = c->env->limits;

	if (stream_is_over(c->stream))
		return;
	buf_append(stream_out(c->stream), xml);
	check_pending(c, limits->out_bytes + limits->queue_bytes);
}

void c2s_close(struct c2s *c)
{
	stream_close(c->stream);
}

void c2s_fail(struct c2s *c, enum stream_error condition, const char *text)
{
	stream_fail(c->stream, condition, text);
}

void c2s_fail_with(struct c2s *c, enum stream_error condition, const char *text, struct str app)
{
	stream_fail_with(c->stream, condition, text, app);
}

void c2s_drop(struct c2s *c)
{
	stream_drop(c->stream);
}

void c2s_hold(struct c2s *c)
{
	stream_hold(c->stream);
}

void c2s_go(struct c2s *c)
{
	stream_go(c->stream);
}

void c2s_wait(struct c2s *c)
{
	if (c->waiting)
		return;
	c->waiting = true;
	stream_hold(c->stream);
}

void c2s_env_go(struct c2s_env *env)
{
	struct c2s *c;

	TAILQ_FOREACH(c, &env->all, link) {
		if (!c->waiting)
			continue;
		c->waiting = false;
		stream_go(c->stream);
	}
}

bool c2s_is_over(const struct c2s *c)
{
	return stream_is_over(c->stream);
}

bool c2s_is_closed(const struct c2s *c)
{
	return c->closed;
}

/* ---- facts ---- */

struct c2s_env *c2s_env_of(const struct c2s *c)
{
	return c->env;
}

const struct c2s_host *c2s_host_of(const struct c2s *c)
{
	return c->host;
}

uint64_t c2s_number(const struct c2s *c)
{
	return c->number;
}

void *c2s_session(const struct c2s *c)
{
	return c->session;
}

void c2s_set_account(struct c2s *c, void *account)
{
	c->account = account;
}

void *c2s_account(const struct c2s *c)
{
	return c->account;
}

uint64_t c2s_account_id(const struct c2s *c)
{
	return c->account_id;
}

struct str c2s_lang(const struct c2s *c)
{
	return str_of(c->lang);
}

struct str c2s_address(const struct c2s *c)
{
	return str_of(c->address);
}

const struct log_ctx *c2s_log(const struct c2s *c)
{
	return &c->log;
}

int64_t c2s_idle_ms(const struct c2s *c)
{
	return shard_now(c->env->shard) - c->heard;
}

struct str c2s_describe(const struct c2s *c, struct arena *arena)
{
	struct transport *t = stream_transport(c->stream);

	if (t == NULL)
		return STR("closing");
	return arena_printf(arena, STR_FMT " %s from " STR_FMT,
	                    STR_ARG(transport_tls_text(t, arena)), c->mechanism,
	                    STR_ARG(transport_address(t)));
}
