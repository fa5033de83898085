/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/roster/subscription.h"

/* §A.2.1: routed in every state, as the other side may have lost what this one has. */
static unsigned out_subscribe(struct subscription *s)
{
	if (s->to || s->ask)
		return SUBSCRIPTION_ROUTE;
	s->ask = true;
	return SUBSCRIPTION_ROUTE | SUBSCRIPTION_CHANGED;
}

/* §A.2.2 */
static unsigned out_unsubscribe(struct subscription *s)
{
	if (!s->to && !s->ask)
		return SUBSCRIPTION_ROUTE;
	s->to = s->ask = false;
	return SUBSCRIPTION_ROUTE | SUBSCRIPTION_CHANGED;
}

/* §A.2.3; with nothing to approve it is an approval in advance (§3.4.2). */
static unsigned out_subscribed(struct subscription *s)
{
	if (s->asked) {
		s->asked = s->approved = false;
		s->from = true;
		return SUBSCRIPTION_ROUTE | SUBSCRIPTION_CHANGED | SUBSCRIPTION_SHOW;
	}
	if (s->from || s->approved)
		return 0;
	s->approved = true;
	return SUBSCRIPTION_CHANGED;
}

/* §A.2.4; it takes back an approval in advance too (§3.4.2). */
static unsigned out_unsubscribed(struct subscription *s)
{
	unsigned actions = 0;

	if (s->from)
		actions = SUBSCRIPTION_ROUTE | SUBSCRIPTION_CHANGED | SUBSCRIPTION_HIDE;
	else if (s->asked)
		actions = SUBSCRIPTION_ROUTE | SUBSCRIPTION_CHANGED;
	else if (s->approved)
		actions = SUBSCRIPTION_CHANGED;
	s->from = s->asked = s->approved = false;
	return actions;
}

unsigned subscription_out(struct subscription *s, enum stanza_type type)
{
	switch (type) {
	case TYPE_SUBSCRIBE:
		return out_subscribe(s);
	case TYPE_UNSUBSCRIBE:
		return out_unsubscribe(s);
	case TYPE_SUBSCRIBED:
		return out_subscribed(s);
	default:
		return out_unsubscribed(s);
	}
}

/* §A.3.1; who was granted it already is told so again. */
static unsigned in_subscribe(struct subscription *s)
{
	if (s->from)
		return SUBSCRIPTION_GRANT;
	if (s->approved) {
		s->approved = s->asked = false;
		s->from = true;
		return SUBSCRIPTION_GRANT | SUBSCRIPTION_CHANGED | SUBSCRIPTION_SHOW;
	}
	if (s->asked)
		return 0;
	s->asked = true;
	return SUBSCRIPTION_ROUTE | SUBSCRIPTION_CHANGED;
}

/* §A.3.2 */
static unsigned in_unsubscribe(struct subscription *s)
{
	unsigned actions = 0;

	if (s->from)
		actions = SUBSCRIPTION_ROUTE | SUBSCRIPTION_CHANGED | SUBSCRIPTION_HIDE;
	else if (s->asked)
		actions = SUBSCRIPTION_ROUTE | SUBSCRIPTION_CHANGED;
	s->from = s->asked = false;
	return actions;
}

/*
 * §A.3.3.  What nobody asks for any more was granted before the contact heard of that, or after a
 * crash: it is told again, or it would show its presence to nobody for ever.
 */
static unsigned in_subscribed(struct subscription *s)
{
	if (!s->ask)
		return s->to ? 0 : SUBSCRIPTION_DECLINE;
	s->ask = false;
	s->to = true;
	return SUBSCRIPTION_ROUTE | SUBSCRIPTION_CHANGED;
}

/* §A.3.4 */
static unsigned in_unsubscribed(struct subscription *s)
{
	if (!s->ask && !s->to)
		return 0;
	s->ask = s->to = false;
	return SUBSCRIPTION_ROUTE | SUBSCRIPTION_CHANGED;
}

unsigned subscription_in(struct subscription *s, enum stanza_type type)
{
	switch (type) {
	case TYPE_SUBSCRIBE:
		return in_subscribe(s);
	case TYPE_UNSUBSCRIBE:
		return in_unsubscribe(s);
	case TYPE_SUBSCRIBED:
		return in_subscribed(s);
	default:
		return in_unsubscribed(s);
	}
}

struct str subscription_name(const struct subscription *s)
{
	if (s->to)
		return s->from ? STR("both") : STR("to");
	return s->from ? STR("from") : STR("none");
}
