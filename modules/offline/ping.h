/*
 * ping.h - pings of the host's own (XEP-0199) behind what a client is sent.  It has to answer
 * (RFC 6120 §8.2.3), be it with an error, and does so in order: the answer proves that it has what
 * the id speaks of.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/module.h"

/* Behind a part of what is stored, up to that number. */
struct str ping_id_of_part(struct arena *arena, uint64_t upto);
/* Behind a page of the archive. */
struct str ping_id_of_page(struct arena *arena, uint64_t first, uint64_t last);
/* ERR_INVALID: it is none of the latter. */
MUST_CHECK int ping_read_page(struct str id, uint64_t *first_out, uint64_t *last_out);

void ping_send(struct event *ev, struct session *to, struct str id);
/* Is ev's stanza an answer to the host? */
bool ping_is_answer(const struct event *ev);
