/*
 * login.c - the way of an XMPP client from a bare connection to an available session.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/bench/login.h"
#include "tests/bench/contacts.h"

#include <stdlib.h>
#include <string.h>

#define NS_TLS "urn:ietf:params:xml:ns:xmpp-tls"
#define NS_SASL "urn:ietf:params:xml:ns:xmpp-sasl"
#define NS_BIND "urn:ietf:params:xml:ns:xmpp-bind"
#define NS_ROSTER "jabber:iq:roster"
#define NS_CARBONS "urn:xmpp:carbons:2"
#define PRESENCE "<presence/>"
#define EXCERPT 200 /* bytes of a surprising stanza that the reason shows */

static void refuse(struct client *c, const char *wanted, struct piece got)
{
	client_fail(c, "%s wanted, got %.*s", wanted, (int)(got.n < EXCERPT ? got.n : EXCERPT),
	            got.p);
}

static void say(struct client *c, const char *text)
{
	link_queue(&c->link, text, strlen(text));
}

static void say_buf(struct client *c, struct buf *b)
{
	link_queue(&c->link, b->p, b->n);
	buf_deinit(b);
}

void login_open_stream(struct client *c)
{
	struct buf b = { 0 };

	scan_restart(&c->scan);
	buf_addf(&b,
	         "<?xml version='1.0'?><stream:stream to='%s' version='1.0' xml:lang='en' "
	         "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>",
	         c->options->domain);
	say_buf(c, &b);
	if (c->link.state == LINK_PLAIN)
		c->step = CLIENT_WANTS_TLS;
	else if (c->purpose == CLIENT_REGISTER)
		c->step = CLIENT_WANTS_ACCOUNT;
	else
		c->step = CLIENT_WANTS_MECHANISMS;
}

static void on_plain_features(struct client *c, struct piece got)
{
	if (!piece_has(got, NS_TLS)) {
		refuse(c, "starttls", got);
		return;
	}
	say(c, "<starttls xmlns='" NS_TLS "'/>");
	c->step = CLIENT_WANTS_PROCEED;
}

static void on_proceed(struct client *c, struct piece got)
{
	if (piece_has(got, "proceed"))
		link_start_tls(&c->link);
	else
		refuse(c, "proceed", got);
}

static void ask_account(struct client *c)
{
	struct buf b = { 0 };

	buf_addf(&b,
	         "<iq type='set' id='reg'><query xmlns='jabber:iq:register'>"
	         "<username>%s%u</username>"
	         "<password>%s</password></query></iq>",
	         c->options->users_prefix, c->index, c->options->password);
	say_buf(c, &b);
}

/* The features come first, then the answer to the request for an account. */
static void on_account(struct client *c, struct piece got)
{
	if (piece_has(got, "features")) {
		ask_account(c);
	} else if (piece_has(got, "<conflict") ||
	           piece_has(got, "result")) { /* there already, or made */
		c->step = CLIENT_READY;
		c->events->on_ready(c);
	} else {
		refuse(c, "a new account", got);
	}
}

static void on_mechanisms(struct client *c, struct piece got)
{
	struct buf b = { 0 }, user = { 0 };

	if (piece_has(got, ">SCRAM-SHA-256<")) {
		c->mechanism = "SCRAM-SHA-256";
	} else if (piece_has(got, ">SCRAM-SHA-1<")) {
		c->mechanism = "SCRAM-SHA-1";
	} else {
		refuse(c, "SCRAM", got);
		return;
	}
	buf_addf(&user, "%s%u", c->options->users_prefix, c->index);
	buf_add(&user, "", 1);
	c->scram = scram_new(c->mechanism, user.p, c->options->password, &c->secret);
	buf_addf(&b, "<auth xmlns='" NS_SASL "' mechanism='%s'>", c->mechanism);
	scram_first(c->scram, &b);
	buf_add_text(&b, "</auth>");
	buf_deinit(&user);
	say_buf(c, &b);
	c->step = CLIENT_WANTS_CHALLENGE;
}

static void on_challenge(struct client *c, struct piece got)
{
	struct piece text = piece_text(got);
	struct buf b = { 0 };

	buf_add_text(&b, "<response xmlns='" NS_SASL "'>");
	if (!piece_has(got, "challenge") || scram_answer(c->scram, text.p, text.n, &b) < 0) {
		refuse(c, "a SCRAM challenge", got);
		buf_deinit(&b);
		return;
	}
	buf_add_text(&b, "</response>");
	say_buf(c, &b);
	c->step = CLIENT_WANTS_SUCCESS;
}

static void on_success(struct client *c, struct piece got)
{
	struct piece text = piece_text(got);

	if (!piece_has(got, "success") || scram_verify(c->scram, text.p, text.n) < 0) {
		refuse(c, "success", got);
		return;
	}
	scram_free(c->scram);
	c->scram = NULL;
	login_open_stream(c);
	c->step = CLIENT_WANTS_BIND;
}

static void ask_bind(struct client *c)
{
	say(c, "<iq type='set' id='bind'><bind xmlns='" NS_BIND "'><resource>" CLIENT_RESOURCE
	       "</resource></bind></iq>");
	c->step = CLIENT_WANTS_JID;
}

static void ask_resumption(struct client *c)
{
	struct buf b = { 0 };

	sm_resume(&c->sm, &b);
	say_buf(c, &b);
	c->step = CLIENT_WANTS_RESUMED;
}

