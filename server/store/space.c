/*
 * space.c - what the store knows of itself: its format, its partition key, the numbers and
 * versions of spaces.
 *
 * Table "meta", values as record.h writes them (version 1 each):
 *
 *     "format"         ->  the layout of keys and tables that this file describes
 *     "partition-key"  ->  16 random bytes, drawn when the store was made
 *     "space/NAME"     ->  number, version of its values
 *
 * At open all versions are read before anything is written, so that a store from a newer server
 * stays as it was.  Then each space whose values are older is brought up to date in one
 * transaction of its own: a crash in between leaves every space either old or new, and the next
 * start goes on.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/arena.h"
#include "server/base/err.h"
#include "server/base/log.h"
#include "server/base/mem.h"
#include "server/base/rand.h"
#include "server/store/names.h"
#include "server/store/record.h"
#include "server/store/store_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT 1
#define META_VERSION 1
#define NAME_MAX_BYTES 64 /* of a space; beyond it is a mistake of the module */
#define SPACE_PREFIX "space/"

/* ---- meta records ---- */

static int meta_find(struct db *db, MDB_txn *txn, const char *name, struct record_reader *r)
{
	MDB_val key = db_val(str_of(name));
	MDB_val value;
	int rc = mdb_get(txn, db->meta, &key, &value);

	if (rc == MDB_NOTFOUND)
		return ERR_NOENT;
	if (rc != 0)
		return db_fail(db, "cannot read", rc);
	if (record_open(r, db_str(value)) == META_VERSION)
		return 0;
	return db_fail(db, "cannot read", MDB_VERSION_MISMATCH);
}

static int meta_put(struct db *db, MDB_txn *txn, const char *name, struct record_writer *w)
{
	MDB_val key = db_val(str_of(name));
	MDB_val value = db_val(buf_str(&w->out));
	int rc = mdb_put(txn, db->meta, &key, &value, 0);

	buf_deinit(&w->out);
	return rc;
}

static void space_key(char *out, size_t n, const struct store_space *space)
{
	snprintf(out, n, SPACE_PREFIX "%s", space->name);
}

static int space_put(struct db *db, MDB_txn *txn, const struct space_number *s)
{
	char name[sizeof(SPACE_PREFIX) + NAME_MAX_BYTES];
	struct record_writer w;

	space_key(name, sizeof(name), s->space);
	record_begin(&w, META_VERSION);
	record_put_u64(&w, s->number);
	record_put_u64(&w, s->space->version);
	return meta_put(db, txn, name, &w);
}

/* ---- reading what is there ---- */

static int newer(const struct db *db, const char *what, const char *name, uint64_t stored,
                 uint64_t known)
{
	log_error(NULL,
	          "store: %s was written by a newer version of the server: %s%s has version "
	          "%llu, this one knows %llu; "
	          "nothing was touched",
	          db->file, what, name, (unsigned long long)stored, (unsigned long long)known);
	return ERR_VERSION;
}

static int damaged(const struct db *db, const char *name)
{
	log_error(NULL, "store: %s is damaged: meta record %s; restore a backup", db->file,
	          name);
	return ERR_CORRUPT;
}

/* A meta record that every store has. */
static int meta_need(struct db *db, MDB_txn *txn, const char *name, struct record_reader *r)
{
	int err = meta_find(db, txn, name, r);

	return err == ERR_NOENT ? damaged(db, name) : err;
}

static int read_format(struct store *store, MDB_txn *txn)
{
	struct record_reader r;
	uint64_t format;
	struct str key;
	int err = meta_need(&store->db, txn, "format", &r);

	if (err < 0)
		return err;
	format = record_u64(&r);
	if (record_end(&r) < 0 || format == 0)
		return damaged(&store->db, "format");
	if (format > FORMAT)
		return newer(&store->db, "its format", "", format, FORMAT);
	err = meta_need(&store->db, txn, "partition-key", &r);
	if (err < 0)
		return err;
	key = record_str(&r);
	if (record_end(&r) < 0 || key.n != sizeof(store->partition_key.bytes))
		return damaged(&store->db, "partition-key");
	memcpy(store->partition_key.bytes, key.p, key.n);
	return 0;
}

