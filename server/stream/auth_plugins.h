/*
 * auth_plugins.h - between the negotiation (auth.c), libsasl2 (auth_plugins.c) and the
 * mechanisms.
 *
 * Private to this layer, and the only header of it that includes libsasl2's.
 *
 *     auth.c ─▶ sasl_server_start, sasl_server_step ─▶ auth_plugins.c ─▶ scram.c plain.c external.c anonymous.c
 *
 * A mechanism is a step function: it reads one message of the client and answers with one of
 * libsasl2's codes.
 *   SASL_OK        the client is auth->user; *OUT is the additional data, absent for none
 *   SASL_CONTINUE  *OUT is the next challenge
 *   SASL_INTERACT  auth->ask says what is missing: the account, work on the pool, or an answer from
 *                  elsewhere.  Once it is there the step is run again with the same message.  (Of
 *                  all codes but success this one and SASL_CONTINUE are those that libsasl2 keeps
 *                  a mechanism over.)
 *   auth_refuse()  failure
 * Its state is auth->plugin, in the arena.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/stream/auth.h"

#include <sasl/sasl.h>

enum auth_ask {
	ASK_NOTHING,
	ASK_ACCOUNT,
	ASK_WORK,
	ASK_ELSEWHERE,
	ASK_NEWCOMER,
};

enum auth_state {
	AUTH_NEW,
	AUTH_AWAITS_RESPONSE,
	AUTH_AWAITS_ACCOUNT,
	AUTH_AWAITS_WORK, /* the pool may be writing */
	AUTH_AWAITS_ANSWER,
	AUTH_OVER,
};

struct auth_plugin {
	/* PLUS_NAME is NULL where there is no channel binding */
	const char *name, *plus_name;
	enum auth_mechanism bit;
	enum digest_kind kind; /* of SCRAM */
	bool needs_tls;
	int (*step)(struct auth *auth, struct str in, struct str *out);
	void (*work)(struct auth *auth); /* after ASK_WORK, on a pool thread */
};

struct auth {
	const struct auth_facts *facts;
	struct arena *arena;
	sasl_conn_t *conn;                   /* from the first step to the last */
	sasl_callback_t callbacks[2];        /* how the plugins find this */
	const struct auth_plugin *mechanism; /* NULL before auth_begin */
	enum auth_state state;
	enum auth_condition condition;
	bool is_plus;
	struct str message; /* of the client, decoded: the one under way */
	struct str data;
	/* for the mechanisms */
	enum auth_ask ask;
	struct str user; /* prepared; absent for ANONYMOUS */
	struct auth_account account;
	bool has_account;
	struct str secret; /* in the arena; wiped when it is over */
	enum checkpass_answer answer; /* from elsewhere */
	bool was_guess;
	struct str server_nonce; /* of SCRAM: absent until drawn; tests set it */
	void *plugin;
};

/* In order of preference; AUTH_PLUGINS of them. */
#define AUTH_PLUGINS 6
extern const struct auth_plugin auth_plugins[AUTH_PLUGINS];

int scram_step(struct auth *auth, struct str in, struct str *out);
int plain_step(struct auth *auth, struct str in, struct str *out);
void plain_work(struct auth *auth);
int external_step(struct auth *auth, struct str in, struct str *out);
int anonymous_step(struct auth *auth, struct str in, struct str *out);

/*
 * What the mechanisms share (auth.c); each returns SASL_OK, or what the step returns at once.
 */
int auth_refuse(struct auth *auth, enum auth_condition condition);
/* Await what is asked for, or go on when it is there. */
int auth_ask(struct auth *auth, enum auth_ask what);
/* Prepare the name of the account into auth->user (RFC 5802 §5.1, RFC 4616 §2). */
int auth_take_user(struct auth *auth, struct str name);
/* RFC 6120 §6.3.8: the authorization identity, if any, must be that account's own bare JID. */
int auth_check_authzid(struct auth *auth, struct str authzid);
/* The last word: is there such an account, and may it log in?  MATCHES: the secret did. */
int auth_admit(struct auth *auth, bool matches);
/* May the client use channel binding? */
bool auth_offers_plus(const struct auth_facts *facts);

/* A message of the client is text without NUL in valid UTF-8. */
bool auth_is_text(struct str s);
/* Overwrite a secret in the arena. */
void auth_wipe(struct str secret);

/* auth_plugins.c: a connection of libsasl2 for AUTH, whose facts and callbacks are set. */
MUST_CHECK int auth_connect(struct auth *auth);
