/*
 * bell.c - a module in a shared object, for check_loader.c: it rings as its option says.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/module.h"

struct bell_conf {
	struct str sound;
};

static const struct conf_option options[] = {
	CONF_OPT_TEXT("sound", struct bell_conf, sound, "dong", "what it says"),
	{ 0 },
};

static int on_ring(struct mod *m, struct event *ev)
{
	const struct bell_conf *conf = mod_conf(m);
	struct xml_node *reply = xml_new(ev->arena, "urn:bell", "ring");

	xml_add_text(ev->arena, reply, conf->sound);
	return event_result(ev, reply);
}

static const struct mod_iq iqs[] = {
	{ "urn:bell", "ring", IQ_GET | TO_SELF, on_ring },
	{ 0 },
};

static const struct mod_def bell = {
#ifdef BELL_ABI
	.abi = BELL_ABI,
#else
	.abi = MOD_ABI,
#endif
	.name = "bell",
	.conf_size = sizeof(struct bell_conf),
	.options = options,
	.iqs = iqs,
};

#ifndef BELL_WITHOUT_SYMBOL
MOD_EXPORT(bell);
#else
const struct mod_def *bell_hidden(void);
const struct mod_def *bell_hidden(void)
{
	return &bell;
}
#endif
