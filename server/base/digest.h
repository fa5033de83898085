/*
 * digest.h - hashes, HMAC and PBKDF2, all by GnuTLS; the only file of this layer that knows it.
 *
 * Thread: any.  digest_pbkdf2 takes milliseconds: never on a shard's loop.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/str.h"

enum digest_kind {
	DIGEST_SHA1,
	DIGEST_SHA256,
	DIGEST_SHA512,
};
#define DIGEST_MAX 64

size_t digest_size(enum digest_kind kind);
void digest_hash(enum digest_kind kind, struct str data, uint8_t *out); /* digest_size bytes */
void digest_hmac(enum digest_kind kind, struct str key, struct str data, uint8_t *out);
void digest_pbkdf2(enum digest_kind kind, struct str password, struct str salt,
                   unsigned iterations, uint8_t *out);
/* Equal bytes, in a time that does not depend on where they differ. */
bool digest_equal(const void *a, const void *b, size_t n);
/* Overwrite secrets in a way that the compiler keeps. */
void digest_wipe(void *p, size_t n);
