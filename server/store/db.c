/*
 * db.c - the LMDB environment behind the store: its folder, files, tables and errors.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/store/db.h"

#include "server/base/err.h"
#include "server/base/log.h"
#include "server/base/mem.h"
#include "server/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Address space, not disk: the file is as long as what it holds.  The thread sanitizer leaves less of it. */
#ifdef __SANITIZE_THREAD__
#define MAP_BYTES_DEFAULT ((size_t)1 << 34)
#else
#define MAP_BYTES_DEFAULT ((size_t)1 << 40)
#endif
/* One for each shard and reader thread, each with a slot of 64 bytes. */
#define READERS_MAX 1024
#define READERS_FILE_BYTES (READERS_MAX * 64 + 4096) /* of the file that holds the slots */
#define TABLES_MAX 2

static char *path_of(const char *folder, const char *name)
{
	size_t n = strlen(folder) + 1 + strlen(name) + 1;
	char *path = mem_alloc(n);

	snprintf(path, n, "%s/%s", folder, name);
	return path;
}

/* ---- errors ---- */

int db_err(int rc)
{
	switch (rc) {
	case 0:
		return 0;
	case MDB_NOTFOUND:
		return ERR_NOENT;
	case MDB_MAP_FULL:
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return ERR_FULL;
	case MDB_VERSION_MISMATCH:
		return ERR_VERSION;
	case MDB_INVALID:
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_INCOMPATIBLE:
		return ERR_CORRUPT;
	default:
		return rc > 0 ? -rc : ERR_STORE;
	}
}

static const char *remedy_of(int rc)
{
	switch (db_err(rc)) {
	case ERR_FULL:
		return rc == MDB_MAP_FULL ? "; raise data-size"
		                          : "; free space on the disk";
	case ERR_VERSION:
		return "; use the version of the server that wrote it, or a newer one";
	case ERR_CORRUPT:
		return "; this is no database of this server, or it is damaged: restore a "
		       "backup";
	case -ENOMEM:
		return "; allow the process more address space, or lower data-size";
	case -EACCES:
	case -EPERM:
		return "; it must belong to the user that the server runs as";
	case -EROFS:
		return "; put the data folder on a disk that can be written";
	default:
		return "";
	}
}

int db_fail(const struct db *db, const char *what, int rc)
{
	log_error(NULL, "store: %s %s: %s%s", what, db->file, mdb_strerror(rc), remedy_of(rc));
	return db_err(rc);
}

static int fail_folder(const char *what, const char *path)
{
	int err = -errno;

	log_error(NULL, "store: cannot %s %s: %s%s", what, path, strerror(-err),
	          remedy_of(-err));
	return db_err(-err);
}

/* ---- folder and lock ---- */

/*
 * A new file is on disk only when its folder is; the store's own file and, for a new folder,
 * that folder's entry.
 */
static int sync_folder(const char *folder, const char *name)
{
	char *path = path_of(folder, name);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = 0;

	if (fd < 0 || fsync(fd) < 0)
		err = fail_folder("sync", path);
	if (fd >= 0)
		close(fd);
	free(path);
	return err;
}

static int make_folder(const char *folder)
{
	if (mkdir(folder, 0700) == 0)
		return sync_folder(folder, "..");
	return errno == EEXIST ? 0 : fail_folder("make the folder", folder);
}

static int fail_busy(const struct db *db)
{
	char pid[32] = "";
	ssize_t n = pread(db->lock_fd, pid, sizeof(pid) - 1, 0);

	pid[n > 0 ? strcspn(pid, "\n") : 0] = '\0';
	log_error(NULL,
	          "store: another process%s%s has %s open; stop it, or use another folder",
	          pid[0] != '\0' ? " with the number " : "", pid, db->folder);
	return ERR_BUSY;
}

static int take_lock(struct db *db)
{
	char *path = path_of(db->folder, "lock");
	char pid[32];
	int n = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
	int err = 0;

	db->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (db->lock_fd < 0)
		err = fail_folder("open", path);
	else if (flock(db->lock_fd, LOCK_EX | LOCK_NB) < 0)
		err = errno == EWOULDBLOCK ? fail_busy(db) : fail_folder("lock", path);
	/* The number only helps a sentence; a server must start on a full disk, to free it. */
	else if (ftruncate(db->lock_fd, 0) < 0 || pwrite(db->lock_fd, pid, (size_t)n, 0) < 0)
		log_warning(NULL, "store: cannot write to %s: %s", path, strerror(errno));
	free(path);
	return err;
}

/*
 * LMDB maps the file of its readers' slots and writes there.  With holes in it a full disk
 * would end the process with SIGBUS, so its blocks are taken now.  LMDB fits the number of
 * slots to the length that it finds.
 */
