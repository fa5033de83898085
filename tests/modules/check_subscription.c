/*
 * check_subscription.c - every row of RFC 6121 appendix A: all states, all stanzas, both
 * directions; and pre-approval (§3.4).
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/roster/subscription.h"
#include "tests/lib/check_main.h"

enum state { /* §A.1 */
	     NONE,
	     NONE_OUT,
	     NONE_IN,
	     NONE_OUT_IN,
	     TO,
	     TO_IN,
	     FROM,
	     FROM_OUT,
	     BOTH,
	     STATES,
};

static const struct subscription states[] = {
	[NONE] = { .to = false },
	[NONE_OUT] = { .ask = true },
	[NONE_IN] = { .asked = true },
	[NONE_OUT_IN] = { .ask = true, .asked = true },
	[TO] = { .to = true },
	[TO_IN] = { .to = true, .asked = true },
	[FROM] = { .from = true },
	[FROM_OUT] = { .from = true, .ask = true },
	[BOTH] = { .to = true, .from = true },
};

/* What becomes of each state, and is the stanza passed on? */
struct row {
	enum state becomes;
	bool passed;
};
struct table {
	const char *name;
	enum stanza_type type;
	struct row rows[STATES];
};

static const struct table outbound[] = {
	{ "A.2.1",
	  TYPE_SUBSCRIBE,
	  { [NONE] = { NONE_OUT, true },
	    [NONE_OUT] = { NONE_OUT, true },
	    [NONE_IN] = { NONE_OUT_IN, true },
	    [NONE_OUT_IN] = { NONE_OUT_IN, true },
	    [TO] = { TO, true },
	    [TO_IN] = { TO_IN, true },
	    [FROM] = { FROM_OUT, true },
	    [FROM_OUT] = { FROM_OUT, true },
	    [BOTH] = { BOTH, true } } },
	{ "A.2.2",
	  TYPE_UNSUBSCRIBE,
	  { [NONE] = { NONE, true },
	    [NONE_OUT] = { NONE, true },
	    [NONE_IN] = { NONE_IN, true },
	    [NONE_OUT_IN] = { NONE_IN, true },
	    [TO] = { NONE, true },
	    [TO_IN] = { NONE_IN, true },
	    [FROM] = { FROM, true },
	    [FROM_OUT] = { FROM, true },
	    [BOTH] = { FROM, true } } },
	{ "A.2.3",
	  TYPE_SUBSCRIBED,
	  { [NONE] = { NONE, false },
	    [NONE_OUT] = { NONE_OUT, false },
	    [NONE_IN] = { FROM, true },
	    [NONE_OUT_IN] = { FROM_OUT, true },
	    [TO] = { TO, false },
	    [TO_IN] = { BOTH, true },
	    [FROM] = { FROM, false },
	    [FROM_OUT] = { FROM_OUT, false },
	    [BOTH] = { BOTH, false } } },
	{ "A.2.4",
	  TYPE_UNSUBSCRIBED,
	  { [NONE] = { NONE, false },
	    [NONE_OUT] = { NONE_OUT, false },
	    [NONE_IN] = { NONE, true },
	    [NONE_OUT_IN] = { NONE_OUT, true },
	    [TO] = { TO, false },
	    [TO_IN] = { TO, true },
	    [FROM] = { NONE, true },
	    [FROM_OUT] = { NONE_OUT, true },
	    [BOTH] = { TO, true } } },
};

static const struct table inbound[] = {
	{ "A.3.1",
	  TYPE_SUBSCRIBE,
	  { [NONE] = { NONE_IN, true },
	    [NONE_OUT] = { NONE_OUT_IN, true },
	    [NONE_IN] = { NONE_IN, false },
	    [NONE_OUT_IN] = { NONE_OUT_IN, false },
	    [TO] = { TO_IN, true },
	    [TO_IN] = { TO_IN, false },
	    [FROM] = { FROM, false },
	    [FROM_OUT] = { FROM_OUT, false },
	    [BOTH] = { BOTH, false } } },
	{ "A.3.2",
	  TYPE_UNSUBSCRIBE,
	  { [NONE] = { NONE, false },
	    [NONE_OUT] = { NONE_OUT, false },
	    [NONE_IN] = { NONE, true },
	    [NONE_OUT_IN] = { NONE_OUT, true },
	    [TO] = { TO, false },
	    [TO_IN] = { TO, true },
	    [FROM] = { NONE, true },
	    [FROM_OUT] = { NONE_OUT, true },
	    [BOTH] = { TO, true } } },
	{ "A.3.3",
	  TYPE_SUBSCRIBED,
	  { [NONE] = { NONE, false },
	    [NONE_OUT] = { TO, true },
	    [NONE_IN] = { NONE_IN, false },
	    [NONE_OUT_IN] = { TO_IN, true },
	    [TO] = { TO, false },
	    [TO_IN] = { TO_IN, false },
	    [FROM] = { FROM, false },
	    [FROM_OUT] = { BOTH, true },
	    [BOTH] = { BOTH, false } } },
	{ "A.3.4",
	  TYPE_UNSUBSCRIBED,
	  { [NONE] = { NONE, false },
	    [NONE_OUT] = { NONE, true },
	    [NONE_IN] = { NONE_IN, false },
	    [NONE_OUT_IN] = { NONE_IN, true },
	    [TO] = { NONE, true },
	    [TO_IN] = { NONE_IN, true },
	    [FROM] = { FROM, false },
	    [FROM_OUT] = { FROM, true },
	    [BOTH] = { FROM, true } } },
};

