/*
 * rules.h - an account's rules about whom it hears and who hears it: privacy lists (XEP-0016),
 * of which the blocklist (XEP-0191) is the default one seen from another side (§5 there).
 *
 * A list is one record, so it changes as a whole.  Those that apply to somebody, the default
 * list and those that sessions made active, are kept at the entity:
 *
 *     rules_load ─▶ at the entity already?     one flag to look at
 *                └▶ read from the store        once; an account without lists costs one look-up
 *     rules_forget: something changed, read again when next asked
 *
 * Space "privacy", version 1:          number of the list -> version, name, then for each rule:
 *                                      kind, 1 to deny, parts, order, value (text)
 * Space "privacy-default", version 1:  (empty key) -> version, number of the default list
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/module.h"

/* The list that the blocking command makes where there is no default one. */
#define BLOCKLIST_NAME "blocklist"

struct blocking_conf {
	int64_t items, lists, list_size;
	int64_t report_text, report_stanzas, reports_per_hour;
};

enum rule_kind {           /* stored */
	         RULE_ANY, /* the fall-through case */
	         RULE_JID,
	         RULE_GROUP,
	         RULE_SUBSCRIPTION,
};

/* What a rule is about (XEP-0016 §2.1); stored. */
enum rule_part {
	PART_MESSAGE = 1 << 0, /* incoming */
	PART_IQ = 1 << 1,      /* incoming */
	PART_PRESENCE_IN = 1 << 2,
	PART_PRESENCE_OUT = 1 << 3,
	/* subscriptions, and what goes out but presence: only rules about everything */
	PART_REST = 1 << 4,
	PART_ALL = (1 << 5) - 1,
};

struct rule {
	enum rule_kind kind;
	bool deny;
	unsigned parts;
	uint32_t order;   /* within its list, unique */
	struct str value; /* prepared, if it is an address; empty for RULE_ANY */
	struct jid jid;   /* of RULE_JID */
};

struct rule_list {
	const struct rule_list *next; /* among those that apply */
	uint64_t number;              /* 0: not stored yet */
	struct str name;
	struct rule *rules; /* by order */
	size_t n;
	/* those that it begins with and that are blocks, sorted: of a loaded list */
	const struct str *blocks;
	size_t n_blocks;
};

/* At each entity. */
struct rules {
	bool loaded;
	bool none; /* no list applies: everything passes */
	struct arena *arena;
	const struct rule_list *lists; /* that apply */
	uint64_t standard;             /* the default one's number; 0: none */
	/* that a session is gone, for somebody who is denied all that follows; it may leave */
	const struct stanza *last_word;
};

/* At each session. */
struct rules_session {
	bool wants_blocklist; /* it asked for the blocklist, and gets pushes */
	uint64_t active;      /* the number of its active list; 0: the default one applies */
};

extern const struct store_space rules_space, rules_default_space;

/* session_save and session_load of the descriptor. */
void rules_session_save(struct mod *m, struct session *s, struct record_writer *w);
int rules_session_load(struct mod *m, struct session *s, struct record_reader *r);

/* What applies at ev->entity, until the event is done or rules_forget.  0, or an error. */
MUST_CHECK int rules_load(struct mod *m, struct event *ev, const struct rules **rules_out);
/* The same apart, in ev->arena: what applies now, to be compared with what will. */
MUST_CHECK int rules_snapshot(struct mod *m, struct event *ev, struct rules *rules_out);
void rules_forget(struct mod *m, struct event *ev);
void rules_end(struct mod *m, void *state); /* as entity_end */
/* The list that applies to a session, or (NULL) to the account; NULL: none. */
const struct rule_list *rules_for(struct mod *m, const struct rules *rules,
                                  struct session *session);
/* The list of that number, or else the default one; NULL: neither is there. */
const struct rule_list *rules_active(const struct rules *rules, uint64_t active);

/* ---- the stored lists, in ev->arena, to be changed and written ---- */

/* ERR_NOENT: there is none. */
MUST_CHECK int rules_read_default(struct event *ev, struct rule_list **list_out);
MUST_CHECK int rules_read_named(struct event *ev, struct str name, struct rule_list **list_out);
/* All of them, by number; rules are not read. */
MUST_CHECK int rules_read_names(struct event *ev, const struct rule_list **first_out);
/*
 * Write; a new list gets its number.  ERR_TOO_BIG: it is larger than the configuration has it,
 * or there are too many; nothing is written.  This and the next three forget what was loaded.
 */
MUST_CHECK int rules_write(struct mod *m, struct event *ev, struct rule_list *list);
/* One that has less in it than before: it may still be larger than it could be made today. */
void rules_shrink(struct mod *m, struct event *ev, const struct rule_list *list);
void rules_remove(struct mod *m, struct event *ev, const struct rule_list *list);
void rules_set_default(struct mod *m, struct event *ev, uint64_t number); /* 0: none */

/* ---- one rule ---- */

/* Is it what the blocking command makes: an address, denied everything (XEP-0191 §5)? */
bool rule_is_block(const struct rule *r);
/* XEP-0191 §6: the address itself, or what it stands for. */
bool rule_jid_matches(struct jid rule, struct jid jid);
/* Is JID, in any of the forms that match it, among the blocks that a loaded LIST begins with? */
bool rules_begin_with(const struct rule_list *list, struct jid jid);
/* Does a loaded LIST (NULL: no) block JID itself? */
bool rules_block(const struct rule_list *list, struct jid jid);
