/*
 * private.h - the parts of the module mam among themselves.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/mam/archive.h"
#include "modules/mam/words.h"

/* At each account. */
struct mam_entity {
	struct archive archive;
	struct words words;
};
