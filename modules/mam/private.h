/*
 * private.h - the parts of the module mam among themselves.
 *
 *     HOOK_SENT, HOOK_RECEIVED ─▶ keep.c: worth.c, prefs.c ─▶ archive.c, and a retraction: retract.c
 *                                        └▶ stamp.c: the id goes to the account's own sessions
 *     <query/> ─▶ query.c: what is asked for ─▶ page.c, on a reader thread ─▶ answer.c
 *
 * The same parts serve the archive of a room, whose module calls them (mam.h, room.c).  "The
 * account" is whose archive it is.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/mam/archive.h"
#include "modules/mam/mam.h"
#include "modules/mam/retain.h"

struct mam_conf {
	int64_t def;       /* enum prefs_default */
	int64_t page;      /* messages in an answer at most */
	int64_t max_prefs; /* addresses in an account's preferences */
	bool fulltext;
	int64_t keep;                   /* ms; 0: for ever */
	int64_t max_messages, max_size; /* of an account; 0: any */
	int64_t max_total;              /* of all of the host; 0: any */
	struct conf_list accounts;      /* that have limits of their own */
};

#define ASKING 4096 /* a power of two */

/* The largest limits that there may be. */
#define KEEP_MAX HOURS(24 * 36500)
#define MESSAGES_MAX (INT64_C(1) << 40)
#define SIZE_MAX_BYTES MIB(1024 * 1024)

/* Of a host on a shard. */
struct mam_state {
	struct mod_rates *retractions; /* by archive and who retracts */
	struct mod_rates *burials;     /* the same, at rooms */
	struct mod_rates *looks;       /* by who has rooms looked through */
	/* queries under way, by a hash of archive and who asks: few share their number */
	struct hash_key key;
	uint8_t asking[ASKING];
	struct arena *arena;
	struct account_limits *accounts; /* limits.c: by address */
	size_t n_accounts;
};

/* At each account. */
struct mam_entity {
	struct archive archive;
	struct words words;
	struct retain retain;
	bool knows_prefs; /* what follows is true */
	bool has_prefs;
};

/* Who does something to the archive of ev's entity, to count it by. */
static inline struct str who_and_where(struct event *ev, struct jid who)
{
	struct str where = jid_bare_str(entity_jid(ev->entity)), bare = jid_bare_str(who);

	return arena_printf(ev->arena, STR_FMT "\n" STR_FMT, STR_ARG(where), STR_ARG(bare));
}

/* ---- what is kept ---- */

/* Handlers of HOOK_SENT, HOOK_RECEIVED, HOOK_UNDELIVERED. */
int keep_sent(struct mod *m, struct event *ev);
int keep_received(struct mod *m, struct event *ev);
int keep_undelivered(struct mod *m, struct event *ev);
/* S goes into the archive with these FLAGS, and its words: ev->archive_id. */
MUST_CHECK int keep_message(struct mod *m, struct event *ev, const struct stanza *s,
                            unsigned flags);
/* A message that was kept, as it was; ERR_NOENT: it is gone, or was retracted. */
MUST_CHECK int keep_find(struct mod *m, struct event *ev, uint64_t id,
                         const struct stanza **s_out);
/*
 * A message that was kept, as it was delivered; NULL: it is gone, or was retracted: a tombstone is
 * for who reads the archive, and what is retracted is not given out any more (XEP-0424 §5, §6).
 */
const struct stanza *kept(struct mod *m, struct event *ev, uint64_t id);

/* XEP-0313 §6.1, XEP-0334 §4: does S, of type normal, chat or groupchat, belong into an archive? */
bool worth_keeping(const struct stanza *s);
/* The <retract/> in S (XEP-0424 §4); NULL: it is no retraction. */
const struct xml_node *worth_retraction(const struct stanza *s);

/*
 * S, which was archived with FLAGS in this event, may be a retraction: then what it retracts
 * becomes a tombstone (XEP-0424 §5).  0, or an error of the store.
 */
MUST_CHECK int retract(struct mod *m, struct event *ev, const struct stanza *s, unsigned flags);

/* S, which has a node, as what was archived under that id: the archive is open. */
const struct stanza *stamp_add(struct mod *m, struct event *ev, const struct stanza *s,
                               uint64_t id);

/* ---- preferences (XEP-0441) ---- */

enum prefs_default { /* in the order of the option's choices */
	             PREFS_ALWAYS,
	             PREFS_NEVER,
	             PREFS_ROSTER,
};
extern const char *const prefs_defaults[]; /* their names, NULL-terminated */
extern const struct store_space prefs_space;

/* Does the account want messages to and from WITH to be archived?  1, 0, or an error. */
MUST_CHECK int prefs_want(struct mod *m, struct event *ev, struct jid with);
int prefs_on_get(struct mod *m, struct event *ev);
int prefs_on_set(struct mod *m, struct event *ev);
