/*
 * uid.h - ids of an archive as clients see them.
 *
 * An id is a time, and whoever could read or guess it would learn what XEP-0359 §7 says must not be
 * learnt; XEP-0313 §3 wants ids that cannot be predicted.  So on the wire stands a permutation of
 * the 64 bits under the account's secret (a Feistel network of four rounds of SipHash), in 16 hex
 * digits.  It is undone without a look at the database.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/module.h"

struct str uid_format(struct arena *arena, const struct hash_key *secret, uint64_t id);
/* ERR_NOENT: no uid that uid_format makes. */
MUST_CHECK int uid_parse(const struct hash_key *secret, struct str uid, uint64_t *id_out);
