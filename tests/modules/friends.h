/*
 * friends.h - two clients that see one another's presence.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/modules/ask.h"

/* A sees the presence of B from now on; both are available, and neither asked for its roster. */
static inline void befriend_one(struct client *a, struct client *b)
{
	struct str to = jid_bare_str(world_jid(a->world, b->jid)),
		   from = jid_bare_str(world_jid(a->world, a->jid));

	client_printf(a, "<presence type='subscribe' to='" STR_FMT "'/>", STR_ARG(to));
	client_expectf(b, "<presence type='subscribe' from='" STR_FMT "'/>", STR_ARG(from));
	client_printf(b, "<presence type='subscribed' to='" STR_FMT "'/>", STR_ARG(from));
	client_expectf(a, "<presence type='-' from='%s'/>", b->jid);
}

static inline void befriend(struct client *a, struct client *b)
{
	befriend_one(a, b);
	befriend_one(b, a);
}