static enum state state_of(const struct subscription *s)
{
	for (int i = 0; i < STATES; i++)
		if (s->to == states[i].to && s->from == states[i].from &&
		    s->ask == states[i].ask && s->asked == states[i].asked)
			return (enum state)i;
	return STATES;
}

static void check_table(const struct table *t,
                        unsigned (*step)(struct subscription *, enum stanza_type))
{
	for (int i = 0; i < STATES; i++) {
		struct subscription s = states[i];
		unsigned actions = step(&s, t->type);
		bool approved_ahead = s.approved;

		s.approved = false;
		ck_assert_msg(state_of(&s) == t->rows[i].becomes, "%s row %d", t->name, i);
		ck_assert_msg(((actions & SUBSCRIPTION_ROUTE) != 0) == t->rows[i].passed,
		              "%s row %d: passed on?", t->name, i);
		ck_assert_msg(((actions & SUBSCRIPTION_CHANGED) != 0) ==
		                      (t->rows[i].becomes != (enum state)i || approved_ahead),
		              "%s row %d: changed?", t->name, i);
		ck_assert_msg(((actions & SUBSCRIPTION_SHOW) != 0) ==
		                      (s.from && !states[i].from),
		              "%s row %d: shown?", t->name, i);
		ck_assert_msg(((actions & SUBSCRIPTION_HIDE) != 0) ==
		                      (!s.from && states[i].from),
		              "%s row %d: hidden?", t->name, i);
	}
}

START_TEST(what_the_user_sends_does_what_appendix_a_2_says)
{
	for (size_t i = 0; i < ARRAY_LEN(outbound); i++)
		check_table(&outbound[i], subscription_out);
}
END_TEST

START_TEST(what_the_contact_sends_does_what_appendix_a_3_says)
{
	for (size_t i = 0; i < ARRAY_LEN(inbound); i++)
		check_table(&inbound[i], subscription_in);
}
END_TEST

START_TEST(a_request_is_granted_at_once_where_it_was_approved_or_granted_before)
{
	for (int i = 0; i < STATES; i++) {
		struct subscription s = states[i];
		unsigned actions = subscription_in(&s, TYPE_SUBSCRIBE);

		ck_assert_int_eq((actions & SUBSCRIPTION_GRANT) != 0, states[i].from);
	}
	for (enum state i = NONE; i <= TO; i++) {
		struct subscription s = states[i];
		unsigned actions;

		if (s.asked)
			continue;
		ck_assert_uint_eq(subscription_out(&s, TYPE_SUBSCRIBED), SUBSCRIPTION_CHANGED);
		ck_assert(s.approved);
		ck_assert_uint_eq(subscription_out(&s, TYPE_SUBSCRIBED), 0);
		actions = subscription_in(&s, TYPE_SUBSCRIBE);
		ck_assert_uint_eq(actions, SUBSCRIPTION_GRANT | SUBSCRIPTION_CHANGED |
		                                   SUBSCRIPTION_SHOW);
		ck_assert(s.from && !s.asked && !s.approved);
		ck_assert(s.to == states[i].to && s.ask == states[i].ask);
	}
}
END_TEST

START_TEST(a_grant_that_nobody_asks_for_is_declined)
{
	for (int i = 0; i < STATES; i++) {
		struct subscription s = states[i];
		unsigned actions = subscription_in(&s, TYPE_SUBSCRIBED);

		ck_assert_int_eq((actions & SUBSCRIPTION_DECLINE) != 0,
		                 !states[i].ask && !states[i].to);
	}
}
END_TEST

START_TEST(an_approval_in_advance_can_be_taken_back)
{
	struct subscription s = { .to = true };

	subscription_out(&s, TYPE_SUBSCRIBED);
	ck_assert_uint_eq(subscription_out(&s, TYPE_UNSUBSCRIBED), SUBSCRIPTION_CHANGED);
	ck_assert(!s.approved);
	ck_assert_uint_eq(subscription_in(&s, TYPE_SUBSCRIBE),
	                  SUBSCRIPTION_ROUTE | SUBSCRIPTION_CHANGED);
	ck_assert(s.asked);
}
END_TEST

START_TEST(a_subscription_has_its_name)
{
	static const char *const names[] = { "none", "none", "none", "none", "to",
		                             "to",   "from", "from", "both" };

	for (int i = 0; i < STATES; i++)
		ck_assert(str_is(subscription_name(&states[i]), names[i]));
}
END_TEST

CHECK_MAIN("subscription", what_the_user_sends_does_what_appendix_a_2_says,
           what_the_contact_sends_does_what_appendix_a_3_says,
           a_request_is_granted_at_once_where_it_was_approved_or_granted_before,
           a_grant_that_nobody_asks_for_is_declined, an_approval_in_advance_can_be_taken_back,
           a_subscription_has_its_name)
