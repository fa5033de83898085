/*
 * taker.h - who of an account's sessions takes what is stored.
 *
 * A session that can take messages is in one of these states:
 *
 *     caught up   nothing is stored that it has to have before what comes now.  Known as of a count
 *                 of the box: where a write at the account failed, nobody knows any more
 *     due         else; of several, one is handed what there is, the best
 *     awaited     it was handed a part, and answer-timeout has not passed.  Nobody is handed any
 *     overdue     it has.  What comes goes straight to it, others may be handed what is stored, and
 *                 its answer, should it come, is as good as ever
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/offline/box.h"

/* Is it there to take messages? */
bool taker_can(const struct session *s);
/* Until when its answer is waited for, on the monotonic clock; 0: it owes none. */
int64_t taker_awaited_until(struct mod *m, struct session *s);
/* The session whose answer is waited for; NULL: none. */
struct session *taker_find_awaited(struct mod *m, struct entity *e);
/* Is nothing stored that it has to have before what comes now, as far as is known? */
bool taker_is_caught_up(struct mod *m, struct session *s);
bool taker_is_due(struct mod *m, struct session *s);
/*
 * Of those that are due, one that does not read them for itself, is connected, has the highest
 * priority, in this order; NULL: nobody is to be handed any.
 */
struct session *taker_find_due(struct mod *m, struct entity *e);
