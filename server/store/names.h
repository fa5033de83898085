/*
 * names.h - the index of entities: from a bare JID to its owner id, and the list of a host's
 * entities in order.
 *
 * Space "names" under owner 0:  SHA-256(domain) cut to 16 bytes | localpart (key.h text)  ->
 * owner id, the bare JID
 *
 * The domain itself (no localpart) is an entity too: the host.  An entry is written by the
 * shard that owns the entity.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/store/batch.h"

extern const struct store_space names_space; /* registered by store_open itself */

/*
 * 0 with the owner, or ERR_NOENT.  Thread: the view's shard; any shard may look (the entry's
 * own writer sees it first).
 */
MUST_CHECK int names_find(struct store_view *view, struct str domain, struct str local,
                          uint64_t *owner_out);
/* The same from a read job, without what is under way. */
struct store_reader;
MUST_CHECK int names_read(struct store_reader *reader, struct str domain, struct str local,
                          uint64_t *owner_out);
/*
 * Enter a new entity; BARE is what store_partition_of took.  Returns the fresh owner id.  The
 * caller has checked that there is none.
 */
uint64_t names_add(struct batch *b, struct str domain, struct str local, struct str bare);
void names_remove(struct batch *b, struct str domain, struct str local);
/*
 * Walk the entities of a host, ordered by localpart, beginning behind AFTER (absent: at the
 * first), at most LIMIT (0: no limit).  The host's own entry is not among them.  Returns as
 * store_scan, or ERR_CORRUPT.
 */
typedef int names_each_fn(void *arg, struct str bare, uint64_t owner);
MUST_CHECK int names_scan(struct store_view *view, struct str domain, struct str after,
                          size_t limit, names_each_fn *each, void *arg);
MUST_CHECK int names_reader_scan(struct store_reader *reader, struct str domain,
                                 struct str after, size_t limit, names_each_fn *each,
                                 void *arg);
