/*
 * resolve_order.c - in which order the servers of a domain are tried (RFC 2782).
 *
 *   priority 10   weight 0  30  10      one of these goes first: the weights are laid end to end,
 *                       ├┼───┼─┤        and a point on that line is drawn.  Then one of the others.
 *   priority 20   weight 0  0           then these
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/net/resolve_impl.h"

#include <string.h>

static void move_to(struct srv *list, size_t from, size_t to)
{
	const struct srv moved = list[from];

	memmove(&list[to + 1], &list[to], (from - to) * sizeof(*list));
	list[to] = moved;
}

/* By priority, and those without weight before the others of the same one. */
static bool is_before(const struct srv *a, const struct srv *b)
{
	if (a->priority != b->priority)
		return a->priority < b->priority;
	return a->weight == 0 && b->weight != 0;
}

/* Equal ones are left as they are, so that chance decides between those without weight, too. */
static void sort(struct srv *list, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		size_t to = i;

		while (to > 0 && is_before(&list[i], &list[to - 1]))
			to--;
		move_to(list, i, to);
	}
}

static void shuffle(struct srv *list, size_t n, uint64_t (*draw)(void *arg), void *arg)
{
	for (size_t i = 1; i < n; i++)
		move_to(list, i, draw(arg) % (i + 1));
}

/* Which of the first N, all of one priority, goes first. */
static size_t choose(const struct srv *list, size_t n, uint64_t (*draw)(void *arg), void *arg)
{
	uint64_t sum = 0;
	uint64_t point;
	size_t i = 0;

	for (size_t k = 0; k < n; k++)
		sum += list[k].weight;
	point = draw(arg) % (sum + 1);
	for (sum = list[0].weight; sum < point; sum += list[i].weight)
		i++;
	return i;
}

static size_t count_equal(const struct srv *list, size_t n)
{
	size_t equal = 1;

	while (equal < n && list[equal].priority == list[0].priority)
		equal++;
	return equal;
}

void srv_order(struct srv *list, size_t n, uint64_t (*draw)(void *arg), void *arg)
{
	shuffle(list, n, draw, arg);
	sort(list, n);
	for (size_t i = 0; i < n; i++) {
		size_t equal = count_equal(&list[i], n - i);

		move_to(&list[i], choose(&list[i], equal, draw, arg), 0);
	}
}
