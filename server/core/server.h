/*
 * server.h - the server as a whole: what all shards share.
 *
 * Everything here is immutable once the shards run, but for the generation of the
 * configuration, which a reload replaces by a message to each shard.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "conf/conf.h"
#include "server/core/loader.h"
#include "server/net/listener.h"
#include "server/net/tls.h"
#include "server/shard/shard.h"
#include "server/store/store.h"
#include "server/stream/c2s.h"
#include "server/stream/s2s.h"

/* A configuration in force, with what was made from it. */
struct generation {
	struct conf *conf;
	struct tls_server *tls;
	struct tls_server *tls_s2s;
	struct stream_limits c2s_limits, s2s_limits;
	struct generation *older; /* kept until the end: streams borrow from it */
};

enum server_mode {
	SERVER_SERVES,
	SERVER_LOCAL, /* no listeners: for commands while no server runs */
};

struct server {
	enum server_mode mode;
	struct shard_group *shards;
	struct store *store;
	/* the newest; main's, shards have their own pointer */
	struct generation *generation;
	struct generation *first; /* hosts and modules hang on it */
	/* one for each of the first generation's hosts, in order */
	struct c2s_host *c2s_hosts;
	struct module_list modules; /* in the order of the configuration's */
	struct arena *arena;        /* what is made at start and lasts */
	const char *conf_file;
	struct listener **listeners;
	size_t n_listeners;
	int *start_errs; /* of each shard, which sets its own while it starts */
	bool running;
	uint8_t fake_secret[32];  /* for the verifiers of users that do not exist */
	char dialback_secret[65]; /* likewise, in hex: of keys of XEP-0220 */
	int64_t started_ms;
};

/*
 * Read the configuration, load modules, open the store and listeners, start the shards.
 * Errors were logged, each with its remedy: ERR_CONFIG, or what failed.  Thread: main.
 */
MUST_CHECK int server_start(const char *conf_file, const struct mod_def *const *builtin,
                            enum server_mode mode, struct server **server_out);
/* Check the configuration alone: 0 or ERR_CONFIG. */
MUST_CHECK int server_check(const char *conf_file, const struct mod_def *const *builtin);
/*
 * Read the configuration again: certificates, limits and the log level; logs what needs a
 * restart.
 */
void server_reload(struct server *server);
/* End all streams with system-shutdown, commit, close. */
void server_stop(struct server **server);
/*
 * An accepted control connection, handed to the server (for commands while no server listens).
 */
void server_control(struct server *server, int fd);
