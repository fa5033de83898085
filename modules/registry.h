/*
 * registry.h - the modules that are built in.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/module.h"

/* NULL-terminated; hooks of one phase run in this order. */
extern const struct mod_def *const modules_builtin[];
