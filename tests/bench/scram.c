/*
 * scram.c - the client's half of SCRAM-SHA-1 and SCRAM-SHA-256 (RFC 5802, RFC 7677).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/bench/scram.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define DIGEST_MAX SCRAM_DIGEST_MAX
#define NONCE_BYTES 18
#define ITERATIONS_MAX 1000000

struct scram {
	gnutls_mac_algorithm_t mac;
	size_t digest_size;
	char *user;
	char *password;
	struct scram_secret *secret;
	struct buf nonce; /* ours, base64 */
	struct buf first; /* client-first-message-bare */
	unsigned char server_signature[DIGEST_MAX];
};

/* RFC 5802 §5.1: the attributes that a server-first-message must have. */
struct challenge {
	const char *nonce;
	size_t nonce_size;
	gnutls_datum_t salt; /* owned */
	unsigned iterations;
};

static void add_base64(struct buf *out, const void *p, size_t n)
{
	gnutls_datum_t in = { (unsigned char *)(uintptr_t)p, (unsigned)n };
	gnutls_datum_t text = { NULL, 0 };

	if (gnutls_base64_encode2(&in, &text) < 0)
		abort();
	buf_add(out, text.data, text.size);
	gnutls_free(text.data);
}

static int decode_base64(const char *p, size_t n, gnutls_datum_t *out)
{
	gnutls_datum_t in = { (unsigned char *)(uintptr_t)p, (unsigned)n };

	return gnutls_base64_decode2(&in, out) < 0 ? -1 : 0;
}

struct scram *scram_new(const char *mechanism, const char *user, const char *password,
                        struct scram_secret *secret)
{
	struct scram *s = buf_zalloc(sizeof(*s));
	bool sha256 = strcmp(mechanism, "SCRAM-SHA-256") == 0;
	unsigned char nonce[NONCE_BYTES];

	s->mac = sha256 ? GNUTLS_MAC_SHA256 : GNUTLS_MAC_SHA1;
	s->digest_size = gnutls_hmac_get_len(s->mac);
	s->secret = secret;
	s->user = buf_strndup(user, strlen(user));
	s->password = buf_strndup(password, strlen(password));
	if (gnutls_rnd(GNUTLS_RND_NONCE, nonce, sizeof(nonce)) < 0)
		abort();
	add_base64(&s->nonce, nonce, sizeof(nonce));
	return s;
}

void scram_free(struct scram *s)
{
	if (s == NULL)
		return;
	free(s->user);
	free(s->password);
	buf_deinit(&s->nonce);
	buf_deinit(&s->first);
	free(s);
}

void scram_first(struct scram *s, struct buf *out)
{
	struct buf message = { 0 };

	buf_addf(&s->first, "n=%s,r=%.*s", s->user, (int)s->nonce.n, s->nonce.p);
	buf_addf(&message, "n,,%.*s", (int)s->first.n, s->first.p);
	add_base64(out, message.p, message.n);
	buf_deinit(&message);
}

/* Find "NAME=value" among the comma separated attributes of M. */
static const char *find_attribute(const gnutls_datum_t *m, char name, size_t *n_out)
{
	const char *p = (const char *)m->data;
	const char *end = p + m->size;

	while (p < end) {
		const char *comma = memchr(p, ',', (size_t)(end - p));
		const char *stop = comma != NULL ? comma : end;

		if (stop - p >= 2 && p[0] == name && p[1] == '=') {
			*n_out = (size_t)(stop - p) - 2;
			return p + 2;
		}
		p = stop + 1;
	}
	return NULL;
}

/* The text is not terminated.  Returns 0 for what is not a number in range. */
static unsigned parse_iterations(const char *p, size_t n)
{
	unsigned v = 0;

	for (size_t i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9' || v > ITERATIONS_MAX / 10)
			return 0;
		v = v * 10 + (unsigned)(p[i] - '0');
	}
	return v;
}

static int parse_challenge(const struct scram *s, const gnutls_datum_t *m,
                           struct challenge *out)
{
	size_t salt_size, count_size;
	const char *salt = find_attribute(m, 's', &salt_size);
	const char *count = find_attribute(m, 'i', &count_size);

	out->nonce = find_attribute(m, 'r', &out->nonce_size);
	if (salt == NULL || count == NULL || out->nonce == NULL)
		return -1;
	/* RFC 5802 §5.1: the server's nonce begins with ours. */
	if (out->nonce_size <= s->nonce.n || memcmp(out->nonce, s->nonce.p, s->nonce.n) != 0)
		return -1;
	out->iterations = parse_iterations(count, count_size);
	if (out->iterations == 0)
		return -1;
	return decode_base64(salt, salt_size, &out->salt);
}

