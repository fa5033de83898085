/*
 * scram.c - SCRAM-SHA-1, -256, -512 and their -PLUS (RFC 5802, RFC 7677, RFC 9266).
 *
 *     client-first ─▶ is the binding right? ─▶ account ─▶ server-first ─▶ client-final ─▶ is the proof? ─▶ server-final
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/stream/auth_plugins.h"

#include "server/base/rand.h"
#include "server/stream/scram_message.h"

#define NONCE_BYTES 18 /* 144 bits, 24 characters */

struct scram {
	struct scram_first first;
	struct str binding;      /* cbind-data; absent without channel binding */
	struct str nonce;        /* the client's, then ours */
	struct str server_first; /* absent until it was sent */
};

/*
 * RFC 5802 §6.  Of the two failures one is for a client that broke the protocol, the other for
 * what may be an attack.
 */
static int check_flag(struct auth *auth, struct scram *scram)
{
	char flag = scram->first.flag;

	/* The -PLUS mechanism is for who uses channel binding, and no one else. */
	if (auth->is_plus != (flag == 'p'))
		return auth_refuse(auth, AUTH_MALFORMED_REQUEST);
	/* The client says that we offer none: somebody took it out of our offer. */
	if (flag == 'y' && auth_offers_plus(auth->facts))
		return auth_refuse(auth, AUTH_NOT_AUTHORIZED);
	if (flag == 'p' && auth->facts->binding(auth->facts->binding_arg, auth->arena,
	                                        scram->first.binding_type, &scram->binding) < 0)
		return auth_refuse(auth, AUTH_NOT_AUTHORIZED);
	return SASL_OK;
}

static int on_first(struct auth *auth, struct str in)
{
	struct scram *scram = ARENA_NEW(auth->arena, struct scram);
	int code;

	if (scram_parse_first(auth->arena, in, &scram->first) < 0)
		return auth_refuse(auth, AUTH_MALFORMED_REQUEST);
	code = check_flag(auth, scram);
	if (code == SASL_OK)
		code = auth_take_user(auth, scram->first.user);
	if (code == SASL_OK)
		code = auth_check_authzid(auth, scram->first.authzid);
	if (code != SASL_OK)
		return code;
	auth->plugin = scram;
	return auth_ask(auth, ASK_ACCOUNT);
}

static int on_account(struct auth *auth, struct scram *scram, struct str *out)
{
	enum digest_kind kind = auth->mechanism->kind;
	struct verifiers *all = &auth->account.verifiers;
	struct verifier *v = &all->of[kind];

	/* An account without this hash looks like one that does not exist. */
	if (!all->has[kind] || !verifier_is_usable(v) || v->kind != kind) {
		all->has[kind] = false;
		verifiers_stand_in(all, kind);
		auth->account.exists = false;
	}
	if (str_is_absent(auth->server_nonce))
		auth->server_nonce = rand_token(auth->arena, NONCE_BYTES);
	scram->nonce = arena_concat(auth->arena, scram->first.nonce, auth->server_nonce);
	scram->server_first =
		scram_format_first(auth->arena, scram->nonce,
	                           str_make((const char *)v->salt, v->salt_n), v->iterations);
	*out = scram->server_first;
	return SASL_CONTINUE;
}

/*
 * The cbind-input must be the header that opened the exchange, and the binding of this very
 * connection (§5.1, c=).
 */
static bool binding_is_right(const struct auth *auth, const struct scram *scram, struct str got)
{
	struct str want = arena_concat(auth->arena, scram->first.gs2_header, scram->binding);

	return got.n == want.n && digest_equal(got.p, want.p, want.n);
}

static bool nonce_is_ours(const struct scram *scram, struct str got)
{
	return got.n == scram->nonce.n && digest_equal(got.p, scram->nonce.p, got.n);
}

/* §3: ClientKey = ClientProof XOR ClientSignature, and its hash must be the StoredKey. */
static bool proof_is_right(const struct verifier *v, struct str auth_message, struct str proof)
{
	size_t n = digest_size(v->kind);
	uint8_t key[DIGEST_MAX], hash[DIGEST_MAX];
	bool is_right;

	if (proof.n != n)
		return false;
	digest_hmac(v->kind, str_make((const char *)v->stored_key, n), auth_message, key);
	for (size_t i = 0; i < n; i++)
		key[i] ^= (uint8_t)proof.p[i];
	digest_hash(v->kind, str_make((const char *)key, n), hash);
	is_right = digest_equal(hash, v->stored_key, n);
	digest_wipe(key, sizeof(key));
	digest_wipe(hash, sizeof(hash));
	return is_right;
}

static int on_final(struct auth *auth, struct scram *scram, struct str in, struct str *out)
{
	const struct verifier *v = &auth->account.verifiers.of[auth->mechanism->kind];
	uint8_t signature[DIGEST_MAX];
	struct scram_final final;
	struct str auth_message;
	int code;

	if (scram_parse_final(auth->arena, in, &final) < 0)
		return auth_refuse(auth, AUTH_MALFORMED_REQUEST);
	if (!nonce_is_ours(scram, final.nonce) || !binding_is_right(auth, scram, final.binding))
		return auth_refuse(auth, AUTH_NOT_AUTHORIZED);
	auth_message = arena_printf(auth->arena, STR_FMT "," STR_FMT "," STR_FMT,
	                            STR_ARG(scram->first.bare), STR_ARG(scram->server_first),
	                            STR_ARG(final.without_proof));
	auth->was_guess = true;
	code = auth_admit(auth, proof_is_right(v, auth_message, final.proof));
	if (code != SASL_OK)
		return code;
	digest_hmac(v->kind, str_make((const char *)v->server_key, digest_size(v->kind)),
	            auth_message, signature);
	*out = scram_format_final(auth->arena,
	                          str_make((const char *)signature, digest_size(v->kind)));
	return SASL_OK;
}

int scram_step(struct auth *auth, struct str in, struct str *out)
{
	struct scram *scram = auth->plugin;

	if (scram == NULL)
		return on_first(auth, in);
	if (str_is_absent(scram->server_first))
		return on_account(auth, scram, out);
	return on_final(auth, scram, in, out);
}
