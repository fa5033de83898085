/*
 * query.h - queries of an archive (XEP-0313 §4, §5): an account's by its own sessions, a room's.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/mam/page.h"

struct query {
	struct page page;
	struct str queryid; /* absent: none */
	bool flip;          /* the page is sent in reverse order (§4.3.4) */
};

/*
 * What the event's <query/> asks for.  False: it has been answered with an error.
 */
MUST_CHECK bool query_read(struct event *ev, const struct archive *archive,
                           const struct mam_conf *conf, struct query *q);
/* The form of all fields (§4.1.6), in ARENA. */
struct xml_node *query_form(struct arena *arena, const struct mam_conf *conf);

/* Handlers: <query/> got and set, <metadata/> got. */
int answer_form(struct mod *m, struct event *ev);
int answer_query(struct mod *m, struct event *ev);
int answer_metadata(struct mod *m, struct event *ev);
/* Of HOOK_SENT: what asks for another archive. */
int answer_elsewhere(struct mod *m, struct event *ev);
