/*
 * listener_impl.h - between binding the sockets of a listener and accepting on them.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/net/listener.h"

#define LISTEN_FAMILIES 2

/* Which sockets were asked for, and what came of it. */
struct listen_sockets {
	unsigned n_shards; /* how many of each family; 1 for a local socket */
	unsigned n_families;
	uint16_t port;    /* in: wanted, 0 for any; out: the one it got */
	int *fds;         /* n_shards * n_families, by shard; -1: not open */
	const char *path; /* of a local socket, in the arena */
};

/* Bind and listen.  On error none is open and *problem_out is a sentence. */
MUST_CHECK int listen_bind(struct listen_sockets *sockets, const struct listener_config *config,
                           struct arena *arena, struct str *problem_out);
void listen_unbind(struct listen_sockets *sockets);
