/*
 * offline.c - messages for accounts where nobody is there to read them (XEP-0160): stored, and
 * handed out when somebody comes.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/offline/delivery.h"
#include "modules/offline/reading.h"
#include "modules/offline/warm.h"

/* Requests of one account whose answers may be as long as all that is stored. */
#define ASK_BURST 10
#define ASK_PER_SECOND 1

static const struct conf_option options[] = {
	CONF_OPT_INT("max-messages", struct offline_conf, max_messages, 1000, 1, 10000,
	             "messages that are stored for an account at a time"),
	CONF_OPT_BYTES("max-bytes", struct offline_conf, max_bytes, MIB(2), KIB(1), MIB(64),
	               "what they may take together"),
	CONF_OPT_TIME(
		"answer-timeout", struct offline_conf, answer_timeout, SECONDS(60), SECONDS(1),
		SECONDS(3600),
		"how long new messages wait for a client that has not said that it got the "
		"stored ones"),
	{ 0 },
};

static int start(struct mod *m)
{
	struct offline_state *state = mod_state(m);

	state->asking = mod_rates_new(m, ASK_BURST, ASK_PER_SECOND, SECONDS(1));
	return 0;
}

static void stop(struct mod *m)
{
	struct offline_state *state = mod_state(m);

	mod_rates_free(&state->asking);
}

static const struct mod_hook hooks[] = {
	{ HOOK_SENT, PHASE_FILTER, delay_strip },
	{ HOOK_SENT, PHASE_ACT, delivery_on_answer },
	{ HOOK_SENT, PHASE_ACT, reading_on_answer },
	{ HOOK_UNDELIVERED, PHASE_ACT, delivery_store },
	{ HOOK_DELIVERED, PHASE_FALLBACK, delivery_follow },
	{ HOOK_BOUND, PHASE_ACT, warm_on_bound },
	{ HOOK_AVAILABLE, PHASE_ACT, delivery_on_presence },
	{ HOOK_UPDATED, PHASE_ACT, delivery_on_presence },
	{ HOOK_UNAVAILABLE, PHASE_ACT, delivery_on_unavailable },
	{ HOOK_RESUMED, PHASE_ACT, delivery_on_resumed },
	{ HOOK_ENDED, PHASE_ACT, delivery_on_ended },
	{ 0 },
};

static const struct mod_iq iqs[] = {
	{ NS_OFFLINE, "offline", IQ_GET | TO_SELF, flexible_get },
	{ NS_OFFLINE, "offline", IQ_SET | TO_SELF, flexible_set },
	{ NS_OFFLINE, "offline", IQ_GET | IQ_SET | TO_OTHER | TO_NOBODY, iq_forbidden },
	{ 0 },
};

static const struct mod_node nodes[] = {
	{ NS_OFFLINE, flexible_info, flexible_items },
	{ 0 },
};

const struct mod_def mod_offline = {
	.abi = MOD_ABI,
	.name = "offline",
	.summary = "stores messages for accounts where nobody is there to read them",
	.xep = "XEP-0013 1.3, XEP-0160 1.0.1, XEP-0203 2.0, XEP-0334 1.0.0",
	.conf_size = sizeof(struct offline_conf),
	.options = options,
	.state_size = sizeof(struct offline_state),
	.start = start,
	.stop = stop,
	.session_size = sizeof(struct offline_session),
	.session_save = delivery_save,
	.session_load = delivery_load,
	.entity_size = sizeof(struct offline_box),
	.iqs = iqs,
	.hooks = hooks,
	.nodes = nodes,
	.spaces = MOD_SPACES(&box_space),
	.features = MOD_FEATURES("msgoffline", NS_OFFLINE),
};
