/*
 * mam.c - the archive of an account's messages (XEP-0313).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/mam/private.h"

const struct mod_def mod_mam = {
	.abi = MOD_ABI,
	.name = "mam",
	.summary = "keeps the messages of accounts, for all their devices to read",
	.entity_size = sizeof(struct mam_entity),
	.spaces = MOD_SPACES(&archive_space, &archive_with_space, &archive_state_space,
	                     &archive_usage_space, &archive_words_space),
};
