/*
 * c2s_sasl.c - SASL on a client's stream (RFC 6120 §6): offering, the exchange, its failures.
 *
 * The exchange itself is auth.h; here it meets the stream, the pool and, through c2s_ops, the
 * account.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/stream/c2s_private.h"

#include "server/base/err.h"
#include "server/base/mem.h"
#include "server/shard/errand.h"
#include "xml/ns.h"
#include "xml/writer.h"

#include <stdlib.h>

#define GUESS_DELAY_MAX SECONDS(5)
#define GUESS_DEBT_MAX SECONDS(30) /* an address that guesses on is refused */
static const struct rate_limit guesses_by_address = { .burst = 20, .per_second = 200 };

static const char *binding_name(enum channel_binding kind)
{
	static const char *const names[] = {
		[CB_TLS_EXPORTER] = "tls-exporter",
		[CB_TLS_SERVER_END_POINT] = "tls-server-end-point",
		[CB_TLS_UNIQUE] = "tls-unique",
	};

	return names[kind];
}

static int find_binding(void *arg, struct arena *arena, struct str type, struct str *data_out)
{
	struct c2s *c = arg;
	struct transport *t = stream_transport(c->stream);

	for (int kind = CB_TLS_EXPORTER; kind <= CB_TLS_UNIQUE; kind++) {
		if (!str_is(type, binding_name(kind)))
			continue;
		return t != NULL && transport_has_binding(t, kind)
		               ? transport_binding(t, arena, kind, data_out)
		               : ERR_NOENT;
	}
	return ERR_NOENT;
}

static void fill_facts(struct c2s *c, struct c2s_sasl *sasl)
{
	struct transport *t = stream_transport(c->stream);
	size_t n_types = 0;
	int n_jids = ERR_NOENT;

	sasl->facts = (struct auth_facts){
		.domain = c->host->name,
		.saslauthd = c->host->saslauthd,
		.secure = c->secure,
		.mechanisms = c->host->mechanisms,
		.binding = find_binding,
		.binding_arg = c,
		.binding_types = sasl->binding_types,
	};
	for (int kind = CB_TLS_EXPORTER; kind <= CB_TLS_UNIQUE; kind++)
		if (transport_has_binding(t, kind))
			sasl->binding_types[n_types++] = binding_name(kind);
	if ((sasl->facts.mechanisms & AUTH_EXTERNAL) != 0)
		n_jids = transport_client_jids(t, sasl->arena, sasl->certificate_jids,
		                               C2S_CERT_JIDS);
	if (n_jids > 0) {
		sasl->facts.certificate_jids = sasl->certificate_jids;
		sasl->facts.n_certificate_jids = (size_t)n_jids;
	} else {
		sasl->facts.mechanisms &= ~(unsigned)AUTH_EXTERNAL;
	}
}

/* Made for the first features under TLS, for each host that the client's header names. */
static void sasl_begin(struct c2s *c)
{
	c2s_sasl_free(&c->sasl);
	c->sasl = mem_zalloc(sizeof(*c->sasl));
	c->sasl->env = c->env;
	c->sasl->number = c->number;
	c->sasl->arena = arena_new(256);
	fill_facts(c, c->sasl);
}

void c2s_sasl_free(struct c2s_sasl **sasl)
{
	if (*sasl == NULL)
		return;
	auth_free(&(*sasl)->auth);
	arena_free(&(*sasl)->arena);
	free(*sasl);
	*sasl = NULL;
}

/* XEP-0440: the channel bindings that the server could use. */
static void offer_bindings(const struct c2s_sasl *sasl, struct buf *out)
{
	if (sasl->binding_types[0] == NULL)
		return;
	buf_append(out, STR("<sasl-channel-binding xmlns='" NS_SASL_CB "'>"));
	for (size_t i = 0; sasl->binding_types[i] != NULL; i++) {
		buf_append(out, STR("<channel-binding"));
		xml_write_attr(out, "type", str_of(sasl->binding_types[i]));
		buf_append(out, STR("/>"));
	}
	buf_append(out, STR("</sasl-channel-binding>"));
}

void c2s_sasl_offer(struct c2s *c, struct buf *out)
{
	const char *names[AUTH_NAMES_MAX];
	size_t n;

	sasl_begin(c);
	n = auth_offer(&c->sasl->facts, names);
	buf_append(out, STR("<mechanisms xmlns='" NS_SASL "'>"));
	for (size_t i = 0; i < n; i++) {
		buf_append(out, STR("<mechanism>"));
		buf_append(out, str_of(names[i]));
		buf_append(out, STR("</mechanism>"));
	}
	buf_append(out, STR("</mechanisms>"));
	offer_bindings(c->sasl, out);
}

