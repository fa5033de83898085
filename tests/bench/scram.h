/*
 * scram.h - the client's half of SCRAM-SHA-1 and SCRAM-SHA-256 (RFC 5802, RFC 7677).
 *
 * Without channel binding, and with the gs2 flag "n", so that every server takes it.  User
 * names and passwords are ASCII, which SASLprep leaves as it is; "=" and "," must not stand in
 * the name.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/bench/buf.h"

#define SCRAM_SALT_MAX 64   /* bytes; a longer salt is not remembered */
#define SCRAM_DIGEST_MAX 32 /* bytes */

struct scram;

/*
 * What a client keeps of one login for the next: as long as salt and iteration count stay, the
 * salted password does (RFC 5802 §3).  All zeros holds nothing.
 */
struct scram_secret {
	unsigned iterations;
	unsigned salt_size;
	unsigned char salt[SCRAM_SALT_MAX];
	unsigned char salted[SCRAM_DIGEST_MAX];
};

/*
 * MECHANISM is "SCRAM-SHA-1" or "SCRAM-SHA-256".  The texts are copied.  SECRET is that of an
 * earlier login with the same mechanism or empty, outlives the new one, and is brought up to date.
 */
struct scram *scram_new(const char *mechanism, const char *user, const char *password,
                        struct scram_secret *secret);
void scram_free(struct scram *s);

/* Append the initial response, in base64 as XMPP carries it. */
void scram_first(struct scram *s, struct buf *out);

/*
 * Answer the server's challenge, base64 text of N bytes: append the final message in base64.
 * Returns 0; -1 when the challenge is malformed or does not go on from our nonce.
 * Cost: the PBKDF2 of the server's iteration count, on this thread, unless the secret spares it.
 */
int scram_answer(struct scram *s, const char *challenge, size_t n, struct buf *out);

/* Check the server's proof, base64 text that came with success.  Returns 0; -1 when wrong. */
int scram_verify(const struct scram *s, const char *success, size_t n);
