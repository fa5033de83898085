/*
 * box.h - the records of an account's stored messages.
 *
 * Space "offline", version 2:
 *     number (8 bytes, big endian) -> version, when it was stored (ms), id in the archive (number;
 *                                     0: it is not there), sender (text), and then the message
 *                                     (XML), or its size where it is in the archive (number)
 *     (empty key)                  -> version, the least number not given yet
 *
 * A message that is in the archive stands there alone.  If it is retracted or erased there, it is
 * gone from here too, as soon as somebody looks.  Version 1 had no ids.
 *
 * Numbers only grow, whatever the clock does, and none is given twice: it names the message for
 * good (XEP-0013 §2.3).  The second record says so where the messages with the highest numbers
 * are gone.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/offline/private.h"

/* At each account: a cache of what its records say. */
struct offline_box {
	bool counted;
	uint64_t
		count; /* which one it was: what sessions know of the box holds as long as it */
	size_t n;      /* messages */
	size_t bytes;  /* of these, wherever they stand */
	uint64_t next; /* the number of the next one */
};

/* One of them; borrows from the record. */
struct offline_record {
	uint64_t number;
	int64_t stored_ms;
	uint64_t archive_id; /* 0: it is here */
	struct str from;     /* full JID */
	struct str xml;      /* absent where it is in the archive */
	size_t bytes;
};

extern const struct store_space box_space;

/* The box of ev's account, counted. */
MUST_CHECK int box_open(struct mod *m, struct event *ev, struct offline_box **box_out);
/* Store ev's message behind all others: 1, or 0 when the account has as many as it may. */
MUST_CHECK int box_append(struct mod *m, struct event *ev);

/* EACH gets the messages from number FROM on, in order; what it returns is as in store_scan. */
typedef int box_each_fn(void *arg, const struct offline_record *record);
MUST_CHECK int box_scan(struct event *ev, uint64_t from, box_each_fn *each, void *arg);
/* ERR_NOENT: there is none of that number. */
MUST_CHECK int box_find(struct event *ev, uint64_t number, struct offline_record *record_out);
/*
 * The message, addressed as it came, with its delay and the element EXTRA, which may be NULL;
 * NULL: it cannot be read, or the archive has it no more.
 */
const struct stanza *box_message(struct event *ev, const struct offline_record *record,
                                 struct xml_node *extra);

/* Delete the messages up to a number that are WHICH, UINT64_MAX: all, NULL: all. */
typedef bool box_which_fn(void *arg, const struct offline_record *record);
MUST_CHECK int box_remove_upto(struct mod *m, struct event *ev, uint64_t upto,
                               box_which_fn *which, void *arg);
/* Delete those that the archive has no more. */
MUST_CHECK int box_sweep(struct mod *m, struct event *ev);
/* Delete one, which is there. */
MUST_CHECK int box_remove(struct mod *m, struct event *ev, uint64_t number);
