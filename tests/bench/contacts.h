/*
 * contacts.h - who is whose contact in the storm.
 *
 * The accounts stand in a ring, and each has as contacts those at a fixed set of distances to
 * its left and to its right.  So all have equally many, the graph is symmetric, and either side
 * computes it without a table.  The distances are spread over half the ring: contacts are no
 * neighbours in the order of the logins, nor in any cache or file that follows that order.
 *
 *	distance of pair k:  1 + k * ((N - 1) / 2 / (C / 2)),  0 <= k < C / 2
 *
 * The warm sessions' accounts stand outside of it and have no contacts.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/bench/options.h"

/* How many contacts account INDEX has. */
unsigned contacts_count(const struct options *o, unsigned index);

/* The account that is INDEX's contact number K, below the options' number of contacts. */
unsigned contacts_nth(const struct options *o, unsigned index, unsigned k);

/* Print all of it: on each line an account and its contacts, by name. */
void contacts_print(const struct options *o);

/*
 * Which of INDEX's contacts OTHER is; the number of contacts for INDEX itself; -1 when they have
 * nothing to do with each other.
 */
int contacts_find(const struct options *o, unsigned index, unsigned other);
