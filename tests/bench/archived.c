/*
 * archived.c - whether what was sent is in the archives (XEP-0313), lest something else be measured.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/bench/archived.h"

#include <string.h>

#define WAIT_SECONDS 5.0
#define STEP 0.01

/* The last page, of one (XEP-0059 §2.5). */
static const char query[] =
	"<iq type='set' id='archive'><query xmlns='urn:xmpp:mam:2'>"
	"<set xmlns='http://jabber.org/protocol/rsm'><max>1</max><before/></set>"
	"</query></iq>";

/* What comes is a message with the archived one in it, whose body is looked at. */
static void on_message(struct client *c, uint32_t number, void *ctx)
{
	unsigned *found = ctx;

	(void)c;
	(void)number;
	(*found)++;
}

static const struct fleet_events fleet_events = { .on_message = on_message };

unsigned archive_count(struct fleet *f, unsigned first, unsigned count)
{
	unsigned found = 0;

	f->events = &fleet_events;
	f->events_ctx = &found;
	for (unsigned i = 0; i < count; i++)
		client_queue_stanza(&f->clients[first + i], query, strlen(query));
	net_flush(&f->net);
	for (double waited = 0; found < count && waited < WAIT_SECONDS; waited += STEP)
		fleet_wait(f, STEP);
	f->events = NULL;
	return found;
}
