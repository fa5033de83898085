/*
 * entity.h - what a bare JID names, on the shard that owns it: loaded when needed, evicted when
 * idle.
 *
 *     entity_at ─▶ LOADING ─(prefetch off the loop)─▶ READY ─(2 min without use)─▶ evicted
 *                   │ what arrives waits, in order
 *
 * A bare JID that has no account is an entity too, a phantom: it answers with errors, and it
 * throttles guesses just as a real one does.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/map.h"
#include "server/core/core.h"

enum entity_kind {
	ENTITY_NONE, /* no such account */
	ENTITY_ACCOUNT,
	ENTITY_TEMPORARY, /* an anonymous account: no records survive it */
	ENTITY_HOST,      /* a domain */
	ENTITY_ITEM,      /* of a service: what its module has founded, such as a room */
	ENTITY_REMOTE,    /* a domain of another server: remote.h */
};

/* What waits for an entity to be loaded. */
struct entity_waiter {
	STAILQ_ENTRY(entity_waiter) link;
	void (*run)(struct entity *e, struct entity_waiter *w);
};

TAILQ_HEAD(session_list, session);

#define GOOD_ADDRESSES 4

struct entity {
	UT_hash_handle hh;
	TAILQ_ENTRY(entity) link; /* in core->idle while unused */
	struct core *core;
	struct host *host;
	struct jid jid; /* the text stands behind the struct */
	uint64_t owner;
	enum entity_kind kind;
	bool ready;
	unsigned pins; /* events, connections and requests that hold it */
	int64_t idle_since;
	STAILQ_HEAD(, entity_waiter) waiting; /* for loading */
	/* events whose output waits, in order: event.h */
	STAILQ_HEAD(, event_task) held;
	struct batch_chain *chain; /* of their batches; NULL: none was under way yet */
	uint64_t chain_number;     /* which one, as one that failed is left */
	unsigned returning;        /* of what sessions that ended send on: stall.h */
	struct stall *stall;       /* letters that the disk did not take: stall.h; NULL: none */
	struct session_list sessions;
	size_t n_sessions;
	bool sessions_changed; /* one of them: sm.h */
	struct rate guesses;   /* wrong passwords */
	unsigned n_lookups;    /* waiting for the throttle */
	/* whence the account was entered, the latest first: they do not wait for guessers */
	char *good[GOOD_ADDRESSES];
	struct remote *remote; /* of such a domain; NULL: nothing is known */
	char *text;            /* behind the modules' states */
	_Alignas(max_align_t) char states[];
};

/*
 * The entity BARE of a served host, loaded or being loaded; pinned. Thread: the owner's shard.
 */
struct entity *entity_at(struct core *core, struct host *host, struct jid bare);
void entity_pin(struct entity *e);
void entity_unpin(struct entity *e);
/* The account was entered from ADDRESS. */
void entity_note_address(struct entity *e, struct str address);
bool entity_knows_address(const struct entity *e, struct str address);
/* Run W once E is ready: at once if it is. */
void entity_when_ready(struct entity *e, struct entity_waiter *w);
/* Have E loaded, and give back a pin of it then: nobody waits. */
void entity_unpin_when_ready(struct entity *e);
/* The account was made, or removed, in a batch that is on disk. */
void entity_set_account(struct entity *e, uint64_t owner);
void entity_set_none(struct entity *e);
/* Modules' states are caches of records: they may no longer be what is stored. */
void entity_forget_states(struct entity *e);
/* The same, when a write has failed: a name of a service is what it was before that. */
void entity_renew(struct entity *e);
/* A name of a service that got records, or whose records are gone. */
void entity_set_item(struct entity *e, uint64_t owner);
/* Whose account was removed: each hears not-authorized, streams that are not bound yet too. */
void entity_end_sessions(struct entity *e);
/* Evict all that can be: at the end. */
void entities_stop(struct core *core);
void entities_start(struct core *core);
