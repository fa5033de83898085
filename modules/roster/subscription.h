/*
 * subscription.h - the states of a subscription and what changes them (RFC 6121 appendix A).
 *
 * The four flags of struct subscription make the nine states of §A.1, less the pre-approval,
 * which stands beside them.  Both functions change the flags and say what follows from it.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/roster/roster.h"

enum subscription_action {
	SUBSCRIPTION_ROUTE = 1 << 0,   /* out: to the contact; in: to the account's sessions */
	SUBSCRIPTION_CHANGED = 1 << 1, /* what is stored, and shown to interested sessions */
	SUBSCRIPTION_SHOW = 1 << 2,    /* the contact may see the account from now on */
	SUBSCRIPTION_HIDE = 1 << 3,    /* and no more */
	SUBSCRIPTION_GRANT = 1 << 4,   /* answer with subscribed, nobody need be asked */
	SUBSCRIPTION_DECLINE = 1 << 5, /* answer with unsubscribe: nobody asked for it */
};

/* The account's user sent TYPE (subscribe to unsubscribed) to the contact: §A.2. */
unsigned subscription_out(struct subscription *s, enum stanza_type type);
/* The contact sent TYPE to the account: §A.3. */
unsigned subscription_in(struct subscription *s, enum stanza_type type);
/* "none", "to", "from" or "both" (§2.1.2.5). */
struct str subscription_name(const struct subscription *s);
