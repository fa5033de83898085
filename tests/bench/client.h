/*
 * client.h - one client: its connection, its login, and the messages that it sends and gets.
 *
 * A client speaks XMPP (RFC 6120, RFC 6121; direct TLS by XEP-0368; registration by XEP-0077)
 * or the relay's raw frames.  The login goes as far as the options say.  Each message bears its
 * number, counted by its sender, in the first eight bytes of its body or frame, so that whoever
 * gets it can tell that none was lost or overtaken; a presence has its number in its status.
 * With stream management (XEP-0198) it counts stanzas and answers each request at once.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "tests/bench/link.h"
#include "tests/bench/options.h"
#include "tests/bench/piece.h"
#include "tests/bench/scan.h"
#include "tests/bench/scram.h"
#include "tests/bench/sm.h"

#include <stdint.h>

#define CLIENT_NUMBER_SIZE 8    /* decimal digits of a message's number */
#define CLIENT_RESOURCE "bench" /* asked for at binding */

enum client_purpose {
	CLIENT_REGISTER, /* make the account and leave */
	CLIENT_LOG_IN,
	CLIENT_RESUME, /* the stream that the client had before; else log in */
};

enum client_step {
	CLIENT_CONNECTING,
	CLIENT_WANTS_TLS,
	CLIENT_WANTS_PROCEED,
	CLIENT_WANTS_ACCOUNT,
	CLIENT_WANTS_MECHANISMS,
	CLIENT_WANTS_CHALLENGE,
	CLIENT_WANTS_SUCCESS,
	CLIENT_WANTS_BIND,
	CLIENT_WANTS_RESUMED,
	CLIENT_WANTS_JID,
	CLIENT_WANTS_ENABLED,
	CLIENT_WANTS_SETTINGS,
	CLIENT_WANTS_PRESENCE,
	CLIENT_READY,
};

struct client;

struct client_events {
	/* The session is available, or the account is made. */
	void (*on_ready)(struct client *c);
	/* A message came; NUMBER is its sender's. */
	void (*on_message)(struct client *c, uint32_t number);
	/* A presence came, of whatever type; during the login, too. */
	void (*on_presence)(struct client *c, struct piece presence);
	/* A message of a room that sets its subject, be it empty (XEP-0045 §7.2.15). */
	void (*on_subject)(struct client *c);
	/* The server said how much it has handled: c->sm.acked. */
	void (*on_ack)(struct client *c);
	/* All that came in one read has been looked at. */
	void (*on_read_done)(struct client *c);
	/* It is over, in whatever step. */
	void (*on_failed)(struct client *c, const char *why);
};

struct client {
	struct link link; /* first, so that a link is its client */
	const struct options *options;
	const struct client_events *events;
	void *owner;
	unsigned index; /* of the account */
	enum client_purpose purpose;
	enum client_step step;
	const char *mechanism; /* static text */
	struct scan scan;
	struct scram *scram;        /* during authentication */
	struct scram_secret secret; /* of the last one */
	unsigned answers_due;       /* to what it asked after binding */
	char *jid;                  /* the full one that the server gave */
	struct sm sm;               /* stream management, if the options want it */
	bool is_resumed;            /* it was not a new login after all */
	struct buf message;         /* ready to send but for its number */
	size_t id_at; /* places of the number in it: the id and the head of the body */
	size_t number_at;
	struct buf frame; /* raw: an incomplete frame */
};

/*
 * Connect and do what C->purpose says.  OPTIONS, EVENTS, OWNER, INDEX and PURPOSE must be set, and
 * JID and SM be those of the former stream to resume it.
 * Returns 0 or a libuv error.
 */
int client_start(struct client *c, struct net *net, const struct sockaddr *to,
                 const struct sockaddr *from);

/* End the stream and close. */
void client_stop(struct client *c);

void client_deinit(struct client *c);

/* Make ready to send messages to PEER, to JID, or to the room JID. */
void client_address(struct client *c, const struct client *peer);
void client_address_jid(struct client *c, const char *jid);
void client_address_room(struct client *c, const char *jid);

/* Queue the message with NUMBER. */
void client_send(struct client *c, uint32_t number);

/* Queue a stanza that is written out. */
void client_queue_stanza(struct client *c, const char *p, size_t n);

/* Queue a request for an <a/>. */
void client_ask(struct client *c);

/* Queue a presence with a status of NUMBER; away when that is odd. */
void client_send_presence(struct client *c, uint32_t number);

/* The number of a presence as client_send_presence() makes them; false when it has none. */
bool client_presence_number(struct piece presence, uint32_t *out);

/* For client.c and login.c only: end with a reason. */
void client_fail(struct client *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
