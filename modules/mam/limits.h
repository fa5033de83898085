/*
 * limits.h - how long and how much of an archive is kept: the host's limits, those of single
 * accounts, and what the archives of the host may take together.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/mam/private.h"

/* 0: none. */
struct limits {
	int64_t keep; /* ms */
	int64_t max_messages, max_size;
};

/* Those of single accounts, as the option "accounts" has them: ERR_CONFIG, which was logged. */
MUST_CHECK int limits_start(struct mod *m);
void limits_stop(struct mod *m);

/* Those for the archive of ACCOUNT, as of the last round of care.  Thread: any that has M. */
struct limits limits_of(const struct mod *m, struct jid account);

/* Of the descriptor: the archive of OWNER into a struct total. */
void limits_count(const struct mod *m, void *count, struct store_reader *reader,
                  uint64_t owner);
