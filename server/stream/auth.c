/*
 * auth.c - one negotiation: XMPP's framing of SASL (RFC 6120 §6), and the states between its
 * steps.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/stream/auth_plugins.h"

#include "server/base/base64.h"
#include "server/base/err.h"
#include "server/base/mem.h"
#include "xml/jid.h"
#include "xml/utf8.h"

#include <stdlib.h>

#define ARENA_BYTES 1024

const char *auth_condition_name(enum auth_condition condition)
{
	static const char *const names[] = {
		[AUTH_ABORTED] = "aborted",
		[AUTH_ACCOUNT_DISABLED] = "account-disabled",
		[AUTH_CREDENTIALS_EXPIRED] = "credentials-expired",
		[AUTH_ENCRYPTION_REQUIRED] = "encryption-required",
		[AUTH_INCORRECT_ENCODING] = "incorrect-encoding",
		[AUTH_INVALID_AUTHZID] = "invalid-authzid",
		[AUTH_INVALID_MECHANISM] = "invalid-mechanism",
		[AUTH_MALFORMED_REQUEST] = "malformed-request",
		[AUTH_MECHANISM_TOO_WEAK] = "mechanism-too-weak",
		[AUTH_NOT_AUTHORIZED] = "not-authorized",
		[AUTH_TEMPORARY_FAILURE] = "temporary-auth-failure",
	};

	return names[condition];
}

/* --- what the mechanisms share ----------------------------------------------------------- */

int auth_refuse(struct auth *auth, enum auth_condition condition)
{
	auth->condition = condition;
	return SASL_BADAUTH;
}

int auth_ask(struct auth *auth, enum auth_ask what)
{
	auth->ask = what;
	return SASL_INTERACT;
}

/*
 * A name that cannot be an account's is refused before a look-up: RFC 5802 §5.1 says so of
 * names that cannot be prepared, and whoever sent it learns no more than the grammar of
 * localparts.
 */
int auth_take_user(struct auth *auth, struct str name)
{
	struct str prepared;

	if (saslprep(auth->arena, name, false, &prepared) < 0 ||
	    jid_prepare_local(auth->arena, prepared, &prepared) < 0 || str_is_empty(prepared))
		return auth_refuse(auth, AUTH_NOT_AUTHORIZED);
	auth->user = arena_copy(auth->arena, prepared);
	return SASL_OK;
}

int auth_check_authzid(struct auth *auth, struct str authzid)
{
	struct jid jid;

	if (str_is_empty(authzid))
		return SASL_OK;
	if (jid_parse(auth->arena, authzid, &jid) < 0 || !jid_is_bare(jid) ||
	    !str_eq(jid_local(jid), auth->user) ||
	    !str_eq(jid_domain(jid), auth->facts->domain))
		return auth_refuse(auth, AUTH_INVALID_AUTHZID);
	return SASL_OK;
}

/* RFC 6120 §6.5.2: only who proved to own the account hears that it is disabled. */
int auth_admit(struct auth *auth, bool matches)
{
	if (!matches || !auth->account.exists)
		return auth_refuse(auth, AUTH_NOT_AUTHORIZED);
	if (auth->account.disabled)
		return auth_refuse(auth, AUTH_ACCOUNT_DISABLED);
	return SASL_OK;
}

bool auth_offers_plus(const struct auth_facts *facts)
{
	return facts->binding != NULL && facts->binding_types != NULL &&
	       facts->binding_types[0] != NULL;
}

bool auth_is_text(struct str s)
{
	return utf8_is_valid(s) && str_find(s, '\0', 0) == s.n;
}

void auth_wipe(struct str secret)
{
	/* what lies in our arena is ours to write */
	if (secret.n > 0)
		digest_wipe((void *)(uintptr_t)secret.p, secret.n);
}

/* --- the states -------------------------------------------------------------------------- */

struct auth *auth_new(const struct auth_facts *facts)
{
	struct auth *auth = MEM_NEW(struct auth);

	auth->facts = facts;
	auth->arena = arena_new(ARENA_BYTES);
	return auth;
}

