/*
 * private.h - the parts of the module search among themselves: the fields of the directory and
 * the words in them (words.c), what is kept of an account (entry.c), and finding (find.c).
 *
 * Space "directory", version 1, of no owner: a word of a field leads to accounts.
 *     host (text), field (1 byte), word (text), owner (number)  ->  empty
 * Space "search", version 1, at the account: what the words were made from.
 *     (empty key)  ->  version, revision of the vCard (number), flags (number; 1: it is public,
 *                      2: it is listed, 4: there is one), bare JID, and if it is listed the value of each field
 *
 * A word is a hint and never the truth: whatever it leads to is compared with the account's own
 * entry, and that with the revision of its vCard.  So nobody is found by what has changed while
 * this module was not enabled, nor after the account was removed.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/vcard/vcard.h"

extern const struct store_space directory_space, search_space;

#define SEARCH_FIELDS 6
#define SEARCH_VALUE_BYTES 256 /* of a field; the rest is cut off */
#define SEARCH_WORD_BYTES 48   /* of a word; beyond, words are one if they begin alike */
#define SEARCH_WORDS 8         /* of a field; those behind are not looked at */

struct search_conf {
	int64_t results, per_minute;
	int64_t listed;
};
enum search_listed { /* in the order of the option's choices */
	             SEARCH_PUBLIC,
	             SEARCH_ALL,
};

struct search_field {
	char letter;
	bool plain; /* XEP-0055 §5: it may stand outside of a form */
	const char *var, *label;
	const char *element, *child; /* in a vCard; CHILD NULL: the element's own text */
};
extern const struct search_field search_fields[SEARCH_FIELDS];

struct search_words {
	struct str all[SEARCH_WORDS];
	size_t n;
};
/* TEXT cut to its words, each in the form in which words are compared: without case. */
void search_words(struct arena *arena, struct str text, struct search_words *out);

/* What the directory has of an account. */
struct search_entry {
	uint64_t revision;
	bool has_card, is_public, is_listed;
	struct str jid;
	struct str values[SEARCH_FIELDS]; /* empty: none */
};
/* As WORK of a read job, copied to ARENA; 0, ERR_NOENT, ERR_CORRUPT, ERR_STORE. */
MUST_CHECK int entry_read(struct store_reader *reader, uint64_t owner, struct arena *arena,
                          struct search_entry *entry_out);
/* The account's vCard is CARD now (NULL: there is none): its entry and its words are rewritten. */
MUST_CHECK int entry_update(struct mod *m, struct event *ev, const struct xml_node *card);
/* The account is being removed. */
MUST_CHECK int entry_remove(struct event *ev);
/* Was the entry made from the present vCard, under the present options? 1, 0, or an error. */
MUST_CHECK int entry_is_current(struct mod *m, struct event *ev);
/* Begin a key of the directory: those of a field's words that are WORD, or begin with it. */
void entry_key_prefix(struct store_key *k, struct str host, const struct search_field *field,
                      struct str word, bool whole);

/* One word that is looked for. */
struct search_term {
	size_t field;
	struct str word;
	bool is_prefix;
};
struct search_query {
	struct str host;
	enum search_listed listed;
	struct search_term terms[SEARCH_FIELDS * SEARCH_WORDS];
	size_t n_terms; /* all of them must be found */
	size_t max;     /* results */
	struct arena *arena;
	struct search_entry *found;
	uint64_t *owners; /* of what was found */
	size_t n_found;
	int err;
};
/* What stands in a field of the question: a "*" at the end of a word is for any other end. */
void find_add_terms(struct search_query *q, size_t field, struct str text);
/* As WORK of a read job. */
void find_run(struct store_reader *reader, void *query);
