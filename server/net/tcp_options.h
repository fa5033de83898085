/*
 * tcp_options.h - how the TCP sockets of the server are set, those that it accepts and those that
 * it connects.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

/*
 * TCP_NODELAY and keepalive: a peer that vanished is noticed in about two minutes where the owner
 * does not ask itself.  What a listening socket has, those that it accepts inherit.  Harmless on
 * a local socket.
 */
void tcp_options_set(int fd);
