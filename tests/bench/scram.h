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

struct scram;

/* MECHANISM is "SCRAM-SHA-1" or "SCRAM-SHA-256".  The texts are copied. */
struct scram *scram_new(const char *mechanism, const char *user, const char *password);
void scram_free(struct scram *s);

/* Append the initial response, in base64 as XMPP carries it. */
void scram_first(struct scram *s, struct buf *out);

/*
 * Answer the server's challenge, base64 text of N bytes: append the final message in base64.
 * Returns 0; -1 when the challenge is malformed or does not go on from our nonce.
 * Cost: the PBKDF2 of the server's iteration count, on this thread.
 */
int scram_answer(struct scram *s, const char *challenge, size_t n, struct buf *out);

/* Check the server's proof, base64 text that came with success.  Returns 0; -1 when wrong. */
int scram_verify(const struct scram *s, const char *success, size_t n);
