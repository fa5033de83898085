/*
 * fuzz_auth.c - negotiations: who does not know the secret never gets in, and every one comes to an end.
 *
 * An input is lines: "b" and "t" for a connection with channel bindings and TLS (or an empty
 * line), the mechanism, then the client's messages, each sent as base64; a line that begins
 * with "!" is sent as it is, without that sign.  The account exists, but nothing matches its
 * verifiers.  The messages are given to SCRAM's parsers too: what they take apart is the whole
 * of the text, in order.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/base64.h"
#include "server/base/err.h"
#include "server/base/hash.h"
#include "server/stream/auth_plugins.h"
#include "server/stream/scram_message.h"
#include "tests/fuzz/fuzz.h"

#define STEPS_MAX 8

static int find_binding(void *arg, struct arena *arena, struct str type, struct str *data_out)
{
	if (!str_is(type, "tls-exporter"))
		return ERR_NOENT;
	*data_out = STR("data");
	return 0;
}

static void try_parsers(struct arena *arena, struct str text)
{
	struct scram_first first;
	struct scram_final final;

	if (scram_parse_first(arena, text, &first) == 0) {
		ASSERT(str_eq(arena_concat(arena, first.gs2_header, first.bare), text));
		ASSERT(first.user.n > 0 && first.nonce.n > 0);
		ASSERT((first.flag == 'p') == !str_is_empty(first.binding_type));
	}
	if (scram_parse_final(arena, text, &final) == 0) {
		struct str proof =
			arena_concat(arena, STR(",p="), base64_encode(arena, final.proof));

		ASSERT(str_eq(arena_concat(arena, final.without_proof, proof), text));
	}
}

/* The owner's part, until the client is asked for more or it is over. */
static enum auth_next serve(struct auth *auth, enum auth_next next)
{
	struct auth_account account = { .exists = true };

	if (next == AUTH_LOOKUP) {
		ASSERT(auth_lookup_user(auth).n > 0);
		verifiers_fake(STR("secret"), auth_lookup_user(auth), 1, &account.verifiers);
		next = auth_supply(auth, &account);
	}
	if (next == AUTH_SLOW) {
		auth_work(auth);
		next = auth_worked(auth);
	}
	ASSERT(next == AUTH_CHALLENGE || next == AUTH_SUCCESS || next == AUTH_FAILURE);
	ASSERT(next != AUTH_CHALLENGE || !str_is_absent(auth_data(auth)));
	ASSERT(next != AUTH_FAILURE || auth_condition_name(auth_condition(auth)) != NULL);
	ASSERT(next != AUTH_FAILURE || auth_condition(auth) != AUTH_TEMPORARY_FAILURE);
	return next;
}

static struct str next_text(struct arena *arena, struct str *rest)
{
	struct str line = str_cut(rest, '\n');

	if (str_starts_with(line, STR("!")))
		return str_slice(line, 1, line.n);
	try_parsers(arena, line);
	return str_is_empty(line) ? STR_NONE : base64_encode(arena, line);
}

static void negotiate(struct arena *arena, struct auth *auth, struct str rest)
{
	struct str mechanism = str_cut(&rest, '\n');
	enum auth_next next = serve(auth, auth_begin(auth, mechanism, next_text(arena, &rest)));
	int steps = 0;

	while (next == AUTH_CHALLENGE && !str_is_absent(rest)) {
		next = serve(auth, auth_respond(auth, next_text(arena, &rest)));
		ASSERT(++steps < STEPS_MAX);
	}
	if (next == AUTH_SUCCESS)
		ASSERT(str_is(mechanism, "ANONYMOUS") || str_is(mechanism, "EXTERNAL"));
	if (next != AUTH_CHALLENGE)
		ASSERT(auth_respond(auth, STR("")) == AUTH_FAILURE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const types[] = { "tls-exporter", NULL };
	static const struct str jids[] = { STR_INIT("juliet@capulet.example") };
	static bool is_ready; /* libsasl2 is started once in a process */
	struct arena *arena = arena_new(8192);
	struct str rest = fuzz_str(data, size), options = str_cut(&rest, '\n');
	bool is_bound = str_find(options, 'b', 0) < options.n;
	struct auth_facts facts = {
		.domain = STR("capulet.example"),
		.secure = str_find(options, 't', 0) < options.n,
		.mechanisms = AUTH_EXTERNAL | AUTH_SCRAM | AUTH_PLAIN | AUTH_ANONYMOUS,
		.binding = is_bound ? find_binding : NULL,
		.binding_types = types,
		.certificate_jids = jids,
		.n_certificate_jids = ARRAY_LEN(jids),
	};
	struct auth *auth;

	if (!is_ready) {
		hash_init();
		ASSERT(auth_init() == 0);
		is_ready = true;
	}
	auth = auth_new(&facts);
	auth->server_nonce = STR("3rfcNHYJY1ZVvWVs7j");
	if (!str_is_absent(rest))
		negotiate(arena, auth, rest);
	auth_free(&auth);
	arena_free(&arena);
	return 0;
}
