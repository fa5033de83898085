/*
 * mam.c - the archive of an account's or a room's messages (XEP-0313).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/mam/limits.h"
#include "modules/mam/query.h"
#include "modules/mam/total.h"

#include <string.h>

/* Tombstones that somebody may cause: at once, and in a minute. */
#define RETRACTIONS_BURST 20
#define RETRACTIONS_PER_MINUTE 60
/* The same in a room, where somebody may have to clear it of many. */
#define BURIALS_BURST 200
#define BURIALS_PER_MINUTE 600
/* What somebody may have rooms looked through for, LOOKS_COUNTED at a time: a tenth of a core. */
#define LOOKS_BURST 2000
#define LOOKS_PER_SECOND 200

static const struct conf_option options[] = {
	CONF_OPT_CHOICE("default", struct mam_conf, def, PREFS_ALWAYS, prefs_defaults,
	                "whose messages are archived, for accounts that have set nothing"),
	CONF_OPT_BOOL("fulltext", struct mam_conf, fulltext, true,
	              "messages can be searched by their words"),
	CONF_OPT_TIME("keep", struct mam_conf, keep, 0, 0, KEEP_MAX,
	              "how long messages are kept, a day at least; 0: for ever"),
	CONF_OPT_INT("max-messages", struct mam_conf, max_messages, 0, 0, MESSAGES_MAX,
	             "messages of an account, of which the oldest go when there are more; 0: "
	             "any number"),
	CONF_OPT_BYTES("max-size", struct mam_conf, max_size, 0, 0, SIZE_MAX_BYTES,
	               "what they may take, or the oldest go; 0: any size"),
	CONF_OPT_LIST("accounts", struct mam_conf, accounts, NULL,
	              "limits of single accounts, in place of keep, max-messages and max-size: "
	              "\"ADDRESS: keep TIME, max-messages NUMBER, max-size SIZE\""),
	CONF_OPT_BYTES("max-total", struct mam_conf, max_total, 0, 0, SIZE_MAX_BYTES * 1024,
	               "what the archives of all accounts may take together, or the oldest of "
	               "the largest go; 0: any size"),
	CONF_OPT_INT("page", struct mam_conf, page, 100, 1, 1000,
	             "messages in the answer to one query"),
	CONF_OPT_INT("max-prefs", struct mam_conf, max_prefs, 500, 0, 10000,
	             "addresses in the preferences of an account"),
	{ 0 },
};

static int start(struct mod *m)
{
	struct mam_state *state = mod_state(m);

	state->retractions =
		mod_rates_new(m, RETRACTIONS_BURST, RETRACTIONS_PER_MINUTE, SECONDS(60));
	state->burials = mod_rates_new(m, BURIALS_BURST, BURIALS_PER_MINUTE, SECONDS(60));
	state->looks = mod_rates_new(m, LOOKS_BURST, LOOKS_PER_SECOND, SECONDS(1));
	rand_bytes(state->key.bytes, sizeof(state->key.bytes));
	return limits_start(m);
}

static void stop(struct mod *m)
{
	struct mam_state *state = mod_state(m);

	mod_rates_free(&state->retractions);
	mod_rates_free(&state->burials);
	mod_rates_free(&state->looks);
	limits_stop(m);
}

static bool has_feature(const void *conf_arg, const char *feature)
{
	const struct mam_conf *conf = conf_arg;

	return conf->fulltext || strcmp(feature, NS_FULLTEXT) != 0;
}

static const struct mod_iq iqs[] = {
	{ NS_MAM, "query", IQ_GET | TO_SELF, answer_form },
	{ NS_MAM, "query", IQ_SET | TO_SELF, answer_query },
	{ NS_MAM, "metadata", IQ_GET | TO_SELF, answer_metadata },
	{ NS_MAM, "prefs", IQ_GET | TO_SELF, prefs_on_get },
	{ NS_MAM, "prefs", IQ_SET | TO_SELF, prefs_on_set },
	/* XEP-0313 §8.1 */
	{ NS_MAM, "query", IQ_GET | IQ_SET | TO_OTHER | TO_NOBODY, iq_forbidden },
	{ NS_MAM, "metadata", IQ_GET | TO_OTHER | TO_NOBODY, iq_forbidden },
	{ NS_MAM, "prefs", IQ_GET | IQ_SET | TO_OTHER | TO_NOBODY, iq_forbidden },
	{ 0 },
};

static const struct mod_hook hooks[] = {
	{ HOOK_SENT, PHASE_FILTER, keep_sent },
	{ HOOK_SENT, PHASE_FILTER, answer_elsewhere },
	{ HOOK_RECEIVED, PHASE_FILTER, keep_received },
	{ HOOK_UNDELIVERED, PHASE_FALLBACK, keep_undelivered },
	{ 0 },
};

const struct mod_def mod_mam = {
	.abi = MOD_ABI,
	.name = "mam",
	.summary = "keeps the messages of accounts and rooms, for all devices to read",
	.xep = "XEP-0059 1.0, XEP-0313 1.1.3, XEP-0359 0.7.0, XEP-0424 0.4.2, XEP-0431 0.2.0, "
	       "XEP-0441 0.2.0",
	.conf_size = sizeof(struct mam_conf),
	.options = options,
	.state_size = sizeof(struct mam_state),
	.start = start,
	.stop = stop,
	.entity_size = sizeof(struct mam_entity),
	.archived = kept,
	.wants_care = retain_is_due,
	.care = retain_care,
	.care_count = limits_count,
	.count_size = sizeof(struct total),
	.iqs = iqs,
	.hooks = hooks,
	.spaces = MOD_SPACES(&archive_space, &archive_with_space, &archive_state_space,
	                     &archive_usage_space, &archive_words_space, &prefs_space),
	.features = MOD_FEATURES(NS_RETRACT),
	.account_features =
		MOD_FEATURES(NS_MAM, NS_MAM_EXTENDED, NS_MAM_GROUPCHAT_FIELD, NS_RETRACT,
	                     NS_RETRACT_TOMBSTONE, NS_STANZA_ID, NS_FULLTEXT),
	.has_feature = has_feature,
};