static int allocate_readers(const struct db *db)
{
	char *path = path_of(db->folder, "jackdaw.mdb-lock");
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int err = 0;

	if (fd < 0) {
		err = fail_folder("open", path);
	} else {
		errno = posix_fallocate(fd, 0, READERS_FILE_BYTES);
		if (errno != 0)
			err = fail_folder("allocate", path);
	}
	if (fd >= 0)
		close(fd);
	free(path);
	return err;
}

/* ---- opening ---- */

static int open_env(struct db *db, size_t map_bytes)
{
	MDB_envinfo info;
	MDB_stat stat;
	int stale = 0;
	int rc = mdb_env_create(&db->env);

	if (rc == 0)
		rc = mdb_env_set_maxreaders(db->env, READERS_MAX);
	if (rc == 0)
		rc = mdb_env_set_maxdbs(db->env, TABLES_MAX);
	if (rc == 0)
		rc = mdb_env_set_mapsize(db->env,
		                         map_bytes != 0 ? map_bytes : MAP_BYTES_DEFAULT);
	if (rc == 0) /* transactions belong to views and readers, not to threads */
		rc = mdb_env_open(db->env, db->file, MDB_NOSUBDIR | MDB_NOTLS, 0600);
	if (rc == 0)
		rc = mdb_reader_check(db->env, &stale);
	if (rc == 0)
		rc = mdb_env_info(db->env, &info);
	if (rc == 0)
		rc = mdb_env_stat(db->env, &stat);
	if (rc != 0)
		return db_fail(db, "cannot open", rc);
	if (stale > 0)
		log_info(NULL, "store: %s was not closed last time: nothing is lost", db->file);
	db->page_bytes = stat.ms_psize;
	db->map_pages = info.me_mapsize / stat.ms_psize;
	return 0;
}

int db_open(struct db *db, const struct store_config *config)
{
	int err;

	*db = (struct db){ .lock_fd = -1 };
	db->folder = mem_alloc(strlen(config->folder) + 1);
	memcpy(db->folder, config->folder, strlen(config->folder) + 1);
	db->file = path_of(config->folder, "jackdaw.mdb");
	err = make_folder(db->folder);
	if (err == 0)
		err = take_lock(db);
	if (err == 0)
		err = allocate_readers(db);
	if (err == 0)
		err = open_env(db, config->map_bytes);
	if (err == 0)
		err = sync_folder(db->folder, ".");
	return err;
}

void db_close(struct db *db)
{
	if (db->env != NULL)
		mdb_env_close(db->env);
	if (db->lock_fd >= 0)
		close(db->lock_fd);
	free(db->folder);
	free(db->file);
	*db = (struct db){ .lock_fd = -1 };
}

/* ---- tables and keys ---- */

static int open_tables(struct db *db, MDB_txn *txn, unsigned flags)
{
	int rc = mdb_dbi_open(txn, "meta", flags, &db->meta);

	return rc != 0 ? rc : mdb_dbi_open(txn, "records", flags, &db->records);
}

int db_tables_find(struct db *db)
{
	MDB_txn *txn;
	int rc = mdb_txn_begin(db->env, NULL, MDB_RDONLY, &txn);

	if (rc != 0)
		return db_fail(db, "cannot read", rc);
	rc = open_tables(db, txn, 0);
	if (rc == 0)
		return db_err(mdb_txn_commit(txn)); /* which keeps the handles */
	mdb_txn_abort(txn);
	return rc == MDB_NOTFOUND ? ERR_NOENT : db_fail(db, "cannot read", rc);
}

int db_tables_make(struct db *db, MDB_txn *txn)
{
	return open_tables(db, txn, MDB_CREATE);
}

static void put_number(char *out, size_t n, uint64_t number)
{
	for (size_t i = n; i-- > 0; number >>= 8)
		out[i] = (char)(uint8_t)number;
}

static uint64_t get_number(const char *in, size_t n)
{
	uint64_t number = 0;

	for (size_t i = 0; i < n; i++)
		number = number << 8 | (uint8_t)in[i];
	return number;
}

void db_key_set(struct db_key *k, uint64_t owner, uint16_t space, struct str key)
{
	ASSERT(key.n <= DB_KEY_MAX - OWNER_BYTES - SPACE_BYTES);
	put_number(k->bytes, OWNER_BYTES, owner);
	put_number(k->bytes + OWNER_BYTES, SPACE_BYTES, space);
	if (key.n > 0)
		memcpy(k->bytes + OWNER_BYTES + SPACE_BYTES, key.p, key.n);
	k->n = OWNER_BYTES + SPACE_BYTES + key.n;
}

uint64_t db_key_owner(struct str full)
{
	ASSERT(full.n >= OWNER_BYTES);
	return get_number(full.p, OWNER_BYTES);
}

uint16_t db_key_space(struct str full)
{
	ASSERT(full.n >= OWNER_BYTES + SPACE_BYTES);
	return (uint16_t)get_number(full.p + OWNER_BYTES, SPACE_BYTES);
}
