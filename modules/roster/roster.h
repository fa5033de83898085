/*
 * roster.h - what other modules may ask of an account's contacts (RFC 6121 §2 to §4).
 *
 * All at the account's own entity, in one of its events.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/module.h"

/* The subscription between the account and a contact (RFC 6121 §2.1.2.5, appendix A). */
struct subscription {
	bool to, from; /* the account sees the contact; the contact sees the account */
	bool ask;      /* pending out: the account asked to see the contact */
	bool asked;    /* pending in: the contact asked to see the account */
	bool approved; /* in advance (§3.4) */
};

/* A contact; strings are borrowed from the event's arena. */
struct roster_item {
	struct jid jid;  /* mostly bare */
	struct str name; /* absent when none was given */
	struct str *groups;
	size_t n_groups;
	struct subscription subscription;
	uint64_t version; /* of the roster, when it last changed */
};

/* The contact JID, compared as it is; 0, ERR_NOENT when it is not in the roster, ERR_CORRUPT. */
MUST_CHECK int roster_find(struct event *ev, struct jid jid, struct roster_item *item_out);
/*
 * Each contact in turn, with strings that live as long as the event; until FN returns other than
 * 0, which is what is returned.  FN writes nothing.
 */
typedef int roster_fn(void *arg, const struct roster_item *item);
MUST_CHECK int roster_each(struct event *ev, roster_fn *fn, void *arg);
/* 1 when the bare JID of WHO may see the account's presence, itself included; 0; an error. */
MUST_CHECK int roster_may_see(struct event *ev, struct jid who);
/*
 * Send WHO the presence of each available session, or that each has become unavailable, as if
 * the subscription began or ended now.
 */
void roster_show(struct event *ev, struct jid who);
void roster_hide(struct event *ev, struct jid who);
/* Ask for the presence of WHO (§4.3), as at the beginning of a session. */
void roster_probe(struct event *ev, struct jid who);
