/*
 * room.c - how much a commit may still take, and what is kept back.
 *
 * LMDB never overwrites a page that the last commit can reach, so a delete takes pages too:
 * those on the way to each key, and more for the list of what becomes free, which is usable
 * only after the next commit.  A file without a free page can therefore not even be emptied.
 * So a reserve is kept: batches that only add are refused (ERR_FULL) while less is left, and
 * those that free more than they take, an erased account above all, may go into it.
 *
 * What is left are the pages that the map, or the disk if that ends first, has behind the end
 * of the file, and those inside the file that an earlier commit freed.  The latter are counted,
 * by a walk over LMDB's own list, only when the former are few.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/store/db.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

/* Erases some GiB: the list of free pages takes eight bytes for each. */
#define RESERVE_BYTES (16 << 20)
#define RESERVE_SHARE 16 /* and of a small map at most this part */
/* LMDB's list of free pages: the commit that freed them -> their count and numbers */
#define FREE_TABLE 0

uint64_t room_used(const struct db *db)
{
	MDB_envinfo info;

	return mdb_env_info(db->env, &info) == 0 ? (uint64_t)info.me_last_pgno + 1 : 0;
}

uint64_t room_reserve(const struct db *db)
{
	uint64_t pages = RESERVE_BYTES / db->page_bytes;
	uint64_t share = db->map_pages / RESERVE_SHARE;

	return pages < share ? pages : share;
}

/*
 * Walk the list of free pages; nothing but a long read still holds those that a commit before
 * the last one freed.
 */
static void count_free(const struct db *db, struct room *room)
{
	MDB_txn *txn;
	MDB_cursor *cursor;
	MDB_val key, value;

	if (mdb_txn_begin(db->env, NULL, MDB_RDONLY, &txn) != 0)
		return;
	if (mdb_cursor_open(txn, FREE_TABLE, &cursor) == 0) {
		while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
			size_t commit, count;

			memcpy(&commit, key.mv_data, sizeof(commit));
			memcpy(&count, value.mv_data, sizeof(count));
			if (commit < mdb_txn_id(txn))
				room->pages += count;
			else
				room->pages_next += count;
		}
		mdb_cursor_close(cursor);
	}
	mdb_txn_abort(txn);
}

static uint64_t disk_pages(const struct db *db)
{
	struct statvfs fs;

	/* A file system that cannot tell is taken to be large; the commit itself will show. */
	if (fstatvfs(db->lock_fd, &fs) < 0 || fs.f_blocks == 0)
		return UINT64_MAX;
	return (uint64_t)fs.f_bavail * fs.f_frsize / db->page_bytes;
}

/* Beside the disk, a limit of the process may end what the file can grow to. */
static bool is_at_limit(const struct db *db)
{
	struct rlimit limit;
	struct stat file;
	int fd;

	if (getrlimit(RLIMIT_FSIZE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY ||
	    mdb_env_get_fd(db->env, &fd) != 0 || fstat(fd, &file) < 0)
		return false;
	return (uint64_t)file.st_size + db->page_bytes > limit.rlim_cur;
}

bool room_is_out(const struct db *db)
{
	return is_at_limit(db) || disk_pages(db) == 0;
}

/* Pages of the map behind the end of the file. */
static uint64_t tail_pages(const struct db *db)
{
	uint64_t used = room_used(db);

	return db->map_pages > used ? db->map_pages - used : 0;
}

int room_end(const struct db *db)
{
	return disk_pages(db) < tail_pages(db) ? ENOSPC : MDB_MAP_FULL;
}

struct room room_look(const struct db *db, uint64_t want)
{
	struct room room = { .pages = tail_pages(db) };
	uint64_t disk = disk_pages(db);

	if (disk < room.pages)
		room.pages = disk;
	if (room.pages < want)
		count_free(db, &room);
	return room;
}
