/*
 * ping.c - are you there (XEP-0199).
 *
 * A client pings its server, or its own account; both answer with an empty result.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/module.h"

static int on_ping(struct mod *m, struct event *ev)
{
	return event_result(ev, NULL);
}

static const struct mod_iq iqs[] = {
	{ NS_PING, "ping", IQ_GET | TO_HOST | TO_SELF, on_ping },
	{ 0 },
};

const struct mod_def mod_ping = {
	.abi = MOD_ABI,
	.name = "ping",
	.summary = "answers pings of clients",
	.xep = "XEP-0199 2.0.1",
	.iqs = iqs,
	.features = MOD_FEATURES(NS_PING),
	.account_features = MOD_FEATURES(NS_PING),
};
