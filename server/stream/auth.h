/*
 * auth.h - one SASL negotiation (RFC 6120 §6) on libsasl2, as a machine that never blocks.
 *
 *     auth_begin / auth_respond ─▶ AUTH_LOOKUP    the owner finds the account and calls auth_supply
 *                               ─▶ AUTH_SLOW      the owner has auth_work run on the pool, then calls auth_worked
 *                               ─▶ AUTH_ELSEWHERE the owner has auth_question answered where it may hang, and
 *                                                 calls auth_answered
 *                               ─▶ AUTH_NEWCOMER  whoever knows the passwords vouches for a user without account:
 *                                                 the owner makes one and calls auth_supply again
 *                               ─▶ AUTH_CHALLENGE the owner sends auth_data and waits for the response
 *                               ─▶ AUTH_SUCCESS   auth_data is the additional data; auth_user who it is
 *                               ─▶ AUTH_FAILURE   auth_condition says why
 *
 * Mechanisms are in-process libsasl2 server plugins of our own (scram.c, plain.c, external.c,
 * anonymous.c): SCRAM-SHA-512, -256, -1 and their -PLUS, PLAIN, EXTERNAL, ANONYMOUS.  Knows
 * nothing of streams, stores or hosts.
 *
 * Which failure a client gets (§6.5):
 *   incorrect-encoding    text that is not base64 to the letter
 *   malformed-request     a message against its mechanism's grammar, an extension m= (RFC 5802
 *                         §5.1), channel binding asked of a mechanism without -PLUS or not asked
 *                         of one with it, a message too many or too long
 *   invalid-mechanism     unknown, or not offered
 *   encryption-required   PLAIN or EXTERNAL without TLS
 *   invalid-authzid       any but the account's own bare JID; for EXTERNAL one that the certificate
 *                         does not have, or none chosen of several
 *   not-authorized        all else, alike: no such account, a name that cannot be one, a wrong
 *                         secret, a channel binding that is wrong or not supported, and a downgrade
 *                         of it (gs2 "y", RFC 5802 §6)
 *   account-disabled      after the right secret only
 *   temporary-failure     libsasl2 itself failed, or who knows the passwords does not answer
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/arena.h"
#include "server/stream/checkpass.h"
#include "server/stream/verifier.h"

/* RFC 6120 §6.5 */
enum auth_condition {
	AUTH_ABORTED,
	AUTH_ACCOUNT_DISABLED,
	AUTH_CREDENTIALS_EXPIRED,
	AUTH_ENCRYPTION_REQUIRED,
	AUTH_INCORRECT_ENCODING,
	AUTH_INVALID_AUTHZID,
	AUTH_INVALID_MECHANISM,
	AUTH_MALFORMED_REQUEST,
	AUTH_MECHANISM_TOO_WEAK,
	AUTH_NOT_AUTHORIZED,
	AUTH_TEMPORARY_FAILURE,
};
const char *auth_condition_name(enum auth_condition condition); /* the element's name */

enum auth_next {
	AUTH_CHALLENGE,
	AUTH_LOOKUP,
	AUTH_SLOW,
	AUTH_ELSEWHERE,
	AUTH_NEWCOMER,
	AUTH_SUCCESS,
	AUTH_FAILURE,
};

/* Bits, in order of preference; -PLUS variants come from bindings. */
enum auth_mechanism {
	AUTH_EXTERNAL = 1 << 0,
	AUTH_SCRAM_SHA_512 = 1 << 1,
	AUTH_SCRAM_SHA_256 = 1 << 2,
	AUTH_SCRAM_SHA_1 = 1 << 3,
	AUTH_PLAIN = 1 << 4,
	AUTH_ANONYMOUS = 1 << 5,
};
#define AUTH_SCRAM (AUTH_SCRAM_SHA_512 | AUTH_SCRAM_SHA_256 | AUTH_SCRAM_SHA_1)

