/*
 * connect.h - a connection to one of several addresses (Happy Eyeballs, RFC 8305).
 *
 * The addresses are tried in order, families by turns, a quarter of a second apart or as soon as one has failed; the
 * first that answers is taken and the others are closed.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/defs.h"
#include "server/shard/shard.h"

#include <sys/socket.h>

struct connecting;

/*
 * FD is connected, non-blocking, TCP_NODELAY and keepalive set as the listener's, and the callee's;
 * or FD is the last -errno (-ETIMEDOUT when the time was up).  Called once, from the loop and never
 * from inside connect_start, unless it is cancelled; then what connect_start returned is gone.
 */
typedef void connect_done_fn(void *arg, int fd);
/* ADDRESSES (at least one, with ports) are copied. */
struct connecting *connect_start(struct shard *here, const struct sockaddr_storage *addresses,
                                 size_t n, int64_t timeout_ms, connect_done_fn *done,
                                 void *arg);
/* Sets it to NULL; accepts a pointer to NULL, and from inside its done the one that is told. */
void connect_cancel(struct connecting **c);
