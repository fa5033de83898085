/*
 * contacts.c - who is whose contact in the storm.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/bench/contacts.h"

#include <stdio.h>

static unsigned stride(const struct options *o)
{
	return (o->sessions - 1) / 2 / (o->contacts / 2);
}

unsigned contacts_count(const struct options *o, unsigned index)
{
	return index < o->warm_sessions ? 0 : o->contacts;
}

unsigned contacts_nth(const struct options *o, unsigned index, unsigned k)
{
	unsigned n = o->sessions;
	unsigned distance = 1 + k / 2 * stride(o);
	unsigned place = index - o->warm_sessions;

	if (k % 2 != 0)
		distance = n - distance;
	return o->warm_sessions + (place + distance) % n;
}

void contacts_print(const struct options *o)
{
	for (unsigned index = 0; index < options_all_sessions(o); index++) {
		printf("%s%u", o->users_prefix, index);
		for (unsigned k = 0; k < contacts_count(o, index); k++)
			printf(" %s%u", o->users_prefix, contacts_nth(o, index, k));
		printf("\n");
	}
}

int contacts_find(const struct options *o, unsigned index, unsigned other)
{
	unsigned n = o->sessions, distance, pair;
	bool left;

	if (index < o->warm_sessions || other < o->warm_sessions ||
	    other >= options_all_sessions(o))
		return -1;
	if (index == other)
		return (int)o->contacts;
	distance = (other + n - index) % n;
	left = distance > n / 2;
	if (left)
		distance = n - distance;
	pair = (distance - 1) / stride(o);
	if ((distance - 1) % stride(o) != 0 || pair >= o->contacts / 2)
		return -1;
	return (int)(2 * pair + left);
}
