/*
 * delay.h - since when a stanza waited, and where (XEP-0203).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "xml/node.h"

/* Is NODE a notation of HOST's? */
bool delay_is_of(const struct xml_node *node, struct str host);
/* The first of HOST's in MESSAGE; NULL: there is none. */
const struct xml_node *delay_of(const struct xml_node *message, struct str host);
/* MESSAGE, which is the caller's own, waited at HOST since then, unless it says so already (§2). */
void delay_add(struct arena *arena, struct xml_node *message, struct str host, int64_t wall_ms);
/* Since when it says that it did; ERR_NOENT: it does not. */
MUST_CHECK int delay_find(const struct xml_node *message, struct str host,
                          int64_t *wall_ms_out);
