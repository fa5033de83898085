/*
 * store.h - the database: opening, spaces, owners.
 *
 * An ordered key-value space on LMDB.  Every key is
 *
 *     owner (8 bytes, big endian) | space (2 bytes) | the space's own key
 *
 * so that one prefix scan exports or erases all that an entity has.  An owner is what a bare
 * JID names; its id carries the entity's partition in the top 12 bits, so that a partition is
 * one range of keys (and may one day move to another node as a whole).  Owner 0 is the store
 * itself: the index of names (names.h) and what belongs to no entity.
 *
 *   event ─▶ view (view.h): snapshot + overlay of own writes not yet on disk        one for each shard, synchronous
 *         ─▶ batch (batch.h) ─▶ writer thread: all batches that wait, one transaction, one sync ─▶ result posted home
 *   job   ─▶ reader thread (job.h): long reads, prefetch of an entity                answers by message
 *
 * Files: FOLDER/jackdaw.mdb and its lock file; FOLDER/lock is held (flock) by the one process
 * that has the store open.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/arena.h"
#include "server/base/hash.h"
#include "server/shard/shard.h"

#define STORE_PARTITIONS 4096
#define STORE_OWNER_STORE UINT64_C(0)

struct store;

/*
 * A module's part of the key space.  Static data; the store maps names to numbers (kept in the
 * database, so they are stable whatever is registered in which order).  VERSION is that of the
 * values' encoding: a database that has a higher version of any space is refused (ERR_VERSION);
 * a lower one is upgraded by UPGRADE, one value at a time, at open.
 */
struct store_space {
	const char *name;
	unsigned version;
	/* long, in the order of time: of most use is its end, which a prefetch touches alone */
	bool is_log;
	/*
	 * Re-encode one value of version FROM; *value_out in ARENA.  NULL while only one
	 * version exists.
	 */
	int (*upgrade)(struct arena *arena, unsigned from, struct str key, struct str value,
	               struct str *value_out);
};

struct store_config {
	const char *folder; /* created with mode 0700 when missing */
	size_t map_bytes;   /* 0: 1 TiB */
	int64_t gather_ms;  /* how long the writer waits for company, 0: not; default 2 */
	const struct store_space *const *spaces; /* NULL-terminated */
};

/*
 * Open or create.  Errors, each logged with a sentence that names the file and the remedy:
 * ERR_BUSY (another process has it), ERR_VERSION (written by a newer version; nothing was
 * touched), ERR_CORRUPT, ERR_FULL, ERR_EXISTS (two spaces of one name), -errno.  Starts the
 * writer and reader threads.  Thread: main, before shards start.
 */
MUST_CHECK int store_open(const struct store_config *config, struct store **store_out);
/*
 * Writes what is posted, joins the threads, closes.  After shard_group_close, as shards call
 * the views' turn hooks up to then.  Sets *store to NULL; accepts a pointer to NULL.
 */
void store_close(struct store **store);

/*
 * The key that partitions are derived with: drawn when the store was made, constant for its
 * life.
 */
const struct hash_key *store_partition_key(const struct store *store);
unsigned store_partition_of(const struct store *store, struct str bare_jid);
static inline unsigned store_owner_partition(uint64_t owner)
{
	return (unsigned)(owner >> 52);
}
/*
 * Which of SHARDS shards a partition belongs to: a range of partitions each.  The router asks
 * here too.
 */
static inline unsigned store_partition_shard(unsigned partition, unsigned shards)
{
	return partition * shards / STORE_PARTITIONS;
}
/* The first partition of SHARD. */
static inline unsigned store_shard_partition(unsigned shard, unsigned shards)
{
	return (shard * STORE_PARTITIONS + shards - 1) / shards;
}
/* Of the owners in PARTITION, the least that there may be. */
static inline uint64_t store_partition_owner(unsigned partition)
{
	return (uint64_t)partition << 52;
}
/* A fresh random owner id within PARTITION (never 0). */
uint64_t store_owner_new(unsigned partition);

/* The number that the database knows SPACE by.  SPACE was in the config. */
uint16_t store_space_number(const struct store *store, const struct store_space *space);

/* Figures, for stats; any thread. */
struct store_figures {
	uint64_t commits; /* transactions synced */
	uint64_t batches; /* batches within them */
	uint64_t failed_batches;
	uint64_t waiting_batches; /* posted and not yet done */
	uint64_t commit_us_total; /* time in commits, sync included */
	uint64_t bytes_used;      /* of the map */
};
struct store_figures store_figures(const struct store *store);
