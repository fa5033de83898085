/*
 * account.h - who may log in: the record of an account, and the requests that change it.
 *
 * Space "account" version 1, key empty:  flags, created (wall ms), count, then for each
 * verifier: hash, iterations, salt, StoredKey, ServerKey.  The name is in the index of names
 * (names.h).  Where another program knows the passwords, an account has no verifiers.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/core/entity.h"
#include "server/module.h"

extern const struct store_space account_space;

struct account {
	bool disabled;
	int64_t created_ms;
	struct verifiers verifiers;
};

/* As account_create (module.h), though the name of a removed account may still rest (resting.h). */
void account_create_anyway(struct core *core, struct jid account, struct str password,
                           account_done_fn *done, void *arg);
/* The record of E; ERR_NOENT when it is no account.  Thread: E's shard. */
MUST_CHECK int account_read(struct entity *e, struct account *account_out);
