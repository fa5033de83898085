/*
 * scan.c - finding a key and walking keys in order: table and overlay merged.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/err.h"
#include "server/store/store_private.h"

int db_find(const struct db *db, MDB_txn *txn, struct str full, struct str *value_out)
{
	MDB_val key = db_val(full);
	MDB_val value;
	int rc = mdb_get(txn, db->records, &key, &value);

	if (rc == MDB_NOTFOUND)
		return ERR_NOENT;
	if (rc != 0) {
		(void)db_fail(db, "cannot read", rc);
		return ERR_STORE;
	}
	*value_out = db_str(value);
	return 0;
}

/* Where a walk stands: in the table, and in the overlay. */
struct merge {
	const struct scan *scan;
	struct db_key base; /* what each key begins with */
	bool excludes_start;
	MDB_cursor *cursor; /* NULL: nothing left in the table */
	struct str key;     /* under the cursor */
	struct str value;
	const struct overlay_key *own; /* NULL: nothing left in the overlay */
	const struct op *erasure;
};

/* RC is what moved the cursor to KEY; at the end of the walk's keys close it. */
static int table_moved(struct merge *m, int rc, MDB_val key, MDB_val value)
{
	if (rc == 0) {
		m->key = db_str(key);
		m->value = db_str(value);
		if (str_starts_with(m->key, db_key_str(&m->base)))
			return 0;
	}
	mdb_cursor_close(m->cursor);
	m->cursor = NULL;
	if (rc == 0 || rc == MDB_NOTFOUND)
		return 0;
	(void)db_fail(m->scan->db, "cannot read", rc);
	return ERR_STORE;
}

static int table_next(struct merge *m)
{
	MDB_val key, value;
	int rc = mdb_cursor_get(m->cursor, &key, &value, m->scan->down ? MDB_PREV : MDB_NEXT);

	return table_moved(m, rc, key, value);
}

/* Is KEY, which is the first at or behind START, where the walk down begins? */
static bool is_start(const struct merge *m, struct str key, struct str start)
{
	return !m->excludes_start && str_eq(key, start);
}

/* To the first key at or behind START; going down, to the last one at or before it. */
static int table_seek(struct merge *m, struct str start)
{
	MDB_val key = db_val(start), value;
	int rc = mdb_cursor_get(m->cursor, &key, &value, MDB_SET_RANGE);

	if (m->scan->down && rc == MDB_NOTFOUND)
		rc = mdb_cursor_get(m->cursor, &key, &value, MDB_LAST);
	else if (m->scan->down && rc == 0 && !is_start(m, db_str(key), start))
		rc = mdb_cursor_get(m->cursor, &key, &value, MDB_PREV);
	return table_moved(m, rc, key, value);
}

static void own_move(struct merge *m, const struct overlay_key *to)
{
	m->own = to;
	if (to != NULL && !str_starts_with(overlay_key_str(to), db_key_str(&m->base)))
		m->own = NULL;
}

static void own_next(struct merge *m)
{
	own_move(m, m->scan->down ? overlay_prev(m->own) : overlay_next(m->own));
}

static void own_seek(struct merge *m, struct str start)
{
	const struct overlay_key *at = overlay_seek(m->scan->overlay, start);

	if (!m->scan->down || (at != NULL && is_start(m, overlay_key_str(at), start)))
		own_move(m, at);
	else
		own_move(m, at == NULL ? overlay_last(m->scan->overlay) : overlay_prev(at));
}

/* The first key behind all that begin with KEY; there is one, as no owner is the highest number. */
static void key_behind(struct db_key *key)
{
	while ((uint8_t)key->bytes[key->n - 1] == UINT8_MAX) {
		key->n--;
		ASSERT(key->n > 0);
	}
	key->bytes[key->n - 1]++;
}

/* Where the walk begins; false: there is nothing to walk. */
static bool find_start(struct merge *m, const struct scan *s, struct db_key *start_out)
{
	int order = str_cmp(s->from, s->prefix);

	if (!s->down) {
		db_key_set(start_out, s->owner, s->space, order > 0 ? s->from : s->prefix);
		return true;
	}
	if (!str_is_absent(s->from) && (order < 0 || str_starts_with(s->from, s->prefix))) {
		db_key_set(start_out, s->owner, s->space, s->from);
		return order >= 0;
	}
	*start_out = m->base;
	key_behind(start_out);
	m->excludes_start = true;
	return true;
}

static int merge_start(struct merge *m, const struct scan *s)
{
	struct db_key start;
	int rc;

	*m = (struct merge){ .scan = s };
	db_key_set(&m->base, s->owner, s->space, s->prefix);
	if (!find_start(m, s, &start))
		return 0;
	if (s->overlay != NULL) {
		m->erasure = overlay_erasure(s->overlay, db_key_str(&m->base));
		own_seek(m, db_key_str(&start));
	}
	if (m->erasure != NULL)
		return 0; /* whatever the table has is erased */
	rc = mdb_cursor_open(s->txn, s->db->records, &m->cursor);
	if (rc != 0) {
		(void)db_fail(s->db, "cannot read", rc);
		return ERR_STORE;
	}
	return table_seek(m, db_key_str(&start));
}

/*
 * The next key that exists.  Moves on before it is given out: what was under the cursor stays
 * where it is for as long as the transaction.  Returns 1, 0 at the end, or ERR_STORE.
 */
static int merge_next(struct merge *m, struct str *key_out, struct str *value_out)
{
	while (m->cursor != NULL || m->own != NULL) {
		const struct overlay_key *own = m->own;
		int order = own == NULL ? -1 : 1; /* of the table's key against our own */
		int err = 0;

		if (own != NULL && m->cursor != NULL) {
			order = str_cmp(m->key, overlay_key_str(own));
			order = m->scan->down ? -order : order;
		}
		*key_out = m->key;
		*value_out = m->value;
		if (order <= 0)
			err = table_next(m);
		if (err < 0)
			return err;
		if (order >= 0) {
			const struct op *op = TAILQ_FIRST(&own->versions);

			own_next(m);
			if (!op_is_live(op, m->erasure))
				continue;
			*key_out = overlay_key_str(own);
			*value_out = op->value;
		}
		return 1;
	}
	return 0;
}

struct scan scan_of(const struct store *store, const struct store_space *space, uint64_t owner,
                    struct str prefix, struct str from, size_t limit, store_each_fn *each,
                    void *arg)
{
	return (struct scan){
		.db = &store->db,
		.owner = owner,
		.space = store_space_number(store, space),
		.prefix = prefix,
		.from = from,
		.limit = limit,
		.each = each,
		.arg = arg,
	};
}

int scan_run(const struct scan *s)
{
	struct merge m;
	struct str key, value;
	size_t given = 0;
	int ret = merge_start(&m, s);

	while (ret == 0 && (s->limit == 0 || given < s->limit)) {
		ret = merge_next(&m, &key, &value);
		if (ret <= 0)
			break;
		given++;
		ret = s->each(s->arg, str_slice(key, OWNER_BYTES + SPACE_BYTES, key.n), value);
	}
	if (m.cursor != NULL)
		mdb_cursor_close(m.cursor);
	return ret;
}
