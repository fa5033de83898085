/*
 * befriend.h - makes the accounts of the storm each other's contacts (RFC 6121 §3.1).
 *
 * Everybody asks each contact for a subscription and grants what is asked, over the wire, as
 * this works with any server.  All are online meanwhile, a bounded number of requests is under
 * way, and in the end each contact is there in "both" directions.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/bench/fleet.h"

/* All sessions of F must be logged in. */
void befriend(struct fleet *f);
