/*
 * clock.h - the time of day and the monotonic clock, in milliseconds.
 *
 * Code on a shard uses shard_now (cached per loop turn); this is what it reads from.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/defs.h"

int64_t clock_mono_ms(void);
int64_t clock_wall_ms(void); /* since 1970-01-01T00:00:00Z */
