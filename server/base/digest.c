/*
 * digest.c - hashes, HMAC and PBKDF2 by GnuTLS.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/digest.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

static const struct {
	gnutls_digest_algorithm_t hash;
	gnutls_mac_algorithm_t mac;
	size_t size;
} algorithms[] = {
	[DIGEST_SHA1] = { GNUTLS_DIG_SHA1, GNUTLS_MAC_SHA1, 20 },
	[DIGEST_SHA256] = { GNUTLS_DIG_SHA256, GNUTLS_MAC_SHA256, 32 },
	[DIGEST_SHA512] = { GNUTLS_DIG_SHA512, GNUTLS_MAC_SHA512, 64 },
};

/* The library wants a pointer for empty input too. */
static const char *bytes_of(struct str s)
{
	return s.n > 0 ? s.p : "";
}

/* It only reads its input, but its type is not const. */
static gnutls_datum_t datum_of(struct str s)
{
	union {
		const char *read;
		unsigned char *data;
	} p = { .read = bytes_of(s) };

	ASSERT(s.n <= UINT32_MAX);
	return (gnutls_datum_t){ .data = p.data, .size = (unsigned)s.n };
}

size_t digest_size(enum digest_kind kind)
{
	return algorithms[kind].size;
}

void digest_hash(enum digest_kind kind, struct str data, uint8_t *out)
{
	ASSERT(gnutls_hash_fast(algorithms[kind].hash, bytes_of(data), data.n, out) == 0);
}

void digest_hmac(enum digest_kind kind, struct str key, struct str data, uint8_t *out)
{
	ASSERT(gnutls_hmac_fast(algorithms[kind].mac, bytes_of(key), key.n, bytes_of(data),
	                        data.n, out) == 0);
}

void digest_pbkdf2(enum digest_kind kind, struct str password, struct str salt,
                   unsigned iterations, uint8_t *out)
{
	gnutls_datum_t key = datum_of(password);
	gnutls_datum_t salt_datum = datum_of(salt);

	ASSERT(iterations > 0);
	ASSERT(gnutls_pbkdf2(algorithms[kind].mac, &key, &salt_datum, iterations, out,
	                     algorithms[kind].size) == 0);
}

bool digest_equal(const void *a, const void *b, size_t n)
{
	return gnutls_memcmp(a, b, n) == 0;
}

void digest_wipe(void *p, size_t n)
{
	if (n > 0)
		gnutls_memset(p, 0, n);
}
