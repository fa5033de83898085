/*
 * login.c - the way of an XMPP client from a bare connection to an available session.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/bench/login.h"

#include <stdlib.h>
#include <string.h>

#define NS_TLS "urn:ietf:params:xml:ns:xmpp-tls"
#define NS_SASL "urn:ietf:params:xml:ns:xmpp-sasl"
#define NS_BIND "urn:ietf:params:xml:ns:xmpp-bind"
#define EXCERPT 200 /* bytes of a surprising stanza that the reason shows */

/* A piece of a stanza. */
struct piece {
	const char *p;
	size_t n;
};

static bool has(struct piece in, const char *text)
{
	return memmem(in.p, in.n, text, strlen(text)) != NULL;
}

/* The text between the first ">" and the "<" after it. */
static struct piece first_text(struct piece in)
{
	const char *open = memchr(in.p, '>', in.n);
	const char *end = in.p + in.n;
	const char *close = open != NULL ? memchr(open, '<', (size_t)(end - open)) : NULL;

	if (close == NULL)
		return (struct piece){ "", 0 };
	return (struct piece){ open + 1, (size_t)(close - open) - 1 };
}

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
	if (!has(got, NS_TLS)) {
		refuse(c, "starttls", got);
		return;
	}
	say(c, "<starttls xmlns='" NS_TLS "'/>");
	c->step = CLIENT_WANTS_PROCEED;
}

static void on_proceed(struct client *c, struct piece got)
{
	if (has(got, "proceed"))
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
	if (has(got, "features")) {
		ask_account(c);
	} else if (has(got, "<conflict") || has(got, "result")) { /* there already, or made */
		c->step = CLIENT_READY;
		c->events->on_ready(c);
	} else {
		refuse(c, "a new account", got);
	}
}

static void on_mechanisms(struct client *c, struct piece got)
{
	struct buf b = { 0 }, user = { 0 };

	if (has(got, ">SCRAM-SHA-256<")) {
		c->mechanism = "SCRAM-SHA-256";
	} else if (has(got, ">SCRAM-SHA-1<")) {
		c->mechanism = "SCRAM-SHA-1";
	} else {
		refuse(c, "SCRAM", got);
		return;
	}
	buf_addf(&user, "%s%u", c->options->users_prefix, c->index);
	buf_add(&user, "", 1);
	c->scram = scram_new(c->mechanism, user.p, c->options->password);
	buf_addf(&b, "<auth xmlns='" NS_SASL "' mechanism='%s'>", c->mechanism);
	scram_first(c->scram, &b);
	buf_add_text(&b, "</auth>");
	buf_deinit(&user);
	say_buf(c, &b);
	c->step = CLIENT_WANTS_CHALLENGE;
}

static void on_challenge(struct client *c, struct piece got)
{
	struct piece text = first_text(got);
	struct buf b = { 0 };

	buf_add_text(&b, "<response xmlns='" NS_SASL "'>");
	if (!has(got, "challenge") || scram_answer(c->scram, text.p, text.n, &b) < 0) {
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
	struct piece text = first_text(got);

	if (!has(got, "success") || scram_verify(c->scram, text.p, text.n) < 0) {
		refuse(c, "success", got);
		return;
	}
	scram_free(c->scram);
	c->scram = NULL;
	login_open_stream(c);
	c->step = CLIENT_WANTS_BIND;
}

static void on_bind_features(struct client *c, struct piece got)
{
	if (!has(got, NS_BIND)) {
		refuse(c, "bind", got);
		return;
	}
	say(c, "<iq type='set' id='bind'><bind xmlns='" NS_BIND "'><resource>" CLIENT_RESOURCE
	       "</resource></bind></iq>");
	c->step = CLIENT_WANTS_JID;
}

static void on_jid(struct client *c, struct piece got)
{
	const char *jid = memmem(got.p, got.n, "<jid>", 5);
	struct piece text;

	if (jid == NULL) {
		refuse(c, "a full JID", got);
		return;
	}
	text = first_text((struct piece){ jid, got.n - (size_t)(jid - got.p) });
	c->jid = buf_strndup(text.p, text.n);
	say(c, "<presence/>");
	c->step = CLIENT_READY;
	c->events->on_ready(c);
}

typedef void step_fn(struct client *c, struct piece got);

static step_fn *const steps[] = {
	[CLIENT_WANTS_TLS] = on_plain_features,
	[CLIENT_WANTS_PROCEED] = on_proceed,
	[CLIENT_WANTS_ACCOUNT] = on_account,
	[CLIENT_WANTS_MECHANISMS] = on_mechanisms,
	[CLIENT_WANTS_CHALLENGE] = on_challenge,
	[CLIENT_WANTS_SUCCESS] = on_success,
	[CLIENT_WANTS_BIND] = on_bind_features,
	[CLIENT_WANTS_JID] = on_jid,
};

void login_take(struct client *c, const char *stanza, size_t n)
{
	struct piece got = { stanza, n };

	if (has(got, "<stream:error"))
		refuse(c, "no stream error", got);
	else if (c->step < CLIENT_READY && steps[c->step] != NULL)
		steps[c->step](c, got);
}
