/*
 * client.h - a client of the server in a world (world.h): sends text, and expects elements.
 *
 * It comes over a pair of local sockets, as a stream that is under TLS already; client_login
 * also skips SASL.  A pattern is an element whose name, attributes, text and children must be
 * there; more may be.  An attribute "*" in the pattern must be there with any value, and one
 * "-" must not be there.  The namespace is jabber:client where the pattern has none.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/buf.h"
#include "tests/lib/world.h"
#include "xml/parser.h"

struct client_element {
	struct client_element *next;
	struct arena *arena;
	struct xml_node *node;
};

struct client {
	struct world *world;
	int fd;
	int patience_ms; /* for what the server says next */
	struct xml_pool *pool;
	struct xml_stream *xml;
	struct buf got;                       /* not yet parsed */
	struct client_element *first, **last; /* parsed, not yet expected */
	struct client_element *shown;         /* what client_next returned last */
	const char *jid;                      /* full, once bound */
	bool managed;     /* client_manage: the server's <r/> is read over */
	unsigned stanzas; /* that were shown since then */
	bool ended;       /* the server's end tag, or the connection's end */
};

struct client_options {
	const char *host;    /* to log in at; NULL: a.example */
	const char *address; /* that limits go by; NULL: that of local sockets */
	unsigned shard;      /* that accepts it */
};
/* A stream that has the features before authentication. */
struct client *client_open(struct world *w, const struct client_options *options);
/* A bound session of the account, in its resource if FULL has one. */
struct client *client_login(struct world *w, const char *full);
/*
 * The same, available with that priority; the world's modules must answer presence with itself.
 */
struct client *client_online(struct world *w, const char *full, int priority);
/* Authenticated as BARE and not bound: features were read. */
struct client *client_enter(struct world *w, const char *bare);
/* Stream management with resumption (XEP-0198); the name of the stream.  ATTRS: more, or "". */
const char *client_manage(struct client *c, const char *attrs);
/*
 * Another connection for the session FULL, whose client has so many stanzas of the stream.  The
 * server may not have noticed yet that the old one is gone.
 */
struct client *client_resume(struct world *w, const char *full, const char *id, unsigned has);
/* Close the stream and wait for the server's end of it. */
void client_close(struct client **c);
/* The connection is just gone. */
void client_drop(struct client **c);

void client_send(struct client *c, const char *xml);
void client_printf(struct client *c, const char *format, ...) PRINTF_LIKE(2, 3);
/* A new header after SASL; reads the server's and the features, which are returned. */
const struct xml_node *client_restart(struct client *c);
/* The next element; it lives until the next call. */
const struct xml_node *client_next(struct client *c);
/* The same; NULL when the stream has ended. */
const struct xml_node *client_next_or_end(struct client *c);
/* The next element, which is as the pattern says. */
const struct xml_node *client_expect(struct client *c, const char *pattern);
const struct xml_node *client_expectf(struct client *c, const char *format, ...)
	PRINTF_LIKE(2, 3);
/* Does NODE have all that the pattern says? */
bool client_matches(struct arena *arena, const struct xml_node *node, const char *pattern);
/*
 * Nothing has come for C of what was sent before by FROM (which may be C itself): a message
 * from FROM to C, sent now, is the next that C gets.
 */
void client_expect_nothing(struct client *c, struct client *from);
/* All that C sent so far has been handled at its account. */
void client_settle(struct client *c);
/* A stream error of that condition and the end of the stream; NULL: the end without error. */
void client_expect_end(struct client *c, const char *condition);
/* PLAIN with that password: true when the server says success; the stream is restarted then. */
bool client_authenticate(struct client *c, const char *user, const char *password);
