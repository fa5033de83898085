/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/core/core.h"

#include "server/base/clock.h"
#include "server/base/mem.h"
#include "server/core/control.h"
#include "server/core/entity.h"
#include "server/core/login.h"
#include "server/core/outbox.h"
#include "server/core/remote.h"
#include "server/core/sm.h"
#include "server/core/stall.h"
#include "server/core/visit.h"
#include "server/store/batch.h"

#include <stdlib.h>

struct core *core_of(const struct shard *shard)
{
	return shard_get(shard, SHARD_SLOT_CORE);
}

struct shard *core_owner_shard(const struct core *core, struct str bare)
{
	const struct server *server = core->server;
	unsigned partition = store_partition_of(server->store, bare);

	return shard_group_at(
		server->shards,
		store_partition_shard(partition, shard_group_count(server->shards)));
}

bool core_owns(const struct core *core, uint64_t owner)
{
	unsigned shards = shard_group_count(core->server->shards);

	return store_partition_shard(store_owner_partition(owner), shards) ==
	       shard_index(core->shard);
}

uint64_t core_first_owner(const struct core *core)
{
	unsigned shards = shard_group_count(core->server->shards);

	return store_partition_owner(store_shard_partition(shard_index(core->shard), shards));
}

/* ---- while the store is behind ---- */

void core_hold(struct core *core, struct c2s *c)
{
	c2s_wait(c);
	core->holding = true;
}

static void on_turn(struct shard *here, struct shard_turn *turn)
{
	struct core *core = CONTAINER_OF(turn, struct core, turn);

	if (!core->holding || store_is_behind(core->view))
		return;
	core->holding = false;
	c2s_env_go(&core->c2s);
	remotes_go(core);
}

/* ---- life ---- */

/* Its turn hooks are called until the shard itself is freed. */
static void on_free(struct shard_turn *turn)
{
	free(CONTAINER_OF(turn, struct core, turn));
}

void core_start(struct shard *here, void *server_arg)
{
	struct server *server = server_arg;
	struct core *core = MEM_NEW(struct core);
	int err;

	core->shard = here;
	core->server = server;
	core->generation = server->first;
	core->view = store_view_new(server->store, here);
	stream_env_init(&core->streams, here);
	c2s_env_init(&core->c2s, here, &core->streams, &login_ops, core);
	core->c2s.limits = &core->generation->c2s_limits;
	core->c2s.tls = core->generation->tls;
	core->turn.on_turn = on_turn;
	core->turn.on_free = on_free;
	shard_turn_add(here, &core->turn);
	TAILQ_INIT(&core->controls);
	TAILQ_INIT(&core->delayed);
	LIST_INIT(&core->visits);
	LIST_INIT(&core->held_ins);
	entities_start(core);
	shard_set(here, SHARD_SLOT_CORE, core);
	remotes_start(core);
	err = hosts_start(core);
	if (err == 0)
		err = outbox_start(core);
	if (err == 0)
		err = remotes_resume(core);
	if (err == 0)
		err = sm_start(core);
	core->care = care_start(core);
	for (size_t i = 0; i < server->n_listeners && err == 0; i++)
		err = listener_start(server->listeners[i], here);
	server->start_errs[shard_index(here)] = err;
}

void core_stop(struct shard *here, void *server_arg)
{
	struct server *server = server_arg;
	struct core *core = core_of(here);

	for (size_t i = 0; i < server->n_listeners; i++)
		listener_stop(server->listeners[i], here);
	c2s_env_shutdown(&core->c2s, STREAM_SYSTEM_SHUTDOWN);
	remotes_stop(core);
	controls_close(core);
	lookups_refuse(core);
	timer_stop(here, &core->sweep);
	sm_stop(core);
	stalls_stop(core);
	visits_stop(core);
	care_stop(core->care);
}

void core_free(struct shard *here)
{
	struct core *core = core_of(here);

	core->holding = false;
	sm_leave(core);
	store_view_free(&core->view);
	stalls_free(core);
	remotes_free(core);
	shard_set(here, SHARD_SLOT_CORE, NULL);
	care_free(&core->care);
	entities_stop(core);
	free(core->abroad);
	hosts_stop(core);
	c2s_env_deinit(&core->c2s);
	stream_env_deinit(&core->streams);
}

/* ---- module.h ---- */

int64_t core_started_ms(const struct core *core)
{
	return core->server->started_ms;
}

int64_t core_now_ms(const struct core *core)
{
	return shard_now(core->shard);
}

int64_t core_wall_ms(const struct core *core)
{
	return clock_wall_ms();
}
