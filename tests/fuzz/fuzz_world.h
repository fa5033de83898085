/*
 * fuzz_world.h - fuzz targets that try a whole server (tests/lib/world.h).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/fuzz/fuzz.h"
#include "tests/lib/world.h"

/*
 * FN with the one world of this process, which has all modules, an account for each of NAMES
 * (localparts at a.example, NULL-terminated) and witness@a.example.  In the end those are removed
 * with all that they had, and the witness is still answered.  Dies when a check of Check's fails.
 */
typedef void fuzz_world_fn(struct world *w, struct str input);
void fuzz_in_world(const char *const *names, fuzz_world_fn *fn, struct str input);
