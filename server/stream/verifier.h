/*
 * verifier.h - what the server keeps of a password: SCRAM's StoredKey and ServerKey (RFC 5802
 * §3), one for each hash.
 *
 * Also the check of a password that came in clear over TLS (PLAIN), and the plausible verifiers
 * of users that do not exist. No libsasl2 in here.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/digest.h"

#define VERIFIER_SALT_MAX 64

struct verifier {
	enum digest_kind kind;
	uint32_t iterations;
	uint8_t salt_n;
	uint8_t salt[VERIFIER_SALT_MAX];
	uint8_t stored_key[DIGEST_MAX]; /* digest_size(kind) bytes */
	uint8_t server_key[DIGEST_MAX];
};

#define VERIFIERS 3 /* SHA-1, SHA-256, SHA-512, indexed by enum digest_kind */
struct verifiers {
	struct verifier of[VERIFIERS];
	bool has[VERIFIERS];
};

/* From a password prepared by saslprep, with fresh salts.  Milliseconds: on the pool only. */
void verifiers_make(struct str prepared_password, uint32_t iterations, struct verifiers *out);
/*
 * Is this the password?  Milliseconds: on the pool only.  Uses the cheapest verifier there is.
 */
bool verifiers_check(const struct verifiers *v, struct str prepared_password);
/*
 * What an unknown user shows (RFC 5802 leaves it to us): salts derived from SECRET and the bare
 * JID, so that they are stable and look like anyone's; keys that nothing matches.
 */
void verifiers_fake(struct str secret, struct str bare_jid, uint32_t iterations,
                    struct verifiers *out);
/* Can SCRAM work with it?  What is stored may be damaged. */
bool verifier_is_usable(const struct verifier *v);
/*
 * Put into V, whose verifier of KIND is missing, one that nothing matches: its salt follows
 * from the other verifiers, so that it is stable as a fake one's.  V keeps has[KIND] == false.
 */
void verifiers_stand_in(struct verifiers *v, enum digest_kind kind);
