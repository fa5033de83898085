/*
 * talk.h - a client that negotiates with auth.h, for tests.
 *
 * It says what it is told to, and does the owner's part too.
 *
 *     struct talk *t = talk_new();
 *     talk_begin(t, "PLAIN", STR("\0juliet\0s3cret"));  look-up and pool included
 *     ck_assert_int_eq(t->next, AUTH_SUCCESS);
 *     talk_free(&t);
 *
 * There is one account, juliet@capulet.example, whose password is TALK_PASSWORD.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/stream/auth_plugins.h"

#define TALK_DOMAIN "capulet.example"
#define TALK_PASSWORD "s3cret"
#define TALK_ITERATIONS 16 /* few: the tests are many */

struct talk {
	struct arena *arena;
	struct auth_facts facts;     /* to be changed before talk_begin */
	struct auth_account account; /* juliet's */
	struct auth *auth;
	enum auth_next next;
	struct str data; /* the last challenge or additional data, decoded; absent for none */
	bool looked_up, worked;
	bool is_first; /* the one of talk_new */
	bool by_hand;  /* the test answers AUTH_LOOKUP and AUTH_SLOW */
};

struct talk *talk_new(void);     /* with auth_init, so one at a time */
struct talk *talk_beside(void);  /* others while it lives; freed before it */
void talk_free(struct talk **t); /* with auth_deinit, for that of talk_new */
/* Channel bindings from now on: tls-exporter and tls-server-end-point, whose data is "data of TYPE". */
void talk_bind(struct talk *t);
/* Forget the negotiation, for another one on the same connection. */
void talk_again(struct talk *t);

/* MESSAGE is encoded; absent: no initial response. */
void talk_begin(struct talk *t, const char *mechanism, struct str message);
void talk_respond(struct talk *t, struct str message);
/* TEXT as it is. */
void talk_begin_raw(struct talk *t, const char *mechanism, struct str text);
void talk_respond_raw(struct talk *t, struct str text);

/* A verifier with the salt SALT. */
struct verifier talk_verifier(enum digest_kind kind, const char *password, struct str salt,
                              uint32_t iterations);
/*
 * The client-final-message that answers t->data, for PASSWORD.  BINDING is the cbind-input,
 * BARE the client-first-message-bare.
 */
struct str talk_scram_final(struct talk *t, enum digest_kind kind, const char *password,
                            struct str binding, struct str bare);

/* A whole exchange of SCRAM with that gs2-header. */
void talk_scram(struct talk *t, const char *mechanism, const char *gs2_header, const char *user,
                const char *password);

#define ck_assert_success(t, literal_user) \
	do { \
		ck_assert_int_eq((t)->next, AUTH_SUCCESS); \
		ck_assert_str_is(auth_user((t)->auth), literal_user); \
	} while (0)
#define ck_assert_failure(t, wanted) \
	do { \
		ck_assert_int_eq((t)->next, AUTH_FAILURE); \
		ck_assert_str_eq(auth_condition_name(auth_condition((t)->auth)), \
		                 auth_condition_name(wanted)); \
		ck_assert(str_is_absent(auth_data((t)->auth))); \
	} while (0)