/* The facts of the connection; all borrowed until auth_free. */
struct auth_facts {
	struct str domain; /* the host */
	/* of saslauthd, which knows the passwords; absent: the host keeps verifiers */
	struct str saslauthd;
	/* under TLS: without it PLAIN gives encryption-required (§6.5.4) */
	bool secure;
	unsigned mechanisms; /* offered: bits of enum auth_mechanism */
	/*
	 * Channel binding data by type name ("tls-exporter" …); 0, ERR_NOENT when the
	 * connection has no such.  NULL: no bindings at all, no -PLUS.
	 */
	int (*binding)(void *arg, struct arena *arena, struct str type, struct str *data_out);
	void *binding_arg;
	/*
	 * NULL-terminated names that the connection has, for XEP-0440; NULL or none: no -PLUS.
	 */
	const char *const *binding_types;
	/* The XmppAddrs of the client's certificate, which TLS has verified, for EXTERNAL. */
	const struct str *certificate_jids;
	size_t n_certificate_jids;
};

/* Bytes of base64 in one message of a client; a longer one is malformed. */
#define AUTH_TEXT_MAX 16384

/* What auth_supply gives: the account that auth_lookup_user named.  Copied. */
struct auth_account {
	bool exists; /* when not: VERIFIERS are fake ones (verifiers_fake) */
	bool disabled;
	uint64_t
		id; /* the upper layer's: one that comes after it under the same name has another */
	struct verifiers verifiers;
};

/*
 * Once in the process, before any other: libsasl2 with our plugins and nothing else.  auth_deinit
 * not while a negotiation lives, or a question is being asked (checkpass.h): then it is left out,
 * and a later auth_init finds all in place.  Thread: main.
 */
MUST_CHECK int auth_init(void);
void auth_deinit(void);

struct auth;
struct auth *auth_new(const struct auth_facts *facts);
/*
 * Wipes secrets; accepts a pointer to NULL.  At any time but while the pool is at work on it.
 */
void auth_free(struct auth **auth);

/*
 * The names to offer, in order of preference, for FACTS: written to NAMES (room for
 * AUTH_NAMES_MAX); returns the count. PLUS variants first of their kind, only when there is a
 * binding and its types have names.  PLAIN and EXTERNAL under TLS only, EXTERNAL with a JID in
 * the certificate only.
 */
#define AUTH_NAMES_MAX 16
size_t auth_offer(const struct auth_facts *facts, const char **names);

/*
 * <auth mechanism=…>: INITIAL is its text as it came: base64, "=" for a message without data,
 * absent or empty for none. Then the client is asked for it with an empty challenge (RFC 4422
 * §4), but for ANONYMOUS, where it means no trace (XEP-0175 §2).  Once for each auth; a second
 * time is a malformed request, as is a response that nobody waits for.
 */
MUST_CHECK enum auth_next auth_begin(struct auth *auth, struct str mechanism,
                                     struct str initial);
/* <response/>: its text as it came; empty or "=" is a message without data. */
MUST_CHECK enum auth_next auth_respond(struct auth *auth, struct str text);
/*
 * From AUTH_LOOKUP on, after a failure too: whose account; prepared localpart.  Absent before.
 */
struct str auth_lookup_user(const struct auth *auth);
MUST_CHECK enum auth_next auth_supply(struct auth *auth, const struct auth_account *account);
/* After AUTH_SLOW: on a pool thread; touches only AUTH.  Then back home: */
void auth_work(struct auth *auth);
MUST_CHECK enum auth_next auth_worked(struct auth *auth);
/*
 * After AUTH_ELSEWHERE: what is to be asked, the caller's.  Then, with its answer (or
 * CHECKPASS_UNAVAILABLE for one that took too long):
 */
struct checkpass *auth_question(const struct auth *auth);
MUST_CHECK enum auth_next auth_answered(struct auth *auth, enum checkpass_answer answer);

/*
 * After AUTH_CHALLENGE: base64, empty for an empty challenge.  After AUTH_SUCCESS: base64, "="
 * for empty data, absent for none (§6.4.6).  Valid until the next call.
 */
struct str auth_data(const struct auth *auth);
enum auth_condition auth_condition(const struct auth *auth);
/* After success: the localpart; absent for ANONYMOUS (the owner makes one). */
struct str auth_user(const struct auth *auth);
/* "SCRAM-SHA-256-PLUS", for logs; "none" before one was found.  Static storage. */
const char *auth_mechanism_name(const struct auth *auth);
/* Did this negotiation test a secret (so that its failure counts as a guess)? */
bool auth_was_guess(const struct auth *auth);
