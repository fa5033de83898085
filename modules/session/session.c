/*
 * session.c - the session request of RFC 3921 §3, which older clients send after binding.
 *
 * Binding is all that is needed since RFC 6120, and the feature says so with <optional/>; who
 * asks all the same is told that it worked.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/module.h"

static int on_session(struct mod *m, struct event *ev)
{
	return event_result(ev, NULL);
}

static const struct mod_iq iqs[] = {
	{ NS_SESSION, "session", IQ_SET | TO_SELF | AT_SENDER, on_session },
	{ 0 },
};

static const struct mod_stream_feature stream_features[] = {
	{ .xml = "<session xmlns='" NS_SESSION "'><optional/></session>" },
	{ 0 },
};

const struct mod_def mod_session = {
	.abi = MOD_ABI,
	.name = "session",
	.summary = "answers the session request of older clients",
	.iqs = iqs,
	.stream_features = stream_features,
};