/* Nothing is needed of libsasl2 any more, nor of the account. */
static void finish(struct auth *auth)
{
	sasl_dispose(&auth->conn);
	digest_wipe(&auth->account.verifiers, sizeof(auth->account.verifiers));
	auth_wipe(auth->message);
	auth->message = STR_NONE;
	auth_wipe(auth->secret);
	auth->secret = STR_NONE;
	auth->state = AUTH_OVER;
}

void auth_free(struct auth **auth)
{
	if (*auth == NULL)
		return;
	finish(*auth);
	arena_free(&(*auth)->arena);
	free(*auth);
	*auth = NULL;
}

static enum auth_next fail(struct auth *auth, enum auth_condition condition)
{
	finish(auth);
	auth->condition = condition;
	auth->data = STR_NONE;
	return AUTH_FAILURE;
}

static enum auth_next succeed(struct auth *auth, struct str data)
{
	if (str_is_absent(data))
		auth->data = STR_NONE;
	else
		auth->data = str_is_empty(data) ? STR("=") : base64_encode(auth->arena, data);
	finish(auth);
	return AUTH_SUCCESS;
}

static enum auth_next challenge(struct auth *auth, struct str data)
{
	auth->data = str_is_empty(data) ? STR("") : base64_encode(auth->arena, data);
	auth->state = AUTH_AWAITS_RESPONSE;
	return AUTH_CHALLENGE;
}

static enum auth_next await(struct auth *auth)
{
	static const struct {
		enum auth_state state;
		enum auth_next next;
	} waits[] = {
		[ASK_ACCOUNT] = { AUTH_AWAITS_ACCOUNT, AUTH_LOOKUP },
		[ASK_WORK] = { AUTH_AWAITS_WORK, AUTH_SLOW },
		[ASK_ELSEWHERE] = { AUTH_AWAITS_ANSWER, AUTH_ELSEWHERE },
		[ASK_NEWCOMER] = { AUTH_AWAITS_ACCOUNT, AUTH_NEWCOMER },
	};

	auth->data = STR_NONE;
	auth->state = waits[auth->ask].state;
	return waits[auth->ask].next;
}

/* What libsasl2 made of the step: OUT is the mechanism's answer. */
static enum auth_next conclude(struct auth *auth, int code, const char *out, unsigned out_n)
{
	struct str data = str_make(out, out_n);

	switch (code) {
	case SASL_OK:
		return succeed(auth, data);
	case SASL_CONTINUE:
		return challenge(auth, data);
	case SASL_INTERACT:
		return await(auth);
	default:
		return fail(auth, auth->condition);
	}
}

static enum auth_next step(struct auth *auth)
{
	const char *out = NULL;
	unsigned out_n = 0;
	int code;

	/* a failure that no mechanism of ours gave a reason for is libsasl2's own */
	auth->condition = AUTH_TEMPORARY_FAILURE;
	code = sasl_server_step(auth->conn, auth->message.p, (unsigned)auth->message.n, &out,
	                        &out_n);
	return conclude(auth, code, out, out_n);
}

static enum auth_next start(struct auth *auth)
{
	const char *out = NULL;
	unsigned out_n = 0;
	int code;

	auth->condition = AUTH_TEMPORARY_FAILURE;
	code = auth_connect(auth);
	if (code == SASL_OK)
		code = sasl_server_start(auth->conn, auth_mechanism_name(auth), auth->message.p,
		                         (unsigned)auth->message.n, &out, &out_n);
	return conclude(auth, code, out, out_n);
}

/* --- the offer --------------------------------------------------------------------------- */

static bool is_offered(const struct auth_plugin *plugin, const struct auth_facts *facts)
{
	if ((facts->mechanisms & plugin->bit) == 0 || (plugin->needs_tls && !facts->secure))
		return false;
	return plugin->bit != AUTH_EXTERNAL || facts->n_certificate_jids > 0;
}

size_t auth_offer(const struct auth_facts *facts, const char **names)
{
	size_t n = 0;

	for (size_t i = 0; i < AUTH_PLUGINS; i++) {
		const struct auth_plugin *plugin = &auth_plugins[i];

		if (!is_offered(plugin, facts))
			continue;
		if (plugin->plus_name != NULL && auth_offers_plus(facts))
			names[n++] = plugin->plus_name;
		names[n++] = plugin->name;
	}
	return n;
}

