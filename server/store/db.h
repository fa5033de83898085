/*
 * db.h - the LMDB environment behind the store: its folder, files, tables and errors.
 *
 *     FOLDER/lock               flock and pid of the one process that has the store open
 *     FOLDER/jackdaw.mdb        table "meta" (space.c), table "records" (all else)
 *     FOLDER/jackdaw.mdb-lock   LMDB's readers
 *
 * LMDB stays inside this folder.  Its default mode is used: a commit is on disk when
 * mdb_txn_commit returns, and a process killed at any moment leaves the last commit whole.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/str.h"

#include <lmdb.h>

#define OWNER_BYTES 8
#define SPACE_BYTES 2
#define DB_KEY_MAX 511 /* LMDB's, compiled in */

struct store_config;

struct db {
	MDB_env *env;
	MDB_dbi meta;
	MDB_dbi records;
	int lock_fd;
	char *folder;
	char *file; /* its name, for log lines */
	size_t page_bytes;
	uint64_t map_pages;
};

/* Lock and open; the tables are not open yet.  Errors as store_open, logged. */
MUST_CHECK int db_open(struct db *db, const struct store_config *config);
/* Accepts a db that db_open failed on. */
void db_close(struct db *db);
/* Open the tables: 0, or ERR_NOENT when the file is new and has none. */
MUST_CHECK int db_tables_find(struct db *db);
MUST_CHECK int db_tables_make(struct db *db, MDB_txn *txn);

/* What LMDB returned as one of our errors; 0 and MDB_NOTFOUND become 0 and ERR_NOENT. */
int db_err(int rc);
/*
 * Log what was tried ("cannot open", "cannot commit to") on the file, why not and what helps;
 * returns db_err(rc).
 */
int db_fail(const struct db *db, const char *what, int rc);

/* A full key.  KEY fits (STORE_KEY_MAX). */
struct db_key {
	size_t n;
	char bytes[DB_KEY_MAX];
};
void db_key_set(struct db_key *k, uint64_t owner, uint16_t space, struct str key);
static inline struct str db_key_str(const struct db_key *k)
{
	return str_make(k->bytes, k->n);
}
uint64_t db_key_owner(struct str full);
uint16_t db_key_space(struct str full);

/* Between LMDB's notion of bytes and ours.  LMDB does not write through the pointer. */
static inline MDB_val db_val(struct str s)
{
	return (MDB_val){ .mv_size = s.n, .mv_data = (void *)(uintptr_t)s.p };
}
static inline struct str db_str(MDB_val v)
{
	return str_make(v.mv_data, v.mv_size);
}

/* How much a commit may still take (room.c). */
struct room {
	uint64_t pages; /* what the next commit can have; counted only as far as was wanted */
	/* freed by the last commit: what the one after the next can have besides */
	uint64_t pages_next;
};
struct room room_look(const struct db *db, uint64_t want);
uint64_t room_used(const struct db *db); /* pages of the file */
/* Pages kept for batches that free more than they take. */
uint64_t room_reserve(const struct db *db);
/* The file cannot grow by a page: LMDB calls a write that was cut short an error of the disk. */
bool room_is_out(const struct db *db);
/* What ends first: ENOSPC for the disk, MDB_MAP_FULL for the map. */
int room_end(const struct db *db);
