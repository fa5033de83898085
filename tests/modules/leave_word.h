/*
 * leave_word.h - Romeo writes to Juliet, who is not there: for the tests of stored messages.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/modules/ask.h"

#define BARE "juliet@a.example"
#define BODY "<body>hi</body>"
#define COMPOSING "<composing xmlns='" NS_CHAT_STATES "'/>"

static struct world *w;
static struct client *romeo;

static inline void begin(const char *host)
{
	w = ask_world(host);
	world_account(w, BARE, "secret");
	romeo = client_login(w, "romeo@a.example/orchard");
}

static inline void end(void)
{
	client_drop(&romeo);
	world_free(&w);
}

/* Juliet's account has handled all that Romeo sent it; nothing else came back. */
static inline void settle(void)
{
	unsigned fence = ++w->fences;

	client_printf(romeo,
	              "<iq type='get' id='f%u' to='" BARE "/none'><q xmlns='urn:q'/></iq>",
	              fence);
	client_expectf(romeo, "<iq type='error' id='f%u'/>", fence);
}

/* Romeo sends messages numbered FROM to TO - 1. */
static inline void say(int from, int to)
{
	for (int i = from; i < to; i++)
		client_printf(romeo,
		              "<message id='m%d' type='chat' to='" BARE "'>" BODY "</message>",
		              i);
}

static inline void expect_stored(struct client *c, int from, int to)
{
	for (int i = from; i < to; i++)
		client_expectf(c,
		               "<message id='m%d' type='chat' from='romeo@a.example/orchard' "
		               "to='" BARE "'>" BODY "<delay xmlns='" NS_DELAY
		               "' from='a.example' stamp='*'/></message>",
		               i);
}

static inline void expect_live(struct client *c, int i)
{
	const struct xml_node *m = client_expectf(c, "<message id='m%d'/>", i);

	ck_assert_ptr_null(xml_child(m, NS_DELAY, "delay"));
}

/* The id of the ping that comes now. */
static inline const char *expect_ping(struct client *c)
{
	const struct xml_node *ping = client_expectf(
		c,
		"<iq type='get' id='*' from='a.example' to='%s'><ping xmlns='" NS_PING
		"'/></iq>",
		c->jid);

	return arena_copy(w->arena, xml_attr(ping, "id")).p;
}

static inline void answer(struct client *c, const char *id)
{
	client_printf(c, "<iq type='result' id='%s' to='a.example'/>", id);
}

static inline struct client *online(const char *resource, int priority)
{
	return client_online(w, arena_printf(w->arena, BARE "/%s", resource).p, priority);
}

/* Nothing is stored any more. */
static inline void expect_empty(void)
{
	struct client *c = online("empty", 0);

	client_settle(c);
	client_close(&c);
}