/* Find the mechanism of that name, among those that the host has (§6.5.7). */
static bool find_mechanism(struct auth *auth, struct str name)
{
	for (size_t i = 0; i < AUTH_PLUGINS; i++) {
		const struct auth_plugin *plugin = &auth_plugins[i];
		bool is_plus = plugin->plus_name != NULL && str_is(name, plugin->plus_name);

		if (!is_plus && !str_is(name, plugin->name))
			continue;
		if ((auth->facts->mechanisms & plugin->bit) == 0 ||
		    (is_plus && !auth_offers_plus(auth->facts)))
			return false;
		auth->mechanism = plugin;
		auth->is_plus = is_plus;
		return true;
	}
	return false;
}

/* --- what the owner calls ---------------------------------------------------------------- */

/*
 * The client's message of TEXT, "=" being an empty one (§6.4.2).  The one before stays in the
 * arena, where its mechanism borrows from it; only PLAIN's is a secret, and that is the last.
 */
static int take_message(struct auth *auth, struct str text)
{
	auth->message = STR("");
	if (str_is(text, "=") || str_is_empty(text))
		return 0;
	return base64_decode(auth->arena, text, &auth->message);
}

enum auth_next auth_begin(struct auth *auth, struct str mechanism, struct str initial)
{
	ASSERT(auth->state != AUTH_AWAITS_WORK);
	if (auth->state != AUTH_NEW)
		return fail(auth, AUTH_MALFORMED_REQUEST);
	if (!find_mechanism(auth, mechanism))
		return fail(auth, AUTH_INVALID_MECHANISM);
	if (auth->mechanism->needs_tls && !auth->facts->secure)
		return fail(auth, AUTH_ENCRYPTION_REQUIRED);
	if (initial.n > AUTH_TEXT_MAX)
		return fail(auth, AUTH_MALFORMED_REQUEST);
	if (take_message(auth, initial) < 0)
		return fail(auth, AUTH_INCORRECT_ENCODING);
	if (str_is_empty(initial))
		auth->message = STR_NONE;
	return start(auth);
}

enum auth_next auth_respond(struct auth *auth, struct str text)
{
	ASSERT(auth->state != AUTH_AWAITS_WORK);
	if (auth->state != AUTH_AWAITS_RESPONSE || text.n > AUTH_TEXT_MAX)
		return fail(auth, AUTH_MALFORMED_REQUEST);
	if (take_message(auth, text) < 0)
		return fail(auth, AUTH_INCORRECT_ENCODING);
	return step(auth);
}

struct str auth_lookup_user(const struct auth *auth)
{
	return auth->user;
}

enum auth_next auth_supply(struct auth *auth, const struct auth_account *account)
{
	ASSERT(auth->state == AUTH_AWAITS_ACCOUNT);
	auth->account = *account;
	auth->has_account = true;
	return step(auth);
}

void auth_work(struct auth *auth)
{
	auth->mechanism->work(auth);
}

enum auth_next auth_worked(struct auth *auth)
{
	ASSERT(auth->state == AUTH_AWAITS_WORK);
	return step(auth);
}

struct checkpass *auth_question(const struct auth *auth)
{
	ASSERT(auth->state == AUTH_AWAITS_ANSWER);
	return checkpass_new(auth->facts->saslauthd, auth->user, auth->facts->domain,
	                     auth->secret);
}

enum auth_next auth_answered(struct auth *auth, enum checkpass_answer answer)
{
	ASSERT(auth->state == AUTH_AWAITS_ANSWER && answer != CHECKPASS_NONE);
	auth->answer = answer;
	return step(auth);
}

struct str auth_data(const struct auth *auth)
{
	return auth->data;
}

enum auth_condition auth_condition(const struct auth *auth)
{
	return auth->condition;
}

struct str auth_user(const struct auth *auth)
{
	return auth->user;
}

const char *auth_mechanism_name(const struct auth *auth)
{
	if (auth->mechanism == NULL)
		return "none";
	return auth->is_plus ? auth->mechanism->plus_name : auth->mechanism->name;
}

bool auth_was_guess(const struct auth *auth)
{
	return auth->was_guess;
}
