/*
 * warm.h - stored messages that stand in the archive are read ahead.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/module.h"

/* A handler of HOOK_BOUND. */
int warm_on_bound(struct mod *m, struct event *ev);
