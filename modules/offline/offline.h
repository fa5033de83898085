/*
 * offline.h - what the archive tells of those who read it (XEP-0313 §6.1.1), so that nobody gets
 * what he has read once more.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/module.h"

extern const struct mod_def mod_offline;

/* A page of the archive between two moments, by ids as in event.archive_id. */
struct offline_page {
	uint64_t first,
		last; /* no message between them is missing in it; last 0: it is empty */
	bool is_end;  /* of the archive, as it was when the last id was NEWEST */
	uint64_t newest;
};

/* EV sends that page to TO, a session of its account. */
MUST_CHECK int offline_page_sent(struct event *ev, struct session *to,
                                 const struct offline_page *page);
