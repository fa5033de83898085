/*
 * verifier.c - SCRAM verifiers: made, checked, faked.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/stream/verifier.h"

#include "server/base/rand.h"

#include <string.h>

#define SALT_BYTES 16           /* of real and of fake verifiers alike */
#define UNKNOWN_ITERATIONS 4096 /* RFC 7677 §4: where there is nothing to go by */

/* What one iteration costs, measured: SHA-512 is five times as slow as the others. */
static const unsigned iteration_cost[VERIFIERS] = {
	[DIGEST_SHA1] = 14,
	[DIGEST_SHA256] = 15,
	[DIGEST_SHA512] = 71,
};

static struct str bytes_of(const uint8_t *p, size_t n)
{
	return str_make((const char *)p, n);
}

/*
 * RFC 5802 §3: SaltedPassword, and of it StoredKey and ServerKey, for the salt and iterations
 * in V.
 */
static void derive(struct str password, struct verifier *v)
{
	uint8_t salted[DIGEST_MAX], client_key[DIGEST_MAX];
	size_t n = digest_size(v->kind);

	digest_pbkdf2(v->kind, password, bytes_of(v->salt, v->salt_n), v->iterations, salted);
	digest_hmac(v->kind, bytes_of(salted, n), STR("Client Key"), client_key);
	digest_hash(v->kind, bytes_of(client_key, n), v->stored_key);
	digest_hmac(v->kind, bytes_of(salted, n), STR("Server Key"), v->server_key);
	digest_wipe(salted, sizeof(salted));
	digest_wipe(client_key, sizeof(client_key));
}

void verifiers_make(struct str prepared_password, uint32_t iterations, struct verifiers *out)
{
	*out = (struct verifiers){ 0 };
	for (unsigned kind = 0; kind < VERIFIERS; kind++) {
		struct verifier *v = &out->of[kind];

		v->kind = kind;
		v->iterations = iterations;
		v->salt_n = SALT_BYTES;
		rand_bytes(v->salt, v->salt_n);
		derive(prepared_password, v);
		out->has[kind] = true;
	}
}

bool verifier_is_usable(const struct verifier *v)
{
	return v->iterations > 0 && v->salt_n > 0 && v->salt_n <= VERIFIER_SALT_MAX;
}

static const struct verifier *cheapest(const struct verifiers *all)
{
	const struct verifier *best = NULL;
	uint64_t best_cost = UINT64_MAX;

	for (unsigned kind = 0; kind < VERIFIERS; kind++) {
		const struct verifier *v = &all->of[kind];
		uint64_t cost = (uint64_t)v->iterations * iteration_cost[kind];

		if (all->has[kind] && verifier_is_usable(v) && cost < best_cost) {
			best = v;
			best_cost = cost;
		}
	}
	return best;
}

bool verifiers_check(const struct verifiers *v, struct str prepared_password)
{
	const struct verifier *want = cheapest(v);
	struct verifier got = {
		.kind = DIGEST_SHA1,
		.iterations = UNKNOWN_ITERATIONS,
		.salt_n = 1,
	};
	bool is_equal;

	/*
	 * Without a verifier the work is done all the same: its time must not tell which
	 * accounts have none.
	 */
	if (want != NULL) {
		got.kind = want->kind;
		got.iterations = want->iterations;
		got.salt_n = want->salt_n;
		memcpy(got.salt, want->salt, want->salt_n);
	}
	derive(prepared_password, &got);
	is_equal = want != NULL &&
	           digest_equal(got.stored_key, want->stored_key, digest_size(got.kind));
	digest_wipe(&got, sizeof(got));
	return is_equal;
}

/* N bytes (at most DIGEST_MAX) that only who knows SECRET can tell from random ones. */
static void derive_fake(struct str secret, struct str what, size_t n, uint8_t *out)
{
	uint8_t digest[DIGEST_MAX];

	digest_hmac(DIGEST_SHA512, secret, what, digest);
	memcpy(out, digest, n);
	digest_wipe(digest, sizeof(digest));
}

static void fake(struct arena *arena, struct str secret, struct str bare_jid,
                 struct verifier *v)
{
	size_t n = digest_size(v->kind);

	derive_fake(secret, arena_printf(arena, "salt %u " STR_FMT, v->kind, STR_ARG(bare_jid)),
	            v->salt_n, v->salt);
	/* Nobody knows a key whose hash this is, so no proof and no password matches. */
	derive_fake(secret,
	            arena_printf(arena, "stored %u " STR_FMT, v->kind, STR_ARG(bare_jid)), n,
	            v->stored_key);
	derive_fake(secret,
	            arena_printf(arena, "server %u " STR_FMT, v->kind, STR_ARG(bare_jid)), n,
	            v->server_key);
}

void verifiers_fake(struct str secret, struct str bare_jid, uint32_t iterations,
                    struct verifiers *out)
{
	struct arena *arena = arena_new(1024);

	*out = (struct verifiers){ 0 };
	for (unsigned kind = 0; kind < VERIFIERS; kind++) {
		out->of[kind] = (struct verifier){
			.kind = kind,
			.iterations = iterations,
			.salt_n = SALT_BYTES,
		};
		fake(arena, secret, bare_jid, &out->of[kind]);
		out->has[kind] = true;
	}
	arena_free(&arena);
}

void verifiers_stand_in(struct verifiers *v, enum digest_kind kind)
{
	const struct verifier *other = cheapest(v);
	struct verifiers fakes;
	uint8_t secret[DIGEST_MAX];
	size_t n = sizeof(secret);

	if (other != NULL) {
		n = digest_size(other->kind);
		memcpy(secret, other->server_key, n);
	} else {
		rand_bytes(secret, n);
	}
	verifiers_fake(bytes_of(secret, n), STR("stand-in"),
	               other != NULL ? other->iterations : UNKNOWN_ITERATIONS, &fakes);
	v->of[kind] = fakes.of[kind];
	digest_wipe(secret, sizeof(secret));
}