static void on_bind_features(struct client *c, struct piece got)
{
	if (!piece_has(got, NS_BIND))
		refuse(c, "bind", got);
	else if (c->options->sm && !piece_has(got, NS_SM))
		refuse(c, "stream management", got);
	else if (c->purpose == CLIENT_RESUME && c->sm.id != NULL)
		ask_resumption(c);
	else
		ask_bind(c);
}

/* XEP-0198 §5: a client whose stream is not known any more may bind on the same connection. */
static void on_resumed(struct client *c, struct piece got)
{
	if (piece_starts(got, "<failed")) {
		ask_bind(c);
	} else if (!piece_starts(got, "<resumed") || !sm_resumed(&c->sm, got)) {
		refuse(c, "the old stream with a count that can be", got);
	} else {
		c->sm.is_on = true;
		c->is_resumed = true;
		c->step = CLIENT_READY;
		c->events->on_ready(c);
	}
}

/* The presence goes in the same write as the request before it, and is counted. */
static void enable(struct client *c)
{
	sm_deinit(&c->sm);
	say(c, SM_ENABLE);
	if (c->options->until == UNTIL_AVAILABLE) {
		say(c, PRESENCE);
		c->sm.sent++;
	}
	c->step = CLIENT_WANTS_ENABLED;
}

static void on_enabled(struct client *c, struct piece got)
{
	if (piece_starts(got, "<presence") || piece_starts(got, "<message") ||
	    piece_starts(got, "<iq"))
		return; /* sent before, and counted by nobody */
	if (!piece_starts(got, "<enabled")) {
		refuse(c, "stream management enabled", got);
		return;
	}
	sm_enabled(&c->sm, got);
	c->step = CLIENT_READY;
	c->events->on_ready(c);
}

/* The first lines of a client that has contacts, in one write: roster and carbons (XEP-0280 §4). */
static void ask_settings(struct client *c)
{
	say(c, "<iq type='get' id='roster'><query xmlns='" NS_ROSTER "'/></iq>"
	       "<iq type='set' id='carbons'><enable xmlns='" NS_CARBONS "'/></iq>");
	c->answers_due = 2;
	c->step = CLIENT_WANTS_SETTINGS;
}

static void on_jid(struct client *c, struct piece got)
{
	struct piece text = piece_text_of(got, "<jid>");

	if (text.n == 0) {
		refuse(c, "a full JID", got);
		return;
	}
	free(c->jid);
	c->jid = buf_strndup(text.p, text.n);
	if (c->options->until == UNTIL_SETTLED) {
		ask_settings(c);
		return;
	}
	if (c->options->sm) {
		enable(c);
		return;
	}
	if (c->options->until == UNTIL_AVAILABLE)
		say(c, PRESENCE);
	c->step = CLIENT_READY;
	c->events->on_ready(c);
}

/* A run with other contacts than it says would be another run. */
static bool has_contacts(const struct client *c, struct piece roster)
{
	unsigned both = piece_count(roster, "subscription='both'") +
	                piece_count(roster, "subscription=\"both\"");

	return c->options->mode == MODE_BEFRIEND ||
	       both == contacts_count(c->options, c->index);
}

/* Available only when the roster is there, so that everybody in a presence is known by name. */
static void on_settings(struct client *c, struct piece got)
{
	bool roster = piece_is(piece_attribute(got, "id"), "roster");

	if (!roster && !piece_is(piece_attribute(got, "id"), "carbons"))
		return; /* from some contact, or a question of the server's */
	if (!piece_is(piece_attribute(got, "type"), "result")) {
		refuse(c, roster ? "a roster" : "carbons", got);
	} else if (roster && !has_contacts(c, got)) {
		refuse(c, "a roster with all contacts", got);
	} else if (--c->answers_due == 0) {
		client_send_presence(c, 0);
		c->step = CLIENT_WANTS_PRESENCE;
	}
}

/* RFC 6121 §4.2.2: the new session gets its own presence as well. */
static void on_presence(struct client *c, struct piece got)
{
	if (!piece_starts(got, "<presence") || !piece_is(piece_attribute(got, "from"), c->jid))
		return;
	c->step = CLIENT_READY;
	c->events->on_ready(c);
}

typedef void step_fn(struct client *c, struct piece got);

static step_fn *const steps[] = {
	[CLIENT_WANTS_TLS] = on_plain_features,  [CLIENT_WANTS_PROCEED] = on_proceed,
	[CLIENT_WANTS_ACCOUNT] = on_account,     [CLIENT_WANTS_MECHANISMS] = on_mechanisms,
	[CLIENT_WANTS_CHALLENGE] = on_challenge, [CLIENT_WANTS_SUCCESS] = on_success,
	[CLIENT_WANTS_BIND] = on_bind_features,  [CLIENT_WANTS_JID] = on_jid,
	[CLIENT_WANTS_SETTINGS] = on_settings,   [CLIENT_WANTS_PRESENCE] = on_presence,
	[CLIENT_WANTS_RESUMED] = on_resumed,     [CLIENT_WANTS_ENABLED] = on_enabled,
};

void login_take(struct client *c, struct piece got)
{
	if (piece_starts(got, "<stream:error"))
		refuse(c, "no stream error", got);
	else if (c->step < CLIENT_READY && steps[c->step] != NULL)
		steps[c->step](c, got);
}
