/*
 * version.c - what software this is (XEP-0092).
 *
 * The operating system is told only where the configuration says so: it helps attackers more
 * than friends.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/module.h"

#include <sys/utsname.h>

struct version_conf {
	bool show_os;
};

static const struct conf_option options[] = {
	CONF_OPT_BOOL("show-os", struct version_conf, show_os, false,
	              "tell the operating system too"),
	{ 0 },
};

static int on_version(struct mod *m, struct event *ev)
{
	const struct version_conf *conf = mod_conf(m);
	struct xml_node *query = xml_new(ev->arena, NS_VERSION, "query");
	struct utsname os;

	xml_add_leaf(ev->arena, query, "name", STR("Jackdaw"));
	xml_add_leaf(ev->arena, query, "version", STR(JACKDAW_VERSION));
	if (conf->show_os && uname(&os) == 0)
		xml_add_leaf(ev->arena, query, "os",
		             arena_printf(ev->arena, "%s %s", os.sysname, os.release));
	return event_result(ev, query);
}

static const struct mod_iq iqs[] = {
	{ NS_VERSION, "query", IQ_GET | TO_HOST, on_version },
	{ 0 },
};

const struct mod_def mod_version = {
	.abi = MOD_ABI,
	.name = "version",
	.summary = "tells name and version of the server",
	.xep = "XEP-0092 1.1",
	.conf_size = sizeof(struct version_conf),
	.options = options,
	.iqs = iqs,
	.features = MOD_FEATURES(NS_VERSION),
};
