/*
 * talk.c - a client that negotiates with auth.h, for tests.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/stream/talk.h"

#include "server/base/base64.h"
#include "server/base/err.h"
#include "server/base/mem.h"

#include <stdlib.h>
#include <string.h>

struct talk *talk_beside(void)
{
	struct talk *t = MEM_NEW(struct talk);

	t->arena = arena_new(1024);
	t->facts = (struct auth_facts){
		.domain = STR(TALK_DOMAIN),
		.secure = true,
		.mechanisms = AUTH_EXTERNAL | AUTH_SCRAM | AUTH_PLAIN | AUTH_ANONYMOUS,
	};
	t->account.exists = true;
	verifiers_make(STR(TALK_PASSWORD), TALK_ITERATIONS, &t->account.verifiers);
	t->auth = auth_new(&t->facts);
	return t;
}

struct talk *talk_new(void)
{
	struct talk *t;

	ASSERT(auth_init() == 0);
	t = talk_beside();
	t->is_first = true;
	return t;
}

void talk_free(struct talk **t)
{
	bool is_first = (*t)->is_first;

	auth_free(&(*t)->auth);
	arena_free(&(*t)->arena);
	free(*t);
	*t = NULL;
	if (is_first)
		auth_deinit();
}

void talk_again(struct talk *t)
{
	auth_free(&t->auth);
	t->auth = auth_new(&t->facts);
}

static int find_binding(void *arg, struct arena *arena, struct str type, struct str *data_out)
{
	if (!str_is(type, "tls-exporter") && !str_is(type, "tls-server-end-point"))
		return ERR_NOENT;
	*data_out = arena_concat(arena, STR("data of "), type);
	return 0;
}

void talk_bind(struct talk *t)
{
	static const char *const types[] = { "tls-exporter", "tls-server-end-point", NULL };

	t->facts.binding = find_binding;
	t->facts.binding_types = types;
}

/* The owner's part: only juliet exists. */
static void supply(struct talk *t)
{
	struct str user = auth_lookup_user(t->auth);
	struct auth_account unknown = { .exists = false };

	t->looked_up = true;
	if (str_is(user, "juliet")) {
		t->next = auth_supply(t->auth, &t->account);
		return;
	}
	verifiers_fake(STR("the secret"), user, TALK_ITERATIONS, &unknown.verifiers);
	t->next = auth_supply(t->auth, &unknown);
}

static void go_on(struct talk *t, enum auth_next next)
{
	struct str data;

	t->next = next;
	if (t->next == AUTH_LOOKUP && !t->by_hand)
		supply(t);
	if (t->next == AUTH_SLOW && !t->by_hand) {
		auth_work(t->auth);
		t->worked = true;
		t->next = auth_worked(t->auth);
	}
	t->data = STR_NONE;
	data = auth_data(t->auth);
	if (str_is(data, "="))
		t->data = STR("");
	else if (!str_is_absent(data))
		ASSERT(base64_decode(t->arena, data, &t->data) == 0);
}

static struct str encode(struct talk *t, struct str message)
{
	if (str_is_absent(message))
		return STR_NONE;
	return str_is_empty(message) ? STR("=") : base64_encode(t->arena, message);
}

void talk_begin_raw(struct talk *t, const char *mechanism, struct str text)
{
	go_on(t, auth_begin(t->auth, str_of(mechanism), text));
}

void talk_respond_raw(struct talk *t, struct str text)
{
	go_on(t, auth_respond(t->auth, text));
}

void talk_begin(struct talk *t, const char *mechanism, struct str message)
{
	talk_begin_raw(t, mechanism, encode(t, message));
}

void talk_respond(struct talk *t, struct str message)
{
	talk_respond_raw(t, encode(t, message));
}

static struct str bytes_of(const uint8_t *p, size_t n)
{
	return str_make((const char *)p, n);
}

struct verifier talk_verifier(enum digest_kind kind, const char *password, struct str salt,
                              uint32_t iterations)
{
	struct verifier v = { .kind = kind,
		              .iterations = iterations,
		              .salt_n = (uint8_t)salt.n };
	uint8_t salted[DIGEST_MAX], client_key[DIGEST_MAX];
	size_t n = digest_size(kind);

	memcpy(v.salt, salt.p, salt.n);
	digest_pbkdf2(kind, str_of(password), salt, iterations, salted);
	digest_hmac(kind, bytes_of(salted, n), STR("Client Key"), client_key);
	digest_hash(kind, bytes_of(client_key, n), v.stored_key);
	digest_hmac(kind, bytes_of(salted, n), STR("Server Key"), v.server_key);
	return v;
}

/* ClientProof for AUTH_MESSAGE. */
static void prove(enum digest_kind kind, const char *password, struct str salt,
                  uint32_t iterations, struct str auth_message, uint8_t *proof_out)
{
	uint8_t salted[DIGEST_MAX], client_key[DIGEST_MAX], stored_key[DIGEST_MAX];
	size_t n = digest_size(kind);

	digest_pbkdf2(kind, str_of(password), salt, iterations, salted);
	digest_hmac(kind, bytes_of(salted, n), STR("Client Key"), client_key);
	digest_hash(kind, bytes_of(client_key, n), stored_key);
	digest_hmac(kind, bytes_of(stored_key, n), auth_message, proof_out);
	for (size_t i = 0; i < n; i++)
		proof_out[i] ^= client_key[i];
}

struct str talk_scram_final(struct talk *t, enum digest_kind kind, const char *password,
                            struct str binding, struct str bare)
{
	struct str rest = t->data, nonce = str_cut(&rest, ','), salt64 = str_cut(&rest, ','),
		   salt;
	struct str without_proof;
	uint64_t iterations;
	uint8_t proof[DIGEST_MAX];

	ASSERT(base64_decode(t->arena, str_slice(salt64, 2, salt64.n), &salt) == 0);
	ASSERT(str_to_u64(str_slice(rest, 2, rest.n), &iterations) == 0);
	without_proof = arena_printf(t->arena, "c=" STR_FMT "," STR_FMT,
	                             STR_ARG(base64_encode(t->arena, binding)), STR_ARG(nonce));
	prove(kind, password, salt, (uint32_t)iterations,
	      arena_printf(t->arena, STR_FMT "," STR_FMT "," STR_FMT, STR_ARG(bare),
	                   STR_ARG(t->data), STR_ARG(without_proof)),
	      proof);
	return arena_printf(
		t->arena, STR_FMT ",p=" STR_FMT, STR_ARG(without_proof),
		STR_ARG(base64_encode(t->arena, bytes_of(proof, digest_size(kind)))));
}

static enum digest_kind kind_of(const char *mechanism)
{
	if (strstr(mechanism, "SHA-512") != NULL)
		return DIGEST_SHA512;
	return strstr(mechanism, "SHA-256") != NULL ? DIGEST_SHA256 : DIGEST_SHA1;
}

void talk_scram(struct talk *t, const char *mechanism, const char *gs2_header, const char *user,
                const char *password)
{
	struct str header = str_of(gs2_header), binding = header;
	struct str bare = arena_printf(t->arena, "n=%s,r=fyko+d2lbbFgONRv9qkxdawL", user);

	if (str_starts_with(header, STR("p="))) {
		struct str type = str_slice(header, 2, str_find(header, ',', 0));

		binding = arena_concat(t->arena, header,
		                       arena_concat(t->arena, STR("data of "), type));
	}
	talk_begin(t, mechanism, arena_concat(t->arena, header, bare));
	if (t->next == AUTH_CHALLENGE)
		talk_respond(t,
		             talk_scram_final(t, kind_of(mechanism), password, binding, bare));
}
