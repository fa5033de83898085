/*
 * control.h - the local socket by which an operator's tools reach the server.
 *
 * Whoever may open the socket (mode 0600, in the data folder) is the operator.  What is spoken
 * on it is an XML stream of jabber:client without negotiation: an iq set with <command
 * node='account add'/> (XEP-0050) and a submitted form, answered by an iq with a form or an
 * error; one at a time.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/shard/shard.h"

/* A listener's on_accept; ARG is the server. */
void control_accept(struct shard *here, void *arg, int fd);
/* End all of them. */
struct core;
void controls_close(struct core *core);
