/*
 * world.h - what the tests of this folder share: a shard, a TLS server, and both ends of a
 * connection.
 *
 * All of it runs on one thread, step by step: the client writes into its socket, world_turn
 * lets the shard's loop turn once, the client reads.  So nothing waits, and every test sees the
 * same order each time.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/err.h"
#include "server/net/transport.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

/* A folder of its own with certificates, one shard, and a TLS server for one.example and two.example. */
struct world {
	struct shard_group *group;
	struct shard *shard;
	struct arena *arena;
	struct tls_server *tls;
	char dir[64];
};

struct world *world_open(void);
/* Everything else must have been closed. */
void world_close(struct world **w);
/* One turn of the loop, without waiting. */
void world_turn(struct world *w);
const char *world_file(struct world *w, const char *name);
/* The TLS server set up anew from the same files, with changes; fails the test when it cannot be. */
struct tls_server *world_tls(struct world *w, const char *client_ca, const char *alpn);
/* A long text of which no part looks like the one beside it. */
#define WORLD_TEXT_SIZE ((size_t)1000000)
struct str world_text(struct world *w);
/* Remove the folder and what is in it. */
void world_remove(const char *dir);

/* The server's end: an owner that records what it is told, and does what a test wants. */
struct party {
	struct transport *t;
	struct world *world;
	int fd; /* the transport's */
	struct buf got;
	size_t largest; /* bytes in one call */
	int calls, secures, drains, ends;
	int err; /* of on_end */
	/* Or NULL: just record. */
	void (*on_data)(struct party *p, struct str bytes);
	void (*on_secure)(struct party *p);
	void (*on_drain)(struct party *p);
	void (*on_end)(struct party *p);
	void *arg;
};

extern const struct transport_ops party_ops;
struct party *party_open(struct world *w, int fd);
void party_say(struct party *p, const char *text);
void party_close(struct party **p); /* its transport too, without lingering */

/* The client's end. */
struct client {
	struct world *world;
	int fd;
	gnutls_session_t tls;
	gnutls_certificate_credentials_t credentials;
	struct buf wire; /* encrypted, not yet in the socket */
	struct buf got;
	bool deaf;    /* its TLS session does not read */
	bool ended;   /* end of file or close_notify */
	int error;    /* of the TLS session */
	int alert;    /* the one received; -1 */
	size_t piece; /* bytes written to the socket before the world turns; 0: all */
};

/* Both ends over a pair of local sockets, or over TCP on loopback. */
void pair_open(struct world *w, struct party **p_out, struct client **c_out);
void tcp_pair_open(struct world *w, struct party **p_out, struct client **c_out);
void client_close(struct client **c);
void client_say(struct client *c, const char *text);
void client_write(struct client *c, struct str bytes);
/* Read what there is. */
void client_read(struct client *c);
/* Turn until the client has received TEXT in full, no more and no less. */
void client_expect(struct client *c, const char *text);
bool client_wait_end(struct client *c);

struct client_tls {
	const char *priorities;                  /* NULL: NORMAL */
	const char *server_name;                 /* NULL: none is sent */
	const char *alpn;                        /* NULL: none */
	const char *certificate_file, *key_file; /* NULL: none */
	const gnutls_datum_t *ticket;            /* NULL: none */
};
void client_prepare_tls(struct client *c, const struct client_tls *how);
/* Shake hands; 0, or the client's error. */
int client_start_tls(struct client *c, const struct client_tls *how);
/* Of a prepared handshake only as much as the client can do with what is in its socket. */
int client_step_tls(struct client *c);

/* Turn until COND holds, at most some seconds. */
#define turn_until(w, cond) \
	do { \
		for (int turn_n = 0; turn_n < 50000 && !(cond); turn_n++) \
			world_turn(w); \
		ck_assert_msg((cond), "never came true: %s", #cond); \
	} while (0)
