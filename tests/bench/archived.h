/*
 * archived.h - whether what was sent is in the archives (XEP-0313), lest something else be measured.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/bench/fleet.h"

/*
 * Ask the COUNT sessions from FIRST on for the newest message in their archives.
 * Returns how many of them have one.
 */
unsigned archive_count(struct fleet *f, unsigned first, unsigned count);
