/*
 * core.h - one shard's part of the server: its entities, hosts and modules.
 *
 * The server is what all shards share and nobody changes (server.h); a core is what one shard
 * owns.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/core/host.h"
#include "server/core/server.h"
#include "server/store/key.h"
#include "server/stream/c2s.h"
#include "server/stream/s2s.h"

TAILQ_HEAD(entity_list, entity);
TAILQ_HEAD(control_list, control);
TAILQ_HEAD(lookup_list, lookup);
LIST_HEAD(held_in_list, remote_in);

struct core {
	struct shard *shard;
	struct server *server;
	struct store_view *view;
	struct stream_env streams;
	struct c2s_env c2s;
	struct s2s_env s2s;
	struct resolver *resolver;
	/* whose entities are domains elsewhere: remote.h; NULL: nobody is spoken to there */
	struct host *abroad;
	struct held_in_list held_ins;        /* remote_in.c */
	size_t n_links;                      /* to other servers, in use: remote.c */
	size_t n_attempts;                   /* to reach some */
	size_t remote_bytes;                 /* in the queues of all links */
	const struct generation *generation; /* of the configuration; referenced */
	struct host *hosts;                  /* in the order of the configuration */
	size_t n_hosts;
	struct arena *hosts_arena;
	struct entity *entities; /* by bare JID */
	struct entity_list idle; /* loaded and unused, the longest idle first */
	size_t n_entities, n_idle;
	size_t n_sessions;
	struct timer sweep; /* evicts them */
	struct care *care;
	LIST_HEAD(, visit) visits;     /* visit.c: that wait for their time */
	struct control_list controls;  /* connections of operators */
	struct lookup_list delayed;    /* login.c: by the throttle of their account */
	struct timer streams_timer;    /* sm_life.c: loads who has streams on disk */
	struct store_key streams_from; /* behind whom it is */
	uint64_t outbox_number;        /* of the last row */
	uint64_t last_group;           /* sm_copies.c */
	uint64_t last_begun;           /* of a stream: sm_life.c */
	size_t n_asleep, asleep_bytes; /* hibernating sessions, their queues: sm_weight.c */
	struct shard_turn turn;
	bool holding; /* streams wait for the store */
	struct core_figures {
		uint64_t stanzas_in;  /* from sessions */
		uint64_t stanzas_out; /* to sessions */
		uint64_t events;
		uint64_t logins;
		uint64_t failed_logins;
	} figures;
};

/* Set up and take down; each on its own shard. */
void core_start(struct shard *here, void *server);
void core_stop(struct shard *here, void *server);

/* After the shards stopped, each on main: the rest. */
void core_free(struct shard *shard);
/* Stop reading from C until the store has caught up. */
void core_hold(struct core *core, struct c2s *c);

struct core *core_of(const struct shard *shard);
/* The core of the shard that owns BARE. */
struct shard *core_owner_shard(const struct core *core, struct str bare);
/*
 * Is that owner of this shard's?  They are one range of keys, from the first on.  Thread: any.
 */
bool core_owns(const struct core *core, uint64_t owner);
uint64_t core_first_owner(const struct core *core);
