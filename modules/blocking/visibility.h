/*
 * visibility.h - who sees whom when rules change: whoever is denied presence from now on sees the
 * sessions go, whoever is no longer denied it sees them as they are, and the same for what the
 * sessions see of their contacts (XEP-0191 §3.3, §3.4; XEP-0016 §2.10, §2.11).
 *
 *     visibility_note ─▶ the rules change ─▶ visibility_change
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/blocking/rules.h"

/* What applied before the change. */
struct visibility {
	struct rules rules;
	uint64_t active; /* of the event's session */
};

MUST_CHECK int visibility_note(struct mod *m, struct event *ev, struct visibility *before_out);
MUST_CHECK int visibility_change(struct mod *m, struct event *ev,
                                 const struct visibility *before);