static void hmac(const struct scram *s, const void *key, size_t key_size, const void *p,
                 size_t n, unsigned char *out)
{
	if (gnutls_hmac_fast(s->mac, key, key_size, p, n, out) < 0)
		abort();
}

static bool is_remembered(const struct scram_secret *secret, const struct challenge *c)
{
	return secret->iterations == c->iterations && secret->salt_size == c->salt.size &&
	       memcmp(secret->salt, c->salt.data, c->salt.size) == 0;
}

/* Returns 0; -1 when GnuTLS does not do it. */
static int salt_password(struct scram *s, const struct challenge *c)
{
	unsigned size = (unsigned)strlen(s->password);
	gnutls_datum_t password = { (unsigned char *)s->password, size };
	struct scram_secret *secret = s->secret;

	if (is_remembered(secret, c))
		return 0;
	*secret = (struct scram_secret){ 0 };
	if (gnutls_pbkdf2(s->mac, &password, &c->salt, c->iterations, secret->salted,
	                  s->digest_size) < 0)
		return -1;
	if (c->salt.size > SCRAM_SALT_MAX)
		return 0;
	secret->iterations = c->iterations;
	secret->salt_size = c->salt.size;
	memcpy(secret->salt, c->salt.data, c->salt.size);
	return 0;
}

/* RFC 5802 §3: the client's PROOF, and what the server must show later, which S keeps. */
static int prove(struct scram *s, const struct challenge *c, const struct buf *auth,
                 unsigned char *proof)
{
	gnutls_digest_algorithm_t hash =
		s->mac == GNUTLS_MAC_SHA256 ? GNUTLS_DIG_SHA256 : GNUTLS_DIG_SHA1;
	unsigned char client_key[DIGEST_MAX], stored_key[DIGEST_MAX];
	unsigned char server_key[DIGEST_MAX], signature[DIGEST_MAX];
	const unsigned char *salted = s->secret->salted;
	size_t n = s->digest_size;

	if (salt_password(s, c) < 0)
		return -1;
	hmac(s, salted, n, "Client Key", 10, client_key);
	if (gnutls_hash_fast(hash, client_key, n, stored_key) < 0)
		return -1;
	hmac(s, stored_key, n, auth->p, auth->n, signature);
	for (size_t i = 0; i < n; i++)
		proof[i] = client_key[i] ^ signature[i];
	hmac(s, salted, n, "Server Key", 10, server_key);
	hmac(s, server_key, n, auth->p, auth->n, s->server_signature);
	return 0;
}

static int answer(struct scram *s, const gnutls_datum_t *m, struct buf *message)
{
	struct challenge c = { 0 };
	struct buf auth = { 0 };
	unsigned char proof[DIGEST_MAX];
	int err = parse_challenge(s, m, &c);

	if (err < 0)
		goto out;
	buf_addf(message, "c=biws,r=%.*s", (int)c.nonce_size, c.nonce);
	buf_addf(&auth, "%.*s,%.*s,%.*s", (int)s->first.n, s->first.p, (int)m->size,
	         (char *)m->data, (int)message->n, message->p);
	err = prove(s, &c, &auth, proof);
	if (err < 0)
		goto out;
	buf_add_text(message, ",p=");
	add_base64(message, proof, s->digest_size);
out:
	gnutls_free(c.salt.data);
	buf_deinit(&auth);
	return err;
}

int scram_answer(struct scram *s, const char *challenge, size_t n, struct buf *out)
{
	gnutls_datum_t m = { NULL, 0 };
	struct buf message = { 0 };
	int err = decode_base64(challenge, n, &m);

	if (err == 0)
		err = answer(s, &m, &message);
	if (err == 0)
		add_base64(out, message.p, message.n);
	gnutls_free(m.data);
	buf_deinit(&message);
	return err;
}

int scram_verify(const struct scram *s, const char *success, size_t n)
{
	gnutls_datum_t m = { NULL, 0 };
	gnutls_datum_t signature = { NULL, 0 };
	const char *v;
	size_t v_size;
	int err = decode_base64(success, n, &m);

	if (err < 0)
		return err;
	v = find_attribute(&m, 'v', &v_size);
	err = v != NULL ? decode_base64(v, v_size, &signature) : -1;
	if (err == 0 && (signature.size != s->digest_size ||
	                 memcmp(signature.data, s->server_signature, s->digest_size) != 0))
		err = -1;
	gnutls_free(signature.data);
	gnutls_free(m.data);
	return err;
}