static int read_space(struct store *store, MDB_txn *txn, struct space_number *s)
{
	char name[sizeof(SPACE_PREFIX) + NAME_MAX_BYTES];
	struct record_reader r;
	uint64_t number, version;
	int err;

	space_key(name, sizeof(name), s->space);
	err = meta_find(&store->db, txn, name, &r);
	if (err < 0)
		return err == ERR_NOENT ? 0 : err; /* a new one: number 0 */
	number = record_u64(&r);
	version = record_u64(&r);
	if (record_end(&r) < 0 || number == 0 || number > UINT16_MAX)
		return damaged(&store->db, name);
	if (version > s->space->version)
		return newer(&store->db, "space ", s->space->name, version, s->space->version);
	if (version < s->space->version && s->space->upgrade == NULL) {
		log_error(NULL,
		          "store: %s: space %s has version %llu, which this version of the "
		          "server cannot read any more; "
		          "start the version before it once",
		          store->db.file, s->space->name, (unsigned long long)version);
		return ERR_VERSION;
	}
	s->number = (uint16_t)number;
	s->stored_version = (unsigned)version;
	return 0;
}

static int read_all(struct store *store)
{
	MDB_txn *txn;
	int rc = mdb_txn_begin(store->db.env, NULL, MDB_RDONLY, &txn);
	int err;

	if (rc != 0)
		return db_fail(&store->db, "cannot read", rc);
	err = read_format(store, txn);
	for (size_t i = 0; i < store->space_count && err == 0; i++)
		err = read_space(store, txn, &store->spaces[i]);
	mdb_txn_abort(txn);
	return err;
}

/* ---- making and entering ---- */

static int make_format(struct store *store, MDB_txn *txn)
{
	struct record_writer w;
	int rc = db_tables_make(&store->db, txn);

	if (rc != 0)
		return rc;
	record_begin(&w, META_VERSION);
	record_put_u64(&w, FORMAT);
	rc = meta_put(&store->db, txn, "format", &w);
	if (rc != 0)
		return rc;
	rand_bytes(store->partition_key.bytes, sizeof(store->partition_key.bytes));
	record_begin(&w, META_VERSION);
	record_put_str(&w, str_make((const char *)store->partition_key.bytes,
	                            sizeof(store->partition_key.bytes)));
	return meta_put(&store->db, txn, "partition-key", &w);
}

