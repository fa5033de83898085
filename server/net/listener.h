/*
 * listener.h - sockets that accept connections, one for each shard on every address
 * (SO_REUSEPORT).
 *
 * Opened by main before the shards start, so that a port in use stops the start with a
 * sentence; handed to each shard, which accepts on its own loop.  A port that another process
 * listens on is refused even if that process allows sharing. When descriptors run out,
 * accepting pauses for a second instead of spinning.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/arena.h"
#include "server/shard/shard.h"

struct listener;

struct listener_config {
	/* Numeric IPv4 or IPv6, "*" for all of both families, or a path for a local socket. */
	struct str address;
	uint16_t port; /* 0 for a local socket */
	int backlog;
	/*
	 * A connection came, on the shard that accepted it; the callee owns FD (non-blocking,
	 * TCP_NODELAY and keepalive set).
	 */
	void (*on_accept)(struct shard *here, void *arg, int fd);
	void *arg;
};

/*
 * Bind one socket for each shard (a local socket, mode 0600, only for shard 0; a stale one of a
 * dead process is replaced). Errors: -errno (EADDRINUSE, EACCES …) with *problem_out a sentence
 * in ARENA.  Thread: main.
 */
MUST_CHECK int listener_open(struct shard_group *group, const struct listener_config *config,
                             struct arena *arena, struct listener **listener_out,
                             struct str *problem_out);
/* Begin and end accepting on this shard.  Thread: the shard's, from its init and fini. */
MUST_CHECK int listener_start(struct listener *l, struct shard *here);
void listener_stop(struct listener *l, struct shard *here);
/* The port it got (for port 0 in tests). */
uint16_t listener_port(const struct listener *l);
/* After the shards stopped. */
void listener_close(struct listener **l);
