/*
 * item.h - contacts as they are stored.
 *
 * Space "roster", version 1:  the contact's JID -> its text, subscription, roster version of the
 * last change, name, groups.
 * Space "roster-state", version 1, one record:  version of the roster, version of the last
 * removal, number of contacts.
 * Space "subscription-request", version 1:  the bare JID of who asked -> the stanza, as XML, to
 * be shown at each login until it is answered.  It alone makes the state "pending in": who
 * asked is in nobody's roster for that (RFC 6121 §3.1.3).
 * Space "roster-introduced", version 1, one record:  is there when the others of shared groups
 * have been told of the account (shared.h).
 * Space "subscription-owed", version 1:  the bare JID of a contact -> its text, the server's
 * start in which it was told last, and of what (owed.h).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/roster/roster.h"

extern const struct store_space roster_space, roster_state_space, roster_request_space,
	roster_introduced_space, roster_owed_space;

struct roster_state {
	uint64_t version; /* counts changes */
	uint64_t removed; /* the version that the last removal made */
	uint64_t count;   /* contacts */
};
MUST_CHECK int roster_state_read(struct event *ev, struct roster_state *state_out);

/*
 * The contact JID with all of its state, from its request too; *listed_out: is it in the roster?
 * If not, ITEM is a blank one.
 */
MUST_CHECK int item_load(struct event *ev, struct jid jid, struct roster_item *item_out,
                         bool *listed_out);
/*
 * Store ITEM under the roster's next version, which it gets; LISTED as item_load said.  ERR_FULL
 * when there are MAX contacts already.
 */
MUST_CHECK int item_put(struct event *ev, struct roster_item *item, bool listed, int64_t max);
MUST_CHECK int item_remove(struct event *ev, struct roster_item *item);

/* Each contact in turn, with strings that live as long as the event; until FN returns other than 0. */
MUST_CHECK int items_each(struct event *ev, roster_fn *fn, void *arg);

/* The key of a JID in any of the spaces. */
struct str item_key(struct event *ev, struct jid jid);
