/*
 * host.h - a served domain on one shard: its modules, and the tables that their descriptors are
 * compiled to.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/core/server.h"
#include "server/module.h"

struct mod {
	const struct mod_def *def;
	struct host *host;
	const void *conf;
	void *state;
	/* of care_count: in this round, and in the one before (NULL: there was none); care.c */
	void *counting, *counted;
	/* where its state is among those of a session, of an entity */
	size_t session_at, entity_at;
};

struct host_hook {
	struct mod *mod;
	int (*fn)(struct mod *m, struct event *ev);
};
struct host_hooks {
	const struct host_hook *rows; /* ordered by phase, then by module */
	size_t n;
};
struct host_iq {
	struct mod *mod;
	const struct mod_iq *row;
};

struct host {
	struct core *core;
	const struct conf_host *conf; /* a service has its parent's */
	const struct c2s_host *c2s;   /* NULL: nobody logs in here */
	struct jid jid;
	struct host *parent; /* NULL, but of a service */
	struct mod *served;  /* of a service: whose it is */
	struct arena *arena;
	struct mod *mods;
	size_t n_mods;
	size_t session_bytes, entity_bytes; /* of all modules' states */
	struct host_hooks hooks[HOOKS];
	struct mod **guards; /* those with may_send */
	size_t n_guards;
	const struct host_iq *iqs; /* sorted by namespace and name */
	size_t n_iqs;
	/* XML to offer beside SASL, and beside binding */
	struct str stream_features_early, stream_features;
};

/* All hosts of the first generation, started, in the core's arena of hosts. */
MUST_CHECK int hosts_start(struct core *core);
void hosts_stop(struct core *core);
/* One of them, or of the services of their modules; NULL: not served here. */
struct host *host_find(struct core *core, struct str domain);
/* The same, where accounts may be. */
struct host *host_of_accounts(struct core *core, struct str domain);
/*
 * The handler for PAYLOAD among those that have one of FLAGS' addressing and its IQ_GET or
 * IQ_SET; NULL: none.
 */
const struct host_iq *host_find_iq(const struct host *h, const struct xml_node *payload,
                                   unsigned method, unsigned at);
/* The row for a client's element that is no stanza, and its module; NULL: none. */
const struct mod_nonza *host_find_nonza(const struct host *h, const struct xml_node *element,
                                        struct mod **mod_out);
/* The row for a node of the accounts, and its module; NULL: none. */
const struct mod_node *host_find_node(const struct host *h, struct str node,
                                      struct mod **mod_out);
/* What modules keep at an entity, STATES, is given back and zeroed. */
void host_end_entity(const struct host *h, char *states);
