/*
 * world.h - a whole server inside of a test: real configuration, store and shards, in a folder
 * of its own.
 *
 *     struct world *w = world_new(&(struct world_options){ .modules = modules_builtin });
 *
 *     world_account(w, "romeo@a.example", "secret");
 *     c = client_login(w, "romeo@a.example/orchard");     client.h
 *     world_restart(w);                                    the same data
 *     world_free(&w);
 *
 * Serves a.example and b.example, without network listeners: clients come over pairs of local
 * sockets.  There are no other servers, unless the options say s2s = true.  The test's own thread
 * is main; what must happen on a shard is asked for with world_ask.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/core/core.h"
#include "server/module.h"
#include "tests/lib/check_main.h"

struct world_options {
	const char *global; /* lines of the configuration outside of blocks; NULL: none */
	/* lines in a.example's block; NULL: none.  Names do not rest unless it says name-reuse. */
	const char *host;
	unsigned shards;                      /* 0: one */
	const struct mod_def *const *modules; /* NULL-terminated; NULL: none */
};

struct world {
	char folder[64];
	struct arena *arena;
	struct world_options options;
	struct server *server; /* NULL while stopped */
	unsigned fences;       /* counts them: client.h */
};

struct world *world_new(const struct world_options *options);
/* A world that is not started: 0, or what server_start said of it. */
struct world *world_prepare(const struct world_options *options);
MUST_CHECK int world_start(struct world *w);
void world_stop(struct world *w);
void world_restart(struct world *w);
void world_free(struct world **w); /* started or not; removes the folder */
const char *world_file(struct world *w, const char *name);
/* The configuration that options make, in jackdaw.conf. */
void world_configure(struct world *w, const struct world_options *options);
void world_write(struct world *w, const char *name, const char *text);

/* The database may not grow from here on, as if the disk were full; or it may again. */
void world_fill_disk(struct world *w, bool full);
/* The same, but that what lies free in the database is of no use either: no write succeeds. */
void world_block_disk(bool blocked);

/* Make an account, as jackdawctl does. */
void world_account(struct world *w, const char *jid, const char *password);
struct jid world_jid(struct world *w, const char *text);
/* The index of the shard that owns the bare JID. */
unsigned world_owner(struct world *w, const char *bare);

/* Something to do on a shard; it calls world_answer once, then or later, there. */
struct world_call {
	struct shard_msg msg;
	void (*run)(struct core *core, struct world_call *call);
	void *arg;
	int result;
	int fds[2];
};
void world_answer(struct world_call *call, int result);
/* Run it on that shard and wait for its answer, which is returned. */
int world_ask(struct world *w, unsigned shard,
              void (*run)(struct core *core, struct world_call *call), void *arg);
