/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "xml/delay.h"

#include "server/base/err.h"
#include "xml/datetime.h"
#include "xml/ns.h"

bool delay_is_of(const struct xml_node *node, struct str host)
{
	return xml_is(node, NS_DELAY, "delay") && str_eq(xml_attr(node, "from"), host);
}

const struct xml_node *delay_of(const struct xml_node *message, struct str host)
{
	const struct xml_node *n = NULL;

	while ((n = xml_next_child(message, n)) != NULL)
		if (delay_is_of(n, host))
			return n;
	return NULL;
}

int delay_find(const struct xml_node *message, struct str host, int64_t *wall_ms_out)
{
	const struct xml_node *delay = delay_of(message, host);

	return delay == NULL || datetime_parse(xml_attr(delay, "stamp"), wall_ms_out) < 0
	               ? ERR_NOENT
	               : 0;
}

void delay_add(struct arena *arena, struct xml_node *message, struct str host, int64_t wall_ms)
{
	struct xml_node *delay;

	if (delay_of(message, host) != NULL)
		return;
	delay = xml_add(arena, message, NS_DELAY, "delay");
	xml_set(arena, delay, "from", host);
	xml_set(arena, delay, "stamp", datetime_format(arena, wall_ms, true));
}
