/*
 * last.c - how long the server has been up (XEP-0012 §4, the query to a server).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/module.h"

static int on_last(struct mod *m, struct event *ev)
{
	struct xml_node *query = xml_new(ev->arena, NS_LAST, "query");
	int64_t up = core_wall_ms(ev->core) - core_started_ms(ev->core);

	xml_set(ev->arena, query, "seconds", arena_printf(ev->arena, "%lld", (long long)(up < 0 ? 0 : up / 1000)));
	return event_result(ev, query);
}

static const struct mod_iq iqs[] = {
	{ NS_LAST, "query", IQ_GET | TO_HOST, on_last },
	{ 0 },
};

const struct mod_def mod_last = {
	.abi = MOD_ABI,
	.name = "last",
	.summary = "tells how long the server has been up",
	.xep = "XEP-0012 2.0",
	.iqs = iqs,
	.features = MOD_FEATURES(NS_LAST),
};
