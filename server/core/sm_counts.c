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
#include "server/base/mem.h"
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
uint64_t sm_all_done(const struct sm *sm)
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

/* Its error waits in the queue: whoever sends it again has not seen that yet. */
static bool is_answered(const struct sm *sm, uint64_t number)
{
	const struct sm_item *item;

	STAILQ_FOREACH(item, &sm->queue, link)
		if (item->answers == number)
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
	return find_open(sm, number) < sm->n_open && !is_running(sm, number) &&
	                       !is_answered(sm, number)
	               ? number
	               : 0;
}

bool sm_is_busy(const struct sm *sm)
{
	return sm->n_open >= SM_LATER_MAX;
}

void sm_open(struct sm *sm, uint64_t number)
{
	size_t i = 0;

	while (i < sm->n_open && sm->open[i] < number)
		i++;
	if (i < sm->n_open && sm->open[i] == number)
		return;
	if (sm->n_open == sm->open_cap) {
		sm->open_cap = 2 * sm->open_cap + 4;
		sm->open = mem_resize(sm->open, sm->open_cap * sizeof(sm->open[0]));
	}
	memmove(&sm->open[i + 1], &sm->open[i], (sm->n_open - i) * sizeof(sm->open[0]));
	sm->open[i] = number;
	sm->n_open++;
}

void sm_begin_later(struct event_task *t)
{
	struct sm *sm = t->counted->sm;

	LIST_INSERT_HEAD(&sm->later, t, later);
	sm_open(sm, t->number);
}

void sm_ended(struct event_task *t)
{
	struct sm *sm = t->counted->sm;
	size_t i = find_open(sm, t->number);

	if (t->is_later)
		LIST_REMOVE(t, later);
	if (i < sm->n_open)
		close_number(sm, i);
	t->handled = sm_all_done(sm);
	if (sm->stored && event_keeps_records(&t->ev))
		sm_put_counts(event_batch(&t->ev), t->ev.owner, sm);
}

/* The answer of T that its sender gets, if there is one that may not be lost. */
static struct sm_item *find_answer(const struct event_task *t)
{
	for (const struct event_output *out = t->first; out != NULL; out = out->next)
		if (out->item != NULL && out->session == t->counted &&
		    outbox_takes(out->letter.stanza))
			return out->item;
	return NULL;
}

void sm_failed(struct event_task *t)
{
	struct sm_item *answer = find_answer(t);

	if (answer == NULL)
		return;
	answer->answers = t->number;
	sm_open(t->counted->sm, t->number);
}

void sm_close(struct sm *sm, uint64_t number, struct batch *batch)
{
	size_t i = find_open(sm, number);

	if (i == sm->n_open)
		return;
	close_number(sm, i);
	if (sm->stored && batch != NULL)
		sm_put_counts(batch, sm->session->entity->owner, sm);
}

void sm_handled(struct session *s, uint64_t handled)
{
	if (s->sm != NULL && handled > s->sm->handled)
		s->sm->handled = handled;
}