static void send_data(struct c2s *c, const char *element, struct str data)
{
	struct buf *out = stream_out(c->stream);

	if (out == NULL)
		return;
	buf_append_byte(out, '<');
	buf_append(out, str_of(element));
	buf_append(out, STR(" xmlns='" NS_SASL "'"));
	if (str_is_empty(data)) {
		buf_append(out, STR("/>"));
		return;
	}
	buf_append_byte(out, '>');
	buf_append(out, data);
	buf_append(out, STR("</"));
	buf_append(out, str_of(element));
	buf_append_byte(out, '>');
}

/* §6.4.5: tell, and let the client try again a few times. */
void c2s_sasl_refuse(struct c2s *c, enum auth_condition condition)
{
	struct buf *out = stream_out(c->stream);

	if (out == NULL)
		return;
	buf_append(out, STR("<failure xmlns='" NS_SASL "'><"));
	buf_append(out, str_of(auth_condition_name(condition)));
	buf_append(out, STR("/></failure>"));
	if (++c->refusals >= C2S_REFUSALS || c->guesses >= C2S_GUESSES)
		stream_fail(c->stream, STREAM_POLICY_VIOLATION,
		            "too many failed authentications");
}

static struct rate *guess_rate(struct c2s *c)
{
	return rate_table_at(c->env->guesses, c2s_address(c), shard_now(c->env->shard));
}

static void on_failure(struct c2s *c)
{
	struct auth *auth = c->sasl->auth;
	enum auth_condition condition = auth_condition(auth);

	log_peer_info(&c->log, "authentication as \"" STR_FMT "\" from %s failed: %s",
	              STR_ARG(auth_lookup_user(auth)), c->address,
	              auth_condition_name(condition));
	if (auth_was_guess(auth)) {
		c->guesses++;
		rate_charge(guess_rate(c), &guesses_by_address, shard_now(c->env->shard), 1);
		c->env->ops->guessed(c, auth_lookup_user(auth));
	}
	auth_free(&c->sasl->auth);
	c2s_sasl_refuse(c, condition);
}

/*
 * §6.4.6: the account's shard says <success/>, so what it needs is copied out of the
 * negotiation.
 */
static void on_success(struct c2s *c)
{
	struct str user = auth_user(c->sasl->auth), data = auth_data(c->sasl->auth);
	char *text = mem_alloc(user.n + data.n + 1);

	if (user.n > 0)
		memcpy(text, user.p, user.n);
	if (data.n > 0)
		memcpy(text + user.n, data.p, data.n);
	c->text = text;
	c->success = str_make(text + user.n, data.n);
	c->mechanism = auth_mechanism_name(c->sasl->auth);
	c2s_sasl_free(&c->sasl);
	stream_hold(c->stream);
	c->env->ops->authenticated(c, str_is_absent(user) ? STR_NONE : str_make(text, user.n));
}

static void go_on(struct c2s *c, enum auth_next next);

static void on_worked(struct shard *here, struct offload_job *job)
{
	struct c2s_sasl *sasl = CONTAINER_OF(job, struct c2s_sasl, job);
	struct c2s *c = c2s_find(sasl->env, sasl->number);

	if (c == NULL || stream_is_over(c->stream)) {
		c2s_sasl_free(&sasl);
		return;
	}
	c->sasl = sasl;
	stream_go(c->stream);
	go_on(c, auth_worked(sasl->auth));
}

static void do_work(struct offload_job *job)
{
	auth_work(CONTAINER_OF(job, struct c2s_sasl, job)->auth);
}

static void work(struct c2s *c)
{
	struct c2s_sasl *sasl = c->sasl;

	sasl->job = (struct offload_job){ .work = do_work, .done = on_worked };
	if (offload_submit(c->env->shard, &sasl->job) < 0) {
		auth_free(&sasl->auth);
		c2s_sasl_refuse(c, AUTH_TEMPORARY_FAILURE);
		return;
	}
	c->sasl = NULL;
	stream_hold(c->stream);
}

/* A question that another program answers, or never does: nobody waits for it then. */
struct inquiry {
	struct c2s_env *env;
	uint64_t number; /* of the stream, which may go meanwhile */
	struct checkpass *question;
};

static void inquire(void *what)
{
	checkpass_ask(((struct inquiry *)what)->question);
}

static void on_answer(struct shard *here, void *what, int err)
{
	struct inquiry *q = what;
	struct c2s *c = c2s_find(q->env, q->number);

	if (err == ERR_TIMEOUT)
		log_peer_warning(NULL, "saslauthd does not answer");
	if (c == NULL || !c->asked || stream_is_over(c->stream))
		return;
	c->asked = false;
	stream_go(c->stream);
	go_on(c, auth_answered(c->sasl->auth, err < 0 ? CHECKPASS_UNAVAILABLE
	                                              : checkpass_answer(q->question)));
}

static void inquiry_free(void *what)
{
	struct inquiry *q = what;

	checkpass_free(&q->question);
	free(q);
}

