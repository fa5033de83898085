/*
 * rand.h - random bytes from the system's generator.
 *
 * Thread: any.  Cannot fail: a kernel without randomness ends the process.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/arena.h"

void rand_bytes(void *out, size_t n);
uint64_t rand_u64(void);
/*
 * N_BYTES random bytes as text of the URL-safe base64 alphabet, without padding: stream ids,
 * resources, nonces.
 */
struct str rand_token(struct arena *arena, size_t n_bytes);
