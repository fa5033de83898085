/*
 * plain.c - PLAIN (RFC 4616): the password in clear, under TLS only.
 *
 *     message ─▶ account ─▶ PBKDF2 on the pool ─▶ is it the password?
 *                      └──▶ saslauthd ─▶ is it? ─▶ an account, if there was none
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/stream/auth_plugins.h"

#include "xml/jid.h"

struct plain {
	bool worked;
	bool matches;
	bool is_newcomer; /* an account was asked for */
};

/* §2: message = [authzid] UTF8NUL authcid UTF8NUL passwd, the last two not empty. */
static bool parse(struct str in, struct str *authzid, struct str *authcid, struct str *password)
{
	struct str rest = in;

	*authzid = str_cut(&rest, '\0');
	*authcid = str_is_absent(rest) ? STR_NONE : str_cut(&rest, '\0');
	*password = rest;
	return auth_is_text(*authzid) && auth_is_text(*authcid) && auth_is_text(*password) &&
	       !str_is_empty(*authcid) && !str_is_empty(*password);
}

static int on_message(struct auth *auth, struct str in)
{
	struct str authzid, authcid, password, prepared;
	struct plain *plain;
	int code;

	if (!parse(in, &authzid, &authcid, &password))
		return auth_refuse(auth, AUTH_MALFORMED_REQUEST);
	code = auth_take_user(auth, authcid);
	if (code == SASL_OK)
		code = auth_check_authzid(auth, authzid);
	if (code != SASL_OK)
		return code;
	/*
	 * §2: what cannot be prepared (1023 bytes at most), or is empty then, is nobody's
	 * password.
	 */
	if (saslprep(auth->arena, password, false, &prepared) < 0 || str_is_empty(prepared))
		return auth_refuse(auth, AUTH_NOT_AUTHORIZED);
	plain = ARENA_NEW(auth->arena, struct plain);
	auth->secret = prepared;
	auth->plugin = plain;
	return auth_ask(auth, ASK_ACCOUNT);
}

void plain_work(struct auth *auth)
{
	struct plain *plain = auth->plugin;

	plain->matches = verifiers_check(&auth->account.verifiers, auth->secret);
	plain->worked = true;
}

/*
 * Whoever knows the passwords is asked whether there is an account or not, and before anything
 * is said of it: so only who gave the right one learns of it.
 */
static int step_elsewhere(struct auth *auth, struct plain *plain)
{
	bool matches = auth->answer == CHECKPASS_YES;

	if (auth->answer == CHECKPASS_NONE)
		return auth_ask(auth, ASK_ELSEWHERE);
	if (auth->answer == CHECKPASS_UNAVAILABLE)
		return auth_refuse(auth, AUTH_TEMPORARY_FAILURE);
	auth->was_guess = true;
	if (matches && !auth->account.exists && !plain->is_newcomer) {
		plain->is_newcomer = true;
		return auth_ask(auth, ASK_NEWCOMER);
	}
	return auth_admit(auth, matches);
}

int plain_step(struct auth *auth, struct str in, struct str *out)
{
	struct plain *plain = auth->plugin;

	if (plain == NULL)
		return on_message(auth, in);
	if (!str_is_absent(auth->facts->saslauthd))
		return step_elsewhere(auth, plain);
	if (!plain->worked)
		return auth_ask(auth, ASK_WORK);
	auth->was_guess = true;
	return auth_admit(auth, plain->matches);
}