/* The highest number that any space has, whether anyone still knows it or not. */
static int last_number(struct store *store, MDB_txn *txn, uint64_t *last_out)
{
	MDB_cursor *cursor;
	MDB_val key = db_val(STR(SPACE_PREFIX));
	MDB_val value;
	int rc = mdb_cursor_open(txn, store->db.meta, &cursor);

	*last_out = 0;
	if (rc != 0)
		return rc;
	rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
	while (rc == 0 && str_starts_with(db_str(key), STR(SPACE_PREFIX))) {
		struct record_reader r;
		uint64_t number;

		record_open(&r, db_str(value));
		number = record_u64(&r);
		if (number > *last_out)
			*last_out = number;
		rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
	}
	mdb_cursor_close(cursor);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

static int enter_new(struct store *store, MDB_txn *txn)
{
	uint64_t last;
	int rc = last_number(store, txn, &last);

	for (size_t i = 0; i < store->space_count && rc == 0; i++) {
		struct space_number *s = &store->spaces[i];

		if (s->number != 0)
			continue;
		ASSERT(last < UINT16_MAX);
		s->number = (uint16_t)++last;
		s->stored_version = s->space->version;
		rc = space_put(&store->db, txn, s);
	}
	return rc;
}

static int make(struct store *store, bool fresh)
{
	MDB_txn *txn;
	int rc = mdb_txn_begin(store->db.env, NULL, 0, &txn);

	if (rc != 0)
		return db_fail(&store->db, "cannot write to", rc);
	if (fresh)
		rc = make_format(store, txn);
	if (rc == 0)
		rc = enter_new(store, txn);
	if (rc == 0)
		rc = mdb_txn_commit(txn);
	else
		mdb_txn_abort(txn);
	return rc == 0 ? 0 : db_fail(&store->db, "cannot write to", rc);
}

/* ---- upgrades ---- */

struct upgrade {
	struct db *db;
	const struct space_number *space;
	struct arena *arena;
	MDB_txn *txn;
	MDB_cursor *cursor;
	uint64_t count;
	int err; /* of the space's own function; what LMDB says is returned */
};

/* Re-encode the value under the cursor and leave the cursor on its key. */
static int upgrade_one(struct upgrade *u, MDB_val at, MDB_val value)
{
	const struct store_space *space = u->space->space;
	struct str full = arena_copy(u->arena, db_str(at));
	/* Not moved by the write. */
	struct str old = arena_copy(u->arena, db_str(value));
	struct str fresh = STR("");
	MDB_val key = db_val(full);

	u->err =
		space->upgrade(u->arena, u->space->stored_version,
	                       str_slice(full, OWNER_BYTES + SPACE_BYTES, full.n), old, &fresh);
	if (u->err < 0)
		return MDB_CORRUPTED;
	u->count++;
	value = db_val(fresh);
	return mdb_cursor_put(u->cursor, &key, &value, 0);
}

/*
 * The space's records stand between those of other spaces, owner by owner: from each owner that
 * has none, or no more, the walk jumps to the next place where one may be.
 */
static int upgrade_walk(struct upgrade *u)
{
	uint64_t owner = 0;
	struct db_key next;
	MDB_val key, value;
	int rc;

	db_key_set(&next, owner, u->space->number, STR_NONE);
	key = db_val(db_key_str(&next));
	rc = mdb_cursor_get(u->cursor, &key, &value, MDB_SET_RANGE);
	while (rc == 0) {
		uint16_t space = db_key_space(db_str(key));

		if (space == u->space->number) {
			rc = upgrade_one(u, key, value);
			arena_reset(u->arena);
			if (rc == 0)
				rc = mdb_cursor_get(u->cursor, &key, &value, MDB_NEXT);
			continue;
		}
		owner = db_key_owner(db_str(key));
		if (space > u->space->number && ++owner == 0)
			return 0;
		db_key_set(&next, owner, u->space->number, STR_NONE);
		key = db_val(db_key_str(&next));
		rc = mdb_cursor_get(u->cursor, &key, &value, MDB_SET_RANGE);
	}
	return rc == MDB_NOTFOUND ? 0 : rc;
}

static int upgrade_space(struct store *store, struct space_number *s)
{
	struct upgrade u = { .db = &store->db, .space = s };
	int rc = mdb_txn_begin(store->db.env, NULL, 0, &u.txn);

	if (rc != 0)
		return db_fail(&store->db, "cannot write to", rc);
	u.arena = arena_new(4096);
	rc = mdb_cursor_open(u.txn, store->db.records, &u.cursor);
	if (rc == 0) {
		rc = upgrade_walk(&u);
		mdb_cursor_close(u.cursor);
	}
	if (rc == 0)
		rc = space_put(&store->db, u.txn, s);
	arena_free(&u.arena);
	if (rc == 0)
		rc = mdb_txn_commit(u.txn);
	else
		mdb_txn_abort(u.txn);
	if (u.err < 0) {
		log_error(NULL,
		          "store: %s: a value of space %s, version %u, cannot be upgraded: %s; "
		          "restore a backup",
		          store->db.file, s->space->name, s->stored_version, err_str(u.err));
		return ERR_CORRUPT;
	}
	if (rc != 0)
		return db_fail(&store->db, "cannot upgrade", rc);
	log_info(NULL, "store: space %s upgraded from version %u to %u, %llu values",
	         s->space->name, s->stored_version, s->space->version,
	         (unsigned long long)u.count);
	s->stored_version = s->space->version;
	return 0;
}

/* ---- opening ---- */

static int add_space(struct store *store, const struct store_space *space)
{
	for (size_t i = 0; i < store->space_count; i++) {
		if (store->spaces[i].space == space)
			return 0;
		if (strcmp(store->spaces[i].space->name, space->name) != 0)
			continue;
		log_error(NULL,
		          "store: two modules have a space named %s; load only one of them",
		          space->name);
		return ERR_EXISTS;
	}
	ASSERT(space->name[0] != '\0' && strlen(space->name) <= NAME_MAX_BYTES &&
	       space->version > 0);
	store->spaces[store->space_count++].space = space;
	return 0;
}

static int add_spaces(struct store *store, const struct store_space *const *wanted)
{
	size_t count = 1;
	int err;

	for (size_t i = 0; wanted != NULL && wanted[i] != NULL; i++)
		count++;
	store->spaces = mem_zalloc(count * sizeof(store->spaces[0]));
	err = add_space(store, &names_space);
	for (size_t i = 0; i + 1 < count && err == 0; i++)
		err = add_space(store, wanted[i]);
	return err;
}

int spaces_open(struct store *store, const struct store_space *const *wanted)
{
	bool fresh = false, write = false;
	int err = add_spaces(store, wanted);

	if (err == 0)
		err = db_tables_find(&store->db);
	if (err == ERR_NOENT) {
		fresh = true;
		err = 0;
	}
	if (err == 0 && !fresh)
		err = read_all(store);
	for (size_t i = 0; i < store->space_count; i++)
		write = write || store->spaces[i].number == 0;
	if (err == 0 && write)
		err = make(store, fresh);
	for (size_t i = 0; i < store->space_count && err == 0; i++) {
		if (store->spaces[i].stored_version < store->spaces[i].space->version)
			err = upgrade_space(store, &store->spaces[i]);
	}
	return err;
}