static void ask_elsewhere(struct c2s *c)
{
	static const struct errand_ops ops = {
		.run = inquire,
		.back = on_answer,
		.free = inquiry_free,
	};
	struct inquiry *q = MEM_NEW(struct inquiry);

	q->env = c->env;
	q->number = c->number;
	q->question = auth_question(c->sasl->auth);
	if (errand_send(c->env->shard, &ops, q, c->host->saslauthd_ms) < 0) {
		inquiry_free(q);
		log_peer_warning(&c->log, "too many wait for saslauthd");
		go_on(c, auth_answered(c->sasl->auth, CHECKPASS_UNAVAILABLE));
		return;
	}
	stream_hold(c->stream);
	c->asked = true;
}

static void make_account(struct c2s *c)
{
	stream_hold(c->stream);
	c->asked = true;
	c->env->ops->newcomer(c, auth_lookup_user(c->sasl->auth));
}

/*
 * Too many wrong guesses from this address: each further one waits some seconds, and when they go
 * on all the same they are refused.
 */
static void look_up(struct c2s *c)
{
	int64_t wait =
		rate_charge(guess_rate(c), &guesses_by_address, shard_now(c->env->shard), 0);

	stream_hold(c->stream);
	c->asked = true;
	if (wait > GUESS_DEBT_MAX) {
		c2s_refuse_lookup(c);
		return;
	}
	if (wait > 0) {
		c->delaying = true;
		timer_start(c->env->shard, &c->pace,
		            wait < GUESS_DELAY_MAX ? wait : GUESS_DELAY_MAX);
		return;
	}
	c->env->ops->lookup(c, auth_lookup_user(c->sasl->auth));
}

void c2s_sasl_delayed(struct c2s *c)
{
	c->delaying = false;
	c->env->ops->lookup(c, auth_lookup_user(c->sasl->auth));
}

static void go_on(struct c2s *c, enum auth_next next)
{
	c2s_stage(c);
	switch (next) {
	case AUTH_CHALLENGE:
		send_data(c, "challenge", auth_data(c->sasl->auth));
		break;
	case AUTH_LOOKUP:
		look_up(c);
		break;
	case AUTH_SLOW:
		work(c);
		break;
	case AUTH_ELSEWHERE:
		ask_elsewhere(c);
		break;
	case AUTH_NEWCOMER:
		make_account(c);
		break;
	case AUTH_SUCCESS:
		on_success(c);
		break;
	case AUTH_FAILURE:
		on_failure(c);
		break;
	}
}

void c2s_supply(struct c2s *c, const struct auth_account *account)
{
	if (!c->asked || c->sasl == NULL || c->sasl->auth == NULL || stream_is_over(c->stream))
		return;
	c->asked = false;
	c->account_id = account->id;
	stream_go(c->stream);
	go_on(c, auth_supply(c->sasl->auth, account));
}

void c2s_refuse_lookup(struct c2s *c)
{
	if (!c->asked || c->sasl == NULL || stream_is_over(c->stream))
		return;
	c->asked = false;
	auth_free(&c->sasl->auth);
	c2s_sasl_refuse(c, AUTH_TEMPORARY_FAILURE);
	stream_go(c->stream);
}

/* Base64 of what may be a password, once it was decoded: in our arena or the element's. */
static void wipe_text(struct str text)
{
	if (text.n > 0)
		digest_wipe((void *)(uintptr_t)text.p, text.n);
}

static void on_auth(struct c2s *c, const struct xml_node *element)
{
	struct str text = STR_NONE;
	enum auth_next next;

	if (c->sasl->auth != NULL) { /* a second <auth/> within a negotiation */
		auth_free(&c->sasl->auth);
		c2s_sasl_refuse(c, AUTH_MALFORMED_REQUEST);
		return;
	}
	c->sasl->auth = auth_new(&c->sasl->facts);
	if (element->first != NULL)
		text = xml_text(c->sasl->arena, element);
	next = auth_begin(c->sasl->auth, xml_attr(element, "mechanism"), text);
	wipe_text(text);
	go_on(c, next);
}

static void on_response(struct c2s *c, const struct xml_node *element)
{
	struct str text;
	enum auth_next next;

	if (c->sasl->auth == NULL) {
		c2s_sasl_refuse(c, AUTH_MALFORMED_REQUEST);
		return;
	}
	text = xml_text(c->sasl->arena, element);
	next = auth_respond(c->sasl->auth, text);
	wipe_text(text);
	go_on(c, next);
}

void c2s_sasl_element(struct c2s *c, const struct xml_node *element)
{
	if (c->state == C2S_CLEAR) {
		c2s_sasl_refuse(c, AUTH_ENCRYPTION_REQUIRED); /* §6.5.4 */
	} else if (xml_is(element, NS_SASL, "auth")) {
		on_auth(c, element);
	} else if (xml_is(element, NS_SASL, "response")) {
		on_response(c, element);
	} else if (xml_is(element, NS_SASL, "abort")) {
		auth_free(&c->sasl->auth);
		c2s_sasl_refuse(c, AUTH_ABORTED);
	} else {
		stream_fail(c->stream, STREAM_UNSUPPORTED_STANZA_TYPE, NULL);
	}
}
