/*
 * private.h - messages for accounts where nobody is there to read them (XEP-0160).
 *
 *     HOOK_UNDELIVERED ─▶ stored (box.h), as a reference where the archive has the message
 *     a session becomes available, priority ≥ 0 ─▶ a part of them, in order, and a ping behind it (delivery.h)
 *     its answer ─▶ that part is deleted, the next one goes out
 *
 * A client that asks for numbers, headers or single messages gets none unasked (flexible.c,
 * XEP-0013), and one that reads the archive none that is there (reading.h, XEP-0313 §6.1.1).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/offline/offline.h"

struct offline_conf {
	int64_t max_messages; /* of an account */
	int64_t max_bytes;    /* of all their records */
	int64_t answer_timeout;
};

/* Of a host on a shard. */
struct offline_state {
	uint64_t counts;          /* of boxes */
	struct mod_rates *asking; /* bulk requests by account */
};

/* What a session that reads the archive need not be handed (reading.h). */
struct reading {
	bool follows; /* it began to read before it was there to take messages */
	bool saw_end; /* of the archive, whose last id was END then; 0: it was empty */
	uint64_t end;
	uint64_t below; /* if it did not: the number of the first that came since it is there */
};

/* At each session. */
struct offline_session {
	bool flexible; /* it chooses for itself: XEP-0013 §2.2 */
	bool present;  /* available with a priority of 0 or more, as of its last presence */
	/* offline_box.count, when nothing was stored that it has to have before what comes now; or 0 */
	uint64_t caught_up;
	/* it was handed a part: the answer to its ping says that all up to here arrived; 0: none */
	uint64_t upto;
	int64_t asked_ms; /* when the ping was sent */
	bool unsure;      /* it was handed that part as one that is not managed */
	/* events of their own that hand out (delivery.c): of those that failed, and the next */
	unsigned failures;
	int64_t look_ms;
	struct reading reading;
};

static inline struct offline_session *offline_session_of(struct mod *m, struct session *s)
{
	return mod_session_state(m, s);
}

/* ---- which messages are stored (hints.c) ---- */

/* ev's message with its content as a tree; NULL: it cannot be read. */
const struct stanza *hints_tree(struct event *ev);
/* XEP-0160 §3, XEP-0334 §4: is ev's message worth keeping until somebody comes? */
bool hints_storable(struct event *ev);

/* ---- delay notations (delay.c) ---- */

/*
 * As a handler of HOOK_SENT: what a client says of delays at the receiver's own server is not
 * true (XEP-0203 §5).
 */
int delay_strip(struct mod *m, struct event *ev);

/* ---- retrieval (flexible.c) ---- */

int flexible_info(struct mod *m, struct event *ev);
int flexible_items(struct mod *m, struct event *ev);
int flexible_get(struct mod *m, struct event *ev);
int flexible_set(struct mod *m, struct event *ev);
