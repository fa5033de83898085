/*
 * sm_counts.c - how far a client's stanzas have come (XEP-0198 §4): what was taken, what is done,
 * what may be acknowledged.
 *
 * Stanzas are done in order, but for requests whose answers take their time.  So what is on disk
 * is the highest number that is done, and the list of those below it that are not.  A client that
 * resumes sends again all behind the first of these; only these are then handled.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/sm.h"

static size_t find_open(const struct sm *sm, uint64_t number)
{
	size_t i = 0;

	while (i < sm->n_open && sm->open[i] != number)
		i++;
	return i;
}

static void close_number(struct sm *sm, size_t i)
{
	sm->n_open--;
	memmove(&sm->open[i], &sm->open[i + 1], (sm->n_open - i) * sizeof(sm->open[0]));
}

/* The numbers in open[] ascend. */
static uint64_t all_done(const struct sm *sm)
{
	return sm->n_open == 0 ? sm->taken : sm->open[0] - 1;
}

static bool is_running(const struct sm *sm, uint64_t number)
{
	const struct event_task *t;

	LIST_FOREACH(t, &sm->later, later)
	if (t->number == number)
		return true;
	return false;
}

uint64_t sm_count(struct sm *sm)
{
	uint64_t number = sm->next++;

	if (number > sm->taken) {
		sm->taken = number;
		return number;
	}
	return find_open(sm, number) < sm->n_open && !is_running(sm, number) ? number : 0;
}

bool sm_is_busy(const struct sm *sm)
{
	return sm->n_open == SM_OPEN_MAX;
}

void sm_begin_later(struct event_task *t)
{
	struct sm *sm = t->counted->sm;

	LIST_INSERT_HEAD(&sm->later, t, later);
	if (find_open(sm, t->number) == sm->n_open)
		sm->open[sm->n_open++] = t->number;
}

void sm_ended(struct event_task *t)
{
	struct sm *sm = t->counted->sm;
	size_t i = find_open(sm, t->number);

	if (t->is_later)
		LIST_REMOVE(t, later);
	if (i < sm->n_open)
		close_number(sm, i);
	t->handled = all_done(sm);
	if (sm->stored && event_keeps_records(&t->ev))
		sm_put_counts(event_batch(&t->ev), t->ev.owner, sm);
}

void sm_handled(struct session *s, uint64_t handled)
{
	if (s->sm != NULL && handled > s->sm->handled)
		s->sm->handled = handled;
}
