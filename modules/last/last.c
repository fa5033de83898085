/*
 * last.c - how long the server has been up, or an account idle (XEP-0012).
 *
 * An account's own user alone is told so far, and as long as one of its sessions is connected
 * that is 0 seconds (§3).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/module.h"

static int answer(struct event *ev, int64_t seconds)
{
	struct xml_node *query = xml_new(ev->arena, NS_LAST, "query");

	xml_set(ev->arena, query, "seconds",
	        arena_printf(ev->arena, "%lld", (long long)seconds));
	return event_result(ev, query);
}

static int on_host(struct mod *m, struct event *ev)
{
	int64_t up = core_wall_ms(ev->core) - core_started_ms(ev->core);

	/* a clock that was set back must not show */
	return answer(ev, up < 0 ? 0 : up / 1000);
}

static int on_self(struct mod *m, struct event *ev)
{
	return answer(ev, 0);
}

static const struct mod_iq iqs[] = {
	{ NS_LAST, "query", IQ_GET | TO_HOST, on_host },
	{ NS_LAST, "query", IQ_GET | TO_SELF, on_self },
	{ 0 },
};

const struct mod_def mod_last = {
	.abi = MOD_ABI,
	.name = "last",
	.summary = "tells how long the server has been up, or an account idle",
	.xep = "XEP-0012 2.0",
	.iqs = iqs,
	.features = MOD_FEATURES(NS_LAST),
	.account_features = MOD_FEATURES(NS_LAST),
};
