/*
 * visit.h - events without a stanza: what modules do at accounts by themselves.
 *
 *     mod_visit ─(later: a timer)─▶ a message to the own shard ─▶ the account is loaded ─▶ event
 *
 *     care:  every hour, and until all accounts of the shard were looked at a part each second
 *            names of a host, on a reader thread: care_count; wants_care? ─▶ mod_visit(care)
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/core/core.h"

struct care;

/* Those that wait for their time are not made. */
void visits_stop(struct core *core);

struct care *care_start(struct core *core);
/* No more of it; what is under way ends by itself. */
void care_stop(struct care *care);
/* When nothing is under way any more.  Sets *care to NULL. */
void care_free(struct care **care);
/* Look at all accounts now, in a new round, unless a part of one is being read. */
void care_now(struct care *care);
