/*
 * resting.h - names of removed accounts rest: nobody gets one before the host's name-reuse has
 * passed, so that what was meant for the one who had it does not reach another.
 *
 * Space "resting" version 1 under owner 0:  domain, localpart (key.h text)  ->  when the account
 * was removed (wall ms).  Written by the shard that owns the name, with the removal; gone with
 * the next account of that name.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/core/entity.h"
#include "server/store/batch.h"

extern const struct store_space resting_space;

/* The account E is being removed by B. */
void resting_begin(struct batch *b, const struct entity *e);
/* 0; ERR_RESTING: E's name may not be given out yet; ERR_CORRUPT, ERR_STORE. */
MUST_CHECK int resting_check(const struct entity *e);
/* It is given out by B. */
void resting_end(struct batch *b, const struct entity *e);
