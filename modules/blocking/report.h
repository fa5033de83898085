/*
 * report.h - reports of abuse that come with a block (XEP-0377): kept for the administrators, as
 * a message of the host to each of them, and told in the log.
 *
 * A report changes nothing about the block (§6): one without a reason, or one too many, is left
 * out.  Nothing is passed on to other servers or services, whatever its user agrees to (§5).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/blocking/rules.h"

/* For each host and shard. */
struct blocking_state {
	struct mod_rates *reports;
};

int report_start(struct mod *m);
void report_stop(struct mod *m);
/* The reports in ev->payload, a block command that succeeded; its addresses were read. */
void report_items(struct mod *m, struct event *ev);
