/*
 * sm_weight.c - the memory of all hibernating sessions of a shard.
 *
 * Each has a bound of its own, but there may be as many as there are accounts, times
 * sessions-per-account.  So all of them have one bound together (resume-total, of which each shard
 * has its part), and when it is reached a session that has the average or more ends as soon as it
 * begins to hibernate, or more is to wait for it: what waits goes where it would go at the end of
 * the hibernation, and who has little loses nothing.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/sm.h"

static void put_down(struct sm *sm, struct core *core)
{
	if (!sm->is_asleep)
		return;
	core->n_asleep--;
	core->asleep_bytes -= sm->weight;
	sm->is_asleep = false;
	sm->weight = 0;
}

void sm_weigh(struct sm *sm)
{
	struct core *core = sm->session->entity->core;

	put_down(sm, core);
	if (sm->session->c2s != NULL)
		return;
	sm->is_asleep = true;
	sm->weight = sm->bytes + sm->n_items * sizeof(struct sm_item);
	core->n_asleep++;
	core->asleep_bytes += sm->weight;
}

void sm_unweigh(struct sm *sm)
{
	put_down(sm, sm->session->entity->core);
}

bool sm_is_too_heavy(const struct sm *sm)
{
	const struct core *core = sm->session->entity->core;
	size_t all = (size_t)core->generation->conf->o.resume_total;

	return sm->is_asleep &&
	       core->asleep_bytes > all / shard_group_count(core->server->shards) &&
	       sm->weight >= core->asleep_bytes / core->n_asleep;
}
