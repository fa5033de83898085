/*
 * time.c - the server's time and its distance from UTC (XEP-0202).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/module.h"

#include <stdlib.h>
#include <time.h>

/* "+01:00", as of WALL_MS. */
static struct str format_offset(struct arena *arena, int64_t wall_ms)
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm local;
	long minutes;

	if (localtime_r(&seconds, &local) == NULL)
		return STR("+00:00");
	minutes = local.tm_gmtoff / 60;
	return arena_printf(arena, "%c%02ld:%02ld", minutes < 0 ? '-' : '+', labs(minutes) / 60,
	                    labs(minutes) % 60);
}

static int on_time(struct mod *m, struct event *ev)
{
	struct xml_node *reply = xml_new(ev->arena, NS_TIME, "time");
	int64_t now = core_wall_ms(ev->core);

	xml_add_leaf(ev->arena, reply, "tzo", format_offset(ev->arena, now));
	xml_add_leaf(ev->arena, reply, "utc", datetime_format(ev->arena, now, false));
	return event_result(ev, reply);
}

static const struct mod_iq iqs[] = {
	{ NS_TIME, "time", IQ_GET | TO_HOST, on_time },
	{ 0 },
};

const struct mod_def mod_time = {
	.abi = MOD_ABI,
	.name = "time",
	.summary = "tells the server's time",
	.xep = "XEP-0202 2.0",
	.iqs = iqs,
	.features = MOD_FEATURES(NS_TIME),
};
